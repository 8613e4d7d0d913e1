"""Bundles: several resources asked for in one act, and on each booking which leg it is.

Revision ID: 0012
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

import app.infra.db

revision, down_revision = "0012", "0011"
branch_labels = depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and the columns that point to it."""
    op.create_table(
        "bundle",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("territory_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("requester_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=160), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=80), nullable=True),
        sa.Column("idempotency_digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", app.infra.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_bundle_territory_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bundle_organisation_id")
        ),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_bundle_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("ref", name=op.f("uq_bundle_ref")),
        sa.UniqueConstraint(
            "requester_id", "idempotency_key", name=op.f("uq_bundle_requester_id_idempotency_key")
        ),
    )
    _add_bundle_id("booking")
    op.add_column("booking", sa.Column("leg_number", sa.Integer(), nullable=True))
    op.create_index("uq_booking_bundle_leg", "booking", ["bundle_id", "leg_number"], unique=True)
    _add_bundle_id("decision_link")


def downgrade() -> None:
    """Drop them: the legs stay as bookings of their own."""
    op.drop_column("decision_link", "bundle_id")
    op.drop_index("uq_booking_bundle_leg", "booking")
    op.drop_column("booking", "leg_number")
    op.drop_column("booking", "bundle_id")
    op.drop_table("bundle")


def _add_bundle_id(table: str) -> None:
    """Add a column that refers to the bundle, without writing the table anew: others refer to its rows."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN bundle_id {kind} "
        f"CONSTRAINT {op.f(f'fk_{table}_bundle_id')} REFERENCES bundle (id)"
    )
