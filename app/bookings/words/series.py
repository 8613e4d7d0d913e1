"""Series in words: the rule, how many dates, and why one cannot be."""

from collections.abc import Mapping, Sequence

from babel.dates import get_day_names
from babel.lists import format_list
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.bookings.models import Booking, Series
from app.bookings.rules import GRANTED, PENDING
from app.bookings.service.series import hours_of, rule_of
from app.bookings.words.pieces import when_words
from app.core.recurrence import Frequency, Hours, Rule
from app.core.span import Span
from app.web.format import day, short_day
from app.web.words import Facts, worded

MOST_NAMED = 6
_NTH: Mapping[int, LazyString] = {
    1: _l("Every month: first %(weekday)s"),
    2: _l("Every month: second %(weekday)s"),
    3: _l("Every month: third %(weekday)s"),
    4: _l("Every month: fourth %(weekday)s"),
    -1: _l("Every month: last %(weekday)s"),
}
_BAD: Mapping[str, LazyString] = {
    "interval": _l("Repeat every 1 to %(most)s days, weeks or months."),
    "weekdays": _l("Choose at least one day of the week."),
    "times": _l("Repeat between 1 and %(most)s times; for more, leave the end open: the series goes on by itself."),
    "until_before_first": _l("The last day of the series comes before its first. Choose a later one."),
    "until_too_far": _l("A series can end at most %(most)s years ahead. Choose an earlier day, or leave the end open."),
    "first_over": _l("The first day of the series is over. Choose today or a later day."),
    "two_ends": _l("Give either a last day or a number of times, not both."),
}  # fmt: skip


def series_words(series: Series) -> str:
    """Say what recurs and when: "Chaque semaine : mardi · 09:00–12:00 · jusqu’au mardi 15 décembre"."""
    return rule_words(rule_of(series), hours_of(series))


def rule_words(rule: Rule, hours: Hours) -> str:
    """Say a rule as a short list of facts."""
    facts = [_often(rule), _times(hours), _end(rule)]
    if rule.but_holidays:
        facts.append(_("except school holidays"))
    return " · ".join(fact for fact in facts if fact)


def _often(rule: Rule) -> str:
    days = [weekday_name(number) for number in rule.weekdays]
    listed = format_list(days, locale=get_locale()) if days else ""
    match rule.frequency:
        case Frequency.DAILY:
            return _n("Every day", "Every %(num)s days", rule.interval)
        case Frequency.WEEKLY:
            return _n("Every week: %(days)s", "Every %(num)s weeks: %(days)s", rule.interval, days=listed)
        case Frequency.MONTHLY_DATE:
            number = rule.first.day
            return _n(
                "Every month, on day %(day)s",
                "Every %(num)s months, on day %(day)s",
                rule.interval,
                day=number,
            )
    nth = str(_NTH[rule.nth]) % {"weekday": weekday_name(rule.first.weekday())}
    return nth if rule.interval == 1 else _("%(which)s (one month in %(num)s)", which=nth, num=rule.interval)


def _times(hours: Hours) -> str:
    if hours.start % 1440 == 0 and hours.end % 1440 == 0:
        days = (hours.end - hours.start) // 1440
        return _n("all day", "%(num)s days each time", days)
    return _("%(start)s–%(end)s", start=_clock(hours.start), end=_clock(hours.end))


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _end(rule: Rule) -> str:
    if rule.until:
        return _("until %(day)s", day=day(rule.until, year=True))
    if rule.times:
        return _n("%(num)s time", "%(num)s times", rule.times)
    return _("without end")


def weekday_name(number: int) -> str:
    """Name a day of the week; Monday is 0."""
    return str(get_day_names("wide", locale=get_locale())[number])


def elsewhere_words(booking: Booking) -> str:
    """Say when and where a date of a series is that takes place elsewhere."""
    place = booking.resource
    return _(
        "%(when)s, %(resource)s, %(site)s",
        when=when_words(booking.span, place.site.timezone),
        resource=place.name,
        site=place.site.name,
    )


def elsewhere_standing_words(booking: Booking) -> str:
    """Say of a date of a series that goes on elsewhere whether it is booked there, or whose answer it waits for."""
    date_words = elsewhere_words(booking)
    if booking.decision == PENDING:
        owner = booking.resource.site.owner.name
        return _("%(date)s: waits for the answer of “%(owner)s”", date=date_words, owner=owner)
    return _("%(date)s: booked", date=date_words)


def sent_words(series: Series, elsewhere: Sequence[Booking]) -> str:
    """Say what has come of a series that was just sent, with its dates `elsewhere`."""
    waits = any(booking.decision == PENDING for booking in elsewhere)
    names = {"resource": series.resource.name, "owner": series.resource.site.owner.name}
    if series.state == GRANTED and waits:
        return _(
            "The dates at “%(resource)s” are booked. What is at another place waits for its answer.", **names
        )
    if series.state == GRANTED:
        return _("Your series is booked: all these dates are yours.")
    if elsewhere and not waits:
        return _(
            "Your series is sent and waits for the answer of “%(owner)s”. What is at another place is booked.",
            **names,
        )
    return _("Your series is sent. Here are its dates.")


def of_series_words(booking: Booking) -> str:
    """Say of which series a date at another place is; empty for what is none."""
    series = booking.elsewhere_of
    if series is None:
        return ""
    where = _("%(resource)s, %(site)s", resource=series.resource.name, site=series.resource.site.name)
    return _(
        "One date of a series that takes place elsewhere: %(where)s. It is asked for here alone.", where=where
    )


def dates_words(number: int) -> str:
    """Count dates."""
    return _n("%(num)s date", "%(num)s dates", number)


def counted_words(number: int, left_out: int) -> str:
    """Count dates, with those left out of the rule beside them: "11 dates (1 laissée de côté)"."""
    dates = dates_words(number)
    if not left_out:
        return dates
    return _n("%(dates)s (%(num)s left out)", "%(dates)s (%(num)s left out)", left_out, dates=dates)


@worded("bad_rule")
def _bad_rule(facts: Facts) -> str:
    sentence = _BAD.get(str(facts.get("reason")))
    if sentence is None:
        return _("This repetition cannot be read. Choose it again.")
    return str(sentence) % {"most": facts.get("most") or ""}


@worded("nothing_to_repeat")
def _nothing_to_repeat(_facts: Facts) -> str:
    return _(
        "No date of this series can be booked: they are taken, on holidays, too far ahead, or left out. "
        "Choose another time or another repetition."
    )


@worded("nothing_left_to_do")
def _nothing_left(_facts: Facts) -> str:
    return _("No date of this series is concerned any more: the others are over or already answered.")


@worded("not_repeated")
def _not_repeated(_facts: Facts) -> str:
    return _("This booking is made once and has no other dates. Act on it alone.")


@worded("date_elsewhere")
def _date_elsewhere(_facts: Facts) -> str:
    return _(
        "This date of a series takes place elsewhere than the others: act on it alone. "
        "To act on several dates, begin from one at the place of the series."
    )


@worded("dates_taken")
def _dates_taken(facts: Facts) -> str:
    taken = dates_taken_words(facts["spans"], str(facts["timezone"]))
    if facts["free"]:
        what = _("Accept the dates that are free, or refuse the series.")
    else:
        what = _("Refuse the series, or agree on other times with who asks.")
    return _("%(taken)s %(what)s", taken=taken, what=what)


def dates_taken_words(spans: Sequence[Span], timezone: str) -> str:
    """Say which dates others have taken while they waited."""
    return _n(
        "Others have taken %(num)s of these dates meanwhile (%(dates)s).",
        "Others have taken %(num)s of these dates meanwhile (%(dates)s).",
        len(spans),
        dates=listed_days(spans, timezone),
    )


def dates_closed_words(spans: Sequence[Span], timezone: str) -> str:
    """Say on which dates the place is closed."""
    return _n(
        "The place is closed at the time of %(num)s date (%(dates)s).",
        "The place is closed at the time of %(num)s dates (%(dates)s).",
        len(spans),
        dates=listed_days(spans, timezone),
    )


def listed_days(spans: Sequence[Span], timezone: str) -> str:
    """List the days of spans at a place, the first of them where they are many: "mar. 8 sept., mar. 15 sept."."""
    named = [short_day(span.start, tz=timezone) for span in spans[:MOST_NAMED]]
    more = len(spans) - len(named)
    return ", ".join([*named, _n("and %(num)s more", "and %(num)s more", more)] if more else named)


_DAY_FIXED: Mapping[str, LazyString] = {
    "not_weekly": _l(
        "Several dates can change their day only in a weekly series. Keep the day, or stop this series and ask for "
        "another."
    ),
    "other_week": _l("For several dates choose another day of the same week, Monday to Sunday."),
    "weekday_there": _l("The series has dates on that day of the week already. Choose another day of the same week."),
    "own_day": _l(
        "This date has a day of its own: open another date of the series to change the day of several."
    ),
}  # fmt: skip


@worded("series_day_fixed")
def _series_day_fixed(facts: Facts) -> str:
    return str(_DAY_FIXED[str(facts.get("reason", "not_weekly"))])
