"""How often something was looked for in vain: counts, nobody's name.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId

revision, down_revision = "0038", "0037"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "unmet_count",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("week", sa.Date(), nullable=False, index=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("number", BigId, nullable=False),
        sa.UniqueConstraint("territory_id", "week", "source", "kind", "commune_code", "regime"),
        sa.CheckConstraint("source IN ('search', 'plan')", name="source"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("unmet_count")
