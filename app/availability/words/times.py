"""How times, windows and prices of a place read."""

from datetime import date, datetime, timedelta

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import gettext as _

from app.availability.rules import Terms
from app.availability.seasons import months_ahead
from app.core import clock
from app.core.span import Span, to_wall
from app.web.format import clock_time, day, month_words


def weekday(value: date) -> str:
    """Name the day of the week: "mardi"."""
    return format_date(value, "EEEE", locale=get_locale() or "fr")


def minute_words(minute: int) -> str:
    """Write minutes since midnight as a time: 1440 is "24:00"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day_words(value: date) -> str:
    """Write a day, with its year when that is not the present one."""
    return day(value, year=value.year != clock.now().year)


def moment(instant: datetime, terms: Terms) -> str:
    """Write an instant at the place: "mardi 6 octobre, 07:00" (by days: the day alone)."""
    wall = to_wall(instant, terms.zone)
    if terms.by_day:
        return day_words(wall.date())
    return _("%(day)s, %(time)s", day=day_words(wall.date()), time=clock_time(wall))


def stretch(start: datetime, end: datetime, terms: Terms) -> str:
    """Write a stretch of time inside a sentence: "de 11:00 à 12:00", "du 15 novembre au 20 novembre"."""
    first, last = to_wall(start, terms.zone), to_wall(end, terms.zone)
    if terms.by_day:
        until = (last - timedelta(seconds=1)).date()
        if until == first.date():
            return _("on %(day)s", day=day_words(until))
        return _("from %(first)s to %(last)s included", first=day_words(first.date()), last=day_words(until))
    if first.date() == last.date():
        return _("from %(start)s to %(end)s", start=clock_time(first), end=clock_time(last))
    if last == datetime.combine(first.date() + timedelta(days=1), datetime.min.time()):
        return _("from %(start)s to %(end)s", start=clock_time(first), end="24:00")
    return _(
        "from %(first)s %(start)s to %(last)s %(end)s",
        first=day_words(first.date()),
        start=clock_time(first),
        last=day_words(last.date()),
        end=clock_time(last),
    )


def near_day(value: date, today: date) -> str:
    """Name a day as one says it: today, tomorrow, "jeudi 8 octobre"."""
    if value == today:
        return _("today")
    if value == today + timedelta(days=1):
        return _("tomorrow")
    return day_words(value)


def window_words(window: Span, terms: Terms) -> str:
    """Write the next free window on a card: "demain, 13:00–22:00", "dès jeudi 8 octobre"."""
    start, end = window.walls(terms.zone)
    today = to_wall(clock.now(), terms.zone).date()
    name = near_day(start.date(), today)
    if terms.by_day:
        return _("from %(day)s on", day=name)
    last_moment = end - timedelta(seconds=1)
    if last_moment.date() == start.date():
        until = "24:00" if end.date() != start.date() else clock_time(end)
        return _("%(day)s, %(start)s–%(end)s", day=name, start=clock_time(start), end=until)
    return _("from %(day)s %(start)s on", day=name, start=clock_time(start))


def month_choices(terms: Terms) -> list[tuple[str, str]]:
    """List the months in which a season may lie, as a field sends them and as people say them."""
    return [(f"{month:%Y-%m}", month_words(month)) for month in months_ahead(terms, clock.now())]
