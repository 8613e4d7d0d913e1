"""Offers: other slots proposed in answer to requests, and the waiting list of those who wanted what was taken.

Revision ID: 0011
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0011", "0010"
branch_labels = depends_on = None

OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "proposal",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column(
            "booking_id", BigId, sa.ForeignKey("booking.id", name="fk_proposal_booking_id"), nullable=False
        ),
        sa.Column(
            "resource_id", BigId, sa.ForeignKey("resource.id", name="fk_proposal_resource_id"), nullable=False
        ),
        sa.Column(
            "hold_id", BigId, sa.ForeignKey("hold.id", name="fk_proposal_hold_id", ondelete="SET NULL")
        ),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("is_binding", sa.Boolean(), nullable=False),
        sa.Column(
            "made_by_id", BigId, sa.ForeignKey("person.id", name="fk_proposal_made_by_id"), nullable=False
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.CheckConstraint("end_at > start_at", name="ck_proposal_span"),
        sa.CheckConstraint("quantity > 0", name="ck_proposal_quantity"),
        sa.UniqueConstraint("ref", name="uq_proposal_ref"),
        sa.UniqueConstraint("hold_id", name="uq_proposal_hold_id"),
    )
    op.create_index(
        "uq_proposal_open", "proposal", ["booking_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_proposal_booking", "proposal", ["booking_id"])
    op.create_index("ix_proposal_due", "proposal", ["state", "expires_at"])
    op.create_table(
        "waiting",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column(
            "territory_id",
            BigId,
            sa.ForeignKey("territory.id", name="fk_waiting_territory_id"),
            nullable=False,
        ),
        sa.Column(
            "resource_id", BigId, sa.ForeignKey("resource.id", name="fk_waiting_resource_id"), nullable=False
        ),
        sa.Column(
            "organisation_id", BigId, sa.ForeignKey("organisation.id", name="fk_waiting_organisation_id")
        ),
        sa.Column(
            "person_id", BigId, sa.ForeignKey("person.id", name="fk_waiting_person_id"), nullable=False
        ),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(160), nullable=False),
        sa.Column("people", sa.Integer()),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("hold_id", BigId, sa.ForeignKey("hold.id", name="fk_waiting_hold_id", ondelete="SET NULL")),
        sa.Column("expires_at", Instant()),
        sa.Column("booking_id", BigId, sa.ForeignKey("booking.id", name="fk_waiting_booking_id")),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint("end_at > start_at", name="ck_waiting_span"),
        sa.CheckConstraint("quantity > 0", name="ck_waiting_quantity"),
        sa.UniqueConstraint("ref", name="uq_waiting_ref"),
        sa.UniqueConstraint("hold_id", name="uq_waiting_hold_id"),
    )
    op.create_index("ix_waiting_resource", "waiting", ["resource_id", "state"])
    op.create_index("ix_waiting_person", "waiting", ["person_id", "state"])
    op.create_index("ix_waiting_due", "waiting", ["state", "expires_at"])


# A request had no deadline while something was proposed instead of it: the proposal had one.
END_ASKED = sa.text("""
    UPDATE booking SET expires_at = (
        SELECT CASE WHEN proposal.expires_at < booking.start_at THEN proposal.expires_at ELSE booking.start_at END
        FROM proposal WHERE proposal.booking_id = booking.id AND proposal.state = 'open'
    )
    WHERE decision = 'pending' AND expires_at IS NULL AND EXISTS (
        SELECT 1 FROM proposal WHERE proposal.booking_id = booking.id AND proposal.state = 'open'
    )
""")


def downgrade() -> None:
    """Drop them; what they hold goes with the holds, which end by themselves."""
    op.execute(END_ASKED)
    op.drop_table("waiting")
    op.drop_table("proposal")
