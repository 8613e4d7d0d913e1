"""Sixteen want parts of one offer at the same moment, while it is made smaller, withdrawn or given back: never more than there is."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.errors import DomainError
from app.infra.db import db
from app.payments.models import Charge, CostPlan, Due
from app.supply.cargo import KILO
from app.supply.offers import queries, service
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.rules import LIVE, ClaimState, State
from tests.races.test_costs import NOW, in_processes
from tests.supply.offers.test_goods import Market
from tests.supply.offers.world import Farm, an_offer, weighing

WRITERS = 16


@pytest.fixture
def scene(fresh_database):
    """An offer of 400 kg, and who is who."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        farm = Farm()
        offer = farm.post()
        ids = offer.id, farm.ours.id, farm.others.id
        db.session.commit()
    return (*ids, farm.farmer, farm.member, farm.other)


def taken() -> int:
    rows = select(func.coalesce(func.sum(SurplusClaim.grams), 0)).where(SurplusClaim.state.in_(LIVE))
    return int(db.session.scalar(rows) or 0)


@pytest.mark.race
def test_sixteen_take_parts_and_never_more_than_there_is(fresh_database, scene):
    offer_id, ours, others, _farmer, member, other = scene

    def work(which: int) -> None:
        who, organisation = ((member, ours), (other, others))[which % 2]
        with clock.stopped(NOW):
            for _again in range(3):
                try:
                    service.take(who, offer_id, service.Part(organisation, 30 * KILO))
                except DomainError as refused:
                    assert refused.code == "too_little_left"  # in a process of its own

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert taken() == 390 * KILO  # thirteen times thirty; forty-eight were asked for
        assert queries.left_of(db.session.get_one(SurplusOffer, offer_id)) == 10 * KILO


@pytest.mark.race
def test_parts_come_and_go_while_the_offer_shrinks_and_grows(fresh_database, scene):
    offer_id, ours, others, farmer, member, other = scene

    def work(which: int) -> None:
        who, organisation = ((member, ours), (other, others))[which % 2]
        with clock.stopped(NOW):
            for turn in range(4):
                try:
                    if which % 4 == 3:
                        service.change(farmer, offer_id, an_offer(cargo=weighing(200 + 50 * (turn % 3))))
                        continue
                    claim = service.take(who, offer_id, service.Part(organisation, 35 * KILO))
                    if turn % 2:
                        service.give_back(who, claim.id)
                except DomainError as refused:
                    assert refused.code in ("too_little_left", "less_than_taken")

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert 0 < taken() <= db.session.get_one(SurplusOffer, offer_id).grams


@pytest.mark.race
def test_nobody_keeps_a_part_of_what_is_withdrawn(fresh_database, scene):
    offer_id, ours, _others, farmer, member, _other = scene

    def work(which: int) -> None:
        with clock.stopped(NOW):
            try:
                if which == WRITERS // 2:
                    service.withdraw(farmer, offer_id, "En panne")
                else:
                    service.take(member, offer_id, service.Part(ours, 10 * KILO, key=f"part-{which // 2}"))
            except DomainError as refused:
                assert refused.code == "offer_ended"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert db.session.get_one(SurplusOffer, offer_id).state == State.WITHDRAWN
        states = Counter(db.session.scalars(select(SurplusClaim.state)))
        assert set(states) <= {ClaimState.CANCELLED}
        keys = db.session.scalars(select(SurplusClaim.idempotency_key)).all()
        assert len(keys) == len(set(keys))


@pytest.mark.race
def test_a_part_that_is_sold_is_charged_once_or_was_not_collected(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(NOW):
        market = Market()
        claims = [market.collected(kilos=20).id for _n in range(4)]
        farmer = market.farmer
        db.session.commit()
    later = NOW + timedelta(hours=1)

    def work(which: int) -> None:
        with clock.stopped(later):
            if which % 4 == 3:
                for claim_id in claims[: which // 4]:
                    try:
                        service.uncollect(farmer, claim_id)
                    except DomainError as refused:
                        assert refused.code in ("part_charged", "illegal_move")
            else:
                service.charge_due()

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        states = Counter(db.session.scalars(select(SurplusClaim.state)))
        charged = db.session.scalar(select(func.count()).select_from(Charge))
        assert states[ClaimState.COLLECTED] == charged, states
        assert set(db.session.scalars(select(Due.cents))) <= {1_600}
        closed = CostPlan.closed_at.is_not(None)
        assert db.session.scalar(select(func.count()).select_from(CostPlan).where(closed)) == charged
