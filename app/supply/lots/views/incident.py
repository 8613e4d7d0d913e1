"""A cold chain that broke: what was measured, which lots, whom to call, and what was done about it."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.views.common import tell
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.lots import queries, service
from app.supply.lots.close_form import CloseForm, close_form
from app.supply.lots.errors import MeasuredAnew
from app.supply.lots.models import Incident
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Affected
from app.supply.lots.rules import IncidentState
from app.supply.lots.views import blueprint
from app.supply.lots.views.cards import lot_line
from app.supply.lots.views.loading import seen_incident
from app.supply.lots.words import (
    INCIDENT_STATES,
    becomes_words,
    corrections_words,
    incident_facts,
    incident_words,
    reading_words,
    where_words,
)
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/lots/incidents/<incident_ref>")
@allowed(P.SEE_INCIDENT, load=seen_incident)
def incident(affected: Affected) -> Response:
    """Show an incident."""
    return _page(affected)


@blueprint.post("/lots/incidents/<incident_ref>/clore")
@allowed(P.CLOSE_INCIDENT, load=seen_incident)
def close_incident(affected: Affected) -> Response:
    """Say what was done, and what becomes of its lots."""
    found, ref = affected.incident.id, affected.incident.public_id
    form, lots = close_form(affected.incident)
    try:
        service.check_not_closed(
            current_actor(), affected.incident
        )  # whatever else is wrong with what was sent
        if not form.validate():
            return _page(affected, form, 422)
        service.close(current_actor(), found, form.closing(lots))
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        now = seen_incident(ref)
        if isinstance(error, MeasuredAnew):
            form.show_corrected(now.incident)
        return _page(now, form, status_of(error))
    flash(_("Closed. Who has the lots is told by e-mail."), "success")
    _say_which_counts(seen_incident(ref).incident, form)
    return redirect(url_for("lots.incident", incident_ref=ref), 303)


def _say_which_counts(incident: Incident, form: CloseForm) -> None:
    """Say on which reading an incident was closed, where that is another one than was typed."""
    counts = queries.closing_readings([incident.id]).get(incident.id)
    is_typed = "temperature" in form and form.temperature.tenths is not None
    if counts is not None and not is_typed:
        read = reading_words(incident.territory, counts)
        flash(_("It is cold again by this reading: %(reading)s.", reading=read), "success")


@blueprint.post("/lots/incidents/<incident_ref>/faute-de-frappe")
@allowed(P.CLOSE_INCIDENT, load=seen_incident)
def close_mistyped(affected: Affected) -> Response:
    """Say that nothing was too warm: the reading was mistyped, and has been corrected."""
    found, ref = affected.incident.id, affected.incident.public_id
    said = _("Closed as a typing mistake: its lots are free again. Who has them is told by e-mail.")
    tell(lambda: service.close_as_mistyped(current_actor(), found), said)
    return redirect(url_for("lots.incident", incident_ref=ref), 303)


def _page(affected: Affected, typed: CloseForm | None = None, status: int = 200) -> Response:
    found, actor = affected.incident, current_actor()
    state, words = INCIDENT_STATES[found.state]
    may_close = can(actor, P.CLOSE_INCIDENT, affected) and found.state == IncidentState.OPEN
    shown = queries.found(affected.lots)
    cold = queries.find_cold_reading(found) if may_close and found.resource else None
    closed_on = queries.closing_readings([found.id]).get(found.id)
    return page(
        "supply/lots/incident.html",
        status=status,
        incident=found,
        title=where_words(found),
        lead=incident_words(found),
        state=state,
        state_words=words,
        facts_rows=incident_facts(found, closed_on),
        corrections=corrections_words(found),
        is_refuted=may_close and found.right_tenths is not None,
        cold_reading=reading_words(found.territory, cold) if cold else "",
        rows=[
            lot_line(each)
            | {
                "phone": each.lot.organisation.phone,
                "is_seen": can(actor, P.SEE, each.lot),
                "becomes": becomes_words(found, affected.outcomes.get(each.lot.id)),
            }
            for each in shown
        ],
        note=url_for("lots.note", note_ref=found.handover.public_id)
        if found.handover and can(actor, P.SEE_NOTE, found.handover)
        else "",
        closing=(typed or close_form(found, formdata=None)[0]) if may_close else None,
        left=None if may_close else typed,
    )
