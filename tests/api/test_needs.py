"""Needs through the API: found, read."""

from datetime import date, timedelta

import pytest

from app.accounts.queries import load_actor
from app.core import clock
from app.supply.needs import service
from app.supply.offers.rules import Point
from tests.api.world import validate

AROUND = service.Around(commune_code="44110", point=Point(47.44, -1.5), radius_km=20)


@pytest.fixture
def needs(world):
    """Food and a kitchen that the second association looks for."""
    food = service.Food(product="Carottes", grams=50_000, until_at=clock.now() + timedelta(days=5))
    kitchen = service.Place(kind="kitchen", first_day=date(2026, 10, 8), start_time="09:00", end_time="12:00")
    return [
        service.post(
            load_actor(world.other.id),
            service.NewNeed(organisation_id=world.theirs.id, what=what, around=AROUND),
        )
        for what in (food, kitchen)
    ]


def test_what_is_looked_for_is_found_page_by_page(world, member, needs):
    first = member.get("/needs", limit=1).json
    validate("NeedPage", first)
    second = member.get("/needs", limit=1, cursor=first["next_cursor"]).json
    assert [page["items"][0]["sort"] for page in (first, second)] == ["food", "place"]
    assert second["next_cursor"] is None
    found = [
        [each["kind"] for each in member.get("/needs", **wish).json["items"]]
        for wish in ({"sort": "place"}, {"kind": "kitchen"}, {"category": "dairy"})
    ]
    assert found == [["kitchen"], ["kitchen"], []]


def test_one_is_read_by_who_takes_part_in_its_territory(world, member, anybody, needs):
    answer = member.get(f"/needs/{needs[0].public_id.lower()}").json
    validate("Need", answer)
    assert (answer["product"], answer["grams"], answer["where"]["radius_km"]) == ("Carottes", 50_000, 20)
    assert anybody.get("/needs").status_code == 401
    assert member.get("/needs/ABCDEFGHJKMN").status_code == 404
