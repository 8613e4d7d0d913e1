"""Waiting lists through the API: joined, read, what is offered taken or declined, the line left."""

import pytest
from sqlalchemy import func, select

from app.bookings import service
from app.bookings.models import Booking, Waiting
from app.infra.db import db
from tests.api.world import validate
from tests.factories import a_resource


@pytest.fixture
def taken(world, other, manager):
    """Give the reference of a booking that others have."""
    ref = other.post("/bookings", world.wish()).json["ref"]
    manager.post(f"/bookings/{ref}/approve")
    return ref


def number_of(kind):
    return db.session.scalar(select(func.count()).select_from(kind))


def test_join_and_read(world, member, taken):
    answer = member.post("/waiting", world.wish(people=8))
    assert answer.status_code == 201, answer.json
    entry = answer.json
    validate("Waiting", entry)
    assert answer.headers["Location"] == f"/api/v1/waiting/{entry['ref']}"
    assert (entry["state"], entry["mode"], entry["place"], entry["acts"]) == (
        "waits",
        "in_line",
        1,
        ["leave"],
    )
    assert (entry["organisation"]["slug"], entry["people"]) == (world.ours.slug, 8)
    assert member.get(f"/waiting/{entry['ref'].lower()}").json == entry
    assert member.get("/waiting").json == {"items": [entry]}
    assert (
        member.post("/waiting", world.wish(people=8)).json == entry
    )  # one place, however often it is asked for
    assert number_of(Waiting) == 1


def test_only_to_be_told(world, member, taken):
    wish = {name: value for name, value in world.wish().items() if name != "purpose"}
    entry = member.post("/waiting", wish | {"tell_only": True}).json
    assert (entry["mode"], entry["organisation"], entry["place"]) == ("to_tell", None, None)


def test_what_is_free_is_not_waited_for(world, member):
    answer = member.post("/waiting", world.wish())
    assert (answer.status_code, answer.json["code"]) == (409, "slot_is_free")


def test_what_no_waiting_would_change_is_refused_with_the_reasons(world, member, taken):
    night = {"start": "2026-10-06T03:00:00+02:00", "end": "2026-10-06T09:00:00+02:00"}
    answer = member.post("/waiting", world.wish(**night))
    assert (answer.status_code, answer.json["code"]) == (409, "slot_refused")
    assert "outside_hours" in [each["code"] for each in answer.json["refusals"]]


def test_what_is_wrong_is_told_by_field(world, member, taken):
    assert member.post("/waiting", world.wish(purpose="")).json["problems"][0]["field"] == "purpose"
    assert member.post("/waiting", world.wish(unit="crate_60x40")).json["problems"][0]["field"] == "unit"
    assert member.post("/waiting", world.wish(licence_years=3)).json["problems"][0]["code"] == "field_unknown"
    assert member.post("/waiting", world.wish(organisation=world.theirs.slug)).status_code == 403
    assert member.post("/waiting", world.wish(resource="nulle-part")).status_code == 404


def test_what_is_offered_is_taken_once(world, member, other, taken):
    ref = member.post("/waiting", world.wish()).json["ref"]
    early = member.post(f"/waiting/{ref}/take")
    assert (early.status_code, early.json["code"]) == (409, "offer_over")
    other.post(f"/bookings/{taken}/cancel", {"reason": "Empêchés"})
    service.offer_freed(world.kitchen.id)
    entry = member.get(f"/waiting/{ref}").json
    assert (entry["state"], entry["acts"]) == ("offered", ["take", "leave"])
    assert entry["expires_at"]
    made = member.post(f"/waiting/{ref}/take")
    assert made.status_code == 201, made.json
    validate("Booking", made.json)
    assert made.headers["Location"] == f"/api/v1/bookings/{made.json['ref']}"
    assert member.post(f"/waiting/{ref}/take").json["ref"] == made.json["ref"]
    assert number_of(Booking) == 2
    read = member.get(f"/waiting/{ref}").json
    assert (read["state"], read["booking"], read["acts"]) == ("taken", made.json["ref"], [])
    assert member.get("/waiting").json == {"items": []}


def test_what_is_offered_is_declined(world, member, other, taken):
    ref = member.post("/waiting", world.wish()).json["ref"]
    other.post(f"/bookings/{taken}/cancel", {"reason": "Empêchés"})
    service.offer_freed(world.kitchen.id)
    left = member.post(f"/waiting/{ref}/leave")
    assert (left.status_code, left.json["state"], left.json["place"]) == (200, "left", None)
    again = member.post(f"/waiting/{ref}/leave")
    assert (again.status_code, again.json["code"]) == (409, "illegal_move")


def test_a_vehicle_that_is_offered_is_confirmed(world, member, other, manager):
    minibus = a_resource(world.site, name="Minibus", kind="vehicle", facts={"licence_years": 3})
    theirs = other.post("/bookings", world.wish(resource=minibus.slug, licence_years=3)).json["ref"]
    manager.post(f"/bookings/{theirs}/approve")
    ref = member.post("/waiting", world.wish(resource=minibus.slug)).json["ref"]
    other.post(f"/bookings/{theirs}/cancel", {"reason": "Empêchés"})
    service.offer_freed(minibus.id)
    assert member.post(f"/waiting/{ref}/take").json["code"] == "licence_not_confirmed"
    assert member.post(f"/waiting/{ref}/take", {"licence_years": 3}).status_code == 201


def test_a_place_in_line_is_its_owners(world, member, other, manager, anybody, taken):
    ref = member.post("/waiting", world.wish()).json["ref"]
    for caller in (other, manager):
        assert caller.get(f"/waiting/{ref}").status_code == 404
        assert caller.post(f"/waiting/{ref}/leave").status_code == 404
        assert caller.get("/waiting").json == {"items": []}
    assert anybody.get("/waiting").status_code == 401
    assert anybody.post("/waiting", world.wish()).status_code == 401
    assert member.get("/waiting/ZZZZZZZZ").status_code == 404
