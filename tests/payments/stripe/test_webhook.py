"""The door for webhooks: what it takes, what it refuses, and that it is quick."""

import json
from time import perf_counter

import pytest
from sqlalchemy import select

from app.core import clock
from app.infra.db import db
from app.payments.stripe import service
from app.payments.stripe.fake.playing import signed
from app.payments.stripe.models import StripeEvent
from app.payments.stripe.views.webhook import MOST_BYTES


@pytest.fixture
def event(stage):
    stage.open()
    stage.world.pay(stage.row().session_id)
    (made,) = stage.drain()
    return made


@pytest.fixture
def send(stage, client):
    def post(body, header):
        return client.post("/stripe/webhook", data=body, headers={"Stripe-Signature": header})

    return post


def kept():
    db.session.expire_all()
    rows = db.session.scalars(select(StripeEvent).where(StripeEvent.event_id != "")).all()
    return [row for row in rows if b"checkout.session" in (row.body or b"")]


def test_taken_once_and_looked_at_later(stage, event, send):
    body, header = signed(event, stage.way.signing_secret)
    requests = len(stage.client.requests)
    for _again in range(3):
        answer = send(body, header)
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert len(stage.client.requests) == requests  # nothing is asked while Stripe waits
    assert [row.body for row in kept()] == [body]
    assert stage.told == []
    stage.run()
    assert stage.kinds() == ["StripePaid"]
    assert kept()[0].done_at is not None


def test_answered_in_milliseconds(stage, event, send):
    body, header = signed(event, stage.way.signing_secret)
    send(body, header)
    took = []
    for _turn in range(5):
        start = perf_counter()
        send(body, header)
        took.append(perf_counter() - start)
    assert min(took) < 0.1


def change(event, **more):
    return {**event, **more}


@pytest.mark.parametrize(
    "spoil, reason",
    [
        (lambda event, secret: (signed(event, secret)[0], "t=1,v1=abc"), "forged"),
        (lambda event, secret: (signed(event, secret)[0], ""), "forged"),
        (lambda event, secret: (signed(event, secret)[0], "t=,v1"), "forged"),
        (lambda event, _secret: signed(event, "whsec_somebodyelse000000"), "forged"),
        (lambda event, secret: (signed(event, secret)[0] + b" ", signed(event, secret)[1]), "forged"),
        (lambda _event, secret: (b"\xff\xfe", signed({}, secret)[1]), "forged"),
        (lambda event, secret: signed(event, secret, clock.epoch() - 301), "stale"),
        (lambda event, secret: signed(event, secret, clock.epoch() + 301), "stale"),
        (lambda event, secret: signed(change(event, livemode=True), secret), "wrong_mode"),
        (lambda event, secret: signed(change(event, livemode=None), secret), "wrong_mode"),
        (lambda event, secret: signed(change(event, object="v2.core.event"), secret), "malformed"),
        (lambda event, secret: signed(change(event, id=None), secret), "malformed"),
        (lambda event, secret: signed(change(event, id="evt_' OR 1=1"), secret), "malformed"),
        (lambda _event, secret: signed([1, 2], secret), "malformed"),
        (lambda _event, secret: signed("text", secret), "malformed"),
    ],
)
def test_refused(stage, event, send, spoil, reason):
    answer = send(*spoil(event, stage.way.signing_secret))
    assert (answer.status_code, answer.text) == (400, f"Not taken: {reason}.\n")
    assert kept() == []


def test_what_is_too_long_is_not_read(stage, send):
    body, header = signed({"object": "event", "id": "evt_1", "x": "x" * MOST_BYTES}, stage.way.signing_secret)
    assert send(body, header).status_code == 413


def test_deep_json_is_no_crash(stage, send):
    import stripe

    body = "[" * 100_000 + "]" * 100_000
    header = stripe.WebhookSignature.generate_signature_header(body, stage.way.signing_secret, clock.epoch())
    assert send(body.encode(), header).status_code == 400


@pytest.mark.parametrize(
    "spoil",
    [
        {"account": "acct_9999999999999999"},
        {"account": None},
        {"type": "customer.created", "data": {"object": {"object": "customer", "id": "cus_1"}}},
        {"data": {"object": {"object": "checkout.session", "id": "cs_9"}}},
        {"data": {"object": {"object": "checkout.session", "id": "../../accounts"}}},
        {"data": {"object": {"object": "checkout.session", "id": 5}}},
        {"data": None},
        {"data": {"object": []}},
    ],
)
def test_hints_at_what_is_not_ours_change_nothing(stage, event, spoil):
    stage.hear(change(event, **spoil))
    assert stage.told == []
    db.session.expire_all()
    assert all(row.done_at for row in db.session.scalars(select(StripeEvent)))


def test_a_page_of_somebody_else_on_the_same_account(stage):
    """The payee uses Stripe for other things, too."""
    payment = {"client_reference_id": "elsewhere"}
    page = stage.open()
    stage.world.things[page].update(payment)
    stage.world.things["cs_other"] = json.loads(json.dumps(stage.world.things[page])) | {"id": "cs_other"}
    stage.world.owners["cs_other"] = stage.account_id
    stage.world.pay("cs_other")
    stage.hear()
    assert stage.told == []


def test_raw_bodies_are_kept_90_days(stage, event, frozen):
    stage.hear(event)
    frozen.tick(days=89)
    service.forget_bodies()
    assert len(kept()) == 1
    frozen.tick(days=2)
    service.forget_bodies()
    assert kept() == []
    stage.hear(event)
    assert stage.kinds().count("StripePaid") == 1


def test_there_is_no_door_without_stripe(client):
    assert client.post("/stripe/webhook", data=b"{}").status_code == 404
