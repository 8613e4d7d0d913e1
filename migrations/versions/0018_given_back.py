"""What bookings give back of quotas that are called back, and the requests whose yes calls one back.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Json

revision, down_revision = "0018", "0017"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the columns; what was called back so far was parted into bookings of their own, which stay."""
    op.add_column("booking", sa.Column("given_back", Json, nullable=False, server_default=sa.text("'[]'")))
    op.add_column(
        "booking", sa.Column("recalls", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )


def downgrade() -> None:
    """Drop them: bookings keep their whole quantity in words, and in claims what they had left."""
    op.drop_column("booking", "recalls")
    op.drop_column("booking", "given_back")
