"""The way to Stripe and back: the only module that knows its library. What comes back are plain facts.

Never inside a transaction of the database. A call that may have been carried out although its answer was lost is sent
again with the same key, and gives the same thing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import stripe

from app.infra.uow import leave_transaction
from app.payments.stripe.connection import (
    AccountSeen,
    BookedSeen,
    DisputeSeen,
    Page,
    PayoutSeen,
    RefundSeen,
    Refused,
    SessionSeen,
    Unreachable,
)

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, ANSWER_SECONDS, RETRIES = 3, 10, 2
_DEEP = ["payment_intent.latest_charge.balance_transaction"]
_KINDS = {"nonprofit": "non_profit", "company": "company", "individual_farm": "individual"}

T = TypeVar("T")


class Gateway:
    """A connection to the platform's own account there, which acts for the accounts of the payees."""

    def __init__(
        self, key: str, signing_secret: str, base_url: str, *, http: stripe.HTTPClient | None = None
    ) -> None:
        self.signing_secret = signing_secret
        self.livemode = key[3:].startswith("live_")
        self.base_url = base_url
        self.is_simulated = http is not None
        self._v1 = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            max_network_retries=RETRIES,
            http_client=http or stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
        ).v1

    # -- accounts of payees -----------------------------------------------------------------------------------

    def create_account(self, ours: str, nature: str, country: str) -> AccountSeen:
        """Make the account of a payee, who answers for it alone: for fees, losses and all that Stripe asks."""
        params: Any = {
            "country": country,
            "controller": {
                "fees": {"payer": "account"},
                "losses": {"payments": "stripe"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "full"},
            },
            "business_type": _KINDS[nature],
            "metadata": {"account": ours},
        }
        return _account(
            _ask(lambda: self._v1.accounts.create(params, {"idempotency_key": f"account:{ours}"}))
        )

    def onboarding_url(self, account_id: str, refresh_url: str, return_url: str) -> str:
        """Give the page on which the payee tells Stripe who they are: it may be opened once, for some minutes."""
        params: Any = {
            "account": account_id,
            "type": "account_onboarding",
            "refresh_url": refresh_url,
            "return_url": return_url,
        }
        return str(_ask(lambda: self._v1.account_links.create(params))["url"])

    def account(self, account_id: str) -> AccountSeen:
        """Read an account."""
        return _account(_ask(lambda: self._v1.accounts.retrieve(account_id)))

    # -- pages to pay -----------------------------------------------------------------------------------------

    def open_page(self, page: Page) -> SessionSeen:
        """Open a page to pay. Which methods it offers is for Stripe and the payee's dashboard to say."""
        ours = f"{self.base_url}/paiements/{page.ours}"
        product = {
            "currency": page.currency.lower(),
            "unit_amount": page.cents,
            "product_data": {"name": page.label},
        }
        params: Any = {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": product}],
            "client_reference_id": page.ours,
            "metadata": {"payment": page.ours},
            "payment_intent_data": {"metadata": {"payment": page.ours}},
            "adaptive_pricing": {"enabled": False},  # what is owed is owed in its own currency
            "expires_at": int(page.until.timestamp()),
            "locale": page.locale,
            "success_url": f"{ours}/retour",
            "cancel_url": ours,
            "expand": _DEEP,
        }
        options: Any = {"idempotency_key": f"payment:{page.key}", "stripe_account": page.account_id}
        return _session(_ask(lambda: self._v1.checkout.sessions.create(params, options)))

    def session(self, account_id: str, session_id: str) -> SessionSeen:
        """Read a page to pay, with its payment and fee."""
        sessions = self._v1.checkout.sessions
        return _session(
            _ask(lambda: sessions.retrieve(session_id, {"expand": _DEEP}, {"stripe_account": account_id}))
        )

    def close_page(self, account_id: str, session_id: str) -> SessionSeen:
        """Close a page, so that nobody can pay any more; where that is too late, read what became of it."""
        sessions = self._v1.checkout.sessions
        try:
            return _session(
                _ask(lambda: sessions.expire(session_id, {"expand": _DEEP}, {"stripe_account": account_id}))
            )
        except Refused:
            return self.session(account_id, session_id)

    # -- refunds, disputes, payouts ---------------------------------------------------------------------------

    def refund(self, account_id: str, intent_id: str, ours: str, key: str, cents: int) -> RefundSeen:
        """Give something back. One that went through before is found, however long ago its key was forgotten."""
        given = self._v1.refunds.list
        of_payment: Any = {"payment_intent": intent_id, "limit": 100}
        for seen in _each(lambda: given(of_payment, {"stripe_account": account_id}), _refund):
            if seen.ours == ours:
                return seen
        params: Any = {"payment_intent": intent_id, "amount": cents, "metadata": {"refund": ours}}
        options: Any = {"idempotency_key": f"refund:{key}", "stripe_account": account_id}
        return _refund(_ask(lambda: self._v1.refunds.create(params, options)))

    def read_refund(self, account_id: str, refund_id: str) -> RefundSeen:
        """Read a refund."""
        return _refund(
            _ask(lambda: self._v1.refunds.retrieve(refund_id, None, {"stripe_account": account_id}))
        )

    def read_dispute(self, account_id: str, dispute_id: str) -> DisputeSeen:
        """Read a dispute."""
        return _dispute(
            _ask(lambda: self._v1.disputes.retrieve(dispute_id, None, {"stripe_account": account_id}))
        )

    def read_payout(self, account_id: str, payout_id: str) -> PayoutSeen:
        """Read a payout."""
        return _payout(
            _ask(lambda: self._v1.payouts.retrieve(payout_id, None, {"stripe_account": account_id}))
        )

    def booked(self, account_id: str, payout_id: str) -> Iterator[BookedSeen]:
        """List what a payout is made of."""
        of_payout: Any = {"payout": payout_id, "expand": ["data.source"], "limit": 100}
        listed = self._v1.balance_transactions.list
        return _each(lambda: listed(of_payout, {"stripe_account": account_id}), _booked)

    def refunds(self, account_id: str, since: datetime) -> Iterator[RefundSeen]:
        """List the refunds of an account made since then, also those made by hand."""
        return _each(lambda: self._v1.refunds.list(_since(since), {"stripe_account": account_id}), _refund)

    def disputes(self, account_id: str, since: datetime) -> Iterator[DisputeSeen]:
        """List the disputes of an account begun since then."""
        return _each(lambda: self._v1.disputes.list(_since(since), {"stripe_account": account_id}), _dispute)

    def payouts(self, account_id: str, since: datetime) -> Iterator[PayoutSeen]:
        """List the payouts of an account begun since then."""
        return _each(lambda: self._v1.payouts.list(_since(since), {"stripe_account": account_id}), _payout)

    def verify(self, body: bytes, header: str) -> int:
        """Give when a webhook body was signed (epoch); raise Refused when not by whoever has our secret."""
        try:
            stripe.WebhookSignature.verify_header(body, header, self.signing_secret, None)
            return int(next(part for part in header.split(",") if part.startswith("t="))[2:])
        except (stripe.SignatureVerificationError, ValueError, StopIteration) as error:
            raise Refused("signature") from error


# -- reading answers ------------------------------------------------------------------------------------------


def _ask(call: Callable[[], Any]) -> dict[str, Any]:
    """Send a request outside any transaction; give the answer as plain data (its objects are no dictionaries)."""
    leave_transaction()
    with _translated():
        answer: dict[str, Any] = call().to_dict()
    return answer


def _each(call: Callable[[], Any], read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    """Send a request for a list, and for its further pages as they are read."""
    leave_transaction()
    with _translated():
        found = [each.to_dict() for each in call().auto_paging_iter()]
    return (read(each) for each in found)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into the two that matter: later, or never."""
    try:
        yield
    except (stripe.InvalidRequestError, stripe.PermissionError, stripe.CardError) as error:
        raise Refused(str(error.code or "refused")) from error
    except stripe.IdempotencyError as error:
        if error.http_status == 400:  # the key was used for something else: an update changed what we say
            raise Refused("idempotency") from error
        raise Unreachable("the first call with this key is still under way") from error
    except stripe.StripeError as error:
        raise Unreachable(type(error).__name__) from error


def _since(since: datetime) -> Any:
    return {"created": {"gte": int(since.timestamp())}, "limit": 100}


def _id(value: Any) -> str | None:
    """Give the id of what is there as an id or as the whole thing."""
    return value["id"] if isinstance(value, dict) else value


def _account(seen: dict[str, Any]) -> AccountSeen:
    wanted = seen.get("requirements") or {}
    return AccountSeen(
        id=seen["id"],
        charges_enabled=bool(seen.get("charges_enabled")),
        payouts_enabled=bool(seen.get("payouts_enabled")),
        details_submitted=bool(seen.get("details_submitted")),
        missing=tuple(wanted.get("currently_due") or ()),
        disabled_reason=str(wanted.get("disabled_reason") or "")[:80],
    )


def _session(seen: dict[str, Any]) -> SessionSeen:
    intent = seen.get("payment_intent")
    intent = intent if isinstance(intent, dict) else {"id": intent}
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    booked, way = charge.get("balance_transaction"), charge.get("payment_method_details") or {}
    return SessionSeen(
        id=seen["id"],
        ours=str(seen.get("client_reference_id") or ""),
        status=str(seen.get("status") or ""),
        payment_status=str(seen.get("payment_status") or ""),
        intent_status=str(intent.get("status") or ""),
        cents=int(seen.get("amount_total") or 0),
        url=seen.get("url"),
        intent_id=intent["id"],
        fee_cents=int(booked["fee"]) if isinstance(booked, dict) else None,
        by_debit=str(way.get("type", "")).endswith("_debit"),
    )


def _refund(seen: dict[str, Any]) -> RefundSeen:
    return RefundSeen(
        id=seen["id"],
        ours=str((seen.get("metadata") or {}).get("refund", "")),
        status=str(seen.get("status") or "pending"),
        cents=int(seen["amount"]),
        intent_id=_id(seen.get("payment_intent")) or "",
        failure=str(seen.get("failure_reason") or "")[:80],
    )


def _dispute(seen: dict[str, Any]) -> DisputeSeen:
    fees = sum(int(line["fee"]) for line in seen["balance_transactions"])
    return DisputeSeen(
        seen["id"], str(seen["status"]), int(seen["amount"]), _id(seen.get("payment_intent")) or "", fees
    )


def _payout(seen: dict[str, Any]) -> PayoutSeen:
    status, made_of = str(seen["status"]), seen.get("reconciliation_status")
    if status == "paid" and made_of == "in_progress":  # it says some hours later what it is made of
        status = "in_transit"
    return PayoutSeen(
        seen["id"], status, int(seen["amount"]), str(seen["currency"]).upper(), made_of == "completed"
    )


def _booked(seen: dict[str, Any]) -> BookedSeen:
    source = seen.get("source")
    about = source.get("payment_intent") if isinstance(source, dict) else None
    return BookedSeen(_id(about) or "", int(seen["net"]))
