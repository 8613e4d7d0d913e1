"""Closing a place: what it hits is shown first, then kept or cancelled, and everything can be opened again."""

import pytest
from sqlalchemy import select

from app.availability.models import Closure
from app.availability.queries import Wish, verdict
from app.bookings import service
from app.catalogue.events import ResourceChanged
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    an_organisation,
    at,
    span,
)
from tests.helpers import HTMX

FORM = {
    "what": "",
    "date": "2026-10-06",
    "de": "00:00",
    "fin": "2026-10-06",
    "a": "24:00",
    "reason": "Travaux",
}
SLOT = span("2026-10-06 09:00", "2026-10-06 12:00")


@pytest.fixture
def world(session, frozen, client, login):
    owner = an_organisation(a_territory())
    site = a_site(owner, hours="Mo-Sa 07:00-22:00; PH off")
    kitchen, association = a_resource(site), an_organisation(owner.territory)
    member = Actor(person_id=a_member(association).id, memberships={association.id: "member"})
    booking = service.ask(
        service.Request(kitchen.id, association.id, SLOT, 1, "Soupes"), member, uid_host="x.test"
    )
    login(client, a_manager(site))
    return site, kitchen, booking


def close(client, site, headers=None, **more):
    return client.post(f"/lieux/{site.slug}/fermetures", data=FORM | more, headers=headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_hit_is_shown_before_saving(client, world, headers):
    site, _kitchen, booking = world
    answer = close(client, site, headers)
    assert answer.status_code == 409
    assert f'name="seen" value="{booking.ref}"' in answer.text
    assert 'value="Travaux"' in answer.text
    assert db.session.scalar(select(Closure)) is None


def test_one_made_after_the_look_is_shown_too(client, world):
    site, kitchen, seen = world
    member = Actor(seen.requester_id, False, {seen.organisation_id: "member"})
    other = span("2026-10-06 14:00", "2026-10-06 16:00")
    request = service.Request(kitchen.id, seen.organisation_id, other, 1, "Soupes")
    unseen = service.ask(request, member, uid_host="x.test")
    answer = close(client, site, confirm="cancel", seen=seen.ref)
    assert answer.status_code == 409
    assert f'name="seen" value="{seen.ref} {unseen.ref}"' in answer.text
    db.session.expire_all()
    assert seen.decision == "pending"
    assert db.session.scalar(select(Closure)) is None


@pytest.mark.parametrize("choice, decision", [("keep", "pending"), ("cancel", "cancelled")])
def test_the_manager_keeps_or_cancels(client, world, choice, decision):
    site, kitchen, booking = world
    assert close(client, site, confirm=choice, seen=booking.ref).status_code == 303
    db.session.expire_all()
    assert booking.decision == decision
    assert booking.reason == ("Travaux" if choice == "cancel" else "")
    free = span("2026-10-06 14:00", "2026-10-06 16:00")
    assert [r.code for r in verdict(Wish(kitchen.id, free))] == ["closed"]


@pytest.mark.parametrize("who", ["coordination", "platform"])
def test_who_looks_after_all_places_closes_and_opens(client, world, login, who):
    site, _kitchen, booking = world
    person = (
        a_coordinator(site.owner.territory) if who == "coordination" else a_person(is_platform_admin=True)
    )
    login(client, person)
    assert close(client, site, confirm="cancel", seen=booking.ref).status_code == 303
    db.session.expire_all()
    assert booking.decision == "cancelled"
    closure = db.session.scalars(select(Closure)).one()
    assert client.post(f"/lieux/{site.slug}/fermetures/{closure.public_id}/lever").status_code == 303


def test_it_is_opened_again(client, world):
    site, kitchen, booking = world
    close(client, site, what=kitchen.public_id, confirm="cancel", seen=booking.ref)
    closure = db.session.scalars(select(Closure)).one()
    assert closure.resource_id == kitchen.id
    assert client.post(f"/lieux/{site.slug}/fermetures/{closure.public_id}/lever").status_code == 303
    assert not verdict(Wish(kitchen.id, SLOT))
    assert client.post(f"/lieux/{site.slug}/fermetures/{closure.public_id}/lever").status_code == 409


def test_what_is_over_is_not_hit(client, world, frozen):
    site, _kitchen, booking = world
    frozen.move_to(at("2026-10-06 15:00"))
    assert close(client, site).status_code == 303
    db.session.expire_all()
    assert booking.decision == "pending"


def test_a_request_that_holds_nothing_is_hit_too(client, world):
    site, _kitchen, first = world
    store, member = (
        a_resource(site, holds_request=False),
        Actor(first.requester_id, False, {first.organisation_id: "member"}),
    )
    request = service.Request(store.id, first.organisation_id, SLOT, 1, "Bocaux")
    waiting = service.ask(request, member, uid_host="x.test")
    assert waiting.ref in close(client, site).text


def test_what_is_new_at_a_closed_place_is_closed(client, world):
    site, kitchen, booking = world
    close(client, site, confirm="cancel", seen=booking.ref)
    set_capacity(kitchen, 3)
    for resource in (kitchen, a_resource(site)):
        assert [r.code for r in verdict(Wish(resource.id, SLOT))] == ["closed"]


def test_the_capacity_shrinks_under_a_closure_and_over_the_past(client, world, frozen):
    site, kitchen, _booking = world
    set_capacity(kitchen, 4)
    frozen.move_to(at("2026-10-06 15:00"))
    close(client, site, date="2026-10-20", fin="2026-10-20")
    set_capacity(kitchen, 1)
    assert [r.code for r in verdict(Wish(kitchen.id, span("2026-10-20 09:00", "2026-10-20 12:00")))] == [
        "closed"
    ]


def set_capacity(resource, capacity):
    with atomic():
        resource.capacity = capacity
        emit(ResourceChanged(resource.id))


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "}, {"date": ""}, {"date": "2026-02-31"}, {"fin": "2026-10-05"}, {"what": "NOPE"}, {"de": "25:00"},
        {"fin": "2030-01-01"}, {"date": "2027-03-28", "fin": "2027-03-28", "de": "02:30"},
    ],
)  # fmt: skip
def test_bad_input_is_told_and_kept(client, world, wrong):
    site, _kitchen, _booking = world
    answer = close(client, site, **wrong)
    assert answer.status_code == 422
    assert "Travaux" in answer.text or "reason" in wrong
    assert db.session.scalar(select(Closure)) is None


def test_a_stranger_may_not(app, client, login, world):
    site, _kitchen, _booking = world
    stranger = app.test_client()
    login(stranger, a_member(an_organisation(a_territory())))
    assert close(stranger, site).status_code == 403
    assert stranger.post(f"/lieux/{site.slug}/fermetures/UNKNOWN/lever").status_code == 404
