"""A cold room whose cold chain broke says so to all who can ask for it or have it, and /moi what waits for its reader."""

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.bookings.models import Booking
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import Regime
from app.supply.lots import service
from app.supply.lots.models import Incident
from app.supply.lots.rules import Outcome
from tests.bookings.conftest import browser
from tests.bookings.pages import text_of
from tests.factories import a_manager, a_member, a_resource, a_site, an_organisation
from tests.supply.chains.valley import Valley
from tests.supply.lots.world import Barn, close_all

__all__ = ["browser"]

pytestmark = pytest.mark.usefixtures("session", "frozen")
SAID = "The cold chain broke there on"


def incident() -> Incident:
    return db.session.scalars(select(Incident)).one()


def test_a_place_whose_cold_chain_broke_says_so_to_who_asks_for_it_or_has_it(browser, client):
    valley = Valley()
    store = valley.store
    with atomic():
        store.facts = store.facts | {"regime": "produce"}
    valley.ask_for()
    booking = db.session.scalars(select(Booking).filter_by(resource_id=store.id)).one()
    keeper = load_actor(a_manager(store.site).id)
    other = browser(a_member(an_organisation(valley.territory)))
    pages = (f"/ressources/{store.slug}", f"/ressources/{store.slug}/demander")
    own = (f"/reservations/{booking.ref}", "/moi")
    assert not any(SAID in text_of(other.get(page)) for page in pages)
    service.read(keeper, store.id, 200)
    for page in pages:
        assert SAID in text_of(other.get(page)), page
    several = f"/demander?ressource={store.slug}"
    assert SAID in text_of(other.get(several, follow_redirects=True))
    assert SAID not in text_of(client.get(pages[0]))
    assert SAID not in text_of(other.get("/moi"))
    for page in own:
        told = text_of(browser(valley.person).get(page))
        assert SAID in told, page
        assert f"Ask “{store.site.owner.name}” before you put anything there" in told
        assert f"/lots/incidents/{incident().public_id}" not in told
    close_all(keeper, incident().id, Outcome.FIT, "Porte refermée.")
    assert not any(SAID in text_of(browser(valley.person).get(page)) for page in (*pages, *own))


def test_what_is_over_is_not_warned_of(browser, frozen):
    valley = Valley()
    with atomic():
        valley.store.facts = valley.store.facts | {"regime": "produce"}
    valley.ask_for()
    booking = db.session.scalars(select(Booking).filter_by(resource_id=valley.store.id)).one()
    frozen.move_to(booking.end_at)
    service.read(load_actor(a_manager(valley.store.site).id), valley.store.id, 200)
    for page in (f"/reservations/{booking.ref}", "/moi"):
        assert SAID not in text_of(browser(valley.person).get(page))


def test_what_waits_for_a_signature_or_an_end_waits_on_ones_own_page(browser):
    barn = Barn()
    given, drafted = barn.give(barn.enter()), barn.draft(barn.enter())
    farm, ours = (browser(barn.people[name]) for name in ("farm", "ours"))
    page = text_of(farm.get("/moi"))
    assert "Sign: 100 kg, Courgettes" in page
    assert f"/remises/{drafted.public_id}" in page
    assert f"/remises/{given.public_id}" not in page
    page = text_of(ours.get("/moi"))
    assert "Receive: 100 kg, Courgettes" in page
    assert f"/remises/{given.public_id}" in page
    barn.draft(barn.enter(product="Yaourts", regime=Regime.CHILLED), tenths=120)
    address = f"/lots/incidents/{incident().public_id}"
    assert address in text_of(farm.get("/moi"))
    assert address not in text_of(ours.get("/moi"))


def test_who_manages_a_cold_room_has_its_incident_to_close(browser):
    barn = Barn()
    site = a_site(barn.others)
    room, anne = a_resource(site, kind="storage", facts={"regime": "frozen"}), a_manager(site)
    service.read(load_actor(anne.id), room.id, -100)
    assert f"/lots/incidents/{incident().public_id}" in text_of(browser(anne).get("/moi"))
