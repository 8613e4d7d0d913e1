"""What organisations look for, and who can help.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0037", "0036"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "need",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("sort", sa.String(40), nullable=False),
        sa.Column("product", sa.String(160), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("grams", BigId),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("quantity", BigId, nullable=False),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("start_time", sa.String(5), nullable=False),
        sa.Column("end_time", sa.String(5), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("radius_km", BigId, nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("radius_km > 0", name="radius_km"),
        sa.CheckConstraint("sort IN ('food', 'place')", name="sort"),
        sa.CheckConstraint("state IN ('open', 'answered', 'withdrawn', 'over')", name="state"),
    )
    op.create_index("ix_need_board", "need", ["territory_id", "state", "until_at"])
    op.create_table(
        "need_answer",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("need_id", BigId, sa.ForeignKey("need.id"), nullable=False, index=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("need_answer")
    op.drop_table("need")
