"""How warm it was when it came; readings that are corrected, and incidents that only a wrong figure had opened.

Revision ID: 0044
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0044", "0042"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    op.add_column("handover", sa.Column("received_tenths", sa.Integer()))
    op.add_column(
        "incident", sa.Column("is_mistyped", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _refer("temperature_reading", "incident_id", "incident")
    op.create_table(
        "reading_correction",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("reading_id", BigId, sa.ForeignKey("temperature_reading.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("was_tenths", sa.Integer(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )


def _refer(table: str, column: str, to: str) -> None:
    """Add a column that refers to another table: SQLite adds it with its key in one go, or not at all."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)"
    )
    op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Drop them; what was signed with a second temperature proves itself no more, and says so."""
    op.drop_table("reading_correction")
    op.drop_index("ix_temperature_reading_incident_id", "temperature_reading")
    op.drop_column("temperature_reading", "incident_id")
    op.drop_column("incident", "is_mistyped")
    op.drop_column("handover", "received_tenths")
