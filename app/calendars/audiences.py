"""How much of a booking a calendar tells, to whom: everybody, members, managers, those whose booking it is.

A feed's audience is the most its reader may know; each event is written for one audience, perhaps a narrower one:
a member reads the purposes of the own organisation and "busy" for the rest. No event names a person.
"""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.bookings.rules import APPROVED, PENDING
from app.calendars.rules import FeedEvent, Klass, Status

# Grows when the same booking would be told otherwise: part of every cache key and ETag.
TELLER = 3

_WIDTHS = ("public", "member", "manager")
_LIVE = {PENDING: Status.TENTATIVE, APPROVED: Status.CONFIRMED}


class Scope(StrEnum):
    """What a feed shows the bookings of."""

    RESOURCE = "resource"
    SITE = "site"
    ORGANISATION = "organisation"
    PERSON = "person"
    PENDING = "pending"  # what waits for an answer at a site
    CHAIN = "chain"  # the legs of a request for several resources that carries something


class Audience(StrEnum):
    """How much is told: "busy" only, what members may read, all a manager needs, or one's own bookings."""

    PUBLIC = "public"
    MEMBER = "member"
    MANAGER = "manager"
    OWN = "own"


@dataclass(frozen=True)
class Phrases:
    """The words of calendars in one language, `locale`; `%(…)s` marks where a fact goes."""

    locale: str
    busy: str
    cancelled: str
    named: str
    own: str
    pending_title: str
    cancelled_title: str
    organisation: str
    quantity: str
    given_back: str
    people: str
    chain: str
    phone: str
    state: str
    states: tuple[tuple[str, str], ...]
    my_bookings: str
    at_site: str
    to_answer: str
    tells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A resource and its site, as events tell them; `revision` and `changed_at` are those of both together."""

    resource_id: int
    slug: str
    name: str
    capacity: int
    location: str
    phone: str
    zone: str
    revision: int
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A booking as a calendar reads it; `holds` tells whether it takes capacity."""

    id: int
    uid: str
    ref: str
    resource_id: int
    revision: int
    changed_at: datetime
    start: datetime
    end: datetime
    quantity: int
    people: int | None
    purpose: str
    organisation: str
    decision: str
    holds: bool
    given_back: tuple[tuple[datetime, datetime, int], ...] = ()  # units called back of it, and when
    chain: str = ""  # the reference of the chain that it is a leg of


def narrower(one: Audience, other: Audience) -> Audience:
    """Give the audience that is told less: what a link was made for, or what its owner may read today."""
    if Audience.OWN in (one, other):
        return other if one is Audience.OWN else one
    return min(one, other, key=_WIDTHS.index)


def choices(best: Audience) -> tuple[Audience, ...]:
    """List the audiences somebody who may read `best` can make a link for, the widest first."""
    if best is Audience.OWN:
        return (best,)
    return tuple(Audience(word) for word in reversed(_WIDTHS[: _WIDTHS.index(best) + 1]))


def lists(audience: Audience, visibility: str) -> bool:
    """Tell whether a resource of this visibility belongs in a site's feed for the audience."""
    if audience is Audience.PUBLIC:
        return visibility == "public"
    return visibility != "hidden" or audience is not Audience.MEMBER


def event_for(stay: Stay, place: Place, audience: Audience, phrases: Phrases, base_url: str) -> FeedEvent:
    """Tell a booking as an event for one audience, in the language of `phrases`."""
    status = _LIVE.get(stay.decision, Status.CANCELLED)
    all_day = _whole_days(stay, place.zone)
    own = audience is Audience.OWN
    knows_booking = own or audience is Audience.MANAGER
    return FeedEvent(
        uid=stay.uid,
        revision=stay.revision + place.revision,
        changed_at=max(stay.changed_at, place.changed_at),
        start=stay.start,
        end=stay.end,
        zone=place.zone,
        all_day=all_day,
        status=status,
        # A request that holds nothing leaves the place free; pallets kept for a month leave their owner free.
        transparent=(status is Status.TENTATIVE and not stay.holds) or (own and all_day),
        summary=_summary(stay, place, audience, status, phrases),
        location=place.location,
        url=f"{base_url}/reservations/{stay.ref}" if knows_booking else f"{base_url}/ressources/{place.slug}",
        klass=Klass.PUBLIC if audience is Audience.PUBLIC else Klass.PRIVATE,
        description="\n".join(_details(stay, place, phrases, own=own)) if knows_booking else None,
    )


def _whole_days(stay: Stay, zone: str) -> bool:
    place = ZoneInfo(zone)
    return all(moment.astimezone(place).time() == time() for moment in (stay.start, stay.end))


def _summary(stay: Stay, place: Place, audience: Audience, status: Status, phrases: Phrases) -> str:
    if audience is Audience.PUBLIC:
        return phrases.cancelled if status is Status.CANCELLED else phrases.busy
    facts = {"resource": place.name, "organisation": stay.organisation, "purpose": stay.purpose}
    subject = "resource" if audience is Audience.OWN else "organisation"
    pattern = phrases.own if audience is Audience.OWN else phrases.named
    title = pattern % facts if stay.purpose else facts[subject]
    patterns = {Status.TENTATIVE: phrases.pending_title, Status.CANCELLED: phrases.cancelled_title}
    return patterns[status] % {"title": title} if status in patterns else title


def _wall(at: datetime, place: Place) -> str:
    """Write an instant by the clock of a place, the same in every language."""
    return f"{at.astimezone(ZoneInfo(place.zone)):%Y-%m-%d %H:%M}"


def _details(stay: Stay, place: Place, phrases: Phrases, *, own: bool) -> list[str]:
    lines = [phrases.organisation % {"organisation": stay.organisation}]
    if place.capacity > 1:
        lines.append(phrases.quantity % {"quantity": stay.quantity, "capacity": place.capacity})
    lines += [
        phrases.given_back % {"quantity": units, "start": _wall(start, place), "end": _wall(end, place)}
        for start, end, units in stay.given_back
    ]
    if stay.people:
        lines.append(phrases.people % {"people": stay.people})
    if stay.chain:
        lines.append(phrases.chain % {"chain": stay.chain})
    lines.append(phrases.state % {"state": dict(phrases.states).get(stay.decision, stay.decision)})
    if own and place.phone:
        lines.append(phrases.phone % {"phone": place.phone})
    return lines
