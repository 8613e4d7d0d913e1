"""Events and feeds as bytes: what every client needs, and nothing that breaks one."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import icalendar
import pytest

from app.calendars.rules import (
    MAX_BYTES,
    FeedColour,
    FeedEvent,
    FeedHead,
    Klass,
    Status,
    assemble,
    colour_for,
    feed_window,
    render_event,
)

EVENT = FeedEvent(
    uid="b-7f3k@agenda.example.org",
    revision=4,
    changed_at=datetime(2026, 9, 1, 8, 30, 15, 250_000, tzinfo=UTC),
    start=datetime(2026, 10, 6, 6, tzinfo=UTC),
    end=datetime(2026, 10, 6, 10, tzinfo=UTC),
    zone="Europe/Paris",
    all_day=False,
    status=Status.CONFIRMED,
    transparent=False,
    summary="Occupé",
    location="Cuisine partagée, 3 rue du Port, 44000 Nantes",
    url="https://mutualim.example.org/ressources/k7",
    klass=Klass.PUBLIC,
)
HEAD = FeedHead(
    name="Cuisine; à, partager", url="https://mutualim.example.org/ressources/k7", zone="Europe/Paris"
)


def lines(fragment):
    """Unfold and split, with no library."""
    return re.sub(r"\r\n[ \t]", "", fragment.decode()).split("\r\n")[:-1]


def read(fragment) -> Any:
    return icalendar.Event.from_ical(fragment)


def changed(**changes: Any) -> FeedEvent:
    return replace(EVENT, **changes)


def test_an_event_is_written_to_the_letter():
    assert sorted(lines(render_event(EVENT))) == sorted(
        [
            "BEGIN:VEVENT",
            "UID:b-7f3k@agenda.example.org",
            "DTSTAMP:20260901T083015Z",
            "LAST-MODIFIED:20260901T083015Z",
            "SEQUENCE:4",
            "DTSTART;TZID=Europe/Paris:20261006T080000",
            "DTEND;TZID=Europe/Paris:20261006T120000",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "CLASS:PUBLIC",
            "SUMMARY:Occupé",
            "LOCATION:Cuisine partagée\\, 3 rue du Port\\, 44000 Nantes",
            "URL:https://mutualim.example.org/ressources/k7",
            "X-MUTUALIM-EVENT:b-7f3k",
            "END:VEVENT",
        ]
    )


def test_the_same_event_gives_the_same_bytes():
    assert render_event(EVENT) == render_event(replace(EVENT))


@pytest.mark.parametrize(
    "changes, present",
    [
        ({"status": Status.TENTATIVE}, "STATUS:TENTATIVE"),
        ({"status": Status.TENTATIVE}, "TRANSP:OPAQUE"),
        ({"status": Status.CANCELLED}, "STATUS:CANCELLED"),
        ({"status": Status.CANCELLED}, "TRANSP:TRANSPARENT"),
        ({"transparent": True}, "TRANSP:TRANSPARENT"),
        ({"klass": Klass.PRIVATE}, "CLASS:PRIVATE"),
        ({"revision": 5}, "SEQUENCE:5"),
        ({"zone": "Indian/Reunion"}, "DTSTART;TZID=Indian/Reunion:20261006T100000"),
        ({"zone": "UTC"}, "DTSTART:20261006T060000Z"),
        ({"description": "Ligne 1\r\nLigne 2; fin"}, "DESCRIPTION:Ligne 1\\nLigne 2\\; fin"),
    ],
)
def test_what_an_event_says(changes, present):
    assert present in lines(render_event(changed(**changes)))


@pytest.mark.parametrize("name", ["location", "url", "summary"])
def test_an_empty_text_is_not_written(name):
    assert not [line for line in lines(render_event(changed(**{name: " "}))) if line.startswith(name.upper())]


@pytest.mark.parametrize(
    "start, end, first, after",
    [
        # Local days 6 and 7 October; from midnight to midnight in Paris.
        ("2026-10-05T22:00", "2026-10-07T22:00", date(2026, 10, 6), date(2026, 10, 8)),
        # The day the clocks go back has 25 hours.
        ("2026-10-24T22:00", "2026-10-25T23:00", date(2026, 10, 25), date(2026, 10, 26)),
        # Hours inside days: every day touched.
        ("2026-10-06T06:00", "2026-10-07T10:00", date(2026, 10, 6), date(2026, 10, 8)),
    ],
)
def test_whole_days_end_before_the_day_after(start, end, first, after):
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    event = read(render_event(changed(all_day=True, start=start, end=end)))
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (first, after)
    assert event["DTSTART"].params["VALUE"] == "DATE"


def test_a_night_when_the_clocks_go_back_lasts_nine_hours():
    start, end = datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC)
    fragment = render_event(changed(start=start, end=end))
    assert "DTSTART;TZID=Europe/Paris:20261024T220000" in lines(fragment)
    assert "DTEND;TZID=Europe/Paris:20261025T060000" in lines(fragment)
    event = read(fragment)
    assert event["DTEND"].dt.astimezone(UTC) - event["DTSTART"].dt.astimezone(UTC) == timedelta(hours=9)


@pytest.mark.parametrize(
    "start, end, written",
    [
        ("00:00", "02:00", ("20261025T000000Z", "20261025T020000Z")),
        ("00:30", "01:30", ("20261025T003000Z", "20261025T013000Z")),
        ("01:30", "03:00", ("20261025T013000Z", "20261025T030000Z")),
    ],
)
def test_the_doubled_hour_is_told_in_utc(start, end, written):
    start, end = (datetime.fromisoformat(f"2026-10-25T{text}+00:00") for text in (start, end))
    told = lines(render_event(changed(start=start, end=end)))
    assert [f"DTSTART:{written[0]}", f"DTEND:{written[1]}"] == [
        line for line in told if line.startswith("DT") and "STAMP" not in line
    ]


NAIVE = EVENT.start.replace(tzinfo=None)
NASTY = "Tab\tété 🥕\x00\x07\x1b\r\nEND:VEVENT\u2028X-EVIL:1\x85é;,\\\"'\ud800\ufeff" + "œuf\u00a0dur " * 30


@pytest.mark.parametrize("name", ["summary", "location", "description", "url"])
def test_no_text_can_break_out_of_its_line(name):
    fragment = render_event(changed(**{name: NASTY}))
    assert all(len(line) <= 75 for line in fragment.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", fragment)
    assert all(line.decode() for line in fragment.split(b"\r\n")[:-1])
    assert fragment.decode().count("END:VEVENT\r\n") == 1
    assert not [line for line in lines(fragment) if line.startswith("X-EVIL")]
    assert len(fragment.decode().splitlines()) == fragment.count(b"\r\n")
    assert read(fragment)["UID"] == EVENT.uid


def test_text_comes_back_as_it_went():
    event = read(render_event(changed(summary='Atelier ; 2 \\ 3, « soupe » "x"', description="a\nb")))
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"])) == ('Atelier ; 2 \\ 3, « soupe » "x"', "a\nb")


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": "a b@c"},
        {"uid": ""},
        {"uid": "x" * 256},
        {"uid": "a\r\nX:1"},
        {"end": EVENT.start},
        {"revision": -1},
        {"revision": 2**31},
        {"start": NAIVE},
        {"changed_at": NAIVE},
    ],
)
def test_what_is_no_event_is_refused(changes):
    with pytest.raises(ValueError, match="event"):
        changed(**changes)


def feed_lines(feed):
    return lines(feed.body)


def test_a_feed_is_written_to_the_letter():
    feed = assemble(HEAD, [render_event(EVENT)])
    written = feed_lines(feed)
    assert (feed.events, feed.omitted) == (1, 0)
    assert written[0] == "BEGIN:VCALENDAR"
    assert sorted(written[1 : written.index("BEGIN:VTIMEZONE")]) == sorted(
        [
            "VERSION:2.0",
            "PRODID:-//Mutualim//Agendas//FR",
            "CALSCALE:GREGORIAN",
            "NAME:Cuisine\\; à\\, partager",
            "X-WR-CALNAME:Cuisine\\; à\\, partager",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
            "X-WR-TIMEZONE:Europe/Paris",
            "COLOR:seagreen",
            "URL:https://mutualim.example.org/ressources/k7",
        ]
    )
    assert written[written.index("END:VTIMEZONE") + 1] == "BEGIN:VEVENT"
    assert written[-1] == "END:VCALENDAR"
    assert feed.body.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert not {"METHOD", "UID"} & {
        line.partition(":")[0] for line in written[: written.index("BEGIN:VEVENT")]
    }


def test_a_feed_without_events_is_a_calendar_still():
    calendar = icalendar.Calendar.from_ical(assemble(HEAD, []).body)
    assert calendar["VERSION"] == "2.0"
    assert calendar.subcomponents == []


def test_the_same_events_give_the_same_feed():
    assert (
        assemble(HEAD, [render_event(EVENT)]).body
        == assemble(replace(HEAD), iter([render_event(EVENT)])).body
    )


def test_a_feed_carries_the_zones_its_events_use_once_each():
    head = replace(HEAD, other_zones=("Indian/Reunion", "Pacific/Noumea", "Europe/Paris"))
    fragments = [
        render_event(changed(uid=f"{n}@x", zone=zone))
        for n, zone in enumerate(("Indian/Reunion", "Europe/Paris"))
    ]
    zones = [line for line in feed_lines(assemble(head, fragments)) if line.startswith("TZID:")]
    assert zones == ["TZID:Europe/Paris", "TZID:Indian/Reunion"]


def test_whole_days_need_no_zone():
    assert b"VTIMEZONE" not in assemble(HEAD, [render_event(changed(all_day=True))]).body


@pytest.mark.parametrize("engine", ["zoneinfo", "pytz"])
def test_a_parsed_feed_gives_back_the_instants(engine):
    events = [
        replace(
            EVENT,
            uid=f"{month:02}-{year}@x",
            start=datetime(year, month, 15, 6, tzinfo=UTC),
            end=datetime(year, month, 15, 8, tzinfo=UTC),
            zone=zone,
        )
        for year, zone in ((2026, "Europe/Paris"), (2027, "America/Miquelon"), (2028, "Pacific/Marquesas"))
        for month in range(1, 13)
    ]
    head = replace(HEAD, other_zones=("America/Miquelon", "Pacific/Marquesas"))
    getattr(icalendar, f"use_{engine}")()
    try:
        calendar = icalendar.Calendar.from_ical(assemble(head, map(render_event, events)).body)
        told = {str(event["UID"]): cast("datetime", event.start).astimezone(UTC) for event in calendar.events}
    finally:
        icalendar.use_zoneinfo()
    assert told == {event.uid: event.start for event in events}


def test_a_feed_too_large_for_google_loses_its_most_distant_events():
    base = datetime(2026, 9, 1, 6, tzinfo=UTC)
    # UID order is not the order of time.
    starts = {f"{(n * 7919) % 5003:05}@x": base + timedelta(hours=2 * n) for n in range(5003)}
    one = render_event(EVENT)
    fragments = []
    for uid in sorted(starts):
        local = starts[uid].astimezone(ZoneInfo("Europe/Paris"))
        text = one.replace(b"b-7f3k@agenda.example.org", uid.encode())
        fragments.append(text.replace(b"20261006T080000", local.strftime("%Y%m%dT%H%M%S").encode()))
    feed = assemble(HEAD, fragments)
    kept = re.findall(rb"\r\nUID:(\S+)\r\n", feed.body)
    assert len(feed.body) <= MAX_BYTES < 1_000_000
    assert len(feed.body) > MAX_BYTES - 1000
    assert (len(kept), feed.omitted) == (feed.events, 5003 - feed.events)
    assert kept == sorted(kept)
    last = max(starts[uid.decode()] for uid in kept)
    assert all((start <= last) == (uid.encode() in set(kept)) for uid, start in starts.items())


@pytest.mark.parametrize(
    "now, start, end",
    [
        ("2026-09-01T08:00", "2026-07-03", "2028-03-01"),
        ("2026-08-31T23:59:59", "2026-07-02", "2028-02-29"),
        ("2027-08-31T00:00", "2027-07-02", "2029-02-28"),
        ("2026-01-31T12:00", "2025-12-02", "2027-07-31"),
        ("2026-07-15T12:00", "2026-05-16", "2028-01-15"),
    ],
)
def test_feeds_show_sixty_days_back_and_eighteen_months_ahead(now, start, end):
    window = feed_window(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert [moment.isoformat() for moment in (window.start, window.end)] == [
        f"{day}T00:00:00+00:00" for day in (start, end)
    ]
    assert window.day - window.cancelled_since == timedelta(days=30)


def test_the_window_stands_still_all_day():
    morning, evening = (datetime(2026, 9, 1, hour, 30, tzinfo=UTC) for hour in (0, 23))
    assert feed_window(morning) == feed_window(evening) != feed_window(evening + timedelta(hours=1))


def test_a_calendar_keeps_its_colour():
    assert colour_for("resource:12") is colour_for("resource:12")
    assert {colour_for(f"resource:{n}") for n in range(200)} == set(FeedColour)


def test_two_anonymous_events_at_the_same_time_differ_in_more_than_their_uid():
    one, other = (render_event(replace(EVENT, uid=f"b-{n}@agenda.example.org")) for n in (1, 2))
    assert one.replace(b"UID:b-1@", b"UID:b-2@") != other
