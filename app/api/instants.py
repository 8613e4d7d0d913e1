"""Instants as the API reads and writes them: RFC 3339 with an offset, whole seconds."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2100
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(\.0+)?(?:([Zz])|([+ -])(\d{2}:\d{2}))?", re.ASCII
)


def read_instant(typed: object) -> datetime:
    """Read an instant; raise ValueError with the code of what is wrong: bad_instant, no_offset or far_instant.

    A space before the offset is taken for the "+" that an address lost on its way.
    """
    found = _INSTANT.fullmatch(typed) if isinstance(typed, str) else None
    if found is None:
        raise ValueError("bad_instant")
    day, minutes, seconds, _zeros, zulu, sign, offset = found.groups()
    if not (zulu or offset):
        raise ValueError("no_offset")
    shift = "+00:00" if zulu else f"{'-' if sign == '-' else '+'}{offset}"
    try:
        instant = datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}{shift}")
    except ValueError:
        raise ValueError("bad_instant") from None
    if not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise ValueError("far_instant")
    return instant.astimezone(UTC)


def write_instant(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant with the offset of a place at that moment."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def write_maybe(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Write an instant that may be missing."""
    return None if at is None else write_instant(at, zone)
