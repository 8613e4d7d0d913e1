"""From events to letters, as `listeners` and `tasks`: gleaners are called, a call changes or ends, a place is free."""

from dataclasses import replace

from app.accounts.models import Organisation
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.infra.uow import atomic
from app.notifications import queries
from app.notifications.letters.gleanings import LETTERS, About
from app.notifications.letters.letter import message
from app.notifications.members import who_answers
from app.notifications.quiet import is_quiet
from app.supply.gleanings import events
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.queries import count_of, find_sign_up, sign_ups_of
from app.supply.offers.queries import concerned_by, nearest, points_of
from app.web.i18n import speaking

_SPREAD, _WRITE = "notifications.spread_gleaning", "notifications.write_gleaning"


@listens(events.GleaningCalled)
def on_called(event: events.GleaningCalled) -> None:
    """Tell those whom it concerns, once it is there: who that is takes a while to find out."""
    if not is_quiet():
        enqueue(_SPREAD, {"gleaning": event.gleaning_id}, dedup_key=f"{_SPREAD}:{event.gleaning_id}")


@listens(events.GleaningChanged)
def on_changed(event: events.GleaningChanged) -> None:
    """Tell who signed up that it is not what it said."""
    _tell_all("gleaning_changed", event)


@listens(events.GleaningCancelled)
def on_cancelled(event: events.GleaningCancelled) -> None:
    """Tell who signed up that it does not take place, and why."""
    _tell_all("gleaning_cancelled", event)


@listens(events.MovedUp)
def on_moved_up(event: events.MovedUp) -> None:
    """Tell who was in line that a place is theirs."""
    those = {each.id: each.person_id for each in sign_ups_of(event.gleaning_id)}
    for sign_up_id in event.sign_up_ids:
        _tell("gleaning_place", event.gleaning_id, those[sign_up_id])


@listens(events.PartFree)
def on_part_free(event: events.PartFree) -> None:
    """Tell who is the first in line that some of them could come."""
    those = {each.id: each.person_id for each in sign_ups_of(event.gleaning_id)}
    _tell("gleaning_part", event.gleaning_id, those[event.sign_up_id])


def _tell_all(letter: str, event: events.GleaningEvent) -> None:
    for each in sign_ups_of(event.gleaning_id):
        if each.person_id != event.actor_id:
            _tell(letter, event.gleaning_id, each.person_id)


def _tell(letter: str, gleaning_id: int, person_id: int) -> None:
    if is_quiet():
        return
    gleaning = db.session.get_one(Gleaning, gleaning_id)
    about = {"letter": letter, "gleaning": gleaning_id, "person": person_id}
    key = f"{letter}:{gleaning_id}:{person_id}"
    enqueue(_WRITE, about, dedup_key=key, territory_id=gleaning.territory_id)


@job(_SPREAD)
def spread_gleaning(payload: Payload) -> None:
    """Queue a letter to each person who answers for organisations that a call concerns: one, for all of these."""
    gleaning = db.session.get(Gleaning, payload["gleaning"])
    if gleaning is None:
        return
    readers: dict[int, int] = {}
    for organisation_id in concerned_by(gleaning):
        for person in who_answers(organisation_id):
            readers.setdefault(person.id, organisation_id)
    gleaning_id, territory_id = gleaning.id, gleaning.territory_id
    with atomic():
        for person_id, organisation_id in readers.items():
            about = {"letter": "gleaning_called", "gleaning": gleaning_id, "person": person_id}
            key = f"gleaning_called:{gleaning_id}:{person_id}"
            enqueue(
                _WRITE, about | {"organisation": organisation_id}, dedup_key=key, territory_id=territory_id
            )


@job(_WRITE)
def write_gleaning(payload: Payload) -> None:
    """Write to one person about a gleaning, if that is still so."""
    gleaning = db.session.get(Gleaning, payload["gleaning"], populate_existing=True)
    person = queries.find_person(payload["person"])
    if gleaning is None or person is None:
        return
    reader = db.session.get(Organisation, payload.get("organisation") or 0)
    points = points_of([reader]).get(reader.id, ()) if reader else ()
    own = find_sign_up(gleaning.id, person.id)
    left = gleaning.most_people - count_of(gleaning.id).going
    about = About(gleaning, own, reader, nearest(points, gleaning.point), left)
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](about)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=gleaning.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
