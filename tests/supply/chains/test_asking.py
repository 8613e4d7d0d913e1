"""Asking for a chain: its legs and what it carries together or not at all; what replaces a leg takes its role over."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.bookings import service as bookings
from app.bookings.errors import KeyReused, LegsRefused, LegTooSoon
from app.bookings.models import Booking, Bundle
from app.bookings.service import Leg
from app.core.policy import Actor
from app.infra.db import db
from app.supply.chains.errors import ProductMissing
from app.supply.chains.models import Chain, ChainStep
from app.supply.chains.queries import chains_for
from tests.bookings.test_bundles import HOST, claims, ends, of, state
from tests.bookings.test_order import LEAVES, THURSDAY_14
from tests.factories import a_person, a_resource, span
from tests.supply.chains.valley import COURGETTES, Valley


@pytest.fixture
def valley(session, frozen):
    return Valley()


def number_of(*models):
    return [db.session.scalar(select(func.count()).select_from(model)) for model in models]


@pytest.mark.scenario(number="S12")
def test_s12_a_chain_is_held_as_one_and_each_place_answers_for_its_leg(valley, frozen):
    with pytest.raises(LegTooSoon) as refused:  # the kitchen before the courgettes have arrived
        valley.ask_for(valley.plan(span("2026-09-14 08:00", "2026-09-14 16:00")))
    assert refused.value.facts["before"] == "Fourgon isotherme"
    assert refused.value.facts["not_before"] == LEAVES[0].end + timedelta(minutes=40)
    assert number_of(Chain, ChainStep, Bundle, Booking) == [0, 0, 0, 0]
    assert claims() == 0

    chain = valley.ask_for()
    bundle = chain.bundle
    assert (claims(), ends(bundle), bundle.handover_at) == (4, {48}, THURSDAY_14)
    assert (chain.cargo, chain.product, chain.from_place) == (COURGETTES, "courgettes", "Nozay")
    assert (chain.cargo.packages, chain.cargo.pallets) == (34, 2)
    assert [(step.leg_number, step.role, step.metres) for step in chain.steps] == [
        (1, "collect", 42_000),
        (2, "store", 0),
        (3, "carry", 20_000),
        (4, "process", 0),
    ]
    assert [leg.leg_gap_minutes for leg in of(bundle)] == [0, 0, 0, 40]

    bookings.refuse(of(bundle)[3].id, valley.manager, "Pris par la cantine")
    frozen.tick(hours=24)
    assert (state(bundle), claims(), ends(bundle)) == ("to_fix", 3, {24})
    other = a_resource(valley.site, name="Cuisine du bas", facts={"throughput": 50})
    with pytest.raises(LegTooSoon):  # the drive is as long to what replaces it
        early = span("2026-09-16 07:30", "2026-09-16 15:30")
        bookings.replace_leg(of(bundle)[3].id, Leg(other.id, early), valley.member, **HOST)
    cooked = span("2026-09-16 09:00", "2026-09-16 17:00")
    made = bookings.replace_leg(of(bundle)[3].id, Leg(other.id, cooked), valley.member, **HOST)
    assert (made.leg_number, made.leg_gap_minutes) == (4, 40)

    for manager in (valley.driver, valley.manager):
        bookings.approve_legs(bundle.id, manager)
    kept = [leg for leg in of(bundle) if leg.leg_number]
    assert [leg.decision for leg in kept] == ["approved"] * 4
    assert {leg.bundle_id for leg in kept} == {chain.bundle_id}
    assert len({leg.uid for leg in kept}) == 4
    assert state(bundle) == "accepted"


def test_the_others_stay_held_until_all_that_waits_ends(valley, frozen):
    bundle = valley.ask_for().bundle
    bookings.refuse(of(bundle)[3].id, valley.manager, "Pris par la cantine")
    frozen.move_to(of(bundle)[0].expires_at - timedelta(minutes=1))
    bookings.expire_due()
    assert (state(bundle), claims()) == ("to_fix", 3)
    frozen.tick(minutes=1)
    bookings.expire_due()
    assert (state(bundle), claims()) == ("to_fix", 0)


def test_one_place_that_is_taken_leaves_nothing_behind(valley):
    cooked = span("2026-09-16 09:00", "2026-09-16 17:00")
    taken = bookings.Request(valley.kitchen.id, valley.association.id, cooked, purpose="Soupes", quantity=1)
    bookings.ask(taken, valley.member, **HOST)
    with pytest.raises(LegsRefused) as refused:
        valley.ask_for()
    assert set(refused.value.refusals) == {3}
    assert number_of(Chain, ChainStep, Bundle) == [0, 0, 0]
    assert claims() == 1


def test_it_says_what_it_carries(valley):
    with pytest.raises(ProductMissing):
        valley.ask_for(product="  ")
    assert number_of(Chain, Bundle) == [0, 0]


def test_the_same_send_counts_once(valley):
    chain = valley.ask_for(key="k")
    assert valley.ask_for(key="k").id == chain.id
    assert number_of(Chain, ChainStep, Bundle) == [1, 4, 1]
    with pytest.raises(KeyReused):
        valley.ask_for(key="k", product="tomates")
    with pytest.raises(KeyReused):
        valley.ask_for(key="k", legs=valley.plan(gap=timedelta(minutes=10)))
    with pytest.raises(KeyReused):  # nor does a request that carries nothing become one
        valley.ask_chain(key="k", purpose="400 kg de courgettes")


def test_who_has_to_do_with_a_chain_finds_it(valley):
    chain = valley.ask_for()
    valley.bundle()  # a request that carries nothing
    coordination = Actor(person_id=1, coordinated=frozenset({valley.territory.id}))
    for actor in (valley.member, valley.manager, valley.driver, coordination):
        assert [each.id for each in chains_for(actor)] == [chain.id]
    assert list(chains_for(Actor(person_id=a_person().id))) == []
