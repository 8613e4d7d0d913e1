"""Correcting a lot that was mistyped, until something of it went somewhere."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.supply.edits import ChangedMeanwhile
from app.supply.lots import queries, service
from app.supply.lots.correct_form import CorrectLotForm
from app.supply.lots.models import Lot
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.refusals import settled_words
from app.supply.lots.views import blueprint
from app.supply.lots.views.loading import seen_lot
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/lots/<lot_ref>/corriger")
@allowed(P.KEEP, load=seen_lot)
def correct_lot(lot: Lot) -> Response:
    """Show the form, filled with what is written; say why where it is not corrected any more."""
    if (reason := queries.find_settled(lot.id)) is not None:
        flash(settled_words(reason), "error")
        return redirect(url_for("lots.show", lot_ref=lot.public_id), 303)
    return _page(lot, _as_it_stands(lot))


@blueprint.post("/lots/<lot_ref>/corriger")
@allowed(P.KEEP, load=seen_lot)
def save_lot(lot: Lot) -> Response:
    """Write it anew."""
    form, lot_id, ref = _form(lot), lot.id, lot.public_id
    if not form.validate():
        return _page(lot, form, 422)
    try:
        service.correct_lot(current_actor(), lot_id, form.corrected(), form.seen)
    except (Forbidden, NotFound):
        raise
    except ChangedMeanwhile as error:
        now = seen_lot(ref)
        form.refuse_undoing(error, _as_it_stands(now))
        return _page(now, form, status_of(error))
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(seen_lot(ref), form, status_of(error))
    flash(_("Corrected. What it said before stands on its page."), "success")
    return redirect(url_for("lots.show", lot_ref=ref), 303)


def _as_it_stands(lot: Lot) -> CorrectLotForm:
    """Give the form with a lot as it holds now."""
    form = _form(lot, formdata=None)
    form.show(lot)
    return form


def _form(lot: Lot, **given: None) -> CorrectLotForm:
    origins = [*queries.organisations_in(lot.territory_id)]
    if lot.origin_organisation is not None and lot.origin_organisation not in origins:
        origins.append(lot.origin_organisation)
    form = CorrectLotForm(**given)
    form.prepare(lot, origins)
    return form


def _page(lot: Lot, form: CorrectLotForm, status: int = 200) -> Response:
    return page(
        "supply/lots/correct.html",
        status=status,
        lot=lot,
        form=form,
        is_made=bool(queries.sources_of(lot.id)),
    )
