"""The double says no where Stripe would: it reads the types that Stripe's library is generated with."""

import json

import pytest
import stripe
from stripe import params
from stripe.params import checkout

from app.core import clock
from app.payments.stripe.fake import objects
from app.payments.stripe.fake.annotations import Mismatch, check_object, read_params
from app.payments.stripe.fake.client import FakeClient, tree
from app.payments.stripe.fake.kinds import KINDS
from app.payments.stripe.fake.world import Memory, Shelf, World

CREATE = checkout.SessionCreateParams
LINE = {"quantity": "1", "price_data": {"currency": "eur", "unit_amount": "100"}}


def test_what_is_on_the_wire_becomes_values():
    sent = tree([("mode", "payment"), ("line_items[0][quantity]", "2"), ("expand[0]", "x"), ("metadata[a]", "b"),
                 ("adaptive_pricing[enabled]", "false")])  # fmt: skip
    assert read_params(CREATE, sent) == {
        "mode": "payment",
        "line_items": [{"quantity": 2}],
        "expand": ["x"],
        "metadata": {"a": "b"},
        "adaptive_pricing": {"enabled": False},
    }


@pytest.mark.parametrize(
    "kind, sent, way",
    [
        (CREATE, {"payment_method_types": {"0": "card"}}, "payment_method_types"),
        (CREATE, {"mode": "gift"}, "mode"),
        (CREATE, {"locale": "klingon"}, "locale"),
        (CREATE, {"stripe_account": "acct_1"}, "stripe_account"),  # a header, no parameter
        (CREATE, {"line_items": {"0": {**LINE, "colour": "red"}}}, "line_items[0].colour"),
        (CREATE, {"line_items": {"0": {"quantity": "two"}}}, ""),
        (CREATE, {"line_items": {"1": LINE}}, "line_items"),
        (CREATE, {"expires_at": "soon"}, ""),
        (CREATE, {"adaptive_pricing": {"enabled": "maybe"}}, "adaptive_pricing.enabled"),
        (params.AccountLinkCreateParams, {"type": "account_onboarding"}, "account"),
        (params.RefundCreateParams, {"amount": "1.5"}, ""),
        (params.RefundListParams, {"created": {"since": "5"}}, "created"),
    ],
)
def test_requests_that_stripe_would_refuse(kind, sent, way):
    with pytest.raises((Mismatch, ValueError)) as refused:
        read_params(kind, sent)
    assert way in str(refused.value)


def a_refund(**more):
    paid = {"id": "pi_1", "currency": "eur", "latest_charge": "ch_1"}
    return objects.refund("re_1", 5, paid, {"amount": 100}) | more


@pytest.mark.parametrize(
    "spoilt, way",
    [
        (a_refund(colour="red"), "colour"),
        (a_refund(amount="100"), "amount"),
        (a_refund(amount=True), "amount"),
        (a_refund(reason="whim"), "reason"),
        (a_refund(charge=5), "charge"),
        (a_refund(charge={"id": "ch_1", "object": "charge"}), "charge.amount"),
        ({name: value for name, value in a_refund().items() if name != "currency"}, "currency"),
        (a_refund(object="charge"), "object"),
    ],
)
def test_answers_that_stripe_would_not_give(spoilt, way):
    check_object(stripe.Refund, a_refund(reason="duplicate", failure_reason=None))
    with pytest.raises(Mismatch) as refused:
        check_object(stripe.Refund, spoilt)
    assert way in str(refused.value)


def test_every_kind_is_checked():
    assert all(kind.__annotations__["object"].__args__ == (name,) for name, kind in KINDS.items())
    with pytest.raises(Mismatch):
        World().add("", {"id": "re_1", "object": "refund"})


def test_an_unknown_address_is_an_error_of_ours(stage):
    client = stripe.StripeClient("sk_test_x", http_client=FakeClient(Memory(), "")).v1
    with pytest.raises(Mismatch):
        client.customers.create()


def test_the_same_key_with_something_else_is_refused(stage):
    stage.open()
    again = {"idempotency_key": "payment:due:1:1", "stripe_account": stage.account_id}
    line = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 1, "product_data": {"name": "x"}}}
    asked = {
        "mode": "payment",
        "line_items": [line],
        "success_url": "http://x",
        "expires_at": clock.epoch() + 3600,
    }
    with pytest.raises(stripe.IdempotencyError):
        stage.way._v1.checkout.sessions.create(asked, again)


def test_what_is_too_little_is_refused(stage):
    line = {
        "quantity": 1,
        "price_data": {"currency": "eur", "unit_amount": 49, "product_data": {"name": "x"}},
    }
    asked = {
        "mode": "payment",
        "line_items": [line],
        "success_url": "http://x",
        "expires_at": clock.epoch() + 3600,
    }
    with pytest.raises(stripe.InvalidRequestError, match="amount_too_small"):
        stage.way._v1.checkout.sessions.create(asked, {"stripe_account": stage.account_id})


def test_one_account_does_not_see_the_things_of_another(stage):
    page = stage.open()
    with pytest.raises(stripe.InvalidRequestError):
        stage.way._v1.checkout.sessions.retrieve(page, None, {"stripe_account": "acct_0"})


def test_lists_come_in_pages(stage):
    made = [stage.world.pay_out(stage.account_id, 100 + number)["id"] for number in range(230)]
    seen = [each.id for each in stage.way.payouts(stage.account_id, clock.now())]
    assert seen == made[::-1]
    assert [path for _method, path in stage.client.requests] == ["/v1/payouts"] * 3


def test_a_world_in_a_file_is_shared_by_processes(tmp_path, frozen):
    with Shelf(tmp_path).open() as world:
        page = world.add("acct_1", objects.payout("po_1", clock.epoch(), 5))
        world.tell("payout.created", page)
    with Shelf(tmp_path).open() as world:
        assert world.get("acct_1", "po_1")["amount"] == 5
        assert [event["type"] for event in world.events] == ["payout.created"]
    assert json.loads((tmp_path / Shelf.FILE).read_text())["drawn"] == 1
