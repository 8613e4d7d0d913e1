"""In whose place somebody proposed another slot, by delegation.

Revision ID: 0027
Revises: 0023
"""

from alembic import op

revision, down_revision = "0027", "0023"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add whose place it was, without writing the table anew; for what was proposed so far nobody knows."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE proposal ADD COLUMN made_for_id {kind} "
        f"CONSTRAINT {op.f('fk_proposal_made_for_id')} REFERENCES person (id)"
    )


def downgrade() -> None:
    """Drop it: what was proposed reads as whoever wrote it."""
    op.drop_column("proposal", "made_for_id")
