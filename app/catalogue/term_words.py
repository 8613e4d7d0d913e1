"""Why terms of use cannot be as they were typed, and what to do instead."""

from collections.abc import Callable, Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.catalogue.rules import TWO_STEP_NOTICE
from app.web.format import duration, money, number
from app.web.words import Facts, worded


@worded("bad_terms")
def _bad_terms(facts: Facts) -> str:
    return _WHY.get(facts["reason"], _out_of_range)(facts)


def _out_of_range(facts: Facts) -> str:
    show = _SHOWN_AS.get(facts.get("field", ""), number)
    return _("Enter a value from %(least)s to %(most)s.", least=show(facts["min"]), most=show(facts["max"]))


def _off_step(facts: Facts) -> str:
    return _("This must be a multiple of the step of the bookings (%(step)s).", step=duration(facts["step"]))


def _below_min(facts: Facts) -> str:
    return _("This cannot be shorter than the shortest booking (%(least)s).", least=duration(facts["min"]))


def _below_two_step(facts: Facts) -> str:
    return _(
        "With two approvals, a request without both of them ends %(ends)s before it begins: "
        "let people ask at least %(least)s before.",
        ends=duration(TWO_STEP_NOTICE),
        least=duration(facts["min"]),
    )


def _seats_with_driver(facts: Facts) -> str:
    return _n(
        "With the driver it has %(seats)s seats: offer %(num)s at most.",
        "With the driver it has %(seats)s seats: offer %(num)s at most.",
        facts["max"],
        seats=facts["seats"],
    )


def _too_late_to_answer(facts: Facts) -> str:
    return _(
        "A request ends after %(length)s without an answer: compare for no longer than that.",
        length=_hours(facts["hours"]),
    )


def _never_open(facts: Facts) -> str:
    return _(
        "With this notice they could never ask: it must be shorter than how far ahead they may ask (%(length)s).",
        length=_days(facts["days"]),
    )


def _always(sentence: LazyString) -> Callable[[Facts], str]:
    """Say the same whatever the facts."""
    return lambda _facts: str(sentence)


def _hours(hours: int) -> str:
    return duration(hours * 60)


def _days(days: int) -> str:
    return duration(days * 1440)


_SHOWN_AS: Mapping[str, Callable[[int], str]] = {
    "step_minutes": duration, "min_minutes": duration, "max_minutes": duration, "buffer_before": duration,
    "buffer_after": duration, "min_notice_minutes": duration, "horizon_days": _days, "answer_hours": _hours,
    "price_cents": money, "free_cancel_hours": _hours, "arbitration_hours": _hours,
}  # fmt: skip

_WHY: Mapping[str, Callable[[Facts], str]] = {
    "off_step": _off_step,
    "below_min": _below_min,
    "below_two_step": _below_two_step,
    "seats_with_driver": _seats_with_driver,
    "too_late_to_answer": _too_late_to_answer,
    "never_open": _never_open,
    "season_by_days": _always(
        _l("What is lent by the season is lent by whole days: choose whole days here.")
    ),
    "seats_in_places": _always(_l("Seats are counted in places: choose places here.")),
    "not_offered": _always(_l("Choose among the values offered.")),
    "nobody_answers": _always(
        _l("Where requests are accepted at once there is nothing to compare: put 0, or choose who says yes.")
    ),
    "free_anyway": _always(
        _l("What is free of charge stays free when it is cancelled: put 0 here, or set a price.")
    ),
}
