"""Chains say whom they are for.

Revision ID: 0041
Revises: 0040
"""

from alembic import op

revision, down_revision = "0041", "0040"
branch_labels = depends_on = None


def upgrade() -> None:
    """Let a chain be for another organisation than who asks for it; those there are for who asked.

    Its table is not written anew: others refer to its rows.
    """
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE chain ADD COLUMN receiver_id {kind} "
        f"CONSTRAINT {op.f('fk_chain_receiver_id')} REFERENCES organisation (id)"
    )


def downgrade() -> None:
    """Forget it: they are for who asked."""
    op.drop_column("chain", "receiver_id")
