"""Which version of a tariff holds when. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar


class Dated(Protocol):
    """A version: the higher its number, the later it was decided."""

    @property
    def number(self) -> int:
        """How many there were with it."""

    @property
    def starts_at(self) -> datetime:
        """From when on it holds."""


V = TypeVar("V", bound=Dated)


def in_force(versions: Iterable[V], at: datetime) -> V | None:
    """Find the version that holds at an instant: of those that have begun, the one that was decided last."""
    begun = [each for each in versions if each.starts_at <= at]
    return max(begun, key=lambda each: each.number, default=None)


def planned(versions: Sequence[V], at: datetime) -> list[V]:
    """List what will hold later as things stand, the next first: what was decided since goes before it."""
    later = [each for each in versions if each.starts_at > at and in_force(versions, each.starts_at) is each]
    return sorted(later, key=lambda each: each.starts_at)
