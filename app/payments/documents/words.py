"""Sentences about documents: why one is not issued or not handed over, and what instead; how one stands."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.payments.documents.models import Document
from app.payments.documents.rules import BILLS, Kind
from app.payments.paying_words import STATES
from app.payments.tariffs.tariff import VatRegime
from app.payments.tariffs.words import VAT
from app.web.words import Facts, worded

_FIELDS: Final[Mapping[str, LazyString]] = {
    "vat_regime": _l("its VAT regime"),
    "vat_number": _l("its VAT number"),
    "address": _l("its address"),
    "siret": _l("its SIRET"),
}


@worded("not_billable")
def _not_billable(facts: Facts) -> str:
    if facts["reason"] == "public":
        return _(
            "%(name)s is a public body: its accountant sends orders of collection and receipts. "
            "Here it has statements.",
            name=facts["organisation"],
        )
    if facts["reason"] == "regime":
        return _(
            "“%(label)s” was charged as “%(charged)s”, but you say of yourselves “%(said)s”. Correct the VAT under "
            "“How we are paid”, or the tariff; what was charged wrongly is taken back and charged again.",
            label=facts["label"],
            charged=VAT[VatRegime(facts["charged"])],
            said=VAT[VatRegime(facts["said"])],
        )
    return _lacking(facts)


def _lacking(facts: Facts) -> str:
    fields = ", ".join(str(_FIELDS[name]) for name in facts["fields"])
    if facts["side"] == "buyer":
        return _(
            "A bill to %(name)s needs %(fields)s, and nobody else may enter it: they do so in their accounts, under "
            "“How we are paid”. Ask them here; then prepare the bill again.",
            name=facts["party"],
            fields=fields,
        )
    return _(
        "A bill of %(name)s needs %(fields)s. Enter it in your accounts, under “How we are paid”.",
        name=facts["party"],
        fields=fields,
    )


@worded("billing_address_known")
def _address_known(facts: Facts) -> str:
    return _("%(name)s has entered its address meanwhile. Prepare the bill again.", name=facts["name"])


@worded("billing_address_asked")
def _address_asked(facts: Facts) -> str:
    return _(
        "%(name)s was asked for its address less than a day ago. Ask again tomorrow, or write to them yourself.",
        name=facts["name"],
    )


@worded("bill_unwritable")
def _unwritable(facts: Facts) -> str:
    return _(
        "No file could be made of this bill, so it was not issued and has taken no number. "
        "Tell whoever runs the server: %(why)s",
        why=facts["why"],
    )


@worded("nothing_to_bill")
def _nothing_to_bill(_facts: Facts) -> str:
    return _("Everything that was owed until then is on a document already. There is nothing to prepare.")


@worded("document_not_made")
def _not_made(_facts: Facts) -> str:
    return _("The file of this document is being made. Come back in a minute.")


@worded("document_damaged")
def _damaged(facts: Facts) -> str:
    return _(
        "The file of %(number)s is not the one that was issued: it was lost or changed. Have it made again on its "
        "page, or ask whoever runs the server for their backup.",
        number=facts["number"],
    )


@worded("document_differs")
def _differs(facts: Facts) -> str:
    return _(
        "Made again, %(number)s is not the same to the letter, because the program has changed since. The issued "
        "one is in the backups: ask whoever runs the server.",
        number=facts["number"],
    )


@worded("mandate_missing")
def _mandate_missing(facts: Facts) -> str:
    return _(
        "What was taken back of an invoice needs a credit note, and %(name)s has no billing mandate any more. Accept "
        "it again under “Invoices and statements: settings”.",
        name=facts["organisation"],
    )


STANDINGS: Final[Mapping[str, tuple[str, Any]]] = {
    **STATES,  # of what is on it
    "making": ("pending", _l("being made")),
    "issued": ("approved", _l("issued")),
    "owed": ("pending", _l("to be paid")),
    "undone": ("cancelled", _l("payment undone")),
}


def standing(document: Document, owed: tuple[int, int], *, is_undone: bool = False) -> str:
    """Tell how a document stands: its file is being made, or what is on it is still owed, paid, or taken back.

    Of a receipt, whether its payment was undone.
    """
    owed_cents, paid_cents = owed
    if is_undone:
        return "undone"
    if not document.digest:
        return "making"
    if document.kind not in (Kind.INVOICE, Kind.STATEMENT) or document.cents <= 0:
        return "issued"
    if owed_cents:
        return "part" if paid_cents else "owed"
    return "paid" if paid_cents else "credited"


def has_xml(document: Document) -> bool:
    """Tell whether software can read a document."""
    return document.kind in BILLS
