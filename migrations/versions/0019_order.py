"""Legs of a bundle that follow one another, and when what came of it is handed over.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Instant

revision, down_revision = "0019", "0018"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the columns; the legs of bundles so far were asked for without any order, and keep none."""
    op.add_column(
        "bundle", sa.Column("in_order", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.add_column("bundle", sa.Column("handover_at", Instant(), nullable=True))


def downgrade() -> None:
    """Drop them: the legs keep their times, whatever their order."""
    op.drop_column("bundle", "handover_at")
    op.drop_column("bundle", "in_order")
