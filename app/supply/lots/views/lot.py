"""One lot: one step back, one step forward, what is left, and what can be done with it."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.supply.cargo_words import kilos
from app.supply.lots import queries, service
from app.supply.lots.forms import PlaceForm, ReasonForm, place_id
from app.supply.lots.lot_words import corrections_words, early_words, refused_words
from app.supply.lots.models import Handover, HandoverLine, Incident, Lot, LotSource
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Found
from app.supply.lots.rules import LotState
from app.supply.lots.views import blueprint
from app.supply.lots.views.loading import seen_lot
from app.supply.lots.words import (
    NOTE_STATES,
    incident_words,
    lot_facts,
    moment_words,
    origin_words,
    receiver_words,
    returned_words,
    standing_words,
    state_of,
)
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/lots/<lot_ref>")
@allowed(P.SEE, load=seen_lot)
def show(lot: Lot) -> Response:
    """Show a lot."""
    return _page(lot)


@blueprint.post("/lots/<lot_ref>/ranger")
@allowed(P.KEEP, load=seen_lot)
def store(lot: Lot) -> Response:
    """Say where it is now."""
    form, stores, lot_id = PlaceForm(), queries.stores_in(lot.territory_id), lot.id
    form.prepare(stores)
    if not form.validate():
        return _page(lot, storing=form, status=422)
    place = place_id(form.place, stores)
    return _done(lot, lambda actor: service.store(actor, lot_id, place), _("Saved."), storing=form)


@blueprint.post("/lots/<lot_ref>/detruire")
@allowed(P.KEEP, load=seen_lot)
def destroy(lot: Lot) -> Response:
    """Note that what is left was destroyed."""
    form, lot_id = ReasonForm(), lot.id
    if not form.validate():
        return _page(lot, destroying=form, status=422)
    reason = form.reason.data or ""
    said = _("Noted: what was left of it was destroyed.")
    return _done(lot, lambda actor: service.destroy(actor, lot_id, reason), said, destroying=form)


def _done(lot: Lot, act: Callable[[Actor], Any], said: str, **typed: Any) -> Response:
    ref = lot.public_id
    try:
        act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        for form in typed.values():
            form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(seen_lot(ref), status=status_of(error), **typed)
    flash(said, "success")
    return redirect(url_for("lots.show", lot_ref=ref), 303)


def _page(
    lot: Lot,
    *,
    storing: PlaceForm | None = None,
    destroying: ReasonForm | None = None,
    status: int = 200,
) -> Response:
    [found] = queries.found([lot])
    corrections = queries.corrections_of([lot.id])[lot.id]
    is_ours = can(current_actor(), P.KEEP, lot)
    keeps = is_ours and lot.state == LotState.HELD and found.left > 0
    incident = queries.incidents_of([lot.id]).get(lot.id)
    state, words = state_of(found)
    sources, lines, warm = (
        queries.sources_of(lot.id),
        queries.lines_of(lot.id),
        queries.warm_returns_of(lot.id),
    )
    return page(
        "supply/lots/show.html",
        status=status,
        lot=lot,
        state=state,
        state_words=words,
        standing=standing_words(found),
        is_free=found.free > found.unsaid,
        facts_rows=lot_facts(lot),
        corrections=corrections_words(lot, corrections),
        early=early_words(lot, is_made=bool(sources)),
        correcting=keeps and queries.find_settled(lot.id) is None,
        back=_back(lot, sources),
        forward=[*_made(lot), *_handed(lot, lines)],
        keeps=keeps,
        recalls=can(current_actor(), P.RECALL, lot),
        incident=url_for("lots.incident", incident_ref=incident.public_id) if incident else "",
        returns=_returns(found, warm),
        unsaid=_unsaid(lines, {line.id for line, _incident in warm}) if keeps else [],
        is_edible=not lot.is_spoilt_on(queries.today_in(lot.territory)),
        storing=_storing(lot, storing) if keeps else None,
        destroying=(destroying or ReasonForm(formdata=None)) if keeps else None,
    )


def _returns(found: Found, warm: Sequence[tuple[HandoverLine, Incident]]) -> list[dict[str, str]]:
    """Write what came back too warm and waits, with its incident, and what can be done with the rest."""
    rest = (
        _("The other %(kilos)s can be handed over meanwhile.", kilos=kilos(found.free)) if found.free else ""
    )
    return [
        {
            "title": _(
                "%(kilos)s came back too warm: nobody hands them over",
                kilos=kilos(line.came_back_grams),
            ),
            "measured": incident_words(incident),
            "rest": rest,
            "href": url_for("lots.incident", incident_ref=incident.public_id),
        }
        for line, incident in warm
    ]


def _unsaid(lines: Sequence[HandoverLine], warm: Collection[int]) -> list[dict[str, str]]:
    """Write what came back otherwise, why, and the way to say what became of it."""
    return [
        {
            "title": refused_words(line),
            "href": url_for("lots.note", note_ref=line.handover.public_id, _anchor="returned"),
        }
        for line in lines
        if line.came_back_grams and line.returned is None and line.id not in warm
    ]


def _storing(lot: Lot, typed: PlaceForm | None) -> PlaceForm:
    if typed is not None:
        return typed
    form = PlaceForm(formdata=None)
    form.prepare(queries.stores_in(lot.territory_id))
    form.place.data = lot.resource.public_id if lot.resource else ""
    return form


def _back(lot: Lot, sources: Sequence[LotSource]) -> list[dict[str, Any]]:
    """Write where it came from: the lots it came of, else who it came from."""
    found = []
    for each in sources:
        note = each.line.handover if each.line else None
        found.append(
            {
                "who": each.source.organisation.name,
                "what": _("%(kilos)s, %(product)s", kilos=kilos(each.grams), product=each.source.product),
                "href": _lot_url(each.source),
                "note": _note_url(note) if note else "",
                "when": moment_words(note.territory, note.at) if note else _("made of it"),
            }
        )
    if found:
        return found
    what = _("%(kilos)s, %(product)s", kilos=kilos(lot.grams), product=lot.product)
    return [{"who": origin_words(lot), "what": what, "href": "", "note": "", "when": ""}]


def _lot_url(lot: Lot) -> str:
    """Give the address of another lot, for who may see it."""
    return url_for("lots.show", lot_ref=lot.public_id) if can(current_actor(), P.SEE, lot) else ""


def _note_url(note: Handover) -> str:
    """Give the address of a note, for who may see it: who only keeps a lot is on neither of its sides."""
    return url_for("lots.note", note_ref=note.public_id) if can(current_actor(), P.SEE_NOTE, note) else ""


def _made(lot: Lot) -> list[dict[str, Any]]:
    """Write what was made of it."""
    return [
        {
            "who": _("Made of it: %(product)s", product=each.lot.product),
            "what": _("%(kilos)s used", kilos=kilos(each.grams)),
            "href": _lot_url(each.lot),
            "state": "done",
            "words": _("made"),
            "when": "",
        }
        for each in queries.made_of(lot.id)
    ]


def _handed(lot: Lot, lines: Sequence[HandoverLine]) -> list[dict[str, Any]]:
    """Write who got how much of it."""
    found = []
    for line in lines:
        state, words = NOTE_STATES[line.handover.state]
        found.append(
            {
                "who": receiver_words(line.handover),
                "what": kilos(line.moved_grams),
                "back": returned_words(line),
                "href": _note_url(line.handover),
                "state": state,
                "words": words,
                "when": moment_words(lot.territory, line.handover.at),
            }
        )
    return found
