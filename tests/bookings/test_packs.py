"""Asking in smaller units: 70 crates take 3 pallets, and everybody reads that 26 more would fit."""

from typing import Any

import pytest

from app.availability.asking import read_slot
from app.availability.queries import get_terms
from app.bookings import service
from app.bookings.models import Booking
from app.bookings.words import booked_words
from app.catalogue import service as catalogue
from app.catalogue.errors import BadPack
from app.catalogue.packs import Pack
from app.infra.db import db
from tests import factories as f

DAYS: dict[str, Any] = {
    "step_minutes": 1440,
    "min_minutes": 1440,
    "max_minutes": 1440 * 200,
    "opening_mode": "always",
}
STAY = {"date": "2026-10-06", "fin": "2026-10-08"}
CRATES = STAY | {"quantite": "70", "unite": "crate_60x40"}


@pytest.mark.parametrize(
    ("number", "per", "units", "left"),
    [(70, 32, 3, 26), (64, 32, 2, 0), (1, 32, 1, 31), (33, 32, 2, 31), (3, 1, 3, 0)],
)
def test_the_last_unit_is_begun_and_its_room_told(number, per, units, left):
    pack = Pack("crate_60x40", number, per)
    assert (pack.units, pack.room_left) == (units, left)


@pytest.fixture
def world(session, frozen):
    territory = f.a_territory(communes=["44110"])
    site = f.a_site(f.an_organisation(territory, name="Mairie"), hours="24/7")
    store = f.a_resource(
        site, slug="froid", name="Chambre froide", kind="storage", mode="quantity", capacity=24, unit="pallet",
        packs={"crate_60x40": 32, "half_pallet": 2}, **DAYS,
    )  # fmt: skip
    ours = f.an_organisation(territory, name="Les Glaneurs")
    return site, store, ours, f.a_member(ours)


def page(client, address):
    return client.get(address, headers={"Accept-Language": "fr"}).text.replace("\xa0", " ")


def test_the_box_converts_and_tells_the_room_left(client, world):
    text = page(client, "/ressources/froid?date=2026-10-06&fin=2026-10-08&quantite=70&unite=crate_60x40")
    assert "3 palettes pour 70 caisses 60 × 40 (il reste de la place pour 26)" in text
    assert "Caisses 60 × 40 cm : 32 pour 1 palette" in text
    assert "unite=crate_60x40" in text


def test_too_much_of_it_is_refused_in_units_and_another_unit_in_words(client, world):
    text = page(
        client, "/ressources/froid/creneau?date=2026-10-06&fin=2026-10-08&quantite=800&unite=crate_60x40"
    )
    assert "Vous en demandez 25" in text
    text = page(client, "/ressources/froid/creneau?date=2026-10-06&fin=2026-10-08&quantite=8&unite=sac")
    assert "Ce lieu ne compte pas dans cette unité" in text


def test_a_request_keeps_what_is_brought(client, world, login):
    _site, _store, ours, person = world
    login(client, person)
    sent = {"organisation": str(ours.id), "purpose": "Pommes"}
    assert client.post("/ressources/froid/demander", data=CRATES | sent).status_code == 303
    booking = db.session.query(Booking).one()
    assert (booking.quantity, booking.pack) == (3, Pack("crate_60x40", 70, 32))
    text = page(client, f"/reservations/{booking.ref}")
    assert "3 palettes pour 70 caisses 60 × 40 (il reste de la place pour 26)" in text
    assert 'value="70"' in page(client, f"/reservations/{booking.ref}/modifier")


def test_what_was_promised_stays_when_the_conversion_changes(app, world):
    site, store, ours, person = world
    slot = read_slot(CRATES, get_terms(store.id)).slot
    assert slot is not None
    actor = f.actor_of(person, memberships={ours.id: "member"})
    wanted = service.Request(store.id, ours.id, slot.span, slot.qty, "Pommes", pack=slot.pack)
    booking = service.ask(wanted, actor, uid_host="x.test")
    manager = f.actor_of(f.a_manager(site), managed_sites=frozenset({site.id}))
    assert catalogue.accept_packs(manager, store, {"crate_60x40": 40})
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert booked_words(booking).replace("\xa0", " ").endswith("(il reste de la place pour 26)")
    moved = service.change(booking.id, actor, slot.span, 4)
    assert moved.pack is None
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert booked_words(moved) == "4 palettes"


@pytest.mark.parametrize(
    ("packs", "reason"),
    [
        ({"pallet": 2}, "unknown"),
        ({"half_pallet": 0}, "out_of_bounds"),
        ({"half_pallet": 20_000}, "out_of_bounds"),
    ],
)
def test_only_known_units_fill_one(world, packs, reason):
    site, store, _ours, _person = world
    manager = f.actor_of(f.a_manager(site), managed_sites=frozenset({site.id}))
    with pytest.raises(BadPack) as refusal:
        catalogue.accept_packs(manager, store, packs)
    assert refusal.value.facts["reason"] == reason


def test_the_manager_says_how_many_fill_one(client, world, login):
    site, store, _ours, _person = world
    login(client, f.a_manager(site))
    assert "Autres unités acceptées" in page(client, "/ressources/froid/unites")
    answer = client.post(
        "/ressources/froid/unites", data={"packs-crate_60x40": "36", "packs-half_pallet": ""}
    )
    assert answer.status_code == 303
    assert get_terms(store.id).packs == {"crate_60x40": 36}
    assert client.post("/ressources/froid/unites", data={"packs-bulk_bin": "x"}).status_code == 422
