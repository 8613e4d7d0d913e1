"""What organisations said yes to, whose measures are final, and how often a cost was charged anew.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId

revision, down_revision = "0031", "0030"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them; of what was agreed before, nobody knows how much it was."""
    op.add_column("cost_party", sa.Column("agreed_cents", BigId))
    nothing = {"nullable": False, "server_default": sa.text("0")}
    op.add_column("cost_plan", sa.Column("corrections", BigId, **nothing))
    op.add_column(
        "cost_plan",
        sa.Column("are_measures_final", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Drop them."""
    for table, column in (
        ("cost_plan", "are_measures_final"),
        ("cost_plan", "corrections"),
        ("cost_party", "agreed_cents"),
    ):
        op.drop_column(table, column)
