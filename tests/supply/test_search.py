"""The search for chains, against every chain there is in five hundred small worlds; and what it refuses, and why."""

from dataclasses import replace
from itertools import combinations

import pytest

from app.bookings.order import Step, clashes
from app.supply.cargo import KILO, Cargo, Hold, Packaging, Regime
from app.supply.chains.planning.fitness import need_of
from app.supply.chains.planning.goals import Goal
from app.supply.chains.planning.plan import Role
from app.supply.chains.planning.search import counted, search
from app.supply.chains.planning.world import (
    DAY,
    DAYTIME,
    HOUR,
    PARIS,
    Atp,
    Candidate,
    Means,
    Need,
    Place,
    Rates,
    Reason,
    Task,
    Wanted,
    World,
)
from tests.supply.worlds import every_chain, span, world

WORLDS = 500
COLD_ROOM = Place(47.4390, -1.5000)
FARM, KITCHEN = Place(47.58427, -1.5), Place(47.36982, -1.5)  # 21 and 10 km away by road
COURGETTES = Cargo(400 * KILO, Packaging.CRATE_60X40, 12 * KILO)
APPLES = Cargo(1_500 * KILO, Packaging.CRATE_60X40, 12 * KILO)


@pytest.mark.parametrize("seed", range(0, WORLDS, 50))
def test_finds_what_every_chain_of_small_worlds_can_do_best(seed):
    feasible = 0
    for number in range(seed, seed + 50):
        everything, wanted = world(number)
        found = search(everything, wanted)
        chains = list(every_chain(everything, wanted))
        assert bool(found.plans) == bool(chains), number
        assert found.is_whole
        feasible += bool(chains)
        for goal in Goal if chains else ():
            best = min(goal.key(*chain) for chain in chains)
            assert min(goal.of(plan) for plan in found.plans) == best, (number, goal)
    assert feasible >= 10


def test_legs_follow_one_another_as_requests_are_held_to():
    for number in range(100):
        everything, wanted = world(number)
        by_day = {each.means.resource_id: each.means.by_day for each in everything.candidates}
        for plan in search(everything, wanted).plans:
            steps = [
                Step(n, "", leg.span, by_day[leg.resource_id], PARIS, leg.gap)
                for n, leg in enumerate(plan.legs)
            ]
            assert clashes(steps, wanted.by) == [], number


@pytest.mark.parametrize("days", [1, 2, 3])
def test_vehicles_lent_by_days_keep_the_order_and_take_nothing_twice(days):
    found = 0
    for number in range(100):
        everything, wanted = world(number)
        lent = World(tuple(lent_by(days, each) for each in everything.candidates))
        by_day = {each.means.resource_id: each.means.by_day for each in lent.candidates}
        for plan in search(lent, wanted).plans:
            found += 1
            steps = [
                Step(n, "", leg.span, by_day[leg.resource_id], PARIS, leg.gap)
                for n, leg in enumerate(plan.legs)
            ]
            assert clashes(steps, wanted.by) == [], number
            for one, other in combinations(plan.legs, 2):
                assert one.resource_id != other.resource_id or not one.span.overlaps(other.span), number
    assert found >= 30


def lent_by(days, candidate):
    """Let a vehicle be lent by days, never for fewer than some; it is free for a week."""
    if candidate.means.task is not Task.DRIVE:
        return candidate
    means = replace(candidate.means, step=DAY, shortest=days * DAY)
    return replace(candidate, means=means, windows=(span(11, 0, 7 * 24).epochs,))


# -- the examples of the trade ------------------------------------------------------------------------------


def van(number: int, place: Place, price: Rates) -> Means:
    return Means(number, number, place, Task.DRIVE, step=HOUR, hold=Hold(grams=900 * KILO), price=price)


def store(number: int = 5, regime: Regime = Regime.CHILLED) -> Means:
    price = Rates(day=120)
    return Means(
        number,
        number,
        COLD_ROOM,
        Task.STORE,
        capacity=24,
        unit="pallet",
        step=DAY,
        shortest=DAY,
        regime=regime,
        price=price,
    )


def kitchen(number: int = 9, throughput: int = 200) -> Means:
    rate, price = throughput * KILO, Rates(hour=1200)
    return Means(
        number,
        number,
        KITCHEN,
        Task.PROCESS,
        capacity=4,
        throughput=rate,
        shortest=2 * HOUR,
        longest=12 * HOUR,
        price=price,
    )


def free(means: Means, *spans, cargo: Cargo = COURGETTES) -> Candidate:
    need = need_of(means, cargo)
    assert isinstance(need, Need)
    return Candidate(means, need, tuple(each.epochs for each in spans))


V1, V2 = van(1, COLD_ROOM, Rates(hour=500, km=60)), van(2, KITCHEN, Rates(hour=400, km=50))
MONDAY_VAN = free(V1, span(14, 13, 15))
STORE = free(store(), span(14, 0, 24 * 7))
WEDNESDAY_VAN = free(V2, span(16, 6, 7))
WEDNESDAY_KITCHEN = free(kitchen(), span(16, 8, 16))
WANTED = Wanted(COURGETTES, FARM, span(14, 12, 13).start, span(14, 8, 18).end, by=span(17, 13, 14).end)


@pytest.mark.scenario(number="S12")
@pytest.mark.scenario(number="S13")
def test_courgettes_wait_in_the_cold_room_for_the_kitchen():
    found = search(World((MONDAY_VAN, STORE, WEDNESDAY_VAN, WEDNESDAY_KITCHEN)), WANTED)
    assert [(leg.role, leg.resource_id, leg.span, leg.quantity) for leg in found.plans[0].legs] == [
        (Role.COLLECT, 1, span(14, 13, 15), 1),
        (Role.STORE, 5, span(14, 0, 72), 2),
        (Role.CARRY, 2, span(16, 6, 7), 1),
        (Role.PROCESS, 9, span(16, 8, 16), 1),
    ]
    assert [round(leg.metres, -1) for leg in found.plans[0].legs] == [42_000, 0, 20_000, 0]
    assert found.plans[0].cents == 3_520 + 720 + 1_400 + 9_600
    assert found.plans[0].ready_at == span(16, 8, 16).end
    assert found.rejected == ()


@pytest.mark.scenario(number="S12")
def test_a_kitchen_that_is_free_before_they_arrive_is_of_no_use():
    too_soon = free(kitchen(10), span(14, 8, 16))
    found = search(World((MONDAY_VAN, STORE, WEDNESDAY_VAN, WEDNESDAY_KITCHEN, too_soon)), WANTED)
    assert counted(found.rejected) == {(Task.PROCESS, Reason.BEFORE_ARRIVAL): 1}
    alone = search(World((MONDAY_VAN, STORE, WEDNESDAY_VAN, too_soon)), WANTED)
    assert alone.plans == ()
    assert counted(alone.rejected)[Task.PROCESS, Reason.BEFORE_ARRIVAL] == 1


@pytest.mark.scenario(number="S27")
def test_a_van_goes_twice_for_the_apples():
    assert (APPLES.packages, APPLES.pallets, APPLES.gross) == (125, 4, 1_787_500)
    lorry = free(V1, span(10, 8, 20), cargo=APPLES)
    keep = free(store(), span(10, 0, 72), cargo=APPLES)
    wanted = Wanted(APPLES, FARM, span(10, 9, 10).start, span(10, 9, 17).end, processed=False)
    [plan] = search(World((lorry, keep)), wanted).plans
    collect, stored = plan.legs
    assert (collect.trips, stored.quantity) == (2, 4)
    once = 2 * V1.place.road(FARM)
    assert collect.metres == plan.metres == 2 * once


# -- what is refused, and why -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("means", "cargo", "reason"),
    [
        (replace(V1, hold=Hold(grams=5 * KILO)), COURGETTES, Reason.TOO_SMALL),
        (replace(V1, hold=Hold(grams=60 * KILO)), COURGETTES, Reason.TOO_MANY_TRIPS),
        (replace(V1, hold=Hold()), COURGETTES, Reason.LOAD_UNKNOWN),
        (V1, replace(COURGETTES, regime=Regime.CHILLED), Reason.NOT_COLD_ENOUGH),
        (replace(V1, atp=Atp.FRB), replace(COURGETTES, regime=Regime.FROZEN), Reason.NOT_COLD_ENOUGH),
        (store(regime=Regime.AMBIENT), COURGETTES, Reason.OTHER_REGIME),
        (replace(store(), capacity=1), COURGETTES, Reason.TOO_SMALL),
        (replace(store(), unit="locker"), COURGETTES, Reason.OTHER_UNIT),
        (kitchen(throughput=20), COURGETTES, Reason.TOO_SLOW),
        (replace(kitchen(), throughput=None), COURGETTES, Reason.WORK_UNKNOWN),
    ],
)
def test_what_is_not_fit_says_why(means, cargo, reason):
    assert need_of(means, cargo) is reason


@pytest.mark.parametrize(
    ("means", "cargo", "need"),
    [
        (replace(V1, atp=Atp.FRC), replace(COURGETTES, regime=Regime.FROZEN), Need()),
        (replace(V1, atp=Atp.FNA), replace(COURGETTES, regime=Regime.CHILLED), Need()),
        (replace(V1, coldest=2.0), replace(COURGETTES, regime=Regime.CHILLED), Need()),
        (replace(V1, atp=Atp.IR), replace(COURGETTES, regime=Regime.CHILLED), Need(most_driving=HOUR)),
        (store(), COURGETTES, Need(2)),
        (replace(store(), most_per_unit=200 * KILO), COURGETTES, Need(3)),
        (replace(store(), unit="half_pallet"), COURGETTES, Need(3)),
        (replace(store(), unit="crate_60x40", capacity=50), COURGETTES, Need(34)),
        (replace(store(), unit="shelf", packs={"crate_60x40": 4}), COURGETTES, Need(9)),
        (kitchen(), COURGETTES, Need(1, work=8 * HOUR)),
        (kitchen(throughput=100), COURGETTES, Need(2, work=8 * HOUR)),
    ],
)
def test_what_is_fit_says_what_it_takes(means, cargo, need):
    assert need_of(means, cargo) == need


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (free(replace(kitchen(), place=Place(48.85, 2.35)), span(16, 8, 16)), Reason.TOO_FAR),
        (free(kitchen()), Reason.NOT_FREE),
        (free(kitchen(), span(16, 8, 15)), Reason.NOT_FREE),
        (free(kitchen(), span(17, 8, 16)), Reason.TOO_LATE),
        (free(kitchen(), span(14, 5, 13)), Reason.BEFORE_ARRIVAL),
        (free(replace(kitchen(), longest=8 * HOUR), span(16, 8, 16)), Reason.NO_LINK),
    ],
)
def test_what_can_be_in_no_plan_says_why(candidate, reason):
    found = search(World((candidate,)), WANTED)
    assert counted(found.rejected) == {(Task.PROCESS, reason): 1}


def test_a_vehicle_lent_by_whole_days_brings_it_any_time_of_the_day():
    daily = free(replace(V1, step=DAY, shortest=DAY), span(14, 0, 72))
    found = search(World((daily, free(kitchen(), span(14, 8, 22)))), replace(WANTED, stored=False))
    collect, work = found.plans[0].legs
    assert collect.span == span(14, 0, 24)
    assert work.span == span(14, 14, 22)


@pytest.mark.parametrize(("days", "start"), [(1, 14), (2, 13), (3, 12)])
def test_a_vehicle_that_is_never_lent_for_one_day_alone_drives_on_its_last(days, start):
    """An order takes it to be over when its last day begins: on its first, the kitchen would come too soon."""
    daily = free(replace(V1, step=DAY, shortest=days * DAY), span(11, 0, 24 * 7))
    found = search(World((daily, free(kitchen(), span(14, 8, 22)))), replace(WANTED, stored=False))
    assert [leg.span for leg in found.plans[0].legs] == [span(start, 0, 24 * days), span(14, 14, 22)]


def test_a_vehicle_that_is_taken_the_day_before_carries_on_what_is_stored_by_days_only():
    daily = free(replace(V2, step=DAY, shortest=2 * DAY), span(11, 0, 24 * 7))
    kept = replace(STORE, windows=(span(14, 0, 24 * 7).epochs,))
    hourly = replace(kept, means=replace(kept.means, step=HOUR, shortest=HOUR))
    cooking = free(kitchen(), span(16, 8, 22))
    [plan] = search(World((MONDAY_VAN, kept, daily, cooking)), WANTED).plans
    assert plan.legs[2].span == span(15, 0, 48)
    assert search(World((MONDAY_VAN, hourly, daily, cooking)), WANTED).plans == ()


@pytest.mark.parametrize("by_day", [True, False])
def test_after_a_vehicle_lent_by_the_day_its_tour_is_left_before_what_comes_next(by_day):
    """As orders see it, what is lent by the day is over when the day begins: a kitchen at seven would follow it."""
    means = replace(V1, step=DAY, shortest=DAY) if by_day else V1
    fetching = free(means, span(14, 0, 72))
    found = search(World((fetching, free(kitchen(), span(14, 8, 22)))), replace(WANTED, stored=False))
    collect, work = found.plans[0].legs
    assert work.gap.total_seconds() == pytest.approx(2 * HOUR, HOUR // 2) if by_day else not work.gap
    steps = [
        Step(1, "", collect.span, by_day, PARIS, collect.gap),
        Step(2, "", work.span, by_day=False, zone=PARIS, gap=work.gap),
    ]
    assert clashes(steps) == []
    too_soon = replace(steps[1], span=span(14, 1, 9))
    assert len(clashes([steps[0], too_soon])) == 1


def test_nobody_is_there_to_load_at_night():
    all_night = free(replace(V1, price=Rates()), span(14, 20, 31), span(15, 8, 24))
    until = replace(
        WANTED,
        until_at=span(15, 8, 18).end,
        from_at=span(14, 19, 20).start,
        processed=False,
        to=KITCHEN,
        stored=False,
    )
    [plan] = search(World((all_night,)), until).plans
    assert plan.legs[0].span.start == span(15, 8, 9).start
    late = replace(until, hours=(5 * HOUR, 22 * HOUR))
    assert search(World((all_night,)), late).plans[0].legs[0].span.start == span(14, 20, 21).start
    only_at_night = replace(until, from_at=span(14, 21, 22).start, until_at=span(14, 21, 30).end)
    assert search(World((all_night,)), only_at_night).plans


# From three in the morning on, or from eight: the van that carries it on, into a kitchen that is free from five on.
NIGHT, MORNING = span(16, 3, 4), span(16, 8, 9)
CARRYING = free(V2, NIGHT, MORNING)
EARLY_KITCHEN = free(replace(kitchen(), throughput=800 * KILO), span(16, 5, 7), span(16, 9, 12))


@pytest.mark.parametrize(
    ("kept", "hours", "carried"),
    [
        (replace(STORE, is_always_open=True), DAYTIME, MORNING),
        (replace(STORE, is_always_open=True), (3 * HOUR, 20 * HOUR), NIGHT),
        (replace(STORE, is_always_open=True), (0, DAY), NIGHT),
        (replace(STORE, doors=(span(16, 0, 12).epochs, span(14, 0, 24).epochs)[::-1]), DAYTIME, NIGHT),
        (replace(STORE, doors=(span(14, 7, 19).epochs, span(16, 7, 19).epochs)), DAYTIME, MORNING),
    ],
)
def test_it_is_carried_on_by_day_unless_somebody_says_otherwise(kept, hours, carried):
    """What has hours of its own is fetched from in these; what is had at any hour, when somebody is there to load."""
    wanted = replace(WANTED, hours=hours)
    assert carried_at(World((MONDAY_VAN, kept, CARRYING, EARLY_KITCHEN)), wanted) == carried


@pytest.mark.parametrize(("is_always_open", "carried"), [(True, MORNING), (False, NIGHT)])
def test_a_kitchen_at_any_hour_is_brought_to_by_day_one_with_hours_before_it_opens(is_always_open, carried):
    cooking = replace(EARLY_KITCHEN, is_always_open=is_always_open)
    assert carried_at(World((MONDAY_VAN, STORE, CARRYING, cooking)), WANTED) == carried


def carried_at(everything, wanted):
    """Give when it is carried on, in the plan that is ready first."""
    plans = search(everything, wanted).plans
    soonest = min(plans, key=lambda plan: plan.ready_at)
    return next(leg.span for leg in soonest.legs if leg.role is Role.CARRY)


def test_it_is_handed_over_by_day_or_as_late_as_that_was_said():
    brought = replace(WANTED, processed=False, to=KITCHEN, stored=True, by=span(16, 8, 12).end)
    assert carried_at(World((MONDAY_VAN, STORE, CARRYING)), brought) == MORNING
    evening = span(16, 21, 22)
    late = World((MONDAY_VAN, STORE, free(V2, NIGHT, evening)))
    assert search(late, replace(brought, by=span(17, 8, 12).end)).plans == ()
    assert carried_at(late, replace(brought, by=evening.end)) == evening


def test_one_vehicle_has_its_time_between_two_tours():
    both = free(replace(V1, around=HOUR), span(14, 12, 20))
    until = replace(WANTED, by=span(14, 12, 23).end, processed=False, to=KITCHEN, stored=True)
    [plan] = search(World((both, STORE)), until).plans
    collect, _stored, carry = plan.legs
    assert carry.span.start - collect.span.end >= span(14, 0, 1).end - span(14, 0, 1).start
