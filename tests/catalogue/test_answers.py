"""What the rooms above tell the catalogue's pages: hours in words, requests that wait, bookings that lie ahead."""

import pytest

from app.bookings import service as bookings
from app.bookings.service import Request
from app.catalogue import asks, service
from app.catalogue.errors import StillPromised
from app.core.policy import Actor
from tests import factories as f

OPERATOR = Actor(is_platform_admin=True)


@pytest.fixture
def asked(session, frozen):
    """A kitchen with one request for October, and who manages it."""
    owner = f.an_organisation(f.a_territory())
    site = f.a_site(owner, hours="Mo-Sa 07:00-22:00; PH off")
    kitchen = f.a_resource(site, name="Cuisine partagée")
    person = f.a_member(owner)
    actor = f.actor_of(person, memberships={owner.id: "member"}, acting_for=owner.id)
    span = f.span("2026-10-06 08:00", "2026-10-06 12:00")
    booking = bookings.ask(
        Request(kitchen.id, owner.id, span, 1, "Confitures"), actor, uid_host="exemple.org"
    )
    return site, kitchen, booking, f.a_manager(site)


def who_decides(site, manager):
    return f.actor_of(manager, managed_sites=frozenset({site.id}))


def test_hours_are_words(asked):
    hours = asks.hours_of(asked[0].id)
    assert hours is not None
    assert len(hours.rows) == 2  # Monday to Saturday, Sunday
    assert len(hours.notes) == 1


def test_requests_that_wait_are_counted(asked):
    site, _, booking, manager = asked
    assert asks.waiting_by_site([site.id]) == {site.id: 1}
    bookings.refuse(booking.id, who_decides(site, manager), "Fermé pour travaux")
    assert asks.waiting_by_site([site.id]) == {}


def test_what_lies_ahead_stands_against_archiving_and_is_listed(asked, client, login):
    site, kitchen, booking, manager = asked
    with pytest.raises(StillPromised) as refused:
        service.archive_resource(OPERATOR, kitchen)
    assert refused.value.facts["refs"] == [booking.ref]
    login(client, manager)
    for address in (f"/ressources/{kitchen.slug}/archiver", f"/lieux/{site.slug}/archiver"):
        assert f"/reservations/{booking.ref}" in client.get(address).get_data(as_text=True)
        assert client.post(address).location == address
    assert "/a-traiter" in client.get(f"/lieux/{site.slug}/gerer").get_data(as_text=True)
    bookings.refuse(booking.id, who_decides(site, manager), "Fermé pour travaux")
    assert client.post(f"/ressources/{kitchen.slug}/archiver").location == f"/lieux/{site.slug}/gerer"
