"""Lots, what each came of, the notes with which they are handed over, and how warm they were.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0040", "0039"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    _add_lots()
    _add_handovers()
    _add_temperatures()
    _add_inspection_links()


def downgrade() -> None:
    """Drop them."""
    for table in (
        "inspection_link",
        "incident_lot",
        "incident",
        "temperature_reading",
        "lot_source",
        "handover_line",
        "handover",
        "lot",
    ):
        op.drop_table(table)


def _add_lots() -> None:
    op.create_table(
        "lot",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False, index=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("product", sa.String(160), nullable=False),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("packaging", sa.String(40)),
        sa.Column("per_package", BigId),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("origin_id", BigId, sa.ForeignKey("organisation.id")),
        sa.Column("origin", sa.String(160), nullable=False),
        sa.Column("surplus_claim_ref", sa.String(16)),
        sa.Column("bundle_id", BigId, sa.ForeignKey("bundle.id"), index=True),
        sa.Column("resource_id", BigId, sa.ForeignKey("resource.id"), index=True),
        sa.Column("use_by", sa.Date()),
        sa.Column("best_before", sa.Date()),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("grams > 0", name="grams"),
        sa.CheckConstraint("(packaging IS NULL) = (per_package IS NULL)", name="packed"),
        sa.CheckConstraint("regime IN ('ambient', 'cellar', 'produce', 'chilled', 'frozen')", name="regime"),
        sa.CheckConstraint("state IN ('held', 'destroyed')", name="state"),
    )
    op.create_index("ix_lot_holder", "lot", ["organisation_id", "state", "id"])


def _add_handovers() -> None:
    op.create_table(
        "handover",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False, index=True),
        sa.Column("giver_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("receiver_id", BigId, sa.ForeignKey("organisation.id")),
        sa.Column("people", BigId),
        sa.Column("bundle_id", BigId, sa.ForeignKey("bundle.id"), index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("tenths", BigId),
        sa.Column("packages", BigId),
        sa.Column("is_food_aid", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("given_at", Instant()),
        sa.Column("given_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("given_name", sa.String(160), nullable=False),
        sa.Column("given_digest", sa.String(64)),
        sa.Column("received_at", Instant()),
        sa.Column("received_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("received_name", sa.String(160), nullable=False),
        sa.Column("received_digest", sa.String(64)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("giver_id <> receiver_id", name="sides"),
        sa.CheckConstraint("packages >= 0", name="packages"),
        sa.CheckConstraint("people >= 0 AND (people IS NULL OR receiver_id IS NULL)", name="people"),
        sa.CheckConstraint(
            "state IN ('drafted', 'given', 'received', 'distributed', 'refused', 'cancelled')", name="state"
        ),
    )
    op.create_index("ix_handover_giver", "handover", ["giver_id", "id"])
    op.create_index("ix_handover_receiver", "handover", ["receiver_id", "id"])
    op.create_table(
        "handover_line",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("handover_id", BigId, sa.ForeignKey("handover.id"), nullable=False),
        sa.Column("lot_id", BigId, sa.ForeignKey("lot.id"), nullable=False, index=True),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("received_grams", BigId),
        sa.UniqueConstraint("handover_id", "lot_id"),
        sa.CheckConstraint("grams > 0 AND received_grams >= 0 AND received_grams <= grams", name="grams"),
    )
    op.create_table(
        "lot_source",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("lot_id", BigId, sa.ForeignKey("lot.id"), nullable=False),
        sa.Column("source_id", BigId, sa.ForeignKey("lot.id"), nullable=False, index=True),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("line_id", BigId, sa.ForeignKey("handover_line.id")),
        sa.UniqueConstraint("lot_id", "source_id"),
        sa.CheckConstraint("grams > 0", name="grams"),
        sa.CheckConstraint("lot_id <> source_id", name="other"),
    )


def _add_temperatures() -> None:
    op.create_table(
        "temperature_reading",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("resource_id", BigId, sa.ForeignKey("resource.id"), nullable=False),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("tenths", BigId, nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("idempotency_key", sa.String(80)),
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.CheckConstraint("verdict IN ('fine', 'warning', 'alarm')", name="verdict"),
    )
    op.create_index("ix_temperature_reading_place", "temperature_reading", ["resource_id", "at"])
    op.create_table(
        "incident",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False, index=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("resource_id", BigId, sa.ForeignKey("resource.id"), index=True),
        sa.Column("handover_id", BigId, sa.ForeignKey("handover.id"), index=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("tenths", BigId, nullable=False),
        sa.Column("limit_tenths", BigId, nullable=False),
        sa.Column("limit_source", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40)),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.Column("closed_by_id", BigId, sa.ForeignKey("person.id")),
        sa.CheckConstraint("(resource_id IS NULL) <> (handover_id IS NULL)", name="one_place"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="state"),
        sa.CheckConstraint(
            "limit_source IN ('decree', 'deep_frozen', 'usage', 'place')", name="limit_source"
        ),
        sa.CheckConstraint("outcome IS NULL OR outcome IN ('fit', 'destroyed')", name="outcome"),
    )
    op.create_table(
        "incident_lot",
        sa.Column("incident_id", BigId, sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("lot_id", BigId, sa.ForeignKey("lot.id"), primary_key=True, index=True),
    )


def _add_inspection_links() -> None:
    op.create_table(
        "inspection_link",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("made_by_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant()),
        sa.CheckConstraint("last_day >= first_day", name="period"),
    )
