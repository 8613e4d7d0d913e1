"""How times, lengths, distances and prices read, in the reader's language and the place's zone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import get_day_names
from babel.numbers import format_currency, format_decimal
from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _

from app.core.span import Span, to_wall, whole_months
from app.web.i18n import REGIONAL, spoken_language

FEW: Final = 3  # smaller counts are not told: they might be somebody's


def zone(name: str) -> ZoneInfo:
    """Find a time zone by name."""
    return ZoneInfo(name)


def day(value: date | datetime, *, tz: str | None = None, year: bool = False) -> str:
    """Write a day as people say it: "mardi 6 octobre"."""
    if isinstance(value, datetime):
        value = (to_wall(value, ZoneInfo(tz)) if tz and value.tzinfo else value).date()
    language = spoken_language()
    number = "d'er'" if value.day == 1 and language == "fr" else "d"  # "mardi 1er septembre"
    return _date(value, f"EEEE {number} MMMM y" if year else f"EEEE {number} MMMM", language)


def short_day(value: date | datetime, *, tz: str | None = None) -> str:
    """Write a day shortly: "mar. 6 oct."."""
    if isinstance(value, datetime):
        value = (to_wall(value, ZoneInfo(tz)) if tz and value.tzinfo else value).date()
    return _date(value, "EEE d MMM", spoken_language())


@lru_cache(maxsize=4096)
def _date(value: date, pattern: str, language: str) -> str:
    """Write a date, once: lists name the same days again and again, and writing one takes 70 µs."""
    return babel_date(value, pattern, locale=REGIONAL[language])


def weekday_name(number: int) -> str:
    """Name a day of the week (0: Monday) inside a sentence: "mardi", "Tuesday"."""
    return str(get_day_names(locale=REGIONAL[spoken_language()])[number])


def clock_time(value: datetime, *, tz: str | None = None) -> str:
    """Write a time of day on 24 hours: "14:30"."""
    if tz and value.tzinfo:
        value = to_wall(value, ZoneInfo(tz))
    return value.time().isoformat("minutes")  # six times faster than strftime


def span_words(span: Span, tz: str) -> str:
    """Write a span shortly: one day with its hours, or from one day to another; whole days without hours."""
    start, end = span.walls(ZoneInfo(tz))
    whole = (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
    if whole:
        last = date.fromordinal(end.date().toordinal() - 1)
        if last == start.date():
            return _("%(day)s, all day", day=day(start.date()))
        months = whole_months(start, end)
        if months and months[0] != months[1]:
            return months_words(*months)
        return _("from %(first)s to %(last)s included", first=day(start.date()), last=day(last))
    if start.date() == end.date():
        return _(
            "%(day)s, %(start)s–%(end)s", day=day(start.date()), start=clock_time(start), end=clock_time(end)
        )
    return _(
        "from %(first)s %(start)s to %(last)s %(end)s",
        first=day(start.date()),
        start=clock_time(start),
        last=day(end.date()),
        end=clock_time(end),
    )


def month_words(first: date, *, year: bool = True) -> str:
    """Write a month: "mars 2027"."""
    return _date(first, "LLLL y" if year else "LLLL", spoken_language())


def months_words(first: date, last: date) -> str:
    """Write a season by its first and last month: "de mars à octobre 2027"."""
    month = month_words(first, year=first.year != last.year)
    if month[0] in "aeiouAEIOU":
        return pgettext("before a vowel", "from %(month)s to %(last)s", month=month, last=month_words(last))
    return _("from %(month)s to %(last)s", month=month, last=month_words(last))


def duration(minutes: int | timedelta) -> str:
    """Write a length: "45 min", "2 h 30", "3 jours". Who words a rule gives its number, so that all say the same."""
    if isinstance(minutes, timedelta):
        minutes = minutes // timedelta(minutes=1)
    if minutes >= 1440 and minutes % 1440 == 0:
        return ngettext("%(num)s day", "%(num)s days", minutes // 1440)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min", minutes=rest)
    return (
        _("%(hours)s h %(minutes)02d", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)
    )


def distance(km: float) -> str:
    """Write a distance: "3,2 km"."""
    return f"{format_decimal(round(km, 1) if km < 10 else round(km), locale=get_locale() or 'fr')} km"


def money(cents: int, currency: str = "EUR") -> str:
    """Write an amount kept in cents: "12,00 €"."""
    return format_currency(Decimal(cents) / 100, currency, locale=get_locale() or "fr")


def few(count: int) -> str:
    """Write a count of what people did; a small one is not told exactly, it might be somebody's."""
    return _("fewer than %(number)s", number=FEW) if 0 < count < FEW else str(count)


def number(value: float) -> str:
    """Write a number as the language does."""
    return format_decimal(value, locale=get_locale() or "fr")


FILTERS = {
    "day": day,
    "short_day": short_day,
    "clock_time": clock_time,
    "span_words": span_words,
    "duration": duration,
    "distance": distance,
    "money": money,
    "number": number,
}
