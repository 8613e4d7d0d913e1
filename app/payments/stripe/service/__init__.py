"""The use cases: for other rooms (begin a payment, give it up, give back), for the payee, and for what Stripe tells."""

from app.payments.stripe.service.accounts import begin_account, look_at_account, onboarding_url, open_account
from app.payments.stripe.service.disputes import look_at_dispute
from app.payments.stripe.service.inbox import BadHint, forget_bodies, receive, take
from app.payments.stripe.service.payments import Due, begin_payment, give_up, open_page, settle
from app.payments.stripe.service.payouts import look_at_payout
from app.payments.stripe.service.reconciling import look_over, queue_look_over, reconcile
from app.payments.stripe.service.refunds import (
    ask_refund,
    lock_paid,
    look_at_refund,
    refuse_too_high,
    send_refund,
)

__all__ = [
    "BadHint",
    "Due",
    "ask_refund",
    "begin_account",
    "begin_payment",
    "forget_bodies",
    "give_up",
    "lock_paid",
    "look_at_account",
    "look_at_dispute",
    "look_at_payout",
    "look_at_refund",
    "look_over",
    "onboarding_url",
    "open_account",
    "open_page",
    "queue_look_over",
    "receive",
    "reconcile",
    "refuse_too_high",
    "send_refund",
    "settle",
    "take",
]
