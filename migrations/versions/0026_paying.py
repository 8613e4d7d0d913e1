"""What banks take beyond a payment.

Revision ID: 0026
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId

revision, down_revision = "0026", "0023"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the column; so far no dispute was larger than what was left of its payment."""
    op.add_column("dispute", sa.Column("beyond_cents", BigId, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("dispute", "beyond_cents")
