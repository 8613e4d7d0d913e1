"""What is answered through the API besides a single request: proposals, whole series, and that nobody came."""

import pytest

from app.bookings import service
from app.bookings.models import Booking
from app.bookings.service import Offer
from app.core.policy import Actor
from app.infra.db import db
from tests.api.world import validate
from tests.factories import a_resource, at, span

THURSDAY = span("2026-10-08 08:00", "2026-10-08 12:00")


def as_manager(world):
    return Actor(person_id=world.manager.id, managed_sites=frozenset({world.site.id}))


@pytest.fixture
def proposed(world, member):
    """Give the reference of a request to which the place proposes another day, and that of the proposal."""
    ref = member.post("/bookings", world.wish()).json["ref"]
    booking = db.session.query(Booking).filter_by(ref=ref).one()
    proposal = service.propose(booking.id, as_manager(world), Offer(world.kitchen.id, THURSDAY, 1, "Jeudi ?"))
    return ref, proposal.ref


# -- proposals ----------------------------------------------------------------------------------------------


def test_a_proposal_is_accepted(member, proposed):
    ref, proposal = proposed
    read = member.get(f"/bookings/{ref}").json
    assert {"accept_proposal", "decline_proposal"} <= set(read["acts"])
    answer = member.post(f"/bookings/{ref}/proposal/accept", {"proposal": proposal.lower()})
    assert answer.status_code == 200, answer.json
    assert (answer.json["state"], answer.json["start"]) == ("approved", "2026-10-08T08:00:00+02:00")
    assert answer.json["proposal"] is None
    assert "accept_proposal" not in answer.json["acts"]
    again = member.post(f"/bookings/{ref}/proposal/accept", {"proposal": proposal})
    assert (again.status_code, again.json["code"]) == (409, "illegal_move")


def test_a_proposal_is_declined_and_the_request_waits_again(member, proposed):
    ref, proposal = proposed
    declined = {"proposal": proposal, "reason": "Le jeudi est pris"}
    answer = member.post(f"/bookings/{ref}/proposal/decline", declined)
    assert answer.status_code == 200, answer.json
    assert (answer.json["state"], answer.json["start"]) == ("pending", "2026-10-06T08:00:00+02:00")
    assert answer.json["proposal"] is None
    assert answer.json["expires_at"]


def test_only_who_asked_answers_the_proposal_that_was_read(member, manager, other, anybody, proposed):
    ref, proposal = proposed
    url, body = f"/bookings/{ref}/proposal/accept", {"proposal": proposal}
    assert manager.post(url, body).status_code == 403
    assert other.post(url, body).status_code == 404
    assert anybody.post(url, body).status_code == 401
    assert member.post(url, {"proposal": "ZZZZZZZZ"}).json["code"] == "illegal_move"
    assert member.post(url, {}).json["problems"][0]["code"] == "field_missing"
    assert "accept_proposal" not in manager.get(f"/bookings/{ref}").json["acts"]


def test_another_vehicle_is_confirmed_when_it_is_accepted(world, member):
    van = a_resource(world.site, name="Fourgon", kind="vehicle")
    minibus = a_resource(world.site, name="Minibus", kind="vehicle", facts={"licence_years": 3})
    ref = member.post("/bookings", world.wish(resource=van.slug)).json["ref"]
    booking = db.session.query(Booking).filter_by(ref=ref).one()
    proposal = service.propose(booking.id, as_manager(world), Offer(minibus.id, booking.span, 1))
    url, body = f"/bookings/{ref}/proposal/accept", {"proposal": proposal.ref}
    assert member.post(url, body).json["code"] == "licence_not_confirmed"
    assert member.post(url, body | {"licence_years": 3}).json["resource"]["slug"] == minibus.slug


# -- a whole series -----------------------------------------------------------------------------------------


@pytest.fixture
def series(world, member):
    weekly = {"frequency": "weekly", "count": 3}
    answer = member.post("/bookings", world.wish(repeat=weekly))
    assert answer.status_code == 201, answer.json
    return answer.json["ref"]


def test_a_series_is_accepted_whole(member, manager, series):
    answer = manager.post(f"/series/{series}/approve", {"reason": "Avec plaisir"})
    assert answer.status_code == 200, answer.json
    validate("Series", answer.json)
    assert answer.json["state"] == "granted"
    assert [each["state"] for each in answer.json["bookings"]] == ["approved"] * 3
    again = manager.post(f"/series/{series}/approve")
    assert again.status_code == 409
    assert member.get(f"/series/{series}").json["state"] == "granted"


def test_the_free_dates_of_a_series_are_accepted_where_others_have_some(world, member, manager):
    room = a_resource(world.site, name="Salle", holds_request=False)
    wish = world.wish(resource=room.slug, repeat={"frequency": "weekly", "count": 3})
    ref = member.post("/bookings", wish).json["ref"]
    second = span("2026-10-13 08:00", "2026-10-13 12:00")
    whose = Actor(person_id=world.manager.id, memberships={world.owner.id: "member"})
    other = service.ask(service.Request(room.id, world.owner.id, second, 1, "Conseil"), whose, uid_host="x")
    service.approve(other.id, as_manager(world))
    refused = manager.post(f"/series/{ref}/approve")
    assert (refused.status_code, refused.json["code"]) == (409, "dates_taken")
    answer = manager.post(f"/series/{ref}/approve", {"conflicts": "free"})
    assert [each["state"] for each in answer.json["bookings"]] == ["approved", "pending", "approved"]


def test_a_series_is_refused_with_a_reason(manager, series):
    assert manager.post(f"/series/{series}/refuse", {}).json["problems"][0]["field"] == "reason"
    answer = manager.post(f"/series/{series}/refuse", {"reason": "Travaux"})
    assert answer.status_code == 200, answer.json
    assert answer.json["state"] == "ended"
    assert {(each["state"], each["reason"]) for each in answer.json["bookings"]} == {("refused", "Travaux")}


def test_only_the_place_answers_a_series(member, other, anybody, series):
    for act in ("approve", "refuse"):
        url, body = f"/series/{series}/{act}", {"reason": "x"}
        assert member.post(url, body).status_code == 403
        assert other.post(url, body).status_code == 404
        assert anybody.post(url, body).status_code == 401


# -- nobody came --------------------------------------------------------------------------------------------


def test_nobody_came(world, member, manager, frozen):
    ref = member.post("/bookings", world.wish()).json["ref"]
    manager.post(f"/bookings/{ref}/approve")
    early = manager.post(f"/bookings/{ref}/no-show")
    assert (early.status_code, early.json["code"]) == (409, "absence_not_told")
    frozen.move_to(at("2026-10-06 13:00"))
    assert manager.get(f"/bookings/{ref}").json["acts"] == ["tell_absence"]
    assert member.post(f"/bookings/{ref}/no-show").status_code == 403
    answer = manager.post(f"/bookings/{ref}/no-show", {"reason": "Porte close"})
    assert (answer.status_code, answer.json["use"]) == (200, "no_show")
    assert answer.json["acts"] == []
    assert manager.post(f"/bookings/{ref}/no-show").status_code == 409
