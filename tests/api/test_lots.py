"""Lots and hand-over notes through the API: listed page by page, read with their steps; others find nothing."""

import pytest

from app.accounts.queries import load_actor
from app.supply.cargo import KILO, Regime
from app.supply.lots import service
from tests.api.world import Caller, token_of, validate
from tests.factories import a_member, an_organisation
from tests.supply.lots.world import TODAY


@pytest.fixture
def passed(world):
    """Of 60 kg of yoghurt of the other association ours received 40."""
    giver, taker = load_actor(world.other.id), load_actor(world.member.id)
    new = service.NewLot("Yaourts", 60 * KILO, Regime.CHILLED, TODAY, origin="Laiterie")
    lot = service.enter(giver, world.theirs.id, new)
    written = service.NewNote(world.theirs.id, {lot.id: 40 * KILO}, world.ours.id, tenths=35, packages=4)
    note = service.draft(giver, written)
    service.give(giver, note.id, "Luc Petit")
    service.receive(taker, note.id, service.Receipt("Jeanne Moreau", tenths=40))
    return lot, note


def test_lots_are_listed_page_by_page_and_read_with_their_steps(world, member, passed):
    mine = load_actor(world.member.id)
    for product in ("Pommes", "Poires"):
        new = service.NewLot(product, 10 * KILO, Regime.PRODUCE, TODAY, origin="Verger")
        service.enter(mine, world.ours.id, new)
    first = member.get("/lots", limit=2).json
    validate("LotPage", first)
    assert [each["product"] for each in first["items"]] == ["Poires", "Pommes"]
    second = member.get("/lots", limit=2, cursor=first["next_cursor"]).json
    assert ([each["product"] for each in second["items"]], second["next_cursor"]) == (["Yaourts"], None)
    assert [each["product"] for each in member.get("/lots", product="poi").json["items"]] == ["Poires"]
    ref = second["items"][0]["ref"]
    answer = member.get(f"/lots/{ref.lower()}").json
    validate("LotWithSteps", answer)
    [back] = answer["back"]
    assert (back["lot"], back["handover"], back["grams"]) == (
        passed[0].public_id,
        passed[1].public_id,
        40 * KILO,
    )


def test_notes_say_who_gave_what_to_whom_and_no_names(world, member, passed):
    listed = member.get("/handovers").json
    validate("HandoverPage", listed)
    answer = member.get(f"/handovers/{passed[1].public_id}")
    validate("HandoverAnswer", answer.json)
    assert (answer.json["state"], answer.json["temperature"]) == ("received", 35)
    assert answer.json["temperature_received"] == 40
    assert answer.json["given"]["digest"]
    for name in ("Luc Petit", "Jeanne Moreau"):
        assert name not in answer.text


def test_others_find_nothing(app, client, world, passed):
    third = Caller(app, client, token_of(a_member(an_organisation(world.territory))))
    assert third.get("/lots").json["items"] == []
    assert third.get(f"/lots/{passed[0].public_id}").status_code == 404
    assert third.get(f"/handovers/{passed[1].public_id}").status_code == 404
