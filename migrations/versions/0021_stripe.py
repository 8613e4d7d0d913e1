"""Being paid online: payees' accounts at Stripe, attempts to pay, refunds, disputes, payouts, received webhooks.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0021", "0020"
branch_labels = depends_on = None
_LIVE = sa.text("state IN ('asked', 'open', 'processing')")


def upgrade() -> None:
    """Make the tables."""
    _accounts()
    _payments()
    _refunds()
    _disputes()
    _payouts()
    _events()


def _accounts() -> None:
    op.create_table(
        "stripe_account",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, unique=True),
        sa.Column("account_id", sa.String(255), unique=True),
        sa.Column("charges_enabled", sa.Boolean(), nullable=False),
        sa.Column("payouts_enabled", sa.Boolean(), nullable=False),
        sa.Column("details_submitted", sa.Boolean(), nullable=False),
        sa.Column("missing", Json, nullable=False),
        sa.Column("disabled_reason", sa.String(80), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant()),
    )


def _payments() -> None:
    op.create_table(
        "stripe_payment",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("account_id", sa.String(255), nullable=False, index=True),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("back", sa.String(300), nullable=False),
        sa.Column("locale", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("held_until", Instant(), nullable=False),
        sa.Column("page_until", Instant(), nullable=False),
        sa.Column("session_id", sa.String(255), unique=True),
        sa.Column("url", sa.String(2000)),
        sa.Column("intent_id", sa.String(255), unique=True),
        sa.Column("fee_cents", BigId),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant()),
        sa.Column("ended_at", Instant()),
        sa.CheckConstraint("cents > 0", name="cents"),
    )
    op.create_index(
        "uq_stripe_payment_live",
        "stripe_payment",
        ["reference"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_index("ix_stripe_payment_open", "stripe_payment", ["state", "checked_at"])


def _refunds() -> None:
    op.create_table(
        "stripe_refund",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("payment_id", BigId, sa.ForeignKey("stripe_payment.id"), nullable=False, index=True),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("refund_id", sa.String(255), unique=True),
        sa.Column("failure", sa.String(80), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant()),
        sa.CheckConstraint("cents > 0", name="cents"),
    )
    op.create_index("ix_stripe_refund_open", "stripe_refund", ["state", "checked_at"])


def _disputes() -> None:
    op.create_table(
        "stripe_dispute",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("dispute_id", sa.String(255), nullable=False, unique=True),
        sa.Column("payment_id", BigId, sa.ForeignKey("stripe_payment.id"), nullable=False, index=True),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("fee_cents", BigId, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
    )


def _payouts() -> None:
    op.create_table(
        "stripe_payout",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("payout_id", sa.String(255), nullable=False, unique=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
    )


def _events() -> None:
    op.create_table(
        "stripe_event",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("endpoint", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("received_at", Instant(), nullable=False, index=True),
        sa.Column("done_at", Instant()),
        sa.UniqueConstraint("endpoint", "event_id"),
    )


def downgrade() -> None:
    """Drop them: what organisations were paid is still at Stripe."""
    for table in ("event", "payout", "dispute", "refund", "payment", "account"):
        op.drop_table(f"stripe_{table}")
