"""The coordination's first page: whose it is, what it counts, what it leaves out."""

import re
from datetime import timedelta

import pytest

from app.accounts.models import Membership, MembershipState, OrganisationState, Role
from app.availability.closures import Subject, close
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.catalogue.models import Status
from app.core import clock
from tests.availability.test_examples import STORAGE
from tests.factories import (
    _save,
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
    span,
)
from tests.helpers import count_queries

DAY = "2026-09-02"  # tomorrow: the clock stands on Tuesday 1 September, ten o'clock


@pytest.fixture
def territory(session, frozen):
    return a_territory(name="Entre Erdre et Don", slug="erdre", communes=["44110", "44113"])


@pytest.fixture
def site(territory):
    town = an_organisation(territory, name="Mairie de Nort")
    return a_site(town, name="Pôle de l’Erdre", slug="pole", phone="02 40 12 34 56")


@pytest.fixture
def kitchen(site):
    return a_resource(site, name="Cuisine du port", hours="Mo-Fr 08:00-18:00", buffer_after=60)


@pytest.fixture
def gleaners(territory):
    return an_organisation(territory, name="Les Glaneurs")


@pytest.fixture
def manager(site):
    return actor_of(a_manager(site), managed_sites=frozenset({site.id}))


@pytest.fixture
def coordinator(territory, client, login):
    person = a_coordinator(territory)
    login(client, person)
    return person


def html(client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/pat{query}", headers={"Accept-Language": "fr"})
    assert answer.status_code == status
    return " ".join(answer.get_data(as_text=True).replace("\u00a0", " ").replace("\u202f", " ").split())


def ask(resource, organisation, start: str, end: str):
    wish = bookings.Request(resource.id, organisation.id, span(start, end), purpose="Soupes", quantity=1)
    actor = actor_of(a_member(organisation), memberships={organisation.id: Role.MEMBER})
    return bookings.ask(wish, actor, uid_host="mutualim.test")


def section(page: str, heading: str) -> str:
    (found,) = re.findall(rf'<section class="part [^>]*aria-labelledby="{heading}">.*?</section>', page)
    return found


def test_the_coming_week_is_counted(client, coordinator, kitchen, site, gleaners, manager):
    booking = ask(kitchen, gleaners, f"{DAY} 09:00", f"{DAY} 12:00")
    bookings.approve(booking.id, manager)
    ask(kitchen, gleaners, f"{DAY} 14:00", f"{DAY} 16:00")
    cold = a_resource(site, name="Chambre froide", hours="24/7", **STORAGE)
    stay = ask(cold, gleaners, f"{DAY} 00:00", "2026-09-05 00:00")
    bookings.approve(stay.id, manager)
    close(Subject.of(kitchen), span("2026-09-03 08:00", "2026-09-03 18:00"), "Travaux", actor_of(a_person()))
    page = section(html(client), "coming")
    assert "2 réservations acceptées" in page
    assert "et 1 demande sans réponse" in page
    assert "3 h réservées" in page  # stays by days have no hours
    # Open: 8 h today, 10 h on each of four days until Monday, less the closed Thursday, 2 h on Tuesday the 8th.
    # Idle: that, less 3 h and 2 h of use with an hour of cleaning after each.
    assert "33 h de cuisines inoccupées" in page
    assert "Sur 40 h d’ouverture (82 %)" in page
    assert 'href="/planning?vue=semaine&amp;territoire=erdre"' in page


def test_requests_stand_by_how_long_they_wait(client, coordinator, kitchen, gleaners, frozen):
    first = ask(kitchen, gleaners, "2026-09-21 09:00", "2026-09-21 12:00")
    frozen.tick(days=2, hours=1)
    second = ask(kitchen, gleaners, "2026-09-22 09:00", "2026-09-22 12:00")
    frozen.tick(hours=30)
    third = ask(kitchen, gleaners, "2026-09-23 09:00", "2026-09-23 12:00")
    frozen.tick(minutes=90)
    page = section(html(client), "waiting")
    titles = ["Depuis plus de trois jours", "Depuis un à trois jours", "Depuis moins d’un jour"]
    assert re.findall(r"<h3[^>]*>([^<]+) <span", page) == titles
    assert re.findall(r"/reservations/(\w+)", page) == [first.ref, second.ref, third.ref]
    assert "attend depuis 3 jours" in page
    assert "attend depuis 31 h" in page
    assert "attend depuis 1 h" in page
    assert 'href="tel:0240123456"' in page


def change(booking, member, manager):
    bookings.change(booking.id, member, span("2026-09-21 14:00", "2026-09-21 16:00"), 1)


def take_back(booking, member, manager):
    bookings.approve(booking.id, manager)
    bookings.undo(booking.id, manager)


def decline(booking, member, manager):
    proposal = propose(booking, manager)
    bookings.decline_proposal(booking.id, proposal.ref, member)


def propose(booking, manager):
    slot = span("2026-09-24 09:00", "2026-09-24 12:00")
    return bookings.propose(booking.id, manager, bookings.Offer(booking.resource_id, slot, 1))


@pytest.mark.parametrize("act", [change, take_back, decline])
def test_waiting_counts_from_when_it_became_the_turn_of_the_place(
    client, coordinator, kitchen, gleaners, manager, frozen, act
):
    booking = ask(kitchen, gleaners, "2026-09-21 09:00", "2026-09-21 12:00")
    other = ask(kitchen, gleaners, "2026-09-22 09:00", "2026-09-22 12:00")
    frozen.tick(days=2)
    act(booking, member_of(booking), manager)
    frozen.tick(hours=30)
    page = section(html(client), "waiting")
    assert "attend depuis 30 h" in page
    assert "attend depuis 3 jours" in page  # the other one, which nobody touched
    assert re.findall(r"/reservations/(\w+)", page) == [other.ref, booking.ref]


def test_what_was_answered_by_a_proposal_waits_for_nobody_there(
    client, coordinator, kitchen, gleaners, manager
):
    booking = ask(kitchen, gleaners, f"{DAY} 09:00", f"{DAY} 12:00")
    propose(booking, manager)
    page = html(client)
    assert "Chaque demande a sa réponse." in section(page, "waiting")
    assert "et 0 demande sans réponse" in section(page, "coming")


def test_every_figure_is_what_the_rows_say(
    client, coordinator, kitchen, site, gleaners, manager, territory, session, frozen
):
    """Counted again, row by row, in another way than the queries do."""
    van = a_resource(site, name="Fourgon", kind="vehicle", hours="24/7")
    cold = a_resource(site, name="Chambre froide", hours="24/7", **STORAGE)
    a_resource(site, name="Ancien four", status=Status.ARCHIVED)
    others = an_organisation(a_territory(name="Ailleurs", slug="ailleurs"))
    far = a_resource(a_site(others), name="Loin", hours="24/7")
    for hours in ("09:00", "10:30"), ("15:00", "16:00"):
        refused = ask(van, gleaners, f"{DAY} {hours[0]}", f"{DAY} {hours[1]}")
        bookings.refuse(refused.id, manager, "En panne")
    for place, start, end in (
        (van, "2026-09-03 08:00", "2026-09-03 12:00"),
        (cold, "2026-09-03 00:00", "2026-09-06 00:00"),
        (kitchen, "2026-09-07 09:00", "2026-09-07 11:00"),
        (van, "2026-09-08 08:00", "2026-09-08 14:00"),  # two hours of it within seven days
        (van, "2026-09-20 08:00", "2026-09-20 12:00"),  # later
    ):
        bookings.approve(ask(place, gleaners, start, end).id, manager)
    ask(far, others, "2026-09-03 08:00", "2026-09-03 12:00")
    waiting = [ask(kitchen, gleaners, f"2026-09-0{day} 14:00", f"2026-09-0{day} 15:00") for day in (3, 4)]
    rows = session.query(Booking).filter_by(territory_id=territory.id).all()
    now, until = clock.now(), clock.now() + timedelta(days=7)
    soon = [row for row in rows if row.start_at < until and row.end_at > now]
    granted = [row for row in soon if row.decision == "approved"]
    hours = sum(
        (min(row.end_at, until) - max(row.start_at, now)).total_seconds() / 3600
        for row in granted
        if row.resource_id != cold.id
    )
    page = html(client)
    coming = section(page, "coming")
    assert (len(granted), hours) == (4, 8)
    assert f"{len(granted)} réservations acceptées" in coming
    assert f"et {sum(row.decision == 'pending' for row in soon)} demandes sans réponse" in coming
    assert f"{hours:.0f} h réservées" in coming
    # 8 h today, 10 h on each of four days, 2 h on Tuesday the 8th; less 2 + 1 + 1 h of use, each with an hour of cleaning
    assert "Sur 50 h d’ouverture (86 %)" in coming
    assert "43 h de cuisines inoccupées" in coming
    assert re.findall(r"/reservations/(\w+)", section(page, "waiting")) == [each.ref for each in waiting]
    assert re.findall(r'<span class="chip">(\d+)', section(page, "waiting")) == ["2"]
    unmet = sum(row.decision == "refused" for row in rows)
    assert re.findall(r"<td[^>]*>([^<]+)</td>", section(page, "unmet")) == ["Véhicules", few_of(unmet), "0"]
    assert "3 ressources" in section(page, "places")
    assert "Personne n’attend" in page


def member_of(booking):
    return actor_of(booking.requester, memberships={booking.organisation_id: Role.MEMBER})


def test_long_lists_say_how_many_more(client, coordinator, kitchen, gleaners):
    for day in (9, 10, 12, 13, 16, 17, 18):  # working days of November
        ask(kitchen, gleaners, f"2026-11-{day:02} 09:00", f"2026-11-{day:02} 10:00")
    page = section(html(client), "waiting")
    assert page.count("<article") == 6
    assert "et 1 autre" in page
    (rest,) = re.findall(r'href="/pat(\?[^"]*attente=\w+)#waiting-\w+"', page)
    page = section(html(client, rest.replace("&amp;", "&")), "waiting")
    assert page.count("<article") == 7
    assert "et 1 autre" not in page


def test_who_missed_too_much_stands_there_until_it_is_forgiven(
    client, coordinator, kitchen, gleaners, manager, frozen
):
    others = an_organisation(gleaners.territory, name="Les Absents d’un jour")
    missed = []
    for day in (2, 3, 4):
        booked = [ask(kitchen, gleaners, f"2026-09-0{day} 09:00", f"2026-09-0{day} 10:00")]
        if day == 2:
            booked.append(ask(kitchen, others, "2026-09-02 14:00", "2026-09-02 15:00"))
        for each in booked:
            bookings.approve(each.id, manager)
        frozen.move_to(booked[-1].end_at)
        assert 'aria-labelledby="absences"' not in html(client)
        for each in booked:
            bookings.tell_absence(each.id, manager)
        missed.append(booked[0].ref)
    page = section(html(client), "absences")
    assert gleaners.name in page
    assert "3 absences qui comptent" in page
    assert others.name not in page
    assert re.findall(r"/reservations/(\w+)", page) == missed[::-1]
    forgive = client.get(f"/reservations/{missed[0]}", headers={"Accept-Language": "fr"})
    assert f"/reservations/{missed[0]}/pardon" in forgive.get_data(as_text=True)
    bookings.forgive_absence(
        booked[0].id, actor_of(coordinator, coordinated=frozenset({gleaners.territory_id})), "Panne"
    )
    assert 'aria-labelledby="absences"' not in html(client)


def test_conflicts_stand_in_the_order_of_priority(client, coordinator, site, gleaners, territory):
    hall = a_resource(site, name="Salle", hours="24/7", arbitration_hours=48)
    aid = an_organisation(territory, priority_class="P1", name="Épicerie solidaire")
    for organisation in (gleaners, aid):
        ask(hall, organisation, "2026-10-10 08:00", "2026-10-10 12:00")
    page = section(html(client), "contests")
    assert "2 demandes pour le même créneau" in page
    assert page.index("Épicerie solidaire") < page.index(gleaners.name)


def few_of(number):
    """Give a count as the coordination reads it: a small one might be somebody's."""
    return "moins de 3" if 0 < number < 3 else str(number)


def test_what_was_asked_for_in_vain_names_nobody(client, coordinator, kitchen, gleaners, manager, frozen):
    refused = ask(kitchen, gleaners, f"{DAY} 09:00", f"{DAY} 12:00")
    bookings.refuse(refused.id, manager, "Madame Untel est absente")
    ask(kitchen, gleaners, f"{DAY} 14:00", f"{DAY} 16:00")
    frozen.tick(days=4)
    bookings.expire_due()
    page = section(html(client), "unmet")
    assert re.findall(r"<td[^>]*>([^<]+)</td>", page) == ["Cuisines", few_of(1), few_of(1)]
    assert "Untel" not in page
    assert "Glaneurs" not in page
    frozen.tick(days=31)
    assert "Rien n’a été refusé ni oublié." in section(html(client), "unmet")


def test_who_waits_to_come_in(client, coordinator, territory, gleaners, frozen):
    assert "Personne n’attend" in html(client)
    an_organisation(territory, state=OrganisationState.PENDING)
    frozen.tick(days=1)
    person = a_person()
    _save(
        Membership(
            person_id=person.id,
            organisation_id=gleaners.id,
            role=Role.MEMBER,
            state=MembershipState.REQUESTED,
            created_at=clock.now(),
        )
    )
    page = html(client)
    assert "1 structure" in page
    assert "1 personne" in page
    assert "La première demande date du mardi 1er septembre" in page
    assert 'href="/pat/demandes"' in page


def test_a_map_and_a_list_of_the_places(client, coordinator, kitchen):
    page = section(html(client), "places")
    assert "<svg" in page
    assert page.count('href="/lieux/pole"') == 2
    assert "1 ressource" in page


def test_an_empty_territory(client, coordinator):
    page = html(client)
    assert "0 réservation acceptée" in page
    assert "Aucune cuisine avec des horaires" in page
    assert "Chaque demande a sa réponse." in page
    assert "Aucun lieu n’est encore partagé." in page


def test_it_is_for_the_coordination_of_that_territory(client, login, territory, kitchen, site, gleaners):
    assert client.get("/pat").status_code in (303, 401, 403)
    for person in (a_member(gleaners), a_manager(site)):
        login(client, person)
        assert client.get("/pat").status_code == 403
    elsewhere = a_territory(name="Ailleurs", slug="ailleurs")
    login(client, a_coordinator(elsewhere))
    assert "Ailleurs" in html(client)
    assert "Cuisine du port" not in html(client)
    html(client, "?territoire=erdre", 404)
    login(client, a_person(is_platform_admin=True))
    assert "Entre Erdre et Don" in html(client, "?territoire=erdre")
    assert 'href="/pat?territoire=ailleurs"' in html(client)


def test_statements_do_not_grow(client, coordinator, kitchen, site, gleaners):
    def grow(day: int) -> None:
        for number in range(5):
            other = a_resource(
                a_site(gleaners, commune_code="44113"), name=f"Four {day} {number}", hours="Mo-Fr 08:00-18:00"
            )
            ask(other, gleaners, f"2026-09-{day:02} 09:00", f"2026-09-{day:02} 12:00")

    grow(2)
    html(client)
    with count_queries() as few:
        html(client)
    grow(3)
    with count_queries() as many:
        html(client)
    assert len(many) == len(few) <= 19


def test_the_pages_of_the_coordination_lead_to_one_another(client, coordinator):
    for path in ("/pat", "/pat/demandes", "/pat/roles"):
        page = client.get(path).get_data(as_text=True)
        for other in ("/pat", "/pat/demandes", "/pat/roles"):
            assert f'href="{other}"' in page
