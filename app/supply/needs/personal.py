"""What accounts ask of this room: what is kept of a person."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.asks import gives_own, names_things
from app.accounts.queries.own import write_instant
from app.infra.db import db
from app.supply.needs.models import Need, NeedAnswer


@names_things("need")
def refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name needs by their reference."""
    rows = db.session.execute(select(Need.id, Need.public_id).where(Need.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


@gives_own("needs")
def looked_for_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person looked for in the name of organisations."""
    rows = select(Need).options(joinedload(Need.organisation)).filter_by(person_id=person_id)
    return [
        {
            "ref": each.public_id, "organisation": each.organisation.name, "product": each.product,
            "kind": each.kind, "note": each.note, "state": each.state, "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows.order_by(Need.id))
    ]  # fmt: skip


@gives_own("help_offered")
def help_offered_by(person_id: int) -> list[dict[str, Any]]:
    """Tell where a person offered help in the name of organisations."""
    whole = joinedload(NeedAnswer.need), joinedload(NeedAnswer.organisation)
    rows = select(NeedAnswer).options(*whole).filter_by(person_id=person_id).order_by(NeedAnswer.id)
    return [
        {
            "need": each.need.public_id, "organisation": each.organisation.name,
            "message": each.message, "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows)
    ]  # fmt: skip
