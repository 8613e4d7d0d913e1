"""The pages around a proposal: made from the booking or the e-mail, read and answered by who asked."""

import pytest
from sqlalchemy import select

from app.bookings import service
from app.bookings.models import Booking, Proposal
from app.bookings.service import Offer
from app.infra.db import db
from tests.bookings.pages import World, text_of
from tests.factories import a_resource, span
from tests.helpers import HTMX, assert_same_after_swap

pytestmark = pytest.mark.usefixtures("session", "frozen")

THURSDAY = {"date": "2026-10-08", "de": "09:00", "a": "12:00", "quantite": "1"}


def propose(world, booking, message="Plutôt jeudi ?"):
    slot = span("2026-10-08 09:00", "2026-10-08 12:00")
    return service.propose(booking.id, world.manager, Offer(world.kitchen.id, slot, 1, message))


def fresh(ref):
    return db.session.scalars(select(Booking).filter_by(ref=ref)).one()


def test_a_manager_proposes_from_the_page_of_the_booking(shared, browser):
    ref = shared.ask().ref
    page = browser(shared.manager_person)
    url = f"/reservations/{ref}/proposer"
    assert url in text_of(page.get(f"/reservations/{ref}"))
    assert url in text_of(page.get("/a-traiter"))
    assert "This is what was asked for" in text_of(page.get(url))
    assert "Free: you can propose it" in text_of(page.get(url, query_string=THURSDAY, headers=HTMX))
    sent = page.post(url, data=THURSDAY | {"message": "Plutôt jeudi ?"}, follow_redirects=True)
    shown = text_of(sent)
    assert "Another slot is proposed to Les Glaneurs" in shown
    assert "Plutôt jeudi ?" in shown
    inbox = text_of(page.get("/a-traiter"))
    assert "No request is waiting" in inbox
    assert "Proposed, waiting for their answer" in inbox
    assert_same_after_swap(page, "/a-traiter")
    assert_same_after_swap(page, f"/reservations/{ref}")


@pytest.mark.parametrize(
    ("capacity", "is_alone", "said"),
    [
        (1, True, "Choose another time."),
        (4, True, "Choose another time or another quantity."),
        (1, False, "Choose another time or another place."),
        (4, False, "Choose another time, another place, or another quantity."),
    ],
)
def test_only_what_has_a_field_can_be_chosen(session, frozen, browser, capacity, is_alone, said):
    world = World(capacity=capacity, **({"mode": "quantity", "unit": "station"} if capacity > 1 else {}))
    if not is_alone:
        a_resource(world.site, name="Autre cuisine")
    page = text_of(browser(world.manager_person).get(f"/reservations/{world.ask().ref}/proposer"))
    assert said in page


def test_what_was_asked_for_is_told_to_be_taken_where_others_have_it_by_now(session, frozen, browser):
    world = World(arbitration_hours=48)
    first, second = world.ask(), world.ask()
    url = f"/reservations/{second.ref}/proposer"
    manager = browser(world.manager_person)
    assert "others have it by now" not in text_of(manager.get(url))
    service.approve(first.id, world.manager)
    assert "This is what was asked for, and others have it by now" in text_of(manager.get(url))


def test_a_badge_says_whose_turn_it_is(shared, browser):
    booking = shared.ask()
    propose(shared, booking)
    for url in (f"/reservations/{booking.ref}", "/moi"):
        page = text_of(browser(shared.person).get(url))
        assert "Your turn to answer" in page
        assert "Waiting for an answer" not in page
    for url in (f"/reservations/{booking.ref}", "/a-traiter"):
        page = text_of(browser(shared.manager_person).get(url))
        assert "Proposal sent" in page
        assert "Your turn to answer" not in page


def test_what_cannot_be_proposed_is_told_on_the_form_which_is_kept(shared, browser):
    ref = shared.ask().ref
    page, url = browser(shared.manager_person), f"/reservations/{ref}/proposer"
    same = page.post(url, data=THURSDAY | {"date": "2026-10-06"})
    assert same.status_code == 422
    assert "This is the present time and quantity" in text_of(same)
    shared.ask(span("2026-10-08 10:00", "2026-10-08 11:00"))
    taken = page.post(url, data=THURSDAY | {"message": "Plutôt jeudi ?"})
    assert taken.status_code == 409
    assert "Plutôt jeudi ?" in text_of(taken)
    assert page.post(url, data={}).status_code == 422


def test_another_place_is_chosen_first(shared, browser):
    annex = a_resource(shared.site, name="Cuisine de l'annexe")
    ref, slug = shared.ask().ref, annex.slug
    page, url = browser(shared.manager_person), f"/reservations/{ref}/proposer"
    assert "Cuisine de l'annexe" in text_of(page.get(url))
    chosen = text_of(page.get(url, query_string={"ressource": slug}))
    assert "Free: you can propose it" in chosen  # the time that was asked for, there
    page.post(url, data=THURSDAY | {"date": "2026-10-06", "ressource": slug})
    assert fresh(ref).proposal.resource.slug == slug


def test_choosing_another_place_keeps_what_was_typed(shared, browser):
    annex = a_resource(shared.site, name="Cuisine de l'annexe")
    ref = shared.ask().ref
    client, url = browser(shared.manager_person), f"/reservations/{ref}/proposer"
    here = shared.kitchen.slug
    typed = THURSDAY | {"de": "10:30", "message": "Plutôt jeudi, là-bas ?", "ressource": here}
    answer = client.post(url, data=typed | {"lieu": annex.slug, "choisir-lieu": "1"})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "Plutôt jeudi, là-bas ?" in page
    assert 'value="2026-10-08"' in page
    assert '<option selected value="10:30">' in page
    assert f'<option value="{annex.slug}" selected>' in page
    assert "Here is the answer of this place" in page
    assert "Free: you can propose it" in page
    assert fresh(ref).proposal is None
    client.post(url, data=typed | {"ressource": annex.slug, "lieu": annex.slug})
    assert (fresh(ref).proposal.resource.slug, fresh(ref).proposal.message) == (annex.slug, typed["message"])


def test_another_place_is_not_proposed_before_its_answer_was_seen(shared, browser):
    annex = a_resource(shared.site, name="Cuisine de l'annexe")
    ref = shared.ask().ref
    client, url = browser(shared.manager_person), f"/reservations/{ref}/proposer"
    chosen = THURSDAY | {"ressource": shared.kitchen.slug, "lieu": annex.slug, "message": "Là-bas ?"}
    page = text_of(client.post(url, data=chosen))
    assert fresh(ref).proposal is None
    assert "Here is the answer of this place" in page
    assert "Là-bas ?" in page


def test_times_wait_while_a_place_by_days_is_looked_at_and_each_counts_as_it_does(session, frozen, browser):
    world = World(kind="storage")
    store, ref = world.cold_room(), world.ask().ref
    client, url = browser(world.manager_person), f"/reservations/{ref}/proposer"
    typed = THURSDAY | {"message": "Au frais ?", "choisir-lieu": "1"}
    there = text_of(client.post(url, data=typed | {"lieu": store.slug}))
    assert '<input type="hidden" name="de" value="09:00">' in there
    back = text_of(client.post(url, data=typed | {"quantite": "5", "lieu": world.kitchen.slug}))
    assert "Free: you can propose it" in back  # all of it, not five of one
    assert "Au frais ?" in back
    assert '<option selected value="09:00">' in back


@pytest.mark.parametrize("swapped", [False, True])
def test_who_asked_accepts_in_one_click(shared, browser, swapped):
    booking = shared.ask()
    ref, proposal = booking.ref, propose(shared, booking).ref
    page = browser(shared.person)
    shown = text_of(page.get(f"/reservations/{ref}"))
    assert "Anne Le Goff proposes another slot" in shown
    assert "Accept the proposal" in shown
    assert_same_after_swap(page, f"/reservations/{ref}")
    mine = text_of(page.get("/moi"))
    assert "Proposed to you" in mine
    url = f"/reservations/{ref}/proposition/accepter"
    assert url in mine
    how = {"headers": HTMX} if swapped else {"follow_redirects": True}
    answer = page.post(url, data={"proposition": proposal}, **how)
    assert "It is accepted: see you on Thursday 8 October" in text_of(answer)
    assert "Proposal accepted: " in text_of(answer)
    assert fresh(ref).decision == "approved"
    again = page.post(url, data={"proposition": proposal})
    assert again.status_code == 409


@pytest.mark.parametrize(
    "who, act, state", [("person", "decliner", "declined"), ("manager_person", "retirer", "withdrawn")]
)
def test_it_is_declined_or_withdrawn_and_the_request_waits_again(shared, browser, who, act, state):
    booking = shared.ask()
    ref, proposal = booking.ref, propose(shared, booking).ref
    page, url = browser(getattr(shared, who)), f"/reservations/{ref}/proposition/{act}"
    answer = page.post(url, data={"proposition": proposal, "reason": "Pas ce jour-là."}, headers=HTMX)
    assert answer.status_code == 200
    assert "Pas ce jour-là." in text_of(answer)
    assert db.session.scalar(select(Proposal.state)) == state
    assert "1 request waits" in text_of(browser(shared.manager_person).get("/moi"))


def test_a_withdrawal_without_a_reason_keeps_the_dialog_open(shared, browser):
    booking = shared.ask()
    ref, proposal = booking.ref, propose(shared, booking).ref
    page = browser(shared.manager_person)
    answer = page.post(f"/reservations/{ref}/proposition/retirer", data={"proposition": proposal})
    assert answer.status_code == 422
    assert "Give a reason" in text_of(answer)


def test_a_manager_proposes_from_the_e_mail_without_signing_in(shared, browser):
    booking = shared.ask()
    ref, token = booking.ref, shared.link_of(booking)
    page = browser()
    assert f"/d/{token}/proposer" in text_of(page.get(f"/d/{token}"))
    assert page.get(f"/d/{token}/proposer").status_code == 200
    assert fresh(ref).proposal is None  # looking changes nothing
    sent = page.post(f"/d/{token}/proposer", data=THURSDAY | {"message": "Plutôt jeudi ?"})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/d/{token}")
    assert "Another slot is proposed to Les Glaneurs" in text_of(page.get(f"/d/{token}"))
    assert page.get(f"/d/{token}/proposer").status_code == 303  # the link is used


def test_what_waits_comes_first_and_the_form_on_request(shared, browser):
    booking = shared.ask()
    ref, first = booking.ref, propose(shared, booking).ref
    page, url = browser(shared.manager_person), f"/reservations/{ref}/proposer"
    assert url in text_of(page.get(f"/reservations/{ref}"))
    shown = text_of(page.get(url))
    assert shown.index("Another slot is proposed to Les Glaneurs") < shown.index("Propose something else")
    assert "Withdraw the proposal" in shown
    assert '<details class="fold" id="other"><summary>' in shown
    later = THURSDAY | {"de": "10:00", "a": "13:00"}  # overlaps what it would replace
    looked = text_of(page.get(url, query_string=later))
    assert '<details class="fold" id="other" open>' in looked
    assert "Free: you can propose it" in looked
    unaware = page.post(url, data=later)  # sent from a page that was opened before the proposal
    assert unaware.status_code == 409
    assert "or propose something else in its place" in text_of(unaware)
    sent = page.post(url, data=later | {"proposition": first}, follow_redirects=True)
    assert "Proposal replaced by another one" in text_of(sent)
    assert fresh(ref).proposal.ref != first


def test_others_see_no_way_to_answer_or_to_propose(shared, browser):
    booking = shared.ask()
    ref = booking.ref
    propose(shared, booking)
    member, manager = browser(shared.person), browser(shared.manager_person)
    assert "/proposer" not in text_of(member.get(f"/reservations/{ref}"))
    assert "proposition/accepter" not in text_of(manager.get(f"/reservations/{ref}"))
    assert member.get(f"/reservations/{ref}/proposer").status_code == 403
    assert manager.post(f"/reservations/{ref}/proposition/accepter").status_code == 403
    assert browser().get(f"/reservations/{ref}/proposer").status_code == 303


def test_the_coordination_is_offered_every_place_of_the_territory(shared, browser):
    from tests.factories import a_coordinator, a_site, an_organisation

    a_resource(a_site(an_organisation(shared.territory)), name="Cuisine du lycée")
    nadia, ref = a_coordinator(shared.territory), shared.ask().ref
    assert "Cuisine du lycée" in text_of(browser(nadia).get(f"/reservations/{ref}/proposer"))
    assert "Cuisine du lycée" not in text_of(
        browser(shared.manager_person).get(f"/reservations/{ref}/proposer")
    )


def test_requests_by_whole_days(session, frozen, browser):
    world = World()
    store = world.cold_room()
    slot = span("2026-10-06 00:00", "2026-10-08 00:00")
    request = service.Request(store.id, world.association.id, slot, 12, "Pommes")
    ref = service.ask(request, world.member, uid_host="mutualim.test").ref
    url = f"/reservations/{ref}/proposer"
    page = browser(world.manager_person)
    assert "12" in text_of(page.get(url))
    page.post(url, data={"date": "2026-10-06", "fin": "2026-10-07", "quantite": "8"})
    found = fresh(ref).proposal
    assert (found.quantity, found.span) == (8, slot)


def test_a_place_taken_as_a_whole_is_told_from_one_counted_in_posts(session, frozen, browser):
    world = World(mode="stations", capacity=4, unit="station", price_cents=1200, price_per="hour")
    barn = a_resource(world.site, name="Cuisine de la Grange", price_cents=1000, price_per="hour")
    booking = world.ask(quantity=2)
    service.propose(booking.id, world.manager, Offer(barn.id, booking.span, 1, "Là-bas ?"))
    shown = text_of(browser(world.person).get(f"/reservations/{booking.ref}"))
    assert "all of it instead of 2 stations" in shown
    assert "€10.00 an hour instead of €12.00 an hour" in shown
    assert "Proposed instead: Tuesday 6 October, 09:00–12:00, Cuisine de la Grange" in shown
