"""What a request announces is checked for the place that is proposed instead, in words for whoever proposes it."""

import re

import pytest

from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.announced import crowded_at, differences
from app.bookings.errors import PlaceTooSmall, TooFewSeats, TooManyPassengers
from app.bookings.service import Offer
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.factories import a_member, a_resource, an_organisation
from tests.helpers import HTMX

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def garage(session, frozen):
    return World(name="Minibus", kind="vehicle", facts={"seats": 9, "payload": 900, "atp_class": "FRC"})


def a_van(world, **facts):
    return a_resource(world.site, name="Fourgon", kind="vehicle", facts=facts)


def test_a_vehicle_too_small_for_the_announced_passengers_is_not_proposed(garage):
    booking, van = garage.ask(people=8), a_van(garage, seats=3)
    with pytest.raises(PlaceTooSmall) as refused:
        service.propose(booking.id, garage.manager, Offer(van.id, garage.slot, 1))
    assert refused.value.facts == {"field": "ressource", "name": "Fourgon", "seats": 3, "most": 2, "asked": 8}
    larger = Offer(a_van(garage, seats=9).id, garage.slot, 1)
    assert service.propose(booking.id, garage.manager, larger).state == "open"


def test_the_manager_reads_it_before_and_after_sending_in_words_of_their_own(garage, browser):
    ref, van = garage.ask(people=8).ref, a_van(garage, seats=3)
    page, url = browser(garage.manager_person), f"/reservations/{ref}/proposer"
    told = "The request announces 8 passengers, and “Fourgon” has 3 seats with the driver's."
    looked = text_of(page.get(url, query_string={"ressource": van.slug}, headers=HTMX))
    assert told in looked
    assert "Propose a larger vehicle, or another time" in looked
    assert "Free" not in looked
    typed = {"date": "2026-10-06", "de": "09:00", "a": "12:00", "quantite": "1", "message": "Celui-ci ?"}
    sent = page.post(url, data=typed | {"ressource": van.slug})
    assert sent.status_code == 422
    assert told in text_of(sent)
    assert "Celui-ci ?" in text_of(sent)
    assert "you announce" not in text_of(sent)


def test_what_the_place_was_chosen_for_and_another_has_less_of_is_told(garage, browser):
    booking = garage.ask()
    van = a_van(garage, seats=3, payload=80)
    assert [each.fact.key for each in differences(booking.resource, van)] == ["seats", "payload", "atp_class"]
    url = f"/reservations/{booking.ref}/proposer"
    told = text_of(browser(garage.manager_person).get(url, query_string={"ressource": van.slug}))
    assert "Free, but not quite what they asked for" in told
    assert "Payload: 80\u00a0kg instead of 900\u00a0kg" in told
    assert "ATP class: not said instead of FRC" in told
    assert differences(booking.resource, a_van(garage, seats=9, payload=1200, atp_class="FRC")) == []


def test_another_temperature_and_too_many_people_are_told(session, frozen, browser):
    world = World(kind="storage", facts={"regime": "chilled"})
    frozen_store = a_resource(world.site, name="Congélateur", kind="storage", facts={"regime": "frozen"})
    booking = world.ask()
    assert [each.after for each in differences(booking.resource, frozen_store)] == ["frozen"]
    kitchen = World(facts={"max_people": 60})
    small = a_resource(kitchen.site, name="Petite cuisine", facts={"max_people": 20})
    asked = kitchen.ask(people=40)
    assert (crowded_at(asked, kitchen.kitchen), crowded_at(asked, small)) == (None, 20)
    url = f"/reservations/{asked.ref}/proposer"
    told = text_of(browser(kitchen.manager_person).get(url, query_string={"ressource": small.slug}))
    assert "The request announces 40 people, and “Petite cuisine” takes 20 people at once" in told


# -- seats --------------------------------------------------------------------------------------------------


def waits_in_line(garage, people):
    """Let another organisation wait for the minibus that is taken."""
    booking = garage.ask(people=3)
    service.approve(booking.id, garage.manager)
    others = an_organisation(garage.territory)
    actor = load_actor(a_member(others).id)
    want = service.Want(garage.kitchen.id, garage.slot, 1, others.id, "Sortie", people)
    return booking, actor, service.join(want, actor)


@pytest.mark.scenario(number="S34")
def test_nobody_waits_for_a_vehicle_with_more_people_than_seats(garage):
    with pytest.raises(TooManyPassengers):
        waits_in_line(garage, 9)


@pytest.mark.scenario(number="S34")
def test_nor_takes_it_when_it_is_offered(garage, app):
    booking, actor, entry = waits_in_line(garage, 8)
    service.cancel(booking.id, garage.member, "Malade")
    service.offer_freed(garage.kitchen.id)
    with atomic():
        garage.kitchen.facts = garage.kitchen.facts | {"seats": 7}
    with pytest.raises(TooManyPassengers):
        service.take_offer(entry.ref, actor, uid_host="mutualim.test")
    assert entry.state == "offered"


def together(garage, *others, people):
    legs = tuple(service.Leg(each.id, garage.slot) for each in (garage.kitchen, *others))
    wanted = service.BundleRequest(garage.association.id, legs, "Sortie", people=people)
    return service.ask_bundle(wanted, garage.member, uid_host="mutualim.test")


@pytest.mark.scenario(number="S34")
def test_vehicles_asked_for_together_share_those_who_come(garage):
    van = a_van(garage, seats=3)
    assert len(together(garage, van, people=10).legs) == 2
    with pytest.raises(TooFewSeats) as refused:
        together(garage, van, people=11)
    assert refused.value.facts == {"field": "people", "most": 10, "asked": 11}


@pytest.mark.scenario(number="S34")
def test_no_smaller_vehicle_is_proposed_for_one_of_several_that_share_those_who_come(garage, browser):
    bundle = together(garage, a_van(garage, seats=9), people=16)
    other, small = bundle.legs[1], a_van(garage, seats=3)
    with pytest.raises(TooFewSeats) as refused:
        service.propose(other.id, garage.manager, Offer(small.id, garage.slot, 1))
    assert refused.value.facts == {"field": "ressource", "name": "Fourgon", "most": 10, "asked": 16}
    looked = browser(garage.manager_person).get(
        f"/reservations/{other.ref}/proposer", query_string={"ressource": small.slug}, headers=HTMX
    )
    told = "With “Fourgon”, the vehicles of this request take 10 passengers besides their drivers"
    assert told in text_of(looked)
    larger = Offer(a_van(garage, seats=9).id, garage.slot, 1)
    assert service.propose(other.id, garage.manager, larger).state == "open"


def test_who_waits_for_one_of_several_vehicles_is_not_told_to_bring_everybody_in_it(garage, browser):
    bundle = together(garage, a_van(garage, seats=9), people=16)
    ref, slug = bundle.legs[1].ref, bundle.legs[1].resource.slug
    slot = {"date": "2026-10-06", "de": "09:00", "a": "12:00", "depuis": ref}
    shown = text_of(browser(garage.person).get(f"/ressources/{slug}/attendre", query_string=slot))
    assert re.search(r'name="people"[^>]*value="8"', shown)


def test_who_comes_to_another_place_too_may_come_by_themselves_which_is_said(garage, browser):
    bundle = together(garage, a_resource(garage.site, name="Salle"), people=9)
    said = "9 people are announced, and the vehicles take 8 passengers besides their drivers"
    for person in (garage.person, garage.manager_person):
        assert said in text_of(browser(person).get(f"/demandes/{bundle.ref}"))
