"""Why terms of use cannot be as they were typed, and what to do instead."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.web.format import duration, money, number
from app.web.words import Facts, worded


@worded("bad_terms")
def _bad_terms(facts: Facts) -> str:
    field = facts.get("field", "")
    if facts["reason"] == "off_step":
        return _(
            "This must be a multiple of the step of the bookings (%(step)s).", step=duration(facts["step"])
        )
    if facts["reason"] == "below_min":
        return _(
            "This cannot be shorter than the shortest booking (%(least)s).", least=duration(facts["min"])
        )
    if facts["reason"] == "below_two_step":
        return _(
            "With two approvals, a request without both of them ends 48 hours before it begins: "
            "let people ask at least %(least)s before.",
            least=duration(facts["min"]),
        )
    if facts["reason"] == "season_by_days":
        return _("What is lent by the season is lent by whole days: choose whole days here.")
    if facts["reason"] == "seats_in_places":
        return _("Seats are counted in places: choose places here.")
    if facts["reason"] == "seats_with_driver":
        return _n(
            "With the driver it has %(seats)s seats: offer %(num)s at most.",
            "With the driver it has %(seats)s seats: offer %(num)s at most.",
            facts["max"],
            seats=facts["seats"],
        )
    if facts["reason"] == "not_offered":
        return _("Choose among the values offered.")
    if facts["reason"] == "nobody_answers":
        return _(
            "Where requests are accepted at once there is nothing to compare: put 0, or choose who says yes."
        )
    if facts["reason"] == "too_late_to_answer":
        return _(
            "A request ends after %(length)s without an answer: compare for no longer than that.",
            length=_hours(facts["hours"]),
        )
    if facts["reason"] == "never_open":
        return _(
            "With this notice they could never ask: it must be shorter than how far ahead they may ask (%(length)s).",
            length=_days(facts["days"]),
        )
    if facts["reason"] == "free_anyway":
        return _("What is free of charge stays free when it is cancelled: put 0 here, or set a price.")
    show = _SHOWN_AS.get(field, number)
    return _("Enter a value from %(least)s to %(most)s.", least=show(facts["min"]), most=show(facts["max"]))


def _hours(hours: int) -> str:
    return duration(hours * 60)


def _days(days: int) -> str:
    return duration(days * 1440)


_SHOWN_AS: Mapping[str, Callable[[int], str]] = {
    "step_minutes": duration, "min_minutes": duration, "max_minutes": duration, "buffer_before": duration,
    "buffer_after": duration, "min_notice_minutes": duration, "horizon_days": _days, "answer_hours": _hours,
    "price_cents": money, "free_cancel_hours": _hours, "arbitration_hours": _hours,
}  # fmt: skip
