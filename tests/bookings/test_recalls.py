"""Calling a quota back: a booking stays one booking, gives back for the time that is needed, and only at the yes."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.availability.allotting import Allotment, allot
from app.availability.booked import Booked
from app.availability.closures import Subject, close
from app.availability.errors import SlotRefused
from app.availability.models import Claim
from app.availability.queries import fresh_claims
from app.availability.recomposing import recompose
from app.availability.rules import Part, peak
from app.bookings import service
from app.bookings.errors import CannotGiveBack, RecallTooLate
from app.bookings.models import Booking
from app.bookings.recalls import clipped, outlook_of, trimmed, with_given
from app.catalogue.models import Approval
from app.core.recurrence import Frequency, Hours, Rule
from app.core.span import Span
from app.infra.audit import history
from app.infra.uow import atomic
from tests import factories as f
from tests.bookings.pages import text_of
from tests.bookings.test_quotas import FORM, MONTH, STORAGE, WEEK, Cold, last, refused

HOURS: dict[str, Any] = {
    "mode": "stations", "unit": "station", "step_minutes": 30, "min_minutes": 30, "max_minutes": 1440 * 2,
}  # fmt: skip
DAY = f.span("2026-10-06 06:00", "2026-10-06 20:00")
NOON = f.span("2026-10-06 12:00", "2026-10-06 16:00")


@pytest.fixture
def cold(session, frozen):
    return Cold()


@pytest.fixture
def answered(session, frozen):
    """Make a place where a manager says yes."""
    return Cold(approval=Approval.MANAGER)


def given(booking) -> list[tuple[Span, int]]:
    return [(Span.of_epochs(start, end), units) for start, end, units in booking.given_back]


def claims(session, booking, resource=None) -> list[tuple[Any, Any, int]]:
    number = resource.id if resource else booking.resource_id
    found = select(Claim).filter_by(hold_id=booking.hold_id, resource_id=number).order_by(Claim.start_at)
    spans = [(Span.of_epochs(each.start_at, each.end_at), each.qty) for each in session.scalars(found)]
    return [(span.start, span.end, qty) for span, qty in spans]


def peak_of(cold, start: str, end: str, resource=None) -> int:
    return cold.peak(f.span(start, end), resource)


# -- what is given back, reckoned ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "more", "after"),
    [
        ([], (10, 20, 4), [[10, 20, 4]]),
        ([[10, 20, 4]], (20, 30, 4), [[10, 30, 4]]),  # neighbours that say the same are one
        ([[10, 20, 4]], (15, 30, 2), [[10, 15, 4], [15, 20, 6], [20, 30, 2]]),
        ([[10, 20, 8]], (0, 30, 5), [[0, 10, 5], [10, 20, 10], [20, 30, 5]]),  # never more than there is
        ([[10, 20, 4]], (30, 40, 4), [[10, 20, 4], [30, 40, 4]]),
        ([], (10, 10, 4), []),
    ],
)
def test_what_was_given_back_adds_up(before, more, after):
    start, end, units = more
    assert with_given(before, start, end, units, 10) == after


@pytest.mark.parametrize(
    ("given_back", "left"),
    [
        ([[0, 40, 10]], (40, 100, [])),  # all of it at the start: it begins later
        ([[60, 100, 10]], (0, 60, [])),
        ([[0, 40, 4]], (0, 100, [[0, 40, 4]])),
        ([[40, 60, 10]], (0, 100, [[40, 60, 10]])),  # in the middle it stays one booking
        ([[0, 40, 10], [40, 60, 2], [60, 100, 10]], (40, 60, [[40, 60, 2]])),
    ],
)
def test_what_is_left_begins_and_ends_where_something_is(given_back, left):
    assert trimmed(given_back, 0, 100, 10) == left


def test_nothing_left_is_over():
    start, end, _given = trimmed([[0, 100, 10]], 0, 100, 10)
    assert start >= end


# -- only what is needed, and for as long -------------------------------------------------------------------


def test_a_recall_takes_only_what_is_needed(session, cold):
    theirs = cold.ask(cold.other, 20)
    mine = cold.ask(cold.shop, 10, recall=True)
    assert (mine.decision, mine.quantity, mine.recalls) == ("approved", 10, False)
    assert (theirs.decision, theirs.quantity, cold.peak()) == ("approved", 20, 24)
    assert given(theirs) == [(WEEK, 6)]
    assert (last(theirs).act, last(theirs).facts["units"]) == ("recalled", 6)
    assert [line.act for line in history("booking", mine.id)] == ["approved_at_once", "called_back"]
    assert theirs.revision == 1


def test_a_day_called_back_takes_one_day(session, cold):
    """Not all the weeks that are left."""
    theirs = cold.ask(cold.other, 24, MONTH)
    day = f.span("2026-10-06 00:00", "2026-10-07 00:00")
    cold.ask(cold.shop, 10, day, recall=True)
    assert len(session.scalars(select(Booking)).all()) == 2
    assert (theirs.span, theirs.quantity, given(theirs)) == (MONTH, 24, [(day, 10)])
    assert peak_of(cold, "2026-10-05 00:00", "2026-10-06 00:00") == 24
    assert peak_of(cold, "2026-10-07 00:00", "2026-10-14 00:00") == 24
    assert cold.peak(day) == 24
    assert claims(session, theirs)[0][0] == MONTH.start
    assert claims(session, theirs)[-1][1] == MONTH.end


def test_the_newest_give_back_first_and_are_cancelled_when_nothing_is_left(cold):
    old = cold.ask(cold.other, 14)
    new = cold.ask(cold.bank, 9)  # six of its own, three borrowed
    newest = cold.ask(cold.other, 1)
    cold.ask(cold.shop, 10, recall=True)
    assert (newest.decision, newest.hold_id, newest.due_percent, newest.recalled_at is not None) == (
        "cancelled", None, 0, True,
    )  # fmt: skip
    assert (given(new), given(old), cold.peak()) == ([(WEEK, 3)], [(WEEK, 6)], 24)


def test_all_of_it_at_its_end_lets_it_end_sooner(session, cold):
    cold.ask(cold.bank, 6)
    cold.ask(cold.other, 8)
    theirs = cold.ask(cold.other, 10, f.span("2026-09-28 00:00", "2026-10-12 00:00"))
    cold.ask(cold.shop, 10, recall=True)
    assert (theirs.span, theirs.quantity) == (f.span("2026-09-28 00:00", "2026-10-05 00:00"), 10)
    assert (given(theirs), claims(session, theirs)) == ([], [(*_ends(theirs), 10)])
    assert cold.peak() == 24


def test_all_of_it_at_its_start_lets_it_begin_later(session, cold):
    cold.ask(cold.bank, 6)
    cold.ask(cold.other, 8)
    theirs = cold.ask(cold.other, 10, f.span("2026-10-05 00:00", "2026-10-19 00:00"))
    cold.ask(cold.shop, 10, recall=True)
    assert theirs.span == f.span("2026-10-12 00:00", "2026-10-19 00:00")
    assert (given(theirs), claims(session, theirs)) == ([], [(*_ends(theirs), 10)])
    assert cold.peak() == 24


def _ends(booking) -> tuple[Any, Any]:
    return booking.start_at, booking.end_at


def test_nothing_left_in_the_middle_stays_one_booking(session, cold):
    theirs = cold.ask(cold.other, 10, MONTH)
    with atomic():
        allot(cold.manager, cold.room, Allotment({cold.shop.public_id: 24}, lend_days=60))
    cold.ask(cold.shop, 24, WEEK, recall=True)
    assert (theirs.decision, theirs.span, given(theirs)) == ("approved", MONTH, [(WEEK, 10)])
    assert peak_of(cold, "2026-10-12 00:00", "2026-10-14 00:00") == 10


# -- buffers and steps --------------------------------------------------------------------------------------


def test_who_borrows_cleans_until_it_is_needed(session, frozen):
    """By the hour, with cleaning: leave in time, on the step; nothing is free between, nothing is overbooked."""
    cold = Cold(**HOURS, buffer_before=15, buffer_after=30)
    theirs = cold.ask(cold.other, 24, DAY)
    cold.ask(cold.shop, 10, NOON, recall=True)
    assert given(theirs) == [(f.span("2026-10-06 11:00", "2026-10-06 17:00"), 10)]
    assert claims(session, theirs) == [
        (f.at("2026-10-06 05:45"), f.at("2026-10-06 11:45"), 24),
        (f.at("2026-10-06 11:45"), f.at("2026-10-06 16:30"), 14),
        (f.at("2026-10-06 16:30"), f.at("2026-10-06 20:30"), 24),
    ]
    assert cold.peak(DAY) == 24
    assert refused(cold, cold.other, 1, f.span("2026-10-06 11:00", "2026-10-06 11:30")).code in (
        "capacity",
        "buffer",
    )
    service.cancel(theirs.id, load_actor(cold.people[cold.other.id].id), "Fini")
    assert cold.peak(f.span("2026-10-06 17:00", "2026-10-06 19:00")) == 0


def test_no_gap_is_left_behind_what_is_given_back(session, frozen):
    """A kit is cleaned for longer than the room it takes: neither is had by two at once."""
    cold = Cold(**HOURS, buffer_after=60)
    kit = f.a_resource(
        cold.site,
        capacity=6,
        **(STORAGE | HOURS | {"approval": Approval.AUTO, "buffer_after": 120, "unit": "piece"}),
    )
    f.made_of(kit, cold.room, qty=4)
    theirs = cold.ask(cold.other, 5, DAY, resource=kit)
    cold.ask(cold.shop, 10, NOON, recall=True)
    assert given(theirs) == [(f.span("2026-10-06 10:00", "2026-10-06 17:00"), 2)]
    cuts = [
        (f.at("2026-10-06 06:00"), f.at("2026-10-06 12:00")),
        (f.at("2026-10-06 12:00"), f.at("2026-10-06 17:00")),
    ]
    assert [each[:2] for each in claims(session, theirs, kit)][:2] == cuts
    assert [each[2] for each in claims(session, theirs, cold.room)] == [20, 12, 20]
    assert cold.peak(DAY) <= 24


def test_the_past_is_never_rewritten(session, frozen):
    """By the day with cleaning, the night before counts: a stay of today is not changed before its notice."""
    cold = Cold(buffer_after=30)
    theirs = cold.ask(cold.other, 24, f.span("2026-09-01 00:00", "2026-09-20 00:00"))
    with atomic():
        shares = {cold.shop.public_id: 10}
        allot(cold.manager, cold.room, Allotment(shares, lend_days=60, recall_hours=12))
    frozen.move_to(f.at("2026-09-05 10:00"))
    refusal = refused(cold, cold.shop, 10, f.span("2026-09-06 00:00", "2026-09-08 00:00"), recall=True)
    assert (refusal.code, refusal.facts["may_recall"]) == ("lent", False)
    assert given(theirs) == []
    soonest = refusal.facts["recall_from"]
    assert soonest == f.at("2026-09-06 00:30")
    cold.ask(cold.shop, 10, f.span("2026-09-07 00:00", "2026-09-09 00:00"), recall=True)
    assert given(theirs) == [(f.span("2026-09-06 00:00", "2026-09-10 00:00"), 10)]


def test_a_recall_needs_its_notice(cold, frozen):
    theirs = cold.ask(cold.other, 24)
    frozen.move_to(f.at("2026-10-02 00:01"))
    refusal = refused(cold, cold.shop, 10, recall=True)
    assert (refusal.code, refusal.facts["may_recall"]) == ("lent", False)
    assert refusal.facts["recall_from"] == f.at("2026-10-06 00:00")  # whole days
    assert given(theirs) == []


@pytest.mark.parametrize("kit_after", [0, 60, 180])
def test_what_may_be_called_back_is(session, frozen, kit_after):
    """Ticking the box never leads to the same refusal: the offer reckons with who borrows, not with who asks."""
    cold = Cold(**HOURS)
    kit = f.a_resource(
        cold.site,
        capacity=6,
        **(STORAGE | HOURS | {"approval": Approval.AUTO, "buffer_after": kit_after, "unit": "piece"}),
    )
    f.made_of(kit, cold.room, qty=4)
    cold.ask(cold.other, 5, DAY, resource=kit)
    for at in (
        "2026-10-03 08:59",
        "2026-10-03 09:00",
        "2026-10-03 10:59",
        "2026-10-03 11:00",
        "2026-10-03 12:00",
    ):
        frozen.move_to(f.at(at))
        offered = refused(cold, cold.shop, 10, NOON).facts
        assert offered["may_recall"] == (f.at(at) <= NOON.start - timedelta(hours=72, minutes=kit_after))
        if not offered["may_recall"]:
            assert (
                refused(cold, cold.shop, 10, NOON, recall=True).facts["recall_from"] == offered["recall_from"]
            )
            return
    assert kit_after == 0
    assert cold.ask(cold.shop, 10, NOON, recall=True).decision == "approved"


# -- kits ---------------------------------------------------------------------------------------------------


def a_kit(cold):
    kit = f.a_resource(cold.site, capacity=6, **(STORAGE | {"unit": "piece", "approval": Approval.AUTO}))
    f.made_of(kit, cold.room, qty=4)
    return kit


def test_a_kit_gives_back_whole_kits(session, cold):
    kit = a_kit(cold)
    theirs = cold.ask(cold.other, 5, resource=kit)
    assert cold.peak() == 20
    cold.ask(cold.shop, 10, recall=True)
    assert (given(theirs), cold.peak()) == ([(WEEK, 2)], 22)
    assert cold.peak(resource=kit) == 3


def test_a_kit_calls_back_what_its_pool_has_lent(cold):
    kit = a_kit(cold)
    theirs = cold.ask(cold.other, 20)
    refusal = refused(cold, cold.shop, 2, resource=kit)
    assert (refusal.code, refusal.facts["part"]) == ("lent", cold.room.id)
    cold.ask(cold.shop, 2, resource=kit, recall=True)
    assert (given(theirs), cold.peak()) == ([(WEEK, 4)], 24)


def test_parts_taken_anew_leave_out_what_was_given_back(session, cold):
    kit = a_kit(cold)
    theirs = cold.ask(cold.other, 5, MONTH, resource=kit)
    cold.ask(cold.shop, 10, recall=True)
    before = claims(session, theirs, cold.room)
    with atomic():
        recompose(kit.id)
    assert [(a, b, q) for a, b, q in claims(session, theirs, cold.room)] == before
    assert cold.peak() == 22


HEAD, TAIL = f.span("2026-10-06 04:00", "2026-10-06 10:00"), f.span("2026-10-06 16:00", "2026-10-06 22:00")


def an_hourly_kit(cold, **more):
    hourly = STORAGE | HOURS | {"approval": Approval.AUTO, "unit": "piece"}
    kit = f.a_resource(cold.site, capacity=6, **(hourly | more))
    f.made_of(kit, cold.room, qty=4)
    return kit


@pytest.mark.parametrize(
    ("of_kit", "of_room"),
    [
        ({"buffer_before": 30}, {}),
        ({}, {"buffer_before": 60, "buffer_after": 60}),
        ({}, {"buffer_after": 60}),
        ({"buffer_before": 30, "buffer_after": 120}, {"buffer_after": 60}),
    ],
)
def test_parts_taken_anew_leave_out_what_was_given_back_at_the_ends(session, frozen, of_kit, of_room):
    """Before a stay begins and after it ends nobody gets ready or cleans, with whatever buffers."""
    cold = Cold(**HOURS, **of_room)
    kit = an_hourly_kit(cold, **of_kit)
    theirs = cold.ask(cold.other, 5, DAY, resource=kit)
    for span in (HEAD, TAIL):
        cold.ask(cold.shop, 10, span, recall=True)
    before = claims(session, theirs, cold.room)
    with atomic():
        recompose(kit.id)
    assert claims(session, theirs, cold.room) == before


def test_parts_taken_anew_know_who_begins_later(session, frozen):
    """The time to get ready is not taken for the stay, and kept free a second time."""
    cold = Cold(**HOURS)
    kit = an_hourly_kit(cold, buffer_before=60, buffer_after=60)
    cold.ask(cold.bank, 6, DAY)
    cold.ask(cold.other, 14, DAY)
    theirs = cold.ask(cold.other, 1, DAY, resource=kit)
    cold.ask(cold.shop, 4, HEAD, recall=True)
    assert theirs.start_at == f.at("2026-10-06 11:00")
    before = claims(session, theirs, cold.room)
    with atomic():
        recompose(kit.id)
    assert claims(session, theirs, cold.room) == before


@pytest.mark.parametrize(
    ("given_back", "of_part"),
    [
        ((), []),
        (((600, 1200, 2),), [(720, 1140, 8)]),  # who leaves cleans, who comes back gets ready
        (((0, 600, 2),), [(0, 540, 8)]),
        (((600, 6000, 2),), [(720, 2**53, 8)]),
        (((600, 1200, 2), (1200, 1800, 3)), [(720, 1740, 8), (1320, 1740, 4)]),  # two leave only once
        (((600, 1200, 2), (1800, 2400, 2)), [(720, 1140, 8), (1920, 2340, 8)]),
    ],
)
def test_what_parts_give_back_leaves_time_to_clean(given_back, of_part):
    part = Part(1, qty=4, capacity=24, before=1, after=2)
    assert list(Booked(1, 0, 6000, 5, given_back).given_of(part)) == of_part


# -- only at the yes ----------------------------------------------------------------------------------------


def test_a_request_that_waits_takes_nothing_from_anybody(session, answered):
    theirs = service.approve(answered.ask(answered.other, 24).id, answered.manager)
    mine = answered.ask(answered.shop, 10, recall=True)
    assert (mine.decision, mine.hold_id, mine.recalls) == ("pending", None, True)
    assert (given(theirs), answered.peak()) == ([], 24)
    service.approve(mine.id, answered.manager)
    assert (mine.decision, mine.recalls, given(theirs)) == ("approved", False, [(WEEK, 10)])
    assert answered.peak() == 24
    assert [line.act for line in history("booking", mine.id)] == ["requested", "approved", "called_back"]


@pytest.mark.parametrize("end", ["refuse", "cancel"])
def test_a_request_that_ends_leaves_everybody_alone(session, answered, end):
    theirs = service.approve(answered.ask(answered.other, 24).id, answered.manager)
    mine = answered.ask(answered.shop, 10, recall=True)
    if end == "refuse":
        service.refuse(mine.id, answered.manager, "Non")
    else:
        service.cancel(mine.id, load_actor(answered.people[answered.shop.id].id), "Finalement non")
    assert (given(theirs), theirs.recalled_at, answered.peak()) == ([], None, 24)


def test_a_yes_that_comes_too_late_is_refused(session, answered, frozen):
    theirs = service.approve(answered.ask(answered.other, 24).id, answered.manager)
    mine = answered.ask(answered.shop, 10, recall=True)
    frozen.move_to(f.at("2026-10-02 09:00"))
    with atomic():
        mine.expires_at = f.at("2026-10-04 12:00")
    with pytest.raises(RecallTooLate) as found:
        service.approve(mine.id, answered.manager)
    assert found.value.facts["recall_from"] == f.at("2026-10-06 00:00")
    session.refresh(mine)
    assert (mine.decision, given(theirs)) == ("pending", [])


def test_a_yes_that_fits_nothing_any_more_is_refused(session, answered):
    mine_too = answered.ask(answered.shop, 4)
    service.approve(answered.ask(answered.other, 20).id, answered.manager)
    mine = answered.ask(answered.shop, 6, recall=True)
    with atomic():
        allot(answered.manager, answered.room, Allotment({answered.shop.public_id: 5}, lend_days=60))
    with pytest.raises(SlotRefused):
        service.approve(mine.id, answered.manager)
    session.refresh(mine)
    assert (mine.decision, mine_too.decision) == ("pending", "pending")


def test_it_works_where_no_request_keeps_its_slot(session, frozen):
    cold = Cold(approval=Approval.MANAGER, holds_request=False)
    theirs = service.approve(cold.ask(cold.other, 24).id, cold.manager)
    assert refused(cold, cold.shop, 10).code == "lent"
    mine = cold.ask(cold.shop, 10, recall=True)
    service.approve(mine.id, cold.manager)
    assert (given(theirs), mine.decision) == ([(WEEK, 10)], "approved")


def test_a_waiting_request_gives_back_too_and_goes_on_waiting(session, answered):
    theirs = answered.ask(answered.other, 24)
    service.approve(answered.ask(answered.shop, 10, recall=True).id, answered.manager)
    assert (theirs.decision, given(theirs)) == ("pending", [(WEEK, 10)])
    service.approve(theirs.id, answered.manager)
    service.undo(theirs.id, answered.manager)
    assert (theirs.decision, given(theirs), answered.peak()) == ("pending", [(WEEK, 10)], 24)


def test_moving_asks_for_the_whole_anew(cold):
    theirs = cold.ask(cold.other, 24)
    cold.ask(cold.shop, 10, recall=True)
    later = f.span("2026-10-12 00:00", "2026-10-19 00:00")
    service.change(theirs.id, load_actor(cold.people[cold.other.id].id), later, 24)
    assert (theirs.quantity, given(theirs), cold.peak(later)) == (24, [], 24)


def test_one_act_gives_up_the_series_and_all_that_was_called_back_of_it(session, frozen):
    cold = Cold(**HOURS)
    actor = load_actor(cold.people[cold.other.id].id)
    rule = Rule(Frequency.WEEKLY, DAY.start.date(), 1, (1,), 0, None, 3)
    wanted = service.SeriesRequest(
        cold.room.id, cold.other.id, rule, Hours(360, 1200, "Europe/Paris"), 24, "Soupe"
    )
    series = service.ask_series(wanted, actor, uid_host="mutualim.test")
    cold.ask(cold.shop, 10, f.span("2026-10-13 12:00", "2026-10-13 16:00"), recall=True)
    dates = session.scalars(select(Booking).filter_by(series_id=series.id)).all()
    assert [len(each.given_back) for each in sorted(dates, key=lambda b: b.start_at)] == [0, 1, 0]
    service.cancel_series(dates[0].id, service.Scope.ALL, actor, "Fini")
    left = fresh_claims([cold.room.id], *f.span("2026-10-01 00:00", "2026-11-01 00:00").epochs)[cold.room.id]
    assert peak(left, *f.span("2026-10-01 00:00", "2026-11-01 00:00").epochs) == 10


# -- who gave some back and then wants less -----------------------------------------------------------------

WEDNESDAY = f.span("2026-10-07 00:00", "2026-10-08 00:00")


@pytest.mark.parametrize(
    ("given_back", "clip", "left"),
    [
        ([[40, 60, 10]], (0, 100, 0), [[40, 60, 10]]),
        (
            [[40, 60, 10]],
            (0, 100, 4),
            [[40, 60, 6]],
        ),  # what it keeps is enough for four of those it gave back
        ([[40, 60, 10]], (0, 100, 10), []),
        ([[40, 60, 10]], (50, 100, 0), [[50, 60, 10]]),
        ([[0, 20, 2], [40, 60, 10]], (20, 50, 3), [[40, 50, 7]]),
    ],
)
def test_who_wants_less_gives_less_back(given_back, clip, left):
    assert clipped(given_back, *clip) == left


@pytest.mark.parametrize(
    ("slot", "quantity", "left"),
    [
        (WEEK, 20, [(WEDNESDAY, 6)]),
        (WEEK, 14, []),
        (f.span("2026-10-05 00:00", "2026-10-11 00:00"), 24, [(WEDNESDAY, 10)]),
        (f.span("2026-10-08 00:00", "2026-10-12 00:00"), 24, []),
        (f.span("2026-10-05 00:00", "2026-10-08 00:00"), 22, [(WEDNESDAY, 8)]),
    ],
)
def test_who_gave_some_back_may_make_it_smaller_or_shorter(session, cold, slot, quantity, left):
    theirs = cold.ask(cold.other, 24)
    cold.ask(cold.shop, 10, WEDNESDAY, recall=True)
    service.change(theirs.id, load_actor(cold.people[cold.other.id].id), slot, quantity)
    session.expire_all()
    assert (theirs.span, theirs.quantity, given(theirs)) == (slot, quantity, left)
    assert (claims(session, theirs)[0][0], claims(session, theirs)[-1][1]) == _ends(theirs)
    assert cold.peak(WEDNESDAY) == 10 + (0 if slot.start >= WEDNESDAY.end else min(quantity, 14))
    assert cold.peak(f.span("2026-10-09 00:00", "2026-10-10 00:00")) == (
        0 if slot.end <= WEDNESDAY.end else quantity
    )


@pytest.mark.parametrize(
    ("of_room", "clean"),
    [
        ({}, "2026-10-06 12:00"),
        ({"buffer_before": 15, "buffer_after": 30}, "2026-10-06 11:30"),  # it left at 10:30, on its step
    ],
)
def test_a_kit_that_gave_some_back_may_be_had_for_less_time(session, frozen, of_room, clean):
    """Its parts follow, with the time to clean."""
    cold = Cold(**HOURS, **of_room)
    kit = an_hourly_kit(cold, buffer_before=30, buffer_after=60)
    theirs = cold.ask(cold.other, 5, DAY, resource=kit)
    cold.ask(cold.shop, 10, NOON, recall=True)
    had = given(theirs)
    asker = load_actor(cold.people[cold.other.id].id)
    service.change(theirs.id, asker, f.span("2026-10-06 07:00", "2026-10-06 19:00"), 5)
    assert given(theirs) == had
    service.change(theirs.id, asker, f.span("2026-10-06 07:00", "2026-10-06 14:00"), 4)
    assert [units for _span, units in given(theirs)] == [1]
    assert claims(session, theirs, cold.room)[-1] == (f.at(clean), f.at("2026-10-06 15:00"), 12)
    assert cold.peak(DAY) <= 24
    before = claims(session, theirs, cold.room)
    with atomic():
        recompose(kit.id)
    assert claims(session, theirs, cold.room) == before


def test_the_form_says_of_less_what_sending_it_does(cold, browser):
    theirs = cold.ask(cold.other, 24)
    cold.ask(cold.shop, 10, WEDNESDAY, recall=True)
    form = browser(cold.people[cold.other.id])
    address = f"/reservations/{theirs.ref}/modifier"
    assert "Free: yours at once" in text_of(form.get(f"{address}?quantite=20"))
    assert "Free: yours at once" not in text_of(form.get(f"{address}?date=2026-10-06&fin=2026-10-12"))
    sent = {"date": "2026-10-05", "fin": "2026-10-11", "quantite": "20"}
    assert form.post(address, data=sent).status_code == 303
    assert (theirs.quantity, given(theirs)) == (20, [(WEDNESDAY, 6)])


def test_who_wants_only_what_was_given_back_wholly_asks_for_it_anew(cold):
    """And for another time, too: nothing of it is theirs any more."""
    theirs = cold.ask(cold.other, 10, MONTH)
    with atomic():
        allot(cold.manager, cold.room, Allotment({cold.shop.public_id: 24}, lend_days=60))
    cold.ask(cold.shop, 24, WEEK, recall=True)
    with pytest.raises(SlotRefused):
        service.change(theirs.id, load_actor(cold.people[cold.other.id].id), WEEK, 10)


# -- what is only kept for somebody -------------------------------------------------------------------------


def test_an_offer_in_the_way_is_taken_back_and_keeps_its_place(session, cold):
    full = cold.ask(cold.other, 24)
    want = service.Want(cold.room.id, WEEK, 24, cold.bank.id, "Palettes")
    waits = service.join(want, load_actor(cold.people[cold.bank.id].id))
    service.cancel(full.id, load_actor(cold.people[cold.other.id].id), "Fini")
    assert service.offer_freed(cold.room.id) == 1
    cold.ask(cold.shop, 10, recall=True)
    session.refresh(waits)
    assert (waits.state, waits.hold_id, cold.peak()) == ("waits", None, 10)


def test_a_proposal_in_the_way_is_withdrawn_with_the_reason(session, answered):
    waits = answered.ask(answered.other, 1, f.span("2026-11-02 00:00", "2026-11-09 00:00"))
    offer = service.Offer(answered.room.id, WEEK, 24, "Prenez celui-ci")
    proposal = service.propose(waits.id, answered.manager, offer)
    mine = answered.ask(answered.shop, 10, recall=True)
    session.refresh(proposal)
    assert proposal.state == "open"
    service.approve(mine.id, answered.manager)
    session.refresh(proposal)
    session.refresh(waits)
    assert (proposal.state, waits.decision, waits.expires_at is not None) == ("withdrawn", "pending", True)
    assert (last(waits).act, last(waits).facts["recalled"]) == ("proposal_withdrawn", True)
    assert answered.peak() == 10


@pytest.mark.parametrize(
    ("slot", "quantity", "state"),
    [
        (
            f.span("2026-10-19 00:00", "2026-10-26 00:00"),
            24,
            "open",
        ),  # another week: nothing of it was given back
        (f.span("2026-10-05 00:00", "2026-10-14 00:00"), 12, "open"),  # what is left of their own is enough
        (f.span("2026-10-05 00:00", "2026-10-14 00:00"), 24, "withdrawn"),
    ],
)
def test_a_proposal_to_who_gives_back_ends_only_where_it_leans_on_that(
    session, answered, slot, quantity, state
):
    """And then its asker reads why."""
    theirs = answered.ask(answered.other, 24)
    offer = service.Offer(answered.room.id, slot, quantity, "Prenez celui-ci")
    proposal = service.propose(theirs.id, answered.manager, offer)
    mine = answered.ask(answered.shop, 10, f.span("2026-10-06 00:00", "2026-10-07 00:00"), recall=True)
    outlook = outlook_of(mine)
    assert outlook is not None
    assert [each.span for each in outlook.kept] == [slot] * (state == "withdrawn")
    service.approve(mine.id, answered.manager)
    session.expire_all()
    assert (proposal.state, theirs.decision, theirs.expires_at is None) == (state, "pending", state == "open")
    told = [
        line.facts["recalled"] for line in history("booking", theirs.id) if line.act == "proposal_withdrawn"
    ]
    assert told == [True] * (state == "withdrawn")
    assert answered.peak() == 24


def test_a_proposal_ends_with_the_request_of_which_nothing_is_left(session, answered):
    service.approve(answered.ask(answered.bank, 16).id, answered.manager)
    theirs = answered.ask(answered.other, 8)
    later = f.span("2026-10-19 00:00", "2026-10-26 00:00")
    proposal = service.propose(theirs.id, answered.manager, service.Offer(answered.room.id, later, 8, "Ici"))
    mine = answered.ask(answered.shop, 10, recall=True)
    service.approve(mine.id, answered.manager)
    session.expire_all()
    assert (proposal.state, theirs.decision, theirs.hold_id) == ("withdrawn", "cancelled", None)


# -- pages --------------------------------------------------------------------------------------------------


def test_the_manager_reads_whom_a_yes_takes_what_from(answered, browser):
    service.approve(answered.ask(answered.other, 20).id, answered.manager)
    shop = browser(answered.people[answered.shop.id])
    sent = shop.post(
        "/ressources/froid/demander", data=FORM | {"organisation": str(answered.shop.id), "recall": "y"}
    )
    assert sent.status_code == 303
    assert "The quota is called back when the place says yes" in text_of(shop.get(sent.location))
    manager = browser(answered.manager_person)
    told = "Saying yes calls back 6 pallets from “Traiteur C”, from Monday 5 October"
    assert told in text_of(manager.get("/a-traiter"))
    assert told in text_of(manager.get(sent.location))
    assert told not in text_of(shop.get(sent.location))


def test_the_manager_reads_what_a_yes_ends(answered, browser):
    """What is proposed, or offered from the waiting list, is kept for somebody as well."""
    waits = answered.ask(answered.other, 8, f.span("2026-11-02 00:00", "2026-11-09 00:00"))
    service.propose(waits.id, answered.manager, service.Offer(answered.room.id, WEEK, 14, "Prenez celui-ci"))
    full = service.approve(answered.ask(answered.bank, 10).id, answered.manager)
    bank = load_actor(answered.people[answered.bank.id].id)
    service.join(service.Want(answered.room.id, WEEK, 10, answered.bank.id, "Palettes"), bank)
    service.cancel(full.id, bank, "Fini")
    assert service.offer_freed(answered.room.id) == 1
    mine = answered.ask(answered.shop, 10, recall=True)
    page = text_of(browser(answered.manager_person).get(f"/reservations/{mine.ref}"))
    assert "Saying yes withdraws what is proposed to “Traiteur C”: 14 pallets, from Monday 5 October" in page
    assert "Saying yes takes back what the waiting list offers to “Banque B”: 10 pallets" in page
    service.approve(mine.id, answered.manager)
    assert answered.peak() == 10


def test_the_manager_reads_that_it_is_too_late(answered, browser, frozen):
    service.approve(answered.ask(answered.other, 24).id, answered.manager)
    mine = answered.ask(answered.shop, 10, recall=True)
    frozen.move_to(f.at("2026-10-02 09:00"))
    manager = browser(answered.manager_person)
    page = text_of(manager.get(f"/reservations/{mine.ref}"))
    assert "It is too late to call this quota back: it takes 3 days of notice" in page
    refusal = manager.post(f"/reservations/{mine.ref}/accepter")
    assert refusal.status_code == 409


def test_a_yes_that_called_back_is_not_taken_back(answered):
    theirs = answered.ask(answered.other, 24)
    service.approve(theirs.id, answered.manager)
    mine = answered.ask(answered.shop, 10, recall=True)
    service.approve(mine.id, answered.manager)
    with pytest.raises(CannotGiveBack):
        service.undo(mine.id, answered.manager)
    assert mine.decision == "approved"


def test_what_closes_is_not_offered_to_be_called_back(cold):
    cold.ask(cold.other, 24)
    close(Subject.of(cold.room), f.span("2026-10-07 00:00", "2026-10-08 00:00"), "Panne", cold.manager)
    found = refused(cold, cold.shop, 10)
    assert (found.code, found.facts.get("may_recall")) == ("closed", None)
