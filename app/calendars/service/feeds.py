"""Answering a feed: who reads, what they may read today, and its events, each written once and kept."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from app.bookings.models import Booking
from app.bookings.policy import is_party
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
from app.calendars.service.pages import bodies
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
    reading: queries.Reading
    shelves: tuple[queries.Shelf, ...]
    window: FeedWindow
    phrases: Phrases
    base_url: str
    link: queries.Link | None = None

    def body(self) -> bytes:
        """Give the calendar file; events that nobody wrote yet are written and kept."""
        events = bodies(self.reading, self.shelves, self.window, self.phrases, self.base_url)
        return assemble(self.head, events).body


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
    if scope in (Scope.SITE, Scope.PENDING, Scope.CHAIN):
        shelves = [shelf for shelf in shelves if lists(audience, shelf.visibility)]
    reading = _reading(actor, subject, shelves, audience, phrases.locale, renderer_of(phrases, base_url))
    head = _head(subject, shelves, audience, phrases, base_url)
    edition = _edition(reading, subject, shelves, head)
    return OpenFeed(edition, head, reading, tuple(shelves), window, phrases, base_url, link)


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
    mine = is_party(actor, booking)
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


def _reading(
    actor: Actor,
    subject: queries.Subject,
    shelves: Sequence[queries.Shelf],
    audience: Audience,
    locale: str,
    renderer: str,
) -> queries.Reading:
    mixed = audience is Audience.MEMBER
    is_chain = subject.scope is Scope.CHAIN  # whom it concerns may know who carries what on all of its way
    return queries.Reading(
        scope=subject.scope,
        scope_id=subject.id,
        public_id=subject.public_id,
        audience=audience,
        organisations=frozenset(actor.memberships) if mixed else frozenset(),
        telling=frozenset(
            shelf.resource_id for shelf in shelves if mixed and (shelf.shows_holder or is_chain)
        ),
        locale=locale,
        renderer=renderer,
    )


def _edition(
    reading: queries.Reading, subject: queries.Subject, shelves: Sequence[queries.Shelf], head: FeedHead
) -> Edition:
    stamps = repr([shelf.stamp for shelf in shelves]).encode()
    return Edition(
        scope=f"{reading.scope}:{reading.scope_id}",
        revision=sum(shelf.revisions + shelf.bookings * shelf.base for shelf in shelves),
        count=sum(shelf.bookings for shelf in shelves),
        checksum=int(sha256(stamps).hexdigest()[:15], 16),
        audience=f"{reading.audience} {sorted(reading.organisations)}",
        language=reading.locale,
        head=f"{head!r} {reading.renderer}",
        changed_at=max((subject.changed_at, *(shelf.latest for shelf in shelves))),
    )


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
        Scope.PENDING: phrases.to_answer % {"site": subject.name},
    }
    paths = {
        Scope.RESOURCE: f"/ressources/{subject.slug}",
        Scope.SITE: f"/lieux/{subject.slug}",
        Scope.ORGANISATION: f"/structures/{subject.slug}",
        Scope.PERSON: "/moi",
        Scope.PENDING: "/a-traiter",
        Scope.CHAIN: f"/filieres/{subject.slug}",
    }
    return FeedHead(
        name=names.get(subject.scope, subject.name),
        url=base_url + paths[subject.scope],
        zone=subject.zone,
        colour=colour_for(f"{subject.scope}:{subject.public_id}"),
        other_zones=tuple(sorted({shelf.zone for shelf in shelves} - {subject.zone})),
        description=dict(phrases.tells)[audience],
    )
