"""Documents, what each is about, mandates to issue them, and runs that prepare many.

A document is never changed but once, when the hash of its file is known; the database refuses anything else.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant, Json

revision, down_revision = "0027", "0026"
branch_labels = depends_on = None

LATER = ("digest", "made_at")  # what is written of a document once its file is made
SAME = {
    "document": "id = NEW.id OR key = NEW.key OR public_id = NEW.public_id "
    "OR (issuer_id = NEW.issuer_id AND number = NEW.number)",
    "document_part": "id = NEW.id OR (credit_id = NEW.credit_id AND due_id = NEW.due_id) "
    "OR (credit_id IS NULL AND NEW.credit_id IS NULL AND due_id = NEW.due_id) OR payment_id = NEW.payment_id",
}


def upgrade() -> None:
    """Add the tables, then the guards of documents."""
    _add_runs()
    _add_documents()
    _add_parts()
    _add_billing()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def downgrade() -> None:
    """Drop them: documents live on where they were sent; their numbers stay."""
    if op.get_bind().dialect.name == "sqlite":
        for table in SAME:  # dropping a table deletes its rows
            op.execute(f"DROP TRIGGER {table}_no_delete")
    for table in ("billing_choice", "billing_mandate", "document_part", "document", "document_run"):
        op.drop_table(table)


def _add_runs() -> None:
    op.create_table(
        "document_run",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("issuer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("total", BigId, nullable=False),
        sa.Column("waiting", Json, nullable=False),
        sa.Column("refused", Json, nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("begun_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("ended_at", Instant()),
    )
    op.create_index("ix_document_run_issuer", "document_run", ["issuer_id", "id"])


def _add_documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("territory_id", BigId, sa.ForeignKey("territory.id"), nullable=False),
        sa.Column("issuer_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("recipient_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cents", BigId, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("amends_id", BigId, sa.ForeignKey("document.id")),
        sa.Column("run_id", BigId, sa.ForeignKey("document_run.id")),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_at", Instant()),
        sa.UniqueConstraint("issuer_id", "number"),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note', 'receipt', 'statement')", name="kind"),
        sa.CheckConstraint("issuer_id <> recipient_id", name="pair"),
    )
    op.create_index("ix_document_recipient", "document", ["recipient_id", "issued_on"])
    op.create_index("ix_document_amends_id", "document", ["amends_id"])
    op.create_index("ix_document_run_id", "document", ["run_id"])


def _add_parts() -> None:
    op.create_table(
        "document_part",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("document_id", BigId, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("due_id", BigId, sa.ForeignKey("due.id")),
        sa.Column("credit_id", BigId, sa.ForeignKey("credit.id")),
        sa.Column("payment_id", BigId, sa.ForeignKey("payment.id"), unique=True),
        sa.Column("cents", BigId, nullable=False),
        sa.UniqueConstraint("credit_id", "due_id"),
        sa.CheckConstraint("(due_id IS NULL) <> (payment_id IS NULL)", name="subject"),
        sa.CheckConstraint("credit_id IS NULL OR due_id IS NOT NULL", name="credit"),
    )
    op.create_index("ix_document_part_document_id", "document_part", ["document_id"])
    _unique_where("uq_document_part_due", "document_part", "due_id", "credit_id IS NULL")


def _add_billing() -> None:
    op.create_table(
        "billing_mandate",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.Column("accepted_by_id", BigId, sa.ForeignKey("person.id")),
        sa.Column("ended_at", Instant()),
        sa.Column("ended_by_id", BigId, sa.ForeignKey("person.id")),
    )
    _unique_where("uq_billing_mandate_live", "billing_mandate", "organisation_id", "ended_at IS NULL")
    op.create_table(
        "billing_choice",
        sa.Column(
            "organisation_id", BigId, sa.ForeignKey("organisation.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("is_monthly", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by_id", BigId, sa.ForeignKey("person.id")),
    )


def _unique_where(name: str, table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], unique=True, sqlite_where=condition, postgresql_where=condition)


def _fixed() -> str:
    """List what of a document is never written again."""
    table = sa.Table("document", sa.MetaData(), autoload_with=op.get_bind())
    return ", ".join(column.name for column in table.columns if column.name not in LATER)


def _guard_sqlite() -> None:
    for table, same in SAME.items():
        _refuse(f"{table}_no_delete", f"DELETE ON {table}", "TRUE", "money_is_kept")
        _refuse(
            f"{table}_no_replace",
            f"INSERT ON {table}",
            f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
            "money_is_append_only",
        )
    _refuse("document_part_no_update", "UPDATE ON document_part", "TRUE", "money_is_append_only")
    _refuse("document_no_update", f"UPDATE OF {_fixed()} ON document", "TRUE", "money_is_append_only")
    later = f"UPDATE OF {', '.join(LATER)} ON document"
    _refuse("document_made_once", later, "OLD.digest <> ''", "money_is_append_only")


def _refuse(name: str, act: str, when: str, why: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")


def _guard_postgres() -> None:
    for table in SAME:
        _trigger(f"{table}_kept", f"DELETE ON {table} FOR EACH ROW", "money_is_kept")
        _trigger(f"{table}_no_truncate", f"TRUNCATE ON {table} FOR EACH STATEMENT", "money_is_kept")
    only = "money_is_append_only"
    _trigger("document_part_no_update", "UPDATE ON document_part FOR EACH ROW", only)
    _trigger("document_no_update", f"UPDATE OF {_fixed()} ON document FOR EACH ROW", only)
    later = f"UPDATE OF {', '.join(LATER)} ON document FOR EACH ROW WHEN (OLD.digest <> '')"
    _trigger("document_made_once", later, only)


def _trigger(name: str, act: str, why: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} EXECUTE FUNCTION {why}()")
