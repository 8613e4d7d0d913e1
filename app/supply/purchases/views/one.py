"""One group purchase: ordering and withdrawing."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor
from app.supply.edits import ChangedMeanwhile
from app.supply.purchases import service
from app.supply.purchases.forms import OrderForm
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.queries import Viewed
from app.supply.purchases.views import blueprint
from app.supply.purchases.views.loading import order_of, seen
from app.supply.purchases.views.showing import order_form, show_purchase
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.words import explain


@blueprint.get("/achats-groupes/<ref>")
@allowed(P.SEE, load=seen)
def show(viewed: Viewed) -> Response:
    """Show a purchase."""
    return show_purchase(viewed)


@blueprint.post("/achats-groupes/<ref>/commander")
@allowed(P.ORDER, load=seen)
def order(viewed: Viewed) -> Response:
    """Order, or order more or less."""
    form, purchase_id = order_form(viewed, OrderForm()), viewed.purchase.id
    if not form.validate():
        return show_purchase(viewed, ordering=form, status=422)
    wanted = form.wanted()
    said = _("Ordered. You read by e-mail after the deadline whether it takes place.")
    return done(viewed, lambda actor: service.order(actor, purchase_id, wanted), said, ordering=form)


@blueprint.post("/achats-groupes/<ref>/commandes/<order_ref>/retirer")
@allowed(P.ORDER, load=seen)
def withdraw(viewed: Viewed) -> Response:
    """Order nothing after all."""
    order_id = order_of(viewed).id
    said = _("Withdrawn: you order nothing any more.")
    return done(viewed, lambda actor: service.withdraw(actor, order_id), said)


def done(viewed: Viewed, act: Callable[[Actor], Any], said: str, **typed: Any) -> Response:
    """Do it, and lead back to the page; raise ChangedMeanwhile, which only whoever knows the form can word."""
    ref = viewed.purchase.public_id
    try:
        act(current_actor())
    except (Forbidden, NotFound, ChangedMeanwhile):
        raise
    except DomainError as error:
        for form in typed.values():
            form.refuse(str(error.facts.get("field", "")), explain(error))
        trouble = "" if typed else explain(error)
        return show_purchase(seen(ref), trouble=trouble, status=status_of(error), **typed)
    flash(said, "success")
    return redirect(url_for("purchases.show", ref=ref), 303)
