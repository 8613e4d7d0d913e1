"""Letters about chains to whom they concern, word for word: when the van comes, that what one receives is sure."""

import pytest

from app.accounts.models import Role
from app.bookings import service as bookings
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from tests.bookings.test_bundles import of
from tests.factories import a_member, span
from tests.notifications.goldens import same_as_golden
from tests.supply.chains.test_concerned import Carried

pytestmark = pytest.mark.usefixtures("session", "frozen")
PAUL, LEA = "paul@courgettes.example", "lea@banque.example"


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


@pytest.fixture
def carried(locale):
    with quiet():
        made = Carried()
        facts = {"locale": locale, "role": Role.ORG_ADMIN}
        a_member(made.bank, name="Léa Simon", email=LEA, **facts)
        with atomic():
            made.territory.name = "PAT d’Erdre"
            made.farmer_person.name, made.farmer_person.email = "Paul Guérin", PAUL
            made.farmer_person.locale = locale
            made.bundle.ref = "K7M2PQ4X"
            made.part.offer.public_id = "SURPLUS0001"
        return made


def theirs(post):
    return {mail.to: mail for mail in post.run() if mail.to in (PAUL, LEA)}


def test_who_offers_reads_when_it_is_collected(post, locale, carried):
    carried.accept(1)
    told = theirs(post)
    assert set(told) == {PAUL}
    same_as_golden(locale, "chain_collection_confirmed", told[PAUL])


def test_another_leg_is_none_of_their_business(post, carried):
    carried.accept(2, 3)
    assert theirs(post) == {}


def test_who_offers_reads_that_it_is_moved(post, locale, carried):
    with quiet():
        carried.accept(1)
    leg = of(carried.bundle)[0]
    bookings.change(leg.id, carried.member, span("2026-09-14 12:00", "2026-09-14 14:00"), 1)
    same_as_golden(locale, "chain_collection_moved", theirs(post)[PAUL])


def test_who_offers_reads_that_it_is_lost_and_that_another_comes(post, locale, carried):
    with quiet():
        carried.accept(1)
    leg = of(carried.bundle)[0]
    bookings.cancel(leg.id, carried.driver, "Panne d’embrayage")
    same_as_golden(locale, "chain_collection_lost", theirs(post)[PAUL])


def test_who_offers_reads_that_who_asked_gave_it_up(post, carried):
    with quiet():
        carried.accept(1)
    bookings.cancel_bundle(carried.bundle.id, carried.member, "Plus besoin")
    assert set(theirs(post)) == {PAUL, LEA}


def test_who_receives_reads_that_all_is_sure_and_that_it_is_given_up(post, locale, carried):
    with quiet():
        carried.accept(1, 2, 3)
    carried.accept(4)
    told = theirs(post)
    assert set(told) == {LEA}
    same_as_golden(locale, "chain_received", told[LEA])
    bookings.cancel_bundle(carried.bundle.id, carried.member, "Plus besoin")
    same_as_golden(locale, "chain_not_received", theirs(post)[LEA])


def test_who_receives_reads_that_it_is_sure_without_what_was_left_out(post, carried):
    with quiet():
        carried.accept(1, 2, 3)
        lost = of(carried.bundle)[3]
        bookings.refuse(lost.id, carried.manager, "Le four est en panne")
    bookings.let_leg_go(lost.id, carried.member)
    assert set(theirs(post)) == {LEA}
