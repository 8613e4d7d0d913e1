"""How long requests wait, and how much of the opening hours is used."""

from datetime import timedelta

import pytest

from app.availability.rules import Taken
from app.reports.rules import Openness, age_of, common_seconds, openness, within
from tests.factories import at

NOW = at("2026-10-06 10:00")


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        (timedelta(), "fresh"),
        (timedelta(hours=23, minutes=59), "fresh"),
        (timedelta(days=1), "waiting"),
        (timedelta(days=3), "waiting"),
        (timedelta(days=3, seconds=1), "late"),
    ],
)
def test_the_age_of_a_request(waited, expected):
    assert age_of(NOW - waited, NOW) == expected


def test_common_seconds_and_cutting():
    assert common_seconds([(0, 10), (20, 30)], [(5, 25)]) == 10
    assert common_seconds([(0, 10)], [(10, 20)]) == 0
    assert within([(0, 10), (20, 30), (40, 50)], (5, 25)) == [(5, 10), (20, 25)]


def claim(start: int, end: int, kind: str = "booking") -> Taken:
    return Taken(start, end, 1, 1, kind)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], Openness(150, 150)),
        ([claim(0, 50)], Openness(150, 100)),
        ([claim(0, 50), claim(20, 60)], Openness(150, 90)),  # two posts of one kitchen
        ([claim(100, 200)], Openness(150, 150)),  # outside opening hours
        ([claim(0, 50, "closure")], Openness(100, 100)),
        ([claim(0, 50, "closure"), claim(25, 75)], Openness(100, 75)),
        ([claim(240, 400)], Openness(150, 140)),  # what lies past the frame does not count
    ],
)
def test_openness(taken, expected):
    assert openness([(-50, 100), (200, 300)], taken, (0, 250)) == expected


def test_places_add_up():
    assert sum([Openness(2, 1), Openness(3, 3)], Openness()) == Openness(5, 4)
