"""A document in words, as it is set in type: always in French, because that is the language of its law.

What is kept of a document are facts; the same facts give the same words, and so the same file.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.money import MILLI, WHOLE_BP
from app.infra import typeset
from app.payments.bank.epc import epc_code
from app.payments.bank.numbers import grouped
from app.payments.documents import factur_x
from app.payments.documents.bill import Bill, Line, Party
from app.payments.documents.rules import BILLS, Kind
from app.payments.documents.xmp import tell_factur_x
from app.payments.paying_words import method_words
from app.payments.tariffs.tariff import Meter, VatRegime
from app.payments.tariffs.told import Why
from app.payments.tariffs.words import METERS, VAT, not_used_words, percent, quantity, tier_words, unit_price
from app.web.format import money, number
from app.web.i18n import speaking

TEMPLATE: Final = "payments/print/document.typ"
LANGUAGE: Final = "fr"
KINDS: Final[Mapping[Kind, LazyString]] = {
    Kind.INVOICE: _l("Invoice"),
    Kind.CREDIT_NOTE: _l("Credit note"),
    Kind.RECEIPT: _l("Receipt"),
    Kind.STATEMENT: _l("Statement of costs"),
}


def pdf(bill: Bill) -> bytes:
    """Set a document in type; a bill has its XML inside."""
    made_at = datetime.combine(bill.issued_on, time(12), UTC)
    with speaking(LANGUAGE):
        made = typeset.pdf(TEMPLATE, page_facts(bill), made_at)
    return tell_factur_x(made) if bill.kind in BILLS else made


def _day(on: date) -> str:
    return on.strftime("%d/%m/%Y")


def xml(bill: Bill) -> bytes:
    """Write a bill for software."""
    return factur_x.xml(bill, said(bill))


def check(bill: Bill) -> None:
    """Raise Unwritable where no file can be made of a bill, before it has its number."""
    if bill.kind in BILLS:
        with speaking(LANGUAGE):
            xml(replace(bill, number=bill.number or "-"))


def said(bill: Bill) -> factur_x.Said:
    """Say what the law wants said on a bill."""
    return factur_x.Said(
        lines=[(named(line), detail(line, bill.currency, bill.buyer.name)) for line in bill.lines],
        vat={regime: str(words) for regime, words in VAT.items()},
        terms=_terms(bill),
        recovery=_("Fixed compensation for recovery costs, due by who pays late: 40 €."),
        late=_(
            "Late payment: penalties at three times the French legal interest rate, due without any reminder."
        ),
        early=_("No discount for early payment."),
        others=[*_mandate(bill), *_reason(bill)],
    )


def _terms(bill: Bill) -> str:
    if bill.kind == Kind.CREDIT_NOTE:
        return _("Deducted from what is owed, or given back.")
    if not bill.payable_cents:
        return _("Paid.")
    return _("To be paid by %(day)s, within 30 days.", day=_day(bill.due_on))


def _mandate(bill: Bill) -> list[str]:
    if not bill.mandated:
        return []
    return [
        _(
            "Issued by Mutualim in the name and on behalf of %(name)s (billing mandate).",
            name=bill.seller.name,
        )
    ]


def _reason(bill: Bill) -> list[str]:
    return [_("Reason: %(reason)s", reason=bill.reason)] if bill.reason else []


def named(line: Line) -> str:
    """Name a line: as its tariff does, else by what was used, else by what was counted. It is never empty."""
    return line.label or line.about or str(METERS[Meter(line.meter)]).capitalize()


def detail(line: Line, currency: str, payer: str) -> str:
    """Say how a line came about: what was used, how much of it at which price, which part of it is borne, and why."""
    meter = Meter(line.meter)
    counted = f"{quantity(meter, line.quantity_milli)} × {unit_price(meter, line.unit_cents)}"
    pieces = [] if line.about == named(line) else [line.about]
    pieces.append(not_used_words(line.why))
    if line.why == Why.CANCELLED_LATE:
        pieces.append(_("%(part)s %% of the price", part=number(line.quantity_milli * 100 / MILLI)))
    if meter != Meter.FLAT:
        pieces.append(counted)
    if line.tier:
        pieces.append(tier_words(meter, *line.tier))
    if line.coefficient_bp != WHOLE_BP:
        pieces.append(_("%(part)s %% of the price", part=percent(line.coefficient_bp)))
    if line.is_shared:
        part = money(line.cents + line.lowered_cents, currency)
        whole = money(line.whole_cents, currency)
        pieces.append(_("part of %(name)s: %(part)s of %(whole)s", name=payer, part=part, whole=whole))
    pieces += _changes(line, currency)
    if line.reference:
        pieces.append(_("reference %(reference)s", reference=line.reference))
    return " · ".join(each for each in pieces if each)


def _changes(line: Line, currency: str) -> list[str]:
    """Say why a line is not what was charged first: taken back, lowered, charged anew."""
    found, reason = [], " ; ".join(line.reasons)
    if line.is_taken_back and reason:
        found.append(_("taken back: %(reason)s", reason=reason))
    if line.lowered_cents:
        amount = money(line.lowered_cents, currency)
        found.append(_("%(amount)s taken off: %(reason)s", amount=amount, reason=reason))
    if line.corrects:
        found.append(_("corrected: %(reason)s", reason=line.corrects))
    return found


def page_facts(bill: Bill) -> dict[str, Any]:
    """Give what the template shows, in words."""
    kind, has_vat = str(KINDS[bill.kind]), bool(bill.vat_cents)
    return {
        "title": f"{kind} {bill.number}",
        "lang": LANGUAGE,
        "foot": " · ".join(each for each in (bill.seller.name, *_numbers(bill.seller), bill.number) if each),
        "kind": kind,
        "number": _("No. %(number)s", number=bill.number),
        "banner": _banner(bill),
        "seller": _party(bill.seller, _("Issued by") if bill.kind != Kind.STATEMENT else _("Owed to")),
        "buyer": _party(bill.buyer, _("To")),
        "about": _about(bill),
        "lead": _lead(bill),
        "columns": _columns(has_vat=has_vat),
        "rows": [_row(bill, place, has_vat=has_vat) for place in range(len(bill.lines))],
        "sums": _sums(bill, has_vat=has_vat),
        "vat_columns": [_("VAT"), _("Without VAT"), _("VAT amount")],
        "vat": _vat(bill),
        "payment": _payment(bill),
        "notes": _notes(bill),
        "xml": _attached(bill),
    }


def _attached(bill: Bill) -> dict[str, str] | None:
    if bill.kind not in BILLS:
        return None
    return {"name": factur_x.FILE, "content": xml(bill).decode(), "description": "Factur-X"}


def _banner(bill: Bill) -> str:
    if bill.kind == Kind.STATEMENT:
        return _("This statement is not an invoice: it tells what is owed.")
    return ""


def _party(party: Party, label: str) -> dict[str, Any]:
    address = [each.strip() for each in party.address.splitlines() if each.strip()]
    mail = [party.email] if party.email else []
    return {"label": label, "name": party.name, "lines": [*address, *_numbers(party), *mail]}


def _numbers(party: Party) -> list[str]:
    found = [_("SIRET %(number)s", number=_spaced(party.siret))] if party.siret else []
    return [*found, _("VAT number %(number)s", number=party.vat_number)] if party.vat_number else found


def _spaced(siret: str) -> str:
    return "\u00a0".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))


def _about(bill: Bill) -> list[tuple[str, str]]:
    found = [(_("Date of issue"), _day(bill.issued_on))]
    if bill.kind == Kind.RECEIPT:
        return [*found, (_("Paid on"), _day(bill.starts_on)), (_("How"), method_words(bill.method))]
    found.append((_("Date of service"), _period(bill)))
    if bill.kind == Kind.INVOICE:
        found.append((_("To be paid by"), _day(bill.due_on) if bill.payable_cents else _("Paid already")))
    if bill.amends_on:
        amended = _("%(number)s of %(day)s", number=bill.amends, day=_day(bill.amends_on))
        found.append((_("Corrects the invoice"), amended))
    return found


def _period(bill: Bill) -> str:
    if bill.starts_on == bill.ends_on:
        return _day(bill.starts_on)
    return _("from %(first)s to %(last)s", first=_day(bill.starts_on), last=_day(bill.ends_on))


def _lead(bill: Bill) -> str:
    if bill.kind == Kind.RECEIPT:
        return _received(bill)
    if bill.favour_cents:
        return in_favour(bill)
    return " ".join(_reason(bill)) if bill.kind == Kind.CREDIT_NOTE else ""


def _received(bill: Bill) -> str:
    came = _(
        "%(seller)s has received %(amount)s from %(buyer)s.",
        seller=bill.seller.name,
        amount=money(bill.cents, bill.currency),
        buyer=bill.buyer.name,
    )
    what = _("It is for: %(what)s.", what=bill.reason) if bill.reason else ""
    return f"{came} {what}".rstrip()


def in_favour(bill: Bill) -> str:
    """Say plainly that nothing is to be paid, where more was taken back than is owed."""
    return _(
        "Nothing is to be paid: %(amount)s are in favour of “%(name)s”, and are deducted from what comes, "
        "or given back.",
        amount=money(bill.favour_cents, bill.currency),
        name=bill.buyer.name,
    )


def _columns(*, has_vat: bool) -> list[str]:
    first = [_("Date"), _("Item")]
    return [*first, _("VAT rate"), _("Without VAT"), _("With VAT")] if has_vat else [*first, _("Amount")]


def _row(bill: Bill, place: int, *, has_vat: bool) -> dict[str, Any]:
    line = bill.lines[place]
    amounts = [money(line.cents, bill.currency)]
    if has_vat:
        amounts = [_rate(line.vat_bp), money(bill.nets[place], bill.currency), *amounts]
    return {
        "day": _day(line.on),
        "name": named(line),
        "detail": detail(line, bill.currency, bill.buyer.name),
        "amounts": amounts,
    }


def _rate(bp: int) -> str:
    return _("%(percent)s %%", percent=number(bp / 100))


def _sums(bill: Bill, *, has_vat: bool) -> list[dict[str, Any]]:
    def row(label: str, cents: int, *, strong: bool = False) -> dict[str, Any]:
        return {"label": label, "amount": money(cents, bill.currency), "strong": strong}

    if bill.kind == Kind.RECEIPT:
        return [row(_("Received"), bill.cents, strong=True)]
    parts = [(_("Total without VAT"), bill.net_cents), (_("VAT"), bill.vat_cents)] if has_vat else []
    rows = [row(label, cents) for label, cents in parts]
    total = _("Total with VAT") if has_vat else _("Total")
    if bill.kind == Kind.CREDIT_NOTE:
        return [*rows, row(_("Total in your favour"), bill.cents, strong=True)]
    if bill.favour_cents:
        paid = [row(_("Already paid"), -bill.paid_cents)] if bill.paid_cents else []
        favour = row(_("Total in your favour"), bill.favour_cents, strong=True)
        return [*rows, row(total, bill.cents), *paid, favour]
    if not bill.paid_cents:
        return [*rows, row(total if bill.kind == Kind.STATEMENT else _("To pay"), bill.cents, strong=True)]
    return [
        *rows,
        row(total, bill.cents),
        row(_("Already paid"), -bill.paid_cents),
        row(_("To pay"), bill.payable_cents, strong=True),
    ]


def _vat(bill: Bill) -> list[tuple[str, str, str]]:
    return [
        (
            _rate(part.bp) if part.bp else str(VAT[part.regime]),
            money(part.net_cents, bill.currency),
            money(part.vat_cents, bill.currency),
        )
        for part in bill.vat
        if bill.vat_cents
    ]


def _payment(bill: Bill) -> dict[str, Any] | None:
    """Say how it is paid: the account, and the code that a bank's application reads."""
    account, owed = bill.account, bill.payable_cents
    if bill.kind not in (Kind.INVOICE, Kind.STATEMENT) or owed <= 0 or not account.iban:
        return None
    rows = [
        (_("Holder of the account"), account.holder),
        (_("IBAN"), grouped(account.iban)),
        (_("BIC"), account.bic),
        (_("Reference"), account.reference),
        (_("Amount"), money(owed, bill.currency)),
    ]
    code = _code(bill)
    reads = _("Some banks read this code in their application: account, amount and reference are filled in.")
    return {
        "title": _("Pay by bank transfer"),
        "rows": [each for each in rows if each[1]],
        "help": reads if code else "",
        "code": code,
        "code_alt": _("Code of this transfer, for the application of your bank"),
    }


def _code(bill: Bill) -> str:
    account, out = bill.account, BytesIO()
    code = epc_code(account.holder, account.iban, account.bic, bill.payable_cents, account.reference)
    if code is None:
        return ""
    code.save(out, kind="svg", scale=4, border=2, xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()


def _notes(bill: Bill) -> list[str]:
    if bill.kind not in BILLS:
        return [_("Kept by Mutualim, which holds no money: it goes from one organisation to the other.")]
    words = said(bill)
    regimes = dict.fromkeys(part.regime for part in bill.vat if part.regime != VatRegime.STANDARD)
    mentions = [words.vat[regime] for regime in regimes]
    if bill.kind == Kind.INVOICE and bill.payable_cents:
        mentions += [words.late, words.recovery, words.early]
    return [each for each in (" · ".join(mentions), *_mandate(bill)) if each]
