"""Rules that recur, by tables of cases."""

from datetime import date, timedelta
from itertools import islice

import pytest

from app.core.errors import Invalid
from app.core.recurrence import (
    MOST_TIMES,
    BadRule,
    Frequency,
    Hours,
    Rule,
    hours_of,
    nth_of,
    read_rule,
)
from app.core.span import NonexistentTime
from tests.factories import span

D, W, MD, MW = Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY_DATE, Frequency.MONTHLY_WEEKDAY
FIRST = date(2026, 9, 8)  # a Tuesday
FAR = date(2031, 1, 1)


def never(_day):
    return False


def autumn(day):
    """Tell the autumn holidays of zone B."""
    return date(2026, 10, 17) <= day <= date(2026, 11, 1)


def written(rule, through=FAR, is_holiday=never, most=8):
    return [day.isoformat()[5:] for day in islice(rule.days(through, is_holiday), most)]


@pytest.mark.parametrize(
    "rule, expected",
    [
        (Rule(D, FIRST, times=3), "09-08 09-09 09-10"),
        (Rule(D, FIRST, interval=10, until=date(2026, 9, 30)), "09-08 09-18 09-28"),
        (Rule(W, FIRST, weekdays=(1,), times=3), "09-08 09-15 09-22"),
        (Rule(W, FIRST, weekdays=(3, 0, 0), times=4), "09-10 09-14 09-17 09-21"),
        (Rule(W, FIRST, interval=2, weekdays=(0, 1), times=4), "09-08 09-21 09-22 10-05"),
        (Rule(W, FIRST, weekdays=(1,), until=date(2026, 9, 15)), "09-08 09-15"),
        (Rule(MD, date(2026, 8, 31), times=4), "08-31 10-31 12-31 01-31"),
        (Rule(MD, date(2027, 1, 29), interval=13, times=3), "01-29 02-29 03-29"),
        (Rule(MD, date(2026, 12, 15), times=2), "12-15 01-15"),
        (Rule(MW, FIRST, nth=2, times=4), "09-08 10-13 11-10 12-08"),
        (Rule(MW, FIRST, nth=-1, times=3), "09-29 10-27 11-24"),
        (Rule(MW, date(2026, 12, 31), nth=-1, times=3), "12-31 01-28 02-25"),
    ],
)
def test_the_days_of_a_rule(rule, expected):
    assert written(rule) == expected.split()


def test_tuesdays_but_school_holidays_are_the_thirteen_of_the_scenario():
    rule = Rule(W, FIRST, weekdays=(1,), until=date(2026, 12, 15), but_holidays=True)
    days = list(rule.days(FAR, autumn))
    assert len(days) == 13
    assert not {date(2026, 10, 20), date(2026, 10, 27)} & set(days)
    assert rule.holidays(FAR, autumn) == [date(2026, 10, 20), date(2026, 10, 27)]
    assert rule.holidays(date(2026, 10, 26), autumn) == [date(2026, 10, 20)]
    every = Rule(W, FIRST, weekdays=(1,), until=date(2026, 12, 15))
    assert len(list(every.days(FAR, autumn))) == 15
    assert every.holidays(FAR, autumn) == []


def test_skipped_days_do_not_count_among_the_times():
    rule = Rule(W, date(2026, 10, 13), weekdays=(1,), times=3, but_holidays=True)
    assert written(rule, is_holiday=autumn) == ["10-13", "11-03", "11-10"]


def test_what_is_left_of_a_rule_is_the_same_days():
    for rule in (
        Rule(W, FIRST, interval=2, weekdays=(1, 4), times=9, but_holidays=True),
        Rule(MD, date(2026, 8, 31), interval=2, times=5),
        Rule(MW, FIRST, nth=-1, until=date(2027, 6, 1)),
        Rule(D, FIRST, interval=3, times=12),
    ):
        whole = list(rule.days(FAR, autumn))
        cut = whole[2]
        before = rule.ends_before(cut)
        assert before is not None
        assert [*before.days(FAR, autumn), *rule.from_day(cut, autumn).days(FAR, autumn)] == whole
    assert Rule(D, FIRST).ends_before(FIRST) is None


def test_no_rule_is_a_bomb():
    endless = Rule(D, FIRST)
    assert len(list(endless.days(FIRST + timedelta(days=548), never))) == 549
    assert list(Rule(D, FIRST, but_holidays=True).days(FIRST + timedelta(days=3000), lambda _d: True)) == []
    assert list(Rule(MD, date(2026, 2, 28), interval=52).days(FIRST, never)) == [date(2026, 2, 28)]


@pytest.mark.parametrize(
    "facts, reason",
    [
        ({"interval": 0}, "interval"),
        ({"interval": 53}, "interval"),
        ({"times": 0}, "times"),
        ({"times": MOST_TIMES + 1}, "times"),
        ({"until": date(2026, 9, 7)}, "until_before_first"),
        ({"until": date(2026, 9, 9), "times": 2}, "two_ends"),
        ({"frequency": W}, "weekdays"),
        ({"frequency": W, "weekdays": (7,)}, "weekdays"),
        ({"frequency": MW, "nth": 5}, "nth"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_reason(facts, reason):
    with pytest.raises(BadRule) as refused:
        Rule(**{"frequency": D, "first": FIRST} | facts)
    assert refused.value.facts["reason"] == reason


@pytest.mark.parametrize(
    "facts, today, reason",
    [
        ({}, FIRST, ""),
        ({}, FIRST + timedelta(days=1), "first_over"),
        ({"until": date(2031, 12, 31)}, FIRST, ""),
        ({"until": date(2032, 1, 1)}, FIRST, "until_too_far"),
    ],
)
def test_what_nobody_can_ask_for_is_refused_with_its_reason(facts, today, reason):
    rule = Rule(D, FIRST, **facts)
    if not reason:
        rule.refuse_unaskable(today)
        return
    with pytest.raises(BadRule) as refused:
        rule.refuse_unaskable(today)
    assert refused.value.facts["reason"] == reason


def test_a_rule_that_began_long_ago_is_stopped_whenever():
    stopped = Rule(D, FIRST).ends_before(date(2040, 1, 1))
    assert stopped is not None
    assert read_rule(stopped.as_json()).until == date(2039, 12, 31)


def test_a_rule_survives_json():
    rule = Rule(W, FIRST, 2, (1, 4), until=date(2027, 1, 1), but_holidays=True)
    assert read_rule(rule.as_json()) == rule


@pytest.mark.parametrize(
    "given", [{}, {"frequency": "yearly", "first": "2026-09-08"}, {"frequency": "daily", "first": 3}]
)
def test_what_cannot_be_read_is_refused(given):
    with pytest.raises(Invalid):
        read_rule(given)


def test_nine_o_clock_stays_nine_o_clock_across_the_change_of_clocks():
    hours = Hours(9 * 60, 12 * 60, "Europe/Paris")
    assert hours.on(date(2026, 10, 24)) == span("2026-10-24 09:00", "2026-10-24 12:00")
    assert hours.on(date(2026, 10, 25)) == span("2026-10-25 09:00", "2026-10-25 12:00")
    assert [hours.on(date(2026, 10, day)).start.hour for day in (24, 25)] == [7, 8]


def test_a_night_and_a_stay_keep_their_walls():
    day, night = hours_of(span("2026-10-24 22:00", "2026-10-25 06:00"), "Europe/Paris")
    assert (day, night.start, night.end) == (date(2026, 10, 24), 1320, 1800)
    assert night.on(day).minutes == 9 * 60  # the clocks go back


def test_a_time_that_does_not_exist_is_told_for_its_day_only():
    hours = Hours(150, 240, "Europe/Paris")
    assert isinstance(hours.find(date(2027, 3, 28)), NonexistentTime)
    assert hours.find(date(2027, 3, 29)) == span("2027-03-29 02:30", "2027-03-29 04:00")


@pytest.mark.parametrize("day, nth", [(1, 1), (7, 1), (8, 2), (28, 4), (29, -1)])
def test_which_of_its_weekday_a_day_is(day, nth):
    assert nth_of(date(2026, 9, day)) == nth


def test_however_long_ago_it_began_a_rule_gives_no_more_days_than_a_series_has():
    endless = Rule(D, date(2000, 1, 1))
    assert len(list(endless.days(FAR, never))) == MOST_TIMES
    later = list(endless.days(FAR, never, after=FIRST))
    assert (later[0], len(later)) == (FIRST + timedelta(days=1), MOST_TIMES)
    counted = Rule(D, FIRST, times=5)
    assert list(counted.days(FAR, never, after=FIRST + timedelta(days=2))) == [
        FIRST + timedelta(days=3),
        FIRST + timedelta(days=4),
    ]
