"""Charges and what is owed of them, the books, what is paid, subsidies, numbers of documents; and their guards.

The books only grow: an entry is committed with its seal or not at all (the key between them is looked at on commit),
and a seal is let in only where the legs of each organisation balance. After it no leg is (docs/money.md).

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0020", "0019"
branch_labels = depends_on = None

# What is never changed, and what is changed but never deleted.
APPENDED = (
    "ledger_entry", "ledger_leg", "ledger_seal", "charge", "charge_line", "charge_share", "credit", "credit_share",
    "allocation", "document_number",
)  # fmt: skip
KEPT = ("due", "payment", "refund", "dispute", "document_series")
# What else tells a row from the others than its number: replacing a row is a deletion, too.
KEYS = {
    "ledger_entry": "id = NEW.id OR key = NEW.key",
    "ledger_seal": "entry_id = NEW.entry_id",
    "charge": "id = NEW.id OR key = NEW.key OR public_id = NEW.public_id",
    "charge_line": "id = NEW.id OR key = NEW.key",
    "credit": "id = NEW.id OR key = NEW.key OR public_id = NEW.public_id",
    "credit_share": "id = NEW.id OR (credit_id = NEW.credit_id AND share_id = NEW.share_id)",
    "document_number": "id = NEW.id OR key = NEW.key OR (series_id = NEW.series_id AND number = NEW.number)",
    "due": "id = NEW.id OR public_id = NEW.public_id "
    "OR (charge_id = NEW.charge_id AND payer_id = NEW.payer_id AND payee_id = NEW.payee_id)",
    "payment": "id = NEW.id OR key = NEW.key OR public_id = NEW.public_id",
    "refund": "id = NEW.id OR key = NEW.key OR public_id = NEW.public_id",
    "dispute": "id = NEW.id OR key = NEW.key OR public_id = NEW.public_id",
    "document_series": "id = NEW.id "
    "OR (issuer_id = NEW.issuer_id AND kind = NEW.kind AND period = NEW.period)",
}
SAME = "id = NEW.id"

UNBALANCED = """NOT EXISTS (SELECT 1 FROM ledger_leg WHERE entry_id = NEW.entry_id) OR EXISTS (
    SELECT 1 FROM ledger_leg WHERE entry_id = NEW.entry_id GROUP BY organisation_id, currency HAVING SUM(cents) <> 0
)"""
GAP = """NEW.number <> 1 + (
    SELECT COALESCE(MAX(number), 0) FROM document_number WHERE series_id = NEW.series_id
)"""
# Three rules about new rows: the name, the table, when they are broken.
RULES = (
    ("ledger_entry_unbalanced", "ledger_seal", UNBALANCED),
    (
        "ledger_entry_is_sealed",
        "ledger_leg",
        "EXISTS (SELECT 1 FROM ledger_seal WHERE entry_id = NEW.entry_id)",
    ),
    ("document_numbers_have_no_gap", "document_number", GAP),
)

TABLES = (  # as they may be dropped
    "credit_share",
    "ledger_seal",
    "ledger_leg",
    "envelope_hold",
    "charge_share",
    "allocation",
    "subsidy_envelope",
    "refund",
    "ledger_entry",
    "due",
    "document_number",
    "dispute",
    "credit",
    "charge_line",
    "subsidy_programme",
    "payment",
    "pair_guard",
    "document_series",
    "charge",
)


def upgrade() -> None:
    """Add the tables, then their guards."""
    _add_tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def downgrade() -> None:
    """Drop all of it: what was owed and paid is not known any more."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_ledger_entry_sealed", "ledger_entry", type_="foreignkey")
    else:
        op.execute("PRAGMA defer_foreign_keys = ON")
        for table in (*APPENDED, *KEPT):  # dropping a table deletes its rows
            op.execute(f"DROP TRIGGER {table}_no_delete")
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name, _table, _broken in RULES:
            op.execute(f"DROP FUNCTION {name}")
        for function in ("money_is_append_only", "money_is_kept"):
            op.execute(f"DROP FUNCTION {function}")


def _guard_sqlite() -> None:
    for table in (*APPENDED, *KEPT):
        if table in APPENDED:
            _refuse_sqlite(f"{table}_no_update", f"UPDATE ON {table}", "TRUE", "money_is_append_only")
        _refuse_sqlite(f"{table}_no_delete", f"DELETE ON {table}", "TRUE", "money_is_kept")
        # INSERT OR REPLACE fires no trigger of deletion unless recursive_triggers is on: whoever forgot it comes here.
        same = f"EXISTS (SELECT 1 FROM {table} WHERE {KEYS.get(table, SAME)})"
        _refuse_sqlite(f"{table}_no_replace", f"INSERT ON {table}", same, "money_is_append_only")
    for name, table, broken in RULES:
        _refuse_sqlite(name, f"INSERT ON {table}", broken, name)


def _refuse_sqlite(name: str, act: str, when: str, why: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")


def _guard_postgres() -> None:
    op.create_foreign_key(
        "fk_ledger_entry_sealed", "ledger_entry", "ledger_seal", ["id"], ["entry_id"],
        deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    _refusing("money_is_append_only", "TRUE")
    _refusing("money_is_kept", "TRUE")
    for table in (*APPENDED, *KEPT):
        acts, why = (
            ("UPDATE OR DELETE", "money_is_append_only") if table in APPENDED else ("DELETE", "money_is_kept")
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE {acts} ON {table} FOR EACH ROW EXECUTE FUNCTION {why}()"
        )
        op.execute(  # TRUNCATE fires no row trigger
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION money_is_kept()"
        )
    for name, table, broken in RULES:
        _refusing(name, broken)
        op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _refusing(name: str, broken: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {broken} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END $$"
    )


def _sealed_inline() -> list[sa.ForeignKeyConstraint]:
    """Refer to the seal while the table is made, where that is the only moment (SQLite)."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    to_the_seal = {"deferrable": True, "initially": "DEFERRED"}
    return [
        sa.ForeignKeyConstraint(["id"], ["ledger_seal.entry_id"], "fk_ledger_entry_sealed", **to_the_seal)
    ]


def _add_tables() -> None:
    op.create_table(
        "charge",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("snapshot", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_charge_organisation_id")
        ),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_charge_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("key", name=op.f("uq_charge_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_charge_public_id")),
    )
    op.create_index(op.f("ix_charge_organisation_id"), "charge", ["organisation_id"])
    op.create_index("ix_charge_subject", "charge", ["subject_kind", "subject_ref"])
    op.create_table(
        "document_series",
        sa.Column("id", BigId, nullable=False),
        sa.Column("issuer_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("last_number", BigId, nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_document_series_last_number")),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["organisation.id"], name=op.f("fk_document_series_issuer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_series")),
        sa.UniqueConstraint(
            "issuer_id", "kind", "period", name=op.f("uq_document_series_issuer_id_kind_period")
        ),
    )
    op.create_table(
        "pair_guard",
        sa.Column("payer_id", BigId, autoincrement=False, nullable=False),
        sa.Column("payee_id", BigId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_pair_guard_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_pair_guard_payer_id")),
        sa.PrimaryKeyConstraint("payer_id", "payee_id", name=op.f("pk_pair_guard")),
    )
    op.create_table(
        "payment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("payer_id", BigId, nullable=False),
        sa.Column("payee_id", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("allocated_cents", BigId, nullable=False),
        sa.Column("returned_cents", BigId, nullable=False),
        sa.Column("disputed_cents", BigId, nullable=False),
        sa.CheckConstraint(
            "method IN ('card', 'sepa_debit', 'transfer', 'cheque', 'cash', 'mandat', 'payfip')",
            name=op.f("ck_payment_method"),
        ),
        sa.CheckConstraint(
            "allocated_cents >= 0 AND returned_cents >= 0 AND disputed_cents >= 0",
            name=op.f("ck_payment_parts"),
        ),
        sa.CheckConstraint(
            "cents > 0 AND allocated_cents + returned_cents <= cents", name=op.f("ck_payment_allocated")
        ),
        sa.CheckConstraint("payer_id <> payee_id", name=op.f("ck_payment_pair")),
        sa.CheckConstraint("returned_cents + disputed_cents <= cents", name=op.f("ck_payment_returned")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_payment_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_payment_payer_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_payment_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_public_id")),
    )
    op.create_index("ix_payment_pair", "payment", ["payer_id", "payee_id"])
    op.create_index(op.f("ix_payment_payee_id"), "payment", ["payee_id"])
    op.create_table(
        "subsidy_programme",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate_bp", BigId, nullable=False),
        sa.Column("priority", BigId, nullable=False),
        sa.Column("most_cents", BigId, nullable=True),
        sa.Column("most_each_cents", BigId, nullable=True),
        sa.CheckConstraint("rate_bp >= 0 AND rate_bp <= 10000", name=op.f("ck_subsidy_programme_rate")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_subsidy_programme_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_subsidy_programme_territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_programme")),
        sa.UniqueConstraint("public_id", name=op.f("uq_subsidy_programme_public_id")),
    )
    op.create_table(
        "charge_line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("charge_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payee_id", BigId, nullable=False),
        sa.Column("label", sa.String(length=160), nullable=False),
        sa.Column("meter", sa.String(length=40), nullable=False),
        sa.Column("quantity_milli", BigId, nullable=False),
        sa.Column("unit_cents", BigId, nullable=False),
        sa.Column("coefficient_bp", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("public_cents", BigId, nullable=False),
        sa.Column("in_kind_cents", BigId, nullable=False),
        sa.Column("waiver_reason", sa.Text(), nullable=False),
        sa.Column("vat_regime", sa.String(length=40), nullable=False),
        sa.Column("vat_bp", BigId, nullable=False),
        sa.Column("vat_cents", BigId, nullable=False),
        sa.Column("snapshot", Json, nullable=False),
        sa.CheckConstraint("waiver_reason = '' OR cents = 0", name=op.f("ck_charge_line_waiver")),
        sa.CheckConstraint(
            "cents >= 0 AND public_cents >= 0 AND in_kind_cents >= 0", name=op.f("ck_charge_line_cents")
        ),
        sa.CheckConstraint("vat_cents >= 0 AND vat_cents <= cents", name=op.f("ck_charge_line_vat")),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_charge_line_charge_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_charge_line_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_line")),
        sa.UniqueConstraint("key", name=op.f("uq_charge_line_key")),
    )
    op.create_index(op.f("ix_charge_line_charge_id"), "charge_line", ["charge_id"])
    op.create_table(
        "credit",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("charge_id", BigId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_credit_charge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("key", name=op.f("uq_credit_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_credit_public_id")),
    )
    op.create_index(op.f("ix_credit_charge_id"), "credit", ["charge_id"])
    op.create_table(
        "dispute",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payment_id", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_dispute_state")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_dispute_cents")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("key", name=op.f("uq_dispute_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispute_public_id")),
    )
    op.create_index(op.f("ix_dispute_payment_id"), "dispute", ["payment_id"])
    op.create_table(
        "document_number",
        sa.Column("id", BigId, nullable=False),
        sa.Column("series_id", BigId, nullable=False),
        sa.Column("number", BigId, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["document_series.id"], name=op.f("fk_document_number_series_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_number")),
        sa.UniqueConstraint("key", name=op.f("uq_document_number_key")),
        sa.UniqueConstraint("series_id", "number", name=op.f("uq_document_number_series_id_number")),
    )
    op.create_table(
        "due",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("charge_id", BigId, nullable=False),
        sa.Column("payer_id", BigId, nullable=False),
        sa.Column("payee_id", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("credited_cents", BigId, nullable=False),
        sa.Column("paid_cents", BigId, nullable=False),
        sa.CheckConstraint("cents > 0 AND credited_cents + paid_cents <= cents", name=op.f("ck_due_cents")),
        sa.CheckConstraint("credited_cents >= 0 AND paid_cents >= 0", name=op.f("ck_due_parts")),
        sa.CheckConstraint("payer_id <> payee_id", name=op.f("ck_due_pair")),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_due_charge_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_due_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_due_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
        sa.UniqueConstraint(
            "charge_id", "payer_id", "payee_id", name=op.f("uq_due_charge_id_payer_id_payee_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_due_public_id")),
    )
    op.create_index("ix_due_pair", "due", ["payer_id", "payee_id"])
    op.create_index(op.f("ix_due_payee_id"), "due", ["payee_id"])
    op.create_table(
        "ledger_entry",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("territory_id", BigId, nullable=False),
        sa.Column("charge_id", BigId, nullable=True),
        sa.Column("payment_id", BigId, nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_ledger_entry_charge_id")),
        *_sealed_inline(),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_ledger_entry_payment_id")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_ledger_entry_territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entry_key")),
    )
    op.create_index(op.f("ix_ledger_entry_charge_id"), "ledger_entry", ["charge_id"])
    op.create_index(op.f("ix_ledger_entry_payment_id"), "ledger_entry", ["payment_id"])
    op.create_table(
        "refund",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payment_id", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('made', 'failed')", name=op.f("ck_refund_state")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_refund_cents")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refund_public_id")),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"])
    op.create_table(
        "subsidy_envelope",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("programme_id", BigId, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("budget_cents", BigId, nullable=False),
        sa.Column("held_cents", BigId, nullable=False),
        sa.Column("spent_cents", BigId, nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_subsidy_envelope_period")),
        sa.CheckConstraint(
            "held_cents + spent_cents <= budget_cents", name=op.f("ck_subsidy_envelope_budget")
        ),
        sa.CheckConstraint("held_cents >= 0 AND spent_cents >= 0", name=op.f("ck_subsidy_envelope_parts")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["subsidy_programme.id"], name=op.f("fk_subsidy_envelope_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_envelope")),
        sa.UniqueConstraint(
            "programme_id", "starts_on", name=op.f("uq_subsidy_envelope_programme_id_starts_on")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_subsidy_envelope_public_id")),
    )
    op.create_table(
        "allocation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("payment_id", BigId, nullable=False),
        sa.Column("due_id", BigId, nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_allocation_cents")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_allocation_due_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_allocation_entry_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_allocation_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index(op.f("ix_allocation_due_id"), "allocation", ["due_id"])
    op.create_index(op.f("ix_allocation_payment_id"), "allocation", ["payment_id"])
    op.create_table(
        "charge_share",
        sa.Column("id", BigId, nullable=False),
        sa.Column("line_id", BigId, nullable=False),
        sa.Column("payer_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("envelope_id", BigId, nullable=True),
        sa.Column("cents", BigId, nullable=False),
        sa.CheckConstraint("role IN ('payer', 'subsidy', 'residual')", name=op.f("ck_charge_share_role")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_charge_share_cents")),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["subsidy_envelope.id"], name=op.f("fk_charge_share_envelope_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["charge_line.id"], name=op.f("fk_charge_share_line_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_charge_share_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_share")),
    )
    op.create_index(op.f("ix_charge_share_envelope_id"), "charge_share", ["envelope_id"])
    op.create_index(op.f("ix_charge_share_line_id"), "charge_share", ["line_id"])
    op.create_table(
        "envelope_hold",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("envelope_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("held_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'released', 'spent')", name=op.f("ck_envelope_hold_state")),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_envelope_hold_cents")),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["subsidy_envelope.id"], name=op.f("fk_envelope_hold_envelope_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_envelope_hold_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope_hold")),
        sa.UniqueConstraint("key", name=op.f("uq_envelope_hold_key")),
    )
    op.create_index(op.f("ix_envelope_hold_envelope_id"), "envelope_hold", ["envelope_id"])
    op.create_table(
        "ledger_leg",
        sa.Column("id", BigId, nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("counterparty_id", BigId, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_ledger_leg_cents")),
        sa.ForeignKeyConstraint(
            ["counterparty_id"], ["organisation.id"], name=op.f("fk_ledger_leg_counterparty_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_leg_entry_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_ledger_leg_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_leg")),
    )
    op.create_index(
        "ix_ledger_leg_balance",
        "ledger_leg",
        ["organisation_id", "currency", "account", "counterparty_id", "cents"],
    )
    op.create_index(op.f("ix_ledger_leg_entry_id"), "ledger_leg", ["entry_id"])
    op.create_table(
        "ledger_seal",
        sa.Column("entry_id", BigId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_seal_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_seal")),
    )
    op.create_table(
        "credit_share",
        sa.Column("id", BigId, nullable=False),
        sa.Column("credit_id", BigId, nullable=False),
        sa.Column("share_id", BigId, nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_credit_share_cents")),
        sa.ForeignKeyConstraint(["credit_id"], ["credit.id"], name=op.f("fk_credit_share_credit_id")),
        sa.ForeignKeyConstraint(["share_id"], ["charge_share.id"], name=op.f("fk_credit_share_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_share")),
        sa.UniqueConstraint("credit_id", "share_id", name=op.f("uq_credit_share_credit_id_share_id")),
    )
    op.create_index(op.f("ix_credit_share_share_id"), "credit_share", ["share_id"])
