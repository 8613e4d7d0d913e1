"""Asking on the page: prefilled, answered while choosing, refused with a way on, sent once."""

import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from app.bookings.models import Booking
from app.infra.db import db
from tests.bookings.pages import SLOT, World, text_of
from tests.factories import a_coordinator, a_person, a_resource, an_organisation, span
from tests.helpers import HTMX, assert_same_after_swap, count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


def bookings() -> int:
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_the_address_fills_the_form_and_answers_the_slot(shared, browser):
    answer = browser(shared.person).get(shared.ask_url, query_string=SLOT)
    page = text_of(answer)
    assert answer.status_code == 200
    assert 'value="2026-10-06"' in page
    assert '<option selected value="09:00">' in page
    assert "Free, if Mairie de Treillières agrees" in page
    assert "Mairie de Treillières answers within 3 days." in page
    assert "Les Glaneurs" in page


def test_times_outside_the_opening_hours_are_not_offered(shared, browser):
    page = text_of(browser(shared.person).get(shared.ask_url))
    assert '<option value="07:00">' in page
    assert '<option value="22:00">' in page
    assert '<option value="06:30">' not in page


def test_the_answer_swapped_in_is_that_of_the_reloaded_page(shared, browser):
    client = browser(shared.person)
    assert_same_after_swap(client, f"{shared.ask_url}?date=2026-10-06&de=09:00&a=12:00", "slot")
    assert_same_after_swap(client, f"{shared.ask_url}?date=2026-10-06&de=05:00&a=12:00", "slot")
    assert_same_after_swap(client, shared.ask_url, "slot")


def test_sending_makes_a_request_and_leads_to_its_page(shared, browser):
    client = browser(shared.person)
    answer = client.post(shared.ask_url, data=shared.form(people="8", message="Bonjour"))
    assert answer.status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert urlsplit(answer.location).path == f"/reservations/{booking.ref}"
    assert (booking.people, booking.purpose, booking.organisation_id) == (8, "Soupes", shared.association.id)
    page = text_of(client.get(answer.location))
    assert "Your request is sent to Mairie de Treillières." in page
    assert "Bonjour" in page


def test_the_same_form_sent_twice_makes_one_booking(shared, browser):
    client = browser(shared.person)
    first, second = (client.post(shared.ask_url, data=shared.form()) for _ in range(2))
    assert (first.status_code, second.status_code, bookings()) == (303, 303, 1)
    assert first.location == second.location
    changed = client.post(shared.ask_url, data=shared.form(purpose="Autre chose"))
    assert changed.status_code == 422
    assert "already been sent" in text_of(changed)


def test_a_taken_slot_keeps_the_form_and_offers_others_as_buttons(shared, browser):
    shared.ask()
    client = browser(shared.person)
    answer = client.post(shared.ask_url, data=shared.form(message="Nous serons huit", once="o" * 20))
    page = text_of(answer)
    assert (answer.status_code, bookings()) == (409, 1)
    assert "Already taken from 09:00 to 12:00" in page
    assert "Nous serons huit" in page
    assert 'name="choisir" value="date=2026-10-06&amp;de=12:00&amp;a=15:00"' in page


def test_choosing_another_time_fills_the_form_without_sending(shared, browser):
    data = shared.form(message="Nous serons huit", choisir="date=2026-10-06&de=12:00&a=15:00")
    answer = browser(shared.person).post(shared.ask_url, data=data)
    page = text_of(answer)
    assert (answer.status_code, bookings()) == (200, 0)
    assert '<option selected value="12:00">' in page
    assert "Nous serons huit" in page


def test_enter_in_a_field_sends_the_form(shared, browser):
    shared.ask()
    page = text_of(browser(shared.person).get(shared.ask_url, query_string=SLOT))
    form = page.partition("data-once>")[2]
    first = re.findall(r"<button[^>]*>", form)[0]  # what Enter presses, whatever other buttons follow
    assert 'type="submit"' in first
    assert "name=" not in first
    assert 'name="choisir"' in form


def test_a_similar_place_takes_along_what_was_typed(shared, browser):
    like = a_resource(shared.site, name="Cuisine du bas", hours="24/7")
    shared.ask()
    client, url = browser(shared.person), f"/ressources/{like.slug}/demander"
    page = text_of(client.get(shared.ask_url, query_string=SLOT))
    value = "date=2026-10-06&de=09:00&a=12:00"
    assert f'value="{value.replace("&", "&amp;")}" formaction="{url}"' in page
    answer = client.post(url, data=shared.form(message="Nous serons huit", choisir=value))
    page = text_of(answer)
    assert (answer.status_code, bookings()) == (200, 1)
    for piece in ("Ask for Cuisine du bas", "Nous serons huit", 'value="Soupes"', "Free, if Mairie"):
        assert piece in page


def test_the_hours_of_a_chosen_day_are_shown(shared, browser):
    shared.ask()
    page = text_of(browser(shared.person).get(shared.ask_url, query_string={"date": "2026-10-06"}))
    assert "Choose the times" in page
    assert "Free that day" in page
    assert "Tuesday 6 October, 12:00–22:00" in page
    assert 'value="date=2026-10-06&amp;de=12:00&amp;a=13:00"' in page


def test_fields_speak_of_days_or_hours_as_the_place_is_lent(shared, browser):
    client, room = browser(shared.person), shared.cold_room()
    page = text_of(client.get(f"/ressources/{room.slug}/demander"))
    assert "First day</label>" in page
    assert "Last day (included)</label>" in page
    assert 'min="2026-09-01"' in page
    assert "It ends on another day" not in text_of(client.get(shared.ask_url))  # closed at night
    assert 'name="fin"' in text_of(client.get(shared.ask_url, query_string=SLOT | {"fin": "2026-10-07"}))
    van = a_resource(shared.site, kind="vehicle", opening_mode="endpoints", hours="Mo-Fr 08:00-18:00")
    assert "It ends on another day" in text_of(client.get(f"/ressources/{van.slug}/demander"))


def test_checking_without_script_answers_and_sends_nothing(shared, browser):
    data = shared.form(de="05:00", verifier="1")
    page = text_of(browser(shared.person).post(shared.ask_url, data=data))
    assert "Closed at that time: open from 07:00 to 22:00" in page
    assert '<option selected value="05:00">' in page
    assert bookings() == 0


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"date": "pas une date"}, "This is no date"),
        ({"date": "2026-02-30"}, "This is no date"),
        ({"date": ""}, "Choose a day"),
        ({"de": "25:99"}, "This is no time of day"),
        ({"a": "08:00"}, "The end must come after the start"),
        ({"date": "2027-03-28", "de": "02:30", "a": "06:00"}, "02:30 does not exist that day"),
        ({"quantite": "-3"}, "Enter a whole number"),
        ({"quantite": "9" * 30}, "Enter a whole number"),
        ({"quantite": "deux"}, "Enter a whole number"),
        ({"purpose": "  "}, "Say in a few words"),
        ({"purpose": "x" * 161}, "160"),
        ({"people": "-1"}, "1"),
        ({"people": "9" * 5000}, "Not a valid integer"),
        ({"people": "beaucoup"}, "Not a valid integer"),
        ({"message": "é" * 2001}, "2000"),
        ({"organisation": "abc"}, "Invalid Choice"),
        ({"organisation": ""}, "Invalid Choice"),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_lost(shared, browser, wrong, sentence):
    answer = browser(shared.person).post(shared.ask_url, data=shared.form(message="À garder") | wrong)
    page = text_of(answer)
    assert (answer.status_code, bookings()) == (422, 0)
    assert sentence in page
    assert 'role="alert"' in page
    assert "message" in wrong or "À garder" in page


def summary_of(page: str) -> str:
    """Give the piece of a page that says what to correct."""
    return page.partition('<div class="summary"')[2].partition("</ul>")[0]


def test_a_taken_slot_and_wrong_fields_are_told_in_one_answer(shared, browser):
    shared.ask()
    wrong = shared.form(purpose=" ", people="beaucoup", message="À garder", once="o" * 20)
    answer = browser(shared.person).post(shared.ask_url, data=wrong)
    page = text_of(answer)
    assert (answer.status_code, bookings()) == (422, 1)
    for piece in (
        "3 things to correct",
        '<a href="#slot">The slot</a> <span>Already taken from 09:00 to 12:00',
        '<a href="#purpose">',
        '<a href="#people">',
    ):
        assert piece in summary_of(page)
    assert "À garder" in page
    assert 'name="choisir" value="date=2026-10-07&amp;de=09:00&amp;a=12:00"' in page


def test_every_reason_against_a_slot_is_in_the_summary(browser):
    shared = World(min_notice_minutes=72 * 60)
    answer = browser(shared.person).post(shared.ask_url, data=shared.form(date="2026-09-03", de="05:00"))
    assert answer.status_code == 409
    told = summary_of(text_of(answer))
    assert "Closed at that time" in told
    assert "Too soon" in told


def test_a_free_slot_is_no_part_of_what_to_correct(shared, browser):
    page = text_of(browser(shared.person).post(shared.ask_url, data=shared.form(purpose="")))
    assert "One thing to correct" in summary_of(page)
    assert "#slot" not in summary_of(page)


def test_a_taken_slot_and_a_foreign_organisation_are_told_in_one_answer(shared, browser):
    shared.ask()
    foreign = an_organisation(shared.territory)
    wrong = shared.form(organisation=str(foreign.id), once="o" * 20)
    told = summary_of(text_of(browser(shared.person).post(shared.ask_url, data=wrong)))
    assert "Already taken from 09:00 to 12:00" in told
    assert '<a href="#organisation">' in told


def test_wrong_times_and_a_wrong_quantity_are_told_together(shared, browser):
    data = shared.form(a="08:00", quantite="deux")
    told = summary_of(text_of(browser(shared.person).post(shared.ask_url, data=data)))
    assert "The end must come after the start" in told
    assert "Enter a whole number" in told


def test_a_foreign_organisation_is_refused(shared, browser):
    foreign = an_organisation(shared.territory)
    answer = browser(shared.person).post(shared.ask_url, data=shared.form(organisation=str(foreign.id)))
    assert (answer.status_code, bookings()) == (422, 0)


@pytest.mark.parametrize("who", ["manager", "coordinator"])
def test_managers_and_coordinators_ask_for_any_organisation(shared, browser, who):
    person = shared.manager_person if who == "manager" else a_coordinator(shared.territory)
    client = browser(person)
    assert "You may ask for any organisation of the territory" in text_of(client.get(shared.ask_url))
    assert client.post(shared.ask_url, data=shared.form()).status_code == 303
    assert db.session.scalars(select(Booking)).one().organisation_id == shared.association.id


def test_a_visitor_signs_in_and_finds_everything_as_typed(shared, browser, login):
    client = browser()
    page = text_of(client.get(shared.ask_url, query_string=SLOT))
    assert "Sign in and send" in page
    typed = shared.form(message="Avec des élèves", people="12")
    answer = client.post(shared.ask_url, data=typed)
    assert answer.status_code == 303
    assert answer.location.startswith("/connexion?next=")
    login(client, shared.person)
    page = text_of(client.get(f"{shared.ask_url}?brouillon=1"))
    for piece in (
        "Welcome back",
        "Avec des élèves",
        'value="12"',
        'value="Soupes"',
        '<option selected value="09:00">',
    ):
        assert piece in page
    client.post(shared.ask_url, data=typed)
    assert "Welcome back" not in text_of(client.get(f"{shared.ask_url}?brouillon=1"))


def test_somebody_without_an_organisation_is_led_to_one(shared, browser):
    client = browser(a_person())
    page = text_of(client.get(shared.ask_url))
    assert "One step first: your organisation" in page
    assert client.post(shared.ask_url, data=shared.form()).status_code == 403


def test_asking_again_proposes_the_same_weekday_of_the_coming_week(shared, browser, frozen):
    booking = shared.ask(span("2026-09-08 09:00", "2026-09-08 12:00"), people=8, purpose="Soupe du mardi")
    frozen.tick(days=9)  # Thursday 10 September
    page = text_of(browser(shared.person).get(f"{shared.ask_url}?refaire={booking.ref}"))
    for piece in ('value="2026-09-15"', '<option selected value="09:00">', "Soupe du mardi", 'value="8"'):
        assert piece in page
    stranger = text_of(browser(a_person()).get(f"{shared.ask_url}?refaire={booking.ref}"))
    assert "Soupe du mardi" not in stranger
    assert browser(shared.person).get(f"{shared.ask_url}?refaire=NOSUCHREF").status_code == 200


def test_asking_again_passes_over_weeks_the_organisation_already_has(shared, browser, frozen):
    booking = shared.ask(span("2026-09-08 09:00", "2026-09-08 12:00"))
    shared.ask(span("2026-09-15 10:00", "2026-09-15 14:00"))
    frozen.tick(days=9)
    page = text_of(browser(shared.person).get(f"{shared.ask_url}?refaire={booking.ref}"))
    assert 'value="2026-09-22"' in page


def test_days_and_quantities_are_asked_where_they_count(shared, browser):
    room = shared.cold_room()
    client, url = browser(shared.person), f"/ressources/{room.slug}/demander"
    page = text_of(
        client.get(url, query_string={"date": "2026-11-01", "fin": "2026-11-30", "quantite": "10"})
    )
    assert "10 pallets" in page
    assert 'name="de"' not in page
    data = {"date": "2026-11-01", "fin": "2026-11-30", "quantite": "25", "purpose": "Pommes"}
    answer = client.post(url, data=data | {"organisation": str(shared.association.id)})
    assert answer.status_code == 409
    assert "You ask for 25, there are 24 pallets in all" in text_of(answer)
    answer = client.post(url, data=data | {"organisation": str(shared.association.id), "quantite": "10"})
    assert answer.status_code == 303


def test_unknown_hidden_and_archived_resources(shared, browser):
    client = browser(shared.person)
    assert client.get("/ressources/rien-de-tel/demander").status_code == 404
    hidden = World(visibility="hidden")
    assert client.get(hidden.ask_url).status_code in (403, 404)
    assert browser().get(hidden.ask_url).status_code == 303


def test_a_huge_form_is_turned_away(shared, browser):
    answer = browser(shared.person).post(shared.ask_url, data=shared.form(message="x" * 10_000_000))
    assert answer.status_code == 413


def test_the_page_asks_few_questions_to_the_database(shared, browser):
    client = browser(shared.person)
    client.get(shared.ask_url)
    with count_queries(at_most=14):
        client.get(shared.ask_url, query_string=SLOT)
    with count_queries(at_most=14):
        client.get(shared.ask_url, query_string=SLOT, headers=HTMX)
