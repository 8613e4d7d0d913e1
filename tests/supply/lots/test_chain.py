"""Lots on the page of a chain: from what it carries to the note of its hand-over, with everything filled in."""

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import KILO
from app.supply.lots.models import Handover, Lot
from tests.bookings.conftest import browser
from tests.bookings.pages import text_of
from tests.factories import a_coordinator, a_manager, a_member, an_organisation
from tests.supply.chains.valley import Valley

__all__ = ["browser"]


@pytest.fixture
def valley(session, frozen):
    return Valley()


def test_a_lot_and_the_note_of_a_chain_come_filled_in(valley, browser):
    chain = valley.ask_for()
    other = an_organisation(valley.territory, name="L'Épicerie")
    client, ref = browser(valley.person), chain.bundle.ref
    assert f"/lots/nouveau?filiere={ref}" in text_of(client.get(f"/filieres/{ref}"))
    form = text_of(client.get(f"/lots/nouveau?filiere={ref}"))
    for filled in ('value="courgettes"', 'value="400"', 'value="Nozay"', 'value="12"'):
        assert filled in form
    data = {
        "organisation": chain.bundle.organisation.public_id,
        "product": "courgettes",
        "amount": "400",
        "regime": "produce",
        "origin_of": "",
        "origin": "Nozay",
        "received_on": "2026-09-01",
        "packaging": "crate_60x40",
        "per_package": "12",
        "place": "",
    }
    assert client.post(f"/lots/nouveau?filiere={ref}", data=data).status_code == 303
    lot = db.session.scalars(select(Lot)).one()
    assert (lot.bundle_id, lot.grams) == (chain.bundle_id, 400 * KILO)
    page = text_of(client.get(f"/filieres/{ref}"))
    assert f"/lots/{lot.public_id}" in page
    url = f"/remises/nouvelle?filiere={ref}"
    assert url in page
    assert 'value="400"' in text_of(client.get(url))
    handed = {f"kilos_{lot.public_id}": "400", "to": other.public_id, "temperature": "7", "packages": "34"}
    assert client.post(url, data=handed).status_code == 303
    note = db.session.scalars(select(Handover)).one()
    assert note.bundle_id == chain.bundle_id
    assert f"/remises/{note.public_id}" in text_of(client.get(f"/filieres/{ref}"))
    seen = text_of(browser(a_coordinator(valley.territory)).get(f"/filieres/{ref}"))
    assert f"/remises/{note.public_id}" in seen


def test_a_lot_that_came_before_its_chain_fetches_it_says_so(valley, browser):
    chain = valley.ask_for()
    client, ref = browser(valley.person), chain.bundle.ref
    data = {
        "organisation": chain.bundle.organisation.public_id, "product": "courgettes", "amount": "400",
        "regime": "produce", "origin_of": "", "origin": "Nozay", "received_on": "2026-09-01",
    }  # fmt: skip
    page = text_of(client.post(f"/lots/nouveau?filiere={ref}", data=data, follow_redirects=True))
    assert "its chain fetches it on Monday 14 September 2026" in page


def enter(client, chain, organisation, **facts):
    data = {
        "organisation": organisation.public_id,
        "product": "Courgettes",
        "amount": "400",
        "regime": "produce",
        "origin_of": "",
        "origin": "Nozay",
        "received_on": "2026-09-01",
        "place": "",
    }
    return client.post(f"/lots/nouveau?filiere={chain.bundle.ref}", data=data | facts)


def test_who_manages_a_leg_knows_that_a_lot_was_entered_and_no_more(valley, browser):
    chain = valley.ask_for()
    url, ours = f"/filieres/{chain.bundle.ref}", chain.bundle.organisation
    manager = a_manager(valley.store.site)
    assert "No lot has been entered" in text_of(browser(manager).get(url))
    assert enter(browser(valley.person), chain, ours, amount="250").status_code == 303
    lot = db.session.scalars(select(Lot)).one()
    page = text_of(browser(manager).get(url))
    assert "No lot has been entered" not in page
    assert '<h3 class="row-title">Courgettes</h3>' in page
    assert '<p class="row-when">250 kg</p>' in page
    assert ours.name in page
    assert f"/lots/{lot.public_id}" not in page


def test_a_lot_of_a_chain_is_not_entered_twice_by_mistake(valley, browser):
    chain = valley.ask_for()
    ours, store = chain.bundle.organisation, valley.store.site.owner
    assert enter(browser(valley.person), chain, ours, amount="250").status_code == 303
    client = browser(a_member(store, role=Role.ORG_ADMIN))
    form = text_of(client.get(f"/lots/nouveau?filiere={chain.bundle.ref}"))
    assert "Entered for this chain already" in form
    assert f'<option selected value="{ours.public_id}">' in form  # who gives it, not the commune
    assert 'value="Nozay"' not in form
    assert enter(client, chain, store, amount="150").status_code == 303  # no more than it carries
    answer = enter(client, chain, store, note="Deuxième palette")
    assert answer.status_code == 409
    page = text_of(answer)
    assert "400 kg of “Courgettes” have been entered for this chain already; it carries 400 kg." in page
    assert "Deuxième palette" in page
    assert 'name="is_more"' in page
    assert enter(client, chain, store, is_more="y").status_code == 303
    assert len(db.session.scalars(select(Lot)).all()) == 3


def test_more_than_a_chain_carries_is_asked_about_when_it_is_the_first_lot_too(valley, browser):
    chain = valley.ask_for()
    client, ours = browser(valley.person), chain.bundle.organisation
    answer = enter(client, chain, ours, amount="4000", note="Palette du matin")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "4,000 kg of “Courgettes” are more than the chain carries: 400 kg. Check the weight" in page
    assert "There is really more than the chain carries: enter it" in page
    assert "Palette du matin" in page
    assert 'value="4000"' in page
    assert db.session.scalars(select(Lot)).all() == []
    assert enter(client, chain, ours, amount="4000", is_more="y").status_code == 303


def test_who_is_asked_about_an_earlier_lot_is_led_to_it_and_to_correcting_it(valley, browser):
    chain = valley.ask_for()
    client, ours = browser(valley.person), chain.bundle.organisation
    assert enter(client, chain, ours).status_code == 303
    lot = db.session.scalars(select(Lot)).one()
    page = text_of(enter(client, chain, ours))
    assert f'<a href="/lots/{lot.public_id}">Courgettes</a>' in page
    assert f'<a href="/lots/{lot.public_id}/corriger">Correct it</a>' in page
    keeper = valley.store.site.owner
    other = text_of(enter(browser(a_member(keeper, role=Role.ORG_ADMIN)), chain, keeper))
    assert "Entered for this chain already" in other
    assert f"/lots/{lot.public_id}" not in other


def test_the_note_of_a_chain_goes_to_whom_the_chain_is_for(valley, browser):
    chain = valley.ask_for()
    other = an_organisation(valley.territory, name="L'Épicerie")
    with atomic():
        chain.receiver_id = other.id
    client = browser(valley.person)
    assert enter(client, chain, chain.bundle.organisation).status_code == 303
    form = text_of(client.get(f"/remises/nouvelle?filiere={chain.bundle.ref}"))
    assert f'<option selected value="{other.public_id}">' in form
