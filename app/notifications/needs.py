"""From events to letters, as `listeners` and `tasks`: something fits a need, somebody can help."""

from dataclasses import replace

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.infra.uow import atomic
from app.notifications import queries
from app.notifications.letters.letter import message
from app.notifications.letters.needs import LETTERS, About
from app.notifications.quiet import is_quiet
from app.supply.needs.events import HelpOffered
from app.supply.needs.models import Need, NeedAnswer
from app.supply.needs.queries import needs_for
from app.supply.offers.events import OfferPosted
from app.supply.offers.models import SurplusOffer
from app.supply.offers.queries import concerned_by, interest_of, left_of
from app.web.i18n import speaking

_MATCH, _WRITE = "notifications.match_needs", "notifications.write_need"


@listens(OfferPosted)
def on_posted(event: OfferPosted) -> None:
    """Find out, once it is there, which needs it fits."""
    if not is_quiet():
        enqueue(_MATCH, {"offer": event.offer_id}, dedup_key=f"{_MATCH}:{event.offer_id}")


@listens(HelpOffered)
def on_help(event: HelpOffered) -> None:
    """Tell who looks that somebody can help."""
    if is_quiet():
        return
    answer = db.session.get_one(NeedAnswer, event.answer_id)
    for person in _who_looks(answer.need):
        if person.id != event.actor_id:
            about = {"letter": "need_helped", "need": answer.need_id, "answer": answer.id}
            key = f"need_helped:{answer.id}:{person.id}"
            _queue(about | {"person": person.id}, key, answer.need.territory_id)


@job(_MATCH)
def match_needs(payload: Payload) -> None:
    """Queue a letter to who looks for it: unless the organisation wants none, or they read of it anyway."""
    offer = db.session.get(SurplusOffer, payload["offer"])
    if offer is None:
        return
    told = {person.id for number in concerned_by(offer) for person in _who_answers(number)}
    letters = [
        (need.id, person.id)
        for need in needs_for(offer)
        if interest_of(need.organisation_id).is_wanted
        for person in _who_looks(need)
        if person.id not in told
    ]
    offer_id, territory_id = offer.id, offer.territory_id
    with atomic():
        for need_id, person_id in letters:
            about = {"letter": "need_matched", "need": need_id, "offer": offer_id, "person": person_id}
            _queue(about, f"need_matched:{offer_id}:{person_id}", territory_id)


@job(_WRITE)
def write_need(payload: Payload) -> None:
    """Write to one person about a need, if that is still so."""
    need = db.session.get(Need, payload["need"], populate_existing=True)
    person = queries.find_person(payload["person"])
    if need is None or person is None:
        return
    offer = db.session.get(SurplusOffer, payload.get("offer") or 0, populate_existing=True)
    answer = db.session.get(NeedAnswer, payload.get("answer") or 0, populate_existing=True)
    about = About(need, offer, left_of(offer) if offer else 0, answer)
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](about)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=need.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)


def _queue(about: Payload, key: str, territory_id: int) -> None:
    enqueue(_WRITE, about, dedup_key=key, territory_id=territory_id)


def _who_looks(need: Need) -> list[Person]:
    """List who looks after a need: who posted it, while they are a member, else whoever answers."""
    if accounts.load_actor(need.person_id).belongs_to(need.organisation_id):
        return [need.person]
    return _who_answers(need.organisation_id)


def _who_answers(organisation_id: int) -> list[Person]:
    return accounts.administrators_of(organisation_id) or accounts.people_of(organisation_id)
