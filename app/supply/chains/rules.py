"""What a chain may be wished for, when it can be collected, and what it is drafted for. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from app.supply.chains.errors import BadWish
from app.supply.chains.planning.world import DAY, DAYTIME, HOUR, Window, at, loadings_of

MAX_NAME: Final = 160
LONGEST_LOADING: Final = timedelta(days=92)  # an offer lasts no longer
LOOKED_AT: Final = timedelta(
    days=14
)  # of them: what waits longer is no longer fresh, and the search takes its time
LONGEST_CHAIN: Final = timedelta(days=14)  # from its last moment to the hand-over


class Origin(NamedTuple):
    """What a chain is drafted for: the room above that knows of it, as that calls itself, and its public reference."""

    kind: str
    ref: str


def number_of(number: int | None, place: int, size: int) -> int | None:
    """Tell which number a leg has, or had before it was put aside; None for one that came in the place of another.

    `place` counts the legs of its request in the order in which they were asked for; the first `size` are the plan's.
    """
    return number if number is not None or place > size else place


@dataclass(frozen=True)
class Loading:
    """From when to when it can be collected, by when it has to be ready (None: nobody says); what is over left out.

    `hours`: when on each day, in seconds after midnight at the place.
    """

    from_at: datetime
    until_at: datetime
    by: datetime | None
    hours: Window
    is_cut: bool  # not all of the time is looked at in which it can be collected


def loading_of(
    since: datetime, until: datetime, by: datetime | None, now: datetime, zone: ZoneInfo
) -> Loading:
    """Make it of what somebody says, by the clock of a zone; raise BadWish."""
    _refuse_wrong(since, until, by, now)
    soonest, hours = max(since, now), loading_hours(since, until, zone)
    if until - soonest <= LOOKED_AT:
        return Loading(soonest, until, by, hours, is_cut=False)
    until = soonest + LOOKED_AT
    return Loading(soonest, until, min(by, until + LONGEST_CHAIN) if by else None, hours, is_cut=True)


def loading_hours(since: datetime | None, until: datetime | None, zone: ZoneInfo) -> Window:
    """Tell when somebody is there on each day: in the daytime, or as early and late as was said of the two ends.

    None of an end says nothing: it is whenever somebody happened to look, or the end of something else.
    """
    opens, closes = DAYTIME
    if since is not None:
        opens = min(opens, _wall_seconds(since, zone))
    if until is not None:
        closes = max(closes, _wall_seconds(until, zone) or DAY)
    return opens, closes


def _wall_seconds(moment: datetime, zone: ZoneInfo) -> int:
    wall = moment.astimezone(zone)
    return wall.hour * HOUR + wall.minute * 60


def first_and_last(
    since: datetime, until: datetime, hours: Window, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """Tell when it can be loaded first, and up to when, between two instants, at hours of each day."""
    windows = loadings_of(since, until, hours, zone)
    return at(windows[0][0]), at(windows[-1][1])


def _refuse_wrong(since: datetime, until: datetime, by: datetime | None, now: datetime) -> None:
    if until <= now:
        raise BadWish(field="fin", reason="over")
    if since >= until:
        raise BadWish(field="fin", reason="order")
    if until - since > LONGEST_LOADING:
        raise BadWish(field="fin", reason="too_long")
    if by is not None and by <= since:
        raise BadWish(field="jour", reason="ready_before")
    if by is not None and by > until + LONGEST_CHAIN:
        raise BadWish(field="jour", reason="ready_late")
