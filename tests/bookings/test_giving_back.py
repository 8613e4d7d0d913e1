"""Whoever has more than quotas leave may keep it, give some back, or end earlier: only what is added is asked anew."""

from datetime import date

import pytest

from app.accounts.queries import load_actor
from app.availability.allotting import Allotment, allot
from app.availability.errors import SeveralRefused, SlotRefused
from app.availability.queries import Wish, verdict
from app.bookings import service
from app.bookings.models import Booking
from app.bookings.service import Scope
from app.catalogue.models import Approval
from app.core.recurrence import Frequency, Hours, Rule
from tests import factories as f
from tests.bookings.test_quotas import STORAGE, WEEK, Cold

LATER = f.span("2026-10-12 00:00", "2026-10-19 00:00")


def never_lent(cold, *, bank: int = 6):
    """Let the bank have more of the room, and lend nothing any more: what is booked stays, above the quotas."""
    shares = {cold.shop.public_id: 10, cold.bank.public_id: bank}
    allot(cold.manager, cold.room, Allotment(shares, lend_days=None))


def actor_for(cold):
    return load_actor(cold.people[cold.other.id].id)


def change(cold, booking: Booking, span, qty: int) -> Booking:
    return service.change(booking.id, actor_for(cold), span, qty)


@pytest.fixture(params=[Approval.AUTO, Approval.MANAGER])
def cold(request, session, frozen):
    return Cold(approval=request.param)


@pytest.mark.parametrize(
    ("start", "end", "qty"),
    [
        ("2026-10-05", "2026-10-12", 14),  # fewer
        ("2026-10-05", "2026-10-11", 24),  # shorter
        ("2026-10-06", "2026-10-11", 9),  # both
        ("2026-10-05", "2026-10-19", 8),  # longer, with what is left there
    ],
)
def test_what_one_has_can_be_given_back(cold, start, end, qty):
    theirs = cold.ask(cold.other, 24)
    never_lent(cold)
    span = f.span(f"{start} 00:00", f"{end} 00:00")
    wish = Wish(cold.room.id, span, qty)
    assert verdict(wish, but_hold=theirs.hold_id) == ()  # what is told before sending
    change(cold, theirs, span, qty)
    assert (theirs.quantity, theirs.span, cold.peak(span)) == (qty, span, qty)


@pytest.mark.parametrize(
    ("start", "end", "qty", "free"),
    [
        ("2026-10-05", "2026-10-12", 15, 14),  # more
        ("2026-10-05", "2026-10-13", 14, 8),  # a day longer
        ("2026-10-12", "2026-10-19", 14, 8),  # another week
    ],
)
def test_what_is_added_is_asked_as_ever(cold, start, end, qty, free):
    theirs = cold.ask(cold.other, 14)
    never_lent(cold)
    with pytest.raises(SlotRefused) as found:
        change(cold, theirs, f.span(f"{start} 00:00", f"{end} 00:00"), qty)
    [refusal] = found.value.refusals
    assert (refusal.code, refusal.facts["free"]) == ("quota", free)


def test_nobody_else_may_take_what_was_given_back(cold):
    theirs = cold.ask(cold.other, 24)
    never_lent(cold)
    change(cold, theirs, WEEK, 8)
    with pytest.raises(SlotRefused):
        cold.ask(cold.other, 1)
    assert (cold.ask(cold.shop, 10).quantity, cold.ask(cold.bank, 6).quantity) == (10, 6)


def test_a_request_that_keeps_nothing_is_asked_anew_only_for_what_it_adds(session, frozen):
    cold = Cold(approval=Approval.MANAGER, holds_request=False)
    theirs = cold.ask(cold.other, 14)
    service.approve(theirs.id, cold.manager)
    never_lent(cold)
    change(cold, theirs, WEEK, 10)
    assert (theirs.decision, theirs.quantity, theirs.hold_id) == ("pending", 10, None)


def test_a_yes_can_be_taken_back_and_given_again(session, frozen):
    cold = Cold(approval=Approval.MANAGER)
    theirs = cold.ask(cold.other, 8)
    service.approve(theirs.id, cold.manager)
    never_lent(cold, bank=14)
    service.undo(theirs.id, cold.manager)
    assert (theirs.decision, cold.peak()) == ("pending", 8)
    service.approve(theirs.id, cold.manager)
    assert theirs.decision == "approved"


def test_what_is_proposed_is_kept_whatever_quotas_become(session, frozen):
    cold = Cold(approval=Approval.MANAGER)
    never_lent(cold, bank=1)
    theirs = cold.ask(cold.other, 8)
    offer = service.Offer(cold.room.id, LATER, 12, "Venez plutôt la semaine d’après.")
    proposal = service.propose(theirs.id, cold.manager, offer)
    never_lent(cold, bank=14)
    service.accept_proposal(theirs.id, proposal.ref, actor_for(cold))
    assert (theirs.decision, theirs.quantity, cold.peak(LATER), cold.peak()) == ("approved", 12, 12, 0)


def test_less_can_be_proposed_than_what_is_kept_above_the_quotas(session, frozen):
    cold = Cold(approval=Approval.MANAGER)
    theirs = cold.ask(cold.other, 24)
    never_lent(cold)
    proposal = service.propose(theirs.id, cold.manager, service.Offer(cold.room.id, WEEK, 14, "Moins ?"))
    service.accept_proposal(theirs.id, proposal.ref, actor_for(cold))
    assert (theirs.quantity, cold.peak()) == (14, 14)


def test_dates_of_a_series_give_back_as_one_booking_does(session, frozen):
    cold = Cold()
    rule = Rule(Frequency.WEEKLY, date(2026, 10, 5), 1, (0,), times=3)
    wanted = service.SeriesRequest(
        cold.room.id, cold.other.id, rule, Hours(0, 1440, "Europe/Paris"), 20, "Fêtes"
    )
    series = service.ask_series(wanted, actor_for(cold), uid_host="mutualim.test")
    never_lent(cold)
    first = session.query(Booking).filter_by(series_id=series.id).order_by(Booking.start_at).first()
    told = service.look_at_change(first, Scope.ALL, first.span, 12)
    assert [to.refusals for _booking, to in told] == [()] * 3
    service.change_series(first.id, Scope.ALL, actor_for(cold), first.span, 12)
    assert (first.quantity, cold.peak(f.span("2026-10-05 00:00", "2026-10-26 00:00"))) == (12, 12)
    with pytest.raises(SeveralRefused):
        service.change_series(first.id, Scope.ALL, actor_for(cold), first.span, 13)


def test_kits_give_back_what_they_draw_from_a_pool(session, frozen):
    cold = Cold()
    kit = f.a_resource(cold.site, capacity=6, **(STORAGE | {"unit": "piece", "approval": Approval.AUTO}))
    f.made_of(kit, cold.room, qty=4)
    theirs = cold.ask(cold.other, 5, resource=kit)
    never_lent(cold)
    with pytest.raises(SlotRefused):
        change(cold, theirs, WEEK, 6)
    change(cold, theirs, WEEK, 4)
    assert (theirs.quantity, cold.peak()) == (4, 16)
