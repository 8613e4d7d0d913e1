"""Chains say which offer of who asks for them they carry, offers when those whom they concern were told of them.

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import Instant

revision, down_revision = "0048", "0047"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add both; the chains there are carry parts, or something that is offered nowhere."""
    op.add_column("chain", sa.Column("surplus_offer_ref", sa.String(16)))
    op.create_index(op.f("ix_chain_surplus_offer_ref"), "chain", ["surplus_offer_ref"])
    op.add_column("surplus_offer", sa.Column("told_at", Instant()))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("surplus_offer", "told_at")
    op.drop_index(op.f("ix_chain_surplus_offer_ref"), "chain")
    op.drop_column("chain", "surplus_offer_ref")
