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
