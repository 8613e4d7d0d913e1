"""How warm it was when it came; readings that are corrected, and incidents that only a wrong figure had opened.

What becomes of a lot of an incident is said of each, and why no reading in range was there when it was closed; so is
what became of what came back of a hand-over.

Revision ID: 0044
Revises: 0043
"""

import re

import sqlalchemy as sa
from alembic import op

from app.infra.db import BigId, Instant

revision, down_revision = "0044", "0043"
branch_labels = depends_on = None

_INCIDENT = sa.table("incident", sa.column("id"), sa.column("state"), sa.column("outcome"))
_AFFECTED = sa.table("incident_lot", sa.column("incident_id"), sa.column("outcome"))


def upgrade() -> None:
    """Add them."""
    _add_outcome("handover_line", "returned")
    op.add_column(
        "handover_line", sa.Column("return_reason", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    _note_what_is_in_stock()
    op.add_column("handover", sa.Column("received_tenths", BigId))
    op.add_column(
        "incident", sa.Column("is_mistyped", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _refer("temperature_reading", "incident_id", "incident")
    op.create_table(
        "reading_correction",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("reading_id", BigId, sa.ForeignKey("temperature_reading.id"), nullable=False, index=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("was_tenths", BigId, nullable=False),
        sa.Column("tenths", BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.add_column(
        "incident", sa.Column("why_unmeasured", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    _add_outcome("incident_lot", "outcome")
    told = sa.select(_INCIDENT.c.outcome).where(_INCIDENT.c.id == _AFFECTED.c.incident_id).scalar_subquery()
    op.execute(sa.update(_AFFECTED).values(outcome=told))
    if op.get_bind().dialect.name == "sqlite":
        _drop_check_sqlite("incident", "outcome")
    op.drop_column("incident", "outcome")


def _refer(table: str, column: str, to: str) -> None:
    """Add a column that refers to another table: SQLite adds it with its key in one go, or not at all."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)"
    )
    op.create_index(f"ix_{table}_{column}", table, [column])


def _note_what_is_in_stock() -> None:
    """Say of what came back before anybody was asked what its books say: it is in stock."""
    notes = sa.table("handover", sa.column("id"), sa.column("state"))
    names = ("handover_id", "grams", "received_grams", "returned")
    lines = sa.table("handover_line", *(sa.column(name) for name in names))
    refused = sa.select(notes.c.id).where(notes.c.state == "refused")
    came_back = sa.or_(lines.c.handover_id.in_(refused), lines.c.received_grams < lines.c.grams)
    op.execute(sa.update(lines).where(came_back).values(returned="fit"))


def _add_outcome(table: str, column: str) -> None:
    """Add what becomes of food; with its check in one go, as SQLite wants it."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(40) CONSTRAINT ck_{table}_{column} "
        f"CHECK ({column} IS NULL OR {column} IN ('fit', 'destroyed'))"
    )


def _drop_check_sqlite(table: str, name: str) -> None:
    """Take a check out of the words of a table, as 0035 does and for its reasons: the column can be dropped then."""
    bind = op.get_bind()
    master = sa.table("sqlite_master", sa.column("type"), sa.column("name"), sa.column("sql"))
    is_it = master.c.type == "table", master.c.name == table
    words = bind.scalar(sa.select(master.c.sql).where(*is_it)) or ""
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    without = re.sub(rf",\s*CONSTRAINT ck_{table}_{name} CHECK \([^()]*\([^()]*\)[^()]*\)", "", words)
    bind.execute(sa.update(master).where(*is_it).values(sql=without))
    bind.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = RESET"))


def downgrade() -> None:
    """Drop them; what was signed with a second temperature proves itself no more, and says so.

    Of an incident it is said of all lots what was said of the worst of them; a typing mistake is fit.
    """
    op.drop_column("handover_line", "return_reason")
    op.drop_column("handover_line", "returned")
    _add_outcome("incident", "outcome")
    op.execute(sa.update(_INCIDENT).where(_INCIDENT.c.state == "closed").values(outcome="fit"))
    destroyed = sa.select(_AFFECTED.c.incident_id).where(_AFFECTED.c.outcome == "destroyed")
    op.execute(sa.update(_INCIDENT).where(_INCIDENT.c.id.in_(destroyed)).values(outcome="destroyed"))
    op.drop_column("incident_lot", "outcome")
    op.drop_column("incident", "why_unmeasured")
    op.drop_table("reading_correction")
    op.drop_index("ix_temperature_reading_incident_id", "temperature_reading")
    op.drop_column("temperature_reading", "incident_id")
    op.drop_column("incident", "is_mistyped")
    op.drop_column("handover", "received_tenths")
