"""Chains: what a request in order carries, what its legs are for, and the time they need between them.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId

revision, down_revision = "0034", "0033"
branch_labels = depends_on = None


def upgrade() -> None:
    """Let legs have a gap before them (those there are need none), and requests in order say what they carry."""
    gap = sa.Column("leg_gap_minutes", sa.Integer, nullable=False, server_default=sa.text("0"))
    op.add_column("booking", gap)
    op.create_table(
        "chain",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("bundle_id", BigId, sa.ForeignKey("bundle.id"), nullable=False, unique=True),
        sa.Column("product", sa.String(160), nullable=False),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("packaging", sa.String(40), nullable=False),
        sa.Column("per_package", BigId, nullable=False),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("from_place", sa.String(160), nullable=False, server_default=sa.text("''")),
        sa.Column("surplus_claim_ref", sa.String(16), index=True),
        sa.CheckConstraint("grams > 0", name="grams"),
        sa.CheckConstraint("per_package > 0", name="per_package"),
    )
    op.create_table(
        "chain_step",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("chain_id", BigId, sa.ForeignKey("chain.id"), nullable=False),
        sa.Column("leg_number", sa.Integer, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("metres", sa.Integer, nullable=False),
        sa.Column("trips", sa.Integer, nullable=False),
        sa.UniqueConstraint("chain_id", "leg_number"),
    )


def downgrade() -> None:
    """Drop them: legs follow one another at once again, and stay what they are."""
    op.drop_table("chain_step")
    op.drop_table("chain")
    op.drop_column("booking", "leg_gap_minutes")
