"""Correcting a hand-over note that nobody has signed yet, and a reading that was mistyped."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.views.common import tell
from app.catalogue.policy import CataloguePermission
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.cargo_words import kilos
from app.supply.edits import ChangedMeanwhile
from app.supply.lots import queries, service
from app.supply.lots.errors import ReadingCounts
from app.supply.lots.forms import CorrectReadingForm
from app.supply.lots.limits import limits_of
from app.supply.lots.models import Handover, TemperatureReading
from app.supply.lots.note_forms import CorrectNoteForm, NoteForm, note_form
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Found
from app.supply.lots.rules import CORRECTION_TIME, NOTE
from app.supply.lots.views import blueprint
from app.supply.lots.views.loading import seen_note, seen_reading, seen_store
from app.supply.lots.views.note import missing_words
from app.supply.lots.views.readings import reading_line
from app.supply.lots.words import limits_of_lots, limits_words
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.numbers import typed_number
from app.web.page import page
from app.web.words import explain


@blueprint.get("/remises/<note_ref>/corriger")
@allowed(P.GIVE, load=seen_note)
def correct_note(found: Handover) -> Response:
    """Show the form, filled with what is written; what was signed is not corrected."""
    if not NOTE.allows("correct", found.state):
        return redirect(url_for("lots.note", note_ref=found.public_id), 303)
    return _note_page(found, _as_it_stands(found), _lots(found))


@blueprint.post("/remises/<note_ref>/corriger")
@allowed(P.GIVE, load=seen_note)
def save_correction(found: Handover) -> Response:
    """Write it anew."""
    lots, note_id, ref = _lots(found), found.id, found.public_id
    form = _form(found, lots)
    if not form.validate():
        return _note_page(found, form, lots, 422)
    receivers = queries.organisations_in(found.territory_id)
    try:
        new = form.written(lots, receivers, ZoneInfo(found.territory.timezone))
        service.correct_note(current_actor(), note_id, new, form.why.data or "", form.seen)
    except (Forbidden, NotFound):
        raise
    except ChangedMeanwhile as error:
        again = seen_note(ref)
        form, now = _form(again, _lots(again)), _as_it_stands(again)
        form.refuse_undoing(error, now)
        return _note_page(again, form, _lots(again), status_of(error))
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        again = seen_note(ref)
        return _note_page(again, form, _lots(again), status_of(error))
    missing = missing_words(ref)
    flash(_("Corrected.") if missing else _("Corrected. Sign it now: you hand it over."), "success")
    if missing:
        flash(missing, "warning")
    return redirect(url_for("lots.note", note_ref=ref, _anchor="sign"), 303)


def _as_it_stands(found: Handover) -> CorrectNoteForm:
    """Give the form with a note as it holds now."""
    lots = _lots(found)
    form = _form(found, lots, formdata=None)
    form.show(found, lots)
    return form


def _form(found: Handover, lots: list[Found], **given: None) -> CorrectNoteForm:
    receivers = queries.organisations_in(found.territory_id)
    form = note_form(lots, receivers, CorrectNoteForm, **given)
    if not isinstance(form, CorrectNoteForm):
        raise TypeError(form)
    form.tell(found)
    return form


def _lots(found: Handover) -> list[Found]:
    """List the lots that can be on the note: those that are, then what is left of others of its chain."""
    own = {line.lot_id: line.grams for line in found.lines}
    on_it = queries.found([line.lot for line in found.lines])
    more = queries.lots_of_chain(found.bundle_id) if found.bundle_id else []
    others = [
        each
        for each in more
        if each.free > 0 and each.lot.id not in own and each.lot.organisation_id == found.giver_id
    ]
    return [*(replace(each, left=each.left + own[each.lot.id]) for each in on_it), *others]


def _note_page(found: Handover, form: NoteForm, lots: list[Found], status: int = 200) -> Response:
    return page(
        "supply/lots/note_form.html",
        status=status,
        form=form,
        giver=found.giver,
        rows=[
            (form[f"kilos_{each.lot.public_id}"], _("at most %(kilos)s", kilos=kilos(each.free)))
            for each in lots
        ],
        limits=limits_words(limits_of_lots([each.lot for each in lots])),
        action=url_for("lots.save_correction", note_ref=found.public_id),
        note=found,
        asks_why=queries.find_open_incident_of_note(found.id) is not None,
    )


# -- readings -------------------------------------------------------------------------------------------------


@blueprint.get("/ressources/<slug>/releves/<int:reading_id>")
@allowed(P.CORRECT_READING, load=seen_reading)
def reading(found: TemperatureReading) -> Response:
    """Show one reading, which can be corrected or confirmed for a while."""
    form = CorrectReadingForm(formdata=None)
    form.temperature.data = typed_number(found.tenths / 10)
    return _reading_page(found, form)


@blueprint.post("/ressources/<slug>/releves/<int:reading_id>")
@allowed(P.CORRECT_READING, load=seen_reading)
def correct_reading(found: TemperatureReading) -> Response:
    """Say what the thermometer really showed."""
    form, number, slug, place_id = CorrectReadingForm(), found.id, found.resource.slug, found.resource_id
    if not form.validate():
        return _reading_page(found, form, 422)
    try:
        tenths, reason = form.temperature.tenths, form.reason.data or ""
        service.correct_reading(current_actor(), number, tenths, reason)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _reading_page(seen_reading(slug, number), form, status_of(error))
    flash(_("Corrected. What was noted first stays visible."), "success")
    incident = queries.find_open_incident(place_id)
    if incident is not None and can(current_actor(), P.CLOSE_INCIDENT, queries.affected(incident)):
        flash(_("Its incident is still open: say below what becomes of it."), "warning")
        return redirect(url_for("lots.incident", incident_ref=incident.public_id), 303)
    return _back(slug)


@blueprint.post("/ressources/<slug>/releves/<int:reading_id>/confirmer")
@allowed(P.CORRECT_READING, load=seen_reading)
def confirm_reading(found: TemperatureReading) -> Response:
    """Say that it is right."""
    number, slug = found.id, found.resource.slug
    tell(lambda: service.confirm_reading(current_actor(), number), _("Confirmed: the reading says so."))
    return _back(slug)


def _back(slug: str) -> Response:
    """Go back to the readings, for who manages the place; others noted one in their time, and go to their lots."""
    if can(current_actor(), CataloguePermission.MANAGE_SITE, seen_store(slug)):
        return redirect(url_for("lots.readings", slug=slug), 303)
    return redirect(url_for("lots.mine"), 303)


def _fixed_words(found: TemperatureReading) -> str:
    """Say why a reading cannot be corrected, where an incident was closed on it."""
    try:
        service.check_free(found)
    except ReadingCounts as error:
        return explain(error)
    return ""


def _reading_page(found: TemperatureReading, form: CorrectReadingForm, status: int = 200) -> Response:
    place = found.resource
    regime = queries.regime_of(place)
    return page(
        "supply/lots/reading.html",
        status=status,
        place=place,
        reading=found,
        line=reading_line(found, place.site.timezone),
        form=form,
        fixed=_fixed_words(found),
        hours=round(CORRECTION_TIME.total_seconds() / 3600),
        limits=limits_words(limits_of(regime, place.facts)) if regime else [],
    )
