"""Goods that are sold: a price that belongs to no resource.

Revision ID: 0035
Revises: 0034
"""

import re

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0035", "0034"
branch_labels = depends_on = None

TABLE, COLUMN = "tariff_version", "resource_id"


def upgrade() -> None:
    """Let a price be of no resource."""
    if op.get_bind().dialect.name == "sqlite":
        _let_be_empty_sqlite()
    else:
        op.alter_column(TABLE, COLUMN, nullable=True)


def downgrade() -> None:
    """Leave it so: the version before reads prices by their resource, and does not see those of none."""


def _let_be_empty_sqlite() -> None:
    """Take NOT NULL out of the words of the table, as https://sqlite.org/lang_altertable.html#otheralter says.

    Making the table anew would lose its guards (0030), and break the references to it within a transaction.
    """
    bind = op.get_bind()
    master = sa.table("sqlite_master", sa.column("type"), sa.column("name"), sa.column("sql"))
    is_it = master.c.type == "table", master.c.name == TABLE
    words = bind.scalar(sa.select(master.c.sql).where(*is_it)) or ""
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    without = re.sub(rf"(\b{COLUMN} \w+) NOT NULL", r"\1", words)
    bind.execute(sa.update(master).where(*is_it).values(sql=without))
    bind.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = RESET"))
