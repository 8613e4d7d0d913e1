"""Which stays other hours leave out: those that fitted before, as far as they still lie ahead."""

from dataclasses import replace

import pytest

from app.availability.hours import falls_outside
from app.availability.rules import Terms
from tests.factories import at, span

WEEK = "Mo-Sa 07:00-22:00; PH off"
NOW = "2026-09-01 10:00"


def terms(expression, **facts):
    given = Terms(
        resource_id=1, territory_id=1, capacity=1, opening_mode="continuous", step=30, min_length=30, max_length=10_000,
        before=0, after=0, notice=0, horizon_days=365, status="active", expression=expression, school_zone="B",
        timezone="Europe/Paris",
    )  # fmt: skip
    return replace(given, **facts)


def leaves_out(before, after, start, end, now=NOW, **facts):
    return falls_outside(terms(before, **facts), terms(after, **facts), span(start, end), at(now))


@pytest.mark.parametrize(
    "after, is_hit",
    [
        ("Mo-Sa 07:00-22:00; PH off", False),  # nothing changes
        ("Mo-Su 00:00-24:00", False),  # longer
        ("Mo-Sa 09:00-12:00; PH off", False),  # just long enough
        ("Mo-Sa 09:30-22:00; PH off", True),
        ("Mo-Sa 07:00-11:30; PH off", True),
        ("Mo-Sa 07:00-10:00,11:00-22:00; PH off", True),  # a break in the middle
        ("Mo,We-Sa 07:00-22:00; PH off", True),  # no Tuesdays any more
        ("Mo-Sa 07:00-22:00; PH off; 2026 Oct 6 off", True),
        ("Mo-Sa 07:00-22:00; PH off; 2026 Oct 7 off", False),
        ("SH Mo-Fr 07:00-22:00", True),  # term
        ("off", True),
    ],
)
def test_a_tuesday_morning(after, is_hit):
    assert leaves_out(WEEK, after, "2026-10-06 09:00", "2026-10-06 12:00") is is_hit


def test_what_lay_outside_before_is_not_asked_about_again():
    assert not leaves_out(
        WEEK, "off", "2026-10-04 09:00", "2026-10-04 12:00"
    )  # a Sunday, promised all the same


def test_hours_that_bind_nothing_leave_nothing_out():
    assert not leaves_out(WEEK, "off", "2026-10-06 09:00", "2026-10-06 12:00", opening_mode="always")


def test_of_what_has_begun_only_the_rest_counts():
    morning = "2026-10-06 09:00", "2026-10-06 12:00"
    late = "Mo-Sa 10:00-22:00; PH off"
    assert leaves_out(WEEK, late, *morning, now="2026-10-06 09:59")
    assert not leaves_out(WEEK, late, *morning, now="2026-10-06 10:00")
    assert leaves_out(WEEK, "Mo-Sa 07:00-11:00; PH off", *morning, now="2026-10-06 10:00")


@pytest.mark.parametrize(
    "now, after, is_hit",
    [
        (NOW, "Tu-Sa 07:00-22:00; PH off", True),  # brought on a Monday
        ("2026-10-06 10:00", "Tu-Sa 07:00-22:00; PH off", False),  # it is there already
        (NOW, "Mo-Th 07:00-22:00; PH off", True),  # fetched on a Friday
        ("2026-10-06 10:00", "Mo-Th 07:00-22:00; PH off", True),
        (NOW, "Mo,Fr 07:00-22:00; PH off", False),  # closed in between, which is no harm
        (NOW, "Mo 07:00-09:00; Fr 07:00-09:00", True),
    ],
)
def test_where_only_the_ends_count(now, after, is_hit):
    stay = "2026-10-05 10:00", "2026-10-09 18:00"
    assert leaves_out(WEEK, after, *stay, now=now, opening_mode="endpoints") is is_hit


@pytest.mark.parametrize(
    "now, after, is_hit",
    [
        (NOW, "Mo,Fr 08:00-09:00", False),  # an hour is enough to bring or to fetch
        (NOW, "Tu-Fr 08:00-18:00", True),
        ("2026-10-05 10:00", "Tu-Fr 08:00-18:00", True),  # it may still be brought today
        ("2026-10-06 00:00", "Tu-Fr 08:00-18:00", False),
        ("2026-10-06 00:00", "Mo-Th 08:00-18:00", True),
    ],
)
def test_whole_days(now, after, is_hit):
    stay = "2026-10-05 00:00", "2026-10-10 00:00"
    assert leaves_out(WEEK, after, *stay, now=now, opening_mode="endpoints", step=1440) is is_hit
