"""Attempts to pay, whatever goes wrong on the way: the right state here, and each fact told once."""

from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import select

from app.accounts.models import LegalNature
from app.core import clock
from app.infra.db import db
from app.infra.events import _listeners, listens
from app.infra.uow import NetworkInsideTransaction, atomic
from app.payments.stripe import queries, service
from app.payments.stripe.errors import PayeeNotReady, PaymentOver, PublicPayee
from app.payments.stripe.events import (
    StripeFeeTaken,
    StripeNotPaid,
    StripePaid,
    StripePaymentStarted,
    StripeRefunded,
)
from app.payments.stripe.fake.client import _error, down, lost_reply
from app.payments.stripe.models import StripeEvent, StripePayment, StripeRefund
from tests.factories import a_territory, an_organisation

WHOSE = ("due:1:1", "due:1")


def paid(stage, **more):
    at = more.pop("at", clock.now())
    return StripePaid(
        *WHOSE,
        stage.payee_id,
        2500,
        "EUR",
        at,
        is_late=more.pop("is_late", False),
        by_debit=more.pop("by_debit", False),
    )


def fee(stage, cents=63):
    return StripeFeeTaken(*WHOSE, stage.payee_id, cents, "EUR")


def not_paid(stage, reason):
    return StripeNotPaid(*WHOSE, stage.payee_id, reason)


def test_a_card(stage):
    page = stage.open()
    asked = stage.world.things[page]
    assert asked["amount_total"] == 2500
    assert asked["expires_at"] == int((clock.now() + timedelta(hours=1)).timestamp())
    assert stage.world.owners[page] == stage.account_id
    assert asked["metadata"] == {"payment": stage.row().public_id}
    begun = stage.world.pay(page)
    stage.world.book(begun["id"])
    stage.hear()
    assert stage.told == [paid(stage), fee(stage)]
    assert (stage.row().state, stage.row().fee_cents) == ("paid", 63)


def test_the_fee_may_come_after_the_payment(stage):
    begun = stage.world.pay(stage.open())
    stage.hear()
    assert stage.told == [paid(stage)]
    stage.world.book(begun["id"])
    clock_at = clock.now()
    with clock.stopped(clock_at + timedelta(minutes=11)):
        stage.reconcile()
        stage.reconcile()
    assert stage.told == [paid(stage, at=clock_at), fee(stage)]


def test_whoever_comes_back_first_settles_and_the_webhook_changes_nothing(stage):
    page = stage.open()
    stage.world.book(stage.world.pay(page)["id"])
    service.settle(stage.row().id)
    assert stage.told == [paid(stage), fee(stage)]
    stage.hear()
    service.settle(stage.row().id)
    assert stage.told == [paid(stage), fee(stage)]


def test_doubled_reordered_and_early_events(stage):
    page = stage.open()
    stage.world.book(stage.world.pay(page)["id"])
    first, second = stage.drain()
    stage.hear(second, first, first, second)
    stage.hear(first)
    assert stage.told == [paid(stage), fee(stage)]
    assert len(db.session.scalars(select(StripeEvent)).all()) == 3  # and one of the account


def test_an_event_may_come_before_the_answer_that_told_the_name(stage):
    stage.client.faults = [lost_reply]
    stage.begin()
    stage.run()
    assert stage.row().session_id is None
    page = next(name for name in stage.world.things if name.startswith("cs_"))
    stage.world.book(stage.world.pay(page)["id"])
    stage.hear()
    assert stage.row().session_id == page
    assert stage.told == [paid(stage), fee(stage)]


def test_a_lost_answer_is_no_second_page(stage, frozen):
    stage.client.faults = [lost_reply]
    stage.begin()
    stage.run()
    frozen.tick(minutes=1)
    stage.run()
    assert stage.row().state == "open"
    assert [name for name in stage.world.things if name.startswith("cs_")] == [stage.row().session_id]


def test_stripe_is_down_for_too_long(stage, frozen):
    stage.client.faults = [down] * 40
    stage.begin()
    for _turn in range(12):
        stage.run()
        frozen.tick(minutes=11)
        stage.reconcile()
    assert stage.told == [not_paid(stage, "expired")]
    assert stage.row().state == "expired"
    stage.client.faults = []
    assert stage.open(key="due:1:2") == ""
    stage.run()
    assert stage.row("due:1:2").state == "open"


def test_nobody_pays_in_time(stage, frozen):
    page = stage.open()
    frozen.tick(hours=1, seconds=1)
    stage.reconcile()
    assert stage.told == [not_paid(stage, "expired")]
    assert stage.world.things[page]["status"] == "expired"
    stage.hear()
    assert stage.told == [not_paid(stage, "expired")]


def test_what_is_held_for_less_than_half_an_hour_is_closed_first(stage, frozen):
    page = stage.open(held_until=clock.now() + timedelta(minutes=10))
    frozen.tick(minutes=9)
    stage.run()
    assert stage.world.things[page]["status"] == "open"
    frozen.tick(minutes=1)
    stage.run()
    assert stage.world.things[page]["status"] == "expired"
    assert stage.told == [not_paid(stage, "expired")]


def test_who_pays_a_moment_before_it_is_closed_has_paid(stage, frozen):
    page = stage.open(held_until=clock.now() + timedelta(minutes=10))
    frozen.tick(minutes=10)
    stage.world.book(stage.world.pay(page)["id"])
    stage.run()
    assert stage.told == [paid(stage), fee(stage)]


def test_a_late_payment_is_told_as_late_and_may_be_given_back_whole(stage, frozen):
    """The slot is gone: whoever listens gives everything back, in the same transaction."""

    def give_back(event):
        if event.is_late:
            service.ask_refund(f"back:{event.key}", event.key, event.cents)

    listens(StripePaid)(give_back)
    try:
        page = stage.open(held_until=clock.now() + timedelta(minutes=10))
        frozen.tick(minutes=9)
        stage.world.pay(page)  # and neither the webhook nor the job comes through
        frozen.tick(minutes=30)
        stage.hear()
    finally:
        _listeners[StripePaid].remove(give_back)
    given = db.session.scalars(select(StripeRefund)).one()
    stage.world.end_refund(given.refund_id or "", succeeds=True)
    stage.hear()
    assert stage.told == [
        paid(stage, is_late=True),
        StripeRefunded(f"back:{WHOSE[0]}", "due:1", stage.payee_id, 2500, "EUR"),
    ]


@pytest.mark.parametrize("by", ["webhook", "reconciliation"])
@pytest.mark.parametrize("succeeds", [True, False])
def test_a_direct_debit_takes_days(stage, frozen, by, succeeds):
    page = stage.open()
    stage.world.pay(page, "sepa_debit")
    stage.hear()
    started = StripePaymentStarted(*WHOSE, stage.payee_id, 2500, "EUR")
    assert stage.told == [started]
    assert stage.row().state == "processing"
    frozen.tick(days=4)
    stage.reconcile()
    assert stage.told == [started]
    stage.world.end_debit(page, succeeds=succeeds)
    frozen.tick(days=1)
    stage.hear() if by == "webhook" else stage.reconcile()
    ends = (
        [paid(stage, is_late=True, by_debit=True), fee(stage, 35)]
        if succeeds
        else [not_paid(stage, "failed")]
    )
    assert stage.told == [started, *ends]


def test_given_up(stage):
    page = stage.open()
    service.give_up("due:1")
    stage.run()
    assert stage.world.things[page]["status"] == "expired"
    assert stage.told == [not_paid(stage, "expired")]


def test_one_live_page_for_a_due(stage):
    first = stage.begin()
    assert stage.begin(key="due:1:2") == first
    stage.run()
    stage.world.pay(stage.row().session_id or "")
    stage.hear()
    with pytest.raises(PaymentOver):
        stage.begin(key="due:1:3")


def test_the_page_is_open_for_half_an_hour_at_least_and_a_day_at_most(stage):
    for number, held in enumerate((timedelta(minutes=-5), timedelta(days=9))):
        stage.begin(key=f"k{number}", reference=f"r{number}", held_until=clock.now() + held)
    rows = db.session.scalars(select(StripePayment).order_by(StripePayment.id)).all()
    open_for = [row.page_until - clock.now() for row in rows]
    assert open_for == [timedelta(minutes=32), timedelta(hours=23, minutes=58)]
    stage.run()
    assert {stage.row(key).state for key in ("k0", "k1")} <= {"open", "expired"}


def test_who_cannot_be_paid(stage):
    public = an_organisation(a_territory(), legal_nature=LegalNature.PUBLIC)
    other = an_organisation(a_territory())
    with pytest.raises(PublicPayee):
        service.begin_payment(replace(stage.due(), organisation_id=public.id))
    with pytest.raises(PayeeNotReady):
        service.begin_payment(replace(stage.due(), organisation_id=other.id))
    assert db.session.scalars(select(StripePayment)).all() == []


def test_stripe_refuses_to_open_a_page(stage):
    payee = stage.world.things[stage.account_id]
    payee["charges_enabled"] = False  # and we have not heard of it yet
    stage.begin()
    stage.run()
    assert stage.told == [not_paid(stage, "refused")]
    stage.reconcile()
    assert not queries.can_be_paid(stage.payee_id)


@pytest.mark.parametrize("status, state", [(400, "refused"), (409, "asked")])
def test_a_key_that_is_in_use(stage, monkeypatch, status, state):
    """By another worker at this moment (later), or for other words, before an update changed ours (never)."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    stage.client.faults = [lambda *_asked: _error(status, "idempotency_error", "")] * 3
    stage.begin()
    stage.run()
    assert stage.row().state == state


def test_never_on_the_network_inside_a_transaction(stage):
    with pytest.raises(NetworkInsideTransaction), atomic():
        stage.way.account(stage.account_id)
    assert stage.client.requests == []


def test_no_personal_data_goes_out(stage, monkeypatch):
    sent = []
    usual = stage.client.request

    def note(*given, **more):
        sent.append(given)
        return usual(*given, **more)

    monkeypatch.setattr(stage.client, "request", note)
    stage.open()
    assert len(sent) == 1
    assert "email" not in str(sent)
    assert "Glaneurs" not in str(sent)
    assert sent[0][2]["Stripe-Version"] == "2026-10-28.endive" == stripe.api_version
    assert sent[0][2]["Idempotency-Key"] == "payment:due:1:1"
