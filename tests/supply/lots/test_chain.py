"""Lots on the page of a chain: from what it carries to the note of its hand-over, with everything filled in."""

import pytest
from sqlalchemy import select

from app.infra.db import db
from app.supply.cargo import KILO
from app.supply.lots.models import Handover, Lot
from tests.bookings.conftest import browser
from tests.bookings.pages import text_of
from tests.factories import a_coordinator, an_organisation
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
