"""What a booking costs, in words: each line, who bears it and why, where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.bookings.costs import CHECKED_WITHIN, Costs, is_to_be_checked
from app.bookings.goods import Sold
from app.bookings.rules import EXCUSED, PENDING
from app.bookings.words.pieces import moment, zone_of
from app.core import clock
from app.core.money import MILLI, WHOLE_BP
from app.payments.books.credited import TakenBack
from app.payments.models import CostParty, PartyState
from app.payments.service.outlook import Outlook, SeenLine, Total
from app.payments.splits.splitting import Role, Share
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Why
from app.payments.tariffs.unpriced import NO_PRICE
from app.web.format import day, money, number

# What is counted, and how a quantity of it reads.
LABELS: Final[Mapping[Meter, Any]] = {
    Meter.HOUR: _l("Hours of use"),
    Meter.HALF_DAY: _l("Half-days"),
    Meter.DAY: _l("Days"),
    Meter.STARTED_DAY: _l("Days begun"),
    Meter.STARTED_PERIOD: _l("Periods of 24 hours begun"),
    Meter.MONTH: _l("Months"),
    Meter.PALLET_DAY: _l("Units by the day"),
    Meter.KG: _l("Weight"),
    Meter.KM: _l("Distance"),
    Meter.KWH: _l("Electricity"),
    Meter.PERSON: _l("People"),
    Meter.USE: _l("Use"),
    Meter.FLAT: _l("Flat rate"),
}
_UNITS: Final[Mapping[Meter, str]] = {
    Meter.HOUR: "h",
    Meter.KG: "kg",
    Meter.KM: "km",
    Meter.KWH: "kWh",
}


class LineWords(NamedTuple):
    """A line as the page shows it."""

    label: str
    quantity: str
    unit: str
    amount: str
    note: str


class ShareWords(NamedTuple):
    """What one bears, as the page shows it: who, why, to whom it is owed, how much, and what became of it."""

    payer: str
    why: str
    payee: str
    amount: str
    state: str


def line_words(line: SeenLine, currency: str) -> LineWords:
    """Write a line: what, how much of it, at what price, and what of it is given."""
    return LineWords(
        line.label or str(LABELS[line.meter]),
        _estimate(line.meter, line.quantity_milli)
        if line.foreseen_milli is not None
        else _quantity(line.meter, line.quantity_milli),
        "–" if line.waiver_reason == NO_PRICE else money(line.unit_cents, currency),
        money(line.cents, currency),
        _given_words(line, currency) or _expected_words(line),
    )


def _quantity(meter: Meter, milli: int) -> str:
    unit, quantity = _UNITS.get(meter), number(milli / MILLI)
    return f"{quantity}\u00a0{unit}" if unit else quantity


def _estimate(meter: Meter, milli: int) -> str:
    """Write what is only foreseen, no more exactly than it is known: nobody drives by the metre."""
    return _quantity(meter, round(milli, -2))


def foreseen_words(foreseen: Mapping[Meter, int]) -> str:
    """Say by how much of what is not measured yet something is estimated; nothing where all of it is known."""
    what = ", ".join(_estimate(meter, milli) for meter, milli in foreseen.items())
    return _("foreseen: %(what)s", what=what) if what else ""


def _expected_words(line: SeenLine) -> str:
    if line.foreseen_milli is None:
        return ""
    return _("As foreseen. What is measured will be charged.")


def _given_words(line: SeenLine, currency: str) -> str:
    if line.waiver_reason == NO_PRICE:
        return _("Free of charge: no price is set, so that its value is not known.")
    if not line.in_kind_cents:
        return ""
    if line.waiver_reason:
        return _(
            "Free of charge, worth %(value)s: %(reason)s",
            value=money(line.in_kind_cents, currency),
            reason=line.waiver_reason,
        )
    return _(
        "At %(percent)s %% of the public price for this organisation: %(value)s are given in kind.",
        percent=number(100 * line.coefficient_bp / WHOLE_BP),
        value=money(line.in_kind_cents, currency),
    )


def late_label(percent: int) -> str:
    """Name the line of what was given up too late."""
    return _("Cancelled late: %(percent)s %% of the price", percent=percent)


def total_words(total: Total) -> str:
    """Say in a few words what something comes to: an amount, or what it is worth where it is given."""
    if not total.cents and total.in_kind_cents:
        worth = money(total.in_kind_cents, total.currency)
        said = _("Free of charge, worth %(amount)s", amount=worth)
    elif not total.cents and not total.is_open:
        return _("Free of charge")
    else:
        said = money(total.cents, total.currency)
    if total.is_foreseen:
        said = _("%(amount)s, estimated from what is planned", amount=said)
    return _("%(amount)s, and what is measured", amount=said) if total.is_open else said


def why_words(share: Share, asker_id: int) -> str:
    """Say why somebody bears a share."""
    if share.role == Role.SUBSIDY:
        return _("Helps to pay")
    if share.role == Role.RESIDUAL:
        return _("Pays what ceilings leave")
    return _("Organisation that books") if share.payer_id == asker_id else _("Shares the cost")


def state_words(share: Share, cents: int, outlook: Outlook) -> str:
    """Say what became of a share: nothing is owed to oneself; what was charged is owed or paid."""
    if share.is_own:
        return _("Recorded as in kind, no bill")
    due = next((each for each in outlook.dues if (each.payer_id, each.payee_id) == share[2:0:-1]), None)
    if due is None:
        return _("Promised by its budget") if share.role == Role.SUBSIDY and outlook.held_cents else ""
    if due.owed_cents <= 0:
        return _("Credited") if due.credited_cents == due.cents else _("Paid")
    return _("Charged, %(left)s still owed", left=money(due.owed_cents, due.currency)) if cents else ""


def charged_anew_words(off_cents: int) -> str:
    """Say what became of a correction: charged anew, less what was let off before."""
    if off_cents:
        return _(
            "Charged anew by these figures. What had been taken back stays off: %(amount)s.",
            amount=money(off_cents),
        )
    return _(
        "Charged anew by these figures. If too much had been paid, it is an advance, which can be given back."
    )


def let_off_words(by_hand: Sequence[TakenBack], *, is_measured: bool) -> str:
    """Say what was taken back by hand, and whether it stays so where the rest is charged anew by other figures."""
    if not by_hand:
        return ""
    amount = money(sum(each.cents for each in by_hand))
    reason = " / ".join(dict.fromkeys(each.reason for each in by_hand))
    if is_measured:
        return _(
            "%(amount)s were taken back: %(reason)s. They stay off the new charge, unless you tick this.",
            amount=amount,
            reason=reason,
        )
    return _(
        "%(amount)s were taken back: %(reason)s. All that had been charged is charged again.",
        amount=amount,
        reason=reason,
    )


def put_right_words(zone: str, there: Sequence[TakenBack]) -> list[tuple[str, str]]:
    """Say what was put right of what was charged, each with its reason: what was taken back, what charged anew."""
    found = []
    for each in there:
        when, amount = day(each.at, tz=zone, year=True), money(each.cents)
        if each.is_charged_anew:
            what = _("%(day)s: charged anew, instead of %(amount)s", day=when, amount=amount)
        elif each.is_kept:
            what = _("%(day)s: %(amount)s stay taken back", day=when, amount=amount)
        else:
            what = _("%(day)s: %(amount)s taken back", day=when, amount=amount)
        found.append((what, each.reason))
    return found


def party_words(party: CostParty, asker: str) -> str:
    """Say where an organisation that was asked to share stands."""
    name = party.organisation.name
    if party.state == PartyState.ACCEPTED:
        return _("%(name)s has accepted its part.", name=name)
    if party.state == PartyState.DECLINED:
        return _("%(name)s has declined: %(asker)s bears its part.", name=name, asker=asker)
    return _("%(name)s has not answered yet: until then, %(asker)s bears its part.", name=name, asker=asker)


def changed_words(party: CostParty, cents: int) -> str:
    """Say to who is asked anew what its part was when it said yes, and is now; empty where it never did."""
    agreed = party.agreed_cents
    if party.state != PartyState.INVITED or agreed is None or agreed == cents:
        return ""
    return _("You had accepted %(before)s; it is %(now)s now.", before=money(agreed), now=money(cents))


def costs_standing(costs: Costs, outlook: Outlook) -> tuple[str, str]:
    """Say in a title and a sentence where what a booking costs stands."""
    booking, plan = costs.booking, costs.plan
    if plan.charge is not None:
        when = moment(plan.charge.posted_at, zone_of(booking))
        if not plan.is_priced:
            return _("Free of charge"), _("Written down as used: %(moment)s.", moment=when)
        return _("Charged"), _("Charged: %(moment)s.", moment=when)
    if is_nothing_due(costs):
        return _("Nothing is to be paid"), _("This booking does not take place.")
    if plan.waiver_reason or not plan.is_priced:
        return _("Free of charge"), _("Nothing will be charged for it.")
    if costs.told.why is Why.CANCELLED_LATE:
        return _("To be charged"), _("It was given up or moved too late: a part of the price stays due.")
    if booking.end_at <= clock.now():
        if outlook.missing:
            return _("Waits for what was measured"), _("It is charged once the figures below are entered.")
        if is_to_be_checked(costs):
            by = moment(booking.end_at + CHECKED_WITHIN, zone_of(booking))
            return _("Measured by who used it"), _(
                "Charged by these figures: %(moment)s. Until then the place can correct them.",
                moment=by,
            )
        return _("To be charged"), _("The booking is over: it is charged within a few minutes.")
    if booking.decision == PENDING:
        return _("Estimate"), _(
            "The price is promised; nothing is due before the booking is accepted and over."
        )
    return _("Agreed"), _("The price is promised. It is charged once the booking is over.")


def goods_standing(goods: Sold) -> str:
    """Say where what goods cost stands: agreed until they are collected, then charged."""
    return _("Charged") if goods.plan.is_closed else _("Agreed")


def is_nothing_due(costs: Costs) -> bool:
    """Tell whether a booking that does not take place leaves nothing to pay."""
    is_due = costs.told.percent and costs.plan.is_priced
    is_free = costs.told.why is Why.CANCELLED_LATE and not is_due
    return is_free or costs.booking.use == EXCUSED
