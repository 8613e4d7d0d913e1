"""Gleanings and who signed up for them; group purchases and what is ordered of them.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0039", "0038"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    _add_gleanings()
    op.create_table(
        "gleaning_sign_up",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("gleaning_id", BigId, sa.ForeignKey("gleaning.id"), nullable=False),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("people", BigId, nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("came", sa.Boolean()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("gleaning_id", "person_id"),
        sa.CheckConstraint("people > 0", name="people"),
        sa.CheckConstraint("place IN ('going', 'waiting')", name="place"),
    )
    _add_purchases()
    op.create_table(
        "purchase_order",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("purchase_id", BigId, sa.ForeignKey("group_purchase.id"), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.UniqueConstraint("purchase_id", "organisation_id"),
        sa.CheckConstraint("grams > 0", name="grams"),
        sa.CheckConstraint("state IN ('ordered', 'withdrawn', 'ended', 'handed_out')", name="state"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("purchase_order")
    op.drop_table("group_purchase")
    op.drop_table("gleaning_sign_up")
    op.drop_table("gleaning")


def _add_gleanings() -> None:
    op.create_table(
        "gleaning",
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
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("least_people", BigId, nullable=False),
        sa.Column("most_people", BigId, nullable=False),
        sa.Column("min_age", BigId),
        sa.Column("meeting_point", sa.String(160), nullable=False),
        sa.Column("ask_for", sa.String(160), nullable=False),
        sa.Column("tools_provided", sa.Text(), nullable=False),
        sa.Column("tools_to_bring", sa.Text(), nullable=False),
        sa.Column("rain", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("real_grams", BigId),
        sa.Column("came", BigId),
        sa.Column("revision", BigId, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        *_gleaning_checks(),
    )
    op.create_index("ix_gleaning_board", "gleaning", ["territory_id", "state", "start_at"])


def _gleaning_checks() -> list[sa.CheckConstraint]:
    """List what a row of a gleaning keeps to."""
    categories = (
        "'vegetables', 'fruit', 'bread', 'dairy', 'meat', 'fish', 'prepared', 'dry_goods', 'drinks', 'other'"
    )
    return [
        sa.CheckConstraint("grams > 0 AND per_package > 0", name="grams"),
        sa.CheckConstraint("real_grams > 0", name="real_grams"),
        sa.CheckConstraint("end_at > start_at", name="span"),
        sa.CheckConstraint("least_people > 0 AND most_people >= least_people", name="people"),
        sa.CheckConstraint("min_age >= 0", name="min_age"),
        sa.CheckConstraint(f"category IN ({categories})", name="category"),
        sa.CheckConstraint(
            "packaging IN ('crate_60x40', 'crate_40x30', 'bulk_bin', 'bag')", name="packaging"
        ),
        sa.CheckConstraint("regime IN ('ambient', 'cellar', 'produce', 'chilled', 'frozen')", name="regime"),
        sa.CheckConstraint("state IN ('open', 'cancelled', 'over', 'done')", name="state"),
    ]


def _add_purchases() -> None:
    op.create_table(
        "group_purchase",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("product", sa.String(160), nullable=False),
        sa.Column("supplier", sa.String(160), nullable=False),
        sa.Column("price_cents", BigId, nullable=False),
        sa.Column("packaging", sa.String(40), nullable=False),
        sa.Column("per_package", BigId, nullable=False),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("least_grams", BigId, nullable=False),
        sa.Column("most_grams", BigId),
        sa.Column("deadline_at", Instant(), nullable=False),
        sa.Column("booking_id", BigId, sa.ForeignKey("booking.id")),
        sa.Column("bring", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("per_package > 0 AND least_grams > 0", name="grams"),
        sa.CheckConstraint("most_grams >= least_grams", name="most_grams"),
        sa.CheckConstraint("price_cents >= 0", name="price_cents"),
        sa.CheckConstraint(
            "packaging IN ('crate_60x40', 'crate_40x30', 'bulk_bin', 'bag')", name="packaging"
        ),
        sa.CheckConstraint("regime IN ('ambient', 'cellar', 'produce', 'chilled', 'frozen')", name="regime"),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'cancelled')", name="state"),
    )
    op.create_index("ix_group_purchase_board", "group_purchase", ["territory_id", "state", "deadline_at"])
