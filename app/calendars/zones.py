"""The time zone a calendar client is told, written so that every client reads the same hours.

A zone's TZif file ends with a POSIX rule (`CET-1CEST,M3.5.0,M10.5.0/3`) that says what holds from now on. Two
yearly rules are made from it, because lists of dates (RDATE) put summer events an hour late in Thunderbird and
are ignored by Outlook. The rule speaks for the years feeds cover; changes of law in the past are not retold, nor
dates a government sets year by year (Morocco's and Gaza's Ramadan).
"""

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import product
from pathlib import Path

from app.core.errors import Invalid

# Any year before all events does; clients know this one from every other producer.
FIRST_YEAR = 1970
UTC_NAMES = frozenset(
    area + name
    for area, name in product(("", "Etc/"), ("UTC", "UCT", "Universal", "Zulu", "GMT", "GMT0", "Greenwich"))
)

_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_NAME = r"(?:<([A-Za-z0-9+-]+)>|([A-Za-z]+))"
_CLOCK = r"([+-]?\d{1,3}(?::\d\d){0,2})"
_TURN = rf"M(\d\d?)\.(\d)\.(\d)(?:/{_CLOCK})?"
_FOOTER = re.compile(rf"{_NAME}{_CLOCK}(?:{_NAME}{_CLOCK}?,{_TURN},{_TURN})?")


class UnknownZone(Invalid):
    """No such time zone, or one whose rule no calendar can be told; `zone` names it."""

    code = "unknown_zone"


@dataclass(frozen=True)
class Turn:
    """When in the year the clocks change: `seconds` after 00:00 of the `week`-th `weekday` (Sunday is 0).

    Week 5 means the last one. `seconds` may be negative or more than a day: some laws say "the Friday after".
    """

    month: int
    week: int
    weekday: int
    seconds: int

    @property
    def rule(self) -> str:
        """The yearly RRULE of this turn."""
        day = _DAYS[(self.weekday + self._days) % 7]
        if not self._days:
            return f"FREQ=YEARLY;BYMONTH={self.month};BYDAY={-1 if self.week == 5 else self.week}{day}"
        possible = [self._earliest + timedelta(days=n) for n in range(7)]
        if all(date.month == possible[0].month for date in possible):
            days = ",".join(str(date.day) for date in possible)
            return f"FREQ=YEARLY;BYMONTH={possible[0].month};BYMONTHDAY={days};BYDAY={day}"
        # The seven days straddle two months: count from the year's end, which no leap day disturbs.
        days = ",".join(str(date.timetuple().tm_yday - 366) for date in possible)
        return f"FREQ=YEARLY;BYYEARDAY={days};BYDAY={day}"

    @property
    def first(self) -> datetime:
        """The first time it happens, on the wall clock that was valid until then (naive)."""
        wanted = (self.weekday + self._days) % 7
        late = (wanted - self._earliest.isoweekday()) % 7
        return self._earliest + timedelta(days=late, seconds=self.seconds % 86400)

    @property
    def _days(self) -> int:
        return self.seconds // 86400

    @property
    def _earliest(self) -> datetime:
        """The earliest date of the month it may fall on, whatever the year."""
        month = datetime(FIRST_YEAR, self.month, 1)  # noqa: DTZ001 - a date of the calendar, in no zone yet
        if self.week < 5:
            return month + timedelta(days=7 * (self.week - 1) + self._days)
        following = (month + timedelta(days=31)).replace(day=1)
        return following + timedelta(days=self._days - 7)


@dataclass(frozen=True)
class Observance:
    """One of a zone's two yearly times (or its only one): its name, offsets in seconds, when it begins."""

    kind: str
    name: str
    offset_before: int
    offset: int
    turn: Turn | None

    def lines(self) -> Iterator[str]:
        """Write it as a sub-component of VTIMEZONE."""
        first = self.turn.first if self.turn else datetime(FIRST_YEAR, 1, 1)  # noqa: DTZ001 - local by definition
        yield f"BEGIN:{self.kind}"
        yield f"DTSTART:{first:%Y%m%dT%H%M%S}"
        if self.turn:
            yield f"RRULE:{self.turn.rule}"
        yield f"TZNAME:{self.name}"
        yield f"TZOFFSETFROM:{_offset(self.offset_before)}"
        yield f"TZOFFSETTO:{_offset(self.offset)}"
        yield f"END:{self.kind}"


@lru_cache(maxsize=640)
def vtimezone(zone: str) -> bytes:
    """Write the VTIMEZONE of an IANA zone (`Europe/Paris`): CRLF lines, empty for UTC, which needs none.

    Raises UnknownZone.
    """
    if zone in UTC_NAMES:
        return b""
    lines = [line for observance in observances(footer_of(zone), zone) for line in observance.lines()]
    return "".join(
        f"{line}\r\n" for line in ("BEGIN:VTIMEZONE", f"TZID:{zone}", *lines, "END:VTIMEZONE")
    ).encode()


def footer_of(zone: str) -> str:
    """Read the POSIX rule at the end of a zone's TZif file, from the files Python itself uses."""
    try:
        zoneinfo.ZoneInfo(zone)
        return _tzif(zone).rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as unreadable:
        raise UnknownZone(zone=zone) from unreadable


def observances(footer: str, zone: str) -> tuple[Observance, ...]:
    """Tell the one or two yearly times a POSIX rule describes; raise UnknownZone where it cannot be read."""
    found = _FOOTER.fullmatch(footer)
    if found is None:
        raise UnknownZone(zone=zone, footer=footer)
    names = [found[1] or found[2], found[4] or found[5]]
    # POSIX counts westwards, calendars eastwards.
    usual = -_seconds(found[3])
    if found[7] is None:
        return (Observance("STANDARD", names[0], usual, usual, None),)
    other = -_seconds(found[6]) if found[6] else usual + 3600
    away, back = _turn(found, 7), _turn(found, 11)
    # The larger offset is called DAYLIGHT, also in Ireland, whose law calls summer the standard time.
    usual_kind, other_kind = ("STANDARD", "DAYLIGHT") if other > usual else ("DAYLIGHT", "STANDARD")
    return (
        Observance(usual_kind, names[0], other, usual, back),
        Observance(other_kind, names[1], usual, other, away),
    )


def _tzif(zone: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        path = Path(folder, zone)
        if path.is_file():
            return path.read_bytes()
    return files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


def _turn(found: re.Match[str], group: int) -> Turn:
    month, week, weekday = (int(found[group + n]) for n in range(3))
    return Turn(month, week, weekday, _seconds(found[group + 3] or "2"))


def _seconds(clock: str) -> int:
    """Read `[+-]h[hh][:mm[:ss]]`."""
    sign = -1 if clock.startswith("-") else 1
    parts = [int(part) for part in clock.lstrip("+-").split(":")]
    return sign * sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def _offset(seconds: int) -> str:
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{minutes:02}" + (f"{left:02}" if left else "")
