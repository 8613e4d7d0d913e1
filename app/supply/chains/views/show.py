"""A chain as vertical steps: the page of its request (app.bookings.views.bundles), with what it carries and why."""

from typing import Any

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings.bundles import Whole
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import is_concerned
from app.bookings.rules import BundleState
from app.bookings.views.bundle_costs import BundleCosts, costs_page, seen_bundle_costs
from app.bookings.views.bundles import bundle_page, seen_bundle, whole_of
from app.bookings.views.dressed import Dress, dresses
from app.core.policy import can
from app.payments.queries import payers_in
from app.supply.chains.forms import ReceiverForm
from app.supply.chains.models import Chain
from app.supply.chains.queries import find_chain
from app.supply.chains.views import blueprint
from app.supply.chains.views.food_aid import OverrideForm, food_aid_part
from app.supply.chains.views.instead import again_url, again_words, undriven_said
from app.supply.chains.views.lost import chain_standing, lost_part
from app.supply.chains.views.origins import Way, ways_back
from app.supply.chains.views.outrun import warned_of
from app.supply.chains.views.parts import parts_of
from app.supply.chains.views.still_fit import unfit_said
from app.supply.chains.words import carried_rows, destination_rows, step_words
from app.supply.offers.models import SurplusClaim
from app.supply.offers.policy import OfferPermission
from app.supply.offers.queries import find_offer, find_part, viewed_by
from app.web.guards import allowed
from app.web.identity import current_actor


def _seen(chain_ref: str) -> Bundle:
    return seen_bundle(chain_ref)


def _seen_costs(chain_ref: str) -> BundleCosts:
    return seen_bundle_costs(chain_ref)


@blueprint.get("/filieres/<chain_ref>")
@allowed(P.SEE_BUNDLE, load=_seen)
def show(bundle: Bundle) -> Response:
    """Show a chain; a request that carries nothing has its own page."""
    return chain_page(bundle)


def chain_page(
    bundle: Bundle,
    override: OverrideForm | None = None,
    status: int = 200,
    *,
    readdressing: ReceiverForm | None = None,
) -> Response:
    """Render a chain, with what was typed about food aid or about whom it is for where it was refused."""
    dress = _dressed(whole_of(bundle), override, readdressing)
    if dress is None:
        return redirect(url_for("bookings.bundle", bundle_ref=bundle.ref))
    return bundle_page(bundle, dress=dress, status=status)


@blueprint.get("/filieres/<chain_ref>/couts")
@allowed(P.SEE_BUNDLE_COSTS, load=_seen_costs)
def costs(subject: BundleCosts) -> Response:
    """Show what each leg costs, and who bears how much of all of them."""
    if find_chain(subject.bundle.id) is None:
        return redirect(url_for("bookings.bundle_costs", bundle_ref=subject.bundle.ref))
    return costs_page(subject)


@dresses
def _dress(whole: Whole) -> Dress | None:
    return _dressed(whole)


def _dressed(
    whole: Whole, override: OverrideForm | None = None, readdressing: ReceiverForm | None = None
) -> Dress | None:
    """Show the request of a chain as one."""
    chain = find_chain(whole.bundle.id)
    if chain is None:
        return None
    ref, undriven = whole.bundle.ref, undriven_said(chain, whole.legs, current_actor())
    part = find_part(chain.surplus_claim_ref) if chain.surplus_claim_ref else None
    return Dress(
        "supply/chains/chain.html",
        url_for("chains.show", chain_ref=ref),
        url_for("chains.costs", chain_ref=ref),
        _("Chains"),
        url_for("chains.mine"),
        {
            "carried": [
                *carried_rows(chain.product, chain.cargo, chain.from_place),
                *destination_rows(chain),
            ],
            "steps": _steps(chain, whole),
            "unfit": unfit_said(chain, whole, current_actor()),
            "offer": _offer(chain, part),
            "origin": _origin(chain),
            "undriven": undriven,
            "warned": warned_of(chain, current_actor()),
            "again_url": again_url(chain, whole.shown) if undriven else "",
            "again_words": again_words(chain) if undriven else "",
            "food_aid": food_aid_part(chain, whole, override),
            "readdressing": readdressing or _readdressing(chain, whole),
            "parts": parts_of(whole.bundle, chain),
            "calendar_url": _calendar(whole),
        },
        chain_standing(chain, whole, current_actor(), lost_part(part)),
    )


def _calendar(whole: Whole) -> str:
    """Give the page that puts the chain into one's own calendar; empty for who has only a leg of it in theirs."""
    actor, bundle = current_actor(), whole.bundle
    inside = actor.belongs_to(bundle.organisation_id) or bundle.territory_id in actor.coordinated
    is_followed = inside or is_concerned(actor, bundle)
    return f"/agendas/abonnement?scope=chain&id={bundle.ref}" if is_followed else ""


def _readdressing(chain: Chain, whole: Whole) -> ReceiverForm | None:
    """Give the form to say whom it is for, as it is now, to who may change the request while it goes on."""
    is_over = whole.state in (BundleState.OVER, BundleState.GIVEN_UP)
    if is_over or not can(current_actor(), P.CHANGE_BUNDLE, whole.bundle):
        return None
    form = ReceiverForm(formdata=None)
    form.process(
        formdata=None,
        data={
            "receiver": chain.receiver.public_id if chain.receiver else "",
            "for_food_aid": chain.for_food_aid,
        },
    )
    form.offer_receivers(whole.bundle.organisation, payers_in(whole.bundle.territory_id))
    return form


def _offer(chain: Chain, part: SurplusClaim | None) -> dict[str, str] | None:
    """Lead to the offer of which it carries a part, or which it carries, whoever may see that."""
    offer = part.offer if part else find_offer(chain.surplus_offer_ref or "")
    actor = current_actor()
    if offer is None or not can(actor, OfferPermission.SEE, viewed_by(actor, offer)):
        return None
    href = url_for("surplus.show", ref=offer.public_id)
    return {"name": offer.product, "who": offer.organisation.name, "href": href}


def _origin(chain: Chain) -> Way | None:
    """Lead to what it was drafted for, whoever may see that."""
    origin = chain.origin
    return ways_back([origin], current_actor()).get(origin) if origin else None


def _steps(chain: Chain, whole: Whole) -> dict[int, dict[str, Any]]:
    """Write what each leg is there for, by its number: of one that was left out, too."""
    gaps = {leg.leg_number: leg.leg_gap_minutes for leg in whole.legs}
    return {step.leg_number: step_words(step, gaps.get(step.leg_number, 0)) for step in chain.steps}
