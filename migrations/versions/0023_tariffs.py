"""Whether a territory reckons with money, and what using a resource costs, version by version.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0023", "0022"
branch_labels = depends_on = None


def upgrade() -> None:
    """Make both tables; money is off everywhere."""
    op.create_table(
        "territory_money",
        sa.Column(
            "territory_id", BigId, sa.ForeignKey("territory.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by_id", BigId, sa.ForeignKey("person.id")),
    )
    op.create_table(
        "tariff_version",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("resource_id", BigId, sa.ForeignKey("resource.id"), nullable=False),
        sa.Column("number", BigId, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("terms", Json),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by_id", BigId, sa.ForeignKey("person.id")),
        sa.UniqueConstraint("resource_id", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
    )


def downgrade() -> None:
    """Drop both: what was charged has kept its tariff."""
    op.drop_table("tariff_version")
    op.drop_table("territory_money")
