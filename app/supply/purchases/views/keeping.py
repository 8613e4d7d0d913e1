"""What who organises a purchase does with it: more time, another place, giving it up, handing it out."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.supply.edits import ChangedMeanwhile
from app.supply.purchases import queries, service
from app.supply.purchases.forms import LaterForm, ReasonForm
from app.supply.purchases.papers import packing_list
from app.supply.purchases.policy import PurchasePermission as P
from app.supply.purchases.queries import Viewed
from app.supply.purchases.views import blueprint
from app.supply.purchases.views.loading import order_of, seen
from app.supply.purchases.views.one import done
from app.supply.purchases.views.showing import changing, show_purchase
from app.web.errors import status_of
from app.web.guards import allowed


@blueprint.post("/achats-groupes/<ref>/modifier")
@allowed(P.KEEP, load=seen)
def change(viewed: Viewed) -> Response:
    """Give more time, choose another place, say what to bring."""
    purchase_id, form = viewed.purchase.id, changing(viewed.purchase, LaterForm())
    if not form.validate():
        return show_purchase(viewed, changing=form, status=422)
    said, ref = _("Saved. Who ordered is told by e-mail."), viewed.purchase.public_id
    try:
        return done(
            viewed,
            lambda actor: service.change(actor, purchase_id, form.later(), form.seen),
            said,
            changing=form,
        )
    except ChangedMeanwhile as error:
        now = seen(ref)
        form.refuse_undoing(error, changing(now.purchase))
        return show_purchase(now, changing=form, status=status_of(error))


@blueprint.post("/achats-groupes/<ref>/annuler")
@allowed(P.KEEP, load=seen)
def cancel(viewed: Viewed) -> Response:
    """Give it up."""
    form, purchase_id = ReasonForm(), viewed.purchase.id
    if not form.validate():
        return show_purchase(viewed, cancelling=form, status=422)
    said = _("Cancelled. Who ordered reads your reason by e-mail; what it kept is free again.")
    reason = form.reason.data or ""
    return done(viewed, lambda actor: service.cancel(actor, purchase_id, reason), said, cancelling=form)


@blueprint.post("/achats-groupes/<ref>/commandes/<order_ref>/remise")
@allowed(P.KEEP, load=seen)
def hand_out(viewed: Viewed) -> Response:
    """Note that an organisation has what it ordered."""
    order_id = order_of(viewed).id
    return done(viewed, lambda actor: service.hand_out(actor, order_id), _("Noted: it was handed out."))


@blueprint.post("/achats-groupes/<ref>/commandes/<order_ref>/remise/erreur")
@allowed(P.KEEP, load=seen)
def take_back(viewed: Viewed) -> Response:
    """Take back that an organisation has it."""
    order_id = order_of(viewed).id
    said = _("Taken back: it is still to be handed out.")
    return done(viewed, lambda actor: service.take_back(actor, order_id), said)


@blueprint.get("/achats-groupes/<ref>/commandes.csv")
@allowed(P.SEE_ORDERS, load=seen)
def orders_csv(viewed: Viewed) -> Response:
    """Hand the packing list over as a table."""
    body = packing_list(viewed.purchase, queries.orders_of(viewed.purchase.id))
    headers = {
        "Content-Disposition": f'attachment; filename="achat-groupe-{viewed.purchase.public_id}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, headers=headers, content_type="text/csv; charset=utf-8")
