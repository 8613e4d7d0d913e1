"""How warm it was when it came: a hand-over is measured on both sides.

Revision ID: 0044
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0044", "0042"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add it."""
    op.add_column("handover", sa.Column("received_tenths", sa.Integer()))


def downgrade() -> None:
    """Drop it; what was signed with it proves itself no more, and says so."""
    op.drop_column("handover", "received_tenths")
