"""What a chain may be wished for: when it can be collected, and how much of that a search looks at. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.supply.chains.errors import BadWish

MAX_NAME: Final = 160
LONGEST_LOADING: Final = timedelta(days=92)  # an offer lasts no longer
LOOKED_AT: Final = timedelta(
    days=14
)  # of them: what waits longer is no longer fresh, and the search takes its time
LONGEST_CHAIN: Final = timedelta(days=14)  # from its last moment to the hand-over


def number_of(number: int | None, place: int, size: int) -> int | None:
    """Tell which number a leg has, or had before it was put aside; None for one that came in the place of another.

    `place` counts the legs of its request in the order in which they were asked for; the first `size` are the plan's.
    """
    return number if number is not None or place > size else place


@dataclass(frozen=True)
class Loading:
    """From when to when it can be collected, by when it has to be ready (None: nobody says); what is over left out."""

    from_at: datetime
    until_at: datetime
    by: datetime | None
    is_cut: bool  # not all of the time is looked at in which it can be collected


def loading_of(since: datetime, until: datetime, by: datetime | None, now: datetime) -> Loading:
    """Make it of what somebody says; raise BadWish."""
    _refuse_wrong(since, until, by, now)
    soonest = max(since, now)
    if until - soonest <= LOOKED_AT:
        return Loading(soonest, until, by, is_cut=False)
    until = soonest + LOOKED_AT
    return Loading(soonest, until, min(by, until + LONGEST_CHAIN) if by else None, is_cut=True)


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
