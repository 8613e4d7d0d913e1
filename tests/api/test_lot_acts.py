"""Lots, hand-over notes and temperatures written through the API: entered, stored, handed over, signed as oneself."""

from typing import Any

import pytest

from app.supply.lots import queries
from tests.api.world import validate
from tests.factories import a_resource

LOT = {"product": "Courgettes", "grams": 400_000, "regime": "produce", "origin": "Verger du Don"}


@pytest.fixture
def store(world):
    """A cold room that keeps what is chilled."""
    return a_resource(
        world.site, name="Frigo", kind="storage", subtype="chilled", unit="pallet", mode="quantity", capacity=4,
        facts={"regime": "chilled"},
    )  # fmt: skip


def entered(caller, **facts):
    answer = caller.post("/lots", LOT | facts)
    assert answer.status_code == 201, answer.json
    validate("LotWithSteps", answer.json)
    return answer.json


def drafted(member, world, lot=None, **facts):
    """Write a note of 100 kg of courgettes, or of another lot, for the other association."""
    lot = lot or entered(member)["ref"]
    note = {"lots": [{"lot": lot, "grams": 100_000}], "to": world.theirs.slug, "packages": 9} | facts
    answer = member.post("/handovers", note)
    assert answer.status_code == 201, answer.json
    validate("HandoverAnswer", answer.json)
    return answer.json["ref"], lot


def test_a_lot_is_entered_once_and_stored(world, member, store):
    first, second = (member.post("/lots", LOT | {"regime": "chilled"}, key="k") for _n in range(2))
    assert first.json == second.json == member.get(first.location.removeprefix("/api/v1")).json
    ref = first.json["ref"]
    for other in ({"grams": 5}, {"product": "Navets"}, {"note": "Autre"}, {"received_on": "2026-08-30"}):
        reused = member.post("/lots", LOT | {"regime": "chilled"} | other, key="k")
        assert (reused.status_code, reused.json["problems"][0]["code"]) == (422, "key_reused")
    kept = member.post(f"/lots/{ref}/store", {"resource": store.slug})
    assert (kept.status_code, kept.json["place"]) == (200, "Frigo, Pôle nourricier")
    again = member.post("/lots", LOT | {"regime": "chilled"}, key="k")  # it has been moved since
    assert again.json["ref"] == ref
    assert member.post(f"/lots/{ref}/store", {"resource": None}).json["place"] is None
    assert entered(member, resource=store.slug, regime="chilled")["place"] == "Frigo, Pôle nourricier"


def test_it_is_handed_over_and_signed_by_both_sides_as_themselves(world, member, other):
    ref, lot = drafted(member, world)
    given = member.post(f"/handovers/{ref}/give")
    assert (given.status_code, given.json["state"], bool(given.json["given"]["digest"])) == (
        200,
        "given",
        True,
    )
    came = other.post(
        f"/handovers/{ref}/receive", {"lots": [{"lot": lot, "grams": 90_000}], "reason": "Abîmés"}
    )
    assert came.status_code == 200, came.json
    assert (came.json["state"], came.json["lines"][0]["received"]) == ("received", 90_000)
    note = queries.get_note(ref)
    assert (note.given_name, note.received_name) == ("Jeanne Moreau", "Loïc Hervé")
    assert member.get(f"/lots/{lot}").json["left"] == 310_000
    assert member.post(f"/handovers/{ref}/give").json["code"] == "illegal_move"


def test_a_note_is_written_once_under_one_key(world, member):
    lot = entered(member)["ref"]
    note = {"lots": [{"lot": lot, "grams": 100_000}], "to": world.theirs.slug, "packages": 9}
    first, second = (member.post("/handovers", note, key="k") for _n in range(2))
    assert first.json == second.json
    for other in ({"packages": 8}, {"lots": [{"lot": lot, "grams": 5}]}, {"to": None, "people": 3}):
        reused = member.post("/handovers", note | other, key="k")
        assert (reused.status_code, reused.json["problems"][0]["code"]) == (422, "key_reused")


def test_all_of_it_or_nothing_of_it_may_come(world, member, other):
    ref, _lot = drafted(member, world)
    member.post(f"/handovers/{ref}/give")
    assert other.post(f"/handovers/{ref}/refuse", {}).json["problems"][0]["field"] == "reason"
    assert other.post(f"/handovers/{ref}/refuse", {"reason": "Pas de place"}).json["state"] == "refused"
    ref, lot = drafted(member, world)
    member.post(f"/handovers/{ref}/give")
    more = other.post(f"/handovers/{ref}/receive", {"lots": [{"lot": lot, "grams": 110_000}]})
    assert (more.status_code, more.json["problems"][0]["field"]) == (422, "lots")
    assert other.post(f"/handovers/{ref}/receive").json["state"] == "received"


def test_what_came_too_warm_is_refused_with_its_temperature(world, member, other):
    lot = entered(member, product="Yaourts", regime="chilled")["ref"]
    ref, _lot = drafted(member, world, lot, temperature=35)
    member.post(f"/handovers/{ref}/give")
    body = {"reason": "Trop chaud", "temperature": 120}
    assert other.post(f"/handovers/{ref}/refuse", body).json["state"] == "refused"
    there = member.get(f"/lots/{lot}").json
    assert (there["left"], there["waiting"], there["blocked"]) == (300_000, 100_000, False)
    again = {"lots": [{"lot": lot, "grams": 300_001}], "people": 3, "temperature": 35}
    refused = member.post("/handovers", again).json
    assert (refused["code"], refused["facts"]["waiting"]) == ("lot_short", 100_000)
    again["lots"][0]["grams"] = 300_000
    assert member.post("/handovers", again).status_code == 201
    assert member.get(f"/lots/{lot}").json["blocked"]


def test_what_is_chilled_is_received_with_its_temperature(world, member, other):
    lot = entered(member, product="Yaourts", regime="chilled")["ref"]
    ref, _lot = drafted(member, world, lot, temperature=35)
    member.post(f"/handovers/{ref}/give")
    untold = other.post(f"/handovers/{ref}/receive")
    assert (untold.status_code, untold.json["problems"][0]["field"]) == (422, "temperature")
    came = other.post(f"/handovers/{ref}/receive", {"temperature": 39})
    assert (came.json["temperature"], came.json["temperature_received"]) == (35, 39)


def test_a_distribution_is_to_people_of_whom_only_the_number_is_known(world, member):
    ref, _lot = drafted(member, world, to=None, people=30)
    assert member.post(f"/handovers/{ref}/give").json["state"] == "distributed"


def test_nobody_signs_for_the_other_side(world, member, other):
    ref, _lot = drafted(member, world)
    assert other.post(f"/handovers/{ref}/give").status_code == 403
    member.post(f"/handovers/{ref}/give")
    for act, body in (("receive", {}), ("refuse", {"reason": "x"})):
        refused = member.post(f"/handovers/{ref}/{act}", body)
        assert (refused.status_code, refused.json["code"]) == (403, "not_our_lot")


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"product": ""}, "product", "field_empty"),
        ({"grams": 0}, "grams", "too_small"),
        ({"regime": "hot"}, "regime", "not_one_of"),
        ({"origin": ""}, "origin", "bad_lot"),
        ({"use_by": "2026-08-01"}, "use_by", "bad_lot"),
        ({"received_on": "2026-12-01"}, "received_on", "bad_lot"),
        ({"use_by": "demain"}, "use_by", "bad_day"),
        ({"made_of": {}}, "made_of", "field_unknown"),
    ],
)
def test_what_is_wrong_with_a_lot_is_told_at_its_field(world, member, facts, field, code):
    answer = member.post("/lots", LOT | facts)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json["problems"]] == [(field, code)]


def test_what_cannot_be_says_why(world, member, other, anybody, store):
    unfit = member.post("/lots", LOT | {"regime": "frozen", "resource": store.slug})
    assert (unfit.status_code, unfit.json["code"]) == (409, "place_unfit")
    for facts in (
        {"resource": "personne"},
        {"chain": "X"},
        {"origin": "", "origin_organisation": "personne"},
    ):
        assert member.post("/lots", LOT | facts).status_code == 404
    lot = entered(member)["ref"]
    assert other.post(f"/lots/{lot}/store", {"resource": None}).status_code == 404
    assert member.post("/lots", LOT | {"organisation": world.theirs.slug}).json["code"] == "not_taking_part"
    note = {"lots": [{"lot": lot, "grams": 500_000}], "to": world.theirs.slug}
    assert member.post("/handovers", note).json["code"] == "lot_short"
    assert other.post("/handovers", note).status_code == 404
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"lots": []}, "lots"),
        ({"to": world.ours.slug}, "to"),
        ({"to": None}, "people"),
        ({"temperature": 5_000}, "temperature"),
    )
    for given, field in wrong:
        refused = member.post("/handovers", note | {"lots": [{"lot": lot, "grams": 5}]} | given)
        assert (refused.status_code, refused.json["problems"][0]["field"]) == (422, field)
    chilled = entered(member, regime="chilled")["ref"]
    unmeasured = member.post("/handovers", note | {"lots": [{"lot": chilled, "grams": 5}]})
    assert unmeasured.json["problems"][0]["code"] == "temperature_missing"
    for path in ("/lots", "/handovers", f"/resources/{store.slug}/readings"):
        assert anybody.post(path, {}).status_code == 401


def test_who_manages_a_cold_room_notes_how_warm_it_is(world, manager, member, store):
    first, second = (
        manager.post(f"/resources/{store.slug}/readings", {"temperature": 35}, key="k") for _n in range(2)
    )
    assert first.status_code == 201, first.json
    validate("Reading", first.json)
    assert (first.json["verdict"], first.json) == ("fine", second.json)
    alarm = manager.post(f"/resources/{store.slug}/readings", {"temperature": 150}, key="k")
    assert (alarm.status_code, alarm.json["problems"][0]["code"]) == (422, "key_reused")
    warm = manager.post(f"/resources/{store.public_id}/readings", {"temperature": 150})
    assert warm.json["verdict"] == "alarm"
    odd = manager.post(f"/resources/{store.slug}/readings", {"temperature": 5_000})
    assert (odd.status_code, odd.json["problems"][0]["code"]) == (422, "temperature_odd")
    assert member.post(f"/resources/{store.slug}/readings", {"temperature": 35}).status_code == 403
    assert manager.post(f"/resources/{world.kitchen.slug}/readings", {"temperature": 35}).status_code == 404
