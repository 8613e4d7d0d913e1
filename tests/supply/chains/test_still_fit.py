"""A leg of a chain that is moved or taken elsewhere: how far it goes there, whether it still fits, who is told."""

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.bookings.service import Offer
from app.infra.uow import atomic
from app.supply.chains.planning.world import Reason
from app.supply.chains.still_fit import unfit_legs
from tests.bookings.pages import text_of
from tests.factories import a_manager, a_member, a_resource, a_site, span
from tests.supply.chains.test_mending import mended, small_van

__all__ = ["mended"]


def unfit(mended):
    return unfit_legs(mended.chain, list(mended.legs.values()))


def propose(mended, number, place, time=None, quantity=None):
    """Let who answers for both places propose another one for a leg; who asked accepts it."""
    leg, owner = mended.legs[number], load_actor(a_member(mended.owner, role=Role.ORG_ADMIN).id)
    offer = Offer(place.id, time or leg.span, quantity or leg.quantity, "Plutôt celui-ci ?")
    proposal = bookings.propose(leg.id, owner, offer)
    return bookings.accept_proposal(leg.id, proposal.ref, mended.asker)


def page(mended, browser, person=None):
    return text_of(browser(person or mended.treasurer_person).get(f"/filieres/{mended.chain.bundle.ref}"))


def test_what_was_planned_fits(mended, browser):
    assert unfit(mended) == {}
    assert "does not fit in this chain" not in page(mended, browser)


@pytest.mark.scenario(number="S12")
def test_s12_a_van_from_elsewhere_goes_as_far_as_it_is(mended):
    spare, before = mended.van(mended.town, "FRC", name="Fourgon du bourg"), mended.steps[0].metres
    taken = propose(mended, 1, spare, span("2026-09-14 13:00", "2026-09-14 16:00"))
    step = mended.steps[0]
    assert (step.metres, step.trips) == (taken.foreseen_metres, 1)
    assert step.metres > before, "it comes from farther away"
    assert unfit(mended) == {}


def test_what_drives_to_another_kitchen_goes_as_far_as_that_is(mended):
    near = a_site(mended.owner, hours="Mo-Su 06:00-20:00", lat=47.365, lon=-1.5)
    close = a_resource(near, name="Cuisine proche", buffer_after=0, facts={"throughput": 200})
    before = mended.steps[2].metres
    propose(mended, 4, close)
    assert mended.steps[2].metres == mended.legs[3].foreseen_metres != before
    assert mended.steps[3].metres == 0
    assert unfit(mended) == {}


def test_another_time_at_the_same_place_goes_no_farther(mended):
    before = [step.metres for step in mended.steps]
    propose(mended, 4, mended.k1, quantity=2)
    assert [step.metres for step in mended.steps] == before


def test_what_carries_too_little_is_told_on_its_page_with_what_instead(mended, browser):
    bike = small_van(mended)
    taken = propose(mended, 1, bike)
    assert unfit(mended) == {1: Reason.TOO_MANY_TRIPS}
    assert mended.steps[0].metres == taken.foreseen_metres > 0
    told = "“Vélo-cargo” does not fit in this chain as it is now: too many trips would be needed."
    seen = page(mended, browser)
    assert told in seen
    assert f'href="/reservations/{taken.ref}/modifier">Move it' in seen
    assert "/filieres/preparer?produit=courgettes" in seen
    manager = page(mended, browser, a_manager(mended.town))
    assert told in manager
    assert "Call who asked for it before you get ready." in manager
    assert "Move it" not in manager


def test_a_kitchen_too_far_for_the_van_in_its_time_is_told(mended, browser):
    far = a_site(mended.owner, hours="Mo-Su 06:00-20:00", lat=47.20, lon=-1.5)
    away = a_resource(far, name="Cuisine lointaine", buffer_after=0, facts={"throughput": 200})
    before = mended.steps[2].metres
    propose(mended, 4, away)
    assert unfit(mended) == {3: Reason.TOO_SLOW}, "it is the van that does not make it"
    assert mended.steps[2].metres > before
    told = "“Fourgon isotherme” does not fit in this chain as it is now: its time is too short"
    assert told in page(mended, browser)


def test_who_asked_moves_it_to_less_time_than_the_work_takes(mended, browser):
    bookings.change(mended.legs[4].id, mended.asker, span("2026-09-16 08:00", "2026-09-16 12:00"), 1)
    assert unfit(mended) == {4: Reason.TOO_SLOW}, "it needs eight hours"
    assert "its time is too short for what it has to do" in page(mended, browser)


def test_a_store_of_too_few_pallets_is_told(mended):
    store = mended.legs[2]
    bookings.change(store.id, mended.asker, store.span, 1)
    assert unfit(mended) == {2: Reason.TOO_SMALL}


def test_what_has_begun_or_was_lost_is_not_looked_at(mended, frozen):
    propose(mended, 1, small_van(mended))
    assert unfit(mended) == {1: Reason.TOO_MANY_TRIPS}
    frozen.move_to(mended.legs[1].start_at)
    assert unfit(mended) == {}


def test_a_certificate_that_ends_before_a_chilled_tour_is_told(mended):
    van = mended.van(mended.town, "FRC", name="Fourgon du bourg")
    with atomic():
        van.facts = van.facts | {"atp_expiry": "2026-09-13"}
        mended.chain.regime = "frozen"
    propose(mended, 1, van, span("2026-09-14 13:00", "2026-09-14 16:00"))
    assert unfit(mended)[1] is Reason.NOT_COLD_ENOUGH


def test_the_answer_to_a_move_says_what_does_not_fit_any_more(mended, browser):
    kitchen = mended.legs[4]
    asker, url = browser(mended.treasurer_person), f"/reservations/{kitchen.ref}/modifier"
    typed = {"date": "2026-09-16", "de": "08:00", "a": "12:00", "quantite": "1", "personnes": ""}
    answer = asker.post(url, data=typed, follow_redirects=True)
    told = "does not fit in this chain as it is now: its time is too short for what it has to do."
    seen = text_of(answer)
    assert "The time is changed" in seen
    assert seen.count(told) == 2, "in the answer, and on the page under it"
    assert f'href="/demandes/{mended.chain.bundle.ref}">See the whole request' in seen
    assert told in text_of(browser(a_manager(kitchen.resource.site)).get(f"/reservations/{kitchen.ref}"))


def test_who_answers_for_one_place_reads_nothing_of_another_that_does_not_fit(mended, browser):
    store, kitchen = mended.legs[2], mended.legs[4]
    bookings.change(store.id, mended.asker, store.span, 1)
    assert "does not fit" in text_of(browser(mended.treasurer_person).get(f"/reservations/{kitchen.ref}"))
    manager = browser(a_manager(kitchen.resource.site))
    assert "does not fit" not in text_of(manager.get(f"/reservations/{kitchen.ref}"))


def test_the_inbox_says_what_does_not_fit_where_it_is_answered(mended, browser):
    kitchen = mended.legs[4]
    manager = browser(a_manager(kitchen.resource.site))
    assert "Nothing stands against it now" in text_of(manager.get("/a-traiter"))
    bookings.change(kitchen.id, mended.asker, span("2026-09-16 08:00", "2026-09-16 12:00"), 1)
    seen = text_of(manager.get("/a-traiter"))
    assert "does not fit in this chain as it is now: its time is too short for what it has to do." in seen
    assert "Nothing stands against it now" not in seen


def test_a_proposal_that_would_not_fit_is_told_before_it_is_made_and_beside_its_answer(mended, browser):
    bike, leg = small_van(mended), mended.legs[1]
    told = "“Vélo-cargo” would not fit in the chain that way: too many trips would be needed."
    owner = a_member(mended.owner, role=Role.ORG_ADMIN)
    url = f"/reservations/{leg.ref}/proposer?ressource={bike.slug}"
    assert told in text_of(browser(owner).get(url))
    offer = Offer(bike.id, leg.span, leg.quantity, "Plutôt celui-ci ?")
    bookings.propose(leg.id, load_actor(owner.id), offer)
    seen = text_of(browser(mended.treasurer_person).get(f"/reservations/{leg.ref}"))
    assert seen.index(told) < seen.index("Accept the proposal")
