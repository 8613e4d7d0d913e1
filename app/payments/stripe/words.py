"""Sentences about being paid online: why something is refused and what instead, and where a payment stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.money import EUR
from app.payments.stripe.models import StripePayment
from app.payments.stripe.rules import State
from app.web.format import money
from app.web.words import Facts, worded


@worded("public_payee")
def _public_payee(facts: Facts) -> str:
    return _(
        "%(name)s is a public body: only its public accountant may receive its money, so it cannot be paid through "
        "Stripe. It is paid by transfer to the Treasury, by PayFiP or on its collection orders.",
        name=facts["organisation"],
    )


@worded("payee_not_ready")
def _payee_not_ready(facts: Facts) -> str:
    return _(
        "%(name)s cannot be paid online at the moment. Pay by transfer or by cheque, or ask them.",
        name=facts["organisation"],
    )


@worded("too_little_online")
def _too_little(facts: Facts) -> str:
    return too_little_words(facts["least"], facts["currency"])


def too_little_words(least: int, currency: str = EUR) -> str:
    """Say why so small an amount is not paid on line, and what instead."""
    return _(
        "Less than %(amount)s cannot be paid on line: Stripe refuses it. Pay by transfer, or together with the next "
        "amount that is owed.",
        amount=money(least, currency),
    )


@worded("stripe_silent")
def _stripe_silent(_facts: Facts) -> str:
    return _(
        "Stripe does not answer at the moment. Nothing is lost and nothing is paid twice: try again in a minute."
    )


@worded("payment_over")
def _payment_over(facts: Facts) -> str:
    if facts["state"] == State.PAID:
        return _("This has been paid already: there is nothing left to pay.")
    return _("This payment is over. Go back and begin another one.")


@worded("nothing_paid")
def _nothing_paid(_facts: Facts) -> str:
    return _("Nothing has been paid, so nothing can be given back. Cancel what is due instead.")


@worded("refund_too_high")
def _refund_too_high(facts: Facts) -> str:
    return _(
        "At most %(amount)s can still be given back. Enter that or less.",
        amount=money(facts["most"], facts["currency"]),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """Where a payment stands: the kind of notice, its title and a sentence."""

    kind: str
    title: str
    text: str


def payment_words(payment: StripePayment) -> Told | None:
    """Say what became of a payment; None while it can be paid."""
    name = payment.organisation.name
    match payment.state:
        case State.PAID:
            return Told("good", _("Paid"), _("%(name)s has received your payment. Thank you.", name=name))
        case State.PROCESSING:
            return Told(
                "info",
                _("The direct debit is on its way"),
                _("Your bank takes a few days. You have nothing else to do."),
            )
        case State.EXPIRED:
            return Told(
                "warn",
                _("The time to pay is over"),
                _("Nothing was taken from your account. Go back to begin another payment."),
            )
        case State.FAILED:
            return Told(
                "bad",
                _("The direct debit was refused"),
                _("Your bank did not pay. Go back to begin another payment, or pay by transfer."),
            )
        case State.REFUSED:
            return Told(
                "bad",
                _("Stripe did not accept this payment"),
                _(
                    "Nothing was taken from your account. Pay by transfer or by cheque, or ask %(name)s.",
                    name=name,
                ),
            )
    return None


# What Stripe asks for, by the beginning of its names; of the rest it is enough that something is missing.
_MISSING: Final[Mapping[str, Any]] = {
    "external_account": _l("the bank account that receives the money"),
    "tos_acceptance": _l("the agreement with Stripe’s terms"),
    "business_profile": _l("what the organisation does"),
    "company": _l("facts of the organisation: its number, address, telephone"),
    "representative": _l("who represents the organisation"),
    "owners": _l("who owns the organisation"),
    "directors": _l("who directs the organisation"),
    "individual": _l("facts of the person who receives the money"),
}


def missing_words(names: Sequence[Any]) -> list[str]:
    """Say what Stripe still wants to know, each piece once."""
    pieces = {str(name).split(".", 1)[0] for name in names}
    known = [str(words) for piece, words in _MISSING.items() if piece in pieces]
    return known if pieces <= set(_MISSING) else [*known, _("something else, which Stripe’s page names")]
