"""Searching in the units people bring: each place counts them in its own way, on the page and in the API."""

from typing import Any

import pytest

from app.availability.queries import Wish
from app.availability.service import take
from app.catalogue.models import Resource
from app.catalogue.search import pack_sizes
from app.infra.db import db
from tests import factories as f
from tests.availability.test_examples import STORAGE

STAY = "date=2026-10-06&fin=2026-10-08"
CRATES = "quantite=70&unite=crate_60x40"


@pytest.fixture
def stores(session, frozen):
    site = f.a_site(f.an_organisation(f.a_territory(communes=["44110"])), hours="24/7")
    for name, per in (("Grande", 32), ("Petite", 10), ("Sans caisses", None)):
        given: dict[str, Any] = STORAGE | {"capacity": 6}
        packs = {"crate_60x40": per} if per else {}
        f.a_resource(site, name=name, slug=name.lower().replace(" ", "-"), packs=packs, **given)
    return site


def page(client, query):
    return client.get(f"/ressources?{query}", headers={"Accept-Language": "fr"}).text.replace("\xa0", " ")


def found(text):
    return [name for name in ("Grande", "Petite", "Sans caisses") if f">{name}</" in text]


def test_only_what_holds_it_in_its_own_way_is_found(client, stores):
    assert pack_sizes("crate_60x40") == [10, 32]
    text = page(client, f"{STAY}&type=storage&{CRATES}")
    assert found(text) == ["Grande"]
    assert "quantite=70&amp;unite=crate_60x40" in text
    assert "70 caisses 60 × 40" in text
    assert found(page(client, f"{CRATES}")) == ["Grande"]
    assert found(page(client, f"{STAY}&type=storage&quantite=60&unite=crate_60x40")) == ["Grande", "Petite"]
    assert found(page(client, "date=2026-10-06&quantite=60&unite=crate_60x40")) == ["Grande", "Petite"]


def test_what_is_taken_counts(client, stores):

    big = db.session.query(Resource).filter_by(slug="grande").one()
    take([Wish(big.id, f.span("2026-10-07 00:00", "2026-10-08 00:00"), 4)])
    text = page(client, f"{STAY}&type=storage&{CRATES}")
    assert "en plus petite quantité" in text
    assert "Grande" in text  # at another time


def test_a_unit_nobody_knows_is_told_beside_its_field(client, stores):
    assert "Ce lieu ne compte pas dans cette unité" in page(client, "unite=sac&quantite=3")


def test_the_api_takes_the_unit(client, stores):
    answer = client.get("/api/v1/resources?quantity=70&unit=crate_60x40").json
    assert [item["slug"] for item in answer["items"]] == ["grande"]
    times = "start=2026-10-06T00:00:00%2B02:00&end=2026-10-09T00:00:00%2B02:00"
    answer = client.get(f"/api/v1/resources?quantity=60&unit=crate_60x40&{times}").json
    assert sorted(item["slug"] for item in answer["items"]) == ["grande", "petite"]
    assert (
        client.get(f"/api/v1/resources/grande/free?quantity=70&unit=crate_60x40&{times}").json["quantity"]
        == 3
    )
    refused = client.get(f"/api/v1/resources/grande/free?quantity=70&unit=bulk_bin&{times}")
    assert refused.status_code == 422
    assert refused.json["problems"][0]["code"] == "unit_not_accepted"
