"""Writing a hand-over note: of one lot, or of all that a chain brought."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.supply.cargo import KILO
from app.supply.cargo_words import kilos
from app.supply.lots import queries, service
from app.supply.lots.note_forms import NoteForm, note_form
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import Found
from app.supply.lots.rules import LONGEST_NOTE
from app.supply.lots.views import blueprint
from app.supply.lots.views.loading import find_seen_chain
from app.supply.lots.views.note import missing_words
from app.supply.lots.words import limits_of_lots, limits_words
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.numbers import typed_number
from app.web.page import page
from app.web.words import explain


@blueprint.get("/remises/nouvelle")
@allowed(P.ENTER)
def write() -> Response:
    """Show the form for the lots of the address: all that is left of each."""
    lots = _lots()
    if not lots:
        return _choose()
    form = note_form(lots, queries.organisations_in(lots[0].lot.territory_id), formdata=None)
    for field, each in zip(form.kilos_fields(), lots, strict=True):
        field.data = typed_number(each.free / KILO)
    if (chain := find_seen_chain(request.args.get("filiere", ""))) is not None:
        form.begin(chain[1].destination)
    return _page(form, lots)


@blueprint.post("/remises/nouvelle")
@allowed(P.ENTER)
def save_note() -> Response:
    """Write it: who gives signs next."""
    lots = _lots()
    if not lots:
        return _choose(409)
    receivers = queries.organisations_in(lots[0].lot.territory_id)
    form = note_form(lots, receivers)
    if not form.validate():
        return _page(form, lots, 422)
    zone = ZoneInfo(lots[0].lot.territory.timezone)
    try:
        new = form.written(lots, receivers, zone)
        ref = service.draft(current_actor(), new, (form.once.data or "")[:80] or None).public_id
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(form, _lots() or lots, status_of(error))
    missing = missing_words(ref)
    flash(_("Written.") if missing else _("Written. Sign it now: you hand it over."), "success")
    if missing:
        flash(missing, "warning")
    return redirect(url_for("lots.note", note_ref=ref, _anchor="sign"), 303)


def _lots() -> list[Found]:
    """Find the lots of the address of which one organisation of somebody's has something left that can be given."""
    ours = list(current_actor().memberships)
    chain = find_seen_chain(request.args.get("filiere", ""))
    found = (
        [each for each in queries.lots_of_chain(chain[0].id) if each.lot.organisation_id in ours]
        if chain
        else queries.lots_named([ref[:20] for ref in request.args.getlist("lot")[:LONGEST_NOTE]], ours)
    )
    present = [each for each in found if each.free > 0]
    return [each for each in present if each.lot.organisation_id == present[0].lot.organisation_id]


def _choose(status: int = 200) -> Response:
    """Say that there is nothing to hand over yet, and lead to where it is entered."""
    return page("supply/lots/nothing.html", status=status)


def _page(form: NoteForm, lots: list[Found], status: int = 200) -> Response:
    shown = [each.lot for each in lots]
    return page(
        "supply/lots/note_form.html",
        status=status,
        form=form,
        giver=shown[0].organisation,
        rows=[
            (form[f"kilos_{each.lot.public_id}"], _("%(kilos)s left", kilos=kilos(each.free)))
            for each in lots
        ],
        limits=limits_words(limits_of_lots(shown)),
        action=request.full_path.rstrip("?"),
    )
