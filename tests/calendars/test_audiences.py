"""How much each audience is told, case by case."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.calendars.audiences import Audience, Phrases, Place, Stay, choices, event_for, lists, narrower
from app.calendars.rules import Klass, Status
from app.calendars.words import client_name

CHANGED = datetime(2026, 9, 1, 8, tzinfo=UTC)
PLACE = Place(
    resource_id=1, slug="cuisine", name="Cuisine", capacity=4, location="Cuisine, Pôle", phone="02", zone="Europe/Paris",
    revision=10, changed_at=datetime(2026, 9, 2, tzinfo=UTC),
)  # fmt: skip
STAY = Stay(
    id=7, uid="u@h", ref="REF", resource_id=1, revision=3, changed_at=CHANGED, start=datetime(2026, 10, 6, 6, tzinfo=UTC),
    end=datetime(2026, 10, 6, 10, tzinfo=UTC), quantity=2, people=12, purpose="Soupe", organisation="Glaneurs",
    decision="approved", holds=True,
)  # fmt: skip
WORDS = Phrases(
    locale="fr", busy="Occupé", cancelled="Annulé", named="%(organisation)s – %(purpose)s",
    own="%(resource)s – %(purpose)s", pending_title="En attente – %(title)s", cancelled_title="Annulé – %(title)s",
    organisation="O %(organisation)s", quantity="Q %(quantity)s/%(capacity)s", people="P %(people)s",
    given_back="G %(quantity)s %(start)s %(end)s",
    chain="F %(chain)s", phone="T %(phone)s", state="E %(state)s", states=(("approved", "oui"),), my_bookings="", at_site="", to_answer="", tells=(),
)  # fmt: skip


def told(audience, **facts):
    return event_for(replace(STAY, **facts), PLACE, audience, WORDS, "https://m.test")


@pytest.mark.parametrize(
    "audience, decision, summary, status",
    [
        (Audience.PUBLIC, "approved", "Occupé", Status.CONFIRMED),
        (Audience.PUBLIC, "pending", "Occupé", Status.TENTATIVE),
        (Audience.PUBLIC, "cancelled", "Annulé", Status.CANCELLED),
        (Audience.MEMBER, "approved", "Glaneurs – Soupe", Status.CONFIRMED),
        (Audience.MEMBER, "pending", "En attente – Glaneurs – Soupe", Status.TENTATIVE),
        (Audience.MANAGER, "refused", "Annulé – Glaneurs – Soupe", Status.CANCELLED),
        (Audience.MANAGER, "expired", "Annulé – Glaneurs – Soupe", Status.CANCELLED),
        (Audience.OWN, "approved", "Cuisine – Soupe", Status.CONFIRMED),
        (Audience.OWN, "pending", "En attente – Cuisine – Soupe", Status.TENTATIVE),
    ],
)
def test_each_audience_has_its_title(audience, decision, summary, status):
    event = told(audience, decision=decision)
    assert (event.summary, event.status) == (summary, status)
    assert event.revision == 13
    assert event.changed_at == PLACE.changed_at


def test_details_are_for_managers_and_owners():
    assert told(Audience.PUBLIC).description is None
    assert told(Audience.MEMBER).description is None
    assert told(Audience.MANAGER).description == "O Glaneurs\nQ 2/4\nP 12\nE oui"
    assert told(Audience.OWN).description == "O Glaneurs\nQ 2/4\nP 12\nE oui\nT 02"
    assert told(Audience.MANAGER, chain="REF2").description == "O Glaneurs\nQ 2/4\nP 12\nF REF2\nE oui"
    assert told(Audience.PUBLIC, chain="REF2").description is None


def test_the_bookings_page_is_named_only_to_those_who_may_open_it():
    assert told(Audience.PUBLIC).url == told(Audience.MEMBER).url == "https://m.test/ressources/cuisine"
    assert told(Audience.MANAGER).url == told(Audience.OWN).url == "https://m.test/reservations/REF"
    assert [told(audience).klass for audience in Audience] == [Klass.PUBLIC, *[Klass.PRIVATE] * 3]


def test_a_percent_sign_in_a_purpose_is_only_text():
    assert told(Audience.OWN, purpose="100 % bio %(x)s").summary == "Cuisine – 100 % bio %(x)s"
    assert told(Audience.MANAGER, decision="pending", purpose="50%").summary == "En attente – Glaneurs – 50%"


def test_without_a_purpose_the_name_is_enough():
    assert told(Audience.OWN, purpose="").summary == "Cuisine"
    assert told(Audience.MEMBER, purpose="").summary == "Glaneurs"


def test_a_request_that_holds_nothing_leaves_the_place_free():
    assert told(Audience.PUBLIC, decision="pending", holds=False).transparent
    assert not told(Audience.PUBLIC, decision="pending").transparent
    assert not told(Audience.PUBLIC, holds=False).transparent


@pytest.mark.parametrize(
    "one, other, least",
    [
        ("manager", "public", "public"),
        ("public", "manager", "public"),
        ("member", "manager", "member"),
        ("own", "own", "own"),
    ],
)
def test_the_narrower_audience_wins(one, other, least):
    assert narrower(Audience(one), Audience(other)) is Audience(least)


def test_links_can_be_made_for_the_same_or_fewer():
    assert choices(Audience.MANAGER) == (Audience.MANAGER, Audience.MEMBER, Audience.PUBLIC)
    assert choices(Audience.PUBLIC) == (Audience.PUBLIC,)
    assert choices(Audience.OWN) == (Audience.OWN,)


@pytest.mark.parametrize(
    "visibility, seen_by",
    [("public", "public member manager"), ("members", "member manager"), ("hidden", "manager")],
)
def test_a_sites_feed_lists_what_its_readers_may_know_of(visibility, seen_by):
    audiences = ("public", "member", "manager")
    assert [each for each in audiences if lists(Audience(each), visibility)] == seen_by.split()


@pytest.mark.parametrize(
    "agent, name",
    [
        ("Google-Calendar-Importer", "Google Agenda"),
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Thunderbird/128.1", "Thunderbird"),
        ("Microsoft Exchange/15.20 (Windows NT 10.0; Win64; x64)", "Outlook"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)", "Outlook"),
        ("macOS/14.5 (23F79) dataaccessd/1.0", "Apple"),
        ("iOS/17.5 (21F79) dataaccessd/1.0", "Apple"),
        ("ICSx5/2.2 (ical4android)", "ICSx⁵"),
        ("Nextcloud Webcal Service", "Nextcloud"),
        ("Mozilla/5.0 (Macintosh) Firefox/130", "Web"),
        ("khal/0.11", "khal"),
        ("", ""),
        ("x" * 500, "x" * 40),
    ],
)
def test_clients_are_called_by_their_names(agent, name):
    assert client_name(agent) == name
