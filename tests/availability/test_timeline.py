"""Days as stretches: what is free, taken, closed, outside hours, being cleaned, too short, past, too soon, too far."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import pytest

from app.availability.hours import hours_between
from app.availability.rules import Taken
from app.availability.timeline import lay_out, margin
from app.availability.week import day_starts
from tests.availability.test_asking import DAYS, terms
from tests.factories import PARIS, at

NOW = at("2026-09-01 10:00")
DAY = "2026-10-06"  # a Tuesday


def taken(start: str, end: str, qty: int = 1, kind: str = "booking", hold: int = 7, **buffers: int) -> Taken:
    before, after = buffers.get("before", 0) * 60, buffers.get("after", 0) * 60
    wide = int(at(start).timestamp()) - before, int(at(end).timestamp()) + after
    return Taken(*wide, qty, hold, kind, before, after)


def day_of(found, day: str = DAY, now: datetime = NOW, mine: Collection[int] = (), **own):
    given: dict[str, Any] = {"capacity": 1, "expression": "Mo-Sa 07:00-22:00", "after": 0} | own
    its = terms(**given)
    starts = day_starts(its, at(f"{day} 00:00").date(), 1)
    beside = margin(its)
    opened = [(starts[0] - beside, starts[-1] + beside)]
    if its.opening_mode == "continuous":
        opened = hours_between(its, starts[0] - 86_400, starts[-1] + 86_400)
    (stretches,) = lay_out(its, found, opened, starts, now, mine)
    assert (stretches[0].start, stretches[-1].end) == (starts[0], starts[-1])
    return stretches


def told(stretches) -> list[str]:
    return [f"{wall(s.start)} {s.kind}{s.left or ''}" for s in stretches]


def wall(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, PARIS):%H:%M}"


HOURS: list[tuple[list[Taken], dict[str, Any], list[str]]] = [
    ([], {}, ["00:00 outside", "07:00 free1", "22:00 outside"]),
    (
        [taken(f"{DAY} 09:00", f"{DAY} 12:00", after=45)],
        {"after": 45},
        ["00:00 outside", "07:00 free1", "08:15 buffer", "09:00 busy", "12:00 buffer", "12:45 free1", "22:00 outside"],
    ),
    (
        [taken(f"{DAY} 07:30", f"{DAY} 12:00", hold=1), taken(f"{DAY} 12:00", f"{DAY} 22:00", hold=2)],
        {},
        ["00:00 outside", "07:00 gap", "07:30 busy", "12:00 busy", "22:00 outside"],
    ),
    (
        [taken(f"{DAY} 09:00", f"{DAY} 12:00", 3), taken(f"{DAY} 10:00", f"{DAY} 11:00", hold=8)],
        {"capacity": 4},
        ["00:00 outside", "07:00 free4", "09:00 free1", "10:00 busy", "11:00 free1", "12:00 free4", "22:00 outside"],
    ),
    (
        [taken(f"{DAY} 14:00", f"{DAY} 16:00", kind="closure")],
        {"capacity": 4},
        ["00:00 outside", "07:00 free4", "14:00 closed", "16:00 free4", "22:00 outside"],
    ),
    ([], {"expression": "24/7"}, ["00:00 free1"]),
    ([], {"opening_mode": "always"}, ["00:00 free1"]),
    ([taken("2026-10-05 18:00", f"{DAY} 08:00")], {"opening_mode": "always"}, ["00:00 busy", "08:00 free1"]),
    ([], {"status": "out_of_order"}, ["00:00 closed"]),
    ([], {"horizon_days": 20}, ["00:00 outside", "07:00 far", "22:00 outside"]),
]  # fmt: skip


@pytest.mark.parametrize(("found", "own", "expected"), HOURS)
def test_a_day_by_the_hour(found, own, expected):
    assert told(day_of(found, **own)) == expected


def test_what_is_over_is_past_and_what_is_too_soon_says_so():
    day = day_of([taken(f"{DAY} 08:00", f"{DAY} 09:00")], now=at(f"{DAY} 10:10"), notice=120)
    assert told(day) == [
        "00:00 past", "08:00 busy", "09:00 past", "10:10 soon", "12:30 free1", "22:00 outside",
    ]  # fmt: skip


def test_a_late_hour_belongs_to_the_night_after():
    """The last half hour before midnight is free where a booking may go on after it."""
    assert told(day_of([taken(f"{DAY} 00:00", f"{DAY} 23:30")], expression="24/7")) == [
        "00:00 busy",
        "23:30 free1",
    ]


@pytest.mark.parametrize(
    ("found", "own", "asked"),
    [
        ([], {"min_length": 120}, [("07:00", "09:00")]),
        ([taken(f"{DAY} 09:10", f"{DAY} 12:00")], {}, [("07:00", "08:00"), ("12:00", "13:00")]),
        (  # the last half hour has one place more: what is asked for there begins earlier
            [taken(f"{DAY} 07:00", f"{DAY} 21:30", 1)],
            {"capacity": 2},
            [("07:00", "08:00"), ("21:00", "22:00")],
        ),
    ],
)
def test_a_click_asks_for_the_shortest_use(found, own, asked):
    free = [stretch for stretch in day_of(found, **own) if stretch.kind == "free"]
    assert [(wall(stretch.ask[0]), wall(stretch.ask[1])) for stretch in free] == asked


STAYS: list[tuple[list[Taken], dict[str, Any], str]] = [
    ([taken("2026-10-05 00:00", "2026-10-08 00:00", 10)], {}, "00:00 free14"),
    ([taken("2026-10-05 00:00", "2026-10-08 00:00", 24)], {}, "00:00 busy"),
    ([taken("2026-10-05 00:00", "2026-10-08 00:00", 24, "closure")], {}, "00:00 closed"),
    ([taken("2026-10-08 00:00", "2026-10-20 00:00", 24), taken("2026-09-20 00:00", f"{DAY} 00:00", 24)],
     {"min_length": 1440 * 4}, "00:00 gap"),
    ([], {"horizon_days": 10}, "00:00 far"),
    ([], {"notice": 1440 * 60}, "00:00 soon"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "own", "expected"), STAYS)
def test_a_day_of_what_is_lent_by_days(found, own, expected):
    given = {**DAYS, "capacity": 24, "opening_mode": "always", **own}
    assert told(day_of(found, **given)) == [expected]


SHARED: list[tuple[list[Taken], dict[str, Any], list[tuple[str, Any]]]] = [
    (  # one's own shows beside what is free, is taken, or is over
        [taken(f"{DAY} 09:00", f"{DAY} 12:00", 2, hold=1), taken(f"{DAY} 10:00", f"{DAY} 11:00", 2, hold=8)],
        {"capacity": 4},
        [("09:00 free2", ((1, 2),)), ("10:00 busy", ((1, 2),)), ("11:00 free2", ((1, 2),))],
    ),
    (
        [taken("2026-08-31 09:00", "2026-08-31 12:00", 2, hold=1)],
        {"capacity": 4, "day": "2026-08-31"},
        [("09:00 past", ((1, 2),))],
    ),
    ([taken(f"{DAY} 09:00", f"{DAY} 12:00", hold=1)], {"capacity": 1}, []),  # of one user: taken says it all
    (
        [taken("2026-10-05 00:00", "2026-10-09 00:00", 3, hold=1), taken("2026-10-01 00:00", "2026-10-31 00:00", 5)],
        DAYS | {"capacity": 24, "opening_mode": "always"},
        [("00:00 free16", ((1, 3),))],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("found", "own", "expected"), SHARED)
def test_what_is_the_readers_own_among_several_users(found, own, expected):
    stretches = day_of(found, mine={1}, **own)
    assert [(*told([each]), each.own) for each in stretches if each.own] == expected


KEPT: list[tuple[list[Taken], dict[str, Any], list[tuple[str, Any, Any]]]] = [
    (  # a booking of others and one's own go on although the place is closed
        [
            taken(f"{DAY} 00:00", "2026-10-07 00:00", 1, "closure"),
            taken(f"{DAY} 09:00", f"{DAY} 12:00", 2, hold=1),
            taken(f"{DAY} 10:00", f"{DAY} 12:00", hold=8),
        ],
        {"capacity": 4},
        [("09:00 closed", ((1, 2),), ()), ("10:00 closed", ((1, 2),), (8,))],
    ),
    (
        [taken(f"{DAY} 00:00", "2026-10-07 00:00", 20, "closure"), taken(f"{DAY} 00:00", "2026-10-08 00:00", 4, hold=8)],
        DAYS | {"capacity": 24, "opening_mode": "always"},
        [("00:00 closed", (), (8,))],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("found", "own", "expected"), KEPT)
def test_what_goes_on_of_a_closed_place_is_told_beside_it(found, own, expected):
    stretches = day_of(found, mine={1}, **own)
    assert [(*told([each]), each.own, each.kept) for each in stretches if each.own or each.kept] == expected


def test_a_stay_is_asked_for_with_its_least_length():
    (day,) = day_of([], **{**DAYS, "opening_mode": "always", "min_length": 1440 * 3})
    assert datetime.fromtimestamp(day.ask[1], PARIS).date().isoformat() == "2026-10-09"


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
def test_the_days_when_the_clocks_change_are_whole(day):
    assert told(day_of([], day, expression="24/7")) == ["00:00 free1"]
    assert told(day_of([], day, expression="Mo-Su 07:00-22:00"))[1] == "07:00 free1"
