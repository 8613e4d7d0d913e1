"""Which days of a rule are left out of a series: table of cases, then what the page says."""

from datetime import date, timedelta

import pytest

from app.bookings.left_out import missing_days
from app.core.recurrence import Frequency, Rule

FIRST = date(2026, 9, 8)  # a Tuesday
TUESDAYS = [FIRST + timedelta(weeks=number) for number in range(4)]
WEEKLY = Rule(Frequency.WEEKLY, FIRST, weekdays=(1,), times=4)
DAILY = Rule(Frequency.DAILY, FIRST, times=4)


@pytest.mark.parametrize(
    "rule, known, missing",
    [
        (WEEKLY, TUESDAYS, []),
        (WEEKLY, TUESDAYS[1:], TUESDAYS[:1]),
        (WEEKLY, [], TUESDAYS),
        (
            WEEKLY,
            [TUESDAYS[0] + timedelta(days=2), *TUESDAYS[1:]],
            [],
        ),  # on Thursday before the weekday changed
        (DAILY, [FIRST, FIRST + timedelta(days=3)], [FIRST + timedelta(days=1), FIRST + timedelta(days=2)]),
    ],
)
def test_a_day_of_the_rule_without_a_booking_is_left_out(rule, known, missing):
    assert missing_days(rule, rule.days(date(2026, 12, 31), lambda _day: False), set(known)) == missing
