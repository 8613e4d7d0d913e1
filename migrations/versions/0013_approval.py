"""Approval: two people who agree, deciding in somebody's place, the coordination's words by their name.

Revision ID: 0010
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0013", "0012"
branch_labels = depends_on = None

FUNCTIONS = ("is_technical", "is_elected")
ROLES = (("booking", "asked_as"), ("series", "asked_as"), ("booking_message", "written_as"))


def upgrade() -> None:
    """Add the columns and the table of yeses."""
    for name in FUNCTIONS:
        op.add_column("role_grant", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("booking", sa.Column("reminded_at", Instant()))
    op.create_table(
        "booking_approval",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("for_id", BigId),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()) for name in FUNCTIONS),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_booking_approval_booking_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_booking_approval_person_id"),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name="fk_booking_approval_for_id"),
        sa.UniqueConstraint("booking_id", "person_id", name="uq_booking_approval_booking_id_person_id"),
    )
    op.create_table(
        "delegation",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("site_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("giver_id", BigId, nullable=False),
        sa.Column("deputy_id", BigId, nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.CheckConstraint("end_at > start_at", name="ck_delegation_span"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_delegation_site_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name="fk_delegation_owner_id"),
        sa.ForeignKeyConstraint(["giver_id"], ["person.id"], name="fk_delegation_giver_id"),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name="fk_delegation_deputy_id"),
        sa.UniqueConstraint("public_id", name="uq_delegation_public_id"),
    )
    op.create_index("ix_delegation_site_id", "delegation", ["site_id"])
    op.create_index("ix_delegation_deputy_id", "delegation", ["deputy_id"])
    _refer_to_person("booking", "decided_for_id")
    op.add_column(
        "resource", sa.Column("auto_up_to", sa.String(2), nullable=False, server_default=sa.text("'P2'"))
    )
    op.add_column("resource", sa.Column("auto_hours", BigId))
    for table, name in ROLES:
        op.add_column(table, sa.Column(name, sa.String(40), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Drop them; where two people had to agree, one manager answers again."""
    op.drop_column("resource", "auto_hours")
    op.drop_column("resource", "auto_up_to")
    for table, name in ROLES:
        op.drop_column(table, name)
    op.execute("UPDATE resource SET approval = 'manager' WHERE approval = 'two_step'")
    op.drop_column("booking", "decided_for_id")
    op.drop_table("delegation")
    op.drop_table("booking_approval")
    op.drop_column("booking", "reminded_at")
    for name in FUNCTIONS:
        op.drop_column("role_grant", name)


def _refer_to_person(table: str, column: str) -> None:
    """Add a column that refers to a person, without writing the table anew: others refer to its rows."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} "
        f"CONSTRAINT {op.f(f'fk_{table}_{column}')} REFERENCES person (id)"
    )
