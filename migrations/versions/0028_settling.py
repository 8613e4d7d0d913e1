"""Debts that are set off: settlements; what goes to public accountants; what payers say they have sent.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0028", "0027"
branch_labels = depends_on = None

_METHODS = "'card', 'sepa_debit', 'transfer', 'cheque', 'cash', 'mandat', 'payfip'"
_WITHOUT, _WITH = f"method IN ({_METHODS})", f"method IN ({_METHODS}, 'offset')"
_TABLES = (
    "announcement",
    "collection_line",
    "collection_batch",
    "settlement_transfer",
    "settled_due",
    "settlement_party",
    "settlement",
)


def upgrade() -> None:
    """Let payments be set off, and keep what is settled."""
    _take_methods(_WITHOUT, _WITH)
    _add_settlements()
    _add_collection()
    _add_announcements()


def downgrade() -> None:
    """Drop it; what was set off stays in the books, as what was paid by transfer: there is no other word for it."""
    for table in _TABLES:
        op.drop_table(table)
    op.execute("UPDATE payment SET method = 'transfer' WHERE method = 'offset'")
    _take_methods(_WITH, _WITHOUT)


def _take_methods(before: str, after: str) -> None:
    """Change which methods a payment may have.

    SQLite cannot change a CHECK, and the table cannot be made anew: what guards its rows would go with it. Its
    documentation says how to write another CHECK into the schema instead (ALTER TABLE, 7).
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_payment_method"), "payment", type_="check")
        op.create_check_constraint(op.f("ck_payment_method"), "payment", after)
        return
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    changed = op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = 'payment'"
        ),
        {"before": before, "after": after},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of payments is not what it was")
    op.execute(f"PRAGMA schema_version = {int(version) + 1}")
    op.execute("PRAGMA writable_schema = RESET")  # off, and read the schema anew


def _add_settlements() -> None:
    op.create_table(
        "settlement",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("begun_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("begun_for_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("ended_at", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('pair', 'group')", name="kind"),
        sa.CheckConstraint(
            "state IN ('proposed', 'posted', 'refused', 'withdrawn', 'changed', 'expired', 'undone')",
            name="state",
        ),
    )
    op.create_index("ix_settlement_open", "settlement", ["state", "expires_at"])
    op.create_table(
        "settlement_party",
        sa.Column(
            "settlement_id", BigId, sa.ForeignKey("settlement.id"), primary_key=True, autoincrement=False
        ),
        sa.Column(
            "organisation_id", BigId, sa.ForeignKey("organisation.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("answered_by_id", BigId, sa.ForeignKey("person.id")),
        sa.CheckConstraint("answer IN ('asked', 'accepted', 'refused')", name="answer"),
    )
    op.create_index("ix_settlement_party_organisation_id", "settlement_party", ["organisation_id"])
    live = sa.text("is_live")
    op.create_index(
        "uq_settlement_party_live",
        "settlement_party",
        ["organisation_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "settled_due",
        sa.Column(
            "settlement_id", BigId, sa.ForeignKey("settlement.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("due_id", BigId, sa.ForeignKey("due.id"), primary_key=True, autoincrement=False),
        sa.Column("cents", BigId, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents"),
    )
    op.create_index("ix_settled_due_due_id", "settled_due", ["due_id"])
    op.create_table(
        "settlement_transfer",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("settlement_id", BigId, sa.ForeignKey("settlement.id"), nullable=False, index=True),
        sa.Column("payer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("payee_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("payer_id <> payee_id", name="pair"),
    )


def _add_collection() -> None:
    op.create_table(
        "collection_batch",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("issuer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("year", BigId, nullable=False),
        sa.Column("number", BigId, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("issuer", Json, nullable=False),
        sa.Column("sent_on", sa.Date()),
        sa.UniqueConstraint("issuer_id", "year", "number"),
    )
    op.create_table(
        "collection_line",
        sa.Column("due_id", BigId, sa.ForeignKey("due.id"), primary_key=True, autoincrement=False),
        sa.Column("batch_id", BigId, sa.ForeignKey("collection_batch.id"), nullable=False),
        sa.Column("position", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("credited_before_cents", BigId, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.UniqueConstraint("batch_id", "position"),
        sa.CheckConstraint("cents > 0 AND credited_before_cents >= 0", name="cents"),
    )
    op.create_index("ix_collection_line_order_number", "collection_line", ["order_number"])


def _add_announcements() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("payer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("payee_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("due_ref", sa.String(16), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("ended_at", Instant()),
        sa.Column("payment_ref", sa.String(16), nullable=False, index=True),
        sa.CheckConstraint("cents > 0", name="cents"),
        sa.CheckConstraint("state IN ('open', 'noted', 'taken_back')", name="state"),
        sa.CheckConstraint("payer_id <> payee_id", name="pair"),
    )
    op.create_index("ix_announcement_open", "announcement", ["payee_id", "state"])
    op.create_index("ix_announcement_pair", "announcement", ["payer_id", "payee_id"])
