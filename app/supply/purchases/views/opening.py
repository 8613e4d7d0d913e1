"""Opening a group purchase."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.supply.offers import queries as offers
from app.supply.purchases import queries, service
from app.supply.purchases.forms import PurchaseForm
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.views import blueprint
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/achats-groupes/proposer")
@allowed(P.OPEN)
def propose() -> Response:
    """Show the form, as usual or as an earlier purchase (`comme`)."""
    ours = _acting_for()
    form = _prepared(PurchaseForm(formdata=None), ours)
    form.begin()
    again = _again(request.args.get("comme", ""))
    if again is not None:
        form.repeat(again)
    return _page(form, ours)


@blueprint.post("/achats-groupes/proposer")
@allowed(P.OPEN)
def post() -> Response:
    """Open it."""
    ours = _acting_for()
    form = _prepared(PurchaseForm(), ours)
    if not form.validate():
        return _page(form, ours, 422)
    key = (form.once.data or "")[:80] or None
    try:
        purchase = service.open_purchase(current_actor(), ours.id, form.purchase(), key)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        field = str(error.facts.get("field", ""))
        form.refuse({"amount": "least"}.get(field, field), explain(error))
        return _page(form, _acting_for(), status_of(error))
    flash(_("Opened. Organisations of the territory can order now."), "success")
    return redirect(url_for("purchases.show", ref=purchase.public_id), 303)


def _acting_for() -> Organisation:
    found = offers.find_organisation(current_actor().acting_for)
    if found is None:
        raise NotFound(kind="organisation")
    return found


def _prepared(form: PurchaseForm, ours: Organisation) -> PurchaseForm:
    form.prepare(ours, queries.packing_slots(ours.id, clock.now()))
    return form


def _again(ref: str) -> GroupPurchase | None:
    """Find an earlier purchase of one's own to begin with; nothing where it is another's, or is not."""
    try:
        viewed = queries.get_viewed(ref[:20], current_actor())
    except NotFound:
        return None
    return viewed.purchase if can(current_actor(), P.KEEP, viewed) else None


def _page(form: PurchaseForm, ours: Organisation, status: int = 200) -> Response:
    return page(
        "supply/purchases/form.html",
        status=status,
        form=form,
        ours=ours,
        suppliers=queries.suppliers_in(ours.territory_id),
    )
