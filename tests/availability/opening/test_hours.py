"""When places are open: the examples people gave us, nights, and the days when clocks change."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.availability.opening import OpeningHours, french_calendar, open_intervals

PARIS = ZoneInfo("Europe/Paris")
ZONE_B = french_calendar("B")
SCHOOL_KITCHEN = OpeningHours.parse("SH Mo-Fr 07:00-18:00; PH off")
KITCHEN = OpeningHours.parse("Mo-Sa 07:00-22:00; PH off")
ALL_DAY = ((0, 1440),)


def _epoch(text: str, zone: ZoneInfo = PARIS) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def _intervals(text: str, start: str, end: str) -> list[tuple[str, str]]:
    found = open_intervals(OpeningHours.parse(text), ZONE_B, PARIS, _epoch(start), _epoch(end))
    return [(_utc(opens), _utc(closes)) for opens, closes in found]


def _utc(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    "day, ranges",
    [
        ("2026-10-19", ((420, 1080),)),
        ("2026-10-12", ()),  # term
        ("2026-11-02", ()),  # the day of return is a school day
        ("2026-11-11", ()),  # Armistice
        ("2027-03-03", ((420, 1080),)),
        ("2027-02-10", ()),  # winter holidays of zone C only
        ("2027-05-06", ()),  # holiday and Ascension
        ("2027-05-07", ((420, 1080),)),  # the bridge
        ("2026-10-24", ()),  # a Saturday of the holidays
    ],
)
def test_school_kitchen_of_zone_b(day, ranges):
    assert SCHOOL_KITCHEN.day(date.fromisoformat(day), ZONE_B) == ranges


@pytest.mark.parametrize("zone, is_open", [("A", False), ("B", False), ("C", True)])
def test_winter_holidays_depend_on_the_zone(zone, is_open):
    assert (
        SCHOOL_KITCHEN.is_open(datetime.fromisoformat("2027-02-10T10:00"), french_calendar(zone)) is is_open
    )


@pytest.mark.parametrize(
    "local, is_open",
    [
        ("2026-10-06T06:59", False),
        ("2026-10-06T07:00", True),
        ("2026-10-06T21:59:59", True),
        ("2026-10-06T22:00", False),
        ("2026-10-04T12:00", False),  # Sunday
        ("2026-07-14T12:00", False),
        ("2027-03-29T12:00", False),  # Easter Monday
    ],
)
def test_kitchen(local, is_open):
    assert KITCHEN.is_open(datetime.fromisoformat(local), ZONE_B) is is_open


@pytest.mark.parametrize(
    "text, day, ranges",
    [
        ("Sa 22:00-06:00", "2026-10-24", ((1320, 1440),)),
        ("Sa 22:00-06:00", "2026-10-25", ((0, 360),)),
        ("Mo-Su 22:00-06:00", "2026-10-25", ((0, 360), (1320, 1440))),
        ("Fr-Sa 20:00-24:00", "2026-10-24", ((1200, 1440),)),
        ("Fr 22:00-02:00, Sa 01:00-05:00", "2026-10-24", ((0, 300),)),
        # A rule decides a civil day whole, the end of the night before included.
        ("Fr 22:00-06:00; Sa 10:00-12:00", "2026-10-24", ((600, 720),)),
        ("Fr 22:00-06:00, Sa 10:00-12:00", "2026-10-24", ((0, 360), (600, 720))),
        ("Mo-Su 22:00-06:00; PH off", "2026-11-11", ()),
        ("Mo-Su 22:00-06:00; PH off", "2026-11-12", ((0, 360), (1320, 1440))),
        ("24/7", "2026-10-25", ALL_DAY),
        ("24/7; Dec 25 off", "2026-12-25", ()),
        ("Feb 29 10:00-12:00", "2028-02-29", ((600, 720),)),
        ("Feb 29 10:00-12:00", "2027-03-01", ()),
        ("PH 10:00-12:00", "2026-05-25", ((600, 720),)),  # Whit Monday
    ],
)
def test_ranges_of_a_civil_day(text, day, ranges):
    assert OpeningHours.parse(text).day(date.fromisoformat(day), ZONE_B) == ranges


def test_days_include_both_ends():
    days = KITCHEN.days(date(2026, 10, 3), date(2026, 10, 5), ZONE_B)
    assert days == [
        (date(2026, 10, 3), ((420, 1320),)),
        (date(2026, 10, 4), ()),
        (date(2026, 10, 5), ((420, 1320),)),
    ]


@pytest.mark.parametrize(
    "text, start, end, covered",
    [
        ("Mo-Sa 07:00-22:00", "2026-10-06T07:00", "2026-10-06T22:00", True),
        ("Mo-Sa 07:00-22:00", "2026-10-06T06:30", "2026-10-06T09:00", False),
        ("Mo-Sa 07:00-22:00", "2026-10-06T21:00", "2026-10-06T22:30", False),
        ("Mo-Sa 07:00-22:00", "2026-10-06T21:00", "2026-10-07T08:00", False),
        ("Mo 08:00-12:00,14:00-18:00", "2026-10-05T10:00", "2026-10-05T15:00", False),
        ("Fr 22:00-06:00", "2026-10-23T23:00", "2026-10-24T06:00", True),
        ("Fr 22:00-06:00", "2026-10-23T23:00", "2026-10-24T06:01", False),
        ("Fr 10:00-24:00; Sa 00:00-12:00", "2026-10-23T12:00", "2026-10-24T12:00", True),
        ("24/7", "2026-10-01T00:00", "2026-12-01T00:00", True),
        ("24/7; Nov 11 off", "2026-10-01T00:00", "2026-12-01T00:00", False),
        ("24/7", "2026-10-01T10:00", "2026-10-01T10:00", False),
        ("Mo-Sa 07:00-22:00", "2026-10-06T21:59:30", "2026-10-06T21:59:59", True),
    ],
)
def test_covers_means_open_without_a_break(text, start, end, covered):
    hours = OpeningHours.parse(text)
    assert hours.covers(datetime.fromisoformat(start), datetime.fromisoformat(end), ZONE_B) is covered


@pytest.mark.parametrize(
    "start, until",
    [("2026-10-23T23:00", "2026-10-24T06:00"), ("2026-10-24T06:00", "2026-10-24T06:00")],
)
def test_open_until(start, until):
    hours, limit = OpeningHours.parse("Fr 22:00-06:00"), datetime.fromisoformat("2026-10-30T00:00")
    assert hours.open_until(datetime.fromisoformat(start), limit, ZONE_B) == datetime.fromisoformat(until)


@pytest.mark.parametrize(
    "text, start, end, expected",
    [
        # Clocks go back on 25 October 2026: the night lasts nine hours.
        ("Sa 22:00-06:00", "2026-10-24", "2026-10-26", [("10-24 20:00", "10-25 05:00")]),
        ("Su 08:00-12:00", "2026-10-25", "2026-10-26", [("10-25 07:00", "10-25 11:00")]),
        ("24/7", "2026-10-25", "2026-10-26", [("10-24 22:00", "10-25 23:00")]),
        # 02:00-02:30 comes twice.
        (
            "Su 01:00-02:30",
            "2026-10-25",
            "2026-10-26",
            [("10-24 23:00", "10-25 00:30"), ("10-25 01:00", "10-25 01:30")],
        ),
        ("Su 02:00-03:00", "2026-10-25", "2026-10-26", [("10-25 00:00", "10-25 02:00")]),
        # Clocks go forward on 28 March 2027: the night lasts seven hours, 02:00-03:00 does not exist.
        ("Sa 22:00-06:00", "2027-03-27", "2027-03-29", [("03-27 21:00", "03-28 04:00")]),
        ("Su 02:00-03:00", "2027-03-28", "2027-03-29", []),
        ("Su 02:30-05:00", "2027-03-28", "2027-03-29", [("03-28 01:00", "03-28 03:00")]),
        ("Su 01:00-02:30", "2027-03-28", "2027-03-29", [("03-28 00:00", "03-28 01:00")]),
        ("24/7", "2027-03-28", "2027-03-29", [("03-27 23:00", "03-28 22:00")]),
        # Clipped to the window asked for; days that touch at midnight are one interval.
        ("Mo-Su 08:00-20:00", "2026-10-06T09:00", "2026-10-06T10:00", [("10-06 07:00", "10-06 08:00")]),
        ("Tu-We 00:00-24:00", "2026-10-05", "2026-10-09", [("10-05 22:00", "10-07 22:00")]),
        ("24/7", "2026-10-06", "2026-10-06", []),
    ],
)
def test_intervals_on_the_utc_line(text, start, end, expected):
    assert _intervals(text, start, end) == expected


@pytest.mark.parametrize(
    "zone", ["Asia/Beirut", "America/Santiago", "Indian/Reunion", "Pacific/Kiritimati", "Pacific/Niue"]
)
def test_every_instant_of_a_zone_belongs_to_one_day(zone):
    """Also where clocks change at midnight and far from Greenwich."""
    place = ZoneInfo(zone)
    start, end = _epoch("2026-01-01", place), _epoch("2027-01-01", place)
    found = open_intervals(OpeningHours.parse("24/7"), ZONE_B, place, start, end)
    assert found == [(start, end)]
    hours = OpeningHours.parse("Mo-Su 08:00-12:00")
    found = open_intervals(hours, ZONE_B, place, start, end)
    assert len(found) == 365
    assert {datetime.fromtimestamp(opens, place).strftime("%H:%M") for opens, _closes in found} == {"08:00"}


def test_a_month_of_one_schedule_is_quick():
    """The target is 0.1-0.3 ms; the test only catches a change of order on a busy machine."""
    start, end = _epoch("2026-10-01"), _epoch("2026-11-01")
    open_intervals(KITCHEN, ZONE_B, PARIS, start, end)
    took = []
    for _ in range(50):
        began = time.perf_counter()
        open_intervals(KITCHEN, ZONE_B, PARIS, start, end)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.001


def test_the_day_cache_stays_bounded():
    hours = OpeningHours.parse("Mo 09:00-09:01")
    hours.days(date(2020, 1, 1), date(2035, 1, 1), ZONE_B)
    for zone in ("A", "B", "C"):
        hours.days(date(2026, 1, 1), date(2026, 1, 9), french_calendar(zone))
    assert max(len(cache) for cache in hours._days.values()) <= 2000
    assert len(hours._days) <= 16
