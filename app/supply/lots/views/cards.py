"""Lots and notes in a few words, for lists."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.core.policy import Actor
from app.supply.cargo_words import REGIMES, kilos
from app.supply.lots.models import Handover, Incident
from app.supply.lots.note_forms import unsettled
from app.supply.lots.queries import Found, notes_held_up
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


def note_lines(notes: Sequence[Handover], actor: Actor) -> list[dict[str, Any]]:
    """Write hand-over notes, with what somebody can do with each: nothing while an open incident stands in its way."""
    acts = {note.id: act for note in notes if (act := _act(note, actor))}
    held = notes_held_up([note for note in notes if note.id in acts]) if acts else ()
    return [_note_line(note, "" if note.id in held else acts.get(note.id, "")) for note in notes]


def _note_line(note: Handover, act: str) -> dict[str, Any]:
    state, words = NOTE_STATES[note.state]
    return {
        "href": url_for("lots.note", note_ref=note.public_id),
        "name": goods_words(note),
        "sides": _("%(giver)s to %(receiver)s", giver=note.giver.name, receiver=receiver_words(note)),
        "when": moment_words(note.territory, note.at),
        "state": state,
        "words": words,
        "act": act,
        "asks": _came_back_words(note) or goods_words(note),
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
        "asks": where_words(incident),
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
    label = _("%(act)s: %(what)s", act=line["act"], what=line["asks"]) if line["act"] else line["name"]
    detail = f"{line['sides']}\N{NO-BREAK SPACE}· {line['when']}"
    return {"label": label, "detail": detail, "href": line["href"], "icon": icon}


def goods_words(note: Handover) -> str:
    """Say what a note hands over: "40 kg, Courgettes", or of how many lots."""
    return _goods_words((line.lot.product, line.grams) for line in note.lines)


def _came_back_words(note: Handover) -> str:
    """Say the same of what came back, and nobody has said yet what became of it; nothing where nothing did."""
    back = [(line.lot.product, line.came_back_grams) for line in unsettled(note)]
    return _goods_words(back) if back else ""


def _goods_words(goods: Iterable[tuple[str, int]]) -> str:
    products, grams = zip(*goods, strict=True)
    named = ", ".join(sorted(set(products)))
    return _("%(kilos)s, %(product)s", kilos=kilos(sum(grams)), product=named)


def _act(note: Handover, actor: Actor) -> str:
    """Name what somebody has to do next, if anything."""
    if note.state == NoteState.DRAFTED and actor.belongs_to(note.giver_id):
        return _("Sign")
    if note.state == NoteState.GIVEN and actor.belongs_to(note.receiver_id):
        return _("Receive")
    if actor.belongs_to(note.giver_id) and unsettled(note):
        return _("Say what came back")
    return ""
