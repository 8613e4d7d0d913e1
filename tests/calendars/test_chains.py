"""A leg of a chain is an ordinary event that says which chain it is of, to those who may know of the booking."""

import pytest

from app.calendars.queries import feeds
from tests.bookings.test_bundles import of
from tests.supply.chains.valley import Valley


@pytest.fixture
def valley(session, frozen):
    return Valley()


def test_legs_of_a_chain_share_its_reference(valley):
    chain, loose = valley.ask_for(), valley.bundle()
    stays = feeds.stays([leg.id for leg in (*of(chain.bundle), *of(loose))])
    told = {stay.ref: stay.chain for stay in stays.values()}
    assert told == {leg.ref: chain.bundle.ref for leg in of(chain.bundle)} | {
        leg.ref: "" for leg in of(loose)
    }
