"""The page that adds up what the elements of a request cost: each is charged, and shared, for itself."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.accounts.queries import organisation_names
from app.bookings.bundles import get_bundle
from app.bookings.costs import Costs, find_all_costs
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, Bundle
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.common import page_of_bundle
from app.bookings.words import when_words
from app.bookings.words.costs import costs_standing, is_nothing_due
from app.core.errors import Forbidden
from app.core.policy import can
from app.payments.service.outlook import Outlook, look_at
from app.web.format import money
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page


@dataclass(frozen=True)
class BundleCosts:
    """A request for several resources, and what those of its elements cost that the reader may see."""

    bundle: Bundle
    costs: list[Costs]

    @property
    def requester_id(self) -> int:
        """What the permission table asks."""
        return self.bundle.requester_id

    @property
    def organisation_id(self) -> int:
        """What the permission table asks."""
        return self.bundle.organisation_id

    @property
    def territory_id(self) -> int:
        """What the permission table asks."""
        return self.bundle.territory_id

    @property
    def legs(self) -> list[Booking]:
        """What the permission table asks."""
        return self.bundle.legs


def seen_bundle_costs(bundle_ref: str) -> BundleCosts:
    """Load what a request costs; whoever may see none of it is told the same as where there is nothing."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    bundle = get_bundle(bundle_ref)
    wanted = [leg for leg in bundle.legs if leg.leg_number is not None]
    costs = [each for each in find_all_costs(wanted) if can(actor, P.SEE_COSTS, each)]
    if not costs or not can(actor, P.SEE_BUNDLE, bundle):
        raise BookingNotFound(ref=bundle_ref)
    return BundleCosts(bundle, costs)


@blueprint.get("/demandes/<bundle_ref>/couts")
@allowed(P.SEE_BUNDLE, load=seen_bundle_costs)
def bundle_costs(subject: BundleCosts) -> Response:
    """Show what each element costs, and who bears how much of all of them."""
    looked = [(each, look_at(each.plan, each.told)) for each in subject.costs if not is_nothing_due(each)]
    currency = looked[0][1].currency if looked else "EUR"
    return page(
        "bookings/bundle_costs.html",
        bundle=subject.bundle,
        bundle_url=page_of_bundle(subject.bundle),
        legs=[_leg_words(costs, outlook) for costs, outlook in looked],
        total=money(sum(outlook.cents for _costs, outlook in looked), currency),
        shares=_totals([outlook for _costs, outlook in looked], currency),
    )


def _leg_words(costs: Costs, outlook: Outlook) -> dict[str, Any]:
    booking = costs.booking
    return {
        "name": booking.resource.name,
        "when": when_words(booking.span, booking.resource.site.timezone),
        "href": url_for("bookings.costs", ref=booking.ref),
        "state": costs_standing(costs, outlook)[0],
        "amount": money(outlook.cents, outlook.currency),
    }


def _totals(outlooks: list[Outlook], currency: str) -> list[tuple[str, str, str]]:
    """Add up who bears how much, by whom it is paid to."""
    cents = Counter[tuple[int, int]]()
    for outlook in outlooks:
        for share in outlook.shares:
            cents[share.payer_id, share.payee_id] += share.cents
    ids = {each for pair in cents for each in pair}
    names = organisation_names(ids)
    rows = [(names[payer], names[payee], money(total, currency)) for (payer, payee), total in cents.items()]
    return sorted(rows)


def bundle_costs_url(bundle: Bundle) -> str:
    """Give the address of what a request costs; empty where nothing of it costs anything."""
    return url_for("bookings.bundle_costs", bundle_ref=bundle.ref) if find_all_costs(bundle.legs) else ""
