"""What a part of an offer costs: who bears it and who is paid, and what was taken back of it."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings.cost_forms import TakeBackForm
from app.bookings.goods import goods_of_plan
from app.bookings.policy import BookingPermission
from app.bookings.views.common import page_of_bundle
from app.bookings.views.cost_page import borne_of
from app.bookings.words.costs import goods_standing
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can
from app.payments.service.outlook import look_at
from app.supply.cargo_words import kilos
from app.supply.offers import service
from app.supply.offers.policy import OfferPermission as P
from app.supply.offers.queries import PartCosts
from app.supply.offers.views import blueprint
from app.supply.offers.views.loading import seen_costs
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/surplus/<ref>/parts/<claim_ref>/couts")
@allowed(P.SEE_COSTS, load=seen_costs)
def costs(subject: PartCosts) -> Response:
    """Show what a part costs."""
    return _page(subject)


@blueprint.post("/surplus/<ref>/parts/<claim_ref>/couts/reprendre")
@allowed(P.TAKE_BACK, load=seen_costs)
def take_costs_back(subject: PartCosts) -> Response:
    """Take back what was charged for it, all of it or so much."""
    claim, form, actor = subject.claim, TakeBackForm(), current_actor()
    claim_id, ref, claim_ref = claim.id, subject.viewed.offer.public_id, claim.public_id
    cents = form.cents() if form.validate() else None
    if form.errors:
        return _page(subject, form, 422)
    try:
        service.take_back(
            actor, claim_id, form.reason.data or "", f"{claim_ref}:{form.once.data}"[:80], cents
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field", "")), explain(error))
        return _page(seen_costs(ref, claim_ref), form, status_of(error))
    flash(_("Taken back. If it had been paid, that is an advance, which can be given back."), "success")
    return redirect(url_for("surplus.costs", ref=ref, claim_ref=claim_ref), 303)


def _page(subject: PartCosts, taking_back: TakeBackForm | None = None, status: int = 200) -> Response:
    goods, actor = subject.goods, current_actor()
    plan, outlook = goods.plan, look_at(goods.plan, goods.told)
    carried = goods_of_plan(plan)
    bundle = carried.bundle if carried else None
    may_take_back = bool(outlook.dues) and can(actor, P.TAKE_BACK, subject)
    return page(
        "supply/offers/costs.html",
        status=status,
        offer=subject.viewed.offer,
        claim=subject.claim,
        kilos=kilos(subject.claim.grams),
        is_seen=can(actor, P.SEE, subject.viewed),
        chain_url=page_of_bundle(bundle)
        if bundle and can(actor, BookingPermission.SEE_BUNDLE, bundle)
        else "",
        sharing_url=url_for("bookings.bundle_costs", bundle_ref=bundle.ref) if bundle else "",
        standing=goods_standing(goods),
        is_charged=plan.is_closed,
        **borne_of(goods, outlook),
        taking_back=(taking_back or TakeBackForm(formdata=None)) if may_take_back else None,
    )
