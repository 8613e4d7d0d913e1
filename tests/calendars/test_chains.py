"""A leg of a chain is an ordinary event that says which chain it is of, to those who may know of the booking."""

import pytest

from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.calendars import queries, service
from app.calendars.audiences import Scope
from app.calendars.policy import best_audience
from app.calendars.queries import feeds
from app.core.errors import NotFound
from tests.bookings.test_bundles import of
from tests.factories import a_coordinator, a_member
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


def test_a_chain_has_a_calendar_of_its_own_for_who_asked_and_the_coordination(valley, client):
    chain, loose = valley.ask_for(), valley.bundle()
    bookings.refuse(of(chain.bundle)[3].id, valley.manager, "Pris par la cantine")
    subject = queries.get_subject(Scope.CHAIN, chain.bundle.ref)
    coordinator = load_actor(a_coordinator(valley.territory).id)
    may = [best_audience(actor, subject) for actor in (valley.member, coordinator, valley.manager)]
    assert may == ["own", "own", None]
    member = load_actor(a_member(valley.association).id)
    new = service.subscribe(member, subject, None)
    body = client.get(f"/agendas/{new.secret}.ics").data.decode()
    assert f"/filieres/{chain.bundle.ref}" in body.replace("\r\n ", "")
    assert body.count("BEGIN:VEVENT") == 4
    assert body.count("STATUS:TENTATIVE") == 3
    assert body.count("STATUS:CANCELLED") == 1
    with pytest.raises(NotFound):
        queries.get_subject(Scope.CHAIN, loose.ref)


def test_its_page_leads_there(valley, client, login):
    chain, member = valley.ask_for(), a_member(valley.association)
    login(client, member)
    page = client.get(f"/filieres/{chain.bundle.ref}").get_data(as_text=True)
    address = f"/agendas/abonnement?scope=chain&amp;id={chain.bundle.ref}"
    assert address in page
    assert client.get(address.replace("&amp;", "&")).status_code == 200
