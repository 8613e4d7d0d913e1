"""A vehicle whose driver must have held the licence long enough: confirmed by whoever asks, by every way of asking."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.bookings import service
from app.bookings.errors import LicenceNotConfirmed
from app.bookings.licence import read_years
from app.bookings.models import Booking, Series
from app.bookings.occurrences import Elsewhere
from app.bookings.queries import elsewhere_dates, licence_confirmed
from app.bookings.service import Leg, Offer
from app.catalogue.kinds import get_kind
from app.catalogue.rules import licence_years
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.bookings.test_bundle_pages import two
from tests.bookings.test_bundles import Valley, of
from tests.factories import a_resource, at

pytestmark = [pytest.mark.usefixtures("session", "frozen"), pytest.mark.scenario(number="S34")]

HOST = "mutualim.test"
LICENSED = {"seats": 9, "licence_years": 3}
WEEKLY = Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,), times=3)
MORNING = Hours(9 * 60, 12 * 60, "Europe/Paris")


@pytest.fixture
def garage(session, frozen):
    return World(name="Minibus", kind="vehicle", facts=LICENSED)


@pytest.fixture
def valley(session, frozen):
    return Valley()


def bookings():
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def first_line(booking):
    return history("booking", booking.id)[0].facts.get("licence_years")


def requires(resource, years):
    with atomic():
        resource.facts = resource.facts | {"licence_years": years}


def french(client):
    with client.session_transaction() as cookie:
        cookie["locale"] = "fr"
    return client


@pytest.mark.parametrize(
    ("kind", "facts", "years"),
    [
        ("vehicle", {"licence_years": 3}, 3),
        ("vehicle", {"licence_years": None}, 0),
        ("vehicle", {}, 0),
        ("kitchen", {"licence_years": 3}, 0),
    ],
)
def test_only_vehicles_ask_how_long_the_licence_was_held(kind, facts, years):
    assert licence_years(kind, facts) == years


@pytest.mark.parametrize(
    ("typed", "years"), [("3", 3), (3, 3), ("", 0), (None, 0), ("y", 0), ("-3", 0), ("٣", 0), ("333", 0)]
)
def test_a_tick_is_read_as_years(typed, years):
    assert read_years(typed) == years


def test_the_requirement_is_a_fact_of_the_vehicle(garage, browser):
    assert get_kind("vehicle").parse({"licence_years": 11})[1]["licence_years"].code == "fact_too_big"
    page = text_of(french(browser()).get(f"/ressources/{garage.kitchen.slug}"))
    assert re.search(r"Permis depuis au moins</dt>\s*<dd>3 ans", page.replace("\xa0", " "))


# -- asking once --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("confirmed", [0, 2])
def test_a_request_without_it_is_refused_with_the_reason(garage, confirmed):
    with pytest.raises(LicenceNotConfirmed) as refusal:
        garage.ask(licence_years=confirmed)
    assert refusal.value.facts == {"field": "licence_years", "years": 3, "name": "Minibus"}
    assert bookings() == 0


@pytest.mark.parametrize("approval", ["manager", "auto"])
def test_what_was_confirmed_is_kept_in_the_history(session, frozen, approval):
    booking = World(kind="vehicle", facts=LICENSED, approval=approval).ask(licence_years=3)
    assert first_line(booking) == 3
    assert licence_confirmed(booking) == 3


def test_a_vehicle_that_requires_nothing_keeps_nothing(session, frozen):
    booking = World(kind="vehicle", facts={"seats": 9}).ask(licence_years=3)
    assert (first_line(booking), licence_confirmed(booking)) == (None, 0)


def test_the_form_asks_it_only_for_such_a_vehicle(garage, browser):
    client = french(browser(garage.person))
    assert "La personne qui conduit a son permis depuis au moins 3 ans" in text_of(client.get(garage.ask_url))
    van = a_resource(garage.site, name="Fourgon", kind="vehicle")
    assert "licence_years" not in text_of(client.get(f"/ressources/{van.slug}/demander"))


def test_the_page_refuses_beside_the_field_and_loses_nothing(garage, browser):
    client = french(browser(garage.person))
    answer = client.post(garage.ask_url, data=garage.form(people="4", message="Merci beaucoup"))
    page = text_of(answer).replace("\xa0", " ")
    assert (answer.status_code, bookings()) == (422, 0)
    assert "doit avoir son permis depuis au moins 3 ans, et ce n’est pas confirmé" in page
    assert 'aria-describedby="licence_years-error"' in page
    assert "Merci beaucoup" in page
    sent = client.post(garage.ask_url, data=garage.form(people="4", licence_years="3"))
    assert (sent.status_code, bookings()) == (303, 1)


def test_a_tick_survives_a_mistake_and_signing_in(garage, browser, login):
    client = browser()
    typed = garage.form(licence_years="3")
    assert client.post(garage.ask_url, data=typed).status_code == 303
    login(client, garage.person)
    page = text_of(client.get(f"{garage.ask_url}?brouillon=1"))
    assert re.search(r'<input checked id="licence_years"[^>]*value="3"', page)
    wrong = text_of(client.post(garage.ask_url, data=typed | {"purpose": ""}))
    assert re.search(r'<input checked id="licence_years"', wrong)


def test_a_requirement_raised_meanwhile_is_confirmed_anew(garage, browser):
    requires(garage.kitchen, 5)
    answer = browser(garage.person).post(garage.ask_url, data=garage.form(licence_years="3"))
    assert answer.status_code == 422
    assert re.search(r'<input[^>]*id="licence_years"[^>]*value="5"', text_of(answer))
    assert not re.search(r'<input checked[^>]*id="licence_years"', text_of(answer))


def test_both_sides_read_what_was_confirmed(garage, browser):
    booking = garage.ask(licence_years=3)
    for person in (garage.person, garage.manager_person):
        page = text_of(french(browser(person)).get(f"/reservations/{booking.ref}")).replace("\xa0", " ")
        assert page.count("Confirmé : la personne qui conduit a son permis depuis au moins 3 ans") == 2


# -- again and again ----------------------------------------------------------------------------------------


def a_series(world, resource=None, **more):
    facts: dict[str, Any] = {"purpose": "Sorties", "quantity": 1, "rule": WEEKLY, "hours": MORNING} | more
    resource_id = (resource or world.kitchen).id
    return service.ask_series(
        service.SeriesRequest(resource_id, world.association.id, **facts), world.member, uid_host=HOST
    )


def test_a_series_confirms_it_for_all_its_dates(garage):
    with pytest.raises(LicenceNotConfirmed):
        a_series(garage)
    series = a_series(garage, licence_years=3)
    assert history("series", series.id)[0].facts["licence_years"] == 3
    made = db.session.scalars(select(Booking).filter_by(series_id=series.id)).all()
    assert [first_line(booking) for booking in made] == [3, 3, 3]


def test_a_night_confirms_nothing_anew(session, frozen):
    frozen.move_to(at("2026-10-01 10:00"))
    garage = World(kind="vehicle", facts=LICENSED, approval="auto", horizon_days=28)
    series = a_series(garage, licence_years=3, rule=replace(WEEKLY, times=None))
    requires(garage.kitchen, 5)
    frozen.move_to(at("2026-10-15 03:00"))
    assert service.extend_due(uid_host=HOST) == 2
    last = db.session.scalars(
        select(Booking).filter_by(series_id=series.id).order_by(Booking.id.desc())
    ).first()
    assert last is not None
    assert history("booking", last.id)[0].facts["licence_years"] == 3


def test_a_date_elsewhere_asks_what_its_own_vehicle_requires(session, frozen):
    world = World(kind="vehicle", facts={"seats": 3})
    minibus = a_resource(world.site, name="Minibus", kind="vehicle", facts=LICENSED)
    day = WEEKLY.first + timedelta(days=7)
    there = Elsewhere(minibus.id, MORNING.on(day))
    with pytest.raises(LicenceNotConfirmed):
        a_series(world, choices={day: there})
    series = a_series(world, choices={day: there}, licence_years=3)
    assert [first_line(booking) for booking in elsewhere_dates(series.id)] == [3]
    own = db.session.scalars(select(Booking).filter_by(series_id=series.id)).all()
    assert [first_line(booking) for booking in own] == [None, None]


def test_the_page_of_a_series_asks_before_it_shows_the_dates(garage, browser):
    client = browser(garage.person)
    weekly = garage.form(repete="weekly", fois="3")
    answer = client.post(garage.ask_url, data=weekly)
    assert answer.status_code == 422
    assert 'aria-describedby="licence_years-error"' in text_of(answer)
    shown = client.post(garage.ask_url, data=weekly | {"licence_years": "3"})
    assert '<input type="hidden" name="licence_years" value="3">' in text_of(shown)
    sent = client.post(
        garage.ask_url.replace("demander", "repeter"), data=weekly | {"licence_years": "3", "envoyer": "tout"}
    )
    assert sent.status_code == 303
    assert bookings() == 3


def test_the_page_asks_it_for_a_date_elsewhere(session, frozen, browser):
    world = World(kind="vehicle", facts={"seats": 3})
    a_resource(world.site, slug="minibus", name="Minibus", kind="vehicle", facts=LICENSED)
    world.ask()  # the first date is taken
    start, end = world.slot.epochs
    weekly = world.form(repete="weekly", fois="3", envoyer="tout")
    weekly["jour-2026-10-06"] = f"minibus@{start}-{end}"
    client, url = browser(world.person), world.ask_url.replace("demander", "repeter")
    refused = client.post(url, data=weekly)
    assert refused.status_code == 422
    assert "must have held their licence for at least 3 years" in text_of(refused)
    assert 'name="licence_years" value="3"><label' in text_of(refused)
    assert "Needed if you ask for a date with another vehicle that requires it:" in text_of(refused)
    assert client.post(url, data=weekly | {"licence_years": ["0", "3"]}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Series)) == 1


# -- several resources --------------------------------------------------------------------------------------


def test_an_element_confirms_it_of_its_own_driver(valley, browser):
    requires(valley.van, 3)
    client = french(browser(valley.person))
    refused = client.post("/demander", data=two(valley))
    page = text_of(refused).replace("\xa0", " ")
    assert (refused.status_code, bookings()) == (422, 0)
    assert "doit avoir son permis depuis au moins 3 ans" in page
    assert 'name="e0-licence_years"' in page
    assert 'name="e1-licence_years"' not in page
    assert "Courgettes" in page
    assert client.post("/demander", data=two(valley, **{"e0-licence_years": "3"})).status_code == 303
    van, kitchen = db.session.scalars(select(Booking).order_by(Booking.leg_number)).all()
    assert (first_line(van), first_line(kitchen)) == (3, None)


def test_the_tick_of_an_element_is_kept_with_it_but_not_for_another_vehicle(valley, browser):
    requires(valley.van, 3)
    client = browser(valley.person)
    ticked = two(valley, **{"e0-licence_years": "3"})
    checked = re.compile(r'<input checked id="e0-licence_years"')
    assert checked.search(text_of(client.post("/demander", data=ticked | {"verifier": "0"})))
    assert checked.search(text_of(client.get("/demander")))
    later = ticked | {"choisir-0": "date=2026-10-07&de=07:00&a=09:00"}
    assert checked.search(text_of(client.post("/demander", data=later)))
    other = a_resource(valley.site, slug="autre", name="Autre fourgon", kind="vehicle", facts=LICENSED)
    instead = ticked | {"autre-0": f"{other.slug}?date=2026-10-06&de=07:00&a=09:00"}
    assert not checked.search(text_of(client.post("/demander", data=instead)))


def test_a_replacement_confirms_it_too(valley):
    bundle = valley.bundle()
    lost = of(bundle)[0]
    service.refuse(lost.id, valley.driver, "Au garage")
    other = a_resource(valley.van.site, name="Autre fourgon", kind="vehicle", facts=LICENSED)
    with pytest.raises(LicenceNotConfirmed):
        service.replace_leg(lost.id, Leg(other.id, lost.span), valley.member, uid_host=HOST)
    leg = service.replace_leg(lost.id, Leg(other.id, lost.span, 1, 3), valley.member, uid_host=HOST)
    assert first_line(leg) == 3


def test_the_page_of_several_asks_it_for_a_replacement(valley, browser):
    bundle = valley.bundle()
    lost = of(bundle)[0]
    service.refuse(lost.id, valley.driver, "Au garage")
    other = a_resource(valley.van.site, slug="autre", name="Autre fourgon", kind="vehicle", facts=LICENSED)
    client = browser(valley.person)
    page = text_of(client.get(f"/demandes/{bundle.ref}"))
    assert 'name="licence_years" value="3"' in page
    assert "driver with a licence for at least 3 years" in page
    [value] = re.findall(rf'name="choix" value="({other.slug}[^"]*)"', page)
    choice = {"choix": value.replace("&amp;", "&")}
    refused = client.post(f"/reservations/{lost.ref}/remplacer", data=choice)
    assert refused.status_code == 422
    assert "must have held their licence for at least 3 years" in text_of(refused)
    taken = client.post(f"/reservations/{lost.ref}/remplacer", data=choice | {"licence_years": "3"})
    assert taken.status_code == 303


# -- what is offered ----------------------------------------------------------------------------------------


def test_taking_what_was_waited_for_confirms_it(garage, browser):
    taken = garage.ask(licence_years=3)
    service.approve(taken.id, garage.manager)
    want = service.Want(garage.kitchen.id, garage.slot, 1, garage.association.id, "Sortie")
    entry = service.join(want, garage.member)
    service.cancel(taken.id, garage.member, "Empêchés")
    service.offer_freed(garage.kitchen.id)
    client = browser(garage.person)
    assert 'name="licence_years" value="3"' in text_of(client.get(f"/attente/{entry.ref}"))
    assert client.post(f"/attente/{entry.ref}/prendre").status_code == 422
    assert client.post(f"/attente/{entry.ref}/prendre", data={"licence_years": "3"}).status_code == 303
    assert entry.booking is not None
    assert first_line(entry.booking) == 3


def test_accepting_another_vehicle_confirms_it(session, frozen, browser):
    world = World(name="Fourgon", kind="vehicle", facts={"seats": 3})
    minibus = a_resource(world.site, name="Minibus", kind="vehicle", facts=LICENSED)
    booking = world.ask()
    proposal = service.propose(booking.id, world.manager, Offer(minibus.id, world.slot, 1))
    client, url = browser(world.person), f"/reservations/{booking.ref}/proposition/accepter"
    assert 'name="licence_years" value="3"' in text_of(client.get(f"/reservations/{booking.ref}"))
    assert client.post(url, data={"proposition": proposal.ref}).status_code == 422
    answer = client.post(url, data={"proposition": proposal.ref, "licence_years": "3"})
    assert answer.status_code == 303
    assert licence_confirmed(booking) == 3
