"""Answering a feed: who reads, what they may read today, and its events, each written once and kept."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from app.bookings.models import Booking
from app.calendars import queries
from app.calendars.audiences import TELLER, Audience, Phrases, Scope, event_for, lists, narrower
from app.calendars.errors import LinkRevoked
from app.calendars.http import Edition
from app.calendars.models import FeedFragment, Subscription
from app.calendars.policy import best_audience
from app.calendars.rules import (
    RENDERER,
    FeedHead,
    FeedWindow,
    assemble,
    colour_for,
    feed_window,
    render_event,
)
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.uow import atomic

log = logging.getLogger(__name__)

NOTE_EVERY = timedelta(hours=1)  # clients poll all day; when one last came needs no better precision
KEEP_REVOKED = timedelta(days=396)  # so long a dead link answers "gone" rather than "unknown"


@dataclass(frozen=True)
class OpenFeed:
    """A calendar as one reader gets it at this moment; `body` writes it. `link` is None without a subscription."""

    edition: Edition
    head: FeedHead
    audience: Audience
    subject: queries.Subject
    shelves: tuple[queries.Shelf, ...]
    window: FeedWindow
    organisations: frozenset[int]
    phrases: Phrases
    base_url: str
    link: queries.Link | None = None

    def body(self) -> bytes:
        """Give the calendar file, from events already written where they are; write and keep the others."""
        found = self._slips()
        places = {shelf.resource_id: shelf.base for shelf in self.shelves}
        slips = [slip for slip in found if slip.resource_id in places]
        stale = [slip for slip in slips if slip.written != slip.revision + places[slip.resource_id]]
        if not stale:
            return assemble(self.head, [slip.body for slip in slips if slip.body is not None]).body
        fresh = self._written_anew(stale)
        bodies = (fresh.get(slip.booking_id, slip.body) for slip in slips)
        return assemble(self.head, [body for body in bodies if body is not None]).body

    def _slips(self) -> list[queries.Slip]:
        return queries.slips(
            self.subject.scope,
            self.subject.id,
            self.window,
            self.audience,
            organisations=self.organisations,
            telling=[shelf.resource_id for shelf in self.shelves if shelf.shows_holder],
            locale=self.phrases.locale,
            renderer=renderer_of(self.phrases, self.base_url),
        )

    def _written_anew(self, stale: Sequence[queries.Slip]) -> dict[int, bytes]:
        stays = queries.stays([slip.booking_id for slip in stale])
        places = {shelf.resource_id: shelf.place for shelf in self.shelves}
        fragments = []
        for slip in sorted(stale, key=lambda slip: slip.booking_id):
            stay = stays.get(slip.booking_id)
            if stay is None:
                continue  # deleted since the first statement
            event = event_for(
                stay, places[slip.resource_id], Audience(slip.audience), self.phrases, self.base_url
            )
            fragments.append(self._fragment(slip, event.revision, render_event(event)))
        _keep(fragments)
        return {fragment["booking_id"]: fragment["body"] for fragment in fragments}

    def _fragment(self, slip: queries.Slip, revision: int, body: bytes) -> dict[str, Any]:
        return {
            "booking_id": slip.booking_id,
            "audience": slip.audience,
            "locale": self.phrases.locale,
            "renderer": renderer_of(self.phrases, self.base_url),
            "revision": revision,
            "body": body,
        }


def open_feed(secret: str, words: Callable[[str], Phrases], base_url: str) -> OpenFeed:
    """Open the calendar behind a link as its owner may read it today; `words` gives the phrases of a language.

    Raises NotFound for an unknown link; LinkRevoked for an ended one, or when its owner lost the right.
    """
    link = queries.find_link(secret)
    if link is None:
        raise NotFound(kind="feed")
    if link.revoked or link.actor is None:
        raise LinkRevoked
    try:
        return open_calendar(
            link.actor, link.scope, link.scope_id, words(link.locale), base_url, link.audience, link
        )
    except NotFound as vanished:
        raise LinkRevoked from vanished


def open_calendar(
    actor: Actor,
    scope: Scope,
    scope_id: int,
    phrases: Phrases,
    base_url: str,
    most: Audience | None = None,
    link: queries.Link | None = None,
) -> OpenFeed:
    """Open a calendar for somebody, told at most as `most` allows. Raises NotFound, LinkRevoked."""
    window = feed_window(clock.now())
    subject, shelves = queries.calendar(scope, scope_id, window)
    best = best_audience(actor, subject)
    if best is None:
        raise LinkRevoked
    audience = narrower(most, best) if most else best
    if scope is Scope.SITE:
        shelves = [shelf for shelf in shelves if lists(audience, shelf.visibility)]
    mixed = audience is Audience.MEMBER
    organisations = frozenset(actor.memberships) if mixed else frozenset()
    head = _head(subject, shelves, audience, phrases, base_url)
    edition = Edition(
        scope=f"{scope}:{scope_id}",
        revision=sum(shelf.revisions + shelf.count * shelf.base for shelf in shelves),
        count=sum(shelf.count for shelf in shelves),
        checksum=int(sha256(repr([shelf.stamp for shelf in shelves]).encode()).hexdigest()[:15], 16),
        audience=f"{audience} {sorted(organisations)}",
        language=phrases.locale,
        head=f"{head!r} {renderer_of(phrases, base_url)}",
        changed_at=max((subject.changed_at, *(shelf.latest for shelf in shelves))),
    )
    return OpenFeed(
        edition, head, audience, subject, tuple(shelves), window, organisations, phrases, base_url, link
    )


def note_fetch(feed: OpenFeed, client: str) -> None:
    """Remember that a client came for a feed; at most one write an hour, and never a failure of the answer."""
    link, now = feed.link, clock.now()
    if link is None or (link.last_fetched_at and now - link.last_fetched_at < NOTE_EVERY):
        return
    noted = update(Subscription).where(Subscription.id == link.id)
    try:
        with atomic() as session:
            session.execute(noted.values(last_fetched_at=now, last_client=client[:160]))
    except DBAPIError:
        log.warning("The visit of a calendar client could not be noted.", exc_info=True)


def write_booking(actor: Actor, booking: Booking, phrases: Phrases, base_url: str) -> bytes:
    """Write one booking as a calendar file for somebody who may see it: more for those whose it is."""
    mine = actor.person_id == booking.requester_id or actor.belongs_to(booking.organisation_id)
    stay = queries.stays([booking.id])[booking.id]
    place = queries.place_of(booking.resource)
    event = event_for(stay, place, Audience.OWN if mine else Audience.MANAGER, phrases, base_url)
    head = FeedHead(name=event.summary, url=event.url, zone=place.zone)
    return assemble(head, [render_event(event)]).body


def sweep() -> None:
    """Forget written events that left every window, and links dead for more than a year."""
    now = clock.now()
    past = select(Booking.id).where(Booking.end_at < feed_window(now).start)
    with atomic() as session:
        session.execute(delete(FeedFragment).where(FeedFragment.booking_id.in_(past)))
        session.execute(delete(Subscription).where(Subscription.revoked_at < now - KEEP_REVOKED))


@lru_cache(maxsize=16)
def renderer_of(phrases: Phrases, base_url: str) -> str:
    """Name all that makes the same booking be written otherwise: the writer, its words, our address."""
    return sha256(f"{RENDERER} {TELLER} {base_url} {phrases!r}".encode()).hexdigest()[:32]


def _head(
    subject: queries.Subject,
    shelves: Sequence[queries.Shelf],
    audience: Audience,
    phrases: Phrases,
    base_url: str,
) -> FeedHead:
    names = {
        Scope.RESOURCE: phrases.at_site % {"resource": subject.name, "site": subject.site_name},
        Scope.PERSON: phrases.my_bookings,
    }
    paths = {
        Scope.RESOURCE: f"/ressources/{subject.slug}",
        Scope.SITE: f"/lieux/{subject.slug}",
        Scope.ORGANISATION: f"/structures/{subject.slug}",
        Scope.PERSON: "/moi",
    }
    return FeedHead(
        name=names.get(subject.scope, subject.name),
        url=base_url + paths[subject.scope],
        zone=subject.zone,
        colour=colour_for(f"{subject.scope}:{subject.public_id}"),
        other_zones=tuple(sorted({shelf.zone for shelf in shelves} - {subject.zone})),
        description=dict(phrases.tells)[audience],
    )


def _keep(fragments: list[dict[str, Any]]) -> None:
    """Store written events; a feed is answered all the same when the database has no time for it."""
    if not fragments:
        return
    try:
        with atomic() as session:
            connection = session.connection()
            insert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
            row = insert(FeedFragment)
            new = {name: row.excluded[name] for name in ("renderer", "revision", "body")}
            keys = ["booking_id", "audience", "locale"]
            connection.execute(row.on_conflict_do_update(index_elements=keys, set_=new), fragments)
    except DBAPIError:
        log.warning("Written events could not be kept; they are written again next time.", exc_info=True)
