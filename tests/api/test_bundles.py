"""Requests for several resources through the API: all or none, read by who has to do with them."""

import pytest
from sqlalchemy import func, select

from app.bookings.models import Booking, Bundle
from app.infra.db import db
from app.infra.uow import atomic
from tests.api.world import Caller, token_of
from tests.factories import a_manager, a_resource, a_site


@pytest.fixture
def van(world):
    garage = a_site(world.owner, name="Le garage", hours="Mo-Sa 07:00-22:00; PH off")
    a_manager(garage)
    return a_resource(garage, name="Fourgon", kind="vehicle")


def legs(world, van, **facts):
    slot = {"start": "2026-10-06T08:00:00+02:00", "end": "2026-10-06T12:00:00+02:00"}
    both = [{"resource": van.slug, **slot}, {"resource": world.kitchen.slug, **slot, "quantity": 1}]
    return {"legs": both, "purpose": "Courgettes"} | facts


def test_ask_and_read(world, member, van):
    made = member.post("/bookings", legs(world, van, people=8, message="Merci"))
    assert made.status_code == 201, made.json
    bundle = made.json
    assert made.headers["Location"] == f"/api/v1/bundles/{bundle['ref']}"
    assert (bundle["state"], bundle["accepted"], bundle["size"], bundle["people"]) == ("waiting", 0, 2, 8)
    assert [leg["resource"]["slug"] for leg in bundle["legs"]] == [van.slug, world.kitchen.slug]
    assert [leg["bundle"] for leg in bundle["legs"]] == [{"ref": bundle["ref"], "leg": n} for n in (1, 2)]
    assert member.get(f"/bundles/{bundle['ref'].lower()}").json == bundle
    alone = member.get(f"/bookings/{bundle['legs'][0]['ref']}").json
    assert alone["bundle"] == {"ref": bundle["ref"], "leg": 1}


def test_each_manager_decides_on_a_leg_and_reads_only_their_own(app, client, world, member, van):
    bundle = member.post("/bookings", legs(world, van)).json
    manager = Caller(app, client, token_of(world.manager))
    seen = manager.get(f"/bundles/{bundle['ref']}").json
    assert [leg["resource"]["slug"] for leg in seen["legs"]] == [world.kitchen.slug]
    assert seen["size"] == 2
    manager.post(f"/bookings/{seen['legs'][0]['ref']}/approve")
    assert member.get(f"/bundles/{bundle['ref']}").json["accepted"] == 1
    other = Caller(app, client, token_of(world.other))
    assert other.get(f"/bundles/{bundle['ref']}").status_code == 404
    assert Caller(app, client).get(f"/bundles/{bundle['ref']}").status_code == 401


def test_refused_legs_are_told_with_what_else_can_be_had(world, member, van):
    member.post("/bookings", world.wish())
    answer = member.post("/bookings", legs(world, van))
    assert (answer.status_code, answer.json["code"]) == (409, "legs_refused")
    [leg] = answer.json["legs"]
    assert leg["leg"] == 1
    assert leg["refusals"][0]["code"] == "taken"
    assert {each["kind"] for each in leg["alternatives"]} >= {"other_day"}
    assert db.session.scalar(select(func.count()).select_from(Bundle)) == 0


def test_the_same_key_counts_once(world, member, van):
    first = member.post("/bookings", legs(world, van), key="f3a9")
    again = member.post("/bookings", legs(world, van), key="f3a9")
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 2
    assert member.post("/bookings", legs(world, van, purpose="Autre"), key="f3a9").status_code == 422


@pytest.mark.parametrize(
    "facts, field",
    [
        ({"legs": []}, "legs"),
        ({"legs": "x"}, "legs"),
        ({"legs": None}, "legs"),
        ({"legs": [{"resource": "a"}] * 2}, "legs.0.start"),
        ({"purpose": ""}, "purpose"),
        ({"resource": "cuisine"}, "resource"),
    ],
)
def test_what_is_wrong_is_told_by_field(world, member, van, facts, field):
    answer = member.post("/bookings", legs(world, van, **facts))
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json["problems"]]


def following(world, van, kitchen_start="2026-10-06T12:00:00+02:00", **facts):
    asked = legs(world, van, in_order=True, **facts)
    asked["legs"][1] |= {"start": kitchen_start, "end": "2026-10-06T16:00:00+02:00"}
    return asked


def test_legs_that_follow_one_another(world, member, van):
    handover = "2026-10-08T14:00:00+02:00"
    made = member.post("/bookings", following(world, van, handover_at=handover))
    assert made.status_code == 201, made.json
    assert (made.json["in_order"], made.json["handover_at"]) == (True, handover)
    assert {leg["expires_at"] for leg in made.json["legs"]} == {made.json["expires_at"]}
    assert member.post("/bookings", legs(world, van)).status_code == 409
    assert member.get(f"/bundles/{made.json['ref']}").json == made.json


@pytest.mark.parametrize(
    "facts, code, field",
    [
        ({"kitchen_start": "2026-10-06T11:00:00+02:00"}, "leg_too_soon", "legs.1.start"),
        ({"handover_at": "2026-10-06T15:59:00+02:00"}, "handover_too_soon", "handover_at"),
        ({"handover_at": "2096-10-06T17:00:00+02:00"}, "handover_too_late", "handover_at"),
        (
            {"handover_at": "2026-10-08T14:00:00+02:00", "in_order": False},
            "handover_needs_order",
            "handover_at",
        ),
        ({"handover_at": "jeudi"}, "invalid", "handover_at"),
        ({"in_order": "oui"}, "invalid", "in_order"),
    ],
)
def test_what_does_not_follow_is_told_with_from_when_it_could(world, member, van, facts, code, field):
    start = facts.pop("kitchen_start", "2026-10-06T12:00:00+02:00")
    body = following(world, van, start)
    body |= facts
    answer = member.post("/bookings", body)
    assert answer.status_code == 422
    if code != "invalid":
        assert answer.json["code"] == code
    assert [each["field"] for each in answer.json["problems"]] == [field]
    if code == "leg_too_soon":
        told = {name: answer.json["facts"][name] for name in ("leg", "name", "before", "not_before")}
        assert told == {
            "leg": 2,
            "name": world.kitchen.name,
            "before": "Fourgon",
            "not_before": "2026-10-06T12:00:00+02:00",
        }
    assert db.session.scalar(select(func.count()).select_from(Bundle)) == 0


def test_too_many_legs(world, member, van):
    many = legs(world, van)["legs"] * 5
    answer = member.post("/bookings", legs(world, van, legs=many))
    assert [each["code"] for each in answer.json["problems"]] == ["too_many_values"]


def test_a_leg_is_counted_in_the_unit_it_names(world, member, van):
    with atomic():
        world.pallets.packs = {"crate_60x40": 32}
    stored = {
        "resource": world.pallets.slug,
        "start": "2026-10-06T00:00:00+02:00",
        "end": "2026-10-08T00:00:00+02:00",
    }
    body = legs(world, van)
    body["legs"].append({**stored, "quantity": 70, "unit": "crate_60x40"})
    leg = member.post("/bookings", body).json["legs"][2]
    assert (leg["quantity"], leg["packed"]["number"], leg["packed"]["unit"]) == (3, 70, "crate_60x40")
    body["legs"][2]["unit"] = "pallet"
    assert member.post("/bookings", body).json["code"] == "legs_refused"  # 70 of 24
    body["legs"][2]["unit"] = "nonsense_unit"
    refused = member.post("/bookings", body)
    assert refused.status_code == 422
    [problem] = refused.json["problems"]
    assert (problem["field"], problem["code"]) == ("legs.2.unit", "unit_not_accepted")
