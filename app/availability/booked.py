"""What a hold is booked for, as people see it: the room of bookings knows, claims only show what is left of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from app.availability.rules import Part

ALWAYS = 0, 2**53  # epoch seconds


class Booked(NamedTuple):
    """One booking of a resource: its hold, the time people see (epoch seconds) and its quantity.

    `given` are the stretches of that time which lack some units, called back by a quota: start, end, how many; in
    order, none overlap.
    """

    hold_id: int
    start: int
    end: int
    qty: int
    given: tuple[tuple[int, int, int], ...] = ()

    def given_of(self, part: Part) -> Iterator[tuple[int, int, int]]:
        """Tell from when till when how many units of a part are given back: what is left between serves to clean.

        Before it begins and after it ends there is nothing left to get ready or to clean for what is given back.
        """
        for start, end, units in self._layers():
            since = ALWAYS[0] if start <= self.start else start + part.after * 60
            until = ALWAYS[1] if end >= self.end else end - part.before * 60
            yield since, until, units * part.qty

    def _layers(self) -> Iterator[tuple[int, int, int]]:
        """Lay the stretches on top of each other: who gives two back, and then two more, leaves with two only once."""
        below = 0
        for level in sorted({units for _start, _end, units in self.given}):
            deep = [(start, end) for start, end, units in self.given if units >= level]
            for since, until in _joined(deep):
                yield since, until, level - below
            below = level


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join stretches, in order, that touch."""
    found: list[tuple[int, int]] = []
    for start, end in stretches:
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


Reader = Callable[[Collection[int]], Mapping[int, Booked]]
_readers: list[Reader] = []


def booked_reader(reader: Reader) -> Reader:
    """Mark the function that tells what holds are booked for: hold ids → by hold id; others are absent."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def booked_of(hold_ids: Collection[int]) -> dict[int, Booked]:
    """Tell what these holds are booked for; what is only kept for somebody's answer is absent."""
    found: dict[int, Booked] = {}
    for reader in _readers if hold_ids else ():
        found |= reader(hold_ids)
    return found
