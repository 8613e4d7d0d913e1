"""Chains that are still to be asked for, and what chains were drafted for.

What is called for and bought together when this comes has its draft, too. Some of a group go while the others wait.

Revision ID: 0045
Revises: 0044
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import new_public_id
from app.infra.db import BigId, Instant

revision, down_revision = "0045", "0044"
branch_labels = depends_on = None

_GOODS = ("public_id", "organisation_id", "product", "packaging", "per_package", "regime")


def upgrade() -> None:
    """Add them."""
    op.add_column("chain", sa.Column("origin_kind", sa.String(40)))
    op.add_column("chain", sa.Column("origin_ref", sa.String(16)))
    op.create_index("ix_chain_origin", "chain", ["origin_kind", "origin_ref"])
    drafts = op.create_table(
        "chain_draft",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("origin_kind", sa.String(40), nullable=False),
        sa.Column("origin_ref", sa.String(16), nullable=False),
        sa.Column("organisation_id", BigId, sa.ForeignKey("organisation.id"), nullable=False, index=True),
        sa.Column("product", sa.String(160), nullable=False),
        sa.Column("grams", BigId, nullable=False),
        sa.Column("packaging", sa.String(40), nullable=False),
        sa.Column("per_package", BigId, nullable=False),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("is_exact", sa.Boolean(), nullable=False),
        sa.Column("commune_code", sa.String(5), nullable=False),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("to_site_id", BigId, sa.ForeignKey("site.id")),
        sa.Column("by_at", Instant()),
        sa.UniqueConstraint("origin_kind", "origin_ref"),
        sa.CheckConstraint("grams > 0 AND per_package > 0", name="grams"),
        sa.CheckConstraint("until_at > from_at", name="span"),
    )
    op.add_column(
        "gleaning_sign_up", sa.Column("waiting", BigId, nullable=False, server_default=sa.text("0"))
    )
    rows = [*_of_gleanings(), *_of_purchases()]
    if rows:
        op.bulk_insert(drafts, rows)


def downgrade() -> None:
    """Drop them; those of a group who wait while the others go are forgotten."""
    op.drop_column("gleaning_sign_up", "waiting")
    op.drop_table("chain_draft")
    op.drop_index("ix_chain_origin", "chain")
    op.drop_column("chain", "origin_ref")
    op.drop_column("chain", "origin_kind")


def _of_gleanings() -> Iterator[dict[str, Any]]:
    """Draft what is called for and still to come."""
    names = (*_GOODS, "grams", "commune_code", "place", "lat", "lon")
    called = _table("gleaning", *names, "state", end_at=Instant())
    for row in _rows(sa.select(called).where(called.c.state == "open", called.c.end_at > datetime.now(UTC))):
        same = {name: row[name] for name in names if name != "public_id"}
        until = row["end_at"] + timedelta(hours=6)
        yield (
            _drafted("gleaning", row)
            | same
            | {"from_at": row["end_at"], "until_at": until, "is_exact": False}
        )


def _of_purchases() -> Iterator[dict[str, Any]]:
    """Draft what is bought together and still to be confirmed; where it is packed is said when it is next changed."""
    names = (*_GOODS, "supplier", "least_grams")
    bought = _table("group_purchase", *names, "state", deadline_at=Instant())
    open_ones = sa.select(bought).where(bought.c.state == "open", bought.c.deadline_at > datetime.now(UTC))
    for row in _rows(open_ones):
        same = {name: row[name] for name in _GOODS if name != "public_id"}
        times = {"from_at": row["deadline_at"], "until_at": row["deadline_at"] + timedelta(days=2)}
        where = {"commune_code": "", "place": row["supplier"], "lat": None, "lon": None}
        yield (
            _drafted("purchase", row)
            | same
            | times
            | where
            | {"grams": row["least_grams"], "is_exact": False}
        )


def _drafted(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    nowhere = {"to_site_id": None, "by_at": None}
    return nowhere | {"public_id": new_public_id(), "origin_kind": kind, "origin_ref": row["public_id"]}


def _table(name: str, *columns: str, **typed: Any) -> Any:
    return sa.table(
        name, *(sa.column(each) for each in columns), *(sa.column(*each) for each in typed.items())
    )


def _rows(wanted: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in op.get_bind().execute(wanted).mappings()]
