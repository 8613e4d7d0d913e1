"""Silence, for work that repeats the past: loading the demo, filling a database for the benchmark."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_silent: ContextVar[bool] = ContextVar("no_letters", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Write no letters about what happens inside, in this context only."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def is_quiet() -> bool:
    """Tell whether nobody is to be told at this moment."""
    return _silent.get()
