"""What the page of a note says of cold chains that broke: what stands in the way of it, and what was closed since."""

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _

from app.core.policy import can
from app.supply.lots import queries
from app.supply.lots.models import Handover, Incident
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.rules import NOTE, IncidentState, NoteState
from app.supply.lots.words import closed_words, outcomes_words
from app.web.identity import current_actor


def broken_of(note: Handover, flagged: Mapping[int, Incident]) -> list[dict[str, str]]:
    """Write the open incidents of a hand-over, and of its lots (`flagged`, by lot) while it is still to be signed."""
    own = [each for each in queries.incidents_on_note(note.id) if each.state == IncidentState.OPEN]
    of_lots = flagged.values() if NOTE.acts(note.state) else ()
    found = {each.id: each for each in (*own, *of_lots)}
    return [
        {"says": _says(note, each, is_blocked=bool(flagged)), "href": _way_to(each)}
        for each in found.values()
    ]


def _says(note: Handover, incident: Incident, *, is_blocked: bool) -> str:
    """Say what cannot be done while an incident is open, and what can."""
    name = incident.organisation.name
    if note.state == NoteState.DRAFTED and is_blocked:
        return _(
            "Nobody signs before the incident is closed: “%(name)s” says there whether it can be eaten. If the "
            "temperature was mistyped, correct the note; to hand it over no more, cancel it.",
            name=name,
        )
    if note.state == NoteState.GIVEN and is_blocked:
        return _(
            "Nobody signs before the incident is closed: “%(name)s” says there whether it can be eaten. Until then who "
            "receives can refuse it, and who gives can cancel it.",
            name=name,
        )
    return _(
        "While the incident is open, nobody hands over what it affects: “%(name)s” says there what becomes of it.",
        name=name,
    )


def closed_of(note: Handover) -> list[dict[str, str]]:
    """Write the closed incidents of a hand-over: when, what becomes of its lots, what was done."""
    closed = [each for each in queries.incidents_on_note(note.id) if each.state == IncidentState.CLOSED]
    rows = queries.affected_by_each([each.id for each in closed])
    return [
        {
            "title": closed_words(each),
            "says": outcomes_words(each, rows[each.id]),
            "measures": each.measures,
            "href": _way_to(each),
        }
        for each in closed
    ]


def _way_to(incident: Incident) -> str:
    """Give the address of an incident, for who may see it."""
    is_seen = can(current_actor(), P.SEE_INCIDENT, queries.affected(incident))
    return url_for("lots.incident", incident_ref=incident.public_id) if is_seen else ""
