"""Gleanings through the API: listed and read."""

import pytest

from app.accounts.queries import load_actor
from app.supply.gleanings import service
from tests.api.world import Caller, token_of, validate
from tests.factories import a_member, a_territory, an_organisation, at
from tests.supply.gleanings.world import a_gleaning


@pytest.fixture
def gleaning(world):
    """1 500 kg of apples that the second association calls to pick up."""
    return service.call(load_actor(world.other.id), world.theirs.id, a_gleaning())


def test_what_is_to_come_is_listed_the_first_first_page_by_page(world, member, gleaning):
    earlier = a_gleaning(
        product="Poires", start_at=at("2026-09-20 09:00"), end_at=at("2026-09-20 11:00"), most_people=9
    )
    service.call(load_actor(world.other.id), world.theirs.id, earlier)
    first = member.get("/gleanings", limit=1).json
    validate("GleaningPage", first)
    assert [each["product"] for each in first["items"]] == ["Poires"]
    second = member.get("/gleanings", limit=1, cursor=first["next_cursor"]).json
    assert ([each["product"] for each in second["items"]], second["next_cursor"]) == (["Pommes"], None)


def test_one_is_read_with_who_comes_and_what_it_is_on_the_road(world, member, gleaning):
    service.sign_up(load_actor(world.other.id), gleaning.id, 2)
    answer = member.get(f"/gleanings/{gleaning.public_id.lower()}").json
    validate("Gleaning", answer)
    assert (answer["going"], answer["waiting"], answer["load"]["gross"]) == (2, 0, 1_787_500)
    assert "Paul" not in str(answer)  # whom to ask for is read by who signs up, on the page


def test_strangers_find_nothing(app, client, gleaning):
    stranger = Caller(app, client, token_of(a_member(an_organisation(a_territory()))))
    assert stranger.get("/gleanings").json["items"] == []
    assert stranger.get(f"/gleanings/{gleaning.public_id}").status_code == 404
