"""Series of bookings: the rule, and on each booking which occurrence it is.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import app.infra.db

revision, down_revision = "0007", "0006"
branch_labels = depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and the columns that point to it."""
    op.create_table(
        "series",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("territory_id", BIG, nullable=False),
        sa.Column("resource_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("requester_id", BIG, nullable=False),
        sa.Column(
            "rule",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=160), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("extended_to", sa.Date(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=True),
        sa.Column("idempotency_digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", app.infra.db.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", app.infra.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("end_minute > start_minute", name=op.f("ck_series_minutes")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_series_quantity")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_series_territory_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_series_resource_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_series_organisation_id")
        ),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_series_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("ref", name=op.f("uq_series_ref")),
        sa.UniqueConstraint(
            "requester_id", "idempotency_key", name=op.f("uq_series_requester_id_idempotency_key")
        ),
    )
    op.create_index("ix_series_extension", "series", ["state", "extended_to"])
    _add_series_id("booking")
    op.add_column("booking", sa.Column("recurrence_id", sa.Date(), nullable=True))
    op.create_index("uq_booking_series_recurrence", "booking", ["series_id", "recurrence_id"], unique=True)
    _add_series_id("decision_link")


def downgrade() -> None:
    """Drop them: the occurrences stay as bookings of their own."""
    op.drop_column("decision_link", "series_id")
    op.drop_index("uq_booking_series_recurrence", "booking")
    op.drop_column("booking", "recurrence_id")
    op.drop_column("booking", "series_id")
    op.drop_table("series")


def _add_series_id(table: str) -> None:
    """Add a column that refers to the series, without writing the table anew: others refer to its rows."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN series_id {kind} "
        f"CONSTRAINT {op.f(f'fk_{table}_series_id')} REFERENCES series (id)"
    )
