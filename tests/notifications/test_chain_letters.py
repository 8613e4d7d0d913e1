"""Letters about chains to whom they concern, word for word: when the van comes, that what one receives is sure."""

from datetime import UTC, timedelta

import pytest

from app.accounts.models import Role
from app.bookings import service as bookings
from app.bookings.events import BookingRecalled
from app.infra.events import emit
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.chains import service as chains
from tests.bookings.test_bundles import of
from tests.factories import a_member, an_organisation, at, span
from tests.notifications.goldens import same_as_golden
from tests.supply.chains.test_concerned import Carried
from tests.supply.chains.test_mending import Mended

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


def test_who_receives_reads_that_it_is_not_sure_any_more(post, locale, carried):
    with quiet():
        carried.accept(1, 2, 3, 4)
    legs = of(carried.bundle)
    bookings.cancel(legs[0].id, carried.driver, "Panne d’embrayage")
    same_as_golden(locale, "chain_unsure", theirs(post)[LEA])
    bookings.cancel(legs[3].id, carried.manager, "Le four est en panne")
    assert LEA not in theirs(post), "it was not sure before, either"


def test_who_receives_reads_nothing_of_a_leg_that_is_lost_before_all_is_sure(post, carried):
    with quiet():
        carried.accept(1, 2, 3)
    bookings.cancel(of(carried.bundle)[0].id, carried.driver, "Panne d’embrayage")
    assert LEA not in theirs(post)


@pytest.mark.parametrize("act", ["moved", "undone"])
def test_who_receives_reads_that_it_waits_again(post, carried, act):
    with quiet():
        carried.accept(1, 2, 3, 4)
    leg = of(carried.bundle)[0]
    if act == "moved":
        bookings.change(leg.id, carried.member, span("2026-09-14 12:00", "2026-09-14 14:00"), 1)
    else:
        bookings.undo(leg.id, carried.driver)
    mail = theirs(post)[LEA]
    assert "400" in mail.subject
    assert carried.bundle.ref in mail.text


def test_who_offers_and_who_receives_read_that_a_leg_was_called_back(post, carried):
    with quiet():
        carried.accept(1, 2, 3, 4)
        leg = of(carried.bundle)[0]
        bookings.cancel(leg.id, carried.driver, "Quota repris")
    with atomic():
        emit(BookingRecalled(leg.id, None, was_approved=True))
    assert {PAUL, LEA} <= set(theirs(post))


def test_all_that_is_given_up_at_once_is_one_letter(post, carried):
    with quiet():
        carried.accept(1, 2, 3, 4)
    bookings.cancel_bundle(carried.bundle.id, carried.member, "Plus besoin")
    assert len([mail for mail in post.run() if mail.to == LEA]) == 1


def test_who_receives_reads_when_it_is_handed_over_now(post, locale, carried):
    with quiet():
        carried.accept(1, 2, 3)
    later = carried.bundle.handover_at + timedelta(hours=2)
    bookings.move_handover(carried.bundle.id, carried.member, later)
    assert theirs(post) == {}, "nothing is sure yet"
    with quiet():
        carried.accept(4)
    bookings.move_handover(carried.bundle.id, carried.member, later + timedelta(hours=1))
    told = theirs(post)
    assert set(told) == {LEA}
    same_as_golden(locale, "chain_handed_over", told[LEA])


def test_who_received_it_and_who_does_now_read_so(post, locale, carried):
    noe = "noe@partage.example"
    with quiet():
        carried.accept(1, 2, 3, 4)
        other = an_organisation(carried.territory, name="Le Partage")
        a_member(other, name="Noé Roy", email=noe, locale=locale, role=Role.ORG_ADMIN)
    chains.readdress(carried.carrier.id, carried.member, other.id, for_food_aid=False)
    told = {mail.to: mail for mail in post.run()}
    assert set(told) == {LEA, noe}
    same_as_golden(locale, "chain_readdressed", told[LEA])
    assert "Glaneurs" in told[noe].text


def test_who_receives_reads_that_it_is_sure_without_what_was_left_out(post, carried):
    with quiet():
        carried.accept(1, 2, 3)
        lost = of(carried.bundle)[3]
        bookings.refuse(lost.id, carried.manager, "Le four est en panne")
    bookings.let_leg_go(lost.id, carried.member)
    assert set(theirs(post)) == {LEA}


def test_who_asked_reads_in_the_letter_of_a_move_what_does_not_fit_any_more(post, frozen):
    frozen.move_to(at("2026-09-10 09:00").astimezone(UTC))
    with quiet():
        mended = Mended()
        with atomic():
            mended.treasurer_person.locale = "en"
    store, told = mended.legs[2], mended.treasurer_person.email
    bookings.change(store.id, mended.asker, store.span, 3)
    [fits] = [mail for mail in post.run() if mail.to == told]
    assert "does not fit" not in fits.text
    bookings.change(store.id, mended.asker, store.span, 1)
    [mail] = [mail for mail in post.run() if mail.to == told]
    said = " ".join(mail.text.split())
    assert "“Chambre froide” does not fit in this chain as it is now: too small for this quantity." in said
    assert "Move it, or ask its place to propose something else, before it begins" in said
