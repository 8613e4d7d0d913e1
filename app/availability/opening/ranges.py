"""Ranges of minutes within a day: `(start, end)`, half-open, minutes since local midnight."""

from collections.abc import Iterable
from typing import Final

Ranges = tuple[tuple[int, int], ...]

DAY: Final = 1440


def merge(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same minutes as few, sorted, disjoint ranges; touching ranges become one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def clock_text(minute: int) -> str:
    """Minutes since midnight as `HH:MM`; 1440 is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def range_text(start: int, end: int) -> str:
    """A range as OSM writes it: the end of a night is written as the hour of the next morning."""
    past_midnight = DAY < end < start + DAY
    return f"{clock_text(start)}-{clock_text(end - DAY if past_midnight else end)}"


def ranges_text(ranges: Ranges) -> str:
    """Several ranges as OSM writes them; empty text for none."""
    return ",".join(range_text(start, end) for start, end in ranges)
