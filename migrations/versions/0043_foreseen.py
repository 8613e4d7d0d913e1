"""How far a leg of a chain will probably drive, and what it will hold: its cost is estimated by it.

Legs that were asked for before have it from the plan of their chain.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId

revision, down_revision = "0043", "0042"
branch_labels = depends_on = None

_METRES = """
SELECT nullif(chain_step.metres, 0) FROM chain_step JOIN chain ON chain.id = chain_step.chain_id
WHERE chain.bundle_id = booking.bundle_id AND chain_step.leg_number = booking.leg_number
"""
_GRAMS = "SELECT chain.grams FROM chain WHERE chain.bundle_id = booking.bundle_id"


def upgrade() -> None:
    """Add both, and fill them in."""
    op.add_column("booking", sa.Column("foreseen_metres", BigId))
    op.add_column("booking", sa.Column("foreseen_grams", BigId))
    op.execute(
        f"UPDATE booking SET foreseen_metres = ({_METRES}), foreseen_grams = ({_GRAMS}) "
        "WHERE bundle_id IN (SELECT bundle_id FROM chain) AND leg_number IS NOT NULL"
    )


def downgrade() -> None:
    """Drop them: chains still know how far each step goes."""
    op.drop_column("booking", "foreseen_grams")
    op.drop_column("booking", "foreseen_metres")
