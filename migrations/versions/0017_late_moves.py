"""What stays due of a booking that was moved when giving it up already cost something.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0017", "0016"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column; no move so far was told to cost anything, so none does."""
    op.add_column(
        "booking", sa.Column("moved_late_percent", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("booking", "moved_late_percent")
