"""The pages of waiting lists: joining from wherever a slot is refused, looking at one's place, taking, leaving."""

import pytest
from sqlalchemy import select

from app.bookings import service
from app.bookings.models import Booking, Waiting
from app.bookings.service import Want
from app.infra.db import db
from tests.bookings.pages import SLOT, text_of
from tests.factories import a_member, an_organisation, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

TAKEN = SLOT | {"quantite": "1"}


@pytest.fixture
def rival(shared):
    """Somebody has what Jeanne wants."""
    organisation = an_organisation(shared.territory, name="Secours alimentaire")
    person = a_member(organisation)
    request = service.Request(shared.kitchen.id, organisation.id, shared.slot, 1, "Repas")
    actor = service_actor(person, organisation)
    booking = service.ask(request, actor, uid_host="mutualim.test")
    service.approve(booking.id, shared.manager)
    return booking.id, actor


def service_actor(person, organisation):
    from app.core.policy import Actor

    return Actor(person_id=person.id, memberships={organisation.id: "member"})


def freed(shared, rival):
    service.cancel(rival[0], rival[1], "Empêchement")
    service.offer_freed(shared.kitchen.id)


def joined(shared):
    want = Want(shared.kitchen.id, shared.slot, 1, shared.association.id, "Soupes")
    return service.join(want, shared.member).ref


def entry():
    db.session.expire_all()
    return db.session.scalars(select(Waiting)).one()


def test_the_quick_box_and_the_request_page_lead_to_the_list(shared, rival, browser):
    page, place = browser(shared.person), f"/ressources/{shared.kitchen.slug}"
    href = f"{place}/attendre?date=2026-10-06&de=09:00&a=12:00"
    assert href in text_of(page.get(f"{place}/creneau", query_string=TAKEN)).replace("&amp;", "&")
    asked = text_of(page.get(shared.ask_url, query_string=TAKEN))
    assert "Put me on the waiting list" in asked
    assert "Tell me if it is freed" in asked
    free = text_of(page.get(shared.ask_url, query_string=TAKEN | {"date": "2026-10-08"}))
    assert "waiting list" not in free
    outside = text_of(page.get(shared.ask_url, query_string=TAKEN | {"de": "05:00", "a": "06:00"}))
    assert "waiting list" not in outside


def test_a_visitor_signs_in_and_comes_back_to_the_slot(shared, rival, browser):
    page, place = browser(), f"/ressources/{shared.kitchen.slug}"
    asked = text_of(page.get(shared.ask_url, query_string=TAKEN)).replace("&amp;", "&")
    assert f'href="{place}/attendre?date=2026-10-06&de=09:00&a=12:00"' in asked
    answer = page.get(f"{place}/attendre?date=2026-10-06&de=09:00&a=12:00")
    assert (answer.status_code, "attendre" in answer.headers["Location"]) == (303, True)


def test_from_the_request_page_what_was_typed_goes_with_it(shared, rival, browser):
    page = browser(shared.person)
    refused = page.post(shared.ask_url, data=shared.form(quantite="1"))
    assert refused.status_code == 409
    assert "Put me on the waiting list" in text_of(refused)
    url = f"/ressources/{shared.kitchen.slug}/attendre"
    typed = shared.form(quantite="1", mode="in_line", people="8", message="Nous venons avec un camion.")
    nameless = page.post(url, data=typed | {"purpose": ""})
    assert nameless.status_code == 422
    assert "Nous venons avec un camion." in text_of(nameless)
    answer = page.post(url, data=typed, follow_redirects=True)
    assert "Your place in line: 1" in text_of(answer)
    assert "Nous venons avec un camion." in text_of(answer)
    found = entry()
    assert (found.organisation_id, found.purpose, found.people) == (shared.association.id, "Soupes", 8)
    assert found.message == "Nous venons avec un camion."


def test_only_to_be_told_needs_nothing_but_a_slot(shared, rival, browser):
    url = f"/ressources/{shared.kitchen.slug}/attendre"
    answer = browser(shared.person).post(url, data=TAKEN | {"mode": "to_tell"}, follow_redirects=True)
    assert "We write to you if it is freed" in text_of(answer)
    assert entry().organisation_id is None


def test_who_only_wants_to_be_told_is_in_no_line(shared, rival, browser):
    page = browser(shared.person)
    page.post(f"/ressources/{shared.kitchen.slug}/attendre", data=TAKEN | {"mode": "to_tell"})
    shown = text_of(page.get(f"/attente/{entry().ref}"))
    assert "To be told" in shown
    assert "On the waiting list" not in shown
    assert "Tell me no longer" in shown
    left = page.post(f"/attente/{entry().ref}/quitter", follow_redirects=True)
    assert "You will not be told any more." in text_of(left)


def test_what_is_missing_is_told_and_what_is_free_is_asked_for(shared, rival, browser):
    page, url = browser(shared.person), f"/ressources/{shared.kitchen.slug}/attendre"
    missing = page.post(url, data=TAKEN | {"mode": "in_line", "organisation": str(shared.association.id)})
    assert missing.status_code == 422
    assert "Say in a few words what you will do there" in text_of(missing)
    assert page.post(url, data={"mode": "in_line"}).status_code == 422
    assert "Choose a day and times first" in text_of(page.get(url))
    free = text_of(page.get(url, query_string=TAKEN | {"date": "2026-10-08"}))
    assert "This slot is free" in free
    late = page.post(url, data=TAKEN | {"date": "2026-10-08", "mode": "to_tell"})
    assert late.status_code == 409
    assert browser().get(url, query_string=TAKEN).status_code == 303  # to sign in first


def test_one_looks_at_ones_place_and_leaves(shared, rival, browser):
    ref, page = joined(shared), browser(shared.person)
    mine = text_of(page.get("/moi"))
    assert "Waiting lists" in mine
    assert "Place in line: 1" in mine
    assert "Your place in line: 1" in text_of(page.get(f"/attente/{ref}"))
    left = page.post(f"/attente/{ref}/quitter", follow_redirects=True)
    assert "You have left the list." in text_of(left)
    assert entry().state == "left"
    assert page.post(f"/attente/{ref}/quitter").status_code == 409


def test_what_is_freed_is_taken_in_one_click(shared, rival, browser):
    ref, page = joined(shared), browser(shared.person)
    freed(shared, rival)
    assert "kept for you until" in text_of(page.get("/moi"))
    shown = text_of(page.get(f"/attente/{ref}"))
    assert "Ask for this slot" in shown
    assert "and “Mairie de Treillières” still has to answer" in shown
    assert "answers within" in shown
    assert entry().state == "offered"  # looking changes nothing
    answer = page.post(f"/attente/{ref}/prendre", follow_redirects=True)
    assert "Your request is sent to Mairie de Treillières." in text_of(answer)
    again = page.post(f"/attente/{ref}/prendre")
    booking = entry().booking
    assert again.headers["Location"].endswith(booking.ref)
    assert db.session.query(Booking).filter_by(organisation_id=shared.association.id).count() == 1


def test_an_offer_that_is_over_says_so(shared, rival, browser, frozen):
    ref, page = joined(shared), browser(shared.person)
    freed(shared, rival)
    frozen.tick(hours=25)
    answer = page.post(f"/attente/{ref}/prendre")
    assert answer.status_code == 409
    assert "This offer is over" in text_of(answer)
    service.end_missed_offers()
    assert "Ask for this time" in text_of(page.get(f"/attente/{ref}"))


def test_it_is_nobody_elses_business(shared, rival, browser):
    ref = joined(shared)
    for somebody in (shared.manager_person, a_member(an_organisation(shared.territory))):
        page = browser(somebody)
        assert page.get(f"/attente/{ref}").status_code == 404
        assert page.post(f"/attente/{ref}/prendre").status_code == 404
    assert browser().get(f"/attente/{ref}").status_code == 303


def test_the_manager_sees_who_is_in_line(shared, rival, browser):
    joined(shared)
    booking = db.session.get_one(Booking, rival[0])
    page = text_of(browser(shared.manager_person).get(f"/reservations/{booking.ref}"))
    assert "In line for this time" in page
    assert "Les Glaneurs" in page


@pytest.mark.parametrize("how", ["refused", "expired"])
def test_after_a_refusal_or_without_an_answer_one_can_wait(shared, browser, frozen, how):
    booking = shared.ask()
    ref = booking.ref
    if how == "refused":
        service.refuse(booking.id, shared.manager, "Pris")
    else:
        frozen.move_to(booking.expires_at)
        service.expire_due()
    page = browser(shared.person)
    shown = text_of(page.get(f"/reservations/{ref}")).replace("&amp;", "&")
    assert f"/attendre?depuis={ref}" in shown
    other = service_actor(shared.boss, shared.association)
    wanted = service.Request(
        shared.kitchen.id, shared.association.id, span("2026-10-06 10:00", "2026-10-06 11:00"), 1, "Autre"
    )
    service.ask(wanted, other, uid_host="mutualim.test")
    kept = text_of(
        page.get(f"/ressources/{shared.kitchen.slug}/attendre", query_string=TAKEN | {"depuis": ref})
    )
    assert 'value="Soupes"' in kept
