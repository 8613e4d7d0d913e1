"""A series from asking to its end: S07, all or nothing, this / following / all, the night's extension."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.accounts.events import AccountErased, OrganisationArchived
from app.accounts.queries import load_actor, reader_of
from app.availability.closures import Subject, close
from app.availability.errors import SeveralRefused
from app.availability.models import Claim, Hold
from app.availability.queries import get_terms
from app.bookings import parties, service
from app.bookings.errors import (
    DatesTaken,
    KeyReused,
    NothingChanged,
    NothingLeftToDo,
    NothingToRepeat,
)
from app.bookings.models import Booking, Series
from app.bookings.occurrences import checked, plan, with_alternatives
from app.bookings.service import Scope, SeriesRequest, extending
from app.core.errors import Forbidden
from app.core.recurrence import BadRule, Frequency, Hours, Rule, read_rule
from app.infra.audit import history
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from tests.bookings.pages import World
from tests.factories import a_manager, at, span

HOURS = Hours(9 * 60, 12 * 60, "Europe/Paris")
S07 = Rule(
    Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,), until=date(2026, 12, 15), but_holidays=True
)  # fmt: skip
NEXT = Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,), times=6)
HOST = {"uid_host": "mutualim.test"}


class Town(World):
    """The small territory, with a kitchen that is asked for again and again."""

    def series(self, rule=NEXT, actor=None, **facts):
        given: dict[str, Any] = {"hours": HOURS, "quantity": 1, "purpose": "Soupes"} | facts
        wanted = SeriesRequest(self.kitchen.id, self.association.id, rule, **given)
        return service.ask_series(wanted, actor or self.member, **HOST)

    def close_13_october(self):
        shut = span("2026-10-13 00:00", "2026-10-14 00:00")
        close(Subject.of(self.kitchen), shut, "Travaux", self.manager)

    def claims(self):
        return db.session.scalar(
            select(func.count()).select_from(Claim).filter_by(resource_id=self.kitchen.id)
        )


def of(series):
    return list(db.session.scalars(select(Booking).filter_by(series_id=series.id).order_by(Booking.start_at)))


def days(bookings):
    return [booking.recurrence_id.isoformat()[5:] for booking in bookings]


def decisions(series):
    return [booking.decision for booking in of(series)]


@pytest.fixture
def town(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    return Town()


@pytest.mark.scenario(number="S07")
def test_s07_lists_one_of_thirteen_with_three_alternatives_and_makes_the_twelve(town):
    town.close_13_october()
    terms = get_terms(town.kitchen.id)
    found = with_alternatives(checked(plan(S07, HOURS, terms), terms, 1), terms, 1)
    assert len(found) == 13
    [lost] = [each for each in found if not each.is_free]
    assert lost.day == date(2026, 10, 13)
    assert [refusal.code for refusal in lost.refusals] == ["closed"]
    assert len(lost.instead) == 3
    with pytest.raises(SeveralRefused):
        town.series(S07)
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0
    made = of(town.series(S07, keep_free=True))
    assert len(made) == 12
    assert "10-13" not in days(made)
    assert {booking.span.walls(terms.zone)[0].strftime("%H:%M") for booking in made} == {"09:00"}
    assert {booking.start_at.hour for booking in made} == {7, 8}  # summer, then winter
    assert len({booking.uid for booking in made}) == 12


def test_a_line_is_left_out_or_shifted(town):
    town.close_13_october()
    other = span("2026-10-14 09:00", "2026-10-14 12:00")
    made = of(town.series(S07, choices={date(2026, 10, 13): other, date(2026, 9, 8): None}))
    assert len(made) == 12
    [moved] = [booking for booking in made if booking.recurrence_id == date(2026, 10, 13)]
    assert moved.span == other


def test_days_of_a_series_do_not_overlap_one_another(town):
    night = Hours(9 * 60, 9 * 60 + 600, "Europe/Paris")
    daily = Rule(Frequency.DAILY, date(2026, 9, 8), times=3)
    same = span("2026-09-08 15:00", "2026-09-08 20:00")
    with pytest.raises(SeveralRefused) as refused:
        town.series(daily, hours=night, choices={date(2026, 9, 9): same})
    assert set(refused.value.refusals) == {1}


def test_a_time_that_does_not_exist_refuses_its_day_only(session, frozen):
    frozen.move_to(at("2027-03-01 10:00"))
    town = Town(hours="24/7", step_minutes=30)
    rule = Rule(Frequency.DAILY, date(2027, 3, 27), times=3)
    early = Hours(150, 240, "Europe/Paris")
    with pytest.raises(SeveralRefused) as refused:
        town.series(rule, hours=early)
    assert [each[0].code for each in refused.value.refusals.values()] == ["nonexistent_time"]
    assert days(of(town.series(rule, hours=early, keep_free=True))) == ["03-27", "03-29"]


def test_asked_twice_with_the_same_key_it_is_made_once(town):
    first = town.series(key="k" * 20)
    assert town.series(key="k" * 20).id == first.id
    assert len(of(first)) == 6
    with pytest.raises(KeyReused):
        town.series(key="k" * 20, quantity=1, purpose="Autre chose")


def test_nothing_to_repeat_is_said(town):
    gone = Rule(Frequency.WEEKLY, date(2026, 10, 20), weekdays=(1,), times=1, until=None, but_holidays=True)
    with pytest.raises(NothingToRepeat):
        town.series(gone, choices={date(2026, 11, 3): None})
    assert db.session.scalar(select(func.count()).select_from(Series)) == 0


def test_nobody_asks_for_others(town):
    with pytest.raises(Forbidden):
        town.series(actor=type(town.member)())


def test_the_manager_says_yes_to_all_that_wait_in_one_act(town):
    series = town.series()
    first, second, *_ = of(series)
    service.approve(first.id, town.manager)
    service.refuse(second.id, town.manager, "Travaux")
    service.approve_series(series.id, town.manager, "Bienvenue")
    assert decisions(series) == ["approved", "refused", *["approved"] * 4]
    assert series.state == "granted"
    assert {hold.expires_at for hold in db.session.scalars(select(Hold))} == {None}
    with pytest.raises(NothingLeftToDo):
        service.approve_series(series.id, town.manager)
    with pytest.raises(Forbidden):
        service.refuse_series(series.id, town.member, "Non")


def test_the_manager_says_no_to_all_and_the_slots_are_free(town):
    series = town.series()
    service.refuse_series(series.id, town.manager, "Travaux")
    assert set(decisions(series)) == {"refused"}
    assert (town.claims(), series.state) == (0, "ended")
    assert len(of(town.series())) == 6


def test_a_place_that_keeps_nothing_takes_the_slots_with_the_yes(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(holds_request=False)
    series, rival = town.series(), town.series()
    assert town.claims() == 0
    service.approve_series(series.id, town.manager)
    assert town.claims() == 6
    with pytest.raises(DatesTaken):
        service.approve_series(rival.id, town.manager)
    assert set(decisions(rival)) == {"pending"}


def test_unanswered_they_end_together(town, frozen):
    series = town.series()
    assert len({booking.expires_at for booking in of(series)}) == 1
    frozen.move_to(of(series)[0].expires_at + timedelta(minutes=1))
    service.expire_due()
    assert set(decisions(series)) == {"expired"}
    assert (town.claims(), series.state) == (0, "ended")
    assert service.expire_due() == 0


@pytest.mark.parametrize(
    ("terms", "first", "until"),
    [
        ({"approval": "two_step"}, "2026-09-15", "2026-09-20 09:00"),  # 48 hours before 22 September
        ({"answer_hours": 600}, "2026-09-08", "2026-09-15 09:00"),
    ],
)
def test_they_end_with_the_first_to_begin_whichever_the_rule_gives_first(
    session, frozen, terms, first, until
):
    frozen.move_to(at("2026-09-01 10:00"))
    town, day = Town(**terms), date.fromisoformat(first)
    far = span("2026-12-16 09:00", "2026-12-16 12:00")
    series = town.series(Rule(Frequency.WEEKLY, day, weekdays=(1,), times=4), choices={day: far})
    assert {booking.expires_at for booking in of(series)} == {at(until)}
    assert set(db.session.scalars(select(Hold.expires_at))) == {int(at(until).timestamp())}
    service.change_series(
        of(series)[-1].id, Scope.ALL, town.member, span("2026-12-16 09:00", "2026-12-16 13:00"), 1
    )
    assert {booking.expires_at for booking in of(series)} == {at(until)}


def test_a_date_that_cannot_be_had_ends_no_other_sooner(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(answer_hours=600)
    town.ask(span("2026-09-08 09:00", "2026-09-08 12:00"))
    series = town.series(keep_free=True)
    until = at("2026-09-15 09:00")
    assert {booking.expires_at for booking in of(series)} == {until}
    held = select(Hold.expires_at).where(Hold.id.in_([booking.hold_id for booking in of(series)]))
    assert set(db.session.scalars(held)) == {int(until.timestamp())}


@pytest.mark.parametrize("scope, left", [(Scope.FOLLOWING, 2), (Scope.ALL, 1)])
def test_giving_up_spares_what_is_over(town, frozen, scope, left):
    series = town.series()
    service.approve_series(series.id, town.manager)
    frozen.move_to(at("2026-09-10 10:00"))
    third = of(series)[2]
    service.cancel_series(third.id, scope, town.member, "Plus besoin")
    assert decisions(series) == ["approved"] * left + ["cancelled"] * (6 - left)
    assert town.claims() == left
    assert series.state == ("ended" if scope is Scope.ALL else "granted")
    if scope is Scope.FOLLOWING:
        assert read_rule(series.rule).until == date(2026, 9, 21)


def test_new_times_for_this_and_the_following_leave_the_others(town, frozen):
    series = town.series()
    service.approve_series(series.id, town.manager)
    uids = [booking.uid for booking in of(series)]
    fourth = of(series)[3]
    later = service.change_series(
        fourth.id, Scope.FOLLOWING, town.member, span("2026-09-29 14:00", "2026-09-29 16:00"), 1
    )
    assert decisions(series) == ["approved"] * 3
    assert decisions(later) == ["pending"] * 3
    assert [booking.uid for booking in [*of(series), *of(later)]] == uids
    assert {booking.span.minutes for booking in of(later)} == {120}
    assert days(of(later)) == ["09-29", "10-06", "10-13"]
    assert read_rule(later.rule).times == 3
    assert town.claims() == 6
    assert [line.act for line in history("booking", fourth.id)] == ["requested", "approved", "moved"]


def test_new_times_for_all_never_rewrite_the_past(town, frozen):
    series = town.series()
    service.approve_series(series.id, town.manager)
    frozen.move_to(at("2026-09-10 10:00"))
    first, second, *_ = of(series)
    same = service.change_series(
        second.id, Scope.ALL, town.member, span("2026-09-15 08:00", "2026-09-15 11:00"), 1
    )
    assert same.id == series.id
    assert first.span == span("2026-09-08 09:00", "2026-09-08 12:00")
    assert {booking.span.walls(get_terms(town.kitchen.id).zone)[0].hour for booking in of(series)[1:]} == {8}


def test_new_times_that_cannot_all_be_had_change_nothing(town):
    series = town.series()
    town.ask(span("2026-10-06 14:00", "2026-10-06 18:00"))
    fourth = of(series)[3]
    before = [booking.span for booking in of(series)]
    with pytest.raises(SeveralRefused):
        service.change_series(
            fourth.id, Scope.ALL, town.member, span("2026-09-29 14:00", "2026-09-29 16:00"), 1
        )
    db.session.expire_all()
    assert [booking.span for booking in of(series)] == before


def test_the_night_extends_what_is_granted_once(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28, approval="auto")
    endless = Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,))
    series = town.series(endless)
    assert len(of(series)) == 3
    assert service.extend_due(**HOST) == 0
    frozen.move_to(at("2026-09-15 03:00"))
    town.close_13_october()
    assert service.extend_due(**HOST) == 2
    assert service.extend_due(**HOST) == 0
    frozen.move_to(at("2026-09-22 03:00"))
    assert service.extend_due(**HOST) == 0  # closed that day, and said so
    assert [line.act for line in history("series", series.id)] == ["approved_at_once", "fell_short"]
    assert history("series", series.id)[-1].facts["days"] == ["2026-10-13"]
    service.cancel_series(of(series)[-1].id, Scope.ALL, town.member, "Fini")
    frozen.move_to(at("2026-10-22 03:00"))
    assert service.extend_due(**HOST) == 0


def extended(town, frozen, change):
    """Extend a weekly series of September by one date after a change; give the new date."""
    series = town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,)))
    if series.state == "asked":
        service.approve_series(series.id, town.manager)
    change(town, series)
    frozen.move_to(at("2026-09-03 03:00"))
    assert service.extend_due(**HOST) == 1
    assert series.state == "granted"
    return of(series)[-1]


def unchanged(_town, _series):
    pass


def untrusted(town, _series):
    days = (span(f"2026-09-0{day} 14:00", f"2026-09-0{day} 15:00") for day in (2, 3, 4))
    missed = [town.ask(day) for day in days]
    with atomic():
        for booking in missed:
            booking.use = "no_show"


def much_used(town, _series):
    town.ask(span("2026-09-17 08:00", "2026-09-17 15:00"))


def to(approval):
    def change(town, _series):
        with atomic():
            town.kitchen.approval = approval

    return change


def moved_at_once(town, series):
    to("auto")(town, series)
    later = span("2026-09-08 10:00", "2026-09-08 13:00")
    service.change_series(of(series)[0].id, Scope.ALL, town.member, later, 1)
    untrusted(town, series)


@pytest.mark.parametrize(
    ("terms", "change", "decision"),
    [
        ({"approval": "auto"}, unchanged, "approved"),
        ({"approval": "auto"}, untrusted, "pending"),
        ({"approval": "auto"}, to("manager"), "pending"),
        ({"approval": "auto"}, to("two_step"), "pending"),
        ({"approval": "auto", "auto_hours": 13}, unchanged, "approved"),
        ({"approval": "auto", "auto_hours": 13}, much_used, "pending"),
        ({"approval": "manager"}, unchanged, "approved"),  # whoever said yes meant the dates to come, too
        ({"approval": "manager"}, untrusted, "approved"),
        ({"approval": "manager"}, to("two_step"), "pending"),
        ({"approval": "manager"}, moved_at_once, "pending"),  # to the new times nobody said yes
    ],
)
def test_what_approved_a_series_is_asked_again_for_the_dates_to_come(
    session, frozen, terms, change, decision
):
    frozen.move_to(at("2026-09-01 10:00"))
    booking = extended(Town(horizon_days=28, **terms), frozen, change)
    assert (booking.recurrence_id, booking.decision) == (date(2026, 9, 29), decision)
    assert (booking.expires_at is None) == (decision == "approved")
    last = history("series", booking.series_id)[-1]
    assert (last.act == "asked_again") == (decision == "pending")


@pytest.mark.parametrize("changed", [False, True])
def test_a_yes_to_added_dates_is_none_to_those_to_come(session, frozen, changed):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28, approval="auto")
    people = [a_manager(town.site, is_technical=True), a_manager(town.site, is_elected=True)]
    booking = extended(town, frozen, to("two_step"))
    if changed:  # the series is asked for anew, as a whole
        later = span("2026-09-29 10:00", "2026-09-29 13:00")
        service.change_series(booking.id, Scope.ALL, town.member, later, 1)
    for person in people:
        service.approve_series(booking.series_id, load_actor(person.id))
    assert set(decisions(booking.series)) == {"approved"}
    frozen.move_to(at("2026-09-10 03:00"))
    assert service.extend_due(**HOST) == 1
    assert of(booking.series)[-1].decision == ("approved" if changed else "pending")


@pytest.mark.parametrize("inherited", [True, False])
def test_a_series_follows_its_heir_or_ends_with_whoever_leaves(session, frozen, inherited):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28, approval="auto")
    series = town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,)))
    heirs = {town.association.id: town.boss.id if inherited else None}
    with atomic():
        emit(
            AccountErased(
                reader_of(town.person), town.person.id, "asked", "Départ", heirs, messages_too=False
            )
        )
    frozen.move_to(at("2026-09-15 03:00"))
    assert service.extend_due(**HOST) == (2 if inherited else 0)
    assert series.requester_id == (town.boss if inherited else town.person).id
    assert set(decisions(series)) == ({"approved"} if inherited else {"cancelled"})


def test_a_series_ends_with_its_organisation(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28, approval="auto")
    series, name = town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,))), town.association.name
    emit(
        OrganisationArchived(
            town.association.id,
            name,
            "x",
            series.territory_id,
            "Dissoute",
            town.member,
            by_itself=True,
            to=(),
        )
    )
    assert (series.state, set(decisions(series))) == ("ended", {"cancelled"})


def test_a_series_that_cannot_be_extended_holds_no_other_up(session, frozen, monkeypatch):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28, approval="auto")
    endless = Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,))
    broken, other = town.series(endless), town.series(endless, hours=Hours(14 * 60, 16 * 60, "Europe/Paris"))
    keep = parties.keep_parties

    def stumble(series):
        if series.id == broken.id:
            raise RuntimeError("a row that is wrong")
        keep(series)

    monkeypatch.setattr(extending, "keep_parties", stumble)
    frozen.move_to(at("2026-09-15 03:00"))
    with pytest.raises(ExceptionGroup, match="1 series"):
        service.extend_due(**HOST)
    assert (len(of(broken)), len(of(other))) == (3, 5)


def hand_picked(town):
    """Give a series of six accepted dates, of which the second has its own day and the third its own hours."""
    series = town.series()
    first, second, third, *_ = of(series)
    service.change(second.id, town.member, span("2026-09-16 09:00", "2026-09-16 12:00"), 1)
    service.change(third.id, town.member, span("2026-09-22 17:00", "2026-09-22 19:00"), 1)
    service.approve_series(series.id, town.manager)
    return series, first


def walls(series):
    zone = get_terms(series.resource_id).zone
    return [booking.span.walls(zone)[0].strftime("%m-%d %H") for booking in of(series)]


def test_new_times_keep_the_day_and_the_hours_chosen_for_one_date(town):
    series, first = hand_picked(town)
    service.change_series(first.id, Scope.ALL, town.member, span("2026-09-08 14:00", "2026-09-08 16:00"), 1)
    assert walls(series)[:4] == ["09-08 14", "09-16 14", "09-22 17", "09-29 14"]
    assert decisions(series) == [
        "pending",
        "pending",
        "approved",
        *["pending"] * 3,
    ]  # what stays is not asked again


def test_the_date_the_change_is_made_on_gives_up_its_own_hours(town):
    series, _first = hand_picked(town)
    third = of(series)[2]
    service.change_series(third.id, Scope.ALL, town.member, span("2026-09-22 14:00", "2026-09-22 16:00"), 1)
    assert walls(series)[:4] == ["09-08 14", "09-16 14", "09-22 14", "09-29 14"]


def test_another_quantity_moves_nothing_and_is_told_as_it_was_and_is(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(mode="shared", capacity=3)
    series, first = hand_picked(town)
    before = walls(series)
    service.change_series(first.id, Scope.ALL, town.member, first.span, 3)
    assert walls(series) == before
    assert (series.start_minute, series.quantity) == (HOURS.start, 3)
    assert {booking.quantity for booking in of(series)} == {3}
    facts = history("booking", first.id)[-1].facts
    assert (facts["before"]["quantity"], facts["quantity"]) == (1, 3)


@pytest.mark.parametrize("scope", [Scope.FOLLOWING, Scope.ALL])
def test_a_change_that_changes_nothing_asks_nobody_again(town, scope):
    series, first = hand_picked(town)
    for booking in (first, of(series)[2]):
        with pytest.raises(NothingChanged):
            service.change_series(booking.id, scope, town.member, booking.span, 1)
    assert set(decisions(series)) == {"approved"}
    assert db.session.scalar(select(func.count()).select_from(Series)) == 1


def say_yes(town, booking):
    service.approve(booking.id, town.manager)


def say_no(town, booking):
    service.refuse(booking.id, town.manager, "Travaux")


def give_up(town, booking):
    service.cancel(booking.id, town.member, "Autre idée")


def give_up_together(town, booking):
    service.cancel_dates(booking.series_id, [booking.id], town.member, "Autre idée")


def take_what_is_proposed(town, booking):
    later = service.Offer(town.kitchen.id, booking.span.days_later(1, ZoneInfo("Europe/Paris")), 1)
    ref = service.propose(booking.id, town.manager, later).ref
    service.accept_proposal(booking.id, ref, town.member)


@pytest.mark.parametrize(
    ("answers", "to_come"),
    [
        ((say_yes, say_yes, say_yes), "approved"),
        ((say_yes, take_what_is_proposed, say_yes), "approved"),
        ((say_no, say_yes, say_yes), "pending"),
        ((say_yes, say_yes, say_no), "pending"),
        ((say_yes, say_no, say_no), "pending"),
        ((say_yes, give_up, give_up), "pending"),
        ((say_yes, give_up_together, give_up_together), "pending"),
    ],
)
def test_date_by_date_only_a_yes_to_all_is_one_to_the_dates_to_come(session, frozen, answers, to_come):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28)
    series = town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,)))
    dates = of(series)
    for answer, booking in zip(answers, dates, strict=True):
        assert series.state == "asked"
        answer(town, booking)
    assert series.state == "granted"
    frozen.move_to(at("2026-09-15 03:00"))
    assert service.extend_due(**HOST) == 2
    assert decisions(series)[3:] == [to_come] * 2


def test_what_was_refused_of_an_earlier_wish_does_not_count_any_more(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28)
    series = town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,)))
    for answer, booking in zip((say_no, say_yes, say_yes), of(series), strict=True):
        answer(town, booking)
    frozen.tick(hours=1)
    _lost, second, third = of(series)
    later = span("2026-09-15 10:00", "2026-09-15 13:00")
    service.change_series(second.id, Scope.ALL, town.member, later, 1)
    for booking in (second, third):
        say_yes(town, booking)
    frozen.move_to(at("2026-09-15 03:00"))
    assert service.extend_due(**HOST) == 2
    assert decisions(series) == ["refused", *["approved"] * 4]


def test_a_refused_series_does_not_come_back_with_one_refusal_taken_back(town):
    series = town.series()
    service.refuse_series(series.id, town.manager, "Travaux")
    first, second, *_ = of(series)
    service.undo(first.id, town.manager)
    service.undo(second.id, town.manager)
    service.approve_series(series.id, town.manager)
    assert (decisions(series)[:3], series.state) == (["approved", "approved", "refused"], "ended")


def test_a_granted_series_goes_on_when_a_changed_date_is_refused(town):
    series, first = hand_picked(town)
    service.change(first.id, town.member, span("2026-09-08 14:00", "2026-09-08 16:00"), 1)
    service.refuse_series(series.id, town.manager, "Pas à cette heure")
    assert series.state == "granted"


def test_a_series_cannot_begin_in_the_past(town):
    with pytest.raises(BadRule):
        town.series(Rule(Frequency.DAILY, date(2026, 8, 31)), keep_free=True)


def test_the_free_dates_are_accepted_and_the_taken_ones_still_wait(session, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(holds_request=False)
    series = town.series()
    third = of(series)[2]
    service.approve(town.ask(third.span).id, town.manager)
    with pytest.raises(DatesTaken) as refused:
        service.approve_series(series.id, town.manager)
    assert (refused.value.facts["spans"], refused.value.facts["free"]) == ([third.span], 5)
    assert set(decisions(series)) == {"pending"}
    service.approve_series(series.id, town.manager, keep_free=True)
    assert decisions(series).count("approved") == 5
    assert (third.decision, series.state) == ("pending", "granted")
    with pytest.raises(DatesTaken):
        service.approve_series(series.id, town.manager, keep_free=True)


@pytest.mark.parametrize("act", ["cancelled", "moved"])
def test_a_series_of_many_years_is_ended_and_changed_from_one_date_on(session, frozen, act):
    frozen.move_to(at("2026-09-01 10:00"))
    town = Town(horizon_days=28)
    series = town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,)))
    service.approve_series(series.id, town.manager)
    frozen.move_to(at("2032-02-02 10:00"))
    service.extend_due(**HOST)
    ahead = [booking for booking in of(series) if booking.start_at > frozen.now]
    if act == "cancelled":
        service.cancel_series(ahead[1].id, Scope.FOLLOWING, town.member, "Fini")
        assert [booking.decision for booking in ahead[:2]] == ["approved", "cancelled"]
    else:
        start, end = ahead[1].span.walls(ZoneInfo("Europe/Paris"))
        later = span(f"{start:%Y-%m-%d} 10:00", f"{end:%Y-%m-%d} 13:00")
        after = service.change_series(ahead[1].id, Scope.FOLLOWING, town.member, later, 1)
        assert read_rule(after.rule).first == ahead[1].recurrence_id
    assert read_rule(series.rule).until == ahead[1].recurrence_id - timedelta(days=1)
    frozen.move_to(at("2032-04-02 10:00"))
    service.extend_due(**HOST)
    assert (
        max(booking.start_at for booking in of(series) if booking.decision == "approved") == ahead[0].start_at
    )


def test_nobody_asks_for_more_than_five_years(town):
    with pytest.raises(BadRule) as refused:
        town.series(Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,), until=date(2032, 1, 6)))
    assert refused.value.facts["reason"] == "until_too_far"
