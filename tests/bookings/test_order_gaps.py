"""Legs that need some time between them: a drive, something that cools down; it is kept wherever their order is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask_babel import force_locale

from app.bookings import service
from app.bookings.errors import LegTooLate, LegTooSoon
from app.bookings.order import Order, Step, clashes
from app.bookings.service import Leg
from app.web.words import explain
from tests.bookings.test_bundles import HOST, claims, decisions, of
from tests.bookings.test_order import LEAVES, PARIS, Chain, days, hours
from tests.factories import a_resource, span

HALF_AN_HOUR = timedelta(minutes=30)


class Cooling(Chain):
    """The chain of courgettes, whose kitchen needs half an hour after the van."""

    def legs(self, kitchen=None):
        *others, cooked = super().legs(kitchen)
        return (*others, replace(cooked, gap_minutes=30))


@pytest.fixture
def chain(session, frozen):
    return Cooling()


def steps_of(*legs):
    return [
        Step(number, str(number), time, by_day, PARIS, gap)
        for number, ((time, by_day), gap) in enumerate(legs, start=1)
    ]


@pytest.mark.parametrize(
    "legs, late_by",
    [
        ([(hours(14, "13:00", "15:00"), 0), (hours(14, "15:30", "16:00"), 30)], None),
        ([(hours(14, "13:00", "15:00"), 0), (hours(14, "15:20", "16:00"), 30)], 10),
        (
            [(hours(14, "13:00", "15:00"), 30), (hours(14, "15:00", "16:00"), 0)],
            None,
        ),  # nothing before the first
        ([(hours(14, "13:00", "23:50"), 0), (days(14, 15), 30)], 20),  # its day is over before it can begin
        (
            [(hours(14, "13:00", "15:00"), 0), (days(14, 15), 60), (hours(14, "16:00", "17:00"), 0)],
            None,
        ),
        (
            [(hours(14, "13:00", "15:00"), 0), (days(14, 15), 60), (hours(14, "16:15", "17:00"), 30)],
            15,
        ),  # a day between them is no way round the gaps
    ],
)
def test_the_gap_lies_between_the_end_of_one_and_the_start_of_the_next(legs, late_by):
    steps = steps_of(*((time, timedelta(minutes=minutes)) for time, minutes in legs))
    found = clashes(steps)
    if late_by is None:
        assert found == []
        return
    [clash] = found
    assert clash.later is not None
    assert clash.since - clash.later.latest_start == timedelta(minutes=late_by)
    assert clash.until == clash.later.latest_start - clash.gap


def test_a_leg_that_moves_keeps_the_gap_on_both_sides():
    first, second, third = steps_of(
        (hours(14, "08:00", "09:00"), timedelta(0)),
        (hours(14, "10:00", "11:00"), HALF_AN_HOUR),
        (hours(14, "12:00", "13:00"), HALF_AN_HOUR),
    )
    order = Order([first, second, third])
    assert order.clashes_of(replace(second, span=hours(14, "09:30", "11:30")[0])) == []
    [soon] = order.clashes_of(replace(second, span=hours(14, "09:15", "11:00")[0]))
    assert (soon.later, soon.earlier.number) == (replace(second, span=hours(14, "09:15", "11:00")[0]), 1)
    [late] = order.clashes_of(replace(second, span=hours(14, "10:00", "11:45")[0]))
    assert (late.earlier.number, late.until) == (2, hours(14, "11:30", "12:00")[0].start)


def test_what_is_too_close_is_refused_before_anything_is_kept(chain):
    with pytest.raises(LegTooSoon) as refused:
        chain.ask_chain(span("2026-09-16 07:15", "2026-09-16 15:15"))
    assert refused.value.facts["gap_minutes"] == 30
    assert refused.value.facts["not_before"] == LEAVES[0].end + HALF_AN_HOUR
    with force_locale("en"):
        said = explain(refused.value)
    assert "at least 30 min are needed between “Fourgon isotherme” and its own start" in said
    assert claims() == 0
    chain.ask_chain(span("2026-09-16 07:30", "2026-09-16 15:30"))
    assert claims() == 4


def test_moving_proposing_and_undoing_leave_the_gap(chain):
    bundle = chain.ask_chain()
    taken, cooked = of(bundle)[2:]
    with pytest.raises(LegTooLate) as late:
        service.change(taken.id, chain.member, hours(16, "07:00", "08:00")[0], 1)
    assert late.value.facts["must_end_by"] == cooked.start_at - HALF_AN_HOUR
    with force_locale("en"):
        said = explain(late.value)
    assert "at least 30 min are needed between it and “Cuisine partagée”" in said
    offer = service.Offer(chain.kitchen.id, hours(16, "07:15", "15:15")[0], 1)
    with pytest.raises(LegTooSoon):
        service.propose(cooked.id, chain.manager, offer)
    proposal = service.propose(cooked.id, chain.manager, replace(offer, span=hours(16, "07:30", "15:30")[0]))
    service.change(taken.id, chain.member, hours(16, "06:30", "07:30")[0], 1)
    with pytest.raises(LegTooSoon):
        service.accept_proposal(cooked.id, proposal.ref, chain.member)
    service.decline_proposal(cooked.id, proposal.ref, chain.member, "")
    service.refuse(cooked.id, chain.manager, "Pris par la cantine")
    service.change(taken.id, chain.member, hours(16, "07:00", "08:00")[0], 1)
    with pytest.raises(LegTooSoon):
        service.undo(cooked.id, chain.manager)


def test_what_replaces_a_leg_takes_its_gap_over(chain):
    bundle = chain.ask_chain()
    service.refuse(of(bundle)[3].id, chain.manager, "Pris par la cantine")
    other = a_resource(chain.site, name="Cuisine du bas")
    with pytest.raises(LegTooSoon) as refused:
        service.replace_leg(
            of(bundle)[3].id, Leg(other.id, hours(16, "07:15", "15:15")[0]), chain.member, **HOST
        )
    assert refused.value.facts["gap_minutes"] == 30
    made = service.replace_leg(
        of(bundle)[3].id, Leg(other.id, hours(16, "07:30", "15:30")[0]), chain.member, **HOST
    )
    assert (made.leg_gap_minutes, decisions(bundle)[-1]) == (30, "pending")


@pytest.mark.parametrize(
    "own, idle",
    [
        (hours(16, "08:00", "16:00"), []),  # an hour after the van
        (hours(16, "09:00", "16:00"), []),  # two hours stand in the shade
        (hours(16, "09:30", "16:00"), ["2026-09-16 07:00 2026-09-16 09:30"]),
        (hours(18, "08:00", "16:00"), ["2026-09-16 07:00 2026-09-18 08:00"]),
    ],
)
def test_what_would_wait_with_nothing_booked_is_found_on_both_sides(own, idle):
    van, store = hours(16, "06:00", "07:00"), days(14, 16)
    order = Order([*steps_of((store, timedelta(0)), (van, timedelta(0)))])
    cooked = Step(3, "Cuisine", own[0], by_day=False, zone=PARIS)
    expected = [span(each[:16], each[17:]) for each in idle]
    assert order.idle_beside(cooked) == expected
    late = Step(4, "Chambre froide", days(20, 21)[0], by_day=True, zone=PARIS)
    beside = Order([*order.steps, cooked, late]).idle_beside(cooked)
    assert beside == [*expected, span(f"{own[0].end.astimezone(PARIS):%Y-%m-%d %H:%M}", "2026-09-20 00:00")]
