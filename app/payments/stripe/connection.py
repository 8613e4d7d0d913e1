"""Whether there is a way to Stripe, what comes back by it as plain facts, and the two ways in which it fails.

Nothing here loads Stripe's library: an installation without Stripe never does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app

from app.core.errors import NotFound

if TYPE_CHECKING:
    from app.payments.stripe.gateway import Gateway


class Unreachable(Exception):
    """No answer, or none that says anything: try again later with the same key."""


class Refused(Exception):
    """Stripe understood, and said no; `code` is its word for it. The same again would get the same answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """What an organisation's account there says now; `missing` names what Stripe still wants to know."""

    id: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    missing: tuple[str, ...]
    disabled_reason: str


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """What a page to pay says now. `ours` is the public id of our row.

    How it was paid is known with the payment, the fee some time after it.
    """

    id: str
    ours: str
    status: str
    payment_status: str
    intent_status: str
    cents: int
    url: str | None
    intent_id: str | None
    fee_cents: int | None
    by_debit: bool


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """What a refund says now; `ours` is empty when it was made by hand in the payee's dashboard."""

    id: str
    ours: str
    status: str
    cents: int
    intent_id: str
    failure: str


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """What a dispute says now, and what it cost the payee so far."""

    id: str
    status: str
    cents: int
    intent_id: str
    fee_cents: int


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """What a payout to the payee's bank says now, and whether Stripe can tell what it is made of."""

    id: str
    status: str
    cents: int
    currency: str
    is_itemised: bool


@dataclass(frozen=True, slots=True)
class BookedSeen:
    """What one thing on the payee's balance came to, less its fee; `intent_id` is the payment it is about, or empty."""

    intent_id: str
    net_cents: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page to pay, as it is asked for. All of it is fixed, because a repeated call must say the same."""

    ours: str
    key: str
    account_id: str
    cents: int
    currency: str
    label: str
    locale: str
    until: datetime


def find() -> "Gateway | None":
    """Give the way to Stripe, or None on an installation without it."""
    found: Gateway | None = current_app.extensions.get("mutualim.stripe")
    return found


def get() -> "Gateway":
    """Give the way to Stripe; raise NotFound where nothing of it is shown."""
    found = find()
    if found is None:
        raise NotFound(page="stripe")
    return found
