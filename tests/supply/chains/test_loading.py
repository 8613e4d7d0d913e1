"""When it can be collected, as it is said, and what a search makes of it."""

import pytest

from app.supply.chains.planning.world import HOUR
from app.supply.chains.rules import first_and_last, loading_hours, loading_of
from tests.factories import PARIS, at

NOW = at("2026-09-10 03:00")


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-09-14 08:00", "2026-09-16 18:00", (7, 20)),
        ("2026-09-14 05:00", "2026-09-16 18:00", (5, 20)),
        ("2026-09-14 08:00", "2026-09-16 22:30", (7, 22.5)),
        ("2026-09-14 08:00", "2026-09-17 00:00", (7, 24)),
        ("2026-09-09 08:00", "2026-10-09 18:00", (7, 20)),  # what is looked at is cut, and not the hours
    ],
)
def test_on_each_day_it_is_collected_in_the_daytime_or_as_early_and_late_as_was_said(since, until, hours):
    found = loading_of(at(since), at(until), None, NOW, PARIS)
    assert found.hours == (hours[0] * HOUR, hours[1] * HOUR)


@pytest.mark.parametrize(
    ("hours", "until", "first", "last"),
    [
        ((7, 20), "2026-09-12 18:00", "2026-09-10 07:00", "2026-09-12 18:00"),
        ((5, 20), "2026-09-12 18:00", "2026-09-10 05:00", "2026-09-12 18:00"),
        ((7, 20), "2026-09-12 23:00", "2026-09-10 07:00", "2026-09-12 20:00"),
        ((7, 20), "2026-09-10 06:00", "2026-09-10 03:00", "2026-09-10 06:00"),  # all at night, as it was said
    ],
)
def test_it_is_loaded_first_and_last_when_somebody_is_there(hours, until, first, last):
    found = first_and_last(NOW, at(until), (hours[0] * HOUR, hours[1] * HOUR), PARIS)
    assert found == (at(first), at(last))


def test_what_nobody_said_is_no_hour():
    assert loading_hours(None, at("2026-09-12 22:00"), PARIS) == (7 * HOUR, 22 * HOUR)
    assert loading_hours(None, None, PARIS) == (7 * HOUR, 20 * HOUR)
