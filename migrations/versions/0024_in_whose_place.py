"""In whose place somebody proposed another slot, and as which organisation somebody asked to be told of one.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision, down_revision = "0024", "0023"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add both; of what was proposed or asked before, nobody knows."""
    _refer("proposal", "made_for_id", "person")
    _refer("waiting", "told_for_id", "organisation")


def downgrade() -> None:
    """Drop both: what was proposed reads as whoever wrote it."""
    op.drop_column("waiting", "told_for_id")
    op.drop_column("proposal", "made_for_id")


def _refer(table: str, column: str, to: str) -> None:
    """Add a column that refers to another table, without writing its own anew: others refer to its rows."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} "
        f"CONSTRAINT {op.f(f'fk_{table}_{column}')} REFERENCES {to} (id)"
    )
