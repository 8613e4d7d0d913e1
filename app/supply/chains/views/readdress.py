"""Whom a chain is for, and whether it is food aid, said otherwise on its page by who asked for it."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission
from app.bookings.views.bundles import seen_bundle
from app.core.errors import DomainError, Forbidden, NotFound
from app.payments.queries import payers_in
from app.supply.chains import service
from app.supply.chains.forms import ReceiverForm
from app.supply.chains.queries import find_chain
from app.supply.chains.views import blueprint
from app.supply.chains.views.show import chain_page
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain


def _seen(chain_ref: str) -> Bundle:
    return seen_bundle(chain_ref)


@blueprint.post("/filieres/<chain_ref>/destinataire")
@allowed(BookingPermission.CHANGE_BUNDLE, load=_seen)
def readdress(bundle: Bundle) -> Response:
    """Say whom it is for, and whether it is food aid."""
    chain, form, ref = find_chain(bundle.id), ReceiverForm(), bundle.ref
    if chain is None:
        raise NotFound(kind="chain", ref=ref)
    known = payers_in(bundle.territory_id)
    form.offer_receivers(bundle.organisation, known)
    if not form.validate():
        return chain_page(bundle, readdressing=form, status=422)
    ids: dict[Any, int] = {each.public_id: each.id for each in known}
    try:
        service.readdress(
            chain.id, current_actor(), ids.get(form.receiver.data), for_food_aid=bool(form.for_food_aid.data)
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field") or "receiver"), explain(error))
        return chain_page(seen_bundle(ref), readdressing=form, status=status_of(error))
    flash(_("Noted: it is in the history of the chain."), "success")
    return redirect(url_for("chains.show", chain_ref=ref, _anchor="carried"), 303)
