"""Let an installation be set up from a browser: its code, a territory's looks and what it shares, the demo apart.

Revision ID: 0021
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0021", "0004"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the code and the columns."""
    op.create_table(
        "installation_code",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("public_id", name="uq_installation_code_public_id"),
    )
    with op.batch_alter_table("territory") as table:
        table.add_column(sa.Column("hue", sa.String(40)))
        table.add_column(sa.Column("shared_kinds", Json))
        table.add_column(sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("erased_at", Instant()))
        table.add_column(sa.Column("steps_hidden_at", Instant()))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("territory") as table:
        for name in ("steps_hidden_at", "erased_at", "is_demo", "shared_kinds", "hue"):
            table.drop_column(name)
    op.drop_table("installation_code")
