"""What fits in the place of a lost leg of a chain, as the API answers it: the same as its page shows."""

from collections.abc import Sequence
from dataclasses import replace

from app.api import writing
from app.api.chain_writing import write_rejected
from app.api.writing import Json
from app.availability.askers import Asker
from app.availability.queries import get_terms, terms_of
from app.availability.rules import Terms
from app.availability.shown import Shown, shown_by_id
from app.bookings.licence import years_of
from app.bookings.models import Booking
from app.bookings.views.estimated import measured, planned
from app.bookings.views.fitted import Fit
from app.bookings.views.in_order import InOrder
from app.bookings.views.instead import idle_words
from app.core.policy import Actor
from app.payments.estimates import costs_apart
from app.supply.chains.mending import look
from app.supply.chains.models import Chain
from app.supply.chains.views.instead import fits_of


def write_instead(chain: Chain, lost: Booking, legs: Sequence[Booking], actor: Actor) -> Json:
    """Write what can be asked for in the place of a lost leg, one of those that the chain wants now, in order."""
    found = look(chain, lost, legs, actor)
    fits = fits_of(chain, lost, legs, found, actor)
    return {
        "leg": lost.leg_number,
        "role": found.spot.own.role,
        "fits": _fits(lost, fits.offers),
        "rejected": write_rejected(found.rejected),
        "without": fits.without,
        "again_url": writing.absolute(fits.again_url),
        "again_first": fits.again_words,
    }


def _fits(lost: Booking, offers: Sequence[Fit]) -> list[Json]:
    """Write them with what each would cost; what leaves nothing booked for a while comes last, as on the page."""
    asker, ids = Asker.on_behalf_of(lost.organisation), {each.resource_id for each in offers}
    places, terms = shown_by_id(ids), terms_of(ids, asker)
    uses = [
        planned(each.resource_id, each.span, terms[each.resource_id].zone, each.quantity) for each in offers
    ]
    foreseen = [[measured(use, each.metres, each.grams)] for use, each in zip(uses, offers, strict=True)]
    costs = costs_apart(foreseen, lost.organisation)
    in_order = InOrder.of(lost, "", get_terms(lost.resource_id, asker))
    written = [
        _fit(lost, each, places[each.resource_id], terms[each.resource_id], in_order)
        | {"estimate": writing.estimate(cost.all)}
        for each, cost in zip(offers, costs, strict=True)
    ]
    return sorted(written, key=lambda each: bool(each["lacks"]))


def _fit(lost: Booking, fit: Fit, place: Shown, terms: Terms, in_order: InOrder) -> Json:
    return {
        "resource": writing.name_of(place),
        "site": {"slug": place.site_slug, "name": place.site_name, "timezone": place.timezone},
        **writing.window(fit.span, terms.zone),
        "quantity": fit.quantity,
        "unit": place.unit,
        "km": round(fit.km, 1),
        "metres": fit.metres,
        "trips": fit.trips,
        "why": [*fit.why],
        "lacks": [*idle_words(replace(in_order, terms=terms), fit.span, lost), *fit.lacks],
        "licence_years": years_of(place),
    }
