"""Taking parts of what is offered: all that is left or some of it, never more than there is."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.service.locks import keep_organisation, keep_person
from app.bookings.errors import KeyReused
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.offers import events
from app.supply.offers.errors import (
    NothingTaken,
    NotTakingPart,
    OfferEnded,
    OwnOffer,
    PriceChanged,
    TooEarly,
    TooLittleLeft,
)
from app.supply.offers.handed import NOTHING, handed_of, refuse_handed
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import find_part
from app.supply.offers.rules import LAPSES_AFTER, ClaimState
from app.supply.offers.service.common import (
    bring_to,
    checked,
    checked_reason,
    live_claims,
    lock_claim,
    lock_offer,
    lock_parts,
    note,
)
from app.supply.offers.service.paying import let_go, promise_price, refuse_charged


@dataclass(frozen=True)
class Part:
    """What somebody takes for an organisation: so many grams, None for all that is left. Under one `key`, once.

    `price_cents` is what a kilo costs as they have read it: what is taken keeps it. None takes it as it is.
    """

    organisation_id: int
    grams: int | None = None
    message: str = ""
    key: str | None = None
    price_cents: int | None = None


def take(actor: Actor, offer_id: int, part: Part) -> SurplusClaim:
    """Take a part of an offer: it is theirs at once.

    Raise NotTakingPart, OrganisationInactive, OwnOffer, OfferEnded, PriceChanged, TooLittleLeft, NothingTaken,
    TextTooLong, KeyReused.
    """
    if not actor.belongs_to(part.organisation_id):
        raise NotTakingPart(organisation=part.organisation_id)
    message = checked(part.message, "message")
    with atomic() as session:
        organisation = keep_organisation(part.organisation_id)
        person = keep_person(actor.person_id)
        offer = lock_offer(offer_id)
        if organisation.territory_id != offer.territory_id:
            raise NotTakingPart(organisation=organisation.id)
        if known := _known(person.id, offer, part):
            return known
        grams = _there(offer, part)
        claim = SurplusClaim(
            public_id=new_public_id(), offer_id=offer.id, organisation_id=organisation.id, person_id=person.id,
            grams=grams, price_cents=offer.price_cents, message=message, state=ClaimState.CLAIMED,
            created_at=clock.now(), idempotency_key=part.key,
        )  # fmt: skip
        session.add(claim)
        session.flush()
        promise_price(claim)
        note(offer, "part_taken", actor, part=claim.public_id, grams=grams)
        emit(events.PartClaimed(claim.id, actor.person_id))
    return claim


def keep_part(ref: str) -> SurplusClaim | None:
    """Find a part as it is now; it does not change before the use case of the room above that asks this ends."""
    found = find_part(ref)
    return lock_claim(found.id) if found else None


def give_back(actor: Actor, claim_id: int) -> None:
    """Leave a part to others, by who took it. Raise NotFound, NotTakingPart, PartHandedOver, IllegalMove."""
    with atomic():
        claim = _of_own(actor, claim_id)
        refuse_handed(claim)
        give_up(claim, actor)


def give_up(claim: SurplusClaim, actor: Actor) -> None:
    """End a part whose offer is locked, by the side that took it."""
    bring_to(claim, "give_back")
    let_go(claim)
    note(claim.offer, "part_given_back", actor, part=claim.public_id, grams=claim.grams)
    emit(events.PartGivenBack(claim.id, actor.person_id))


def lapse(claim_id: int) -> bool:
    """End a part of which nobody noted in time that it was collected; tell whether it was still so."""
    with atomic():
        claim = lock_claim(claim_id)
        if claim.state != ClaimState.CLAIMED or clock.now() < claim.offer.until_at + LAPSES_AFTER:
            return False
        if claim.public_id in handed_of([claim.public_id]):
            return False  # some of it is gone: it is nobody else's any more
        bring_to(claim, "lapse")
        let_go(claim)
        note(claim.offer, "part_lapsed", Actor(), part=claim.public_id, grams=claim.grams)
        emit(events.PartLapsed(claim.id, None))
    return True


def cancel_part(actor: Actor, claim_id: int, reason: str) -> None:
    """Not give a part after all, by who offers, with a reason.

    Raise NotFound, NotTakingPart, ReasonMissing, PartHandedOver, IllegalMove.
    """
    reason = checked_reason(reason)
    with atomic():
        claim = _of_own_offer(actor, claim_id)
        refuse_handed(claim)
        bring_to(claim, "cancel")
        let_go(claim)
        claim.reason = reason
        note(claim.offer, "part_cancelled", actor, part=claim.public_id, reason=reason)
        emit(events.PartCancelled(claim.id, actor.person_id))


def collect(actor: Actor, claim_id: int) -> None:
    """Note that a part was collected, by who offers; who took it is told.

    Raise NotFound, NotTakingPart, TooEarly, IllegalMove.
    """
    with atomic():
        claim = _of_own_offer(actor, claim_id)
        if clock.now() < claim.offer.from_at:
            raise TooEarly(since=claim.offer.from_at, tz=claim.offer.territory.timezone)
        _collect(claim, actor)


def follow_note(actor: Actor, refs: Collection[str]) -> None:
    """Note which parts are collected once a note of them was signed: those of which all was signed for.

    Whatever was signed, their offers stay locked until the use case of the room above ends: nobody gives a part back
    beside a signature that says it is gone.
    """
    with atomic():
        claims = lock_parts(refs)
        handed = handed_of(refs)
        for claim in claims:
            received = handed.get(claim.public_id, NOTHING).received
            if claim.state == ClaimState.CLAIMED and received >= claim.grams:
                _collect(claim, actor)


def _collect(claim: SurplusClaim, actor: Actor) -> None:
    bring_to(claim, "collect")
    note(claim.offer, "part_collected", actor, part=claim.public_id, grams=claim.grams)
    emit(events.PartCollected(claim.id, actor.person_id))


def uncollect(actor: Actor, claim_id: int) -> None:
    """Take back that a part was collected.

    Raise NotFound, NotTakingPart, PartCharged, PartHandedOver, IllegalMove.
    """
    with atomic():
        claim = _of_own_offer(actor, claim_id)
        refuse_charged(claim)
        refuse_handed(claim)
        bring_to(claim, "uncollect")
        note(claim.offer, "part_not_collected", actor, part=claim.public_id)


def deny(actor: Actor, claim_id: int) -> None:
    """Say that a part was not collected, though it is noted so, by who took it; who offers is told.

    Raise NotFound, NotTakingPart, PartCharged, PartHandedOver, IllegalMove.
    """
    with atomic():
        claim = _of_own(actor, claim_id)
        refuse_charged(claim)
        refuse_handed(claim)
        bring_to(claim, "uncollect")
        note(claim.offer, "part_denied", actor, part=claim.public_id)
        emit(events.PartDenied(claim.id, actor.person_id))


def _of_own(actor: Actor, claim_id: int) -> SurplusClaim:
    claim = lock_claim(claim_id)
    if not actor.belongs_to(claim.organisation_id):
        raise NotTakingPart(organisation=claim.organisation_id)
    return claim


def _of_own_offer(actor: Actor, claim_id: int) -> SurplusClaim:
    claim = lock_claim(claim_id)
    if not actor.belongs_to(claim.offer.organisation_id):
        raise NotTakingPart(organisation=claim.offer.organisation_id)
    return claim


def _known(person_id: int, offer: SurplusOffer, part: Part) -> SurplusClaim | None:
    """Find what was taken under this key before; raise KeyReused where that was another part."""
    if not part.key:
        return None
    rows = select(SurplusClaim).filter_by(person_id=person_id, idempotency_key=part.key)
    known = db.session.scalar(rows)
    if known is None:
        return None
    asked = (offer.id, part.organisation_id, part.grams or known.grams)
    if asked != (known.offer_id, known.organisation_id, known.grams):
        raise KeyReused(field="key")
    return known


def _there(offer: SurplusOffer, part: Part) -> int:
    """Tell how many grams are taken; raise where they are not there for this organisation."""
    if part.organisation_id == offer.organisation_id:
        raise OwnOffer
    if not offer.is_open_at(clock.now()):
        raise OfferEnded(state=offer.state)
    if part.price_cents not in {None, offer.price_cents}:
        raise PriceChanged(price_cents=offer.price_cents)
    left = offer.grams - sum(claim.grams for claim in live_claims(offer.id))
    grams = left if part.grams is None else part.grams
    if part.grams is not None and grams <= 0:
        raise NothingTaken(field="amount")
    if not 0 < grams <= left:
        raise TooLittleLeft(field="amount", left=left, asked=grams)
    return grams
