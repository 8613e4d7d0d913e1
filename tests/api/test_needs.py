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


FOOD = {
    "sort": "food",
    "product": "Carottes",
    "grams": 50_000,
    "end": "2026-09-20T18:00:00+02:00",
    "commune": "44205",
}
KITCHEN = {
    "sort": "place", "kind": "kitchen", "first_day": "2026-10-08", "start_time": "09:00", "end_time": "12:00",
    "commune": "Nort-sur-Erdre", "radius_km": 20,
}  # fmt: skip


@pytest.mark.parametrize("body", [FOOD, KITCHEN])
def test_something_is_looked_for_once_under_one_key(world, member, body):
    first, second = (member.post("/needs", body, key="k") for _n in range(2))
    assert first.status_code == 201, first.json
    validate("Need", first.json)
    assert first.json == second.json == member.get(first.location.removeprefix("/api/v1")).json
    assert first.json["sort"] == body["sort"]
    other = member.post("/needs", body | {"note": "Autre"}, key="k")
    assert (other.status_code, other.json["problems"][0]["field"]) == (422, "Idempotency-Key")


def test_it_is_looked_for_no_longer_once_it_is_found_or_not_needed(world, member, other):
    refs = [member.post("/needs", FOOD).json["ref"] for _n in range(2)]
    states = [
        member.post(f"/needs/{ref}/close", {"found": found}).json["state"]
        for ref, found in zip(refs, (True, False), strict=True)
    ]
    assert states == ["answered", "withdrawn"]
    again = member.post(f"/needs/{refs[0]}/close", {"found": True})
    assert (again.status_code, again.json["code"]) == (409, "illegal_move")
    assert member.post(f"/needs/{refs[0]}/close", {}).json["problems"][0]["field"] == "found"
    assert other.post(f"/needs/{refs[0]}/close", {"found": True}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (FOOD | {"end": None}, "end", "field_missing"),
        (FOOD | {"product": ""}, "product", "bad_need"),
        (FOOD | {"grams": 0}, "grams", "too_small"),
        (FOOD | {"end": "2026-01-01T00:00:00Z"}, "end", "bad_need"),
        (FOOD | {"end": "2028-01-01T00:00:00Z"}, "end", "bad_need"),
        (FOOD | {"kind": "kitchen"}, "kind", "of_other_sort"),
        (FOOD | {"commune": "44390"}, "commune", "commune_ambiguous"),
        (FOOD | {"radius_km": 7}, "radius_km", "not_one_of"),
        (FOOD | {"note": "x" * 1001}, "note", "text_too_long"),
        (KITCHEN | {"kind": "castle"}, "kind", "not_one_of"),
        (KITCHEN | {"start_time": "9:00"}, "start_time", "bad_half_hour"),
        (KITCHEN | {"end_time": None}, "end_time", "bad_need"),
        (KITCHEN | {"end_time": "08:00"}, "end_time", "bad_need"),
        (KITCHEN | {"last_day": "2026-10-07"}, "last_day", "bad_need"),
        (KITCHEN | {"first_day": "2026-02-30"}, "first_day", "bad_day"),
        (KITCHEN | {"grams": 5}, "grams", "of_other_sort"),
    ],
)
def test_what_is_wrong_with_a_need_is_told_at_its_field(world, member, body, field, code):
    answer = member.post("/needs", body)
    assert answer.status_code == 422, answer.json
    assert [(each["field"], each["code"]) for each in answer.json["problems"]] == [(field, code)]


def test_everything_missing_is_told_at_once(world, member):
    answer = member.post("/needs", {"sort": "place", "commune": "44205", "end": None, "grams": 5})
    assert [each["field"] for each in answer.json["problems"]] == ["kind", "first_day", "grams", "end"]


def test_nobody_looks_for_others(world, member, anybody):
    refused = member.post("/needs", FOOD | {"organisation": world.theirs.slug})
    assert (refused.status_code, refused.json["code"]) == (403, "not_taking_part")
    assert member.post("/needs", FOOD | {"organisation": "personne"}).status_code == 404
    assert anybody.post("/needs", FOOD).status_code == 401
