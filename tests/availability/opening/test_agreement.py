"""Our evaluator against an independent one: the npm package `opening_hours`.

`make_fixtures.mjs` stored its answers for about 90 expressions, those with school holidays in all three zones: every
half past the hour of 128 days (about 400,000 instants) and both sides of openings and closings to the minute.

What is compared and what is not:
- Both sides use the holidays the npm package knows, stored in the fixtures, so that this file tests the evaluation of
  rules. `test_holidays.py` checks the calendar itself, and how it differs from the npm package's.
- Instants that the clocks skip are left out, and so are ranges bounded by one: npm moves such a bound by an hour, we
  open or close at the change. An hour that comes twice is asked at its first passage.
- On the Monday after clocks go forward, between 00:00 and 01:00, npm looks for "the night before" 24 hours earlier,
  which is Saturday: it then keeps open what Saturday's night had already closed. That one instant is left out here
  and tested by itself below.
- A second rule that names no day ("Mo 08:00-12:00; 14:00-18:00") is refused by us, as its author nearly always meant
  a comma; npm adds it to the other rules.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.availability.opening import HolidayCalendar, OpeningHours, fixed_calendar, open_intervals

PARIS = ZoneInfo("Europe/Paris")
FIXTURES: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures.json").read_text("utf-8"))
ANSWERS = [pytest.param(answer, id=f"{answer['zone']} {answer['text']}") for answer in FIXTURES["answers"]]


def _named(days: list[str], name: str) -> dict[date, str]:
    return {date.fromisoformat(day): name for day in days}


CALENDARS = {
    zone: fixed_calendar(_named(days["PH"], "férié"), _named(days["SH"], "vacances"))
    for zone, days in FIXTURES["calendars"].items()
}


NPM_LOOKS_AT_THE_WRONG_NIGHT = datetime.fromisoformat("2027-03-29T00:30")


@cache
def _epoch(local: datetime) -> float | None:
    """The instant of a wall time in Paris, at its first passage; None for one that the clocks skip."""
    instant = local.replace(tzinfo=PARIS).timestamp()
    return instant if datetime.fromtimestamp(instant, PARIS).replace(tzinfo=None) == local else None


def _swept(answer: dict[str, Any]) -> Iterator[tuple[datetime, bool]]:
    for (first, length), bits in zip(FIXTURES["windows"], answer["sweeps"], strict=True):
        start = datetime.fromisoformat(first) + timedelta(minutes=30)
        whole = f"{int(bits, 16):0{length * 24}b}"
        for hour, bit in enumerate(whole):
            yield start + timedelta(hours=hour), bit == "1"


def _asked(answer: dict[str, Any]) -> list[tuple[datetime, bool]]:
    edges = zip(answer["at"].split(), answer["open"], strict=True)
    pairs = [*_swept(answer), *((datetime.fromisoformat(at), is_open == "1") for at, is_open in edges)]
    return [
        (local, is_open)
        for local, is_open in pairs
        if local != NPM_LOOKS_AT_THE_WRONG_NIGHT and _epoch(local) is not None
    ]


def _calendar(answer: dict[str, Any]) -> HolidayCalendar:
    return CALENDARS[answer["zone"]]


def test_enough_is_compared():
    pairs = sum(len(_asked(answer)) for answer in FIXTURES["answers"])
    assert len({answer["text"] for answer in FIXTURES["answers"]}) >= 60
    assert pairs >= 2000


@pytest.mark.parametrize("answer", ANSWERS)
def test_same_answer_for_each_local_instant(answer):
    hours, calendar = OpeningHours.parse(answer["text"]), _calendar(answer)
    wrong = [(local, said) for local, said in _asked(answer) if hours.is_open(local, calendar) != said]
    assert wrong == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_same_answer_on_the_utc_line(answer):
    hours, calendar = OpeningHours.parse(answer["text"]), _calendar(answer)
    first, last = (datetime.fromisoformat(day).replace(tzinfo=PARIS) for day in ("2026-06-29", "2027-05-22"))
    intervals = open_intervals(hours, calendar, PARIS, int(first.timestamp()), int(last.timestamp()))
    edges = [edge for interval in intervals for edge in interval]
    asked = [(_epoch(local) or 0, said) for local, said in _asked(answer)]
    assert [(at, said) for at, said in asked if bisect_right(edges, at) % 2 != said] == []


def test_the_night_before_a_short_day_is_that_days_night():
    hours = OpeningHours.parse("Sa 23:00-01:30")
    assert not hours.is_open(NPM_LOOKS_AT_THE_WRONG_NIGHT, CALENDARS["A"])
    assert hours.is_open(NPM_LOOKS_AT_THE_WRONG_NIGHT - timedelta(days=1), CALENDARS["A"])


@pytest.mark.parametrize("answer", ANSWERS)
def test_canonical_text_means_the_same(answer):
    hours = OpeningHours.parse(answer["text"])
    assert OpeningHours.parse(str(hours)) == hours
    assert str(OpeningHours.parse(str(hours))) == str(hours)
