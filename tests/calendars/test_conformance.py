"""What every calendar programme expects of a feed, checked on every scope."""

import re
from typing import Any

import pytest
from icalendar import Calendar

from app.calendars.audiences import Scope
from tests.calendars.world import World, vevents
from tests.factories import a_resource

pytestmark = pytest.mark.usefixtures("session", "frozen")

_ONCE = (
    "UID",
    "DTSTAMP",
    "LAST-MODIFIED",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "STATUS",
    "TRANSP",
    "SUMMARY",
    "CLASS",
)


@pytest.fixture
def bodies(session, frozen, client):
    """One feed per scope, with long, odd and all-day bookings in every state."""
    world = World()
    store = a_resource(world.site, name="Chambre froide; la grande, « A »", capacity=24, mode="quantity")
    for number, decision in enumerate(("approved", "pending", "cancelled", "refused", "expired")):
        day = f"2026-10-{10 + number}"
        world.book(
            f"{day} 08:00", f"{day} 12:00", decision=decision, purpose="Soupe, « œufs »; 100 % \\ " * 6
        )
        world.book(f"{day} 00:00", "2026-11-30 00:00", resource_id=store.id, quantity=8, decision=decision)
    world.book("2026-10-24 22:00", "2026-10-25 06:00")
    world.book("2027-03-28 01:00", "2027-03-28 05:00")
    return [
        client.get(world.link(person, scope, of)).data
        for person, scope, of in (
            (world.manager, Scope.RESOURCE, store),
            (world.manager, Scope.SITE, world.site),
            (world.manager, Scope.PENDING, world.site),
            (world.member, Scope.ORGANISATION, world.ours),
            (world.member, Scope.PERSON, world.member),
            (world.other, Scope.SITE, world.site),
        )
    ]


def test_bytes(bodies):
    for body in bodies:
        assert not body.startswith(b"\xef\xbb\xbf")
        assert b"\n" not in body.replace(b"\r\n", b"")
        assert max(map(len, body.split(b"\r\n"))) <= 75
        assert body.decode()


def test_calendar_properties(bodies):
    for body in bodies:
        calendar: Any = Calendar.from_ical(body)
        assert calendar["NAME"] == calendar["X-WR-CALNAME"]
        assert "METHOD" not in calendar
        assert "UID" not in calendar
        assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nURL" in body or b"VALUE=DURATION:PT1H" in body
        assert b"X-PUBLISHED-TTL:PT1H" in body
        assert b"RDATE" not in body


def test_every_event_is_whole(bodies):
    for body in bodies:
        events = vevents(body)
        assert events
        uids = [str(event["UID"]) for event in events]
        assert uids == sorted(set(uids))
        for event in events:
            assert not [name for name in _ONCE if name not in event]
            assert event["DTEND"].dt > event["DTSTART"].dt
            assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt
            assert (event["STATUS"] == "CANCELLED") <= (event["TRANSP"] == "TRANSPARENT")


def test_each_zone_named_is_told(bodies):
    for body in bodies:
        named = set(re.findall(rb"TZID=([^:;]+)", body))
        told = set(re.findall(rb"\nTZID:([^\r]+)", body))
        assert named == told


def test_the_night_when_clocks_go_back_lasts_nine_hours(bodies):
    nights = [
        event
        for body in bodies
        for event in vevents(body)
        if str(event["DTSTART"].dt).startswith("2026-10-24 22:00")
    ]
    assert nights
    for event in nights:
        length = event["DTEND"].dt.timestamp() - event["DTSTART"].dt.timestamp()
        assert length == 9 * 3600
