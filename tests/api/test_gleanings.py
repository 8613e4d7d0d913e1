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


def test_people_sign_up_stand_in_line_and_withdraw(app, client, world, member, other, gleaning):
    url = f"/gleanings/{gleaning.public_id}/places"
    first = member.post(url, {"people": 4})
    validate("GleaningPlace", first.json)
    assert (first.status_code, first.json["place"]) == (200, "going")
    assert member.post(url, {"people": 5}).json["people"] == 5
    third = Caller(app, client, token_of(a_member(world.ours)))
    assert third.post(url, {"people": 2, "split": False}).json["place"] == "waiting"
    more = member.post(url, {"people": 7})
    assert (more.status_code, more.json["problems"][0]["field"]) == (422, "people")
    left = member.post(f"{url}/withdraw")
    validate("Gleaning", left.json)
    assert (left.json["going"], left.json["waiting"]) == (2, 0)
    assert member.post(f"{url}/withdraw").status_code == 404
    assert member.post(url, {"people": 5, "split": False}).json["place"] == "waiting"
    assert third.post(url, {"people": 7}).status_code == 422


def test_who_has_a_place_comes_with_no_more_than_there_is_room_for(app, client, world, member, gleaning):
    url = f"/gleanings/{gleaning.public_id}/places"
    member.post(url, {"people": 3})
    Caller(app, client, token_of(a_member(world.ours))).post(url, {"people": 3})
    refused = member.post(url, {"people": 4})
    assert (refused.status_code, refused.json["code"], refused.json["facts"]["left"]) == (
        409,
        "too_few_places",
        0,
    )


def test_a_group_for_which_there_is_room_in_part_says_whether_some_come(world, member, other, gleaning):
    url = f"/gleanings/{gleaning.public_id}/places"
    other.post(url, {"people": 4})
    refused = member.post(url, {"people": 5})
    assert (refused.status_code, refused.json["code"]) == (409, "not_all_fit")
    assert refused.json["facts"]["left"] == 2
    assert "below" not in refused.json["detail"]
    all_wait = member.post(url, {"people": 5, "split": False}).json
    assert (all_wait["place"], all_wait["people"], all_wait["waiting"]) == ("waiting", 5, 5)
    some = member.post(url, {"people": 5, "split": True})
    validate("GleaningPlace", some.json)
    assert (some.json["place"], some.json["people"], some.json["waiting"]) == ("going", 5, 3)


def test_nobody_signs_up_for_what_is_cancelled_or_elsewhere(app, client, world, member, anybody, gleaning):
    url = f"/gleanings/{gleaning.public_id}/places"
    assert anybody.post(url, {}).status_code == 401
    stranger = Caller(app, client, token_of(a_member(an_organisation(a_territory()))))
    assert stranger.post(url, {}).status_code == 404
    for people, code in ((0, "too_small"), (21, "too_big"), ("2", "not_whole_number")):
        assert member.post(url, {"people": people}).json["problems"][0]["code"] == code
    service.cancel(load_actor(world.other.id), gleaning.id, "Grêle")
    assert member.post(url, {}).json["code"] == "sign_up_closed"
