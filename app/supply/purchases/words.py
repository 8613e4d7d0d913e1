"""Words for group purchases: what is bought, what is missing to the minimum, where it is packed, what is refused."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.bookings.models import Booking
from app.bookings.rules import LIVE as LIVE_BOOKINGS
from app.bookings.rules import PENDING
from app.bookings.words import moment
from app.catalogue.naming import label_of
from app.core import clock
from app.supply.cargo import cost_cents
from app.supply.cargo_words import REGIMES, kilos, load_words, packages_words
from app.supply.offers.words import price_words
from app.supply.purchases.models import GroupPurchase
from app.supply.purchases.policy import PurchasePermission
from app.supply.purchases.rules import OrderState, State
from app.web.format import clock_time, day, money, span_words
from app.web.words import Facts, refuses, worded

ORDER_STATES: Final[Mapping[str, tuple[str, Any]]] = {  # the badge whose look it has, and its words
    OrderState.ORDERED: ("approved", _l("ordered")),
    OrderState.WITHDRAWN: ("cancelled", _l("withdrawn")),
    OrderState.ENDED: ("refused", _l("released")),
    OrderState.HANDED_OUT: ("done", _l("handed out")),
}


def standing_words(purchase: GroupPurchase, ordered: int) -> str:
    """Say in a few words where a purchase stands."""
    if purchase.state == State.CANCELLED:
        return (
            _("This purchase is cancelled")
            if purchase.reason
            else _("Cancelled: the minimum was not reached")
        )
    if purchase.state == State.CONFIRMED:
        return _("Confirmed: %(kilos)s ordered", kilos=kilos(ordered))
    if not purchase.is_open_at(clock.now()):
        return _("The deadline has passed")
    return missing_words(purchase, ordered)


def missing_words(purchase: GroupPurchase, ordered: int) -> str:
    """Say how much is missing to the minimum."""
    missing = purchase.least_grams - ordered
    return _("%(kilos)s missing", kilos=kilos(missing)) if missing > 0 else _("The minimum is reached")


def ordered_words(purchase: GroupPurchase, ordered: int) -> str:
    """Say how much is ordered, beside the bar that shows it."""
    return _(
        "%(ordered)s ordered, %(least)s needed at least",
        ordered=kilos(ordered),
        least=kilos(purchase.least_grams),
    )


def deadline_words(purchase: GroupPurchase) -> str:
    """Say until when one orders."""
    at, tz = purchase.deadline_at, purchase.territory.timezone
    return _("%(day)s at %(time)s", day=day(at, tz=tz), time=clock_time(at, tz=tz))


def step_words(purchase: GroupPurchase) -> str:
    """Say by what it is ordered."""
    one = packages_words(purchase.packaging, 1)
    return _("%(package)s of %(kilos)s", package=one, kilos=kilos(purchase.per_package))


def cost_words(purchase: GroupPurchase, grams: int) -> str:
    """Say what so much of it costs."""
    cents = cost_cents(grams, purchase.price_cents)
    return money(cents) if cents else _("Gift")


def slot_words(booking: Booking, *exactly: str) -> str:
    """Name a booking in which something is packed: "Kitchen, Pôle nourricier: Tuesday 8 September, 14:00–17:00"."""
    resource = booking.resource
    where = ", ".join(piece for piece in (resource.name, resource.site.name, *exactly) if piece)
    when = span_words(booking.span, resource.site.timezone)
    return _("%(where)s: %(when)s", where=where, when=when)


def choice_words(booking: Booking) -> str:
    """Name a booking to choose it, with until when giving it up costs nothing, where later it does."""
    if booking.free_until is None:
        return slot_words(booking)
    until = moment(booking.free_until, booking.resource.site.timezone)
    return _("%(slot)s (free to cancel until %(until)s)", slot=slot_words(booking), until=until)


def late_words(purchase: GroupPurchase) -> str:
    """Warn that where it is packed is not given up for nothing at the deadline; nothing where it is."""
    booking = purchase.booking
    if booking is None or booking.decision not in LIVE_BOOKINGS or booking.free_until is None:
        return ""
    if purchase.deadline_at <= booking.free_until:
        return ""
    return _(
        "It can be given up free of charge until %(until)s only, before the deadline. If the minimum is not reached, "
        "%(percent)s %% of its price stay due. To pay nothing, choose another booking, or none for now.",
        until=moment(booking.free_until, booking.resource.site.timezone),
        percent=booking.late_percent,
    )


def packing_words(purchase: GroupPurchase) -> str:
    """Say where and when it is packed, as far as that is sure; nothing where nobody said."""
    booking = purchase.booking
    if booking is None or booking.decision not in LIVE_BOOKINGS:
        return ""
    site = booking.resource.site
    where = slot_words(booking, site.address, label_of(site.commune_code) or "")
    return _("%(where)s (not accepted yet)", where=where) if booking.decision == PENDING else where


def purchase_facts(purchase: GroupPurchase, ordered: int) -> list[tuple[str, Any, str]]:
    """List what there is to know of a purchase."""
    rows = [
        (_("Order by"), deadline_words(purchase), "clock"),
        (_("Supplier"), purchase.supplier, "building"),
        (_("Price"), price_words(purchase.price_cents), "euro"),
        (_("Ordered in"), step_words(purchase), "archive"),
        (_("Minimum"), kilos(purchase.least_grams), "list"),
        (_("Maximum"), kilos(purchase.most_grams) if purchase.most_grams else "", "list"),
        (_("Temperature"), REGIMES[purchase.regime], "thermometer"),
        (_("Packed at"), packing_words(purchase), "pin"),
        (_("To bring"), purchase.bring, "list"),
        (_("Note"), purchase.note, "message"),
        (_("To carry"), load_words(purchase.cargo(ordered)) if ordered else "", "vehicle"),
        (_("Organised by"), purchase.organisation.name, "users"),
    ]
    return [row for row in rows if row[1]]


@refuses(PurchasePermission.OPEN, PurchasePermission.ORDER)
def _no_organisation() -> str:
    return _("Organisations of the territory buy together. Join yours, then come back.")


@refuses(PurchasePermission.KEEP, PurchasePermission.SEE_ORDERS)
def _not_yours() -> str:
    return _("Only the organisation that organises this purchase can do this. Write to it, or call it.")


@refuses(PurchasePermission.SEE)
def _elsewhere() -> str:
    return _("Only the organisations of its territory see this purchase. Look at what is bought around you.")


@worded("purchase_closed")
def _purchase_closed(facts: Facts) -> str:
    match facts["state"]:
        case State.CANCELLED:
            return _("This purchase is cancelled. Look at what else is bought together.")
        case State.CONFIRMED:
            return _("This purchase is confirmed: call who organises it to change anything.")
        case _:
            return _(
                "The deadline has passed: nothing is ordered or changed any more. Call who organises it."
            )


@worded("wrong_step")
def _wrong_step(facts: Facts) -> str:
    step, more = kilos(facts["step"]), kilos(facts["more"])
    if not facts["fewer"]:
        return _("It is ordered by packages of %(step)s. Order %(more)s.", step=step, more=more)
    return _(
        "It is ordered by packages of %(step)s. Order %(fewer)s or %(more)s.",
        step=step,
        fewer=kilos(facts["fewer"]),
        more=more,
    )


@worded("too_much_ordered")
def _too_much_ordered(facts: Facts) -> str:
    if not facts["left"]:
        return _("All of it is ordered. Look at what else is bought together.")
    return _("Only %(left)s are left. Order less, or all that is left.", left=kilos(facts["left"]))


@worded("far_above_minimum")
def _far_above_minimum(facts: Facts) -> str:
    said = {"kilos": kilos(facts["grams"]), "times": facts["times"]}
    if not facts["cents"]:
        return _("%(kilos)s are more than %(times)s times the minimum. Confirm it, or order less.", **said)
    return _(
        "%(kilos)s are more than %(times)s times the minimum, and come to %(cost)s. Confirm it, or order less.",
        **said,
        cost=money(facts["cents"]),
    )


@worded("bad_purchase")
def _bad_purchase(facts: Facts) -> str:
    match facts["reason"]:
        case "supplier":
            return _("Say who supplies it: an organisation, or any name.")
        case "price":
            most = money(facts["most"])
            return _("A price for a kilo is between 0 and %(most)s. Check the amount.", most=most)
        case "most":
            most = kilos(facts["most"])
            return _("The maximum is at least the minimum, and at most %(most)s. Check both.", most=most)
        case "never":
            step, least, most = (kilos(facts[name]) for name in ("step", "least", "most"))
            if not facts["least"]:
                return _(
                    "It is ordered by packages of %(step)s: within this maximum nobody orders any. Type a maximum of "
                    "%(most)s or more.",
                    step=step,
                    most=most,
                )
            return _(
                "It is ordered by packages of %(step)s: this minimum is never reached within this maximum. Type a "
                "minimum of %(least)s or less, or a maximum of %(most)s or more.",
                step=step,
                least=least,
                most=most,
            )
        case "past":
            return _("That time is over. Choose a later one.")
        case "earlier":
            return _("The deadline can be later, not earlier: others count on it. Choose a later one.")
        case "too_long":
            return _n(
                "A purchase is open for %(num)s day at most. Choose an earlier deadline.",
                "A purchase is open for %(num)s days at most. Choose an earlier deadline.",
                facts["days"],
            )
        case _:
            return _(
                "This booking is not live, begins before the deadline, or is of no place in which parts are prepared. "
                "Choose another one, or none yet."
            )
