"""Deposits, from the yes to the day they go back: who is asked, from hand to hand, what the books say of it."""

from datetime import timedelta

import pytest

from app.accounts.models import LegalNature
from app.bookings import service
from app.bookings.deposits import find_held, waiting_deposits
from app.bookings.models import Booking
from app.core.errors import Forbidden, ReasonMissing
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.core.states import IllegalMove
from app.infra import files
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.books.postings import Account, Method
from app.payments.deposits import service as deposits
from app.payments.deposits.errors import BadDeposit
from app.payments.deposits.queries import given_up
from app.payments.deposits.rules import Occasion, State
from app.payments.deposits.service import Kept
from app.payments.errors import PaidByDeposit
from app.payments.models import Due, Payment
from app.payments.queries import balances
from tests.bookings.money import MoneyWorld, owed, span
from tests.factories import a_picture, an_organisation

pytestmark = pytest.mark.usefixtures("session", "frozen")
ANYBODY = Actor(is_platform_admin=True)


class Town(MoneyWorld):
    """A kitchen that asks for 500.00 before the first use; whoever helps people in need is asked for none."""

    def __init__(self, occasion=Occasion.FIRST, **facts):
        super().__init__(**facts)
        self.terms(50_000, occasion)

    def terms(self, cents, occasion=Occasion.FIRST, exempt=("P1",)):
        deposits.say_deposit(ANYBODY, self.kitchen.id, cents, occasion, exempt)

    def deposit(self, booking):
        held = find_held(booking)
        return held and held.deposit

    def state(self, booking):
        deposit = self.deposit(booking)
        return deposit and deposit.state

    def received(self, method=Method.CHEQUE, **facts):
        booking = self.booked(**facts)
        service.receive_deposit(booking.id, self.manager, method)
        return booking

    def books(self, organisation):
        return {account: cents for (_currency, account), cents in balances(organisation.id).items() if cents}


@pytest.fixture
def town():
    return Town()


def over(booking, frozen):
    frozen.move_to(booking.end_at + timedelta(hours=1))


@pytest.mark.scenario(number="S23")
def test_required_then_received_then_released_after_a_clean_check_out(town, frozen):
    booking = town.booked()
    assert (town.state(booking), town.deposit(booking).cents) == (State.REQUIRED, 50_000)
    assert town.deposit(booking).back_by - booking.end_at == timedelta(hours=48)
    service.receive_deposit(booking.id, town.manager, Method.CHEQUE)
    assert town.state(booking) == State.RECEIVED
    over(booking, frozen)
    service.release_deposit(booking.id, town.manager)
    assert town.state(booking) == State.RELEASED
    assert town.books(town.owner) == {}  # a cheque that nobody has cashed is in nobody's books
    assert broken() == []


@pytest.mark.scenario(number="S23")
def test_withheld_with_photo_and_reason(town, frozen):
    booking = town.received(Method.TRANSFER)
    assert town.books(town.owner) == {Account.CASH: 50_000, Account.DEPOSIT_HELD: -50_000}
    assert town.books(town.association) == {Account.CASH: -50_000, Account.DEPOSIT_GIVEN: 50_000}
    over(booking, frozen)
    kept = Kept(12_000, "La hotte est enfoncée", a_picture("grey"))
    charge = service.withhold_deposit(booking.id, town.manager, kept)
    deposit = town.deposit(booking)
    assert (deposit.state, deposit.withheld_cents, deposit.returned_cents) == (State.WITHHELD, 12_000, 38_000)
    assert files.find(deposits.SHELF, deposits.file_name(deposit.photo))
    assert (charge.subject_ref, deposit.charge_id) == (deposit.public_id, charge.id)
    assert owed(booking) == {}  # what the use costs is something else
    [due] = db.session.query(Due).filter_by(charge_id=charge.id)
    assert due.owed_cents == 0  # paid with what was received
    assert town.books(town.owner) == {Account.CASH: 12_000, Account.INCOME: -12_000}
    assert town.books(town.association) == {Account.CASH: -12_000, Account.EXPENSE: 12_000}
    assert broken() == []


@pytest.mark.scenario(number="S23")
def test_a_public_owner_notes_a_cheque_and_takes_no_cash(town):
    with atomic():
        town.owner.legal_nature = LegalNature.PUBLIC
    booking = town.booked()
    for method, reason in ((Method.CASH, "public_cash"), (Method.CARD, "method"), (Method.SEPA, "method")):
        with pytest.raises(BadDeposit) as refused:
            service.receive_deposit(booking.id, town.manager, method)
        assert refused.value.facts["reason"] == reason
    service.receive_deposit(booking.id, town.manager, Method.CHEQUE)
    assert town.state(booking) == State.RECEIVED


def test_a_cheque_that_is_cashed_pays_what_is_withheld(town, frozen):
    booking = town.received()
    over(booking, frozen)
    service.withhold_deposit(booking.id, town.manager, Kept(12_000, "Sol brûlé", is_cashed=True))
    assert town.books(town.owner) == {Account.CASH: 12_000, Account.INCOME: -12_000}
    assert db.session.query(Payment).one().method == Method.CHEQUE
    assert broken() == []


def test_a_cheque_that_is_not_cashed_leaves_it_owed(town, frozen):
    booking = town.received()
    over(booking, frozen)
    charge = service.withhold_deposit(booking.id, town.manager, Kept(12_000, "Sol brûlé"))
    [due] = db.session.query(Due).filter_by(charge_id=charge.id)
    assert due.owed_cents == 12_000
    assert town.books(town.owner) == {Account.RECEIVABLE: 12_000, Account.INCOME: -12_000}
    assert broken() == []


def test_nothing_is_withheld_before_the_use_begins(town, frozen):
    booking = town.received(Method.CASH)
    with pytest.raises(BadDeposit) as refused:
        service.withhold_deposit(booking.id, town.manager, Kept(100, "Tout est cassé"))
    assert refused.value.facts["reason"] == "too_soon"
    frozen.move_to(booking.start_at)
    service.withhold_deposit(booking.id, town.manager, Kept(100, "Tout est cassé"))
    assert town.state(booking) == State.WITHHELD


@pytest.mark.parametrize("is_given_up", [True, False])
def test_it_is_withheld_for_the_use_that_it_serves(town, frozen, is_given_up):
    asked = town.received(Method.CASH, slot=span("2026-10-20 09:00", "2026-10-20 12:00"))
    if is_given_up:
        service.cancel(asked.id, town.member, "Panne")
    served = town.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))
    over(served, frozen)
    service.withhold_deposit(asked.id, town.manager, Kept(100, "Casse"))
    assert town.state(asked) == State.WITHHELD


def test_what_was_never_received_is_asked_for_the_next_use(town):
    given_up = town.received(Method.CASH)
    service.cancel(given_up.id, town.member, "Panne")
    following = town.booked(slot=span("2026-10-20 09:00", "2026-10-20 12:00"))
    service.take_deposit_back(given_up.id, town.manager)
    assert (town.state(given_up), town.state(following)) == (State.DROPPED, State.REQUIRED)


def test_all_of_it_may_be_withheld_and_no_more(town, frozen):
    booking = town.received(Method.CASH)
    over(booking, frozen)
    for cents in (0, 50_001):
        with pytest.raises(BadDeposit):
            service.withhold_deposit(booking.id, town.manager, Kept(cents, "Tout est cassé"))
    with pytest.raises(ReasonMissing):
        service.withhold_deposit(booking.id, town.manager, Kept(100, "  "))
    assert town.state(booking) == State.RECEIVED
    service.withhold_deposit(booking.id, town.manager, Kept(50_000, "Tout est cassé"))
    assert town.books(town.owner) == {Account.CASH: 50_000, Account.INCOME: -50_000}


def test_what_was_noted_by_mistake_is_taken_back(town):
    booking = town.received(Method.CASH)
    service.take_deposit_back(booking.id, town.manager)
    assert (town.state(booking), town.books(town.owner)) == (State.REQUIRED, {})
    service.receive_deposit(booking.id, town.manager, Method.TRANSFER)
    assert town.books(town.owner)[Account.DEPOSIT_HELD] == -50_000
    assert broken() == []


def test_no_move_is_made_twice(town):
    booking = town.booked()
    with pytest.raises(IllegalMove):
        service.release_deposit(booking.id, town.manager)
    service.receive_deposit(booking.id, town.manager, Method.CHEQUE)
    with pytest.raises(IllegalMove):
        service.receive_deposit(booking.id, town.manager, Method.CHEQUE)


def test_only_the_place_and_the_owners_treasurer_note_it(town):
    booking = town.booked()
    for actor in (town.treasurer, town.member, town.coordinator):
        with pytest.raises(Forbidden):
            service.receive_deposit(booking.id, actor, Method.CHEQUE)
    service.receive_deposit(booking.id, town.actor_for(town.owner), Method.CHEQUE)
    assert town.state(booking) == State.RECEIVED


# -- who is asked -------------------------------------------------------------------------------------------


def test_only_before_the_first_use(town):
    first = town.booked()
    second = town.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))
    assert (town.state(first), town.state(second)) == (State.REQUIRED, None)


def test_where_the_first_is_given_up_the_next_one_has_it(town):
    first = town.booked()
    second = town.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))
    service.cancel(first.id, town.member, "Pluie")
    assert (town.state(first), town.state(second)) == (State.DROPPED, State.REQUIRED)


def test_what_the_place_has_of_a_use_that_is_given_up_is_for_the_next(town, frozen):
    """One was received; nobody is asked for a second one, and it comes back after the use that takes place."""
    first = town.received()
    service.cancel(first.id, town.member, "Panne")
    deposit = town.deposit(first)
    assert deposit.back_by == frozen.now + timedelta(hours=48)
    second = town.booked(slot=span("2026-10-20 09:00", "2026-10-20 12:00"))
    assert town.deposit(second) is None
    assert (deposit.state, deposit.back_by) == (State.RECEIVED, second.end_at + timedelta(hours=48))
    assert waiting_deposits(town.manager) == [], "nobody is told to give it back meanwhile"
    service.cancel(second.id, town.member, "Panne")
    assert deposit.back_by == frozen.now + timedelta(hours=48)
    [held] = waiting_deposits(town.manager)
    assert held.deposit == deposit


def test_before_each_use(frozen):
    town = Town(Occasion.EACH)
    first = town.booked()
    second = town.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))
    assert (town.state(first), town.state(second)) == (State.REQUIRED, State.REQUIRED)


def test_a_series_is_one_use_whose_deposit_comes_back_after_its_last_date():
    town = Town(Occasion.EACH)
    tuesdays = Rule(Frequency.WEEKLY, town.slot.start.date(), weekdays=(1,), times=3)
    wanted = service.SeriesRequest(
        town.kitchen.id, town.association.id, tuesdays, Hours(540, 720, "Europe/Paris"), 1, "Soupes"
    )
    series = service.ask_series(wanted, town.member, uid_host="mutualim.test")
    rows = db.session.query(Booking).filter_by(series_id=series.id).order_by(Booking.start_at).all()
    service.approve_series(series.id, town.manager)
    states = [town.state(each) for each in rows]
    assert states == [State.REQUIRED, None, None]
    assert town.deposit(rows[0]).back_by == rows[-1].end_at + timedelta(hours=48)


@pytest.mark.parametrize("priority", ["P0", "P1", "P4"])
def test_classes_may_be_exempt(town, priority):
    with atomic():
        town.association.priority_class = priority
    asked = town.state(town.booked())
    assert asked == (None if priority == "P1" else State.REQUIRED)


def test_an_owner_asks_itself_for_nothing_and_neither_does_a_place_without_terms(town):
    own = service.Request(town.kitchen.id, town.owner.id, town.slot, quantity=1, purpose="Fête")
    booking = service.ask(own, town.manager, uid_host="mutualim.test")
    assert town.state(booking) is None
    town.terms(0)
    assert town.state(town.booked(slot=span("2026-10-08 09:00", "2026-10-08 12:00"))) is None


def test_with_money_off_nobody_is_asked(town):
    payments.switch_money(town.coordinator, town.territory.id, is_on=False)
    booking = town.booked()
    assert town.state(booking) is None
    assert waiting_deposits(town.manager) == []


def test_a_yes_that_is_taken_back_asks_for_nothing_until_the_next(town):
    booking = town.booked()
    service.undo(booking.id, town.manager)
    assert town.state(booking) == State.DROPPED
    town.terms(30_000)
    service.approve(booking.id, town.manager)
    assert (town.state(booking), town.deposit(booking).cents) == (State.REQUIRED, 30_000)


def test_what_is_asked_keeps_its_amount_until_it_is_asked_again(town):
    booking = town.booked()
    town.terms(10_000)
    assert town.deposit(booking).cents == 50_000
    service.change(booking.id, town.member, span("2026-10-06 09:00", "2026-10-06 11:00"), 1)
    service.approve(booking.id, town.manager)
    assert town.deposit(booking).cents == 10_000  # it was asked again, and answered on the terms of today


def test_what_was_handed_over_for_nothing_is_to_be_given_back_at_once(town, frozen):
    booking = town.received()
    service.cancel(booking.id, town.member, "Pluie")
    deposit = town.deposit(booking)
    assert (deposit.state, deposit.back_by) == (State.RECEIVED, frozen.now + timedelta(hours=48))
    assert [held.booking.id for held in waiting_deposits(town.manager)] == [booking.id]


def test_it_follows_a_booking_that_moves(town):
    booking = town.booked()
    later = span("2026-10-13 09:00", "2026-10-13 12:00")
    service.change(booking.id, town.member, later, 1)
    service.approve(booking.id, town.manager)
    assert town.deposit(booking).back_by == later.end + timedelta(hours=48)


# -- what waits ---------------------------------------------------------------------------------------------


def test_a_place_sees_what_it_has_to_receive_and_to_give_back(town, frozen):
    booking = town.booked()
    assert [held.booking.id for held in waiting_deposits(town.manager)] == [booking.id]
    service.receive_deposit(booking.id, town.manager, Method.CHEQUE)
    assert waiting_deposits(town.manager) == []
    over(booking, frozen)
    assert [held.booking.id for held in waiting_deposits(town.manager)] == [booking.id]
    assert waiting_deposits(town.actor_for(an_organisation(town.territory))) == []


def test_it_is_reminded_once_after_48_hours(town, frozen):
    booking = town.received()
    frozen.move_to(booking.end_at + timedelta(hours=47))
    assert deposits.remind_due() == 0
    frozen.tick(hours=2)
    payments.switch_money(town.coordinator, town.territory.id, is_on=False)
    assert deposits.remind_due() == 0, "nor is it forgotten while money is off"
    payments.switch_money(town.coordinator, town.territory.id, is_on=True)
    assert (deposits.remind_due(), deposits.remind_due()) == (1, 0)
    service.release_deposit(booking.id, town.manager)


def test_a_photo_without_a_deposit_is_forgotten_the_next_day(town, frozen):
    booking = town.received()
    over(booking, frozen)
    shown, stray = a_picture("grey"), deposits.keep_photo(a_picture("red"))
    service.withhold_deposit(booking.id, town.manager, Kept(100, "Tache", shown))
    assert deposits.sweep_photos() == 0
    frozen.tick(days=400)
    assert deposits.sweep_photos() == 1
    assert files.find(deposits.SHELF, deposits.file_name(stray)) is None


def test_what_was_withheld_wrongly_is_given_back_in_part_then_all(town, frozen):
    booking = town.received(Method.TRANSFER)
    over(booking, frozen)
    service.withhold_deposit(booking.id, town.manager, Kept(12_000, "Vitre cassée"))
    for _twice in range(2):
        service.give_up_deposit(booking.id, town.manager, "Elle l’était déjà en partie", "one", 2_000)
    deposit = town.deposit(booking)
    assert (deposit.state, deposit.withheld_cents, deposit.returned_cents) == (State.WITHHELD, 10_000, 40_000)
    assert town.books(town.owner) == {Account.CASH: 10_000, Account.INCOME: -10_000}
    with pytest.raises(BadDeposit):
        service.give_up_deposit(booking.id, town.manager, "Trop", "two", 10_001)
    with pytest.raises(ReasonMissing):
        service.give_up_deposit(booking.id, town.manager, " ", "two")
    service.give_up_deposit(booking.id, town.manager, "C’était quelqu’un d’autre", "two")
    assert town.state(booking) == State.RELEASED
    assert town.books(town.owner) == town.books(town.association) == {}
    assert [cents for cents, _why in given_up(deposit)] == [2_000, 10_000]
    with pytest.raises(IllegalMove):
        service.give_up_deposit(booking.id, town.manager, "Encore", "three")
    assert broken() == []


def test_what_is_owed_for_a_cheque_is_owed_no_longer_once_it_was_wrong(town, frozen):
    booking = town.received()
    over(booking, frozen)
    charge = service.withhold_deposit(booking.id, town.manager, Kept(12_000, "Sol brûlé"))
    with pytest.raises(Forbidden):
        service.give_up_deposit(booking.id, town.member, "Non", "one")
    service.give_up_deposit(booking.id, town.manager, "Il l’était déjà", "one")
    [due] = db.session.query(Due).filter_by(charge_id=charge.id)
    assert due.owed_cents == 0
    assert town.books(town.owner) == {}
    assert broken() == []


def test_what_a_deposit_has_paid_is_not_undone_as_a_payment(town, frozen):
    booking = town.received(Method.TRANSFER)
    over(booking, frozen)
    service.withhold_deposit(booking.id, town.manager, Kept(12_000, "Vitre cassée"))
    keeper = Actor(memberships={town.owner.id: "treasurer"})
    with pytest.raises(PaidByDeposit):
        payments.undo_payment(keeper, db.session.query(Payment).one().id, "Erreur")
    assert town.books(town.owner) == {Account.CASH: 12_000, Account.INCOME: -12_000}
