"""A person's own page: what comes, what waits for whom, what can be asked again, how to begin."""

import pytest

from app.accounts.models import OrganisationState, Role
from app.bookings import service
from tests.bookings.pages import text_of
from tests.factories import a_coordinator, a_member, a_person, an_organisation, span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


def test_the_first_day_shows_three_steps(shared, browser):
    page = text_of(browser(a_person()).get("/moi"))
    for piece in (
        "Three steps to begin",
        "Join your organisation",
        "Find my organisation",
        "Send a first request",
    ):
        assert piece in page
    joined = text_of(browser(a_member(an_organisation(shared.territory))).get("/moi"))
    assert "Three steps to begin" in joined
    assert "Find my organisation" not in joined


def test_whoever_proposed_an_organisation_waits_for_the_coordination(shared, browser):
    proposed = an_organisation(shared.territory, name="Les Bocaux", state=OrganisationState.PENDING)
    page = text_of(browser(a_member(proposed, role=Role.ORG_ADMIN)).get("/moi"))
    assert "The coordination looks at Les Bocaux" in page
    assert "Find my organisation" not in page


def test_a_coordinator_reads_who_wishes_to_join(shared, browser):
    coordinator = a_coordinator(shared.territory)
    assert "to join the territory" not in text_of(browser(coordinator).get("/moi"))
    an_organisation(shared.territory, state=OrganisationState.PENDING)
    page = text_of(browser(coordinator).get("/moi"))
    assert "1 request to join the territory waits" in page
    assert "/pat/demandes" in page


def test_bookings_are_sorted_by_what_they_wait_for(shared, browser, frozen):
    coming = shared.ask()
    service.approve(coming.id, shared.manager)
    waiting = shared.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    refused = shared.ask(span("2026-10-08 09:00", "2026-10-08 12:00"))
    service.refuse(refused.id, shared.manager, "Travaux")
    page = text_of(browser(shared.person).get("/moi"))
    order = [
        page.index(piece)
        for piece in (
            "Coming up",
            coming.ref,
            "Waiting for others",
            waiting.ref,
            "Past and cancelled",
            refused.ref,
        )
    ]
    assert order == sorted(order)
    assert "Mairie de Treillières answers before" in page
    assert f"/ressources/{shared.kitchen.slug}/demander?refaire={refused.ref}" in page
    frozen.move_to(shared.slot.end)
    later = text_of(browser(shared.person).get("/moi"))
    assert "Nothing planned" in later
    assert f"refaire={coming.ref}" in later


def test_the_organisation_sees_them_others_do_not(shared, browser):
    booking = shared.ask()
    assert booking.ref in text_of(browser(shared.boss).get("/moi"))
    assert booking.ref not in text_of(browser(a_person()).get("/moi"))


def test_what_waits_for_the_reader_comes_first(shared, browser):
    booking = shared.ask(message="Bonjour")
    assert "wrote to you" not in text_of(browser(shared.person).get("/moi"))
    service.write_message(booking.id, shared.manager, "Pouvez-vous venir à dix heures ?")
    page = text_of(browser(shared.person).get("/moi"))
    assert "Anne Le Goff wrote to you about Cuisine partagée" in page
    assert "Pouvez-vous venir à dix heures ?" in page
    assert "1 request waits for your answer" in text_of(browser(shared.manager_person).get("/moi"))


def test_a_visitor_signs_in_first(browser):
    answer = browser().get("/moi")
    assert (answer.status_code, answer.location) == (303, "/connexion?next=/moi")


def test_the_page_asks_few_questions_to_the_database(shared, browser):
    for number in range(1, 25):
        shared.ask(
            span(f"2026-10-{number:02d} 09:00", f"2026-10-{number:02d} 11:00")
        ) if number % 7 != 4 else None
    client = browser(shared.person)
    client.get("/moi")
    # What surplus there is, and what of it is to be collected, are two; hand-over notes, incidents, warm places three.
    with count_queries(at_most=15):
        client.get("/moi")
