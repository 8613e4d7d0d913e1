"""Sixteen order at the same moment, and the deadline passes meanwhile: never over the maximum, nothing after the end."""

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.bookings.models import Booking
from app.bookings.rules import CANCELLED
from app.core import clock
from app.core.errors import DomainError
from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.purchases import queries, service
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import LIVE, OrderState, State
from tests.factories import a_member, an_organisation
from tests.races.test_costs import NOW, in_processes
from tests.supply.purchases.world import SHORT, Market, later

WRITERS = 16


@pytest.fixture
def scene(fresh_database):
    """A purchase of 240 kg at least and 300 at most with a place to pack, and sixteen organisations."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        market = Market()
        purchase = market.open(most_grams=300 * KILO, later=later(packing=market.book().ref))
        buyers = []
        for number in range(WRITERS):
            organisation = an_organisation(market.territory, name=f"Structure {number}")
            buyers.append((load_actor(a_member(organisation).id), organisation.id))
        ids = purchase.id, purchase.deadline_at
        db.session.commit()
    return (*ids, market.member, buyers)


@pytest.mark.race
def test_sixteen_order_and_never_more_than_the_maximum(fresh_database, scene):
    purchase_id, _deadline, _organiser, buyers = scene

    def work(which: int) -> None:
        actor, organisation_id = buyers[which]
        with clock.stopped(NOW):
            for kilos in (24, 36, 12 + 12 * (which % 3)):
                try:
                    service.order(actor, purchase_id, service.Wanted(organisation_id, kilos * KILO))
                except DomainError as refused:
                    assert refused.code == "too_much_ordered"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert 0 < queries.ordered_of([purchase_id])[purchase_id] <= 300 * KILO


@pytest.mark.race
def test_the_deadline_decides_once_and_nothing_is_ordered_after_it(fresh_database, scene):
    purchase_id, deadline, organiser, buyers = scene

    def work(which: int) -> None:
        actor, organisation_id = buyers[which]
        is_late = which % 4 == 3  # for some it is past the deadline already
        with clock.stopped(deadline if is_late else NOW):
            try:
                if is_late:
                    service.close_due(SHORT)
                elif which == 0:
                    service.cancel(organiser, purchase_id, "Fermé")
                else:
                    service.order(actor, purchase_id, service.Wanted(organisation_id, 12 * KILO))
            except DomainError as refused:
                assert refused.code == "purchase_closed"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert db.session.get_one(GroupPurchase, purchase_id).state == State.CANCELLED  # 144 kg at most
        states = set(db.session.scalars(select(PurchaseOrder.state)))
        assert states <= {OrderState.ENDED}
        assert not states & set(LIVE)
        assert db.session.scalars(select(Booking.decision)).all() == [CANCELLED]
