"""Offering: posted, changed, withdrawn by the organisation that has too much."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.core.span import to_wall
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.cargo import Cargo
from app.supply.edits import refuse_undoing
from app.supply.keys import refuse_other
from app.supply.offers import events
from app.supply.offers.errors import BadOffer, LessThanTaken, NotTakingPart, OfferEnded
from app.supply.offers.handed import handed_of
from app.supply.offers.models import SurplusOffer
from app.supply.offers.rules import LONGEST_OFFER, MOST_CENTS, Category, ClaimState, Point, State
from app.supply.offers.service.common import (
    bring_to,
    checked,
    checked_line,
    checked_product,
    checked_reason,
    come_to,
    live_claims,
    lock_offer,
    note,
)
from app.supply.offers.service.paying import let_go


class Place(NamedTuple):
    """Where something is collected: its commune (INSEE code), where exactly, and the point on the map."""

    commune_code: str
    words: str
    point: Point


@dataclass(frozen=True)
class NewOffer:
    """What is offered. `until_at` is the last moment to collect it; `price_cents` is for a kilo, 0 for a gift.

    It can be collected at once where no `from_at` is said.
    """

    product: str
    category: Category
    cargo: Cargo
    place: Place
    from_at: datetime | None
    until_at: datetime
    use_by: date | None = None
    price_cents: int = 0
    note: str = ""

    def columns(self) -> dict[str, Any]:
        """Give what is written down of it."""
        return {
            "product": self.product, "category": self.category, "grams": self.cargo.grams,
            "packaging": self.cargo.packaging, "per_package": self.cargo.per_package,
            "regime": self.cargo.regime, "commune_code": self.place.commune_code,
            "place": self.place.words, "lat": self.place.point.lat, "lon": self.place.point.lon,
            "from_at": self.from_at, "until_at": self.until_at, "use_by": self.use_by,
            "price_cents": self.price_cents, "note": self.note,
        }  # fmt: skip


def post(
    actor: Actor, organisation_id: int, new: NewOffer, key: str | None = None, photo: str | None = None
) -> SurplusOffer:
    """Offer something in the name of an organisation; under one key, once. `photo` is what `keep_photo` gave.

    Raise NotTakingPart, OrganisationInactive, BadOffer, TextTooLong, KeyReused.
    """
    if not actor.belongs_to(organisation_id):
        raise NotTakingPart(organisation=organisation_id)
    with atomic() as session:
        one_at_a_time(f"surplus:{actor.person_id}")
        organisation = keep_organisation(organisation_id)
        person = keep_person(actor.person_id)
        known = select(SurplusOffer).filter_by(person_id=person.id, idempotency_key=key)
        if key and (made := session.scalar(known)):
            return _the_same(made, organisation_id, _trimmed(new))
        now = clock.now()
        new = _checked(new, organisation, now)
        offer = SurplusOffer(
            public_id=new_public_id(), territory_id=organisation.territory_id, organisation_id=organisation.id,
            person_id=person.id, photo=photo, state=State.OPEN, created_at=now, changed_at=now,
            idempotency_key=key, **new.columns(),
        )  # fmt: skip
        session.add(offer)
        note(offer, "posted", actor, grams=offer.grams)
        emit(events.OfferPosted(offer.id, actor.person_id))
    return offer


def _the_same(made: SurplusOffer, organisation_id: int, new: NewOffer) -> SurplusOffer:
    """Give what was posted under a key; raise KeyReused where that was another offer, not where it changed since."""
    asked = new.columns() if made.changed_at == made.created_at else {}
    if new.from_at is None:
        asked.pop("from_at", None)
    refuse_other(made, asked | {"organisation_id": organisation_id})
    return made


def change(
    actor: Actor, offer_id: int, new: NewOffer, photo: str | None = None, seen: int | None = None
) -> bool:
    """Correct an offer, make it larger or smaller; never smaller than what was taken of it.

    Tell whether who took a part is told. A new price holds for what is still free: what was taken keeps its own.

    `seen` is the last correction when it was looked at. Raise NotTakingPart, OfferEnded, ChangedMeanwhile, BadOffer,
    LessThanTaken, TextTooLong.
    """
    with atomic() as session:
        offer = _own(actor, offer_id)
        now = clock.now()
        if not offer.is_open_at(now):
            raise OfferEnded(state=offer.state)
        new = _checked(new, session.get_one(Organisation, offer.organisation_id), now)
        columns = new.columns() | {"photo": photo or offer.photo}
        refuse_undoing(actor, offer, columns, seen)
        taken = sum(claim.grams for claim in live_claims(offer.id))
        if new.cargo.grams < taken:
            raise LessThanTaken(field="amount", taken=taken)
        changed = sorted(name for name, value in columns.items() if getattr(offer, name) != value)
        if not changed:
            return False
        is_more = new.cargo.grams > offer.grams
        come_to(offer, "change")
        for name in changed:
            setattr(offer, name, columns[name])
        note(offer, "changed", actor, changed=changed)
        is_told = bool(taken and set(changed) - {"photo", "price_cents"})
        if is_told:
            emit(events.OfferChanged(offer.id, actor.person_id))
        if is_more:
            emit(events.OfferEnlarged(offer.id, actor.person_id))
    return is_told


def withdraw(actor: Actor, offer_id: int, reason: str) -> None:
    """Offer it no longer, with a reason that who took a part reads; what was collected stays so.

    Raise NotTakingPart, ReasonMissing, TextTooLong, IllegalMove.
    """
    reason = checked_reason(reason)
    with atomic():
        end(_own(actor, offer_id), actor, reason)


def end(offer: SurplusOffer, actor: Actor, reason: str) -> None:
    """Withdraw an offer that is locked, and cancel what was taken of it and neither collected nor handed over."""
    come_to(offer, "withdraw")
    offer.reason = reason
    waiting = [claim for claim in live_claims(offer.id) if claim.state == ClaimState.CLAIMED]
    handed = handed_of([claim.public_id for claim in waiting])
    ended = [claim for claim in waiting if claim.public_id not in handed]
    for claim in ended:
        bring_to(claim, "cancel")
        let_go(claim)
        claim.reason = reason
    note(offer, "withdrawn", actor, reason=reason)
    emit(events.OfferWithdrawn(offer.id, actor.person_id, tuple(claim.id for claim in ended)))


def _own(actor: Actor, offer_id: int) -> SurplusOffer:
    offer = lock_offer(offer_id)
    if not actor.belongs_to(offer.organisation_id):
        raise NotTakingPart(organisation=offer.organisation_id)
    return offer


def _checked(new: NewOffer, organisation: Organisation, now: datetime) -> NewOffer:
    """Refuse what cannot be offered; give it with its words trimmed, and from when on."""
    new = _trimmed(new)
    from_at = new.from_at or now
    if not 0 <= new.price_cents <= MOST_CENTS:
        raise BadOffer(field="price", reason="price", most=MOST_CENTS)
    if new.until_at <= max(now, from_at):
        raise BadOffer(field="until_day", reason="until")
    if new.until_at - now > LONGEST_OFFER:
        raise BadOffer(field="until_day", reason="too_long", days=LONGEST_OFFER // timedelta(days=1))
    zone = ZoneInfo(organisation.territory.timezone)
    if new.use_by is not None and new.use_by < to_wall(new.until_at, zone).date():
        raise BadOffer(field="use_by", reason="use_by")
    return replace(new, from_at=from_at)


def _trimmed(new: NewOffer) -> NewOffer:
    product, words = checked_product(new.product, new.cargo), checked_line(new.place.words)
    return replace(
        new, product=product, place=new.place._replace(words=words), note=checked(new.note, "note")
    )
