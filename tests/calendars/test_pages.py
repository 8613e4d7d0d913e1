"""The pages where people get, renew and end their calendar links."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.events import PasswordResetAsked
from app.calendars.audiences import Scope
from app.calendars.models import Subscription
from app.core.policy import Actor
from app.infra import events
from app.infra.db import db
from tests.calendars.world import World, vevents
from tests.factories import a_coordinator, a_person, a_resource
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")

_TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')
_FEED = re.compile(r"http://[^\"&]+/agendas/([\w-]{43})\.ics")


def without_token(text: str) -> str:
    """Leave out the form token, which grows old by the second."""
    return _TOKEN.sub("", text)


@pytest.fixture
def world(session, frozen):
    return World()


@pytest.fixture
def browse(world, client, login):
    """A browser in which somebody is signed in."""

    def sign_in(person):
        login(client, person)
        return client

    return sign_in


def secret_in(text):
    """Find the secret that a page shows, or None."""
    found = _FEED.search(text)
    return found[1] if found else None


def dialog(scope, row):
    return f"/agendas/abonnement?scope={scope}&id={row.public_id}"


def links():
    return db.session.scalars(select(Subscription).order_by(Subscription.id)).all()


def test_making_a_link_shows_its_address_once(world, browse, client):
    browse(world.member)
    url = dialog("resource", world.kitchen)
    assert "Créer mon lien privé" in client.get(url).text
    answer = client.post(url, data={"audience": "member"})
    assert answer.status_code == 303
    shown = client.get(answer.headers["Location"])
    secret = secret_in(shown.text)
    for piece in ("webcal://", "outlook.office.com", "settings/addbyurl", "mot de passe", "quelques heures"):
        assert piece in shown.text
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/agendas/{secret}.ics").status_code == 200
    again = client.get(url).text
    assert secret not in again
    assert "••••" in again
    assert "par Web" not in again


def test_with_htmx_the_piece_comes_back_with_the_address(world, browse, client):
    browse(world.member)
    answer = client.post(dialog("resource", world.kitchen), data={"audience": "member"}, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert secret_in(answer.text)
    assert not secret_in(client.get(dialog("resource", world.kitchen)).text)


def test_a_manager_chooses_how_much_a_link_tells(world, browse, client):
    browse(world.manager)
    url = dialog("site", world.site)
    assert client.get(url).text.count('type="radio"') == 3
    client.post(url, data={"audience": "public"})
    assert [link.audience for link in links()] == ["public"]
    refused = client.post(url, data={"audience": "everything"})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    client.post(dialog("organisation", world.owner), data={"audience": "own"})


def test_a_member_cannot_make_a_link_for_managers(world, browse, client):
    browse(world.member)
    assert client.post(dialog("site", world.site), data={"audience": "manager"}).status_code == 422
    assert not links()


def test_too_many_links_is_said_in_words(world, browse, client):
    for _n in range(10):
        world.link(world.member)
    browse(world.member)
    answer = client.post(dialog("resource", world.kitchen), data={"audience": "member"}, headers=HTMX)
    assert answer.status_code == 409
    assert "Vous avez déjà 10 liens" in answer.text


def test_reset_and_revoke(world, browse, client):
    path = world.link(world.member)
    browse(world.member)
    answer = client.post(f"/agendas/liens/{links()[0].public_id}/reinitialiser")
    assert answer.status_code == 303
    secret = secret_in(client.get(answer.headers["Location"]).text)
    assert client.get(path).status_code == 410
    assert client.get(f"/agendas/{secret}.ics").status_code == 200
    answer = client.post(f"/agendas/liens/{links()[1].public_id}/revoquer")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/compte/agendas")
    assert client.get(f"/agendas/{secret}.ics").status_code == 410


def test_reset_and_revoke_with_htmx(world, browse, client):
    world.link(world.member)
    browse(world.member)
    answer = client.post(f"/agendas/liens/{links()[0].public_id}/reinitialiser", headers=HTMX)
    assert secret_in(answer.text)
    answer = client.post(f"/agendas/liens/{links()[1].public_id}/revoquer", headers=HTMX)
    assert answer.status_code == 200
    assert "hx-swap-oob" in answer.text
    assert client.post(f"/agendas/liens/{links()[1].public_id}/revoquer", headers=HTMX).status_code == 404


def test_links_of_others_are_out_of_reach(world, browse, client):
    path = world.link(world.manager)
    browse(world.member)
    for act in ("reinitialiser", "revoquer"):
        assert client.post(f"/agendas/liens/{links()[0].public_id}/{act}").status_code == 403
    assert client.post("/agendas/liens/UNKNOWN/revoquer").status_code == 404
    assert client.get(path).status_code == 200


def test_the_last_visit_is_shown(world, browse, client):
    path = world.link(world.member)
    client.get(path, headers={"User-Agent": "Google-Calendar-Importer"})
    browse(world.member)
    for url in (dialog("resource", world.kitchen), "/compte/agendas"):
        text = client.get(url).text
        assert "par Google Agenda" in text
        assert "10:00" in text


@pytest.mark.parametrize("query", ["", "scope=resource", "scope=resource&id=NOPE", "scope=planet&id=X"])
def test_unknown_calendars_are_404(world, browse, client, query):
    browse(world.member)
    for address in ("/agendas/abonnement", "/agendas/telecharger"):
        assert client.get(f"{address}?{query}").status_code == 404


def test_what_one_may_not_read_is_refused(world, browse, client):
    hidden = a_resource(world.site, visibility="hidden")
    browse(world.member)
    for url in (
        dialog("resource", hidden),
        dialog("organisation", world.theirs),
        dialog("person", world.other),
    ):
        assert client.get(url).status_code == 403
        assert client.post(url, data={"audience": "own"}).status_code == 403


def test_visitors_sign_in_first_and_come_back(world, client):
    for url in (dialog("resource", world.kitchen), "/agendas/abonnement?scope=person", "/compte/agendas"):
        answer = client.get(url)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/connexion?next=")


def test_ones_own_calendar_needs_no_id(world, browse, client):
    browse(world.member)
    assert "Mes réservations" in client.get("/agendas/abonnement?scope=person").text


def test_my_calendars_lists_links_and_offers_the_rest(world, browse, client):
    world.link(world.manager)
    browse(world.manager)
    with count_queries(at_most=9):
        text = client.get("/compte/agendas").text
    for name in (
        "Mes réservations",
        "Pôle nourricier",
        "Cuisine – Pôle nourricier",
        "À traiter – Pôle nourricier",
    ):
        assert name in text
    assert text.count("Réinitialiser</span>") == 1


def test_a_calendar_one_lost_is_marked(world, browse, client):
    world.link(a := a_coordinator(world.territory), Scope.ORGANISATION, world.ours)
    subscription = links()[0]
    browse(world.member)
    from tests.calendars.world import change

    change(subscription, person_id=world.other.id)
    browse(world.other)
    assert "Vous n’avez plus accès" in client.get("/compte/agendas").text
    assert a.id != world.other.id


def test_downloading_once_gives_a_file(world, browse, client):
    booking = world.book()
    browse(world.member)
    answer = client.get(dialog("resource", world.kitchen).replace("abonnement", "telecharger"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cuisine-pole-nourricier.ics"'
    (event,) = vevents(answer.data)
    assert event["UID"] == booking.uid


def test_the_piece_is_the_page_after_reload(world, browse, client):
    world.link(world.manager)
    browse(world.manager)
    assert_same_after_swap(client, dialog("resource", world.kitchen))


def test_links_end_with_the_sessions_only_when_asked(world, client):
    address, actor = world.link(world.member), Actor(person_id=world.member.id)
    accounts.sign_out_everywhere(actor)
    assert client.get(address).status_code == 200
    accounts.sign_out_everywhere(actor, links_too=True)
    assert client.get(address).status_code == 410


def test_links_end_with_a_forgotten_password_only_when_asked(world, client, monkeypatch):
    address = world.link(world.member)
    heard: list[Any] = []
    monkeypatch.setitem(events._listeners, PasswordResetAsked, [heard.append])
    for links_too, status in ((False, 200), (True, 410)):
        accounts.ask_reset(world.member.email)
        accounts.reset_password(heard[-1].secret, "un nouveau mot long", links_too=links_too)
        assert client.get(address).status_code == status


# ---------------------------------------------------------------- one booking


def test_one_booking_is_given_to_those_who_may_see_it(world, browse, client):
    booking = world.book(decision="pending")
    url = f"/reservations/{booking.ref}.ics"
    assert client.get(url).status_code == 303
    browse(world.member)
    answer = client.get(url)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    (event,) = vevents(answer.data)
    assert (event["UID"], event["STATUS"]) == (booking.uid, "TENTATIVE")
    assert event["SUMMARY"] == "En attente – Cuisine – Soupe solidaire"
    browse(world.manager)
    assert "Glaneurs" in client.get(url).text


def test_who_may_not_see_a_booking_learns_nothing_of_it(world, browse, client):
    booking, unknown = world.book(), "/reservations/UNKNOWN1.ics"
    assert (
        client.get(unknown).status_code == client.get(f"/reservations/{booking.ref}.ics").status_code == 303
    )
    for stranger in (world.other, a_person()):
        browse(stranger)
        foreign, none = client.get(f"/reservations/{booking.ref}.ics"), client.get(unknown)
        assert (foreign.status_code, none.status_code) == (404, 404)
        assert without_token(foreign.text.replace(booking.ref, "UNKNOWN1")) == without_token(none.text)
