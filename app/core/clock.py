"""The only place that asks the time, so that a test can stop it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_stopped: ContextVar[datetime | None] = ContextVar("stopped_clock", default=None)


def now() -> datetime:
    """Tell the present instant, aware, in UTC."""
    return _stopped.get() or datetime.now(UTC)


def epoch() -> int:
    """Tell the present instant in whole seconds since 1970 (UTC), as claims store it."""
    return int(now().timestamp())


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Stop the clock at `at` (aware) for what runs inside, in this context only."""
    if at.tzinfo is None:
        raise ValueError("the clock needs an aware datetime")
    token = _stopped.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(token)
