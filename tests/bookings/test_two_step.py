"""Two people agree: what one yes brings, whose is awaited, what ends it (scenario S05)."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.functions import BOTH, NONE, Function, can_agree
from app.accounts.queries import load_actor
from app.availability.errors import SlotRefused
from app.availability.queries import Wish, verdict
from app.bookings import queries, service
from app.bookings.errors import (
    AlreadyAgreed,
    AnswerTooLate,
    FunctionGiven,
    NoFunction,
    NothingToUndo,
    NotYourYes,
    TooLateToUndo,
)
from app.bookings.models import Booking
from app.bookings.rules import expiry_of_two
from app.bookings.two_step import Seat, awaited_functions, choose_seat, completes
from app.core.recurrence import Frequency, Hours, Rule
from app.core.states import IllegalMove
from app.infra.audit import history
from app.infra.uow import atomic
from app.notifications.letters.proposals import proposed
from app.web.i18n import speaking
from app.web.words import explain
from tests.bookings.pages import World as Shared
from tests.factories import a_coordinator, a_manager, at, span

T, E = frozenset({Function.TECHNICAL}), frozenset({Function.ELECTED})
DAY = 24 * 60


class World(Shared):
    """A kitchen for which Thomas (technical) and Élise (elected) have to agree; Bo is both, Max is neither."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**{"approval": "two_step", "min_notice_minutes": 2 * DAY} | facts)
        self.people = {
            "Max": self.manager_person,
            "Thomas": a_manager(self.site, name="Thomas Roy", is_technical=True),
            "Élise": a_manager(self.site, name="Élise Roux", is_elected=True),
            "Bo": a_manager(self.site, name="Bo Lê", is_technical=True, is_elected=True),
            "Tina": a_manager(self.site, name="Tina Morel", is_technical=True),
        }

    @property
    def coordination(self) -> Any:
        return load_actor(a_coordinator(self.territory).id)

    def actor(self, name: str) -> Any:
        return load_actor(self.people[name].id)

    def yes(self, booking: Booking, *names: str) -> None:
        for name in names:
            service.approve(booking.id, self.actor(name))

    def is_free(self) -> bool:
        return not verdict(Wish(self.kitchen.id, self.slot))

    def inbox(self, name: str) -> int:
        actor = self.actor(name)
        waiting = queries.waiting_for(actor)
        assert len(waiting) == queries.count_waiting_for(actor)
        return len(waiting)

    def series(self, **facts: Any) -> Any:
        rule = Rule(Frequency.WEEKLY, self.slot.start.date(), weekdays=(1,), times=3)
        request = service.SeriesRequest(
            self.kitchen.id, self.association.id, rule, Hours(540, 720, "Europe/Paris"), 1, "Soupes", **facts
        )
        return service.ask_series(request, self.member, uid_host="mutualim.test")


@pytest.fixture
def world(session, frozen):
    return World()


# -- pure ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "possible"),
    [
        ((), False), ((BOTH,), False), ((BOTH, NONE), False), ((T, T), False), ((E, NONE), False),
        ((T, E), True), ((BOTH, T), True), ((BOTH, E, NONE), True), ((BOTH, BOTH), True),
    ],
)  # fmt: skip
def test_who_can_agree_at_a_site(people, possible):
    assert can_agree(people) is possible


@pytest.mark.parametrize(
    ("given", "seat", "outcome"),
    [
        ([], Seat(1, T), "half"),
        ([], Seat(1, NONE), NoFunction),
        ([Seat(1, T)], Seat(2, E), "whole"),
        ([Seat(1, E)], Seat(2, T), "whole"),
        ([Seat(1, E)], Seat(2, BOTH), "whole"),
        ([Seat(1, BOTH)], Seat(2, T), "whole"),
        ([Seat(1, BOTH)], Seat(2, E), "whole"),
        ([Seat(1, BOTH)], Seat(1, BOTH), AlreadyAgreed),
        ([Seat(1, T)], Seat(1, BOTH), AlreadyAgreed),
        ([Seat(1, T)], Seat(2, T), FunctionGiven),
        ([Seat(1, T)], Seat(2, NONE), NoFunction),
    ],
)
def test_what_one_yes_brings(given, seat, outcome):
    if isinstance(outcome, str):
        assert choose_seat([seat], given) == seat
        assert ("whole" if completes(seat, given) else "half") == outcome
    else:
        with pytest.raises(outcome):
            choose_seat([seat], given)


@pytest.mark.parametrize(("given", "awaited"), [([], BOTH), ([T], E), ([E], T), ([BOTH], BOTH)])
def test_whose_yes_is_awaited(given, awaited):
    assert awaited_functions([Seat(1, each) for each in given]) == awaited


@pytest.mark.parametrize(
    ("now", "expiry"),
    [
        ("2026-09-01 10:00", "2026-10-04 09:00"),
        ("2026-10-04 07:30", "2026-10-04 09:00"),
        ("2026-10-04 08:30", "2026-10-04 09:30"),
        ("2026-10-04 09:00", "2026-10-05 09:00"),
        ("2026-10-05 20:00", "2026-10-06 09:00"),
    ],
)
def test_a_request_ends_two_days_before_it_begins(now, expiry):
    assert expiry_of_two(at(now), at("2026-10-06 09:00")) == at(expiry)


# -- S05 ----------------------------------------------------------------------------------------------------


@pytest.mark.scenario(number="S05")
@pytest.mark.parametrize(
    "names", [("Thomas", "Élise"), ("Élise", "Thomas"), ("Bo", "Thomas"), ("Bo", "Élise"), ("Tina", "Bo")]
)
def test_two_people_agree_in_any_order(world, names):
    booking = world.ask()
    world.yes(booking, names[0])
    assert (booking.decision, len(booking.approvals), world.is_free()) == ("pending", 1, False)
    world.yes(booking, names[1])
    assert (booking.decision, len(booking.approvals), booking.expires_at) == ("approved", 2, None)
    assert [line.act for line in history("booking", booking.id)] == ["requested", "half_approved", "approved"]


@pytest.mark.scenario(number="S05")
@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        ("Bo", "Bo", AlreadyAgreed),
        ("Thomas", "Thomas", AlreadyAgreed),
        ("Thomas", "Tina", FunctionGiven),
        ("Thomas", "Max", NoFunction),
    ],
)
def test_the_same_person_counts_once_and_so_does_a_function(world, first, second, error):
    booking = world.ask()
    world.yes(booking, first)
    with pytest.raises(error):
        world.yes(booking, second)
    assert (booking.decision, len(booking.approvals)) == ("pending", 1)


@pytest.mark.scenario(number="S05")
@pytest.mark.parametrize(("said", "refuser"), [((), "Élise"), (("Thomas",), "Élise"), (("Bo",), "Max")])
def test_any_refusal_ends_it(world, said, refuser):
    booking = world.ask()
    world.yes(booking, *said)
    service.refuse(booking.id, world.actor(refuser), "Travaux")
    assert (booking.decision, world.is_free()) == ("refused", True)
    with pytest.raises(IllegalMove):
        world.yes(booking, "Élise")


def test_it_waits_only_for_those_whose_yes_counts(world):
    booking = world.ask()
    assert [world.inbox(name) for name in world.people] == [0, 1, 1, 1, 1]
    world.yes(booking, "Thomas")
    assert [world.inbox(name) for name in world.people] == [0, 0, 1, 1, 0]
    assert [len(queries.waiting_for_others(world.actor(name))) for name in world.people] == [1, 1, 0, 0, 1]


def test_a_yes_is_taken_back_by_its_giver_for_ten_minutes(world, frozen):
    booking = world.ask()
    with pytest.raises(NothingToUndo):
        service.undo(booking.id, world.actor("Thomas"))
    world.yes(booking, "Thomas")
    with pytest.raises(NotYourYes):
        service.undo(booking.id, world.actor("Élise"))
    service.undo(booking.id, world.actor("Thomas"))
    assert (booking.decision, booking.approvals) == ("pending", [])
    world.yes(booking, "Thomas")
    frozen.tick(minutes=11)
    with pytest.raises(TooLateToUndo):
        service.undo(booking.id, world.actor("Thomas"))
    world.yes(booking, "Élise")
    with pytest.raises(NotYourYes):
        service.undo(booking.id, world.actor("Max"))
    with pytest.raises(TooLateToUndo):
        service.undo(booking.id, world.actor("Thomas"))
    service.undo(booking.id, world.actor("Élise"))
    assert (booking.decision, len(booking.approvals), world.is_free()) == ("pending", 1, False)
    world.yes(booking, "Bo")
    assert booking.decision == "approved"


def test_a_refusal_taken_back_leaves_the_first_yes(world):
    booking = world.ask()
    world.yes(booking, "Thomas")
    service.refuse(booking.id, world.actor("Max"), "Travaux")
    service.undo(booking.id, world.actor("Max"))
    assert (booking.decision, len(booking.approvals)) == ("pending", 1)


def test_who_moves_it_asks_both_again(world):
    booking = world.ask()
    world.yes(booking, "Thomas", "Élise")
    service.change(booking.id, world.member, span("2026-10-07 09:00", "2026-10-07 12:00"), 1)
    assert (booking.decision, booking.approvals) == ("pending", [])


@pytest.mark.scenario(number="S05")
def test_without_the_second_yes_it_ends_48_hours_before(world, frozen):
    booking = world.ask()
    world.yes(booking, "Thomas")
    assert booking.expires_at == world.slot.start - timedelta(hours=48)
    frozen.move_to(world.slot.start - timedelta(hours=48, minutes=1))
    assert service.expire_due() == 0
    assert not world.is_free()
    frozen.move_to(world.slot.start - timedelta(hours=48))
    assert service.expire_due() == 1
    assert booking.decision == "expired"
    assert not [
        refusal
        for refusal in verdict(Wish(world.kitchen.id, world.slot))
        if refusal.code != "notice_too_short"
    ]


def test_a_yes_after_the_deadline_is_none_though_nothing_has_ended_the_request(world, frozen, app):
    booking = world.ask()
    world.yes(booking, "Thomas")
    frozen.move_to(booking.expires_at)
    with pytest.raises(AnswerTooLate) as late:
        world.yes(booking, "Élise")
    with app.test_request_context(), speaking("en"):
        assert "they can send a new request" in explain(late.value)
    offer = service.Offer(world.kitchen.id, span("2026-10-20 09:00", "2026-10-20 12:00"), 1)
    with pytest.raises(AnswerTooLate):
        service.propose(booking.id, world.coordination, offer)
    assert booking.decision == "pending"


def test_a_yes_to_a_series_after_its_deadline_is_none(world, frozen):
    series = world.series()
    frozen.move_to(world.slot.start - timedelta(hours=48))
    with pytest.raises(AnswerTooLate):
        service.approve_series(series.id, world.actor("Thomas"))


def test_who_asks_too_late_is_told_the_notice(world, frozen):
    frozen.move_to(world.slot.start - timedelta(hours=47))
    with pytest.raises(SlotRefused) as refused:
        world.ask()
    assert [each.code for each in refused.value.refusals] == ["notice_too_short"]


@pytest.mark.scenario(number="S05")
def test_those_awaited_are_reminded_once_for_each_yes(world, frozen):
    booking = world.ask()
    frozen.tick(hours=71)
    assert service.remind_due() == 0
    frozen.tick(hours=1)
    assert [service.remind_due(), service.remind_due()] == [1, 0]
    world.yes(booking, "Thomas")
    frozen.tick(hours=71)
    assert service.remind_due() == 0
    frozen.tick(hours=1)
    assert [service.remind_due(), service.remind_due()] == [1, 0]
    world.yes(booking, "Élise")
    frozen.tick(hours=100)
    assert service.remind_due() == 0


def test_nobody_is_reminded_while_the_asker_has_a_proposal_to_answer(world, frozen):
    with atomic():
        world.kitchen.answer_hours = 200
    booking = world.ask()
    offer = service.Offer(world.kitchen.id, span("2026-10-20 09:00", "2026-10-20 12:00"), 1)
    proposal = service.propose(booking.id, world.coordination, offer)
    frozen.tick(hours=100)
    assert service.remind_due() == 0
    service.decline_proposal(booking.id, proposal.ref, world.member)
    frozen.tick(hours=71)
    assert service.remind_due() == 0
    frozen.tick(hours=1)
    assert service.remind_due() == 1


def test_where_one_answers_nobody_is_reminded(session, frozen):
    world = World(approval="manager", answer_hours=100)
    booking = world.ask()
    frozen.tick(hours=72)
    assert service.remind_due() == 0
    service.approve(booking.id, world.actor("Max"))
    assert booking.approvals == []


# -- series -------------------------------------------------------------------------------------------------


def decisions(series: Any) -> list[str]:
    return [f"{each.decision} {len(each.approvals)}" for each in queries.occurrences_of(series.id)]


def test_a_yes_to_a_series_is_one_yes_to_every_date(world, frozen):
    series = world.series()
    service.approve_series(series.id, world.actor("Bo"))
    assert (series.state, decisions(series)) == ("asked", ["pending 1"] * 3)
    assert [world.inbox(name) for name in world.people] == [0, 1, 1, 0, 1]
    with pytest.raises(AlreadyAgreed):
        service.approve_series(series.id, world.actor("Bo"))
    frozen.tick(hours=73)
    assert service.remind_due() == 1
    service.approve_series(series.id, world.actor("Élise"))
    assert (series.state, decisions(series)) == ("granted", ["approved 2"] * 3)


def test_dates_agreed_to_alone_leave_the_others_to_both(world):
    series = world.series()
    first, *rest = queries.occurrences_of(series.id)
    world.yes(first, "Thomas")
    assert world.inbox("Thomas") == 1
    service.approve_series(series.id, world.actor("Élise"))
    assert decisions(series) == ["approved 2", "pending 1", "pending 1"]
    service.approve_series(series.id, world.actor("Thomas"))
    assert decisions(series) == ["approved 2"] * 3
    assert rest


def test_dates_taken_by_others_wait_on_with_the_first_yes_only(session, frozen):
    world = World(holds_request=False, mode="stations", capacity=1)
    series = world.series()
    service.approve_series(series.id, world.actor("Thomas"))
    rival = world.ask(span("2026-10-13 09:00", "2026-10-13 12:00"))
    world.yes(rival, "Thomas", "Élise")
    service.approve_series(series.id, world.actor("Élise"), keep_free=True)
    assert decisions(series) == ["approved 2", "pending 1", "approved 2"]
    service.cancel(rival.id, world.member, "Changement")
    service.approve_series(series.id, world.actor("Élise"))
    assert decisions(series) == ["approved 2"] * 3


def test_a_series_moved_is_agreed_to_anew(world):
    series = world.series()
    service.approve_series(series.id, world.actor("Thomas"))
    first = queries.occurrences_of(series.id)[0]
    later = span("2026-10-06 10:00", "2026-10-06 13:00")
    service.change_series(first.id, service.Scope.ALL, world.member, later, 1)
    assert decisions(series) == ["pending 0"] * 3


def test_a_place_that_lets_one_answer_again_needs_no_second_yes(world):
    booking = world.ask()
    world.yes(booking, "Thomas")
    with atomic():
        world.kitchen.approval = "manager"
    world.yes(booking, "Max")
    assert booking.decision == "approved"


def test_one_of_two_who_agree_may_propose_and_both_still_agree_to_it(world, app, browser):
    """To propose takes nobody's answer away: accepted, the other time is asked of both."""
    booking, thursday = world.ask(), {"date": "2026-10-08", "de": "09:00", "a": "12:00"}
    page, url = browser(world.people["Thomas"]), f"/reservations/{booking.ref}/proposer"
    assert page.get(url).status_code == 200
    assert page.post(url, data=thursday).status_code == 303
    proposal = booking.proposal
    assert not proposal.is_binding
    with app.test_request_context():
        letter = proposed(booking)
    assert letter is not None
    assert "coordination" not in letter.paragraphs[0]
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert booking.decision == "pending"
    world.yes(booking, "Élise", "Thomas")
    assert (booking.decision, booking.span) == ("approved", span("2026-10-08 09:00", "2026-10-08 12:00"))


def test_a_leg_frees_its_slot_two_days_before_whatever_is_proposed_instead(world, frozen):
    room = world.cold_room()
    frozen.move_to(at("2026-10-03 21:00"))  # 60 hours before Tuesday 6, 09:00
    legs = (
        service.Leg(world.kitchen.id, world.slot),
        service.Leg(room.id, span("2026-10-20 00:00", "2026-10-22 00:00"), 2),
    )
    bundle = service.ask_bundle(
        service.BundleRequest(world.association.id, legs, "Soupes"), world.member, uid_host="mutualim.test"
    )
    leg, beside = bundle.legs
    later = service.Offer(world.kitchen.id, span("2026-10-13 09:00", "2026-10-13 12:00"), 1)
    proposal = service.propose(leg.id, world.actor("Thomas"), later)
    assert proposal.expires_at == beside.expires_at == at("2026-10-04 09:00")
    frozen.move_to(at("2026-10-04 09:00"))
    service.expire_due()
    service.sweep_proposals()
    assert (leg.decision, proposal.state, world.is_free()) == ("expired", "lapsed", True)


def test_a_leg_left_alone_with_its_proposal_frees_its_slot_two_days_before_too(world, frozen):
    room = world.cold_room()
    legs = (
        service.Leg(world.kitchen.id, world.slot),
        service.Leg(room.id, span("2026-10-20 00:00", "2026-10-22 00:00"), 2),
    )
    bundle = service.ask_bundle(
        service.BundleRequest(world.association.id, legs, "Soupes"), world.member, uid_host="mutualim.test"
    )
    leg, beside = bundle.legs
    service.approve(beside.id, world.manager)
    later = service.Offer(world.kitchen.id, span("2026-10-13 09:00", "2026-10-13 12:00"), 1)
    frozen.move_to(at("2026-09-02 10:00"))
    proposal = service.propose(leg.id, world.actor("Thomas"), later)
    frozen.move_to(at("2026-10-04 09:00"))
    service.sweep_proposals()
    service.expire_due()
    assert (leg.decision, proposal.state, world.is_free()) == ("expired", "lapsed", True)
    assert beside.decision == "approved"


def test_a_slot_proposed_for_tomorrow_and_accepted_leaves_two_people_until_it_begins(world, frozen):
    booking = world.ask()
    tomorrow = span("2026-09-02 09:00", "2026-09-02 12:00")
    proposal = service.propose(
        booking.id, world.actor("Thomas"), service.Offer(world.kitchen.id, tomorrow, 1)
    )
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert (booking.decision, booking.expires_at) == ("pending", tomorrow.start)
    frozen.move_to(at("2026-09-02 08:30"))
    world.yes(booking, "Thomas", "Élise")
    assert booking.decision == "approved"
