"""Group purchases through the API: listed and read."""

import pytest

from app.accounts.queries import load_actor
from app.supply.cargo import KILO
from app.supply.purchases import service
from tests.api.world import Caller, token_of, validate
from tests.factories import a_member, a_territory, an_organisation, at
from tests.supply.purchases.world import a_purchase, later


@pytest.fixture
def purchase(world):
    """Flour that the second association organises."""
    return service.open_purchase(load_actor(world.other.id), world.theirs.id, a_purchase())


def test_what_is_open_is_listed_what_ends_first_first_page_by_page(world, member, purchase):
    sooner = a_purchase(product="Lentilles", later=later(deadline_at=at("2026-09-05 12:00")))
    service.open_purchase(load_actor(world.other.id), world.theirs.id, sooner)
    first = member.get("/purchases", limit=1).json
    validate("PurchasePage", first)
    assert [each["product"] for each in first["items"]] == ["Lentilles"]
    second = member.get("/purchases", limit=1, cursor=first["next_cursor"]).json
    assert ([each["product"] for each in second["items"]], second["next_cursor"]) == (["Farine"], None)


def test_one_is_read_with_how_much_is_ordered(world, member, purchase):
    service.order(load_actor(world.other.id), purchase.id, service.Wanted(world.theirs.id, 24 * KILO))
    answer = member.get(f"/purchases/{purchase.public_id.lower()}").json
    validate("GroupPurchase", answer)
    assert (answer["ordered"], answer["least_grams"], answer["booking"]) == (24 * KILO, 240 * KILO, None)


def test_strangers_find_nothing(app, client, purchase):
    stranger = Caller(app, client, token_of(a_member(an_organisation(a_territory()))))
    assert stranger.get("/purchases").json["items"] == []
    assert stranger.get(f"/purchases/{purchase.public_id}").status_code == 404


def test_a_share_is_ordered_changed_and_withdrawn(world, member, purchase):
    url = f"/purchases/{purchase.public_id}/shares"
    first = member.post(url, {"grams": 24_000, "message": "Merci"})
    validate("PurchaseShare", first.json)
    assert (first.status_code, first.json["state"], first.json["grams"]) == (200, "ordered", 24_000)
    changed = member.post(url, {"grams": 36_000})
    assert (changed.json["ref"], changed.json["grams"]) == (first.json["ref"], 36_000)
    assert member.get(f"/purchases/{purchase.public_id}").json["ordered"] == 36_000
    assert member.post(f"{url}/withdraw").json["state"] == "withdrawn"
    assert member.post(f"{url}/withdraw").json["code"] == "illegal_move"
    assert member.get(f"/purchases/{purchase.public_id}").json["ordered"] == 0


def test_what_cannot_be_ordered_says_why(app, client, world, member, anybody, purchase):
    url = f"/purchases/{purchase.public_id}/shares"
    wrong = member.post(url, {"grams": 30_000})
    assert (wrong.status_code, wrong.json["problems"][0]["field"], wrong.json["facts"]["more"]) == (
        422,
        "grams",
        36_000,
    )
    assert member.post(url, {}).json["problems"][0]["code"] == "field_missing"
    assert (
        member.post(url, {"grams": 12_000, "organisation": world.theirs.slug}).json["code"]
        == "not_taking_part"
    )
    assert member.post(f"{url}/withdraw").status_code == 404
    assert anybody.post(url, {"grams": 12_000}).status_code == 401
    stranger = Caller(app, client, token_of(a_member(an_organisation(a_territory()))))
    assert stranger.post(url, {"grams": 12_000}).status_code == 404
    service.cancel(load_actor(world.other.id), purchase.id, "Plus de farine")
    assert member.post(url, {"grams": 12_000}).json["code"] == "purchase_closed"
