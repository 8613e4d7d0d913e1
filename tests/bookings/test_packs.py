"""Asking in smaller units: 70 crates take 3 pallets, and everybody reads that 26 more would fit."""

import re
from typing import Any

import pytest

from app.availability.asking import read_slot
from app.availability.queries import get_terms
from app.bookings import service
from app.bookings.models import Booking, Series
from app.bookings.words import booked_words
from app.catalogue import service as catalogue
from app.catalogue.errors import BadPack
from app.catalogue.packs import Pack
from app.infra.db import db
from app.infra.uow import atomic
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


def element(number, slug, slot):
    return {f"e{number}-{name}": value for name, value in ({"ressource": slug} | slot).items()}


def typed_in(html):
    """Read what a browser would send of the elements: every field with its value, every list with its choice."""
    fields = dict(re.findall(r'<input[^>]*name="(e\d-[a-z_]+)"[^>]*value="([^"]*)"', html))
    lists = re.findall(r'<select[^>]*name="(e\d-[a-z_]+)".*?</select>', html, re.DOTALL)
    for name in lists:
        inside = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.DOTALL)
        chosen = re.search(r'<option(?=[^>]*selected)[^>]*value="([^"]*)"', inside[0]) if inside else None
        fields[name] = chosen[1] if chosen else ""
    return fields


def test_crates_stay_crates_from_one_request_page_to_several(client, world, login):
    _site, _store, ours, person = world
    login(client, person)
    sent = {"organisation": str(ours.id), "purpose": "Pommes"}
    client.post("/ressources/froid/demander", data=CRATES | {"quantite": "20", "grouper": "1"} | sent)
    fields = typed_in(page(client, "/demander"))
    assert (fields["e0-quantite"], fields["e0-unite"]) == ("20", "crate_60x40")
    assert "1 palette pour 20 caisses 60 × 40 (il reste de la place pour 12)" in page(client, "/demander")
    assert client.post("/demander", data=fields | sent).status_code == 303
    booking = db.session.query(Booking).one()
    assert (booking.quantity, booking.pack) == (1, Pack("crate_60x40", 20, 32))


def test_several_elements_keep_what_is_brought_and_another_slot_of_one_too(client, world, login):
    site, _store, ours, person = world
    f.a_resource(site, slug="cuisine", name="Cuisine")
    login(client, person)
    both = element(0, "froid", CRATES) | element(
        1, "cuisine", {"date": "2026-10-06", "de": "09:00", "a": "12:00"}
    )
    sent = {"organisation": str(ours.id), "purpose": "Pommes"}
    moved = client.post("/demander", data=both | {"choisir-0": "date=2026-10-07&fin=2026-10-09"} | sent)
    fields = typed_in(moved.text)
    assert (fields["e0-date"], fields["e0-quantite"], fields["e0-unite"]) == (
        "2026-10-07", "70", "crate_60x40",
    )  # fmt: skip
    assert client.post("/demander", data=both | sent).status_code == 303
    stored = db.session.query(Booking).filter_by(quantity=3).one()
    assert stored.pack == Pack("crate_60x40", 70, 32)


def test_each_date_of_a_series_keeps_what_is_brought_and_those_to_come_too(client, world, login, frozen):
    site, store, ours, person = world
    login(client, person)
    weekly = {"repete": "weekly", "tous_les": "1", "jours": ["1"], "envoyer": "tout"}
    one = {"date": "2026-10-06", "fin": "2026-10-06", "quantite": "70", "unite": "crate_60x40"}
    with atomic():
        store.horizon_days = 60
    sent = {"organisation": str(ours.id), "purpose": "Pommes"}
    assert client.post("/ressources/froid/repeter", data=one | weekly | sent).status_code == 303
    series = db.session.query(Series).one()
    manager = f.actor_of(f.a_manager(site), managed_sites=frozenset({site.id}))
    service.approve_series(series.id, manager)
    frozen.tick(days=14)
    service.extend_due(uid_host="x.test")
    brought = [each.pack for each in db.session.query(Booking).filter_by(series_id=series.id)]
    assert len(brought) > 4
    assert set(brought) == {Pack("crate_60x40", 70, 32)}


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
