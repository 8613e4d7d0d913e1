"""From a recall to letters: to who answers for each organisation that has something of it, and the coordination."""

from dataclasses import replace

from app.accounts import queries as accounts
from app.accounts.queries import load_actor
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.handovers import who_answers
from app.notifications.letters.letter import message
from app.notifications.letters.recalled import About, lot_recalled
from app.notifications.quiet import is_quiet
from app.supply.lots import events
from app.supply.lots.models import Lot
from app.supply.lots.queries import spread_of
from app.web.i18n import speaking

_WRITE = "notifications.write_recall"


@listens(events.LotRecalled)
def on_recalled(event: events.LotRecalled) -> None:
    """Queue a letter to each person concerned, but who did it."""
    if is_quiet():
        return
    lot = db.session.get_one(Lot, event.lot_id)
    people = {person.id for holder_id in event.organisation_ids for person in who_answers(holder_id)}
    people |= {person.id for person in accounts.coordinators_of(lot.territory_id)}
    for person_id in sorted(people - {event.actor_id}):
        about = {"lot": lot.id, "person": person_id, "reason": event.reason}
        enqueue(_WRITE, about, territory_id=lot.territory_id)


@job(_WRITE)
def write_recall(payload: Payload) -> None:
    """Write to one person, with the lots that are theirs; to the coordination, with all."""
    lot = db.session.get(Lot, payload["lot"])
    person = queries.find_person(payload["person"])
    if lot is None or person is None:
        return
    reader, spread = load_actor(person.id), [each.lot for each in spread_of(lot).lots]
    sees_all = lot.territory_id in reader.coordinated
    theirs = [each for each in spread if sees_all or reader.belongs_to(each.organisation_id)]
    with speaking(person.locale):
        letter = lot_recalled(About(lot, payload["reason"], theirs))
        mail = message(
            replace(letter, name=person.name, signed=lot.territory.name), person.email, person.locale
        )
    deliver(mail)
