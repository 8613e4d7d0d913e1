"""What was chosen for single dates of a series, as fields of a form: another time or place, fewer, or none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.bookings.occurrences import MOST_OPENED, Fewer
from app.core.span import EmptySpan, Span

LEAVE_OUT = "non"
OPENED = "autrement"  # the days for which other ways were asked for
_SPAN = re.compile(r"(?:([a-z0-9-]{1,200})@)?(\d{9,10})-(\d{9,10})", re.ASCII)
_FEWER = re.compile(r"x([1-9]\d{0,4})", re.ASCII)
_DAY = re.compile(r"jour-(\d{4}-\d\d-\d\d)", re.ASCII)


@dataclass(frozen=True)
class At:
    """A time at another place, by the slug of its resource."""

    slug: str
    span: Span


Choice = Span | At | Fewer | None  # None: leave the date out


def read_choices(typed: Iterable[tuple[str, str]]) -> dict[date, Choice]:
    """Read what was chosen for single days; what is no choice of ours counts for nothing."""
    found: dict[date, Choice] = {}
    for name, value in typed:
        match, span, fewer = _DAY.fullmatch(name), _SPAN.fullmatch(value), _FEWER.fullmatch(value)
        if match and value == LEAVE_OUT:
            found |= _on(match[1], None)
        elif match and fewer and _is_day(match[1]):
            found[date.fromisoformat(match[1])] = Fewer(int(fewer[1]))
        elif match and span:
            found |= _on(match[1], span)
    return found


def read_opened(typed: Sequence[str]) -> list[date]:
    """Read the days for which other times and places were asked for, in turn: the last, where these are many."""
    last_first = dict.fromkeys(reversed(typed))
    days = [date.fromisoformat(each) for each in last_first if _is_day(each)]
    return days[:MOST_OPENED][::-1]


def _is_day(typed: str) -> bool:
    try:
        return date.fromisoformat(typed).isoformat() == typed
    except ValueError:
        return False


def name_of_seen(day: date) -> str:
    """Name the field that tells what was typed for a day and looked at already, as the value of a choice."""
    return f"vu-{day.isoformat()}"


def write_choices(chosen: Mapping[date, Choice]) -> list[tuple[str, str]]:
    """Write choices as the names and values of fields."""
    return [(name_of(day), choice_value(choice)) for day, choice in chosen.items()]


def name_of(day: date) -> str:
    """Name the field of a day."""
    return f"jour-{day.isoformat()}"


def choice_value(choice: Choice) -> str:
    """Write what was chosen as the value of a field."""
    if choice is None:
        return LEAVE_OUT
    if isinstance(choice, Fewer):
        return f"x{choice.quantity}"
    return f"{choice.slug}@{span_value(choice.span)}" if isinstance(choice, At) else span_value(choice)


def span_value(span: Span) -> str:
    """Write another time as the value of a field."""
    start, end = span.epochs
    return f"{start}-{end}"


def _on(day: str, found: "re.Match[str] | None") -> dict[date, Choice]:
    try:
        span = Span.of_epochs(int(found[2]), int(found[3])) if found else None
        return {date.fromisoformat(day): At(found[1], span) if found and span and found[1] else span}
    except (ValueError, EmptySpan):
        return {}
