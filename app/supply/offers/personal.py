"""What accounts ask of this room: what is kept of a person."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.asks import gives_own, names_things
from app.accounts.queries.own import write_instant
from app.infra.db import db
from app.supply.offers.models import SurplusClaim, SurplusOffer


@names_things("surplus_offer")
def refs(ids: Collection[int]) -> Mapping[int, str]:
    """Name offers by their reference."""
    rows = db.session.execute(select(SurplusOffer.id, SurplusOffer.public_id).where(SurplusOffer.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


@gives_own("surplus_offers")
def offered_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of what a person offered in the name of organisations."""
    rows = select(SurplusOffer).options(joinedload(SurplusOffer.organisation)).filter_by(person_id=person_id)
    return [
        {
            "ref": each.public_id, "organisation": each.organisation.name, "product": each.product,
            "grams": each.grams, "place": each.place, "note": each.note, "state": each.state,
            "until": write_instant(each.until_at), "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows.order_by(SurplusOffer.id))
    ]  # fmt: skip


@gives_own("surplus_parts_taken")
def taken_by(person_id: int) -> list[dict[str, Any]]:
    """Tell of the parts of offers that a person took in the name of organisations."""
    whole = joinedload(SurplusClaim.offer), joinedload(SurplusClaim.organisation)
    rows = select(SurplusClaim).options(*whole).filter_by(person_id=person_id).order_by(SurplusClaim.id)
    return [
        {
            "offer": each.offer.public_id, "organisation": each.organisation.name, "grams": each.grams,
            "message": each.message, "state": each.state, "at": write_instant(each.created_at),
        }
        for each in db.session.scalars(rows)
    ]  # fmt: skip
