"""Opening hours as instants: local civil days laid on the UTC line, right on the days when clocks change."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from app.availability.opening.holidays import HolidayCalendar
from app.availability.opening.hours import OpeningHours

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()

# A stretch of a civil day with one offset: wall seconds from..to, and what to add to them to get epoch seconds.
_Stretch = tuple[int, int, int]


def open_intervals(
    hours: OpeningHours,
    calendar: HolidayCalendar,
    zone: ZoneInfo,
    start_epoch: int,
    end_epoch: int,
) -> list[tuple[int, int]]:
    """The instants of `start_epoch`..`end_epoch` at which the place is open: merged `(start, end)` UTC epoch seconds.

    An instant is open if and only if its wall clock time is: an hour that is skipped cannot be open, an hour that
    comes twice is open twice.
    """
    found: list[tuple[int, int]] = []
    if start_epoch >= end_epoch:
        return found
    for ordinal in range(_local_ordinal(start_epoch, zone), _local_ordinal(end_epoch - 1, zone) + 1):
        ranges = hours.day(date.fromordinal(ordinal), calendar)
        if not ranges:
            continue
        for low, high, base in _stretches(zone, ordinal):
            for start, end in ranges:
                opens = max(base + max(start * 60, low), start_epoch)
                closes = min(base + min(end * 60, high), end_epoch)
                if opens >= closes:
                    continue
                if found and found[-1][1] == opens:
                    found[-1] = (found[-1][0], closes)
                else:
                    found.append((opens, closes))
    return found


def _local_ordinal(epoch: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(epoch, zone).toordinal()


@lru_cache(maxsize=16384)
def _stretches(zone: ZoneInfo, ordinal: int) -> tuple[_Stretch, ...]:
    """The stretches of constant offset of a civil day: one, except on the days when clocks change."""
    midnight = (ordinal - _EPOCH_ORDINAL) * _DAY
    # Every instant whose wall date is this day lies between these two, whatever the zone's offset.
    before, after = midnight - 15 * _HOUR, midnight + _DAY + 13 * _HOUR
    early, late = _offset(before, zone), _offset(after, zone)
    if early == late:
        return ((0, _DAY, midnight - early),)
    change = _first_with_offset(late, before, after, zone)
    stretches = (
        (0, min(_DAY, change + early - midnight), midnight - early),
        (max(0, change + late - midnight), _DAY, midnight - late),
    )
    return tuple(stretch for stretch in stretches if stretch[0] < stretch[1])


def _first_with_offset(offset: int, low: int, high: int, zone: ZoneInfo) -> int:
    """The instant of the change of offset between `low` and `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(middle, zone) == offset else (middle, high)
    return high


def _offset(epoch: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(epoch, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
