"""Which days of the invented calendar come to lie around today."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from app.availability.opening import french_calendar
from app.demo.spec import Series, Window, read_spec
from app.demo.uses import days_of, shift_of

WINDOW = Window(first=date(2026, 9, 1), lead_weeks=6, weeks_back=3, weeks_ahead=10)
ZONE_B = french_calendar("B")
TODAYS = [date(2026, 9, 1), date(2026, 10, 26), date(2026, 12, 31), date(2028, 2, 29), date(2027, 7, 14)]


MARKET = Series("B", "K1", "O1", weekday=1, start=time(9), end=time(12), purpose="Marché")


@pytest.mark.parametrize("today", TODAYS)
def test_the_calendar_moves_by_whole_weeks_to_cover_today(today):
    first = WINDOW.first + shift_of(WINDOW, today)
    assert first.weekday() == WINDOW.first.weekday()
    assert timedelta(weeks=5) <= today - first <= timedelta(weeks=7)


@pytest.mark.parametrize("today", TODAYS)
@pytest.mark.parametrize("every_weeks", [1, 2, 4])
def test_a_series_keeps_its_weekday_and_its_rhythm(today, every_weeks):
    days = days_of(replace(MARKET, every_weeks=every_weeks), WINDOW, today, ZONE_B)
    assert {day.weekday() for day in days} == {1}
    assert {(day - days[0]).days % (7 * every_weeks) for day in days} == {0}
    assert days[0] >= today - timedelta(weeks=4)
    assert days[-1] <= today + timedelta(weeks=11)


@pytest.mark.parametrize(
    "during, days",
    [
        ("always", ["2026-10-13", "2026-10-20", "2026-10-27", "2026-11-03"]),
        ("term", ["2026-10-13", "2026-11-03"]),
        ("school_holiday", ["2026-10-20", "2026-10-27"]),
    ],
)
def test_school_time_and_holidays_of_zone_b(during, days):
    window = Window(WINDOW.first, 6, 0, 3)
    found = days_of(replace(MARKET, during=during), window, date(2026, 10, 13), ZONE_B)
    assert [day.isoformat() for day in found] == days


def test_nothing_happens_on_public_holidays():
    on_wednesdays = replace(MARKET, weekday=2)
    days = days_of(on_wednesdays, Window(WINDOW.first, 6, 0, 1), date(2026, 11, 9), ZONE_B)
    assert days == [date(2026, 11, 18)]  # 11 November is Armistice Day


def test_the_files_name_only_what_exists():
    spec = read_spec()
    structures, people = {s.key for s in spec.structures}, {p.key for p in spec.people}
    assert len(spec.things) == 30
    assert {s.resource for s in spec.series} | {s.resource for s in spec.stays} <= set(spec.things)
    booking = {s.organisation for s in spec.series} | {s.organisation for s in spec.stays}
    assert booking | {s.organisation for s in spec.scenes} <= structures
    assert {key for s in spec.structures for key in s.people} <= people
    assert {step.by for scene in spec.scenes for step in scene.steps} <= people | {"", "site"}
    assert {resource for scene in spec.scenes for resource in scene.resources} <= set(spec.things)
    assert len({p.email for p in spec.people}) == len(spec.people)


def test_chains_can_be_planned_through_every_kitchen():
    kitchens = [thing for thing in read_spec().things.values() if thing.kind == "kitchen"]
    assert [thing.key for thing in kitchens if not thing.facts.get("throughput")] == []
    assert {thing.key for thing in kitchens} >= {"K1", "K2", "K3", "K4"}
