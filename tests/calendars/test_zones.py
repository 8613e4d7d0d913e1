"""The VTIMEZONE we send gives the same hours as the zone itself, to several independent readers."""

import io
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

import icalendar
import pytest
from dateutil import tz

from app.calendars.zones import UnknownZone, observances, vtimezone

FRENCH = [
    "Europe/Paris",
    "America/Martinique",
    "America/Guadeloupe",
    "America/Marigot",
    "America/St_Barthelemy",
    "America/Cayenne",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Indian/Kerguelen",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "Pacific/Wallis",
]
ODD = [
    "Europe/Dublin",
    "America/Nuuk",
    "Asia/Gaza",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/Santiago",
]

YEARS = range(2026, 2051)


def moments(zone, years=YEARS):
    """Naive wall times that exist once: mid-season noons, and the hours around each change of the clocks."""
    info = ZoneInfo(zone)
    found = []
    for year in years:
        found += [datetime(year, month, 15, 12) for month in range(1, 13)]
        hour = datetime(year, 1, 1, tzinfo=UTC)
        before = hour.astimezone(info).utcoffset()
        while hour.year == year:
            hour += timedelta(hours=1)
            offset = hour.astimezone(info).utcoffset()
            if offset != before:
                wall = hour.astimezone(info).replace(tzinfo=None)
                found += [wall + timedelta(hours=n) for n in (-30, -4, -3, 2, 3, 30)]
            before = offset
    return found


def with_dateutil(zone):
    text = b"BEGIN:VCALENDAR\r\n" + vtimezone(zone) + b"END:VCALENDAR\r\n"
    return tz.tzical(io.StringIO(text.decode())).get(zone)


def with_icalendar(zone):
    component = cast("icalendar.Timezone", icalendar.Timezone.from_ical(vtimezone(zone)))
    return component.to_tz(lookup_tzid=False)


@pytest.mark.parametrize("engine", [with_dateutil, with_icalendar])
@pytest.mark.parametrize("zone", FRENCH)
def test_french_zones_agree_until_2050(zone, engine):
    told, real = engine(zone), ZoneInfo(zone)
    wrong = [
        wall
        for wall in moments(zone)
        if wall.replace(tzinfo=told).utcoffset() != wall.replace(tzinfo=real).utcoffset()
    ]
    assert wrong == []


@pytest.mark.parametrize("zone", ODD)
def test_unusual_laws_agree_(zone):
    # From 2028: a rule that holds for good may start a year after today's. Gaza has fixed dates from 2036 on.
    told, real = with_icalendar(zone), ZoneInfo(zone)
    wrong = [
        wall
        for wall in moments(zone, range(2028, 2035 if zone == "Asia/Gaza" else 2051))
        if wall.replace(tzinfo=told).utcoffset() != wall.replace(tzinfo=real).utcoffset()
    ]
    assert wrong == []


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Miquelon"])
def test_clocks_that_change_are_told_by_two_yearly_rules(zone):
    text = vtimezone(zone).decode()
    assert text.count("\r\nRRULE:FREQ=YEARLY;") == 2
    assert "RDATE" not in text
    assert [text.count(f"BEGIN:{kind}") for kind in ("STANDARD", "DAYLIGHT")] == [1, 1]


@pytest.mark.parametrize(
    "zone, offset",
    [
        ("America/Martinique", "-0400"),
        ("America/Guadeloupe", "-0400"),
        ("America/Cayenne", "-0300"),
        ("Indian/Reunion", "+0400"),
        ("Indian/Mayotte", "+0300"),
        ("Pacific/Noumea", "+1100"),
        ("Pacific/Tahiti", "-1000"),
        ("Pacific/Marquesas", "-0930"),
    ],
)
def test_clocks_that_never_change_have_one_time(zone, offset):
    text = vtimezone(zone).decode()
    assert text.count("BEGIN:") == 2
    assert "RRULE" not in text
    assert f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\n" in text


def test_paris_is_written_to_the_letter():
    assert vtimezone("Europe/Paris").decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Paris",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
        "",
    ]


def test_every_zone_of_the_world_can_be_told():
    for zone in available_timezones() - {"localtime", "Factory"}:
        text = vtimezone(zone)
        assert text == b"" or text.startswith(b"BEGIN:VTIMEZONE\r\nTZID:" + zone.encode() + b"\r\n")
        assert not text or icalendar.Timezone.from_ical(text)["TZID"] == zone


def test_utc_needs_no_zone():
    assert vtimezone("UTC") == vtimezone("Etc/UTC") == b""


@pytest.mark.parametrize(
    "zone", ["Europe/Nantes", "", "../../etc/passwd", "/etc/passwd", "Europe", "Romance Standard Time"]
)
def test_what_is_no_zone_is_refused(zone):
    with pytest.raises(UnknownZone):
        vtimezone(zone)


@pytest.mark.parametrize("footer", ["", "CET-1CEST", "CET-1CEST,J60,J300", "TZif2\x00", "CET-1CEST,M3.5.0"])
def test_a_rule_that_cannot_be_told_is_refused(footer):
    with pytest.raises(UnknownZone):
        observances(footer, "Europe/Paris")
