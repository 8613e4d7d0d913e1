"""From events to letters, as `listeners` and `tasks`: surplus is offered near by, taken, given back, withdrawn."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.accounts.models import Organisation, Person
from app.core import clock
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.infra.uow import atomic
from app.notifications import queries
from app.notifications.letters.letter import message
from app.notifications.letters.surplus import LETTERS, About
from app.notifications.members import who_acts, who_answers
from app.notifications.quiet import is_quiet
from app.supply.chains.queries import carrying
from app.supply.offers import events
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import claims_of, concerned_by, left_of, nearest, points_of
from app.supply.offers.rules import LIVE, REMINDED_AFTER, TOLD_AGAIN, ClaimState
from app.supply.offers.service import note_told
from app.web.i18n import speaking

_SPREAD, _WRITE = "notifications.spread_surplus", "notifications.write_surplus"


@listens(events.OfferPosted)
def on_posted(event: events.OfferPosted) -> None:
    """Tell those whom it concerns, once it is there: who that is takes a while to find out."""
    if not is_quiet():
        enqueue(_SPREAD, {"offer": event.offer_id}, dedup_key=f"{_SPREAD}:{event.offer_id}")


@listens(events.OfferEnlarged)
def on_enlarged(event: events.OfferEnlarged) -> None:
    """Tell those whom it concerns that there is more of it."""
    _spread_again(db.session.get_one(SurplusOffer, event.offer_id))


@listens(events.OfferChanged)
def on_changed(event: events.OfferChanged) -> None:
    """Tell who took a part that it is not what it said."""
    for claim in claims_of(event.offer_id):
        if claim.state in LIVE:
            _tell("surplus_changed", claim.offer, claim, _who_took(claim), event.actor_id)


@listens(events.OfferWithdrawn)
def on_withdrawn(event: events.OfferWithdrawn) -> None:
    """Tell who took a part that it ended, and why."""
    for claim in claims_of(event.offer_id):
        if claim.id in event.claim_ids:
            _tell("surplus_withdrawn", claim.offer, claim, _who_took(claim), event.actor_id)
            _tell_carriers(claim)


@listens(events.OfferExpired)
def on_expired(event: events.OfferExpired) -> None:
    """Tell who offered what nobody took; and in two days both sides of what is still to be collected then."""
    offer = db.session.get_one(SurplusOffer, event.offer_id)
    if event.left_grams:
        _tell("surplus_over", offer, None, _who_offers(offer), None)
    for claim in claims_of(event.offer_id):
        if claim.state == ClaimState.CLAIMED:
            _tell("surplus_uncollected", offer, claim, _both(claim), None, offer.until_at + REMINDED_AFTER)


@listens(events.PartClaimed)
def on_claimed(event: events.PartClaimed) -> None:
    """Tell who offers what was taken, and by whom."""
    claim = db.session.get_one(SurplusClaim, event.claim_id)
    _tell("surplus_taken", claim.offer, claim, _who_offers(claim.offer), event.actor_id)


@listens(events.PartGivenBack)
def on_given_back(event: events.PartGivenBack) -> None:
    """Tell who offers that a part is free again, and those whom it concerns."""
    claim = db.session.get_one(SurplusClaim, event.claim_id)
    _tell("surplus_given_back", claim.offer, claim, _who_offers(claim.offer), event.actor_id)
    _tell_carriers(claim)
    _spread_again(claim.offer)


@listens(events.PartLapsed)
def on_lapsed(event: events.PartLapsed) -> None:
    """Tell both sides that a part nobody collected has ended."""
    claim = db.session.get_one(SurplusClaim, event.claim_id)
    _tell("surplus_lapsed", claim.offer, claim, _both(claim), None)
    _tell_carriers(claim)


@listens(events.PartCollected)
def on_collected(event: events.PartCollected) -> None:
    """Tell who took a part that it is noted as collected."""
    claim = db.session.get_one(SurplusClaim, event.claim_id)
    _tell("surplus_collected", claim.offer, claim, _who_took(claim), event.actor_id)


@listens(events.PartDenied)
def on_denied(event: events.PartDenied) -> None:
    """Tell who offers that who took a part did not collect it."""
    claim = db.session.get_one(SurplusClaim, event.claim_id)
    _tell("surplus_denied", claim.offer, claim, _who_offers(claim.offer), event.actor_id)


@listens(events.PartCancelled)
def on_cancelled(event: events.PartCancelled) -> None:
    """Tell who took a part that they do not get it, and why."""
    claim = db.session.get_one(SurplusClaim, event.claim_id)
    _tell("surplus_part_cancelled", claim.offer, claim, _who_took(claim), event.actor_id)
    _tell_carriers(claim)


def _spread_again(offer: SurplusOffer) -> None:
    """Tell those whom an offer concerns of it again, a day after the last time at the earliest."""
    now = clock.now()
    run_at = max(now, offer.told_at + TOLD_AGAIN) if offer.told_at else now
    if not is_quiet() and offer.is_open_at(run_at):
        enqueue(_SPREAD, {"offer": offer.id}, dedup_key=f"{_SPREAD}:{offer.id}", run_at=run_at)


def _who_offers(offer: SurplusOffer) -> list[Person]:
    return who_acts(offer.person, offer.organisation_id)


def _who_took(claim: SurplusClaim) -> list[Person]:
    return who_acts(claim.person, claim.organisation_id)


def _both(claim: SurplusClaim) -> list[Person]:
    return list({each.id: each for each in (*_who_took(claim), *_who_offers(claim.offer))}.values())


def _tell_carriers(claim: SurplusClaim) -> None:
    """Tell who asked for chains that were to carry a part, whoever ended it: these keep places for nothing."""
    asked = {each.bundle.id: each.bundle for each in carrying(claim.public_id)}.values()
    people = {
        each.id: each for bundle in asked for each in who_acts(bundle.requester, bundle.organisation_id)
    }
    _tell("surplus_chain_empty", claim.offer, claim, people.values(), None)


def _tell(
    letter: str,
    offer: SurplusOffer,
    claim: SurplusClaim | None,
    people: Iterable[Person],
    actor_id: int | None,
    run_at: datetime | None = None,
) -> None:
    if is_quiet():
        return
    about = {"letter": letter, "offer": offer.id, "claim": claim.id if claim else None}
    for person in people:
        if person.id != actor_id:
            key = f"{letter}:{offer.id}:{about['claim']}:{person.id}"
            about_them = {**about, "person": person.id}
            enqueue(_WRITE, about_them, dedup_key=key, run_at=run_at, territory_id=offer.territory_id)


@job(_SPREAD)
def spread_offer(payload: Payload) -> None:
    """Queue a letter to each person who answers for organisations that an offer concerns: one, for all of these."""
    offer = db.session.get(SurplusOffer, payload["offer"])
    if offer is None or not left_of(offer) or not offer.is_open_at(clock.now()):
        return
    readers: dict[int, int] = {}
    knowing = {claim.organisation_id for claim in claims_of(offer.id)}
    for organisation_id in concerned_by(offer):
        if organisation_id in knowing:  # who took a part, or gave it back
            continue
        for person in who_answers(organisation_id):
            readers.setdefault(person.id, organisation_id)
    offer_id, territory_id = offer.id, offer.territory_id
    with atomic():
        note_told(offer_id)
        for person_id, organisation_id in readers.items():
            about = {"letter": "surplus_offered", "offer": offer_id, "person": person_id}
            key = f"surplus_offered:{offer_id}:{person_id}"
            enqueue(
                _WRITE, about | {"organisation": organisation_id}, dedup_key=key, territory_id=territory_id
            )


@job(_WRITE)
def write_surplus(payload: Payload) -> None:
    """Write to one person about an offer or a part of it, if that is still so."""
    offer = db.session.get(SurplusOffer, payload["offer"], populate_existing=True)
    person = queries.find_person(payload["person"])
    if offer is None or person is None:
        return
    about = _about(offer, payload)
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](about)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=offer.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)


def _about(offer: SurplusOffer, payload: Payload) -> About:
    claim = db.session.get(SurplusClaim, payload.get("claim") or 0, populate_existing=True)
    reader = db.session.get(Organisation, payload.get("organisation") or 0)
    points = points_of([reader]).get(reader.id, ()) if reader else ()
    chains = tuple(carrying(claim.public_id)) if claim else ()
    return About(offer, left_of(offer), claim, reader, nearest(points, offer.point), chains)
