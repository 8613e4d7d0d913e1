"""What the receiver says of a signature on the giver's telephone; lots that nobody of their house entered.

The reason why less came has a digest of its own, so that its words can be forgotten.
Lots are found as people type: with or without capitals and accents, on both databases.

Revision ID: 0042
Revises: 0041
"""

import re

import sqlalchemy as sa
from alembic import op

from app.core.ids import plain
from app.infra.db import BigId, Instant

revision, down_revision = "0042", "0041"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "handover_answer",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("handover_id", BigId, sa.ForeignKey("handover.id"), nullable=False, unique=True),
        sa.Column("person_id", BigId, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _let_be_empty_sqlite("lot", "person_id")
    else:
        op.alter_column("lot", "person_id", nullable=True)
    _fold_products()
    _digest_reasons()


def _fold_products() -> None:
    op.add_column("lot", sa.Column("folded", sa.Text(), nullable=False, server_default=sa.text("''")))
    lots = sa.table("lot", sa.column("product"), sa.column("folded"))
    bind = op.get_bind()
    for product in bind.scalars(sa.select(lots.c.product).distinct()).all():
        bind.execute(sa.update(lots).where(lots.c.product == product).values(folded=plain(product)))


def _digest_reasons() -> None:
    """Let go of digests that hold the words of a reason: once these are forgotten, they would prove nothing."""
    op.add_column("handover", sa.Column("reason_digest", sa.String(64)))
    names = ("reason", "received_digest")
    notes = sa.table("handover", *(sa.column(name) for name in names))
    op.execute(sa.update(notes).where(notes.c.reason != "").values(received_digest=None))


def downgrade() -> None:
    """Drop them. Lots may go on knowing nobody: the version before reads them all the same."""
    op.drop_column("handover", "reason_digest")
    op.drop_column("lot", "folded")
    op.drop_table("handover_answer")


def _let_be_empty_sqlite(table: str, column: str) -> None:
    """Take NOT NULL out of the words of a table, as 0035 does and for its reasons."""
    bind = op.get_bind()
    master = sa.table("sqlite_master", sa.column("type"), sa.column("name"), sa.column("sql"))
    is_it = master.c.type == "table", master.c.name == table
    words = bind.scalar(sa.select(master.c.sql).where(*is_it)) or ""
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    without = re.sub(rf"(\b{column} \w+) NOT NULL", r"\1", words)
    bind.execute(sa.update(master).where(*is_it).values(sql=without))
    bind.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = RESET"))
