"""Another day of the week for several dates: only what is to come, in the same weeks, looked at before."""

from datetime import date, timedelta

import pytest

from app.availability.closures import Subject, close
from app.availability.errors import SeveralRefused
from app.bookings import service
from app.bookings.errors import SeriesDayFixed
from app.bookings.occurrences import Elsewhere
from app.bookings.service import Scope
from app.core.recurrence import BadRule, Frequency, Rule, moved_edge, read_rule
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_elsewhere import TwoPlaces
from tests.bookings.test_series import HOST, NEXT, days, decisions, of
from tests.factories import at, span

TUESDAY, WEDNESDAY, THURSDAY, SUNDAY = 1, 2, 3, 6
THURSDAYS = ["09-10", "09-17", "09-24", "10-01", "10-08", "10-15"]


@pytest.fixture
def town(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    return TwoPlaces()


def weekly(first, *weekdays, **facts):
    return Rule(Frequency.WEEKLY, first, weekdays=weekdays, **facts)


@pytest.mark.parametrize(
    "rule, before, after, first, weekdays, until",
    [
        (weekly(date(2026, 9, 8), 1, times=6), 1, 3, date(2026, 9, 10), (3,), None),
        (weekly(date(2026, 9, 10), 3), 3, 1, date(2026, 9, 8), (1,), None),
        (weekly(date(2026, 9, 8), 1, 2), 1, 3, date(2026, 9, 9), (2, 3), None),
        (weekly(date(2026, 9, 8), 1, 4), 4, 0, date(2026, 9, 7), (0, 1), None),
        # the first week had no date: it has none with the new day either
        (weekly(date(2026, 9, 9), 1, interval=2), 1, 6, date(2026, 9, 21), (6,), None),
        (
            weekly(date(2026, 9, 8), 1, until=date(2026, 9, 29)),
            1,
            3,
            date(2026, 9, 10),
            (3,),
            date(2026, 10, 1),
        ),
        (
            weekly(date(2026, 9, 10), 3, until=date(2026, 9, 30)),
            3,
            1,
            date(2026, 9, 8),
            (1,),
            date(2026, 9, 28),
        ),
    ],
)
def test_a_rule_takes_another_weekday_in_the_same_weeks(rule, before, after, first, weekdays, until):
    moved = rule.with_weekday(before, after)
    assert (moved.first, moved.weekdays, moved.until) == (first, weekdays, until)
    through = date(2026, 12, 27)  # a Sunday
    weeks = [
        sorted(d.isocalendar()[:2] for d in each.days(through, lambda _d: False)) for each in (rule, moved)
    ]
    assert weeks[0] == weeks[1]


@pytest.mark.parametrize(
    "rule, before, after, reason",
    [
        (weekly(date(2026, 9, 8), 1, 3), 1, 3, "weekday_there"),
        (weekly(date(2026, 9, 8), 1), 2, 3, "not_weekly"),
        (Rule(Frequency.DAILY, date(2026, 9, 8)), 1, 3, "not_weekly"),
    ],
)
def test_a_weekday_that_cannot_be_is_refused(rule, before, after, reason):
    with pytest.raises(BadRule) as refused:
        rule.with_weekday(before, after)
    assert refused.value.facts["reason"] == reason


@pytest.mark.parametrize(
    "last, before, after, moved",
    [
        (date(2026, 9, 8), TUESDAY, THURSDAY, date(2026, 9, 10)),
        (date(2026, 9, 12), TUESDAY, THURSDAY, date(2026, 9, 12)),
        (date(2026, 9, 9), THURSDAY, TUESDAY, date(2026, 9, 7)),
        (date(2026, 9, 7), THURSDAY, TUESDAY, date(2026, 9, 7)),
    ],
)
def test_the_last_day_that_counts_moves_with_the_weekday(last, before, after, moved):
    assert moved_edge(last, before, after) == moved


def to_thursday(town, booking, scope, hours=("09:00", "12:00")):
    thursday = booking.recurrence_id + timedelta(days=2)
    slot = span(f"{thursday} {hours[0]}", f"{thursday} {hours[1]}")
    return service.change_series(booking.id, scope, town.member, slot, 1)


def test_from_tuesdays_to_thursdays(town):
    series = town.series()
    service.approve_series(series.id, town.manager)
    uids = [booking.uid for booking in of(series)]
    same = to_thursday(town, of(series)[0], Scope.ALL)
    assert (same.id, days(of(series)), [b.uid for b in of(series)]) == (series.id, THURSDAYS, uids)
    assert set(decisions(series)) == {"pending"}
    assert read_rule(series.rule).weekdays == (THURSDAY,)
    assert read_rule(series.rule).times == 6
    assert town.claims() == 6


def test_the_past_stays_on_its_day(town, frozen):
    series = town.series()
    frozen.move_to(at("2026-09-16 10:00"))
    to_thursday(town, of(series)[2], Scope.ALL, ("14:00", "16:00"))
    assert days(of(series)) == ["09-08", "09-15", *THURSDAYS[2:]]
    assert [booking.span.minutes for booking in of(series)] == [180] * 2 + [120] * 4


def test_this_and_the_following_become_a_series_of_their_own(town):
    series = town.series()
    later = to_thursday(town, of(series)[3], Scope.FOLLOWING)
    assert (days(of(series)), days(of(later))) == (["09-08", "09-15", "09-22"], THURSDAYS[3:])
    assert (read_rule(series.rule).weekdays, read_rule(later.rule).weekdays) == ((TUESDAY,), (THURSDAY,))
    assert (read_rule(later.rule).first, read_rule(later.rule).times) == (date(2026, 10, 1), 3)


def test_other_weekdays_own_days_and_other_places_stay(town):
    rule = weekly(date(2026, 9, 8), TUESDAY, WEDNESDAY, times=6)
    away = Elsewhere(town.kitchen_there.id, span("2026-09-22 09:00", "2026-09-22 12:00"))
    series = town.series(rule, choices={date(2026, 9, 22): away})
    service.change(of(series)[2].id, town.member, span("2026-09-14 09:00", "2026-09-14 12:00"), 1)
    to_thursday(town, of(series)[0], Scope.ALL)
    starts = [booking.start_at.strftime("%m-%d") for booking in of(series)]
    assert starts == ["09-09", "09-10", "09-14", "09-16", "09-23"]


def test_a_school_holiday_is_never_taken_by_a_series_that_leaves_them_out(town, monkeypatch):
    moved = town.series(
        NEXT.__class__(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,), times=2, but_holidays=True)
    )
    monkeypatch.setattr(
        "app.bookings.service.series_moves.holidays_of", lambda _terms: lambda day: day == date(2026, 9, 17)
    )
    to_thursday(town, of(moved)[0], Scope.ALL)
    assert days(of(moved)) == ["09-10", "09-15"]


@pytest.mark.parametrize(
    "slot, reason",
    [
        (("2026-09-21 09:00", "2026-09-21 12:00"), "other_week"),
        (("2026-09-16 09:00", "2026-09-16 12:00"), "weekday_there"),
    ],
)
def test_a_day_that_cannot_be_is_refused(town, slot, reason):
    series = town.series(weekly(date(2026, 9, 8), TUESDAY, WEDNESDAY, times=6))
    with pytest.raises(SeriesDayFixed) as refused:
        service.change_series(of(series)[2].id, Scope.ALL, town.member, span(*slot), 1)
    assert refused.value.facts["reason"] == reason


def test_a_daily_series_keeps_its_days(town):
    series = town.series(Rule(Frequency.DAILY, date(2026, 9, 8), times=2))
    with pytest.raises(SeriesDayFixed):
        to_thursday(town, of(series)[0], Scope.ALL)


def test_one_date_that_cannot_be_had_changes_nothing(town):
    series = town.series()
    town.ask(span("2026-10-01 09:00", "2026-10-01 12:00"))
    with pytest.raises(SeveralRefused):
        to_thursday(town, of(series)[0], Scope.ALL)
    db.session.expire_all()
    assert days(of(series)) == ["09-08", "09-15", "09-22", "09-29", "10-06", "10-13"]


@pytest.mark.parametrize("today", ["2026-09-02", "2026-09-03", "2026-09-04", "2026-09-05"])
@pytest.mark.parametrize("from_to", [(1, 3), (3, 1)])
def test_the_night_goes_on_with_the_new_day_and_makes_no_week_twice(session, frozen, today, from_to):
    frozen.move_to(at(f"{today} 10:00"))
    town = TwoPlaces(horizon_days=28, approval="auto")
    before, after = from_to
    series = town.series(weekly(date(2026, 9, 7 + before), before))
    slot = span(f"2026-09-{7 + after:02} 09:00", f"2026-09-{7 + after:02} 12:00")
    service.change_series(of(series)[0].id, Scope.ALL, town.member, slot, 1)
    frozen.move_to(at("2026-09-20 03:00"))
    service.extend_due(**HOST)
    found = [booking.recurrence_id for booking in of(series)]
    assert found == sorted(set(found))
    assert [day.weekday() for day in found].count(
        before
    ) <= 1  # the last that was made, if its new day is too far
    weeks = [day.isocalendar().week for day in found]
    assert weeks == list(range(weeks[0], weeks[0] + len(weeks)))
    assert len(weeks) >= 5


def test_the_page_shows_every_date_before_it_changes_them(town, browser):
    series = town.series()
    first, client = of(series)[0], browser(town.person)
    typed = {"date": "2026-09-10", "de": "09:00", "a": "12:00", "quantite": "1", "portee": "all"}
    url = f"/reservations/{first.ref}/modifier"
    close(Subject.of(town.kitchen), span("2026-10-01 00:00", "2026-10-02 00:00"), "Travaux", town.manager)
    looked = client.post(url, data=typed)
    page = text_of(looked)
    assert looked.status_code == 200
    assert page.count("Now: ") == 6
    assert "1 date cannot be had so" in page
    assert 'value="changer"' not in page
    assert days(of(series))[0] == "09-08"
    assert client.post(url, data=typed | {"envoyer": "changer"}).status_code == 409
    from_november = typed | {"date": "2026-10-08", "portee": "following"}
    later = f"/reservations/{of(series)[4].ref}/modifier"
    looked = text_of(client.post(later, data=from_november))
    assert "2 dates change" in looked
    assert 'value="changer"' in looked
    changed = client.post(later, data=from_november | {"envoyer": "changer"})
    assert changed.status_code == 303
    assert "Every week: Thursday" in text_of(client.get(changed.location))


def test_hours_that_cannot_be_had_are_shown_date_by_date(town, browser):
    series = town.series()
    town.ask(span("2026-10-06 14:00", "2026-10-06 18:00"))
    typed = {"date": "2026-09-08", "de": "14:00", "a": "16:00", "quantite": "1", "portee": "all"}
    answer = browser(town.person).post(f"/reservations/{of(series)[0].ref}/modifier", data=typed)
    assert answer.status_code == 409
    assert text_of(answer).count('class="ko"') == 2  # the date, and why
