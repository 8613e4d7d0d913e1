"""Lots are found by the part that they were, purchases by the booking in which they are packed.

Revision ID: 0050
Revises: 0049
"""

from alembic import op

revision, down_revision = "0050", "0049"
branch_labels = depends_on = None


def upgrade() -> None:
    """Index both: they are read whenever an offer is shown, a part given back, a booking moved or ended."""
    op.create_index("ix_lot_surplus_claim_ref", "lot", ["surplus_claim_ref"])
    op.create_index("ix_group_purchase_booking_id", "group_purchase", ["booking_id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_group_purchase_booking_id", "group_purchase")
    op.drop_index("ix_lot_surplus_claim_ref", "lot")
