"""The objects of Stripe as we need them, with no more fields than they must have: others may be missing there, too."""

from typing import Any

Thing = dict[str, Any]


def account(name: str, now: int, given: Thing) -> Thing:
    """Make the account of a payee, who has told nothing yet."""
    controller = {**given["controller"], "type": "application", "is_controller": True}
    return {
        "id": name, "object": "account", "created": now, "country": given.get("country"), "default_currency": "eur",
        "business_type": given.get("business_type"), "metadata": given.get("metadata", {}), "type": "none",
        "controller": controller, "charges_enabled": False, "payouts_enabled": False, "details_submitted": False,
        "requirements": {
            "currently_due": ["business_profile.url", "company.tax_id", "external_account", "tos_acceptance.date"],
            "disabled_reason": "requirements.past_due",
        },
    }  # fmt: skip


def total(given: Thing) -> int:
    """Add up what is asked for on a page."""
    return sum(line["quantity"] * line["price_data"]["unit_amount"] for line in given["line_items"])


def session(name: str, now: int, given: Thing, url: str) -> Thing:
    """Make a page to pay."""
    cents = total(given)
    return {
        "id": name, "object": "checkout.session", "created": now, "livemode": False, "mode": given["mode"],
        "status": "open", "payment_status": "unpaid", "url": url, "expires_at": given["expires_at"],
        "amount_total": cents, "amount_subtotal": cents, "currency": given["line_items"][0]["price_data"]["currency"],
        "client_reference_id": given.get("client_reference_id"), "metadata": given.get("metadata", {}),
        "locale": given.get("locale"), "success_url": given["success_url"], "cancel_url": given.get("cancel_url"),
        "automatic_tax": {"enabled": False}, "custom_fields": [], "custom_text": {}, "shipping_options": [],
        "payment_method_types": ["card", "sepa_debit"], "ui_mode": "hosted_page", "payment_intent": None,
    }  # fmt: skip


def intent(name: str, now: int, page: Thing, method: str) -> Thing:
    """Make the payment that somebody began on a page."""
    return {
        "id": name, "object": "payment_intent", "created": now, "livemode": False, "amount": page["amount_total"],
        "amount_capturable": 0, "amount_received": 0, "capture_method": "automatic_async", "status": "processing",
        "confirmation_method": "automatic", "currency": page["currency"], "metadata": page["metadata"],
        "payment_method_types": [method], "latest_charge": None,
    }  # fmt: skip


def charge(name: str, now: int, paid: Thing) -> Thing:
    """Make the charge of a payment; `balance_transaction` comes some time after it."""
    return {
        "id": name, "object": "charge", "created": now, "livemode": False, "amount": paid["amount"],
        "amount_captured": paid["amount"], "amount_refunded": 0, "billing_details": {}, "captured": True,
        "currency": paid["currency"], "disputed": False, "metadata": paid["metadata"], "paid": True, "refunded": False,
        "payment_intent": paid["id"], "status": "succeeded", "balance_transaction": None,
        "payment_method_details": {"type": paid["payment_method_types"][0]},
    }  # fmt: skip


def booked(name: str, now: int, kind: str, source: str, cents: int, fee: int, currency: str) -> Thing:
    """Make a line on the balance of a payee."""
    fees = [{"amount": fee, "currency": currency, "type": "stripe_fee"}] if fee else []
    return {
        "id": name, "object": "balance_transaction", "created": now, "available_on": now, "amount": cents,
        "balance_type": "payments", "currency": currency, "fee": fee, "fee_details": fees, "net": cents - fee,
        "reporting_category": kind, "source": source, "status": "available", "type": kind,
    }  # fmt: skip


def refund(name: str, now: int, paid: Thing, given: Thing) -> Thing:
    """Make a refund that has not arrived yet."""
    return {
        "id": name, "object": "refund", "created": now, "amount": given["amount"], "currency": paid["currency"],
        "payment_intent": paid["id"], "charge": paid["latest_charge"], "metadata": given.get("metadata", {}),
        "status": "pending",
    }  # fmt: skip


def dispute(name: str, now: int, paid: Thing, status: str) -> Thing:
    """Make a dispute."""
    return {
        "id": name, "object": "dispute", "created": now, "livemode": False, "amount": paid["amount"],
        "currency": paid["currency"], "charge": paid["latest_charge"], "payment_intent": paid["id"], "metadata": {},
        "reason": "fraudulent", "status": status, "is_charge_refundable": False, "balance_transactions": [],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "enhanced_eligibility": {}, "has_evidence": False, "past_due": False, "submission_count": 0,
            "submission_method": "not_submitted",
        },
    }  # fmt: skip


def payout(name: str, now: int, cents: int) -> Thing:
    """Make a payout on its way."""
    return {
        "id": name, "object": "payout", "created": now, "livemode": False, "amount": cents, "currency": "eur",
        "arrival_date": now + 2 * 86_400, "automatic": True, "method": "standard", "source_type": "card",
        "reconciliation_status": "in_progress", "status": "pending", "type": "bank_account",
    }  # fmt: skip


def event(name: str, now: int, kind: str, account_id: str, about: Thing, version: str) -> Thing:
    """Make an event of an account."""
    return {
        "id": name, "object": "event", "created": now, "livemode": False, "account": account_id, "type": kind,
        "api_version": version, "data": {"object": about}, "pending_webhooks": 1,
    }  # fmt: skip
