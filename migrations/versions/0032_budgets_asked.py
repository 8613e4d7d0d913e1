"""Budgets that wait for the yes of who pays them.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId

revision, down_revision = "0032", "0031"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add what is asked; the budgets there are stay as they are."""
    op.add_column("subsidy_envelope", sa.Column("asked_cents", BigId))


def downgrade() -> None:
    """Drop it: what nobody has said yes to is no budget."""
    op.drop_column("subsidy_envelope", "asked_cents")
