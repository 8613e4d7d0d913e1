"""How what is owed gets paid: what banks take beyond a payment, attempts to pay on line, what payees say, bank lines.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0026", "0025"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them; so far no dispute was larger than what was left of its payment."""
    op.add_column("dispute", sa.Column("beyond_cents", BigId, nullable=False, server_default=sa.text("0")))
    _add_online()
    _add_terms()
    _add_bank_lines()


def downgrade() -> None:
    """Drop them: what was paid on line stays in the books."""
    op.drop_table("bank_line")
    op.drop_table("payee_terms")
    op.drop_table("online_part")
    op.drop_table("online_payment")
    op.drop_column("dispute", "beyond_cents")


def _add_online() -> None:
    op.create_table(
        "online_payment",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("payer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("payee_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("page_id", sa.String(40), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("begun_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("ended_at", Instant()),
        sa.Column("payment_id", BigId, sa.ForeignKey("payment.id")),
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("state IN ('asked', 'started', 'paid', 'over')", name="state"),
    )
    op.create_index("ix_online_payment_payment_id", "online_payment", ["payment_id"])
    op.create_table(
        "online_part",
        sa.Column(
            "online_id", BigId, sa.ForeignKey("online_payment.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("due_id", BigId, sa.ForeignKey("due.id"), primary_key=True, autoincrement=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
    )
    live = sa.text("is_live")
    op.create_index(
        "uq_online_part_live",
        "online_part",
        ["due_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def _add_terms() -> None:
    op.create_table(
        "payee_terms",
        sa.Column(
            "organisation_id", BigId, sa.ForeignKey("organisation.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("legal_name", sa.String(160), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("siret", sa.String(14), nullable=False),
        sa.Column("vat_number", sa.String(20), nullable=False),
        sa.Column("vat_regime", sa.String(40), nullable=False),
        sa.Column("methods", Json, nullable=False),
        sa.Column("holder", sa.String(70), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11), nullable=False),
        sa.Column("payfip_url", sa.String(300), nullable=False),
        sa.Column("contact_email", sa.String(254), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by_id", BigId, sa.ForeignKey("person.id")),
    )


def _add_bank_lines() -> None:
    op.create_table(
        "bank_line",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("imported_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("payment_id", BigId, sa.ForeignKey("payment.id")),
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("state IN ('new', 'noted', 'ignored')", name="state"),
    )
    op.create_index("ix_bank_line_open", "bank_line", ["organisation_id", "state", "day"])
    op.create_index("ix_bank_line_payment_id", "bank_line", ["payment_id"])
