"""The week grid of the editor, and the rows a database searches: both say exactly what the hours say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.availability.opening import (
    EVERY_DAY,
    GridException,
    OpeningHours,
    WeekGrid,
    compile_rules,
    french_calendar,
    grid_from_hours,
    hours_from_grid,
)

ZONE_B = french_calendar("B")
MORNING, DAYTIME, NIGHT = ((480, 720),), ((420, 1080),), ((1320, 1800),)
WORKING_WEEK = WeekGrid((DAYTIME,) * 5 + ((), ()))

FITS = [
    ("Mo-Fr 07:00-18:00; PH off", WORKING_WEEK),
    ("Mo-Fr 07:00-18:00", replace(WORKING_WEEK, public_holidays="open")),
    ("SH Mo-Fr 07:00-18:00; PH off", replace(WORKING_WEEK, school_days=frozenset(range(5)))),
    (
        "SH Mo-Fr 07:00-18:00; Sa 08:00-12:00; PH off",
        WeekGrid((DAYTIME,) * 5 + (MORNING, ()), school_days=frozenset(range(5))),
    ),
    ("24/7", WeekGrid((((0, 1440),),) * 7, "open")),
    ("off", WeekGrid(((),) * 7)),
    ("Mo,We 08:00-12:00; Tu 07:00-18:00; PH off", WeekGrid((MORNING, DAYTIME, MORNING) + ((),) * 4)),
    # Rows after a night are joined with a comma, so as not to cut its end.
    ("Mo-Fr 22:00-06:00, Sa 08:00-12:00; PH off", WeekGrid((NIGHT,) * 5 + (MORNING, ()))),
    (
        "Mo-Fr 07:00-18:00; PH off; 2026 Dec 24 08:00-12:00; 2026 Dec 26-2027 Jan 3 off; Aug off",
        replace(
            WORKING_WEEK,
            exceptions=(
                GridException(date(2026, 12, 24), date(2026, 12, 24), MORNING),
                GridException(date(2026, 12, 26), date(2027, 1, 3)),
                GridException(date(2000, 8, 1), date(2000, 8, 31), every_year=True),
            ),
        ),
    ),
]


@pytest.mark.parametrize("text, grid", FITS)
def test_text_and_grid_say_the_same(text, grid):
    assert grid_from_hours(OpeningHours.parse(text)) == grid
    assert str(hours_from_grid(grid)) == text


OTHER_SPELLINGS = [
    ("Mo-Fr 08:00-18:00; We off", "Mo-Tu,Th-Fr 08:00-18:00"),
    ("Mo-Fr 08:00-12:00, We 14:00-18:00", "Mo-Tu,Th-Fr 08:00-12:00; We 08:00-12:00,14:00-18:00"),
    ("Mo-Su 08:00-18:00; Su,PH off", "Mo-Sa 08:00-18:00; PH off"),
    ("SH Mo-Fr 08:00-18:00; Mo 09:00-10:00", "Mo 09:00-10:00; SH Tu-Fr 08:00-18:00"),
    ("PH off", "off"),
    ("Mo 08:00-12:00; PH off; Tu off", "Mo 08:00-12:00; PH off"),
    ("Mo 08:00-12:00; 2026 Dec 24 off; PH off", "Mo 08:00-12:00; PH off; 2026 Dec 24 off"),
    ("Mo 08:00-12:00; Dec 24,Dec 31 off", "Mo 08:00-12:00; Dec 24 off; Dec 31 off"),
    ("SH 08:00-12:00; SH We off", "SH Th-Tu 08:00-12:00"),
]


@pytest.mark.parametrize("text, through_grid", OTHER_SPELLINGS)
def test_other_spellings_keep_their_meaning(text, through_grid):
    hours = OpeningHours.parse(text)
    grid = grid_from_hours(hours)
    assert grid is not None
    rewritten = hours_from_grid(grid)
    assert str(rewritten) == through_grid
    period = (date(2026, 9, 1), date(2027, 9, 1), ZONE_B)
    assert rewritten.days(*period) == hours.days(*period)


DO_NOT_FIT = [
    "Mo-Fr,PH 08:00-12:00",
    "PH 10:00-12:00",
    "PH Mo-Fr 10:00-12:00",
    "Mo-Fr 08:00-12:00; SH off",
    "Mo-Fr 16:30-20:00; SH Mo-Fr 08:00-20:00",
    "Mo-Fr 08:00-12:00, SH Mo 14:00-18:00",
    "Jul-Aug Mo-Fr 08:00-12:00",
    "PH off; Mo-Fr 08:00-12:00",
    "Mo-Fr 08:00-12:00; 2026 Dec 25 10:00-12:00; PH off",
    "Aug off; Mo-Fr 08:00-12:00",
    "Fr 22:00-06:00; Sa 10:00-12:00",
    "Mo-Fr 22:00-06:00; We off",
    "Mo 08:00-12:00; Dec 24 08:00-10:00, Dec 24 11:00-12:00",
]


@pytest.mark.parametrize("text", DO_NOT_FIT)
def test_what_a_grid_cannot_say_is_left_to_the_text(text):
    assert grid_from_hours(OpeningHours.parse(text)) is None


def test_one_switch_for_school_holidays():
    grid = replace(WORKING_WEEK, school_days=EVERY_DAY)
    assert grid.school_only
    assert not WORKING_WEEK.school_only
    assert str(hours_from_grid(grid)) == "SH Mo-Fr 07:00-18:00; PH off"


def test_a_grid_tidies_its_ranges():
    grid = WeekGrid((((600, 720), (480, 620)),) + ((),) * 6)
    assert str(hours_from_grid(grid)) == "Mo 08:00-12:00; PH off"


@pytest.mark.parametrize(
    "text, weekly, exceptions",
    [
        ("Mo 08:00-12:00,14:00-18:00; PH off", [(0, 480, 720), (0, 840, 1080)], {date(2027, 3, 29): ()}),
        ("Fr 22:00-06:00", [(4, 1320, 1440), (5, 0, 360)], {}),
        ("24/7", [(day, 0, 1440) for day in range(7)], {}),
        ("off", [], {}),
        ("off; 2027 Mar 3 08:00-12:00", [], {date(2027, 3, 3): ((480, 720),)}),
    ],
)
def test_compiles_to_a_usual_week_and_exceptions(text, weekly, exceptions):
    compiled = compile_rules(OpeningHours.parse(text), ZONE_B, date(2027, 3, 1), date(2027, 4, 4))
    assert compiled == (weekly, exceptions)


@pytest.mark.parametrize("text", [text for text, _grid in FITS] + DO_NOT_FIT)
def test_compiled_rows_give_every_day_back(text):
    hours = OpeningHours.parse(text)
    first, last = date(2026, 9, 1), date(2028, 3, 1)
    weekly, exceptions = compile_rules(hours, ZONE_B, first, last)
    for day, ranges in hours.days(first, last, ZONE_B):
        usual = tuple((start, end) for weekday, start, end in weekly if weekday == day.weekday())
        assert exceptions.get(day, usual) == ranges
    assert all(first <= day <= last for day in exceptions)


def test_an_empty_period_compiles_to_nothing():
    day = date(2026, 9, 1)
    assert compile_rules(OpeningHours.parse("24/7"), ZONE_B, day, day - timedelta(days=1)) == ([], {})
