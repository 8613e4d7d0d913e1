"""The coordination between both sides: it sees what waits, writes as such, asks for others, and does not decide."""

import pytest

from app.accounts.models import Grant, RoleGrant
from app.accounts.queries import load_actor
from app.bookings import mediation, queries, service
from app.core.errors import Forbidden
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.bookings.test_two_step import World as TwoStep
from tests.factories import a_coordinator, a_resource, a_site, a_territory, an_organisation, span
from tests.helpers import assert_same_after_swap


class Mediated(World):
    """The same, with Camille who coordinates the territory."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.camille = a_coordinator(self.territory, name="Camille Guérin")


@pytest.fixture
def world(session, frozen):
    return Mediated()


def ask_for(world, person, **facts):
    request = service.Request(world.kitchen.id, world.association.id, world.slot, 1, "Soupes", **facts)
    return service.ask(request, load_actor(person.id), uid_host="mutualim.test")


def test_what_waits_in_the_territory_is_shown_without_the_buttons(world, browser):
    booking = world.ask()
    client = browser(world.camille)
    page = text_of(client.get("/a-traiter"))
    waiting = page[page.index("Waiting in the territory") :]
    assert "Cuisine partagée" in waiting
    assert "Mairie de Treillières has to answer before" in waiting
    assert "Only who manages the place answers" in waiting
    assert "/accepter" not in page
    assert_same_after_swap(client, "/a-traiter")
    page = text_of(client.get(f"/reservations/{booking.ref}"))
    assert "a manager of the place has to delegate it to you" in page
    assert "/accepter" not in page
    with pytest.raises(Forbidden):
        service.approve(booking.id, load_actor(world.camille.id))


def test_each_request_is_shown_once_and_only_in_ones_own_territory(world, browser):
    world.ask()
    elsewhere = a_coordinator(a_territory())
    assert mediation.waiting_in_territory(load_actor(elsewhere.id)) == []
    with atomic() as session:
        session.add(
            RoleGrant(
                person_id=world.camille.id,
                role=Grant.SITE_MANAGER,
                site_id=world.site.id,
                created_at=world.camille.created_at,
            )
        )
    actor = load_actor(world.camille.id)
    assert len(queries.waiting_for(actor)) == 1
    assert mediation.waiting_in_territory(actor) == []


def test_the_most_urgent_are_shown_and_all_are_counted(world, browser, monkeypatch):
    monkeypatch.setattr(mediation, "TERRITORY_AT_MOST", 2)
    for day in (6, 7, 8):
        world.ask(span(f"2026-10-0{day} 09:00", f"2026-10-0{day} 12:00"))
    page = text_of(browser(world.camille).get("/a-traiter"))
    assert "Here are the 2 most urgent of 3 requests." in page


def test_its_messages_say_as_what_it_writes(world, browser):
    booking = world.ask()
    client = browser(world.camille)
    client.post(f"/reservations/{booking.ref}/messages", data={"text": "Et la semaine suivante ?"})
    page = text_of(browser(world.person).get(f"/reservations/{booking.ref}"))
    assert "Camille Guérin, coordination" in page
    assert "Camille Guérin, coordination wrote to you" in text_of(browser(world.person).get("/moi"))
    service.write_message(booking.id, world.member, "Volontiers")
    service.write_message(booking.id, world.manager, "D'accord")
    roles = {message.author.name: message.written_as for message in queries.messages_of(booking.id)}
    assert roles == {"Camille Guérin": "coordination", "Jeanne Moreau": "", "Anne Le Goff": ""}


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("camille", "Camille Guérin, coordination, for Les Glaneurs"),
        ("manager_person", "Anne Le Goff, manager of the place, for Les Glaneurs"),
        ("person", "Jeanne Moreau"),
    ],
)
def test_what_is_asked_for_others_says_by_whom(world, browser, who, said):
    person = getattr(world, who)
    booking = ask_for(world, person, message="Merci")
    page = text_of(browser(world.boss).get(f"/reservations/{booking.ref}"))
    assert page.count(said) >= 2  # among the facts, and in what happened
    assert (", for Les Glaneurs" in page) is (who != "person")
    if who != "manager_person":
        assert said in text_of(browser(world.manager_person).get("/a-traiter"))


def test_a_series_asked_for_others_says_so_on_every_date(session, frozen, browser):
    world = TwoStep(approval="manager")
    camille = a_coordinator(world.territory, name="Camille Guérin")
    world.member = load_actor(camille.id)
    series = world.series()
    page = text_of(browser(world.boss).get(f"/series/{series.ref}"))
    assert "Camille Guérin, coordination, for Les Glaneurs" in page
    assert {each.asked_as for each in queries.occurrences_of(series.id)} == {"coordination"}


def test_every_element_of_several_says_who_asked_for_others(world, browser):
    camille, room = load_actor(world.camille.id), a_resource(world.site, name="Salle")
    legs = tuple(service.Leg(each.id, world.slot) for each in (world.kitchen, room))
    wanted = service.BundleRequest(world.association.id, legs, "Soupes")
    bundle = service.ask_bundle(wanted, camille, uid_host="mutualim.test")
    assert [leg.asked_as for leg in bundle.legs] == ["coordination", "coordination"]
    first = bundle.legs[0]
    page = text_of(browser(world.manager_person).get(f"/reservations/{first.ref}"))
    assert "Camille Guérin, coordination, for Les Glaneurs" in page
    service.refuse(first.id, world.manager, "Travaux")
    instead = service.Leg(world.kitchen.id, span("2026-10-07 09:00", "2026-10-07 12:00"))
    mended = service.replace_leg(first.id, instead, camille, uid_host="mutualim.test")
    assert mended.asked_as == "coordination"


def test_the_coordination_reads_a_quiet_page_where_nothing_waits(world, browser):
    a_resource(a_site(an_organisation(world.territory)))
    assert "No request is waiting" in text_of(browser(world.camille).get("/a-traiter"))
