"""What was told of a due, a payment, a refund, a dispute, a promise or a tariff is never told otherwise.

Sums and states beside it go on changing. A refund says how it went back, where that is another way
than the payment came.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0030", "0029"
branch_labels = depends_on = None

FIXED = {
    "due": ("id", "public_id", "charge_id", "payer_id", "payee_id", "currency", "cents"),
    "payment": (
        "id", "public_id", "key", "territory_id", "payer_id", "payee_id", "currency", "cents", "method", "at", "facts",
    ),
    "refund": ("id", "public_id", "key", "payment_id", "cents", "method", "reason", "at"),
    "dispute": ("id", "public_id", "key", "payment_id", "cents", "reason", "opened_at"),
    "envelope_hold": ("id", "key", "envelope_id", "organisation_id", "cents", "held_at"),
    "tariff_version": ("id", "public_id", "resource_id", "number", "starts_at", "terms", "note", "made_at"),
}  # fmt: skip
ENDED = "(OLD.state <> 'held' AND OLD.state <> NEW.state)"  # a promise that ended does not begin again
# Of the others 0020 lets no row be replaced.
KEYS = {
    "envelope_hold": "id = NEW.id OR key = NEW.key",
    "tariff_version": "id = NEW.id OR public_id = NEW.public_id "
    "OR (resource_id = NEW.resource_id AND number = NEW.number)",
}


def upgrade() -> None:
    """Let a refund go back in another way; then add the guards."""
    op.add_column("refund", sa.Column("method", sa.String(40)))
    if op.get_bind().dialect.name == "sqlite":
        for table in FIXED:
            _guard_sqlite(f"{table}_fixed", f"UPDATE ON {table}", _changed(table, "IS NOT"), "money_is_fixed")
        for table, same in KEYS.items():
            when = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
            _guard_sqlite(f"{table}_no_replace", f"INSERT ON {table}", when, "money_is_fixed")
        return
    op.execute(
        "CREATE FUNCTION money_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'money_is_fixed' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({_changed(table, 'IS DISTINCT FROM')}) EXECUTE FUNCTION money_is_fixed()"
        )


def downgrade() -> None:
    """Take the guards away; how a refund went back is not known any more."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in FIXED:
        op.execute(f"DROP TRIGGER {table}_fixed" + ("" if is_sqlite else f" ON {table}"))
    if is_sqlite:
        for table in KEYS:
            op.execute(f"DROP TRIGGER {table}_no_replace")
    else:
        op.execute("DROP FUNCTION money_is_fixed")
    op.drop_column("refund", "method")


def _changed(table: str, differs: str) -> str:
    columns = [f"OLD.{column} {differs} NEW.{column}" for column in FIXED[table]]
    return " OR ".join([*columns, *([ENDED] if table == "envelope_hold" else [])])


def _guard_sqlite(name: str, act: str, when: str, why: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")
