"""Looking for something: food, or a place."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.needs import queries, service
from app.supply.needs.forms import FoodForm, NeedForm, PlaceForm
from app.supply.needs.models import Need
from app.supply.needs.policy import NeedPermission as P
from app.supply.needs.rules import Sort
from app.supply.needs.views import blueprint
from app.supply.needs.words import SORTS
from app.supply.offers.queries import find_organisation
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_FORMS: dict[str, type[NeedForm]] = {Sort.FOOD: FoodForm, Sort.PLACE: PlaceForm}


@blueprint.get("/besoins/proposer")
@allowed(P.POST)
def propose() -> Response:
    """Show the form for food or for a place (`quoi`), filled in as usual, or as an earlier need (`comme`)."""
    again, ours = _again(request.args.get("comme", "")), _acting_for()
    form = _form(again.sort if again else request.args.get("quoi", ""), ours, filled=False)
    form.begin()
    if again is not None:
        form.repeat(again)
    return _page(form, ours)


@blueprint.post("/besoins/proposer")
@allowed(P.POST)
def post() -> Response:
    """Look for it."""
    ours = _acting_for()
    form = _form(request.form.get("quoi", ""), ours, filled=True)
    if not form.validate():
        return _page(form, ours, 422)
    try:
        ref = service.post(current_actor(), form.need()).public_id
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(form, _acting_for(), status_of(error))
    flash(_("It stands on the board. You are told by e-mail of who can help and of what fits."), "success")
    return redirect(url_for("needs.show", ref=ref), 303)


def _form(sort: str, ours: Organisation, *, filled: bool) -> NeedForm:
    kind = _FORMS.get(sort, FoodForm)
    form = kind() if filled else kind(formdata=None)
    form.prepare(ours)
    return form


def _acting_for() -> Organisation:
    found = find_organisation(current_actor().acting_for)
    if found is None:
        raise NotFound(kind="organisation")
    return found


def _again(ref: str) -> Need | None:
    """Find an earlier need of one's own to begin with; nothing where it is another's, or is not."""
    try:
        viewed = queries.get_viewed(ref[:20], current_actor())
    except NotFound:
        return None
    return viewed.need if can(current_actor(), P.KEEP, viewed) else None


def _page(form: NeedForm, ours: Organisation, status: int = 200) -> Response:
    tabs = [
        {"label": label, "href": url_for("needs.propose", quoi=sort), "current": sort == form.sort}
        for sort, label in SORTS.items()
    ]
    return page("supply/needs/form.html", status=status, form=form, ours=ours, sort=form.sort, tabs=tabs)
