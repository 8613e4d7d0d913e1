"""What goes back to payers, what their banks take back, and what reaches the payee's bank."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.infra.db import db
from app.payments.stripe import service
from app.payments.stripe.errors import NothingPaid, RefundTooHigh
from app.payments.stripe.events import (
    StripeDisputeClosed,
    StripeDisputed,
    StripeFeeTaken,
    StripePaidOut,
    StripePayoutFailed,
    StripeRefunded,
    StripeRefundFailed,
)
from app.payments.stripe.fake.client import down, lost_reply
from app.payments.stripe.models import StripeDispute, StripePayout, StripeRefund


@pytest.fixture
def intent(stage) -> str:
    """A payment of 25.00 that was paid and told."""
    begun = stage.world.pay(stage.open())
    stage.world.book(begun["id"])
    stage.hear()
    stage.told.clear()
    return str(begun["id"])


def refund(stage, cents, key="back:1"):
    return StripeRefunded(key, "due:1", stage.payee_id, cents, "EUR")


def refund_failed(stage, cents, *, was_told, key="back:1"):
    return StripeRefundFailed(key, "due:1", stage.payee_id, cents, "EUR", was_told)


def only(kind):
    db.session.expire_all()
    return db.session.scalars(select(kind)).one()


def test_a_part_is_given_back_once(stage, intent):
    for _again in range(2):
        service.ask_refund("back:1", "due:1:1", 1000)
        stage.run()
    assert (only(StripeRefund).state, stage.told) == ("pending", [])
    stage.world.end_refund(only(StripeRefund).refund_id, succeeds=True)
    stage.hear()
    stage.reconcile()
    assert stage.told == [refund(stage, 1000)]


def test_never_more_than_is_there(stage, intent):
    service.ask_refund("back:1", "due:1:1", 1000)
    with pytest.raises(RefundTooHigh) as refused:
        service.ask_refund("back:2", "due:1:1", 1501)
    assert refused.value.facts["most"] == 1500
    service.ask_refund("back:2", "due:1:1", 1500)
    stage.run()
    with pytest.raises(RefundTooHigh):
        service.ask_refund("back:3", "due:1:1", 1)
    charge = next(thing for thing in stage.world.things.values() if thing["object"] == "charge")
    assert (charge["amount_refunded"], charge["refunded"]) == (2500, True)


def test_what_was_not_paid_is_not_given_back(stage):
    stage.open()
    with pytest.raises(NothingPaid):
        service.ask_refund("back:1", "due:1:1", 100)


@pytest.mark.parametrize("days", [0, 40])
def test_a_lost_answer_is_no_second_refund_even_when_its_key_is_forgotten(stage, intent, frozen, days):
    stage.client.faults = [None, lost_reply]  # the list of what was given back before, then the refund
    service.ask_refund("back:1", "due:1:1", 1000)
    stage.run()
    assert only(StripeRefund).state == "asked"
    frozen.tick(days=days, minutes=15)
    if days:
        stage.world.answered.clear()
    stage.reconcile()
    assert only(StripeRefund).state == "pending"
    made = [thing for thing in stage.world.things.values() if thing["object"] == "refund"]
    assert [each["id"] for each in made] == [only(StripeRefund).refund_id]


def test_a_refund_may_fail_weeks_after_it_was_done(stage, intent, frozen):
    service.ask_refund("back:1", "due:1:1", 2500)
    stage.run()
    stage.world.end_refund(only(StripeRefund).refund_id, succeeds=True)
    stage.hear()
    frozen.tick(days=20)
    stage.world.end_refund(only(StripeRefund).refund_id, succeeds=False)
    stage.drain()  # the webhook is lost
    stage.reconcile()
    assert stage.told == [refund(stage, 2500), refund_failed(stage, 2500, was_told=True)]
    assert only(StripeRefund).failure == "lost_or_stolen_card"
    service.ask_refund("back:2", "due:1:1", 2500)  # so it can be given back in another way


def test_a_refund_that_never_left(stage, intent):
    service.ask_refund("back:1", "due:1:1", 2500)
    stage.run()
    stage.world.end_refund(only(StripeRefund).refund_id, succeeds=False)
    stage.hear()
    assert stage.told == [refund_failed(stage, 2500, was_told=False)]


def test_stripe_refuses_a_refund(stage, intent):
    charge = next(thing for thing in stage.world.things.values() if thing["object"] == "charge")
    charge["amount_refunded"] = 2500  # by hand, in the payee's dashboard, a second ago
    service.ask_refund("back:1", "due:1:1", 100)
    stage.run()
    assert stage.told == [refund_failed(stage, 100, was_told=False)]
    assert only(StripeRefund).state == "refused"


@pytest.mark.parametrize("by", ["webhook", "reconciliation"])
def test_a_refund_made_by_hand_in_the_payees_dashboard(stage, intent, by):
    made = stage.way.refund(stage.account_id, intent, "", "by-hand", 700)
    stage.world.end_refund(made.id, succeeds=True)
    stage.hear() if by == "webhook" else (stage.drain(), stage.reconcile())
    assert stage.told == [refund(stage, 700, f"stripe:{made.id}")]
    with pytest.raises(RefundTooHigh):
        service.ask_refund("back:1", "due:1:1", 1801)


@pytest.mark.parametrize("by", ["webhook", "reconciliation"])
@pytest.mark.parametrize("is_won", [True, False])
def test_a_dispute(stage, intent, frozen, by, is_won):
    def come_through():
        frozen.tick(hours=3)
        stage.hear() if by == "webhook" else (stage.drain(), stage.reconcile())

    made = stage.world.dispute(intent)
    come_through()
    whose = made["id"], "due:1", stage.payee_id
    begun = [StripeDisputed(*whose, 2500, "EUR"), StripeFeeTaken(*whose, 2000, "EUR")]
    assert stage.told == begun
    with pytest.raises(RefundTooHigh):
        service.ask_refund("back:1", "due:1:1", 1)
    stage.world.end_dispute(made["id"], is_won=is_won)
    come_through()
    assert stage.told == [*begun, StripeDisputeClosed(*whose, 2500, "EUR", is_won)]
    assert only(StripeDispute).state == ("won" if is_won else "lost")


def test_a_dispute_that_was_decided_before_we_heard_of_it(stage, intent):
    made = stage.world.dispute(intent)
    stage.world.end_dispute(made["id"], is_won=False)
    first, second = stage.drain()
    stage.hear(second, first)
    assert stage.kinds() == ["StripeDisputed", "StripeDisputeClosed", "StripeFeeTaken"]


def test_an_enquiry_takes_no_money(stage, intent):
    made = stage.world.dispute(intent, "warning_needs_response")
    stage.hear()
    made["status"] = "warning_closed"
    stage.reconcile()
    assert stage.told == []
    assert only(StripeDispute).state == "expired"


def test_a_payout_that_arrives_and_is_sent_back(stage, intent, frozen):
    made = stage.world.pay_out(stage.account_id, 2437)
    stage.hear()
    assert stage.told == []
    stage.world.end_payout(made["id"], succeeds=True)
    stage.hear()
    arrived = StripePaidOut(made["id"], stage.payee_id, 2437, "EUR", 2437)
    assert stage.told == [arrived]
    frozen.tick(days=2)
    stage.world.end_payout(made["id"], succeeds=False)
    stage.drain()
    stage.reconcile()
    assert stage.told == [arrived, StripePayoutFailed(made["id"], stage.payee_id, 2437, "EUR")]
    assert only(StripePayout).state == "failed"


def test_a_payout_tells_what_of_it_is_ours(stage, intent):
    service.ask_refund("back:1", "due:1:1", 1000)
    stage.world.sell(stage.account_id, 50_000)
    stage.run()
    made = stage.world.pay_out(stage.account_id, 51_437)
    stage.world.end_payout(made["id"], succeeds=True)
    made["reconciliation_status"] = "in_progress"
    stage.hear()
    assert stage.told == []  # it does not say yet what it is made of
    made["reconciliation_status"] = "completed"
    stage.reconcile()
    arrived = StripePaidOut(made["id"], stage.payee_id, 51_437, "EUR", 1437)
    assert stage.told == [arrived]
    stage.world.end_payout(
        made["id"], succeeds=False
    )  # nobody owed what was paid: the books end as they began
    stage.hear()
    assert stage.told == [arrived, StripePayoutFailed(made["id"], stage.payee_id, 51_437, "EUR")]


def test_a_payout_by_hand_does_not_say_what_it_is_made_of(stage, intent):
    made = stage.world.pay_out(stage.account_id, 2000, is_automatic=False)
    stage.world.end_payout(made["id"], succeeds=True)
    stage.hear()
    assert stage.told == [StripePaidOut(made["id"], stage.payee_id, 2000, "EUR", None)]


def test_stripe_is_down_and_comes_back(stage, intent, frozen):
    stage.client.faults = [down] * 3
    service.ask_refund("back:1", "due:1:1", 2500)
    stage.run()
    assert only(StripeRefund).state == "asked"
    frozen.tick(hours=1)
    stage.client.faults = []
    stage.reconcile()
    assert only(StripeRefund).state == "pending"
    assert clock.now() >= only(StripeRefund).checked_at
