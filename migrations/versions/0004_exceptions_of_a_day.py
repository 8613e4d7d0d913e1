"""Find the exceptions of one day over all schedules at once, as a search does.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision, down_revision = "0004", "0003"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_opening_exception_day", "opening_exception", ["day", "schedule_id", "start_min", "end_min"]
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_opening_exception_day", "opening_exception")
