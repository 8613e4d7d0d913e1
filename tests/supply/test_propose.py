"""What is proposed of what there is in the database: read, priced, searched, and held against what a request is."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from app.availability.allotting import Allotment, allot
from app.availability.queries import Wish, verdict
from app.availability.schedules import set_resource_hours
from app.availability.service import take
from app.bookings.order import Step, clashes
from app.bookings.service import BundleRequest, Leg, ask_bundle
from app.catalogue.models import OpeningMode, Resource, Visibility
from app.catalogue.rules import KM_PRICE
from app.core.policy import Actor
from app.core.span import Span
from app.infra.uow import atomic
from app.payments.service import switch_money
from app.payments.tariffs.estimating import estimate
from app.payments.tariffs.measures import Stay, Use
from app.payments.tariffs.tariff import Meter, PeakHours, Tier, When
from app.payments.tariffs.tariff import TariffLine as Line
from app.supply.cargo import KILO, Regime
from app.supply.chains.candidates import propose
from app.supply.chains.plan_costs import places_of, prices_of_plans
from app.supply.chains.planning.plan import Role
from app.supply.chains.planning.search import counted
from app.supply.chains.planning.world import Place, Reason, Rejected, Task
from app.supply.chains.prices import TariffPrice
from tests.bookings.money import tariff
from tests.factories import PARIS, a_resource, at, made_of, span
from tests.helpers import count_queries
from tests.supply.land import COURGETTES, WANTED, Land, free_as_in_s12, free_only


@pytest.fixture
def land(session, frozen):
    frozen.move_to(at("2026-09-10 09:00"))
    return Land()


def with_facts(resource: Resource, **facts: Any) -> None:
    with atomic():
        resource.facts = resource.facts | facts


@pytest.mark.scenario(number="S12")
@pytest.mark.scenario(number="S13")
def test_the_courgettes_find_their_vans_cold_room_and_kitchen(land):
    free_as_in_s12(land)
    best = land.propose(WANTED).plans[0]
    assert [(leg.role, leg.resource_id, leg.span, leg.quantity) for leg in best.legs] == [
        (Role.COLLECT, land.v1.id, span("2026-09-14 13:00", "2026-09-14 15:00"), 1),
        (Role.STORE, land.s5.id, span("2026-09-14 00:00", "2026-09-17 00:00"), 2),
        (Role.CARRY, land.v2.id, span("2026-09-16 06:00", "2026-09-16 07:00"), 1),
        (Role.PROCESS, land.k1.id, span("2026-09-16 08:00", "2026-09-16 16:00"), 1),
    ]
    assert best.cents == pytest.approx(15_240, abs=2)  # 42 and 20 km, to a metre
    assert best.ready_at == at("2026-09-16 16:00")


def test_what_is_proposed_is_asked_for_as_it_stands_and_then_others_follow(land):
    asked = set()
    for _ in range(3):
        plan = land.propose(WANTED).plans[0]
        legs = tuple(Leg(leg.resource_id, leg.span, leg.quantity) for leg in plan.legs)
        assert legs not in asked
        asked.add(legs)
        request = BundleRequest(land.association.id, legs, "Soupes", in_order=True, handover_at=WANTED.by)
        bundle = ask_bundle(request, land.asker, uid_host="mutualim.test")
        assert [booking.decision for booking in bundle.legs] == ["pending"] * len(legs)


def test_only_the_start_of_a_stay_is_bound_by_a_horizon(land):
    free_as_in_s12(land)
    with atomic():
        land.s5.horizon_days = 5  # now is 10 September, nine o'clock
    stay = span("2026-09-14 00:00", "2026-09-17 00:00")
    assert verdict(Wish(land.s5.id, stay, 2, land.whom)) == ()
    assert stay in [leg.span for leg in land.propose(WANTED).plans[0].legs]
    with atomic():
        land.s5.horizon_days = 3
    assert verdict(Wish(land.s5.id, stay, 2, land.whom)) != ()
    assert land.propose(WANTED).plans == ()


@pytest.mark.parametrize("step", [120, 240])
def test_long_steps_are_counted_on_the_wall_clock_when_it_changes(land, frozen, step):
    frozen.move_to(at("2026-10-20 09:00"))
    with atomic():
        land.v2.status = "out_of_order"
        land.v1.opening_mode, land.v1.step_minutes = OpeningMode.ALWAYS, step
        land.v1.min_minutes = step
    take([Wish(land.v1.id, span("2026-10-24 00:00", "2026-10-25 00:00"))], override=True)
    since, until, by = at("2026-10-24 08:00"), at("2026-10-25 18:00"), at("2026-10-26 12:00")
    brought = replace(WANTED, from_at=since, until_at=until, by=by, processed=False, stored=None)
    plans = land.propose(replace(brought, to=Place(47.40, -1.52))).plans
    assert plans
    assert all(leg.span.start.astimezone(PARIS).hour % (step // 60) == 0 for leg in plans[0].legs)


def test_a_day_on_which_a_place_says_no_is_left_out_and_not_the_place(land, monkeypatch):
    def no_on_monday(wishes):
        return [("no",) if wish.span.start < at("2026-09-15 00:00") else () for wish in wishes]

    monkeypatch.setattr("app.supply.chains.candidates.verdicts_each", no_on_monday)
    brought = replace(WANTED, processed=False, stored=None, to=Place(47.40, -1.52), by=None)
    plans = land.propose(replace(brought, until_at=at("2026-09-15 18:00"))).plans
    assert plans
    assert all(leg.span.start >= at("2026-09-15 00:00") for plan in plans for leg in plan.legs)
    assert land.propose(brought).plans == ()


@pytest.mark.scenario(number="S12")
def test_a_kitchen_that_is_free_only_before_they_arrive_is_refused(land):
    free_only(land.k1, span("2026-09-14 08:00", "2026-09-14 16:00"))
    found = land.propose(WANTED)
    assert found.plans == ()
    assert Rejected(land.k1.id, Task.PROCESS, Reason.BEFORE_ARRIVAL) in found.rejected


def test_whatever_is_proposed_could_be_asked_for(land):
    made_of(land.k1, land.v2)  # a kitchen that takes the van with it
    with atomic():
        land.k1.buffer_after, land.v1.buffer_after, land.v1.min_notice_minutes = 45, 30, 3 * 1440
    take([Wish(land.k1.id, span("2026-09-15 10:00", "2026-09-15 12:00"))])
    for stored in (None, True, False):
        found = land.propose(replace(WANTED, stored=stored, until_at=at("2026-09-16 09:00")), most=6)
        assert found.plans
        for plan in found.plans:
            for leg in plan.legs:
                assert verdict(Wish(leg.resource_id, leg.span, leg.quantity, land.whom)) == ()
            steps = [
                Step(n, "", leg.span, leg.role is Role.STORE, PARIS, leg.gap)
                for n, leg in enumerate(plan.legs)
            ]
            assert clashes(steps, WANTED.by) == []


def test_what_is_not_fit_is_told_with_its_reason(land):
    with_facts(land.v2, payload=5)
    with_facts(land.s5, regime="frozen")
    found = land.propose(WANTED)
    assert found.plans == ()
    assert set(found.rejected) >= {
        Rejected(land.v2.id, Task.DRIVE, Reason.TOO_SMALL),
        Rejected(land.s5.id, Task.STORE, Reason.OTHER_REGIME),
    }


def test_a_certificate_that_is_over_keeps_nothing_frozen(land):
    frozen = replace(COURGETTES, regime=Regime.FROZEN)
    frozen_goods = replace(WANTED, cargo=frozen, processed=False, stored=None, to=Place(47.40, -1.52))
    assert land.propose(frozen_goods).plans
    with_facts(land.v1, atp_expiry="2026-09-13")
    found = land.propose(frozen_goods)
    assert counted(found.rejected)[Task.DRIVE, Reason.NOT_COLD_ENOUGH] == 2


def test_a_certificate_that_ends_on_the_way_keeps_nothing_frozen_after_that(land):
    frozen = replace(COURGETTES, regime=Regime.FROZEN)
    brought = replace(WANTED, cargo=frozen, processed=False, stored=None, to=Place(47.40, -1.52))
    with_facts(land.v1, atp_expiry="2026-09-14")
    found = land.propose(brought)
    assert found.plans
    assert all(leg.span.end <= at("2026-09-15 00:00") for plan in found.plans for leg in plan.legs)
    later = replace(brought, from_at=at("2026-09-14 12:00"), until_at=at("2026-09-16 12:00"))
    free_only(land.v1, span("2026-09-15 06:00", "2026-09-16 12:00"))
    found = land.propose(later)
    assert found.plans == ()
    assert Rejected(land.v1.id, Task.DRIVE, Reason.NOT_FREE) in found.rejected
    with_facts(land.v1, atp_expiry="2026-09-16")
    assert land.propose(later).plans


def test_what_follows_a_van_lent_by_the_day_is_asked_for_with_its_tour_before_it(land):
    with atomic():
        land.v2.status = "out_of_order"
        land.v1.step_minutes = land.v1.min_minutes = land.v1.max_minutes = 1440
    with_facts(land.k1, throughput=400)
    plan = land.propose(replace(WANTED, stored=False)).plans[0]
    gap = plan.legs[1].gap
    legs = tuple(
        Leg(leg.resource_id, leg.span, leg.quantity, gap_minutes=-(-leg.gap // timedelta(minutes=1)))
        for leg in plan.legs
    )
    request = BundleRequest(land.association.id, legs, "Soupes", in_order=True, handover_at=WANTED.by)
    bundle = ask_bundle(request, land.asker, uid_host="mutualim.test")
    assert gap > timedelta(hours=1)
    assert [booking.leg_gap_minutes for booking in bundle.legs] == [0, -(-gap // timedelta(minutes=1))]


def test_nothing_is_proposed_that_one_may_not_see_or_that_is_broken(land):
    with atomic():
        land.v1.visibility, land.v2.status = Visibility.HIDDEN, "out_of_order"
    found = land.propose(replace(WANTED, stored=False))
    assert found.plans == ()
    known = {each.resource_id for each in found.rejected}
    assert land.k1.id in known
    assert known.isdisjoint({land.v1.id, land.v2.id})


def test_what_is_kept_for_others_is_not_proposed(land):
    allot(Actor(is_platform_admin=True), land.s5, Allotment({land.owner.public_id: 23}))
    found = land.propose(WANTED)
    assert Rejected(land.s5.id, Task.STORE, Reason.NOT_FREE) in found.rejected


def test_without_prices_the_way_and_the_wait_decide(land):
    switch_money(land.coordinator, land.territory.id, is_on=False)
    with atomic():
        for each in (land.v1, land.v2, land.s5, land.k1):
            each.price_cents, each.facts = (
                0,
                {name: fact for name, fact in each.facts.items() if name != KM_PRICE},
            )
    plans = land.propose(WANTED, most=5).plans
    assert [plan.cents for plan in plans] == [0] * len(plans)
    assert [plan.metres for plan in plans] == sorted(plan.metres for plan in plans)


@pytest.mark.parametrize(
    ("per", "cents", "added"),
    [
        ("day", 8000, 8000),  # begun on one day
        ("hour", 100, 200),
        ("use", 700, 700),
        ("week", 3000, 3000),  # it counts once
        ("half_day", 900, 900),
    ],
)
def test_a_price_that_is_only_shown_counts_as_it_will_be_paid(land, per, cents, added):
    whole = replace(WANTED, processed=False, stored=None, to=Place(47.40, -1.52))
    bare = a_resource(
        land.depot, name="Vieux camion", kind="vehicle", step_minutes=60, min_minutes=120, buffer_after=0,
        facts={"payload": 900}, price_cents=cents, price_per=per,
    )  # fmt: skip
    with atomic():
        land.v1.status = land.v2.status = "out_of_order"
    [plan] = land.propose(whole, most=1).plans
    assert [leg.resource_id for leg in plan.legs] == [bare.id]
    assert plan.cents == added
    places = places_of([plan])
    [prices] = prices_of_plans([plan], COURGETTES, land.association, places)
    assert (prices.reckoned.all, prices.all) == (None, prices.aside)
    assert [each and each.cents for each in prices.shown] == [added]


def test_what_is_paid_between_the_two_does_not_make_a_chain_the_cheapest(land):
    free_as_in_s12(land)
    dear = a_resource(
        land.town, name="Conserverie", kind="kitchen", buffer_after=0, hours="Mo-Sa 07:00-22:00; PH off",
        facts={"throughput": 200}, price_cents=16_000, price_per="day",
    )  # fmt: skip
    plans = land.propose(WANTED).plans
    assert dear.id in {leg.resource_id for plan in plans for leg in plan.legs}
    assert dear.id not in {leg.resource_id for leg in plans[0].legs}
    prices = prices_of_plans(plans, COURGETTES, land.association, places_of(plans))
    assert [each.all and each.all.cents for each in prices] == [plan.cents for plan in plans]
    assert plans[0].cents == min(plan.cents for plan in plans)
    with atomic():
        dear.site.owner = land.association
    assert dear.id in {leg.resource_id for leg in land.propose(WANTED).plans[0].legs}, "their own is free"


def test_ones_own_costs_nothing(land):
    best = propose(WANTED, land.owner, Actor(is_platform_admin=True)).plans[0]
    assert best.cents == 0


def test_a_surplus_is_brought_to_a_place_or_into_store(land):
    brought = land.propose(replace(WANTED, processed=False, stored=None, to=Place(47.40, -1.52)))
    assert [leg.role for leg in brought.plans[0].legs] == [Role.COLLECT]
    kept = land.propose(replace(WANTED, processed=False)).plans[0]
    assert [(leg.role, leg.quantity) for leg in kept.legs] == [(Role.COLLECT, 1), (Role.STORE, 2)]
    assert kept.legs[1].span.end == at("2026-09-18 00:00")


def test_a_cargo_bike_goes_slowly_and_not_far(land):
    near = replace(
        WANTED,
        cargo=COURGETTES.of(40 * KILO),
        place=Place(47.45, -1.5),
        processed=False,
        to=Place(47.44, -1.51),
    )
    near = replace(near, stored=None)
    bike = land.van(land.depot, "", subtype="cargo_bike")
    with atomic():
        land.v1.status = land.v2.status = "out_of_order"
    [plan] = land.propose(near).plans
    assert (plan.legs[0].resource_id, plan.legs[0].span.minutes) == (bike.id, 60)
    assert land.propose(replace(near, to=Place(47.40, -1.5))).plans[0].legs[0].span.minutes == 120
    with_facts(bike, range=10)
    assert land.propose(replace(near, to=Place(47.40, -1.5))).plans == ()


def test_as_few_statements_for_many_as_for_few(land):
    def counted_once() -> int:
        whose, actor = land.association, land.asker
        assert whose.territory_id
        with count_queries() as sent:
            assert propose(WANTED, whose, actor, most=1).plans
        return len(sent)

    few = counted_once()
    for _ in range(8):
        land.van(land.depot, "FRC")
        a_resource(land.town, facts={"throughput": 100})
    assert counted_once() == few <= 8


# -- prices -------------------------------------------------------------------------------------------------

TARIFFS = [
    tariff((Meter.HOUR, 1200)),
    tariff((Meter.HOUR, 500), (Meter.KM, 60), (Meter.USE, 250)),
    tariff((Meter.PALLET_DAY, 120), coefficients_bp={"P2": 5_000}),
    tariff((Meter.HALF_DAY, 3_000), (Meter.STARTED_DAY, 700)),
    tariff(
        lines=(Line(Meter.HOUR, 1200, when=When.PEAK), Line(Meter.HOUR, 800, when=When.OFF_PEAK)),
        peaks=(PeakHours(8 * 60, 18 * 60),),
    ),
    tariff(
        lines=(
            Line(Meter.KM, 60, included_milli=20_000),
            Line(Meter.HOUR, 333, step_milli=500, minimum_milli=2_000),
        )
    ),
    tariff(lines=(Line(Meter.KM, 60, tiers=(Tier(30_000, 40),)), Line(Meter.KG, 3))),
]


@pytest.mark.parametrize("number", range(len(TARIFFS)))
def test_no_price_is_under_its_floor_and_it_is_what_is_estimated(number):
    given = TARIFFS[number]
    price = TariffPrice(given, PARIS, "P2", grams=400 * KILO)
    for hours, metres, begins in product((1, 3, 7, 26, 72), (0, 12_345, 61_000), ("00:00", "06:30", "17:00")):
        stay = Span(at(f"2026-09-14 {begins}"), at(f"2026-09-14 {begins}") + timedelta(hours=hours))
        for quantity in (1, 3):
            cents = price.cents(*stay.epochs, quantity, metres)
            use = Use(Stay(stay, PARIS), quantity, km_milli=metres, kg_milli=400 * KILO)
            assert cents == estimate(given, [use], "P2").cents
            assert price.floor(stay.seconds, quantity, metres) <= cents


def test_a_cold_room_at_any_hour_is_fetched_from_by_day_and_one_that_is_open_at_night_at_night(land):
    free_only(land.v1, span("2026-09-14 13:00", "2026-09-14 15:00"))
    with atomic():
        land.v1.opening_mode = land.v2.opening_mode = land.s5.opening_mode = OpeningMode.ALWAYS
        for resource in (land.k1, land.s5):
            set_resource_hours(resource.id, "24/7")
    free_only(land.k1, span("2026-09-16 05:00", "2026-09-16 20:00"))
    assert _carried(land).start == at("2026-09-16 07:00")
    with atomic():
        land.s5.opening_mode = OpeningMode.ENDPOINTS
    assert _carried(land).start < at("2026-09-16 05:00")


def _carried(land):
    plans = land.propose(WANTED).plans
    soonest = min(plans, key=lambda plan: plan.ready_at)
    return next(leg.span for leg in soonest.legs if leg.role is Role.CARRY)


def test_a_van_that_is_lent_for_two_days_is_proposed_as_it_may_be_asked_for(land):
    with atomic():
        land.v2.status = "out_of_order"
        land.v1.step_minutes, land.v1.min_minutes, land.v1.max_minutes = 1440, 2880, 14400
    with_facts(land.k1, throughput=400)
    plan = land.propose(replace(WANTED, stored=False)).plans[0]
    assert plan.legs[0].span == span("2026-09-13 00:00", "2026-09-15 00:00")
    legs = tuple(
        Leg(leg.resource_id, leg.span, leg.quantity, gap_minutes=-(-leg.gap // timedelta(minutes=1)))
        for leg in plan.legs
    )
    request = BundleRequest(land.association.id, legs, "Soupes", in_order=True, handover_at=WANTED.by)
    assert ask_bundle(request, land.asker, uid_host="mutualim.test").legs
