"""Which class of Stripe's library describes which kind of object."""

from collections.abc import Mapping
from typing import Final

import stripe
from stripe._stripe_object import StripeObject

KINDS: Final[Mapping[str, type[StripeObject]]] = {
    "account": stripe.Account,
    "account_link": stripe.AccountLink,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
}
