"""From events to letters, as `handovers`: a cold chain broke, or somebody said what becomes of its lots."""

from collections.abc import Collection
from dataclasses import replace

from app.accounts import queries as accounts
from app.accounts.queries import load_actor
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.handovers import who_answers
from app.notifications.letters.incidents import LETTERS, About
from app.notifications.letters.letter import message
from app.notifications.quiet import is_quiet
from app.supply.lots import events
from app.supply.lots.models import Incident
from app.supply.lots.queries import affected, affected_by
from app.supply.lots.service import answers
from app.web.i18n import speaking

_WRITE = "notifications.write_incident"


@listens(events.IncidentOpened)
def on_opened(event: events.IncidentOpened) -> None:
    """Tell who has the lots, who answers for the place, and the coordination."""
    incident = db.session.get_one(Incident, event.incident_id)
    more = f":{'-'.join(map(str, event.lot_ids))}"
    _tell("incident_opened", incident, event.actor_id, _holders(incident) | _answering(incident), more)


@listens(events.IncidentClosed)
def on_closed(event: events.IncidentClosed) -> None:
    """Tell who has the lots."""
    incident = db.session.get_one(Incident, event.incident_id)
    _tell("incident_closed", incident, event.actor_id, _holders(incident))


@listens(events.ReadingCorrected)
def on_corrected(event: events.ReadingCorrected) -> None:
    """Tell who has the lots, and who answers for the place: the figure that raised the alarm was another one."""
    incident = db.session.get_one(Incident, event.incident_id)
    people = _holders(incident) | _answering(incident)
    _tell("incident_corrected", incident, event.actor_id, people, f":{event.correction_id}")


def _holders(incident: Incident) -> set[int]:
    """List (ids) who answers for the organisations that have the lots."""
    holders = {lot.organisation_id for lot in affected_by(incident.id)}
    return {person.id for organisation_id in holders for person in who_answers(organisation_id)}


def _answering(incident: Incident) -> set[int]:
    """List (ids) who answers for the place or the hand-over, and the coordination."""
    people = [*who_answers(incident.organisation_id), *accounts.coordinators_of(incident.territory_id)]
    if incident.resource is not None:
        people += accounts.managers_of(incident.resource.site_id)
    return {person.id for person in people}


def _tell(
    letter: str, incident: Incident, actor_id: int | None, people: Collection[int], more: str = ""
) -> None:
    if is_quiet():
        return
    for person_id in sorted(people):
        if person_id != actor_id:
            about = {"letter": letter, "incident": incident.id, "person": person_id}
            key = f"{letter}:{incident.id}:{person_id}{more}"[:120]
            enqueue(_WRITE, about, dedup_key=key, territory_id=incident.territory_id)


@job(_WRITE)
def write_incident(payload: Payload) -> None:
    """Write to one person about an incident, with the lots that are theirs; with all, to who answers for it."""
    incident = db.session.get(Incident, payload["incident"], populate_existing=True)
    person = queries.find_person(payload["person"])
    if incident is None or person is None:
        return
    found = affected(incident)
    reader, lots = load_actor(person.id), found.lots
    theirs = lots if answers(reader, incident) else [x for x in lots if reader.belongs_to(x.organisation_id)]
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](About(incident, theirs, found.outcomes))
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=incident.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
