"""Quotas of organisations inside a shared capacity, for whom each hold is, and what was called back from bookings.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0015", "0014"
branch_labels = depends_on = None

# Whose row points to a hold, and how the organisation is found from there.
HOLDERS = (
    "SELECT organisation_id FROM booking WHERE booking.hold_id = hold.id",
    "SELECT organisation_id FROM waiting WHERE waiting.hold_id = hold.id",
    "SELECT b.organisation_id FROM proposal p JOIN booking b ON b.id = p.booking_id WHERE p.hold_id = hold.id",
)
FILL = "UPDATE hold SET organisation_id = ({}) WHERE organisation_id IS NULL AND kind = 'booking'"


def upgrade() -> None:
    """Add the tables and the columns; the holds of bookings, waiting lists and proposals learn for whom they are."""
    op.create_table(
        "quota_terms",
        sa.Column("resource_id", BigId, nullable=False, autoincrement=False),
        sa.Column("lend_days", BigId, nullable=True),
        sa.Column("recall_hours", BigId, nullable=False),
        sa.CheckConstraint("lend_days >= 0", name=op.f("ck_quota_terms_lend_days")),
        sa.CheckConstraint("recall_hours >= 1", name=op.f("ck_quota_terms_recall_hours")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_quota_terms_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_quota_terms")),
    )
    op.create_table(
        "quota",
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("qty", BigId, nullable=False),
        sa.CheckConstraint("qty >= 1", name=op.f("ck_quota_qty")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_quota_resource_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_quota_organisation_id")
        ),
        sa.PrimaryKeyConstraint("resource_id", "organisation_id", name=op.f("pk_quota")),
    )
    op.create_index("ix_quota_organisation_id", "quota", ["organisation_id"])
    op.add_column("booking", sa.Column("recalled_at", Instant(), nullable=True))
    _refer_to_organisation()
    for found in HOLDERS:
        op.execute(FILL.format(found))


def downgrade() -> None:
    """Drop them; where a quota was approved at once, a manager answers again."""
    op.execute("UPDATE resource SET approval = 'manager' WHERE approval = 'auto_within_quota'")
    op.drop_column("hold", "organisation_id")
    op.drop_column("booking", "recalled_at")
    op.drop_index("ix_quota_organisation_id", "quota")
    op.drop_table("quota")
    op.drop_table("quota_terms")


def _refer_to_organisation() -> None:
    """Add a column that refers to an organisation, without writing the table anew: others refer to its rows."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE hold ADD COLUMN organisation_id {kind} "
        f"CONSTRAINT {op.f('fk_hold_organisation_id')} REFERENCES organisation (id)"
    )
