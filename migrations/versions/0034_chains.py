"""Chains: legs that need some time between them.

Revision ID: 0034
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0034", "0032"
branch_labels = depends_on = None


def upgrade() -> None:
    """Let legs have a gap before them: those there are need none."""
    gap = sa.Column("leg_gap_minutes", sa.Integer, nullable=False, server_default=sa.text("0"))
    op.add_column("booking", gap)


def downgrade() -> None:
    """Drop them: legs follow one another at once again."""
    op.drop_column("booking", "leg_gap_minutes")
