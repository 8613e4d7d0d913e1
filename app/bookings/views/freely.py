"""Another time or place that is typed for one date of a series, where nothing that is offered suits."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from app.availability.asking import read_day, read_slot
from app.availability.errors import Refusal
from app.availability.rules import DAY_MINUTES, Terms
from app.bookings.views.choices import At
from app.core.recurrence import Hours
from app.core.span import NonexistentTime, Span

_FIELD = re.compile(r"autre-(date|de|a|lieu)-(\d{4}-\d\d-\d\d)", re.ASCII)
_MOST = 200  # of letters in a field


@dataclass(frozen=True)
class Freely:
    """What was typed for one date: a day, times, a place; what is empty stays as the series has it."""

    date: str = ""
    de: str = ""
    a: str = ""
    lieu: str = ""


def read_freely(typed: Iterable[tuple[str, str]]) -> dict[date, Freely]:
    """Read what was typed by the day the rule gives; days for which nothing was are left out."""
    found: dict[str, dict[str, str]] = {}
    for name, value in typed:
        match = _FIELD.fullmatch(name)
        if match and (text := value.replace("\x00", "").strip()[:_MOST]):
            found.setdefault(match[2], {})[match[1]] = text
    days = {day: Freely(**fields) for day, fields in found.items()}
    return {known: each for day, each in days.items() if (known := read_day(day))}


def write_freely(typed: dict[date, Freely]) -> list[tuple[str, str]]:
    """Write what was typed as the names and values of fields: a page that does not settle it carries it."""
    return [
        (f"autre-{name}-{day.isoformat()}", value)
        for day, each in typed.items()
        for name, value in asdict(each).items()
        if value
    ]


def settle(day: date, typed: Freely, hours: Hours, terms: Terms) -> Span | At | Refusal:
    """Make of what was typed a time, at another place where one was chosen; else tell what is wrong with it."""
    on = typed.date or day.isoformat()
    found = _times(on, typed, hours, terms) if typed.de or typed.a else _as_ruled(on, hours)
    return At(typed.lieu, found) if typed.lieu and isinstance(found, Span) else found


def _as_ruled(on: str, hours: Hours) -> Span | Refusal:
    day = read_day(on)
    if day is None:
        return Refusal("bad_date", {"typed": on})
    found = hours.find(day)
    return Refusal(found.code, dict(found.facts)) if isinstance(found, NonexistentTime) else found


def _times(on: str, typed: Freely, hours: Hours, terms: Terms) -> Span | Refusal:
    raw = {"date": on, "de": typed.de or _clock(hours.start), "a": typed.a or _clock(hours.end)}
    day = read_day(on)
    if day and hours.end > DAY_MINUTES and raw["a"] <= raw["de"]:  # through the night, as the others
        raw["fin"] = (day + timedelta(days=1)).isoformat()
    asked = read_slot(raw, terms)
    for refusal in asked.errors.values():
        return refusal
    return asked.slot.span if asked.slot else Refusal("time_missing")


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes if minutes == DAY_MINUTES else minutes % DAY_MINUTES, 60)
    return f"{hour:02d}:{minute:02d}"
