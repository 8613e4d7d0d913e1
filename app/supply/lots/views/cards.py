"""Lots and notes in a few words, for lists."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.core.policy import Actor
from app.supply.cargo_words import REGIMES, kilos
from app.supply.lots.models import Handover, Incident
from app.supply.lots.queries import Found
from app.supply.lots.rules import NoteState
from app.supply.lots.words import (
    INCIDENT_STATES,
    NOTE_STATES,
    dates_words,
    incident_words,
    moment_words,
    place_words,
    receiver_words,
    standing_words,
    state_of,
    where_words,
)


def lot_line(found: Found) -> dict[str, Any]:
    """Write a lot."""
    lot = found.lot
    state, words = state_of(found)
    facts = (standing_words(found), dates_words(lot))
    return {
        "href": url_for("lots.show", lot_ref=lot.public_id),
        "name": lot.product,
        "standing": "\N{NO-BREAK SPACE}· ".join(each for each in facts if each),
        "where": place_words(lot) or str(REGIMES[lot.regime]),
        "who": lot.organisation.name,
        "state": state,
        "words": words,
    }


def note_line(note: Handover, actor: Actor) -> dict[str, Any]:
    """Write a hand-over note, with what somebody can do with it."""
    state, words = NOTE_STATES[note.state]
    return {
        "href": url_for("lots.note", note_ref=note.public_id),
        "name": goods_words(note),
        "sides": _("%(giver)s to %(receiver)s", giver=note.giver.name, receiver=receiver_words(note)),
        "when": moment_words(note.territory, note.at),
        "state": state,
        "words": words,
        "act": _act(note, actor),
    }


def incident_line(incident: Incident) -> dict[str, Any]:
    """Write an incident."""
    state, words = INCIDENT_STATES[incident.state]
    return {
        "href": url_for("lots.incident", incident_ref=incident.public_id),
        "name": where_words(incident),
        "sides": incident_words(incident),
        "when": moment_words(incident.territory, incident.at),
        "state": state,
        "words": words,
        "act": "",
    }


def caution_line(incident: Incident) -> dict[str, str]:
    """Warn whoever would put something in a place whose cold chain broke, and of nobody's lots."""
    place, owner = incident.resource, incident.organisation
    said = _(
        "The cold chain broke there on %(when)s. Ask “%(name)s” before you put anything there.",
        when=moment_words(incident.territory, incident.at),
        name=owner.name,
    )
    phone = (place.site.phone if place else "") or owner.phone
    return {"where": where_words(incident), "says": said, "phone": phone}


def todo_line(line: dict[str, Any], icon: str) -> dict[str, str]:
    """Write what waits for somebody, with the way to it, out of the line of a note or an incident."""
    label = _("%(act)s: %(what)s", act=line["act"], what=line["name"]) if line["act"] else line["name"]
    detail = f"{line['sides']}\N{NO-BREAK SPACE}· {line['when']}"
    return {"label": label, "detail": detail, "href": line["href"], "icon": icon}


def goods_words(note: Handover) -> str:
    """Say what a note hands over: "40 kg, Courgettes", or of how many lots."""
    weight = kilos(sum(line.grams for line in note.lines))
    products = sorted({line.lot.product for line in note.lines})
    return _("%(kilos)s, %(product)s", kilos=weight, product=", ".join(products))


def _act(note: Handover, actor: Actor) -> str:
    """Name what somebody has to do next, if anything."""
    if note.state == NoteState.DRAFTED and actor.belongs_to(note.giver_id):
        return _("Sign")
    if note.state == NoteState.GIVEN and actor.belongs_to(note.receiver_id):
        return _("Receive")
    if actor.belongs_to(note.giver_id) and any(
        each.came_back_grams and not each.returned for each in note.lines
    ):
        return _("Say what came back")
    return ""
