"""Sentences for amounts that cannot be worked out: why, and what instead."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.money import MILLI
from app.payments.tariffs.tariff import Meter
from app.web.format import money, number
from app.web.words import Facts, worded


@worded("currencies_mixed")
def _currencies_mixed(facts: Facts) -> str:
    return _(
        "Amounts in %(one)s and in %(other)s cannot be added up. Charge them apart, one currency each.",
        one=facts["one"],
        other=facts["other"],
    )


# -- tariffs ------------------------------------------------------------------------------------------------


@worded("bad_tariff")
def _bad_tariff(facts: Facts) -> str:
    reason, piece = facts["reason"], str(facts["field"])
    if reason == "out_of_bounds":
        return _out_of_bounds(piece.rpartition(".")[2], facts)
    if reason in _IN_A_TARIFF:
        return str(_IN_A_TARIFF[reason])
    return _(
        "“%(piece)s” is not written as in a tariff. Compare it with the example in docs/money.md.",
        piece=piece,
    )


_IN_A_TARIFF: Final[Mapping[str, Any]] = {
    "both_started": _l(
        "A tariff counts either the days of the calendar that are begun, or begun periods of 24 hours. "
        "Keep one of the two."
    ),
    "tiers_not_rising": _l("Write the tiers from the lowest to the highest, each with another limit."),
    "not_by_the_hour": _l(
        "Only what is counted by the hour has peak and off-peak prices. Count it by the hour, or give it one price."
    ),
    "peak_hours_missing": _l("Say which hours are peak hours, or give one price for all hours."),
    "other_hours_missing": _l(
        "Only some of the hours have a price. Give the others theirs, too: 0 if they are free of charge."
    ),
    "vat_not_due": _l("There is no VAT under this regime. Leave its rate empty, or choose another regime."),
    "not_offered": _l("Choose a value in the list."),
    "price_missing": _l("Enter a price, 0 where it is free of charge, or take this line away."),
    "limit_missing": _l("Enter beyond how much this other price holds, or take it away."),
    "not_a_number": _l("Enter a number, like 12 or 1.5."),
    "too_fine": _l("Amounts and percentages have at most two decimals, quantities three."),
    "regime_missing": _l("Say which VAT regime the prices are under: nobody can guess it."),
    "days_missing": _l("Tick the days of the week on which these hours are peak hours, or take them away."),
    "bad_day": _l("Enter a day, like 2026-10-06."),
    "past_day": _l("A tariff holds from today on, or later: what is over keeps the price it had."),
    "far_day": _l("This day is too far away. Choose one within the next two years."),
    "too_many": _l("There are as many of these as a tariff can have. Take one away to add another."),
}


def _out_of_bounds(name: str, facts: Facts) -> str:
    if name == "label":
        return _("This text is too long: at most %(most)s letters.", most=facts["max"])
    if name in ("start", "end"):
        return _("Peak hours begin before they end, on the same day: from 08:00 to 18:00, for instance.")
    if name in ("lines", "tiers", "peaks"):
        return _(
            "There are too many of these, or none: from %(least)s to %(most)s are possible.",
            least=number(facts["min"]),
            most=number(facts["max"]),
        )
    show = _shown_as(name)
    return _("Enter a number from %(least)s to %(most)s.", least=show(facts["min"]), most=show(facts["max"]))


def _shown_as(name: str) -> Callable[[int], str]:
    """Tell how a number is shown to people: cents as money, thousandths and basis points as what they are parts of."""
    if name.endswith("_cents"):
        return money
    scale = MILLI if name.endswith("_milli") else 100
    return lambda value: number(value / scale)


# -- uses ---------------------------------------------------------------------------------------------------


@worded("bad_use")
def _bad_use(facts: Facts) -> str:
    return _("Enter a number that is not below %(least)s.", least=number(facts["min"]))


@worded("not_measured")
def _not_measured(facts: Facts) -> str:
    return str(
        _TO_ENTER.get(facts["meter"], _l("The tariff counts time: say from when to when it was used."))
    )


_TO_ENTER: Final[Mapping[str, Any]] = {
    Meter.KM: _l("The tariff counts kilometres: enter how many were driven, 0 if none."),
    Meter.KG: _l("The tariff counts kilograms: enter how many there were, 0 if none."),
    Meter.KWH: _l("The tariff counts electricity: enter the kilowatt-hours that were used, 0 if none."),
    Meter.PERSON: _l("The tariff counts people: enter how many there were, 0 if nobody."),
}


# -- sharing ------------------------------------------------------------------------------------------------


@worded("bad_split_key")
def _bad_split_key(facts: Facts) -> str:
    if facts["reason"] == "percent_total":
        return _(
            "The percentages come to %(total)s %%, and must come to 100 %%. Correct one of them.",
            total=number(facts["total_bp"] / 100),
        )
    return str(_IN_A_KEY[facts["reason"]])


_IN_A_KEY: Final[Mapping[str, Any]] = {
    "nobody": _l("Choose at least one organisation that bears the cost."),
    "below_zero": _l("Nobody bears less than nothing: enter 0 for who bears nothing."),
    "ceiling_below_zero": _l("A ceiling is not below zero. Leave it empty where there is none."),
    "unknown_tier": _l("Choose for each organisation one of the tiers of this key."),
}


@worded("bad_subsidy")
def _bad_subsidy(facts: Facts) -> str:
    if facts["field"] == "rate_bp":
        return _("A subsidy pays from 0 to %(most)s %% of a cost.", most=100)
    return _("A ceiling is not below zero. Leave it empty where there is none.")


@worded("nobody_bears")
def _nobody_bears(facts: Facts) -> str:
    return _(
        "Nobody bears the cost of %(amount)s: all shares are 0. Enter what was measured, or choose another key.",
        amount=money(facts["cents"]),
    )


@worded("unfunded")
def _unfunded(facts: Facts) -> str:
    return _(
        "With all ceilings reached, nobody bears %(amount)s. Raise a ceiling, or name who pays what is left.",
        amount=money(facts["cents"]),
    )


@worded("refund_too_large")
def _refund_too_large(facts: Facts) -> str:
    return _(
        "At most %(left)s can still be given back, and %(asked)s are asked for. Lower the amount.",
        left=money(facts["left"]),
        asked=money(facts["asked"]),
    )
