"""What the coordination allows for a chain whose receiver is not authorised for food aid, and takes back."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings.models import Bundle
from app.bookings.views.bundles import seen_bundle
from app.core.errors import DomainError, Forbidden, NotFound
from app.supply.chains import service
from app.supply.chains.models import Chain
from app.supply.chains.policy import ChainPermission as P
from app.supply.chains.queries import find_chain
from app.supply.chains.views import blueprint
from app.supply.chains.views.food_aid import OverrideForm
from app.supply.chains.views.show import chain_page
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain


def _seen(chain_ref: str) -> Bundle:
    return seen_bundle(chain_ref)


@blueprint.post("/filieres/<chain_ref>/aide-alimentaire")
@allowed(P.OVERRIDE_FOOD_AID, load=_seen)
def allow_food_aid(bundle: Bundle) -> Response:
    """Allow the hand-over as food aid, with a reason."""
    form, chain, ref = OverrideForm(), _chain_of(bundle), bundle.ref
    if not form.validate():
        return chain_page(bundle, form, 422)
    try:
        service.allow_food_aid(chain.id, current_actor(), form.reason.data or "")
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return chain_page(seen_bundle(ref), form, status_of(error))
    flash(_("Allowed. Your reason stands on the page of the chain."), "success")
    return redirect(url_for("chains.show", chain_ref=ref, _anchor="food-aid"), 303)


@blueprint.post("/filieres/<chain_ref>/aide-alimentaire/retirer")
@allowed(P.OVERRIDE_FOOD_AID, load=_seen)
def take_back_override(bundle: Bundle) -> Response:
    """Allow it no longer."""
    chain, ref = _chain_of(bundle), bundle.ref
    if chain.override:  # pressed twice, it is taken back all the same
        service.take_back_override(chain.id, current_actor())
    flash(_("Taken back: it is not allowed any more."), "success")
    return redirect(url_for("chains.show", chain_ref=ref, _anchor="food-aid"), 303)


def _chain_of(bundle: Bundle) -> Chain:
    chain = find_chain(bundle.id)
    if chain is None:
        raise NotFound(kind="chain", ref=bundle.ref)
    return chain
