"""Legs that follow one another: each begins once the one before it is over, then what came of it is handed over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.bookings import service
from app.bookings.errors import (
    HandoverNeedsOrder,
    HandoverTooLate,
    HandoverTooSoon,
    LegTooLate,
    LegTooSoon,
    NothingChanged,
)
from app.bookings.models import Bundle
from app.bookings.order import Step, clashes, up_to
from app.bookings.service import Leg
from app.core import clock
from app.core.errors import Forbidden
from app.infra.audit import history
from app.infra.db import db
from tests.bookings.test_bundles import HOST, Valley, claims, decisions, ends, of, state
from tests.factories import a_resource, span

PARIS = ZoneInfo("Europe/Paris")
THURSDAY_14 = datetime(2026, 9, 17, 12, tzinfo=UTC)  # 14:00 in Paris


def hours(day, start, end):
    return span(f"2026-09-{day} {start}", f"2026-09-{day} {end}"), False


def days(first, end):
    return span(f"2026-09-{first} 00:00", f"2026-09-{end} 00:00"), True


ARRIVES, STORED, LEAVES = hours(14, "13:00", "15:00"), days(14, 17), hours(16, "06:00", "07:00")


@pytest.mark.parametrize(
    "legs, clash",
    [
        ([ARRIVES, STORED, LEAVES, hours(16, "08:00", "16:00")], None),
        ([ARRIVES, STORED, LEAVES, hours(16, "07:00", "16:00")], None),  # at once after it
        ([ARRIVES, STORED, LEAVES, hours(16, "06:30", "16:00")], (4, 3, "16 07:00")),
        ([ARRIVES, STORED, LEAVES, hours(14, "08:00", "16:00")], (4, 3, "16 07:00")),
        ([ARRIVES, STORED, hours(15, "06:00", "07:00")], (3, 2, "16 00:00")),  # its last day has not begun
        ([ARRIVES, days(13, 14)], (2, 1, "14 15:00")),  # its first day is over when they arrive
        ([ARRIVES, days(14, 15), hours(14, "08:00", "10:00")], (3, 1, "14 15:00")),  # a day is no way round
        ([days(14, 17), days(16, 18)], None),
        ([days(14, 17), days(15, 18)], None),  # it can be taken over at midnight
        ([days(14, 17), days(14, 18)], (2, 1, "16 00:00")),
        ([days(14, 18), days(15, 19)], (2, 1, "17 00:00")),
    ],
)
def test_each_begins_once_the_one_before_it_is_over(legs, clash):
    steps = [Step(n, str(n), time, by_day, PARIS) for n, (time, by_day) in enumerate(legs, start=1)]
    found = clashes(steps)
    if clash is None:
        assert found == []
        return
    later, earlier, since = clash
    [first, *_more] = found
    assert first.later is not None
    assert (first.later.number, first.earlier.number) == (later, earlier)
    assert first.since == datetime.strptime(f"2026-09-{since}", "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    "legs, number, place",
    [
        ([hours(14, "13:00", "15:00"), hours(14, "08:00", "10:00")], 2, 1),
        (
            [days(14, 17), hours(14, "07:00", "09:00"), hours(14, "05:00", "06:00")],
            3,
            1,
        ),  # what is left is the other
        ([hours(14, "10:00", "12:00"), hours(14, "13:00", "14:00"), hours(14, "08:00", "09:00")], 3, 1),
        ([hours(14, "10:00", "12:00"), hours(14, "13:00", "15:00"), hours(14, "12:00", "13:00")], 3, 2),
        ([hours(14, "10:00", "12:00"), hours(14, "11:00", "13:00")], 2, None),  # they overlap
        (
            [days(14, 17), hours(15, "08:00", "09:00")],
            2,
            None,
        ),  # the days have begun, and would then be too soon
    ],
)
def test_what_begins_too_soon_is_moved_only_to_where_that_helps(legs, number, place):
    steps = [Step(n, str(n), time, by_day, PARIS) for n, (time, by_day) in enumerate(legs, start=1)]
    assert up_to(steps, steps[number - 1]) == place


def test_a_day_is_bounded_by_the_midnights_of_its_place():
    night = span("2026-10-24 00:00", "2026-10-26 00:00")  # the clocks go back on the 25th
    step = Step(1, "Chambre froide", night, by_day=True, zone=PARIS)
    assert step.latest_start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert step.earliest_end == datetime(2026, 10, 24, 22, tzinfo=UTC)


def test_it_is_handed_over_after_the_last():
    steps = [Step(1, "Cuisine", hours(16, "08:00", "16:00")[0], by_day=False, zone=PARIS)]
    assert clashes(steps, steps[0].span.end) == []
    [clash] = clashes(steps, steps[0].span.end - timedelta(minutes=1))
    assert (clash.later, clash.earlier, clash.since) == (None, steps[0], steps[0].span.end)


class Chain(Valley):
    """400 kg of courgettes: fetched, kept cold for three days, taken to the kitchen, cooked, handed over."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.second = a_resource(self.garage, name="Fourgon isotherme", kind="vehicle")

    def legs(self, kitchen=None):
        cooked = kitchen or span("2026-09-16 08:00", "2026-09-16 16:00")
        return (
            Leg(self.van.id, ARRIVES[0]),
            Leg(self.store.id, STORED[0], 2),
            Leg(self.second.id, LEAVES[0]),
            Leg(self.kitchen.id, cooked),
        )

    def ask_chain(self, kitchen=None, **facts):
        given: dict[str, Any] = {"in_order": True, "handover_at": THURSDAY_14} | facts
        return self.bundle(self.legs(kitchen), **given)


@pytest.fixture
def chain(session, frozen):
    return Chain()


@pytest.mark.scenario(number="S12")
def test_s12_the_legs_of_a_chain_are_held_as_one_until_they_expire(chain, frozen):
    """All five: four legs held for 48 hours as one, and handing over on Thursday at 14:00, which books nothing."""
    with pytest.raises(LegTooSoon) as refused:  # the kitchen before the courgettes have arrived
        chain.ask_chain(span("2026-09-14 08:00", "2026-09-14 16:00"))
    facts = refused.value.facts
    assert (facts["leg"], facts["before"]) == (4, "Fourgon isotherme")
    assert facts["not_before"] == LEAVES[0].end
    assert db.session.scalar(select(func.count()).select_from(Bundle)) == 0
    assert claims() == 0

    bundle = chain.ask_chain()
    assert (claims(), ends(bundle), bundle.handover_at) == (4, {48}, THURSDAY_14)
    service.refuse(of(bundle)[3].id, chain.manager, "Pris par la cantine")
    frozen.tick(hours=24)
    assert (state(bundle), claims(), ends(bundle)) == ("to_fix", 3, {24})
    other = a_resource(chain.site, name="Cuisine du bas")
    cooked = span("2026-09-16 09:00", "2026-09-16 17:00")
    service.replace_leg(of(bundle)[3].id, Leg(other.id, cooked), chain.member, **HOST)
    assert ends(bundle) == {48}
    for manager in (chain.driver, chain.manager):
        service.approve_legs(bundle.id, manager)
    kept = [leg for leg in of(bundle) if leg.leg_number]
    assert [leg.decision for leg in kept] == ["approved"] * 4
    assert {leg.bundle_id for leg in kept} == {bundle.id}
    assert state(bundle) == "accepted"


@pytest.mark.scenario(number="S12")
def test_s12_the_others_stay_kept_until_all_that_waits_expires(chain, frozen):
    bundle = chain.ask_chain()
    service.refuse(of(bundle)[3].id, chain.manager, "Pris par la cantine")
    frozen.move_to(of(bundle)[0].expires_at - timedelta(minutes=1))
    service.expire_due()
    assert (state(bundle), claims()) == ("to_fix", 3)
    frozen.tick(minutes=1)
    service.expire_due()
    assert decisions(bundle) == ["expired", "expired", "expired", "refused"]
    assert (state(bundle), claims()) == ("to_fix", 0)


def test_without_order_legs_may_be_at_any_time(chain):
    early = span("2026-09-14 08:00", "2026-09-14 16:00")
    bundle = chain.ask_chain(early, in_order=False, handover_at=None)
    assert claims() == 4
    service.change(of(bundle)[0].id, chain.member, hours(18, "13:00", "15:00")[0], 1)


def test_a_hand_over_comes_after_the_last_leg_of_legs_in_order(chain):
    with pytest.raises(HandoverTooSoon) as refused:
        chain.ask_chain(handover_at=THURSDAY_14 - timedelta(days=1))
    assert refused.value.facts["before"] == "Cuisine partagée"
    with pytest.raises(HandoverNeedsOrder):
        chain.ask_chain(in_order=False)


def test_a_leg_is_moved_within_its_order(chain):
    bundle = chain.ask_chain()
    fetched, _stored, taken, cooked = of(bundle)
    service.change(fetched.id, chain.member, hours(14, "16:00", "18:00")[0], 1)
    with pytest.raises(LegTooSoon) as soon:
        service.change(cooked.id, chain.member, hours(15, "08:00", "16:00")[0], 1)
    assert soon.value.facts["before"] == "Fourgon isotherme"
    with pytest.raises(LegTooLate) as late:
        service.change(taken.id, chain.member, hours(16, "08:00", "09:00")[0], 1)
    assert late.value.facts["follows"] == "Cuisine partagée"
    assert late.value.facts["must_end_by"] == cooked.start_at
    with pytest.raises(LegTooLate) as after:
        service.change(cooked.id, chain.member, hours(17, "08:00", "16:00")[0], 1)
    assert after.value.facts["follows"] is None
    assert after.value.facts["must_end_by"] == THURSDAY_14


def test_what_replaces_a_leg_takes_its_place_in_the_order(chain):
    bundle = chain.ask_chain()
    lost = of(bundle)[3]
    service.refuse(lost.id, chain.manager, "Pris par la cantine")
    for time, error in ((hours(15, "08:00", "16:00"), LegTooSoon), (hours(18, "08:00", "16:00"), LegTooLate)):
        with pytest.raises(error):
            service.replace_leg(lost.id, Leg(chain.kitchen.id, time[0]), chain.member, **HOST)
    db.session.expire_all()
    assert (of(bundle)[3].leg_number, state(bundle)) == (4, "to_fix")


def test_what_is_lost_binds_nothing(chain):
    bundle = chain.ask_chain(handover_at=None)
    taken, cooked = of(bundle)[2:]
    service.refuse(cooked.id, chain.manager, "Pris par la cantine")
    service.change(taken.id, chain.member, hours(16, "10:00", "11:00")[0], 1)
    with pytest.raises(LegTooSoon):  # nor can it come back to where it was
        service.undo(cooked.id, chain.manager)


def test_nothing_is_proposed_nor_taken_that_breaks_the_order(chain):
    bundle = chain.ask_chain()
    taken, cooked = of(bundle)[2:]
    with pytest.raises(LegTooSoon):
        service.propose(
            cooked.id, chain.manager, service.Offer(chain.kitchen.id, hours(15, "08:00", "16:00")[0], 1)
        )
    offer = service.Offer(chain.kitchen.id, hours(16, "07:30", "15:30")[0], 1)
    proposal = service.propose(cooked.id, chain.manager, offer)
    service.change(taken.id, chain.member, hours(16, "07:00", "08:00")[0], 1)
    with pytest.raises(LegTooSoon):
        service.accept_proposal(cooked.id, proposal.ref, chain.member)


def test_the_hand_over_is_moved_by_who_asked(chain):
    bundle = chain.ask_chain()
    later = THURSDAY_14 + timedelta(days=1)
    with pytest.raises(Forbidden):
        service.move_handover(bundle.id, chain.manager, later)
    with pytest.raises(HandoverTooSoon):
        service.move_handover(bundle.id, chain.member, THURSDAY_14 - timedelta(days=1))
    with pytest.raises(HandoverTooLate):
        service.move_handover(bundle.id, chain.member, THURSDAY_14.replace(year=2096))
    with pytest.raises(NothingChanged):
        service.move_handover(bundle.id, chain.member, THURSDAY_14)
    assert service.move_handover(bundle.id, chain.member, later).handover_at == later
    service.change(of(bundle)[3].id, chain.member, hours(17, "08:00", "16:00")[0], 1)
    service.move_handover(bundle.id, chain.member, None)
    asked, *moved = history("bundle", bundle.id)
    assert (asked.facts["in_order"], asked.facts["handover"]) == (True, THURSDAY_14.isoformat())
    assert [line.facts["handover"] for line in moved] == [later.isoformat(), None]
    with pytest.raises(HandoverNeedsOrder):
        loose = chain.bundle()
        service.move_handover(loose.id, chain.member, clock.now() + timedelta(days=90))
