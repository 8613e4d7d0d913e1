"""The pages of a request for several resources: writing it element by element, its page, mending it, answering it."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from app.bookings import service
from app.bookings.answers import waiting_at
from app.bookings.bundles import Whole, wholes
from app.bookings.models import Booking, Bundle
from app.bookings.queries import count_waiting_for
from app.bookings.service import Leg
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import HOST, Valley, decisions, of
from tests.factories import a_member, a_resource, an_organisation, at, span
from tests.helpers import HTMX, assert_same_pieces, count_queries

VAN = {"e0-ressource": "", "e0-date": "2026-10-06", "e0-de": "07:00", "e0-a": "09:00"}
KITCHEN = {"e1-ressource": "", "e1-date": "2026-10-06", "e1-de": "09:00", "e1-a": "12:00"}


@pytest.fixture
def valley(session, frozen):
    return Valley()


def two(valley, **more):
    """Give what a browser sends for a van and a kitchen."""
    why = {"organisation": str(valley.association.id), "purpose": "Courgettes", "once": "k" * 20}
    parts = {**VAN, "e0-ressource": valley.van.slug, **KITCHEN, "e1-ressource": valley.kitchen.slug}
    return parts | why | more


def kept(client):
    with client.session_transaction() as cookie:
        return cookie.get("draft_bundle")


def named(page):
    return re.findall(r"<legend>\d+\. ([^<]+)</legend>", page)


# -- writing it -----------------------------------------------------------------------------------------------


def test_one_request_becomes_the_first_element_of_several(valley, browser):
    client = browser(valley.person)
    assert "Add another place or tool" in text_of(client.get(valley.ask_url))
    answer = client.post(valley.ask_url, data=valley.form(grouper="1", purpose="Soupes"))
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/demander")
    page = text_of(client.get("/demander"))
    assert named(page) == ["Cuisine partagée"]
    assert 'value="Soupes"' in page
    assert 'value="2026-10-06"' in page


def test_a_series_is_asked_for_alone(valley, browser):
    typed = valley.form(grouper="1", repete="weekly", fois="3")
    answer = browser(valley.person).post(valley.ask_url, data=typed)
    assert answer.status_code == 422
    assert "A series is asked for alone" in text_of(answer)


def test_an_address_adds_an_element_once_and_keeps_it(valley, browser):
    client = browser(valley.person)
    url = f"/demander?ressource={valley.van.slug}&date=2026-10-06&de=07:00&a=09:00"
    for _twice in range(2):
        assert client.get(url).status_code == 303
    client.get(f"/demander?ressource={valley.kitchen.slug}&date=2026-10-06&de=09:00&a=12:00")
    client.head(f"/demander?ressource={valley.store.slug}")
    assert named(text_of(client.get("/demander"))) == ["Fourgon frigorifique", "Cuisine partagée"]


def test_prices_and_house_rules_are_read_before_sending(session, frozen, browser):
    valley = Valley(price_cents=1200, price_per="hour")
    page = text_of(browser(valley.person).post("/demander", data=two(valley, verifier="0")))
    assert page.count("Price: Free of charge") == 1
    assert "Price: €12.00 an hour" in page
    assert re.search(r"House rules: Cuisine partagée.*?Nettoyer", page, re.DOTALL)
    assert "House rules: Fourgon" not in page
    assert "you accept the house rules" in page
    alone = text_of(browser(valley.person).get(valley.ask_url))
    for piece in ("€12.00 an hour", "Nettoyer", "Add another place or tool"):
        assert piece in alone


def test_a_request_for_several_is_begun_on_the_page_of_a_resource(valley, browser):
    client = browser(valley.person)
    page = text_of(client.get(f"/ressources/{valley.kitchen.slug}?date=2026-10-07&de=09:00&a=12:00"))
    link = re.search(r'href="(/demander[^"]+)".*?Ask for it with other', page)
    assert link
    client.get(link[1].replace("&amp;", "&"))
    assert named(text_of(client.get("/demander"))) == ["Cuisine partagée"]


def test_what_is_not_there_to_see_is_left_out(valley, browser):
    client = browser(valley.person)
    hidden = a_resource(valley.garage, name="Réserve secrète", visibility="hidden")
    for slug in (hidden.slug, "nulle-part", "../../etc", valley.van.slug):
        client.get("/demander", query_string={"ressource": slug, "date": "2026-10-06"})
    assert named(text_of(client.get("/demander"))) == ["Fourgon frigorifique"]
    assert kept(client)["parts"] == [f"{valley.van.slug}?date=2026-10-06"]


def test_eight_elements_and_no_more(valley, browser):
    client = browser(valley.person)
    for day in range(6, 18):
        client.get(f"/demander?ressource={valley.kitchen.slug}&date=2026-10-{day:02d}&de=09:00&a=12:00")
    page = text_of(client.get("/demander"))
    assert len(named(page)) == 8
    assert "at most 8 elements" in page


def test_while_a_request_is_open_pages_of_resources_add_to_it(valley, browser):
    client = browser(valley.person)
    url = f"/ressources/{valley.kitchen.slug}"
    assert "Add to my request" not in text_of(client.get(url))
    client.post("/demander", data=two(valley, verifier="0"))
    page = text_of(client.get(f"{url}?date=2026-10-07&de=09:00&a=12:00"))
    link = re.search(r'href="(/demander\?[^"]+)"[^>]*>.*?Add to my request \(2\)', page)
    assert link
    asked = dict(parse_qsl(urlsplit(link[1].replace("&amp;", "&")).query))
    assert asked == {"ressource": valley.kitchen.slug, "date": "2026-10-07", "de": "09:00", "a": "12:00"}
    assert "Your request has 2 elements so far" in text_of(client.get("/ressources"))


def test_what_is_free_at_the_same_time_is_added_with_its_own_times(valley, browser):
    client = browser(valley.person)
    page = text_of(client.post("/demander", data=two(valley, verifier="1")))
    [value] = re.findall(rf'name="ajouter" value="({valley.store.slug}[^"]+)"', page)
    assert value.replace("&amp;", "&") == f"{valley.store.slug}?date=2026-10-06&fin=2026-10-06&quantite=1"
    added = client.post("/demander", data=two(valley, ajouter=value.replace("&amp;", "&")))
    assert named(text_of(added)) == ["Fourgon frigorifique", "Cuisine partagée", "Chambre froide"]


def test_looking_for_something_else_carries_the_time_and_keeps_the_draft(valley, browser):
    client = browser(valley.person)
    answer = client.post("/demander", data=two(valley, chercher="1", message="Bonjour"))
    assert answer.location == "/ressources?date=2026-10-06&de=09:00&a=12:00"
    assert kept(client)["texts"]["message"] == "Bonjour"


def test_an_element_is_taken_out_or_changed_and_the_others_stay(valley, browser):
    client = browser(valley.person)
    page = text_of(client.post("/demander", data=two(valley, retirer="0")))
    assert named(page) == ["Cuisine partagée"]
    chosen = two(valley, **{"choisir-1": "date=2026-10-07&de=10:00&a=12:00"})
    page = text_of(client.post("/demander", data=chosen))
    assert named(page) == ["Fourgon frigorifique", "Cuisine partagée"]
    assert 'value="2026-10-07"' in page
    other = a_resource(valley.site, name="Cuisine du bas")
    placed = two(valley, **{"autre-1": f"{other.slug}?date=2026-10-06&de=09:00&a=12:00"})
    assert named(text_of(client.post("/demander", data=placed))) == ["Fourgon frigorifique", "Cuisine du bas"]


def test_dropping_it_forgets_it(valley, browser):
    client = browser(valley.person)
    client.post("/demander", data=two(valley, verifier="0"))
    assert client.post("/demander", data=two(valley, vider="1")).location == "/ressources"
    assert kept(client) is None


def test_the_answer_to_one_element_is_what_the_whole_page_shows(valley, browser):
    client = browser(valley.person)
    valley.ask()
    for number in ("0", "1"):
        typed = two(valley, verifier=number)
        fragment = text_of(client.post("/demander", data=typed, headers=HTMX))
        page = text_of(client.post("/demander", data=typed))
        assert f'id="slot-{number}"' in fragment
        assert "<legend>" not in fragment
        assert_same_pieces(page, fragment, f"slot-{number}", f"element {number}")


def test_sending_makes_one_booking_for_each_element_and_leads_to_one_page(valley, browser):
    client = browser(valley.person)
    answer = client.post("/demander", data=two(valley))
    bundle = db.session.scalars(select(Bundle)).one()
    assert (answer.status_code, answer.location) == (303, f"/demandes/{bundle.ref}")
    assert [leg.resource_id for leg in of(bundle)] == [valley.van.id, valley.kitchen.id]
    assert kept(client) is None
    page = text_of(client.get(answer.location))
    assert "0 elements of 2 accepted" in page
    assert "Garage solidaire answers before" in page


def test_one_element_alone_is_an_ordinary_request(valley, browser):
    alone = {name: value for name, value in two(valley).items() if not name.startswith("e1-")}
    answer = browser(valley.person).post("/demander", data=alone)
    booking = db.session.scalars(select(Booking)).one()
    assert answer.location == f"/reservations/{booking.ref}"
    assert booking.bundle_id is None


def test_a_refused_element_is_named_with_what_else_can_be_had_and_nothing_is_sent(valley, browser):
    valley.ask()
    answer = browser(valley.person).post("/demander", data=two(valley, message="Bonjour"))
    page = text_of(answer)
    assert answer.status_code == 409
    assert re.search(r'<a href="#slot-1">Cuisine partagée</a> <span>', page)
    assert 'name="choisir-1"' in page
    assert "Bonjour" in page
    assert db.session.scalar(select(Bundle)) is None


def test_two_elements_in_each_others_way_are_told_so(valley, browser):
    same = two(valley, **{"e0-ressource": valley.kitchen.slug, "e0-de": "10:00", "e0-a": "11:00"})
    answer = browser(valley.person).post("/demander", data=same)
    assert answer.status_code == 409
    assert "Elements 1 and 2 ask for “Cuisine partagée” at the same time." in text_of(answer)


@pytest.mark.parametrize(
    "typed, field",
    [({"e1-date": ""}, "e1-date"), ({"e0-de": "25:61"}, "e0-de"), ({"purpose": ""}, "purpose")],
)
def test_what_is_wrong_is_told_in_its_field_and_kept(valley, browser, typed, field):
    answer = browser(valley.person).post("/demander", data=two(valley, **typed))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text_of(answer)
    assert f'href="#{field}"' in text_of(answer)


def test_a_visitor_signs_in_and_finds_everything(valley, browser, login):
    client = browser()
    answer = client.post("/demander", data=two(valley, message="Bonjour à tous"))
    assert answer.status_code == 303
    assert answer.location.startswith("/connexion?next=")
    login(client, valley.person)
    page = text_of(client.get("/demander?brouillon=1"))
    assert named(page) == ["Fourgon frigorifique", "Cuisine partagée"]
    assert "Bonjour à tous" in page
    assert "Welcome back" in page


def test_a_long_message_does_not_burst_the_cookie(valley, browser):
    client = browser()
    answer = client.post("/demander", data=two(valley, message="é" * 2000))
    assert max(len(cookie) for cookie in answer.headers.getlist("Set-Cookie")) < 4000


def test_a_draft_asks_the_database_a_bounded_number_of_times(valley, browser):
    client = browser(valley.person)
    client.post("/demander", data=two(valley, verifier="0"))
    client.get("/demander")
    with count_queries() as few:
        client.get("/demander")
    for day in range(7, 13):
        client.get(f"/demander?ressource={valley.kitchen.slug}&date=2026-10-{day:02d}&de=09:00&a=12:00")
    with count_queries() as many:
        client.get("/demander")
    assert (
        len(many) - len(few) <= 6 * 3
    )  # what is taken is looked at for each element; there are eight at most


# -- its page -------------------------------------------------------------------------------------------------


def test_each_side_sees_what_is_theirs(valley, browser):
    bundle = valley.bundle()
    url = f"/demandes/{bundle.ref}"
    asked = text_of(browser(valley.person).get(url))
    assert "Cancel everything" in asked
    assert "Accept the" not in asked
    manages = text_of(browser(valley.manager_person).get(url))
    assert "Accept the 2 elements that wait for you" in manages
    assert "Fourgon frigorifique" in manages  # its name is public, nothing else of it is told
    assert of(bundle)[0].ref not in manages
    assert "Cancel everything" not in manages
    assert browser(valley.driver_person).get(url).status_code == 200
    assert browser().get(url).status_code == 303
    outsider = a_member(an_organisation(valley.territory))
    assert browser(outsider).get(url).status_code == 404


def test_of_a_hidden_place_a_foreign_manager_is_not_told_the_name(valley, browser):
    den = a_resource(valley.garage, name="Réserve secrète", visibility="hidden")
    legs = (service.Leg(den.id, valley.slot), service.Leg(valley.kitchen.id, valley.slot))
    bundle = valley.bundle(legs)
    for url in (f"/demandes/{bundle.ref}", f"/reservations/{of(bundle)[1].ref}"):
        page = text_of(browser(valley.manager_person).get(url))
        assert "Réserve secrète" not in page
        assert "2 elements" in page


def test_a_lost_element_is_replaced_in_one_click(valley, browser):
    bundle = valley.bundle()
    other = a_resource(valley.site, name="Cuisine du bas")
    lost = of(bundle)[2]
    service.refuse(lost.id, valley.manager, "Travaux")
    client, url = browser(valley.person), f"/demandes/{bundle.ref}"
    page = text_of(client.get(url))
    assert "1 element has to be replaced: choose something else" in page
    assert "cannot accept it: “Travaux”" in page
    assert page.index('href="#element-3"') < page.index("Cancel everything") < page.index('id="element-3"')
    assert f'name="choix" value="{valley.kitchen.slug}?' in page  # other times of the same place
    [value] = re.findall(rf'name="choix" value="({other.slug}[^"]+)"', page)
    answer = client.post(f"/reservations/{lost.ref}/remplacer", data={"choix": value.replace("&amp;", "&")})
    assert (answer.status_code, answer.location) == (303, url)
    assert [leg.leg_number for leg in of(bundle)] == [1, 2, None, 3]
    page = text_of(client.get(url))
    assert "Cuisine du bas is asked for instead." in page
    assert 'href="#element-3"' not in page
    head = text_of(browser(valley.manager_person).get(url)).partition('class="state')[0]
    assert "Cuisine du bas" in head
    assert lost.resource.name not in head  # what was refused is not one of the elements that are counted
    assert "See what was replaced or left out (1)" in page
    again = client.post(f"/reservations/{lost.ref}/remplacer", data={"choix": value.replace("&amp;", "&")})
    assert again.status_code == 409
    assert "already been replaced" in text_of(again)


def test_a_replacement_that_somebody_took_is_refused_with_others(valley, browser):
    bundle = valley.bundle()
    lost = of(bundle)[2]
    service.refuse(lost.id, valley.manager, "Travaux")
    valley.ask()
    client = browser(valley.person)
    same = f"{valley.kitchen.slug}?date=2026-10-06&de=09:00&a=12:00"
    answer = client.post(f"/reservations/{lost.ref}/remplacer", data={"choix": same})
    assert answer.status_code == 409
    assert 'name="choix"' in text_of(answer)
    for nonsense in ("", "x", "nulle-part?date=2026-10-06", f"{valley.kitchen.slug}?date=hier"):
        answer = client.post(f"/reservations/{lost.ref}/remplacer", data={"choix": nonsense})
        assert answer.status_code in (404, 422)
    assert len(of(bundle)) == 3


def test_going_on_without_an_element_and_giving_all_up(valley, browser):
    bundle = valley.bundle()
    lost = of(bundle)[2]
    service.refuse(lost.id, valley.manager, "Travaux")
    client, url = browser(valley.person), f"/demandes/{bundle.ref}"
    assert client.post(f"/reservations/{lost.ref}/laisser").location == url
    assert "0 elements of 2 accepted" in text_of(client.get(url))
    wrong = client.post(f"{url}/annuler", data={"reason": " "})
    assert wrong.status_code == 422
    assert client.post(f"{url}/annuler", data={"reason": "Récolte perdue"}).location == url
    assert decisions(bundle) == ["cancelled", "cancelled", "refused"]
    assert "You have given up this request" in text_of(client.get(url))
    assert client.post(f"{url}/annuler", data={"reason": "Encore"}).status_code == 409


# -- answering it ---------------------------------------------------------------------------------------------


def test_the_inbox_has_one_card_for_the_elements_of_one_manager(valley, browser):
    bundle = valley.bundle()
    client = browser(valley.manager_person)
    page = text_of(client.get("/a-traiter"))
    assert page.count('<article class="request') == 1
    assert "Accept the 2 elements" in page
    assert "part of a request for 3 elements" in page
    assert count_waiting_for(valley.manager) == 1
    assert waiting_at([valley.site.id, valley.garage.id]) == {valley.site.id: 1, valley.garage.id: 1}
    first = of(bundle)[1]
    answer = client.post(f"/reservations/{first.ref}/demande/accepter", data={"retour": "a-traiter"})
    assert answer.location == "/a-traiter"
    assert decisions(bundle) == ["pending", "approved", "approved"]


def test_a_card_lists_all_elements_in_the_order_of_the_request(valley, browser):
    early = span("2026-10-06 07:00", "2026-10-06 08:00")
    late = span("2026-10-06 14:00", "2026-10-06 16:00")
    room = a_resource(valley.site, name="Salle de tri", kind="room")
    wanted = (
        service.Leg(valley.kitchen.id, early),
        service.Leg(valley.van.id, span("2026-10-06 08:00", "2026-10-06 10:00")),
        service.Leg(room.id, late),
    )
    handed = at("2026-10-07 11:00")
    bundle = valley.bundle(wanted, in_order=True, handover_at=handed, message="Deux palettes, à bras.")
    waits = "Its own manager answers for it."
    assert waits in text_of(browser(valley.manager_person).get("/a-traiter"))
    service.approve(of(bundle)[1].id, valley.driver)
    page = text_of(browser(valley.manager_person).get("/a-traiter"))
    names = re.findall(r"<b>([^<]+)</b></a>&nbsp;·|\d\. ([^<]+)&nbsp;·", page)
    assert [own or foreign for own, foreign in names] == [
        "Cuisine partagée",
        "Fourgon frigorifique",
        "Salle de tri",
    ]
    for piece in (
        "These elements follow one another", "Tuesday 6 October, 08:00–10:00", "Accepted",
        "Wednesday 7 October, 11:00", "Deux palettes, à bras.",
    ):  # fmt: skip
        assert piece in page
    for own in (of(bundle)[0], of(bundle)[2]):
        link = rf'href="/reservations/{own.ref}/proposer">.*?Propose another slot: {own.resource.name}'
        assert re.search(link, page)
    assert page.count("Propose another slot") == 2
    assert waits not in page, "it was answered"


def test_of_a_hidden_place_a_card_tells_the_time_alone(valley, browser):
    den = a_resource(valley.garage, name="Réserve secrète", visibility="hidden")
    valley.bundle((service.Leg(den.id, valley.slot), service.Leg(valley.kitchen.id, valley.slot)))
    page = text_of(browser(valley.manager_person).get("/a-traiter"))
    assert "Réserve secrète" not in page
    assert "Another place&nbsp;· Tuesday 6 October, 09:00–12:00" in page


def test_the_message_is_read_on_the_page_of_the_whole_by_those_it_was_written_to(valley, browser):
    bundle = valley.bundle(message="Deux palettes, à bras.")
    service.write_message(of(bundle)[0].id, valley.member, "Le code est 4321.")
    url = f"/demandes/{bundle.ref}"
    for reader in (valley.person, valley.manager_person, valley.driver_person):
        page = text_of(browser(reader).get(url))
        assert "Deux palettes, à bras." in page
        assert "4321" not in page
    slot = span("2026-10-07 09:00", "2026-10-07 12:00")
    quiet = valley.bundle((service.Leg(valley.van.id, slot), service.Leg(valley.kitchen.id, slot)))
    service.write_message(of(quiet)[0].id, valley.member, "Le code est 4321.")
    assert "4321" not in text_of(browser(valley.manager_person).get(f"/demandes/{quiet.ref}"))


def test_a_badge_says_whose_turn_it_is_while_another_slot_is_proposed(valley, browser):
    bundle = valley.bundle()
    van = of(bundle)[0]
    slot = span("2026-10-06 06:00", "2026-10-06 08:00")
    service.propose(van.id, valley.driver, service.Offer(valley.van.id, slot, 1, "Plus tôt ?"))
    for url in (f"/demandes/{bundle.ref}", "/moi", f"/reservations/{van.ref}"):
        assert "Your turn to answer" in text_of(browser(valley.person).get(url))
    for url in (f"/demandes/{bundle.ref}", f"/reservations/{van.ref}", "/a-traiter"):
        page = text_of(browser(valley.driver_person).get(url))
        assert "Proposal sent" in page
        assert "Your turn to answer" not in page
    assert "Proposal sent" in text_of(browser(valley.manager_person).get("/a-traiter"))


def test_ticked_in_the_inbox_the_elements_are_accepted_together(valley, browser):
    bundle = valley.bundle()
    valley.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    browser(valley.manager_person).post("/a-traiter", data={"ref": of(bundle)[1].ref})
    assert decisions(bundle) == ["pending", "approved", "approved"]


def test_a_manager_of_one_element_answers_it_as_any_request(valley, browser):
    bundle = valley.bundle()
    client = browser(valley.driver_person)
    page = text_of(client.get("/a-traiter"))
    assert "part of a request for 3 elements" in page
    client.post(f"/reservations/{of(bundle)[0].ref}/accepter")
    assert decisions(bundle) == ["approved", "pending", "pending"]


def test_who_has_answered_reads_whose_turn_it_is(valley, browser):
    bundle = valley.bundle()
    van, store, kitchen = of(bundle)

    def standing():
        page = text_of(browser(valley.manager_person).get(f"/demandes/{bundle.ref}"))
        return page[page.index('<section class="state') : page.index("</section>")]

    assert "waits for your answer" in standing()
    service.approve(store.id, valley.manager)
    assert "waits for your answer" in standing()  # the kitchen still does
    service.refuse(kitchen.id, valley.manager, "Travaux")
    assert "Your answers are given" in standing()
    assert "1 element waits for another manager." in standing()
    assert "has 1 element to replace or to leave out." in standing()
    assert "Done" not in standing()
    service.let_leg_go(kitchen.id, valley.member)
    assert "to replace" not in standing()
    service.approve(van.id, valley.driver)
    assert "Everything is accepted" in standing()
    service.cancel_bundle(bundle.id, valley.member, "Récolte perdue")
    assert "has given up this request" in standing()


def test_who_has_let_the_time_pass_is_not_told_that_they_answered(valley, browser, frozen):
    bundle = valley.bundle()
    frozen.tick(hours=48)
    service.expire_due()
    other = service.Leg(valley.van.id, span("2026-10-06 10:00", "2026-10-06 11:00"))
    service.replace_leg(of(bundle)[0].id, other, valley.member, uid_host="mutualim.test")
    assert decisions(bundle) == ["expired", "expired", "expired", "pending"]
    page = text_of(browser(valley.manager_person).get(f"/demandes/{bundle.ref}"))
    assert "Nothing of this request waits for you" in page
    assert "Your answers are given" not in page


def test_refusing_several_needs_a_reason(valley, browser):
    bundle = valley.bundle()
    url = f"/reservations/{of(bundle)[1].ref}/demande/refuser"
    client = browser(valley.manager_person)
    for back in ("", "a-traiter", "demande"):
        assert client.post(url, data={"reason": "", "retour": back}).status_code == 422
    assert (
        client.post(url, data={"reason": "Travaux", "retour": "demande"}).location
        == f"/demandes/{bundle.ref}"
    )
    assert decisions(bundle) == ["pending", "refused", "refused"]
    assert client.post(url, data={"reason": "Travaux"}).status_code == 409


def test_a_link_answers_all_elements_of_its_reader(valley, browser):
    bundle = valley.bundle()
    first = of(bundle)[1]
    secret = service.open_decision_link(first.id, valley.manager_person.id, bundle_id=bundle.id)
    client = browser()
    page = text_of(client.get(f"/d/{secret}"))
    assert "Accept the 2 elements" in page
    assert "Cuisine partagée" in page
    assert client.post(f"/d/{secret}", data={"verdict": "approve"}).status_code == 303
    assert decisions(bundle) == ["pending", "approved", "approved"]
    assert client.get(f"/d/{secret}").status_code == 200
    assert client.post(f"/d/{secret}", data={"verdict": "refuse", "reason": "Non"}).status_code == 409


def test_a_link_is_spent_for_who_has_answered_whatever_others_have_to(valley, browser):
    bundle = valley.bundle()
    first = of(bundle)[1]
    secret = service.open_decision_link(first.id, valley.manager_person.id, bundle_id=bundle.id)
    service.approve_legs(bundle.id, valley.manager)
    assert decisions(bundle) == ["pending", "approved", "approved"]
    page = text_of(browser().get(f"/d/{secret}"))
    assert "Already answered: nothing of this request waits for you any more" in page
    assert "Accept the" not in page
    assert 'name="verdict"' not in page
    refused = browser().post(f"/d/{secret}", data={"verdict": "refuse", "reason": "Non"})
    assert refused.status_code == 409
    assert decisions(bundle) == ["pending", "approved", "approved"]


def test_the_page_of_an_element_says_what_it_is_part_of(valley, browser):
    bundle = valley.bundle()
    page = text_of(browser(valley.person).get(f"/reservations/{of(bundle)[2].ref}"))
    assert "It is part of a request for 3 elements." in page
    assert "Besides: Fourgon frigorifique and Chambre froide." in page
    assert f"/demandes/{bundle.ref}" in page


# -- my bookings ----------------------------------------------------------------------------------------------


def test_my_bookings_show_it_as_one_card(valley, browser):
    bundle = valley.bundle()
    client = browser(valley.person)
    cards = lambda: text_of(client.get("/moi")).count('<article class="row-card')  # noqa: E731
    assert cards() == 1
    assert "0 elements of 3 accepted" in text_of(client.get("/moi"))
    service.approve_legs(bundle.id, valley.manager)
    assert cards() == 3  # what is accepted of it is to come, whatever becomes of the rest
    service.refuse(of(bundle)[0].id, valley.driver, "Panne")
    page = text_of(client.get("/moi"))
    assert cards() == 3
    assert "1 element of your request has to be replaced" in page
    service.let_leg_go(of(bundle)[0].id, valley.member)
    assert "2 elements of 2 accepted" in text_of(client.get("/moi"))
    assert cards() == 2  # what was refused is history now


def test_my_bookings_ask_no_more_for_many(valley, browser):
    client = browser(valley.person)
    valley.bundle()
    client.get("/moi")
    with count_queries() as few:
        client.get("/moi")
    for day in range(7, 11):
        slot = span(f"2026-10-{day:02d} 09:00", f"2026-10-{day:02d} 12:00")
        valley.bundle((service.Leg(valley.van.id, slot), service.Leg(valley.kitchen.id, slot)))
    with count_queries() as many:
        client.get("/moi")
    assert len(few) == len(many)


# -- what is proposed for an element --------------------------------------------------------------------------

AFTERNOON = span("2026-10-06 14:00", "2026-10-06 16:00")


def proposed_for(valley):
    """Give a request with another time proposed for its kitchen, and the proposal."""
    bundle = valley.bundle()
    kitchen = of(bundle)[2]
    offer = service.Offer(valley.kitchen.id, AFTERNOON, 1, "La cuisine est prise le matin.")
    return bundle, kitchen, service.propose(kitchen.id, valley.manager, offer)


def test_who_asked_reads_on_the_whole_request_what_is_proposed_and_answers_there(valley, browser):
    bundle, kitchen, proposal = proposed_for(valley)
    client, url = browser(valley.person), f"/demandes/{bundle.ref}"
    page = text_of(client.get(url))
    assert "Anne Le Goff proposes another slot" in page
    assert "La cuisine est prise le matin." in page
    assert "Tuesday 6 October, 14:00–16:00" in page
    assert "Accept it before Thursday 3 September, 10:00" in page
    assert page.index('href="#element-3"') < page.index('id="element-3"')
    answer = {"proposition": proposal.ref, "retour": "demande"}
    accepted = client.post(f"/reservations/{kitchen.ref}/proposition/accepter", data=answer)
    assert (accepted.status_code, urlsplit(accepted.location).path) == (303, url)
    assert of(bundle)[2].span == AFTERNOON
    assert "proposes another slot" not in text_of(client.get(url))


def test_what_is_proposed_is_declined_on_the_whole_request(valley, browser):
    bundle, kitchen, proposal = proposed_for(valley)
    client, url = browser(valley.person), f"/demandes/{bundle.ref}"
    answer = {"proposition": proposal.ref, "retour": "demande", "reason": "Le marché finit à midi."}
    long = client.post(
        f"/reservations/{kitchen.ref}/proposition/decliner", data=answer | {"reason": "x" * 4001}
    )
    assert long.status_code == 422
    assert "x" * 4001 in text_of(long)
    assert f'action="/reservations/{kitchen.ref}/proposition/decliner"' in text_of(long)
    declined = client.post(f"/reservations/{kitchen.ref}/proposition/decliner", data=answer)
    assert (declined.status_code, urlsplit(declined.location).path) == (303, url)
    assert proposal.state == "declined"


def test_a_manager_reads_there_what_was_proposed_and_other_places_do_not(valley, browser):
    bundle, kitchen, _proposal = proposed_for(valley)
    page = text_of(browser(valley.manager_person).get(f"/demandes/{bundle.ref}"))
    assert "Another slot is proposed to Les Glaneurs" in page
    assert 'href="#element-3"' not in page  # the answer is not theirs to give
    assert "La cuisine est prise le matin." in page
    assert f"/reservations/{kitchen.ref}/proposition/accepter" not in page
    service.approve(of(bundle)[1].id, valley.manager)
    assert "1 element waits for another manager." in text_of(
        browser(valley.manager_person).get(f"/demandes/{bundle.ref}")
    )
    foreign = text_of(browser(valley.driver_person).get(f"/demandes/{bundle.ref}"))
    assert "La cuisine est prise le matin." not in foreign
    assert "14:00" not in foreign


def test_what_was_given_up_counts_and_lists_what_it_wanted_last(valley, browser):
    bundle = valley.bundle()
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    other = a_resource(valley.site, name="Cuisine du bas")
    lost = of(bundle)[2]
    service.replace_leg(lost.id, Leg(other.id, valley.slot), valley.member, **HOST)
    service.cancel_bundle(bundle.id, valley.member, "Plus besoin")
    [whole] = wholes([bundle.id]).values()
    assert [leg.id for leg in whole.shown] == [leg.id for leg in of(bundle) if leg.id != lost.id]
    assert len(Whole.of(bundle, of(bundle)).shown) == 3
    client = browser(valley.person)
    for url in (f"/demandes/{bundle.ref}", "/moi"):
        page = text_of(client.get(url))
        assert "4 elements" not in page, url
    page = text_of(client.get(f"/demandes/{bundle.ref}"))
    assert "3 elements" in page
    assert "See what was replaced or left out (1)" in page
