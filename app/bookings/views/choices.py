"""What was chosen for single dates of a series, as fields of a form: another time, or to leave the date out."""

import re
from collections.abc import Iterable
from datetime import date

from app.bookings.occurrences import Choices
from app.core.span import EmptySpan, Span

LEAVE_OUT = "non"
_SPAN = re.compile(r"(\d{9,10})-(\d{9,10})", re.ASCII)
_DAY = re.compile(r"jour-(\d{4}-\d\d-\d\d)", re.ASCII)


def read_choices(typed: Iterable[tuple[str, str]]) -> dict[date, Span | None]:
    """Read what was chosen for single days; what is no choice of ours counts for nothing."""
    found: dict[date, Span | None] = {}
    for name, value in typed:
        match, span = _DAY.fullmatch(name), _SPAN.fullmatch(value)
        if match and value == LEAVE_OUT:
            found |= _on(match[1], None)
        elif match and span:
            found |= _on(match[1], span)
    return found


def write_choices(chosen: Choices) -> list[tuple[str, str]]:
    """Write choices as the names and values of fields."""
    return [(name_of(day), span_value(span) if span else LEAVE_OUT) for day, span in chosen.items()]


def name_of(day: date) -> str:
    """Name the field of a day."""
    return f"jour-{day.isoformat()}"


def span_value(span: Span) -> str:
    """Write another time as the value of a field."""
    start, end = span.epochs
    return f"{start}-{end}"


def _on(day: str, span: "re.Match[str] | None") -> dict[date, Span | None]:
    try:
        return {date.fromisoformat(day): Span.of_epochs(int(span[1]), int(span[2])) if span else None}
    except (ValueError, EmptySpan):
        return {}
