"""Changing what resources are made of while something is proposed instead of a request: the greater of the two counts."""

import pytest
from sqlalchemy import func, select

from app.availability.errors import PartsTaken
from app.availability.models import Claim
from app.bookings import service
from app.bookings.service import Offer
from app.catalogue import service as catalogue
from app.infra.db import db
from tests.factories import a_resource, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

LATER = span("2026-10-06 10:00", "2026-10-06 13:00")  # overlaps what is asked for


def peak_of(resource, slot):
    """Count the units of a resource that are taken at the fullest moment of a slot."""
    start, end = slot.epochs
    rows = db.session.execute(
        select(Claim.start_at, Claim.end_at, Claim.qty).where(
            Claim.resource_id == resource.id, Claim.start_at < end, Claim.end_at > start
        )
    ).all()
    return max((sum(r.qty for r in rows if r.start_at <= at.start_at < r.end_at) for at in rows), default=0)


@pytest.fixture
def oven(shared):
    return a_resource(shared.site, name="Four", buffer_before=30, buffer_after=30)


def test_a_part_counts_once_where_request_and_proposal_overlap(shared, oven):
    booking = shared.ask()
    service.propose(booking.id, shared.manager, Offer(shared.kitchen.id, LATER, 1))
    assert catalogue.compose(shared.manager, shared.kitchen, {oven.public_id: 1})
    assert peak_of(oven, span("2026-10-06 08:00", "2026-10-06 14:00")) == 1
    first, last = db.session.execute(
        select(func.min(Claim.start_at), func.max(Claim.end_at)).where(Claim.resource_id == oven.id)
    ).one()
    assert (first, last) == span("2026-10-06 08:30", "2026-10-06 13:30").epochs


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_kits_of_one_pool_take_the_greater_of_the_two_whichever_is_composed_first(shared, order):
    boards = a_resource(shared.site, name="Planches", mode="quantity", capacity=4, unit="piece")
    kits = [shared.kitchen, a_resource(shared.site, name="Malle")]
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, Offer(kits[1].id, shared.slot, 1))
    needs = [3, 4]
    for number in order:
        assert catalogue.compose(shared.manager, kits[number], {boards.public_id: needs[number]})
    assert peak_of(boards, shared.slot) == 4
    catalogue.compose(shared.manager, kits[1], {})
    assert peak_of(boards, shared.slot) == 3
    catalogue.compose(shared.manager, kits[1], {boards.public_id: 4})
    service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert peak_of(boards, shared.slot) == 4
    assert {claim.hold_id for claim in db.session.scalars(select(Claim))} == {booking.hold_id}


def test_what_others_have_of_the_part_still_refuses_it(shared, oven):
    booking = shared.ask()
    service.propose(booking.id, shared.manager, Offer(shared.kitchen.id, LATER, 1))
    others = service.Request(
        oven.id, shared.association.id, span("2026-10-06 14:00", "2026-10-06 16:00"), 1, "Pain"
    )
    service.ask(others, shared.member, uid_host="mutualim.test")
    assert catalogue.compose(shared.manager, shared.kitchen, {oven.public_id: 1})
    catalogue.compose(shared.manager, shared.kitchen, {})
    service.change(booking.id, shared.member, span("2026-10-06 11:00", "2026-10-06 13:30"), 1)
    with pytest.raises(PartsTaken):
        catalogue.compose(shared.manager, shared.kitchen, {oven.public_id: 1})
