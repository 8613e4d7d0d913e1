"""Who has taken a slot, in words: the room of bookings knows, this room shows it to those who may read it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from app.core.policy import Actor


@dataclass(frozen=True)
class Holder:
    """What a calendar may say about a hold: whose it is, where its page is, and how it looks.

    `name` is empty where this reader may not know; `label` is what a calendar writes instead, where that is more than
    the name ("Proposed to … until …"); `kind` is busy, pending (not decided yet) or mine, and then
    `waits` tells whether it is decided.
    """

    name: str = ""
    href: str | None = None
    kind: str = "busy"
    waits: bool = False
    label: str = ""

    @property
    def shown(self) -> str:
        """Give what a calendar writes."""
        return self.label or self.name


Reader = Callable[[Collection[int], Actor, bool], Mapping[int, Holder]]
_readers: list[Reader] = []


def holder_reader(reader: Reader) -> Reader:
    """Mark the function that names holders: (hold ids, who reads, may names be shown to members) → by hold id."""
    if reader not in _readers:
        _readers.append(reader)
    return reader


def holders(hold_ids: Collection[int], actor: Actor, *, shows_names: bool) -> dict[int, Holder]:
    """Name the holders of these holds as far as the actor may know; unknown ones are absent."""
    found: dict[int, Holder] = {}
    if hold_ids and actor.is_signed_in:
        for reader in _readers:
            found |= reader(hold_ids, actor, shows_names)
    return found
