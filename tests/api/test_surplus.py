"""Surplus through the API: found, read, taken."""

import pytest

from app.accounts.queries import load_actor
from app.supply.cargo import KILO
from app.supply.offers import service
from app.supply.offers.rules import Category, Point
from tests.api.world import Caller, token_of, validate
from tests.factories import a_member, a_territory, an_organisation
from tests.supply.offers.world import an_offer

FAR = service.Place("44036", "", Point(47.7211, -1.3764))


@pytest.fixture
def offer(world):
    """400 kg of courgettes that the second association offers."""
    return service.post(load_actor(world.other.id), world.theirs.id, an_offer())


def test_what_is_around_is_found_the_nearest_first_page_by_page(world, member, offer):
    other = load_actor(world.other.id)
    service.post(
        other, world.theirs.id, an_offer(product="Lait", category=Category.DAIRY, place=FAR, price_cents=80)
    )
    service.post(other, world.theirs.id, an_offer(product="Blettes"))
    first = member.get("/surplus", limit=2).json
    validate("SurplusPage", first)
    assert [each["product"] for each in first["items"]] == ["Courgettes", "Blettes"]
    second = member.get("/surplus", limit=2, cursor=first["next_cursor"]).json
    assert ([each["product"] for each in second["items"]], second["next_cursor"]) == (["Lait"], None)
    wishes = (
        {"gift": "true"},
        {"category": "dairy"},
        {"commune": "44036", "radius_km": "5"},
        {"regime": "frozen"},
    )
    found = [[each["product"] for each in member.get("/surplus", **wish).json["items"]] for wish in wishes]
    assert found == [["Courgettes", "Blettes"], ["Lait"], ["Lait"], []]


def test_one_is_read_with_what_is_left_and_what_it_is_on_the_road(world, member, offer):
    answer = member.get(f"/surplus/{offer.public_id.lower()}").json
    validate("Surplus", answer)
    assert (answer["left"], answer["load"]["packages"], answer["load"]["gross"]) == (
        400 * KILO,
        34,
        501 * KILO,
    )


def test_a_part_is_taken_once_under_one_key(world, member, offer):
    url = f"/surplus/{offer.public_id}/parts"
    first, second = (member.post(url, {"grams": 120_000}, key="k") for _n in range(2))
    assert first.status_code == 201, first.json
    validate("SurplusPart", first.json)
    assert first.json == second.json
    assert member.post(url, {"grams": 100_000}, key="k").status_code == 422
    refused = member.post(url, {"grams": 300_000})
    assert (refused.status_code, refused.json["code"], refused.json["facts"]["left"]) == (
        409,
        "too_little_left",
        280_000,
    )
    assert member.post(url, {}).json["grams"] == 280_000


def test_neither_strangers_nor_who_offers_take_it(app, client, world, other, anybody, offer):
    url = f"/surplus/{offer.public_id}"
    assert anybody.get("/surplus").status_code == 401
    assert other.post(f"{url}/parts", {}).json["code"] == "own_offer"
    stranger = Caller(app, client, token_of(a_member(an_organisation(a_territory()))))
    assert stranger.get("/surplus").json["items"] == []
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}/parts", {}).status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"category": "x"}, "not_one_of"),
        ({"commune": "zzzz"}, "place_unknown"),
        ({"cursor": "zz"}, "bad_cursor"),
    ],
)
def test_what_is_wrong_is_told_by_field(world, member, query, code):
    assert member.get("/surplus", **query).json["problems"][0]["code"] == code


OFFER = {
    "product": "Courgettes", "category": "vegetables", "grams": 400_000, "commune": "44205", "place": "Ferme",
    "end": "2026-09-20T18:00:00+02:00", "price_cents": 50,
}  # fmt: skip


def test_something_is_offered_once_under_one_key_and_withdrawn(world, member, frozen):
    first, second = (member.post("/surplus", OFFER, key="k") for _n in range(2))
    for other in ({"grams": 5}, {"price_cents": 0}, {"start": "2026-09-20T08:00:00+02:00"}):
        reused = member.post("/surplus", OFFER | other, key="k")
        assert (reused.status_code, reused.json["problems"][0]["code"]) == (422, "key_reused")
    frozen.tick(minutes=5)
    assert member.post("/surplus", OFFER, key="k").json["ref"] == first.json["ref"]
    assert first.status_code == 201, first.json
    validate("Surplus", first.json)
    assert first.json["ref"] == second.json["ref"]
    assert (first.json["left"], first.json["regime"]) == (400_000, "produce")
    url = f"/surplus/{first.json['ref']}"
    assert member.get(url).json["product"] == "Courgettes"
    ended = member.post(f"{url}/withdraw", {"reason": "Grêle"})
    validate("Surplus", ended.json)
    assert member.post(f"{url}/withdraw", {"reason": "Grêle"}).status_code == 409


def test_what_cannot_be_offered_is_refused_at_its_field(world, member, other, offer):
    late = member.post("/surplus", OFFER | {"end": "2020-01-01T00:00:00+01:00"})
    assert (late.status_code, late.json["problems"][0]["field"]) == (422, "end")
    assert member.post(f"/surplus/{offer.public_id}/withdraw", {"reason": "Non"}).status_code == 403
