"""The events of a feed, each written once: kept in the database for every process, in memory for the next poll.

What memory holds is checked against the sums read for this very answer, so it can be old but never wrong.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from threading import Lock
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from app.calendars import queries
from app.calendars.audiences import Audience, Phrases, event_for
from app.calendars.models import FeedFragment
from app.calendars.queries import Reading, Shelf, Slip
from app.calendars.rules import FeedWindow, render_event
from app.infra.uow import atomic

log = logging.getLogger(__name__)

MOST_MEMORY = 24_000_000  # bytes of written events that one process keeps
WORTH_STORING = 8  # fewer events are written anew faster than they are stored
Slips = Mapping[int, Slip]
Sums = Mapping[
    int, tuple[int, int, int]
]  # by resource: how many bookings, the sums of their revisions and ids


@dataclass(frozen=True)
class Kept:
    """All events of a feed as of one moment, ready to be joined: `stamps` tell which moment."""

    day: datetime
    stamps: tuple[object, ...]
    changed_at: datetime
    sums: Sums
    slips: Slips
    bodies: tuple[bytes, ...]

    @cached_property
    def size(self) -> int:
        """Bytes in memory, nearly."""
        return sum(map(len, self.bodies)) + 300 * len(self.bodies)


class Memory:
    """The feeds read last in this process, within `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._size, self._lock = most, 0, Lock()
        self._feeds: OrderedDict[Reading, Kept] = OrderedDict()

    def get(self, reading: Reading) -> Kept | None:
        """Give what was kept of a feed, if anything."""
        with self._lock:
            if reading in self._feeds:
                self._feeds.move_to_end(reading)
            return self._feeds.get(reading)

    def clear(self) -> None:
        """Forget every feed."""
        with self._lock:
            self._feeds.clear()
            self._size = 0

    def put(self, reading: Reading, kept: Kept) -> None:
        """Keep a feed; what was read longest ago makes room."""
        with self._lock:
            old = self._feeds.pop(reading, None)
            self._feeds[reading] = kept
            self._size += kept.size - (old.size if old else 0)
            while self._size > self._most:
                _reading, dropped = self._feeds.popitem(last=False)
                self._size -= dropped.size


memory = Memory(MOST_MEMORY)


def bodies(
    reading: Reading, shelves: Sequence[Shelf], window: FeedWindow, phrases: Phrases, base_url: str
) -> tuple[bytes, ...]:
    """Give the written events of a feed in the order of their UIDs; write and keep those that are missing."""
    stamps = tuple(shelf.stamp for shelf in shelves)
    kept = memory.get(reading)
    if kept is not None and (kept.day, kept.stamps) == (window.day, stamps):
        return kept.bodies
    slips = _written(reading, _slips(reading, shelves, window, kept), shelves, phrases, base_url)
    ordered = sorted(slips.values(), key=attrgetter("uid"))
    slips = {slip.booking_id: slip for slip in ordered}  # in order already when the next poll sorts them
    ready = tuple([slip.body for slip in ordered if slip.body is not None])
    changed_at = max((shelf.bookings_changed_at for shelf in shelves), default=window.day)
    memory.put(reading, Kept(window.day, stamps, changed_at, _sums(shelves), slips, ready))
    return ready


def _slips(reading: Reading, shelves: Sequence[Shelf], window: FeedWindow, kept: Kept | None) -> Slips:
    """Read only what changed since the last poll where that accounts for every booking, else all."""
    shown = {shelf.resource_id for shelf in shelves}
    if kept is not None and kept.day == window.day:
        changed = _shown(queries.slips(reading, window, kept.changed_at), shown)
        if _accounts_for(kept.slips, changed, shelves, kept.sums):
            return {**kept.slips, **changed}
    return _shown(queries.slips(reading, window), shown)


def _shown(slips: Slips, resource_ids: set[int]) -> Slips:
    return {key: slip for key, slip in slips.items() if slip.resource_id in resource_ids}


def _accounts_for(kept: Slips, changed: Slips, shelves: Sequence[Shelf], sums: Sums) -> bool:
    """Tell whether what was kept and what changed since make up exactly the sums just read."""
    found = {**sums}
    for slip in changed.values():
        old = kept.get(slip.booking_id)
        bookings, revisions, ids = found.get(slip.resource_id, (0, 0, 0))
        grown = slip.revision - (old.revision if old else 0)
        new = (0, 0) if old else (1, slip.booking_id)
        found[slip.resource_id] = bookings + new[0], revisions + grown, ids + new[1]
    return found == _sums(shelves)


def _sums(shelves: Sequence[Shelf]) -> Sums:
    return {shelf.resource_id: (shelf.bookings, shelf.revisions, shelf.ids) for shelf in shelves}


def _written(
    reading: Reading, slips: Slips, shelves: Sequence[Shelf], phrases: Phrases, base_url: str
) -> Slips:
    """Write the events that nobody wrote yet, or that changed since."""
    by_resource = {shelf.resource_id: shelf for shelf in shelves}
    base = {shelf.resource_id: shelf.base for shelf in shelves}
    stale = [slip for slip in slips.values() if slip.written != slip.revision + base[slip.resource_id]]
    if not stale:
        return slips
    stays = queries.stays([slip.booking_id for slip in stale])
    places = {number: by_resource[number].place for number in {slip.resource_id for slip in stale}}
    fresh: dict[int, Slip] = {}
    for slip in stale:
        if stay := stays.get(slip.booking_id):
            event = event_for(stay, places[slip.resource_id], Audience(slip.audience), phrases, base_url)
            fresh[slip.booking_id] = slip._replace(written=event.revision, body=render_event(event))
    _keep(reading, sorted(fresh.values()))
    now = {**slips, **fresh}
    for slip in stale:
        if slip.booking_id not in fresh:
            del now[slip.booking_id]  # deleted since the first statement
    return now


def _keep(reading: Reading, slips: Sequence[Slip]) -> None:
    """Store written events where that pays; a feed is answered all the same when the database has no time for it."""
    if len(slips) < WORTH_STORING:
        return
    rows = [
        {
            "booking_id": slip.booking_id,
            "audience": slip.audience,
            "locale": reading.locale,
            "renderer": reading.renderer,
            "revision": slip.written,
            "body": slip.body,
        }
        for slip in slips
    ]
    try:
        with atomic() as session:
            _store(session.connection(), rows)
    except DBAPIError:
        log.warning("Written events could not be kept; they are written again next time.", exc_info=True)


def _store(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        # What a crash loses here is only written again: no need to wait for the disk.
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
    connection.execute(_STORE[dialect], rows)


def _replacing(row: Any) -> Any:
    new = {name: row.excluded[name] for name in ("renderer", "revision", "body")}
    return row.on_conflict_do_update(index_elements=["booking_id", "audience", "locale"], set_=new)


_COLUMNS = ("booking_id", "audience", "locale", "renderer", "revision", "body")
_STORE = {
    "postgresql": _replacing(postgres_insert(FeedFragment).values({n: bindparam(n) for n in _COLUMNS})),
    "sqlite": _replacing(sqlite_insert(FeedFragment).values({n: bindparam(n) for n in _COLUMNS})),
}
