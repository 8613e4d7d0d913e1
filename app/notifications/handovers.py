"""From events to letters, as `surplus`: a note is to be signed, was received, refused, contested or cancelled."""

from dataclasses import replace

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.letters.handovers import LETTERS
from app.notifications.letters.letter import message
from app.notifications.quiet import is_quiet
from app.supply.lots import events
from app.supply.lots.models import Handover
from app.web.i18n import speaking

_WRITE = "notifications.write_handover"


@listens(events.NoteGiven)
def on_given(event: events.NoteGiven) -> None:
    """Ask who receives to sign."""
    note = db.session.get_one(Handover, event.note_id)
    _tell("handover_given", note, note.receiver_id, event.actor_id)


@listens(events.NoteReceived)
def on_received(event: events.NoteReceived) -> None:
    """Tell who gave what came; and who received, where that was signed in their name."""
    note = db.session.get_one(Handover, event.note_id)
    _tell("handover_received", note, note.giver_id, event.actor_id)
    _tell_in_whose_name(note)


@listens(events.NoteRefused)
def on_refused(event: events.NoteRefused) -> None:
    """Tell who gave that it is still theirs."""
    note = db.session.get_one(Handover, event.note_id)
    _tell("handover_refused", note, note.giver_id, event.actor_id)
    _tell_in_whose_name(note)


@listens(events.NoteContested)
def on_contested(event: events.NoteContested) -> None:
    """Tell who gave that the receiver contests what was signed in its name."""
    note = db.session.get_one(Handover, event.note_id)
    _tell("handover_contested", note, note.giver_id, event.actor_id)


@listens(events.NoteCancelled)
def on_cancelled(event: events.NoteCancelled) -> None:
    """Tell who was to receive it."""
    note = db.session.get_one(Handover, event.note_id)
    _tell("handover_cancelled", note, note.receiver_id, event.actor_id)


def _tell_in_whose_name(note: Handover) -> None:
    """Tell the receiver what was signed for it on the giver's telephone: it is theirs to confirm or to contest."""
    if note.is_on_the_spot:
        _tell("handover_in_your_name", note, note.receiver_id, None)


def who_answers(organisation_id: int) -> list[Person]:
    """List who answers for an organisation: its administrators, where it has none all its members."""
    return accounts.administrators_of(organisation_id) or accounts.people_of(organisation_id)


def _tell(letter: str, note: Handover, side_id: int | None, actor_id: int | None) -> None:
    """Queue a letter to each person who answers for one side, but who did it."""
    if is_quiet() or side_id is None:
        return
    for person in who_answers(side_id):
        if person.id != actor_id:
            about = {"letter": letter, "note": note.id, "person": person.id}
            key = f"{letter}:{note.id}:{person.id}"
            enqueue(_WRITE, about, dedup_key=key, territory_id=note.territory_id)


@job(_WRITE)
def write_handover(payload: Payload) -> None:
    """Write to one person about a note, if that is still so."""
    note = db.session.get(Handover, payload["note"], populate_existing=True)
    person = queries.find_person(payload["person"])
    if note is None or person is None:
        return
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](note)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=note.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
