"""Letters about another slot that is proposed: who gets which, word for word."""

import pytest

from app.bookings import service
from app.bookings.narrowing import Closing, narrow
from app.bookings.service import Offer
from app.notifications.quiet import quiet
from tests.factories import a_manager, a_resource, a_site, span
from tests.notifications.conftest import JEANNE, KARIM, SOPHIE, World
from tests.notifications.goldens import same_as_golden

pytestmark = pytest.mark.usefixtures("session", "frozen", "one_ref")

THURSDAY = span("2026-10-08 08:00", "2026-10-08 12:00")
WORDS = "Le mardi, la cuisine est prise par l’école.\nLe jeudi vous irait-il ?"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


def propose(world, booking, actor=None, place=None, message=WORDS):
    offer = Offer((place or world.kitchen).id, THURSDAY, 1, message)
    return service.propose(booking.id, actor or world.manager, offer)


def asked(world):
    with quiet():
        return world.ask()


def proposed(world):
    booking = asked(world)
    with quiet():
        return booking, propose(world, booking).ref


def test_made(post, locale):
    world = World(locale)
    propose(world, asked(world))
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "proposed", mail)


def test_made_by_the_coordination(post, locale):
    world = World(locale)
    annex = a_resource(world.site, name="Salle de l’annexe", slug="annexe")
    propose(world, asked(world), world.coordinator, annex, message="")
    [mail] = post.run()
    same_as_golden(locale, "proposed_by_coordination", mail)


def test_another_place_is_told_with_its_address_and_price(post):
    world = World()
    barn_site = a_site(
        world.owner, name="La Grange", slug="grange", hours="24/7", address="5 chemin de la Grange"
    )
    barn = a_resource(barn_site, name="Cuisine de la Grange", slug="cuisine-grange", price_cents=1000)
    propose(world, asked(world), world.coordinator, barn)
    [mail] = post.run()
    assert "5 chemin de la Grange" in mail.text
    assert "10,00" in mail.text


def test_accepted(post, locale):
    world = World(locale)
    booking, ref = proposed(world)
    service.accept_proposal(booking.id, ref, world.member)
    asker, answers = post.run()
    assert (asker.to, answers.to) == (JEANNE, SOPHIE)
    assert "Jeudi 8 octobre" in asker.text or "Thursday 8 October" in asker.text
    same_as_golden(locale, "proposal_accepted", answers)


def test_accepted_where_the_place_still_answers(post):
    world = World()
    annex = a_resource(world.site, name="Salle de l’annexe", slug="annexe")
    booking = asked(world)
    with quiet():
        ref = propose(world, booking, world.coordinator, annex).ref
    service.accept_proposal(booking.id, ref, world.member)
    _asker, answers = post.run()
    assert (answers.to, bool(answers.secret)) == (SOPHIE, True)


def test_settled_elsewhere_is_told_to_who_answered_for_the_place(post, locale):
    world = World(locale)
    elsewhere = a_site(world.owner, name="Maison des associations", slug="maison", hours="24/7")
    hall = a_resource(elsewhere, name="Grande salle", slug="grande-salle")
    a_manager(elsewhere, name="Karim Haddad", email=KARIM, locale=locale)
    booking = asked(world)
    with quiet():
        ref = propose(world, booking, world.coordinator, hall).ref
    service.accept_proposal(booking.id, ref, world.member)
    _asker, answers, before = post.run()
    assert (answers.to, bool(answers.secret), before.to) == (KARIM, True, SOPHIE)
    same_as_golden(locale, "moved_away", before)


def test_declined(post, locale):
    world = World(locale)
    booking, ref = proposed(world)
    service.decline_proposal(booking.id, ref, world.member, "Le jeudi, personne ne peut venir.")
    [mail] = post.run()
    assert (mail.to, bool(mail.secret)) == (SOPHIE, True)
    same_as_golden(locale, "proposal_declined", mail)


def test_lapsed(post, locale, frozen):
    world = World(locale)
    proposed(world)
    frozen.tick(hours=72)
    service.sweep_proposals()
    asker, answers = post.run()
    same_as_golden(locale, "proposal_lapsed", asker)
    same_as_golden(locale, "proposal_unanswered", answers)


def test_withdrawn(post, locale):
    world = World(locale)
    booking, ref = proposed(world)
    service.withdraw_proposal(booking.id, ref, world.manager, "Le jeudi vient d’être pris.")
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "proposal_withdrawn", mail)


def test_withdrawn_by_a_closure_when_others_have_the_time_that_was_asked_for(post, locale):
    world = World(locale, arbitration_hours=48)
    annex = a_resource(world.site, name="Salle de l’annexe", slug="annexe")
    booking = asked(world)
    with quiet():
        propose(world, booking, place=annex)
        service.approve(world.ask().id, world.manager)
    narrow(Closing(thing=annex, span=THURSDAY, reason="Réfection du sol."), world.manager)
    [mail] = post.run()
    assert mail.to == JEANNE
    same_as_golden(locale, "proposal_withdrawn_by_closure", mail)


def test_what_is_settled_before_the_letter_leaves_is_not_told(post):
    world = World()
    booking = asked(world)
    propose(world, booking)
    with quiet():
        service.refuse(booking.id, world.manager, "Travaux")
    assert post.run() == []
