"""What Stripe tells ends in the books of both, whatever goes wrong on the way: all invariants hold in the end."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import LegalNature, Organisation
from app.core import clock
from app.core.errors import Forbidden
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.postings import Method
from app.payments.errors import DuesMixed, NothingOwed, PaymentUnderWay
from app.payments.models import Due, OnlinePayment, Payment
from app.payments.queries import balances
from app.payments.stripe import queries as there
from app.payments.stripe import service as stripe
from app.payments.stripe.errors import PublicPayee
from app.payments.stripe.fake.client import down, lost_reply
from app.payments.stripe.fake.playing import signed
from app.payments.stripe.models import StripePayment, StripeRefund
from tests.factories import an_organisation
from tests.payments.books import owe, sound

SHOWN = service.Shown("Cuisine, 3 h", "/comptes")


@dataclass
class Debt:
    """Somebody owes the payee of the stage, and may pay on line."""

    stage: Any
    territory_id: int
    payer_id: int
    actor: Actor
    due: Due

    def begin(self, *dues: Due) -> str:
        """Begin to pay."""
        return service.pay_online(self.actor, [each.id for each in dues or (self.due,)], SHOWN)

    def open(self, *dues: Due) -> str:
        """Begin to pay and open Stripe's page; give its name there."""
        self.begin(*dues)
        self.stage.run()
        return self.row().session_id or ""

    def row(self) -> StripePayment:
        """Read the last attempt as Stripe's room knows it."""
        db.session.expire_all()
        return db.session.scalars(select(StripePayment).order_by(StripePayment.id.desc()).limit(1)).one()

    def attempt(self) -> OnlinePayment:
        """Read the last attempt."""
        db.session.expire_all()
        return db.session.scalars(select(OnlinePayment).order_by(OnlinePayment.id.desc()).limit(1)).one()

    def pay(self, way: str = "card") -> str:
        """Pay on Stripe's page; give what Stripe calls the payment."""
        begun = self.stage.world.pay(self.open(), way)
        self.stage.world.book(begun["id"])
        self.stage.hear()
        return str(begun["id"])

    def books(self) -> dict[str, int]:
        """Give what is on each account of the payee, leaving out what comes to nothing."""
        found = balances(self.stage.payee_id).items()
        return {account.value: cents for (_, account), cents in found if cents}

    def also(self, cents: int) -> Due:
        """Let the same owe the same once more."""
        return owe(self.territory_id, self.payer_id, self.stage.payee_id, cents)


def the_payee(stage) -> Organisation:
    payee = there.find_organisation(stage.payee_id)
    assert payee is not None
    return payee


@pytest.fixture
def debt(stage):
    payee = the_payee(stage)
    payer = an_organisation(payee.territory)
    due = owe(payee.territory_id, payer.id, payee.id, 2500)
    return Debt(stage, payee.territory_id, payer.id, Actor(memberships={payer.id: "treasurer"}), due)


def end_refund(stage, *, succeeds: bool) -> None:
    db.session.expire_all()
    given = db.session.scalars(select(StripeRefund).order_by(StripeRefund.id.desc()).limit(1)).one()
    stage.world.end_refund(given.refund_id or "", succeeds=succeeds)


def only_payment() -> Payment:
    db.session.expire_all()
    return db.session.scalars(select(Payment)).one()


# -- as it should be ------------------------------------------------------------------------------------------


def test_a_card(debt):
    debt.pay()
    assert (debt.due.owed_cents, debt.attempt().state) == (0, "paid")
    assert debt.books() == {"clearing": 2437, "fee": 63, "income": -2500}
    assert sound()
    with pytest.raises(NothingOwed):
        debt.begin()


def test_several_dues_at_once(debt):
    other = debt.also(300)
    debt.stage.world.book(debt.stage.world.pay(debt.open(debt.due, other))["id"])
    debt.stage.hear()
    assert (debt.due.owed_cents, other.owed_cents, only_payment().cents) == (0, 0, 2800)


def test_what_the_bank_receives(debt):
    debt.pay()
    made = debt.stage.world.pay_out(debt.stage.account_id, 2437)
    debt.stage.world.end_payout(made["id"], succeeds=True)
    debt.stage.hear()
    assert debt.books() == {"cash": 2437, "fee": 63, "income": -2500}
    debt.stage.world.end_payout(made["id"], succeeds=False)
    debt.stage.hear()
    assert debt.books() == {"clearing": 2437, "fee": 63, "income": -2500}


@pytest.mark.parametrize(
    ("is_automatic", "books"),
    [
        (True, {"clearing": 2437, "fee": 63, "income": -2500}),
        (False, {"cash": 2437, "fee": 63, "income": -2500}),
    ],
)
def test_what_the_bank_receives_of_sales_elsewhere_is_not_in_the_books(debt, is_automatic, books):
    """Of a payout by hand it is not known what it is made of: it is no more than what waits for one."""
    stage = debt.stage
    stage.world.sell(stage.account_id, 50_000)
    first = stage.world.pay_out(stage.account_id, 50_000)
    debt.pay()
    made = first if is_automatic else stage.world.pay_out(stage.account_id, 52_437, is_automatic=False)
    stage.world.end_payout(made["id"], succeeds=True)
    stage.hear()
    assert debt.books() == books
    assert sound()
    stage.world.end_payout(made["id"], succeeds=False)
    stage.hear()
    assert debt.books() == {"clearing": 2437, "fee": 63, "income": -2500}


def test_one_page_for_a_due_at_a_time(debt, frozen):
    other = debt.also(300)
    first = debt.begin()
    assert debt.begin() == first
    with pytest.raises(PaymentUnderWay) as refused:
        debt.begin(debt.due, other)
    assert refused.value.facts == {"cents": 2500, "state": "asked"}
    assert debt.begin(other) != first
    service.stop_paying_online(debt.actor, [debt.due.id, other.id])
    debt.stage.run()
    assert debt.begin(debt.due, other) != first


def test_who_may_pay_and_be_paid(debt):
    with pytest.raises(Forbidden):
        service.pay_online(Actor(memberships={debt.payer_id: "member"}), [debt.due.id], SHOWN)
    back = owe(debt.territory_id, debt.stage.payee_id, debt.payer_id, 1)
    with pytest.raises(DuesMixed):
        debt.begin(debt.due, back)
    with atomic():
        the_payee(debt.stage).legal_nature = LegalNature.PUBLIC
    with pytest.raises(PublicPayee):
        debt.begin()
    assert db.session.scalars(select(OnlinePayment)).all() == []


# -- each failure ---------------------------------------------------------------------------------------------


def test_doubled_reordered_and_early_events(debt):
    stage = debt.stage
    begun = stage.world.pay(debt.open())
    stage.world.book(begun["id"])
    made = stage.world.dispute(begun["id"])
    stage.world.end_dispute(made["id"], is_won=True)
    events = stage.drain()
    stage.hear(*reversed(events), *events, events[0])  # the dispute is heard of before the payment
    stage.reconcile()
    assert only_payment().refundable_cents == 2500
    assert sound()
    assert debt.books() == {"clearing": 437, "fee": 2063, "income": -2500}


def test_a_lost_answer_is_no_second_payment(debt, frozen):
    debt.stage.client.faults = [lost_reply]
    debt.begin()
    debt.stage.run()
    page = next(name for name in debt.stage.world.things if name.startswith("cs_"))
    debt.stage.world.book(debt.stage.world.pay(page)["id"])
    debt.stage.hear()
    frozen.tick(minutes=11)
    debt.stage.reconcile()
    assert debt.due.owed_cents == 0
    assert only_payment().cents == 2500


def test_stripe_is_down_for_too_long(debt, frozen):
    debt.stage.client.faults = [down] * 600
    debt.begin()
    for _turn in range(48):
        debt.stage.run()
        frozen.tick(hours=1)
        debt.stage.reconcile()
    assert (debt.attempt().state, debt.due.owed_cents) == ("over", 2500)
    debt.stage.client.faults = []
    debt.pay()
    assert debt.due.owed_cents == 0


def test_a_payment_for_what_is_owed_no_longer_goes_back_whole(debt):
    """10.50 arrive after what they were for was given to somebody else: nothing is owed, the fee is the payee's."""
    due, stage = debt.also(1050), debt.stage
    page = debt.open(due)
    begun = stage.world.pay(page)  # and the webhook is on its way
    service.credit("expired", due.charge_id, "Le créneau n’était plus libre.")
    stage.world.book(begun["id"])
    stage.hear()
    end_refund(stage, succeeds=True)
    stage.hear()
    stage.reconcile()
    fee = debt.row().fee_cents
    assert fee == 41
    assert (due.owed_cents, only_payment().returned_cents) == (0, 1050)
    assert debt.books() == {"clearing": -41, "fee": 41, "receivable": 2500, "income": -2500}


def test_paid_twice_in_two_ways_goes_back_once(debt):
    """A transfer is noted while the card is being charged: what the card paid too much goes back."""
    page = debt.open()
    begun = debt.stage.world.pay(page)
    service.record_payment("bank:1", [debt.due.id], 2000, Method.TRANSFER)
    debt.stage.world.book(begun["id"])
    debt.stage.hear()
    end_refund(debt.stage, succeeds=True)
    debt.stage.hear()
    assert debt.due.owed_cents == 0
    assert debt.books() == {"cash": 2000, "clearing": 437, "fee": 63, "income": -2500}


def test_a_page_is_closed_when_what_it_asks_for_changes(debt):
    page = debt.open()
    service.credit("half", debt.due.charge_id, "Erreur", 1000)
    debt.stage.run()
    assert debt.stage.world.things[page]["status"] == "expired"
    assert debt.attempt().state == "over"
    debt.pay()
    assert only_payment().cents == 1500


def test_half_is_credited_and_given_back(debt):
    """5.83 by card, of which half is taken back: 2.92 go back, 2.57 stay with the payee after the fee."""
    service.credit("other", debt.due.charge_id, "Pas celui-ci")
    due, stage = debt.also(583), debt.stage
    stage.world.book(stage.world.pay(debt.open(due))["id"])
    stage.hear()
    assert debt.row().fee_cents == 34
    service.credit("half", due.charge_id, "À moitié", 292)
    paid = only_payment()
    assert paid.free_cents == 292
    stripe.ask_refund("back:1", debt.row().key, paid.free_cents)
    stage.run()
    end_refund(stage, succeeds=True)
    stage.hear()
    assert (due.owed_cents, only_payment().free_cents) == (0, 0)
    assert debt.books() == {"clearing": 257, "fee": 34, "income": -291}


def test_a_refund_that_fails_weeks_later(debt, frozen):
    debt.pay()
    stripe.ask_refund("back:1", debt.row().key, 500)
    debt.stage.run()
    end_refund(debt.stage, succeeds=True)
    debt.stage.hear()
    assert debt.due.owed_cents == 500
    frozen.tick(days=20)
    end_refund(debt.stage, succeeds=False)
    debt.stage.drain()
    debt.stage.reconcile()
    assert (only_payment().free_cents, debt.due.owed_cents) == (500, 500)


@pytest.mark.parametrize("is_won", [True, False])
@pytest.mark.parametrize("given_back", [0, 700])
def test_a_dispute(debt, is_won, given_back):
    """Also one that is larger than what is left, since some was given back by hand before."""
    intent, stage = debt.pay(), debt.stage
    if given_back:
        made = stage.way.refund(stage.account_id, intent, "", "by-hand", given_back)
        stage.world.end_refund(made.id, succeeds=True)
    made = stage.world.dispute(intent)
    stage.world.end_dispute(made["id"], is_won=is_won)
    heard = stage.drain()
    stage.hear(*reversed(heard))
    kept = 2500 - given_back if is_won else -given_back
    assert debt.books()["clearing"] == kept - 63 - 2000
    assert debt.due.owed_cents == (given_back if is_won else 2500)
    assert debt.books().get("disputed_in", 0) == (0 if is_won else given_back)


def test_a_direct_debit_of_which_nobody_told_that_it_had_begun_is_one(debt, frozen):
    page = debt.open()
    debt.stage.world.pay(page, "sepa_debit")
    frozen.tick(minutes=15)
    debt.stage.world.end_debit(page, succeeds=True)
    debt.stage.reconcile()
    assert debt.attempt().state == "paid"
    assert only_payment().method == Method.SEPA


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_direct_debit_takes_days(debt, frozen, succeeds):
    page = debt.open()
    debt.stage.world.pay(page, "sepa_debit")
    debt.stage.hear()
    assert (debt.attempt().state, debt.due.owed_cents) == ("started", 2500)
    with pytest.raises(PaymentUnderWay) as refused:
        debt.begin()
    assert refused.value.facts["state"] == "started"
    frozen.tick(days=4)
    debt.stage.world.end_debit(page, succeeds=succeeds)
    frozen.tick(days=1)
    debt.stage.reconcile()
    assert debt.due.owed_cents == (0 if succeeds else 2500)
    assert sound()
    if succeeds:
        assert only_payment().method == Method.SEPA
    else:
        debt.begin()


@pytest.mark.parametrize("why", ["forged", "wrong_mode"])
def test_webhooks_that_are_not_ours_change_nothing(debt, why):
    stage = debt.stage
    stage.world.book(stage.world.pay(debt.open())["id"])
    events = stage.drain()
    if why == "wrong_mode":
        events = [{**event, "livemode": True} for event in events]
    secret = "whsec_other" if why == "forged" else stage.way.signing_secret
    for event in events:
        with pytest.raises(stripe.BadHint, match=why):
            stripe.receive(*signed(json.loads(json.dumps(event)), secret))
    stage.run()
    assert debt.due.owed_cents == 2500
    assert sound()
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        stage.reconcile()
    assert debt.due.owed_cents == 0
