"""A request for several resources that is being put together: the room of bookings keeps it, calendars add to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

AddAddress = Callable[[str, Mapping[str, str]], str]


@dataclass(frozen=True)
class Gathering:
    """How many elements the reader's request has so far, and how to add one: (slug, slot as fields) → address."""

    elements: int
    add: AddAddress


Reader = Callable[[], Gathering]
_readers: list[Reader] = []


def tells_gathering(reader: Reader) -> Reader:
    """Mark the function that knows what the reader of this page is putting together."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def gathering() -> Gathering | None:
    """Give what the reader is putting together; None when that is nothing yet."""
    found = next((reader() for reader in _readers), None)
    return found if found and found.elements else None
