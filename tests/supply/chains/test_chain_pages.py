"""The pages of chains: those one has to do with, each as steps, mended there, its costs."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.bookings import service as bookings
from app.bookings.bundles import wholes
from app.core.policy import Actor
from app.core.span import Span
from app.notifications.bundles import TO_ANSWER, letter_for
from app.payments import service as payments
from tests.bookings.money import Meter, tariff
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import decisions, of
from tests.factories import a_coordinator, a_person, a_resource
from tests.helpers import count_queries
from tests.supply.chains.valley import Valley

ADMIN = Actor(is_platform_admin=True)


@pytest.fixture
def valley(session, frozen):
    return Valley()


def page_of(chain, more=""):
    return f"/filieres/{chain.bundle.ref}{more}"


def test_a_chain_is_shown_as_steps_with_what_it_carries(valley, browser):
    chain = valley.ask_for()
    page = text_of(browser(valley.person).get(page_of(chain)))
    for said in (
        "400 kg, courgettes",
        "34 crates of 60 × 40",
        "2 pallets, 501 kg with the packaging",
        "Nozay",
        "0 elements of 4 accepted",
        "All answers are due before",
        "1. Fourgon frigorifique",
        "Collection&nbsp;· 42 km in all, 1 trip",
        "At least 40 min after what comes before it",
        "4. Cuisine partagée",
        "Hand-over: Thursday 17 September, 14:00",
    ):
        assert said in page, said
    assert re.search(
        r"Storage</p>.*2\. .*Transport\W.*3\. .*Processing</p>.*4\. .*The hand-over</p>", page, re.DOTALL
    )


def test_a_request_leads_to_its_chain_and_one_that_carries_nothing_to_its_own_page(valley, browser):
    chain, loose = valley.ask_for(), valley.bundle()
    client = browser(valley.person)
    for path, leads_to in (
        (f"/demandes/{chain.bundle.ref}", page_of(chain)),
        (f"/filieres/{loose.ref}", f"/demandes/{loose.ref}"),
        (f"/filieres/{loose.ref}/couts", None),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.location and urlsplit(answer.location).path) == (
            (302, leads_to) if leads_to else (404, None)
        )


def test_who_sees_the_request_sees_its_chain(valley, browser):
    chain = valley.ask_for()
    coordination = a_coordinator(valley.territory)
    for person in (valley.person, valley.driver_person, coordination):
        assert browser(person).get(page_of(chain)).status_code == 200
        assert chain.bundle.ref in text_of(browser(person).get("/filieres"))
    stranger = browser(a_person())
    assert stranger.get(page_of(chain)).status_code == 404
    assert "No chain yet" in text_of(stranger.get("/filieres"))


def test_a_lost_leg_is_replaced_or_left_out_on_the_page_of_its_chain(valley, browser, frozen):
    chain = valley.ask_for()
    a_resource(valley.site, name="Cuisine du bas", facts={"throughput": 50})
    lost = of(chain.bundle)[3]
    bookings.refuse(lost.id, valley.manager, "Le four est en panne")
    client = browser(valley.person)
    page = text_of(client.get(page_of(chain)))
    assert "1 element has to be replaced" in page
    assert "Le four est en panne" in page
    choice = re.search(
        rf'action="/reservations/{lost.ref}/remplacer".*?name="choix" value="([^"]+)"', page, re.DOTALL
    )
    assert choice
    wrong = client.post(f"/reservations/{lost.ref}/remplacer", data={"choix": ""})
    assert wrong.status_code == 422
    assert "Collection" in text_of(wrong)  # what was refused is told on the same page
    value = choice[1].replace("&amp;", "&")
    client.post(f"/reservations/{lost.ref}/remplacer", data={"choix": value})
    assert decisions(chain.bundle) == ["pending", "pending", "pending", "refused", "pending"]
    again = text_of(client.get(page_of(chain)))
    assert "Processing" in again
    assert "At least 40 min after what comes before it" in again
    assert "See what was replaced or left out" in again


def test_a_place_answers_its_leg_there(valley, browser):
    chain = valley.ask_for()
    client = browser(valley.driver_person)
    page = text_of(client.get(page_of(chain)))
    assert "Accept the 2 elements that wait for you" in page
    assert "Another place" not in page
    first = of(chain.bundle)[0]
    answer = client.post(f"/reservations/{first.ref}/demande/accepter", data={"retour": "demande"})
    assert answer.status_code == 303
    shown = client.get(answer.location, follow_redirects=True)
    assert urlsplit(shown.request.url).path == page_of(chain)
    assert decisions(chain.bundle) == ["approved", "pending", "approved", "pending"]


def test_the_list_costs_as_many_statements_for_many(valley, browser):
    valley.ask_for()
    client = browser(valley.person)
    client.get("/filieres")
    with count_queries() as one:
        client.get("/filieres")
    week = timedelta(days=7)
    later = [replace(leg, span=Span(leg.span.start + week, leg.span.end + week)) for leg in valley.plan()]
    valley.ask_for(legs=later, handover_at=None)
    with count_queries() as two:
        client.get("/filieres")
    assert len(two) <= len(one) + 1


@pytest.mark.scenario(number="S13")
def test_s13_what_a_chain_costs_is_said_on_its_page_before_it_is_asked_for(valley, browser):
    chain = priced(valley).ask_for()
    for leg, km in zip(of(chain.bundle), (42, None, 20, None), strict=True):
        bookings.approve(
            leg.id, valley.driver if leg.resource.site_id == valley.garage.id else valley.manager
        )
        if km:
            bookings.measure_costs(leg.id, valley.driver, {Meter.KM: km * 1000})
    client = browser(valley.person)
    answer = client.get(f"/demandes/{chain.bundle.ref}/couts")
    assert urlsplit(answer.location).path == page_of(chain, "/couts")
    page = text_of(client.get(page_of(chain, "/couts")))
    for amount in ("€35.20", "€7.20", "€14.00", "€96.00", "€152.40"):
        assert amount in page, amount
    assert page_of(chain) in page
    assert "€152.40" in text_of(client.get(page_of(chain)))


def priced(valley):
    payments.switch_money(ADMIN, valley.territory.id, is_on=True)
    for place, terms in (
        (valley.van, tariff((Meter.HOUR, 500), (Meter.KM, 60))),
        (valley.store, tariff((Meter.PALLET_DAY, 120))),
        (valley.second, tariff((Meter.HOUR, 400), (Meter.KM, 50))),
        (valley.kitchen, tariff((Meter.HOUR, 1200))),
    ):
        payments.publish_tariff(ADMIN, place.id, terms)
    return valley


def test_who_answers_a_leg_reads_that_it_is_of_a_chain_and_of_what(valley, browser):
    chain = valley.ask_for()
    loose = valley.bundle()
    driver = browser(valley.driver_person)
    said = "It is part of a chain of 4 elements: 400 kg, courgettes, Nozay."
    inbox = text_of(driver.get("/a-traiter"))
    assert inbox.count(said) == 1
    assert "It is part of a request for" in inbox
    page = text_of(driver.get(f"/reservations/{of(chain.bundle)[0].ref}"))
    assert said in page
    assert "Part of a chain" in page
    letter = letter_for(TO_ANSWER, wholes([chain.bundle_id])[chain.bundle_id], valley.driver_person, None)
    assert letter is not None
    assert "(400 kg, courgettes, Nozay)" in letter.paragraphs[1]
    assert "Part of a request for several resources" in text_of(
        driver.get(f"/reservations/{of(loose)[0].ref}")
    )


def test_what_replaces_a_leg_says_its_price_and_what_would_wait_without_a_place(valley, browser):
    chain = priced(valley).ask_for(handover_at=None)
    below = a_resource(valley.site, name="Cuisine du bas", facts={"throughput": 50})
    payments.publish_tariff(ADMIN, below.id, tariff((Meter.HOUR, 900)))
    lost = of(chain.bundle)[3]
    bookings.refuse(lost.id, valley.manager, "Le four est en panne")
    page = text_of(browser(valley.person).get(page_of(chain)))
    buttons = re.findall(r'<button class="alt".*?</button>', page, re.DOTALL)
    [same] = [each for each in buttons if "Ask for: Cuisine du bas" in each]
    assert "Estimated cost: €72.00" in same
    assert "Nothing is booked" not in same
    later = [each for each in buttons if "Ask for: Thursday 17 September" in each]
    assert later
    assert all("Nothing is booked from Wednesday 16 September 07:00 to Thursday 17" in each for each in later)
    waiting = ["Nothing is booked" in each for each in buttons[1:]]
    assert waiting == sorted(waiting)


def test_what_happened_to_a_chain_stands_on_its_page_as_far_as_one_may_know(valley, browser):
    chain = valley.ask_for()
    bookings.approve(of(chain.bundle)[0].id, valley.driver)
    bookings.refuse(of(chain.bundle)[3].id, valley.manager, "Le four est en panne")
    bookings.move_handover(chain.bundle_id, valley.member, None)

    def told(person):
        page = text_of(browser(person).get(page_of(chain)))
        return re.findall(r"<p>([^<]*)</p>", page.split('<ol class="history">')[1].split("</ol>")[0])

    accepted, refused = (
        "Fourgon frigorifique: Request accepted",
        "Cuisine partagée: Request refused",
    )
    asked, later = "Request sent", "Nothing is said about the hand-over any more"
    assert told(valley.person) == [later, refused, accepted, asked]
    assert told(valley.driver_person) == [later, accepted, asked]
