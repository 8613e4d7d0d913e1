"""Issuing what one recipient is to have: an invoice or a statement of what is owed, and credit notes.

It reads what is on no document yet under the lock of the pair, refuses before it writes anything, and takes the number
last: document, number, what it is about and the job that makes its file are one transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.accounts.models import LegalNature, Organisation
from app.core import clock
from app.core.ids import new_public_id
from app.core.span import to_wall
from app.infra.db import db
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.books.postings import Method, Pair
from app.payments.books.standing import find_terms
from app.payments.documents import paper, queries
from app.payments.documents.bill import Account, Bill, Line, Party, read
from app.payments.documents.errors import MandateMissing, NotBillable
from app.payments.documents.models import Document, DocumentPart
from app.payments.documents.queries import TakenBack, Unbilled
from app.payments.documents.rules import BILLS, Kind, number_words
from app.payments.documents.service import lines
from app.payments.documents.service.numbering import next_number
from app.payments.models import Due, PayeeTerms
from app.payments.service.locks import lock_pairs
from app.payments.tariffs.regimes import may_charge
from app.payments.tariffs.tariff import VatRegime

MAKE = "documents.make"
_NEEDED = {"seller": ("address", "siret"), "buyer": ("address",)}


@dataclass(frozen=True)
class Draft:
    """A document that has no number yet, and what it is about."""

    bill: Bill
    parts: tuple[DocumentPart, ...]
    amends: Document | None = None


@dataclass(frozen=True)
class Sides:
    """Who issues, to whom, and what the issuer says of being paid."""

    issuer: Organisation
    recipient: Organisation

    @property
    def kind(self) -> Kind:
        """Tell what the issuer has documents of: public bodies send orders of their own, and bills need a mandate."""
        return Kind.STATEMENT if self.is_public or not self.has_mandate else Kind.INVOICE

    @property
    def is_public(self) -> bool:
        """Tell whether an accountant of the State collects for the issuer, by orders."""
        return self.issuer.legal_nature == LegalNature.PUBLIC

    @property
    def has_mandate(self) -> bool:
        """Tell whether bills may be issued in the name of the issuer."""
        return queries.find_mandate(self.issuer.id) is not None

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone in which the issuer's days begin."""
        return ZoneInfo(self.issuer.territory.timezone)


def issue(
    issuer_id: int, recipient_id: int, *, before: datetime | None = None, run_id: int | None = None
) -> list[Document]:
    """Issue what a recipient has on no document yet; nothing where there is nothing.

    Raise NotBillable (a bill would lack something), Unwritable (its file cannot be made), MandateMissing (only an
    invoice's credit note is left to issue).
    """
    with atomic(durable=True) as session:
        lock_pairs([Pair(recipient_id, issuer_id)])
        sides = Sides(session.get_one(Organisation, issuer_id), session.get_one(Organisation, recipient_id))
        drafts = drafts_of(sides, before)
        return [write(sides, draft, run_id) for draft in drafts]


def drafts_of(sides: Sides, before: datetime | None = None) -> list[Draft]:
    """Draft what a recipient is to have, and refuse what cannot be issued."""
    found = queries.unbilled(sides.issuer.id, payer_id=sides.recipient.id, before=before)
    mine = found.get(sides.recipient.id, Unbilled())
    stated = [each for each in mine.taken_back if each.document and each.document.kind == Kind.STATEMENT]
    drafts = []
    if sides.kind == Kind.STATEMENT:
        drafts += _owed(sides, Kind.STATEMENT, mine.dues, stated)
    else:
        for dues in _by_scope(mine.dues):
            drafts += _owed(sides, Kind.INVOICE, dues, [])
        drafts += _owed(sides, Kind.STATEMENT, [], stated)
    billed = [each for each in mine.taken_back if each not in stated]
    if billed and sides.kind != Kind.INVOICE:
        if not drafts:
            raise MandateMissing(organisation=sides.issuer.name)
        billed = []  # they wait for a mandate; what is owed meanwhile does not
    drafts += _credit_notes(sides, billed)
    for draft in drafts:
        refuse_bad(draft.bill)
        paper.check(read(draft.bill.facts()))  # as it will be read to make its file
    return drafts


# -- drafts ---------------------------------------------------------------------------------------------------


def _by_scope(dues: Sequence[Due]) -> tuple[list[Due], list[Due]]:
    """Part what VAT has to do with from what it has not: these are on bills of their own (EN 16931, BR-O-11)."""
    borne = queries.lines_of([due.id for due in dues])
    outside = {each.due.id for each in borne if each.line.vat_regime == VatRegime.OUT_OF_SCOPE}
    return [due for due in dues if due.id not in outside], [due for due in dues if due.id in outside]


def _owed(sides: Sides, kind: Kind, dues: Sequence[Due], stated: Sequence[TakenBack]) -> list[Draft]:
    """Draft one document of what is owed in each currency, less what was taken back before it was on any."""
    drafts = []
    for currency in sorted({due.currency for due in dues} | {each.due.currency for each in stated}):
        own = [due for due in dues if due.currency == currency]
        back = [each for each in stated if each.due.currency == currency]
        netted = queries.credits_of([due.id for due in own])
        listed = lines.owed(own, sides.zone) + lines.taken_back(back, sides.zone, -1)
        bill = _bill(sides, kind, currency, listed)
        paid = sum(due.paid_cents for due in own)
        parts = (
            *(DocumentPart(due_id=due.id, cents=due.cents) for due in own),
            *_credit_parts(netted, -1),
            *_credit_parts(back, -1),
        )
        drafts.append(Draft(replace(bill, paid_cents=paid), parts))
    return drafts


def _credit_notes(sides: Sides, billed: Iterable[TakenBack]) -> list[Draft]:
    """Draft a credit note for each invoice of which something was taken back."""
    by_invoice: dict[int, list[TakenBack]] = defaultdict(list)
    for each in billed:
        if each.document:
            by_invoice[each.document.id].append(each)
    drafts = []
    for back in by_invoice.values():
        invoice = back[0].document
        if invoice is None:
            continue
        reasons = dict.fromkeys(each.credit.reason for each in back)
        bill = _bill(sides, Kind.CREDIT_NOTE, invoice.currency, lines.taken_back(back, sides.zone, 1))
        bill = replace(bill, amends=invoice.number, amends_on=invoice.issued_on, reason=" · ".join(reasons))
        drafts.append(Draft(bill, tuple(_credit_parts(back, 1)), invoice))
    return drafts


def _credit_parts(back: Iterable[TakenBack], sign: int) -> Iterable[DocumentPart]:
    for each in back:
        yield DocumentPart(due_id=each.due.id, credit_id=each.credit.id, cents=sign * each.cents)


def _bill(sides: Sides, kind: Kind, currency: str, listed: Sequence[Line]) -> Bill:
    terms = find_terms(sides.issuer.id)
    days = [line.on for line in listed]
    if not sides.is_public:  # who collects by orders knows each amount by itself, others a document
        listed = [replace(line, reference="") for line in listed]
    return Bill(
        kind=kind,
        number="",
        issued_on=max(days),
        starts_on=min(days),
        ends_on=max(days),
        currency=currency,
        seller=party(sides.issuer, terms),
        buyer=party(sides.recipient, find_terms(sides.recipient.id)),
        lines=tuple(listed),
        account=_account(terms, f"MUT {sides.recipient.public_id}"),
        mandated=kind in BILLS,
        regime=terms.vat_regime if terms else "",
    )


def party(organisation: Organisation, terms: PayeeTerms | None) -> Party:
    """Say who somebody is on a document."""
    if terms is None:
        return Party(organisation.name)
    return Party(
        terms.legal_name or organisation.name,
        terms.address,
        terms.siret,
        terms.vat_number,
        terms.contact_email,
    )


def _account(terms: PayeeTerms | None, reference: str) -> Account:
    if terms is None or Method.TRANSFER not in terms.methods or not terms.iban:
        return Account(reference=reference)
    return Account((terms.holder or terms.legal_name)[:70], terms.iban, terms.bic, reference)


# -- what cannot be issued ------------------------------------------------------------------------------------


def refuse_bad(bill: Bill) -> None:
    """Raise NotBillable where a bill lacks what the law asks for, or its lines contradict what the seller says."""
    if bill.kind not in BILLS:
        return
    if not bill.regime:
        raise NotBillable(reason="lacking", side="seller", party=bill.seller.name, fields=["vat_regime"])
    for side, who in (("seller", bill.seller), ("buyer", bill.buyer)):
        lacking = [name for name in _NEEDED[side] if not getattr(who, name)]
        if side == "seller" and bill.regime == VatRegime.STANDARD and not who.vat_number:
            lacking.append("vat_number")
        if lacking:
            raise NotBillable(reason="lacking", side=side, party=who.name, fields=lacking)
    said = VatRegime(bill.regime)
    for line in bill.lines:
        is_mixed = bill.is_outside_vat and line.vat_regime != VatRegime.OUT_OF_SCOPE
        if is_mixed or not may_charge(said, line.vat_regime):
            facts = {"label": line.label, "charged": line.vat_regime.value, "said": said.value}
            raise NotBillable(reason="regime", **facts)


# -- writing --------------------------------------------------------------------------------------------------


def write(sides: Sides, draft: Draft, run_id: int | None = None) -> Document:
    """Give a draft its number, and keep it; told last, so that nobody waits long for the next number."""
    today = _today(sides.zone)
    public_id = new_public_id()
    key = f"document:{public_id}"
    number = number_words(
        draft.bill.kind, today.year, next_number(sides.issuer.id, draft.bill.kind, str(today.year), key)
    )
    issued_on = min(
        _today(sides.zone), date(today.year, 12, 31)
    )  # who waited for the number is not older than it
    account = replace(draft.bill.account, reference=f"{draft.bill.account.reference} {number}".strip())
    bill = replace(draft.bill, number=number, issued_on=issued_on, account=account)
    made = Document(
        public_id=public_id,
        key=key,
        territory_id=sides.issuer.territory_id,
        issuer_id=sides.issuer.id,
        recipient_id=sides.recipient.id,
        kind=bill.kind,
        number=number,
        issued_at=clock.now(),
        issued_on=issued_on,
        currency=bill.currency,
        cents=bill.cents,
        facts=bill.facts(),
        amends_id=draft.amends.id if draft.amends else None,
        run_id=run_id,
        digest="",
    )
    db.session.add(made)
    db.session.flush()
    for part in draft.parts:
        part.document_id = made.id
    db.session.add_all(draft.parts)
    db.session.flush()
    enqueue(MAKE, {"document_id": made.id}, dedup_key=f"{MAKE}:{made.id}")
    return made


def _today(zone: ZoneInfo) -> date:
    return to_wall(clock.now(), zone).date()
