"""Season and seats: months of land asked for as people say them, places of a minibus beside its driver."""

from typing import Any

import pytest

from app.availability.alternatives import alternatives
from app.availability.queries import Wish, get_terms, verdict
from app.availability.seasons import first_season, months_ahead
from app.availability.service import take
from app.bookings import service
from app.bookings.errors import TooManyPassengers
from app.bookings.models import Booking
from app.catalogue.errors import BadTerms
from app.catalogue.rules import ResourceFacts, check_terms
from app.core import clock
from app.core.span import Span, whole_months
from app.infra.db import db
from app.web.format import span_words
from tests import factories as f

SEASON: dict[str, Any] = {
    "kind": "land", "mode": "season", "opening_mode": "always", "step_minutes": 1440, "min_minutes": 1440 * 30,
    "max_minutes": 1440 * 366, "horizon_days": 540,
}  # fmt: skip
SPRING = f.span("2027-03-01 00:00", "2027-11-01 00:00")


@pytest.fixture
def world(session, frozen):
    territory = f.a_territory(communes=["44110"])
    site = f.a_site(f.an_organisation(territory, name="Mairie"), hours="24/7")
    ours = f.an_organisation(territory, name="Les Glaneurs")
    return site, ours, f.a_member(ours)


@pytest.fixture
def beds(world):
    return f.a_resource(world[0], slug="jardin", name="Carrés", capacity=12, unit="bed", **SEASON)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2027-03-01", "2027-11-01", "de mars à octobre 2027"),
        ("2027-04-01", "2027-06-01", "d’avril à mai 2027"),
        ("2026-11-01", "2027-03-01", "de novembre 2026 à février 2027"),
        ("2027-03-01", "2027-04-01", "du lundi 1er mars au mercredi 31 mars inclus"),
        ("2027-03-02", "2027-05-01", "du mardi 2 mars au vendredi 30 avril inclus"),
    ],
)
def test_a_season_is_told_by_its_months(app, first, last, said):
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert span_words(f.span(f"{first} 00:00", f"{last} 00:00"), "Europe/Paris") == said


def test_months_are_whole_across_the_change_of_clocks():
    start, end = SPRING.walls(f.PARIS)
    assert [month.isoformat() for month in whole_months(start, end) or ()] == ["2027-03-01", "2027-10-01"]
    assert whole_months(start, end.replace(hour=1)) is None


def test_the_months_to_choose_from_begin_with_the_next_one(beds, frozen):
    months = months_ahead(get_terms(beds.id), clock.now())
    assert months[0].isoformat() == "2026-09-01"  # today is the first
    frozen.tick(days=1)
    assert months_ahead(get_terms(beds.id), clock.now())[0].isoformat() == "2026-10-01"


def test_the_first_season_of_a_window_is_whole_months(beds):
    terms = get_terms(beds.id)
    walls = f.span("2026-09-15 00:00", "2027-01-10 00:00").walls(f.PARIS)
    found = first_season(terms, *walls)
    assert found is not None
    assert [wall.date().isoformat() for wall in found] == ["2026-10-01", "2026-11-01"]
    assert first_season(terms, walls[0], walls[0].replace(day=20)) is None


def page(client, address):
    return client.get(address, headers={"Accept-Language": "fr"}).text.replace("\xa0", " ")


def test_the_box_asks_for_months_or_for_days(client, beds):
    text = page(client, "/ressources/jardin?date=2027-03&fin=2027-10&quantite=5")
    assert "Premier mois" in text
    assert "5 carrés" in text
    assert "de mars à octobre 2027" in text
    assert 'value="2027-03" selected' in text
    assert "date=2027-03&amp;fin=2027-10" in text
    text = page(client, "/ressources/jardin?date=2027-03-15&fin=2027-10-31")
    assert 'type="date"' in text
    assert "Choisir plutôt des mois" in text
    assert "Choisissez le premier et le dernier mois" in page(client, "/ressources/jardin")


def test_a_season_is_asked_for_by_months(client, world, beds, login):
    _site, ours, person = world
    login(client, person)
    text = page(client, "/ressources/jardin/demander?date=2027-03&fin=2027-10&quantite=5")
    assert "Choisir plutôt des jours" in text
    sent = {"organisation": str(ours.id), "purpose": "Maraîchage", "quantite": "5"}
    answer = client.post("/ressources/jardin/demander", data=sent | {"date": "2027-03", "fin": "2027-10"})
    assert answer.status_code == 303
    booking = db.session.query(Booking).one()
    assert (booking.span, booking.quantity) == (SPRING, 5)
    assert "De mars à octobre 2027" in page(client, f"/reservations/{booking.ref}")
    answer = client.post("/ressources/jardin/demander", data=sent | {"choisir": "date=2027-03-02"})
    assert 'type="date"' in answer.text


def test_a_month_that_is_none_is_refused_on_its_field(client, beds):
    text = page(client, "/ressources/jardin/creneau?date=2027-13&fin=2027-10")
    assert "Cette date n’existe pas" in text


def test_a_season_is_never_cut_wrongly(beds):
    take([Wish(beds.id, SPRING, 7)])
    assert verdict(Wish(beds.id, SPRING, 5)) == ()
    for first, last in (
        ("2027-02-01", "2027-03-02"),
        ("2027-10-31", "2027-11-30"),
        ("2027-06-15", "2027-07-15"),
    ):
        refusals = verdict(Wish(beds.id, f.span(f"{first} 00:00", f"{last} 00:00"), 6))
        assert [refusal.code for refusal in refusals if refusal.code == "capacity"], first
    take([Wish(beds.id, SPRING, 5)])
    days = Span(SPRING.end, f.at("2027-12-15 00:00"))
    assert verdict(Wish(beds.id, days, 12)) == ()


def test_other_seasons_are_whole_months_too(beds):
    take([Wish(beds.id, f.span("2027-03-01 00:00", "2027-04-12 00:00"), 12)])
    offers = [(offer.kind, offer.span) for offer in alternatives(Wish(beds.id, SPRING, 5))]
    assert offers[0] == ("shorter", f.span("2027-05-01 00:00", "2027-11-01 00:00"))
    assert offers[1] == ("other_time", f.span("2027-05-01 00:00", "2028-01-01 00:00"))
    assert all(verdict(Wish(beds.id, span, 5)) == () for _kind, span in offers)


@pytest.fixture
def minibus(world):
    facts = {"seats": 9}
    return f.a_resource(world[0], slug="minibus", name="Minibus", kind="vehicle", facts=facts)


@pytest.mark.scenario(number="S34")
def test_a_minibus_takes_one_less_than_its_seats(client, world, minibus, login):
    _site, ours, person = world
    actor = f.actor_of(person, memberships={ours.id: "member"})
    morning = f.span("2026-10-06 09:00", "2026-10-06 12:00")
    with pytest.raises(TooManyPassengers):
        service.ask(service.Request(minibus.id, ours.id, morning, 1, "Sortie", people=9), actor, uid_host="x")
    login(client, person)
    assert "sans le conducteur" in page(client, "/ressources/minibus/demander")
    sent = {
        "date": "2026-10-06",
        "de": "09:00",
        "a": "12:00",
        "quantite": "1",
        "organisation": str(ours.id),
        "purpose": "Sortie",
    }
    answer = client.post("/ressources/minibus/demander", data=sent | {"people": "9"})
    assert answer.status_code == 422
    assert "9 places avec celle du conducteur : 8 passagers au plus" in answer.text.replace("\xa0", " ")
    assert client.post("/ressources/minibus/demander", data=sent | {"people": "8"}).status_code == 303


def test_seats_are_taken_one_by_one(app, world):
    seats = f.a_resource(world[0], kind="vehicle", mode="seats", unit="place", capacity=8, facts={"seats": 9})
    morning = f.span("2026-10-06 09:00", "2026-10-06 12:00")
    assert [r.code for r in verdict(Wish(seats.id, morning, 9))][0] == "over_capacity"
    take([Wish(seats.id, morning, 6)])
    assert verdict(Wish(seats.id, morning, 2)) == ()
    assert [r.code for r in verdict(Wish(seats.id, morning, 3))] == ["capacity"]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"capacity": 9}, "capacity", "seats_with_driver"),
        ({"unit": "vehicle"}, "unit", "seats_in_places"),
        ({"mode": "season"}, "step_minutes", "season_by_days"),
        ({}, "", ""),
    ],
)
def test_terms_of_seats_and_seasons_must_agree(changes, field, reason):
    given = {"kind": "vehicle", "mode": "seats", "unit": "place", "capacity": 8, "facts": {"seats": 9}}
    facts = ResourceFacts(name="Minibus", **(given | changes))
    if not reason:
        return check_terms(facts, ("seats", "season"), ("place", "vehicle"))
    with pytest.raises(BadTerms) as refusal:
        check_terms(facts, ("seats", "season"), ("place", "vehicle"))
    assert (refusal.value.facts["field"], refusal.value.facts["reason"]) == (field, reason)
    return None
