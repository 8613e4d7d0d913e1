"""What bookings cost, in a few words, on pages that are about something else, and the way to read more of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from app.bookings.costs import Costs, find_all_costs, find_costs
from app.bookings.goods import goods_of
from app.bookings.models import Booking, Bundle
from app.bookings.paid_directly import all_paid_directly, total_of, unreckoned_among
from app.bookings.policy import BookingPermission as P
from app.bookings.words.costs import is_nothing_due, total_words
from app.core.policy import Actor, can
from app.payments.queries import has_money
from app.payments.service.outlook import Total, total_in, totals_of
from app.payments.tariffs.estimate_words import aside_words
from app.payments.tariffs.told import Why


class CostSeen(NamedTuple):
    """What something costs, and where it is read in full."""

    words: str
    url: str


def cost_seen(booking: Booking, actor: Actor) -> CostSeen | None:
    """Say what a booking costs; None where it costs nothing, or the reader may not know."""
    return costs_seen([booking], actor).get(booking.ref)


def costs_seen(bookings: Iterable[Booking], actor: Actor) -> dict[str, CostSeen]:
    """Say what each of several bookings costs, by its reference, as far as the reader may know."""
    return {
        each.booking.ref: CostSeen(_words(each, total), url_for("bookings.costs", ref=each.booking.ref))
        for each, total in _seen(bookings, actor)
    }


def all_costs_words(bookings: Iterable[Booking], actor: Actor) -> str:
    """Say what those bookings come to that cost something, as far as the reader may know; or nothing."""
    total = total_in(total for each, total in _seen(bookings, actor) if not is_nothing_due(each))
    return total_words(total) if total else ""


def fee_of(booking: Booking, percent: int) -> Total | None:
    """Tell what a part of the price would come to if a booking were given up now; None where nothing is reckoned."""
    costs = find_costs(booking)
    if costs is None:
        return None
    late = replace(costs.told, why=Why.CANCELLED_LATE, percent=percent)
    return totals_of([(costs.plan, late)])[0]


def costs_together(groups: Mapping[str, Sequence[Booking]], actor: Actor) -> dict[str, str]:
    """Say what each of several groups of bookings comes to, by its name; what is not reckoned is left out."""
    each = {booking.ref: booking for bookings in groups.values() for booking in bookings}
    totals = {
        costs.booking.ref: total for costs, total in _seen(each.values(), actor) if not is_nothing_due(costs)
    }
    found = {
        name: total_in(totals[booking.ref] for booking in bookings if booking.ref in totals)
        for name, bookings in groups.items()
    }
    return {name: total_words(total) for name, total in found.items() if total}


def bundle_cost_seen(bundle: Bundle, actor: Actor) -> CostSeen | None:
    """Say what those elements of a request, and the goods, cost that the reader may know of; None where nothing is.

    What is paid directly to a place counts, and is told apart; where that is all of it, there is no page to read more.
    """
    legs = [leg for leg in bundle.legs if leg.leg_number is not None]
    costs = find_all_costs(legs)
    aside = all_paid_directly(each for each in unreckoned_among(legs, costs) if can(actor, P.SEE, each))
    seen = _totals([each for each in costs if can(actor, P.SEE_COSTS, each)])
    goods = [each for each in goods_of(bundle.id) if can(actor, P.SEE_GOODS_COSTS, each)]
    if not seen and not goods and (aside is None or not has_money(bundle.territory_id)):
        return None
    due = [total for each, total in seen if not is_nothing_due(each)]
    total = total_in([*totals_of((each.plan, each.told) for each in goods), *due, *total_of(aside)])
    words = " · ".join([total_words(total), *aside_words(aside)]) if total else _("Nothing is to be paid")
    return CostSeen(words, url_for("bookings.bundle_costs", bundle_ref=bundle.ref) if seen or goods else "")


def _seen(bookings: Iterable[Booking], actor: Actor) -> list[tuple[Costs, Total]]:
    return _totals([each for each in find_all_costs(bookings) if can(actor, P.SEE_COSTS, each)])


def _totals(costs: Sequence[Costs]) -> list[tuple[Costs, Total]]:
    return list(zip(costs, totals_of((each.plan, each.told) for each in costs), strict=True))


def _words(costs: Costs, total: Total) -> str:
    return _("Nothing is to be paid") if is_nothing_due(costs) else total_words(total)
