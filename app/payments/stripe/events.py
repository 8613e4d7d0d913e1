"""What Stripe told, once each, in the transaction that writes it down. The ledger listens.

`reference` is what the asking room called its due, `key` the act of that room (one attempt to pay, one refund), or what
Stripe calls an act that began there. `cents` are above zero: the kind of the fact says which way they go. Only a fee
may be below zero, when Stripe gives some of it back.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StripePaymentStarted:
    """A direct debit is on its way: it takes days, and may still fail. What was reserved may be confirmed."""

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class StripePaid:
    """The payee has the money on their balance there; `is_late` after the time that was promised to the payer.

    `by_debit`: by a direct debit, whether or not it was told before that one was on its way.
    """

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str
    at: datetime
    is_late: bool
    by_debit: bool


@dataclass(frozen=True, slots=True)
class StripeNotPaid:
    """An attempt is over and nothing was paid: `reason` is expired, failed (a direct debit) or refused (by Stripe)."""

    key: str
    reference: str
    organisation_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class StripeFeeTaken:
    """Stripe took its fee from the payee's balance; `key` is of the payment or the dispute it is for."""

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class StripeRefunded:
    """The payer is given back from the payee's balance."""

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class StripeRefundFailed:
    """A refund did not arrive. `was_told` when it was told as done before: then the money is back with the payee."""

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str
    was_told: bool


@dataclass(frozen=True, slots=True)
class StripeDisputed:
    """The payer's bank took a payment back, until it is decided who is right."""

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class StripeDisputeClosed:
    """It is decided; when the payee won, the money is back on their balance."""

    key: str
    reference: str
    organisation_id: int
    cents: int
    currency: str
    is_won: bool


@dataclass(frozen=True, slots=True)
class StripePaidOut:
    """What was on the payee's balance has arrived at their bank.

    `ours_cents` is what of it is of payments that were told here: the payee may sell elsewhere with the same account.
    None where Stripe does not say what it is made of.
    """

    key: str
    organisation_id: int
    cents: int
    currency: str
    ours_cents: int | None


@dataclass(frozen=True, slots=True)
class StripePayoutFailed:
    """The bank sent a payout back after it was told as arrived: the money is on the payee's balance again."""

    key: str
    organisation_id: int
    cents: int
    currency: str
