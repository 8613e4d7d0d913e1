"""Let an installation be set up from a browser: its code, a territory's looks and what it shares, the demo apart.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0008", "0007"
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
    op.add_column("territory", sa.Column("hue", sa.String(40)))
    op.add_column("territory", sa.Column("shared_kinds", Json))
    op.add_column("territory", sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("territory", sa.Column("erased_at", Instant()))
    op.add_column("territory", sa.Column("steps_hidden_at", Instant()))


def downgrade() -> None:
    """Drop them."""
    for name in ("steps_hidden_at", "erased_at", "is_demo", "shared_kinds", "hue"):
        op.drop_column("territory", name)  # in place: SQLite may not rebuild a table that others refer to
    op.drop_table("installation_code")
