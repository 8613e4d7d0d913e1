"""What is offered of surplus food, the parts taken of it, and what organisations want to be told of.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0033", "0032"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    _add_offers()
    _add_claims()
    op.create_table(
        "surplus_interest",
        sa.Column(
            "organisation_id", BigId, sa.ForeignKey("organisation.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("radius_km", BigId, nullable=False),
        sa.Column("categories", Json, nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by_id", BigId, sa.ForeignKey("person.id")),
        sa.CheckConstraint("radius_km > 0", name="radius_km"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("surplus_interest")
    op.drop_table("surplus_claim")
    op.drop_table("surplus_offer")


def _add_offers() -> None:
    op.create_table(
        "surplus_offer",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("product", sa.String(160), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("packaging", sa.String(40), nullable=False),
        sa.Column("per_package", BigId, nullable=False),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("use_by", sa.Date()),
        sa.Column("price_cents", BigId, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(64)),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("grams > 0 AND per_package > 0", name="grams"),
        sa.CheckConstraint("price_cents >= 0", name="price_cents"),
        sa.CheckConstraint("until_at > from_at", name="span"),
        sa.CheckConstraint(
            "category IN ('vegetables', 'fruit', 'bread', 'dairy', 'meat', 'fish', 'prepared', 'dry_goods', "
            "'drinks', 'other')",
            name="category",
        ),
        sa.CheckConstraint(
            "packaging IN ('crate_60x40', 'crate_40x30', 'bulk_bin', 'bag')", name="packaging"
        ),
        sa.CheckConstraint("regime IN ('ambient', 'cellar', 'produce', 'chilled', 'frozen')", name="regime"),
        sa.CheckConstraint("state IN ('open', 'withdrawn', 'over')", name="state"),
    )
    op.create_index("ix_surplus_offer_board", "surplus_offer", ["territory_id", "state", "until_at"])


def _add_claims() -> None:
    op.create_table(
        "surplus_claim",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("offer_id", BigId, sa.ForeignKey("surplus_offer.id"), nullable=False, index=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("collected_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("grams > 0", name="grams"),
        sa.CheckConstraint("state IN ('claimed', 'collected', 'given_back', 'cancelled')", name="state"),
    )
