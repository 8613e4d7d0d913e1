"""What is typed into the hours editor, as a week grid: forgiving about how times are written, not about the meaning.

A day takes ranges such as "07:00-12:00, 13h30-18h"; nothing typed means closed. Errors are codes and facts by field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal

from app.availability.asking import read_day
from app.availability.errors import BadExpression, Refusal
from app.availability.opening import (
    BadOpeningHours,
    GridException,
    OpeningHours,
    Ranges,
    WeekGrid,
    grid_from_hours,
    hours_from_grid,
)
from app.availability.opening.grid import YEARLY
from app.availability.opening.vocabulary import suggested_time
from app.availability.rules import DAY_MINUTES

MOST_EXCEPTIONS = 40
_SEPARATOR = re.compile(r"\s*(?:-|–|—|à|a|to)\s*")
_TIME = re.compile(r"\d{2}:\d{2}")


@dataclass
class Draft:
    """The editor's fields as typed (`raw`), what is wrong by field, and the hours when nothing is."""

    raw: dict[str, str]
    rows: int
    errors: dict[str, Refusal] = field(default_factory=dict)
    expression: str | None = None

    @classmethod
    def of_expression(cls, expression: str) -> "Draft":
        """Show hours as they are stored; what no grid can say is shown as text."""
        grid = grid_from_hours(OpeningHours.parse(expression))
        if grid is None:
            return cls({"mode": "text", "expression": expression}, 1, expression=expression)
        raw = {"mode": "week", "expression": expression, "public": grid.public_holidays}
        for number, ranges in enumerate(grid.days):
            raw[f"day{number}"] = ranges_typed(ranges)
            raw[f"school{number}"] = "1" if number in grid.school_days else ""
        for number, exception in enumerate(grid.exceptions):
            raw |= _exception_typed(number, exception)
        return cls(raw, len(grid.exceptions) + 1, expression=expression)


def ranges_typed(ranges: Ranges) -> str:
    """Write ranges as the editor shows them."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in ranges)


def _clock(minute: int) -> str:
    if minute > DAY_MINUTES:
        minute -= DAY_MINUTES
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _exception_typed(number: int, exception: GridException) -> dict[str, str]:
    return {
        f"first{number}": exception.first.isoformat(),
        f"last{number}": exception.last.isoformat(),
        f"hours{number}": ranges_typed(exception.ranges),
        f"yearly{number}": "1" if exception.every_year else "",
    }


def read_draft(form: Mapping[str, str]) -> Draft:
    """Read the editor's form; `draft.expression` is the text to store when there are no errors."""
    rows = min(max(_number(form.get("rows", "1")), 1), MOST_EXCEPTIONS)
    names = ["mode", "expression", "public", *(f"{n}{d}" for n in ("day", "school") for d in range(7))]
    names += [f"{n}{d}" for n in ("first", "last", "hours", "yearly") for d in range(rows)]
    draft = Draft({name: (form.get(name) or "").strip()[:1000] for name in names}, rows)
    if draft.raw["mode"] == "text":
        draft.expression = _from_text(draft)
    else:
        draft.expression = _from_week(draft)
    return draft


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _from_text(draft: Draft) -> str | None:
    try:
        return str(OpeningHours.parse(draft.raw["expression"]))
    except BadOpeningHours as error:
        draft.errors["expression"] = Refusal(BadExpression.code, {"reason": error.code, **error.facts})
        return None


def _from_week(draft: Draft) -> str | None:
    days = tuple(_ranges(draft, f"day{number}") for number in range(7))
    school = frozenset(number for number in range(7) if draft.raw[f"school{number}"])
    exceptions = tuple(found for number in range(draft.rows) if (found := _exception(draft, number)))
    if draft.errors:
        return None
    public: Literal["open", "closed"] = "open" if draft.raw["public"] == "open" else "closed"
    return str(hours_from_grid(WeekGrid(days, public, school, exceptions)))


def _ranges(draft: Draft, name: str) -> Ranges:
    try:
        return read_ranges(draft.raw[name])
    except BadRange as error:
        draft.errors[name] = Refusal("bad_range", {"piece": error.piece})
        return ()


class BadRange(ValueError):
    """A piece that is no range of times, such as "8-" or "25:00-26:00"."""

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


def read_ranges(text: str) -> Ranges:
    """Read "07:00-12:00, 13h30-18h" as ranges of minutes; an end before its start lies in the next morning."""
    found = [_range(piece.strip()) for piece in re.split(r"[,;]|\bet\b", text) if piece.strip()]
    found.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise BadRange(text.strip())
    return tuple(found)


def _range(piece: str) -> tuple[int, int]:
    ends = _SEPARATOR.split(piece)
    if len(ends) != 2:
        raise BadRange(piece)
    start, end = (_minutes(text, piece) for text in ends)
    if start in {DAY_MINUTES, end}:
        raise BadRange(piece)
    return start, end if end > start else end + DAY_MINUTES


def _minutes(text: str, piece: str) -> int:
    clock = text if _TIME.fullmatch(text) else suggested_time(text.replace(":", "h").lower())
    if clock is None:
        raise BadRange(piece)
    hours, minutes = (int(part) for part in clock.split(":"))
    if hours * 60 + minutes > DAY_MINUTES or minutes > 59:
        raise BadRange(piece)
    return hours * 60 + minutes


def _exception(draft: Draft, number: int) -> GridException | None:
    typed = [draft.raw[f"{name}{number}"] for name in ("first", "last", "hours")]
    if not any(typed[:2]):
        if typed[2]:
            draft.errors[f"first{number}"] = Refusal("date_missing")
        return None
    yearly = bool(draft.raw[f"yearly{number}"])
    first = _date(draft, f"first{number}", typed[0] or typed[1])
    last = _date(draft, f"last{number}", typed[1] or typed[0])
    ranges = _ranges(draft, f"hours{number}")
    if first is None or last is None:
        return None
    if last < first and not yearly:
        draft.errors[f"last{number}"] = Refusal("last_before_first")
        return None
    if yearly:
        first, last = first.replace(year=YEARLY), last.replace(year=YEARLY)
    return GridException(first, last, ranges, every_year=yearly)


def _date(draft: Draft, name: str, typed: str) -> date | None:
    found = read_day(typed)
    if found is None:
        draft.errors[name] = Refusal("bad_date", {"typed": typed})
    return found
