"""What accounts ask of this room: what is kept of a person."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.asks import gives_own, names_things
from app.accounts.queries.own import write_instant
from app.infra.db import db
from app.supply.gleanings.models import Gleaning, GleaningSignUp


@names_things("gleaning")
def refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name gleanings by their reference."""
    rows = db.session.execute(select(Gleaning.id, Gleaning.public_id).where(Gleaning.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


@gives_own("gleanings_called")
def called_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person called for in the name of organisations."""
    rows = select(Gleaning).options(joinedload(Gleaning.organisation)).filter_by(person_id=person_id)
    return [
        {
            "ref": each.public_id, "organisation": each.organisation.name, "product": each.product,
            "place": each.place, "note": each.note, "state": each.state,
            "from": write_instant(each.start_at), "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows.order_by(Gleaning.id))
    ]  # fmt: skip


@gives_own("gleaning_sign_ups")
def signed_up_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the gleanings for which a person signed up."""
    rows = select(GleaningSignUp).options(joinedload(GleaningSignUp.gleaning)).filter_by(person_id=person_id)
    return [
        {
            "gleaning": each.gleaning.public_id, "people": each.people, "place": each.place, "waiting": each.waiting,
            "came": each.came, "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows.order_by(GleaningSignUp.id))
    ]  # fmt: skip
