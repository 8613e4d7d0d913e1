"""Reads of documents, and of what is on none yet."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, extract, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation, Person
from app.core.errors import NotFound
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments.books.postings import SETTLEMENT
from app.payments.documents.models import (
    BillingChoice,
    BillingMandate,
    Document,
    DocumentPart,
    DocumentRun,
)
from app.payments.documents.rules import Kind
from app.payments.models import (
    Charge,
    ChargeLine,
    ChargeShare,
    Credit,
    CreditShare,
    Due,
    Refund,
    RefundState,
    TerritoryMoney,
)

ADDRESS_ASKED: Final = "billing_address_asked"  # as the history of who was asked has it
MOST: Final = 500  # rows of one page
_FRESH: Final = {"populate_existing": True}


# -- what is on no document yet -------------------------------------------------------------------------------


@dataclass(frozen=True)
class TakenBack:
    """What of a due was taken back, by which credit; `document` is the one that the due is on."""

    credit: Credit
    due: Due
    cents: int
    document: Document | None = None


@dataclass
class Unbilled:
    """What one recipient has on no document yet: what is owed, and what was taken back of what is on one."""

    dues: list[Due] = field(default_factory=list)
    taken_back: list[TakenBack] = field(default_factory=list)

    @property
    def cents(self) -> int:
        """What it comes to."""
        owed = sum(due.cents - due.credited_cents for due in self.dues)
        return owed - sum(each.cents for each in self.taken_back)


def unbilled(
    issuer_id: int, *, payer_id: int | None = None, before: datetime | None = None
) -> dict[int, Unbilled]:
    """Read what is on no document yet of what is owed to an organisation, by who owes it.

    What was taken back entirely before that is left out, and what came at the instant `before` or later.
    """
    found: dict[int, Unbilled] = defaultdict(Unbilled)
    for due in db.session.scalars(_unbilled_dues(issuer_id, payer_id, before), execution_options=_FRESH):
        found[due.payer_id].dues.append(due)
    for credit, due, document, cents in db.session.execute(_unbilled_credits(issuer_id, payer_id, before)):
        found[due.payer_id].taken_back.append(TakenBack(credit, due, int(cents), document))
    return dict(found)


def _unbilled_dues(issuer_id: int, payer_id: int | None, before: datetime | None) -> Select[Due]:
    on_paper = select(DocumentPart.id).where(DocumentPart.due_id == Due.id, DocumentPart.credit_id.is_(None))
    wanted = (
        select(Due)
        .join(Charge, Charge.id == Due.charge_id)
        .where(Due.payee_id == issuer_id, Due.credited_cents < Due.cents, ~on_paper.exists())
        .where(Charge.subject_kind != SETTLEMENT)  # what settling left: it was billed where it came from
    )
    if payer_id is not None:
        wanted = wanted.where(Due.payer_id == payer_id)
    if before is not None:
        wanted = wanted.where(Charge.posted_at < before)
    return wanted.order_by(Charge.posted_at, Due.id)


def _unbilled_credits(
    issuer_id: int, payer_id: int | None, before: datetime | None
) -> Select[Credit, Due, Document, int]:
    other = aliased(DocumentPart)
    told = select(other.id).where(other.credit_id == Credit.id, other.due_id == Due.id)
    on_it = and_(DocumentPart.due_id == Due.id, DocumentPart.credit_id.is_(None))
    wanted = (
        _credits(Credit, Due, Document)
        .join(DocumentPart, on_it)
        .join(Document, Document.id == DocumentPart.document_id)
        .where(Due.payee_id == issuer_id, ~told.exists())
        .group_by(Credit.id, Due.id, Document.id)
    )
    if payer_id is not None:
        wanted = wanted.where(Due.payer_id == payer_id)
    if before is not None:
        wanted = wanted.where(Credit.at < before)
    return wanted.order_by(Credit.id, Due.id)


def _credits(*tables: Any) -> Select[Any]:
    """Start from what was taken back of each due: the shares of its payer of lines of its payee."""
    of_due = and_(
        Due.charge_id == Credit.charge_id,
        Due.payer_id == ChargeShare.payer_id,
        Due.payee_id == ChargeLine.payee_id,
    )
    return (
        select(*tables, func.sum(CreditShare.cents))
        .select_from(CreditShare)
        .join(Credit, Credit.id == CreditShare.credit_id)
        .join(ChargeShare, ChargeShare.id == CreditShare.share_id)
        .join(ChargeLine, ChargeLine.id == ChargeShare.line_id)
        .join(Due, of_due)
    )


def credits_of(due_ids: Collection[int]) -> list[TakenBack]:
    """Read what was taken back of some dues so far."""
    rows = _credits(Credit, Due).where(Due.id.in_(due_ids)).group_by(Credit.id, Due.id)
    return [
        TakenBack(credit, due, int(cents))
        for credit, due, cents in db.session.execute(rows.order_by(Credit.id, Due.id))
    ]


@dataclass(frozen=True)
class Borne:
    """What the payer of a due bears of a line, and what was taken back of that."""

    due: Due
    charge: Charge
    line: ChargeLine
    cents: int
    credited_cents: int


def lines_of(due_ids: Collection[int], credit_ids: Collection[int] | None = None) -> list[Borne]:
    """Read the lines that make up some dues; `credited_cents` counts all credits, or these alone."""
    taken_back = select(CreditShare.share_id, func.sum(CreditShare.cents).label("cents"))
    if credit_ids is not None:
        taken_back = taken_back.where(CreditShare.credit_id.in_(credit_ids))
    credited = taken_back.group_by(CreditShare.share_id).subquery()
    of_due = and_(
        ChargeLine.charge_id == Due.charge_id,
        ChargeLine.payee_id == Due.payee_id,
        ChargeShare.payer_id == Due.payer_id,
    )
    rows = (
        select(
            Due, Charge, ChargeLine, func.sum(ChargeShare.cents), func.coalesce(func.sum(credited.c.cents), 0)
        )
        .select_from(Due)
        .join(Charge, Charge.id == Due.charge_id)
        .join(ChargeLine, ChargeLine.charge_id == Charge.id)
        .join(ChargeShare, and_(ChargeShare.line_id == ChargeLine.id, of_due))
        .outerjoin(credited, credited.c.share_id == ChargeShare.id)
        .where(Due.id.in_(due_ids))
        .group_by(Due.id, Charge.id, ChargeLine.id)
        .order_by(Charge.posted_at, Charge.id, ChargeLine.id)
    )
    return [
        Borne(due, charge, line, int(cents), int(back))
        for due, charge, line, cents, back in db.session.execute(rows)
    ]


def reasons_of(
    due_ids: Collection[int], credit_ids: Collection[int] | None = None
) -> dict[tuple[int, int], list[str]]:
    """Tell why something was taken back of what dues are for, by due and line: by all credits, or by these alone."""
    rows = (
        _credits(Due.id, ChargeLine.id, Credit.id, Credit.reason)
        .where(Due.id.in_(due_ids))
        .group_by(Due.id, ChargeLine.id, Credit.id, Credit.reason)
        .order_by(Credit.id)
    )
    if credit_ids is not None:
        rows = rows.where(Credit.id.in_(credit_ids))
    found: dict[tuple[int, int], list[str]] = {}
    for due_id, line_id, _credit_id, reason, _cents in db.session.execute(rows):
        if reason not in found.setdefault((due_id, line_id), []):
            found[due_id, line_id].append(reason)
    return found


# -- documents ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """Which documents of an organisation are looked at: issued or received, of a kind, of a year, with whom."""

    organisation_id: int
    kind: Kind | None = None
    year: int | None = None
    other_id: int | None = None


def documents_in(wanted: Wanted) -> list[Document]:
    """List documents, the newest first."""
    rows = select(Document).where(_concerns(wanted))
    if wanted.kind:
        rows = rows.where(Document.kind == wanted.kind)
    if wanted.year:
        rows = rows.where(extract("year", Document.issued_on) == wanted.year)
    return [*db.session.scalars(rows.order_by(Document.id.desc()).limit(MOST))]


def _concerns(wanted: Wanted) -> ColumnElement[bool]:
    mine, other = wanted.organisation_id, wanted.other_id
    issued, received = Document.issuer_id == mine, Document.recipient_id == mine
    if other is None:
        return or_(issued, received)
    return or_(and_(issued, Document.recipient_id == other), and_(received, Document.issuer_id == other))


def find_document(document_id: int) -> Document | None:
    """Find a document by its number in the table."""
    return db.session.get(Document, document_id)


def get_document(organisation_id: int, document_ref: str) -> Document:
    """Find a document that an organisation issued or received; raise NotFound."""
    mine = select(Document).filter_by(public_id=document_ref)
    found = db.session.scalar(mine.where(_concerns(Wanted(organisation_id))))
    if found is None:
        raise NotFound(kind="document", id=document_ref)
    return found


def find_receipt(payment_id: int) -> Document | None:
    """Find the receipt of a payment."""
    of_it = select(Document).join(DocumentPart, DocumentPart.document_id == Document.id)
    return db.session.scalar(of_it.where(DocumentPart.payment_id == payment_id))


def amending(document_id: int) -> list[Document]:
    """List the credit notes of an invoice."""
    return [*db.session.scalars(select(Document).filter_by(amends_id=document_id).order_by(Document.id))]


def undone_receipts(document_ids: Collection[int]) -> set[int]:
    """Tell of which receipts the payment was undone since: it had been noted by mistake."""
    undone = (
        select(DocumentPart.document_id)
        .join(Refund, Refund.payment_id == DocumentPart.payment_id)
        .where(DocumentPart.document_id.in_(document_ids))
        .where(Refund.key.startswith("undo:"), Refund.state == RefundState.MADE)
    )
    return {*db.session.scalars(undone)}


def owed_on(document_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Tell what of what is on some documents is still owed today, and what of it was paid."""
    owed, paid = func.sum(Due.cents - Due.credited_cents - Due.paid_cents), func.sum(Due.paid_cents)
    rows = (
        select(DocumentPart.document_id, owed, paid)
        .join(Due, Due.id == DocumentPart.due_id)
        .where(DocumentPart.document_id.in_(document_ids), DocumentPart.credit_id.is_(None))
        .group_by(DocumentPart.document_id)
    )
    return {each: (int(left), int(gone)) for each, left, gone in db.session.execute(rows)}


def addresses_asked(issuer_id: int, recipient_ids: Collection[int], since: datetime) -> set[int]:
    """Tell which recipients an issuer has asked for their address since an instant."""
    asked = select(AuditEntry).where(
        AuditEntry.subject_kind == "organisation",
        AuditEntry.subject_id.in_(recipient_ids),
        AuditEntry.act == ADDRESS_ASKED,
        AuditEntry.at > since,
    )
    return {each.subject_id for each in db.session.scalars(asked) if each.facts.get("issuer") == issuer_id}


def who_asked_address(recipient_id: int) -> list[str]:
    """List (names) who has asked a recipient for the address without which it is billed nothing."""
    asked = select(AuditEntry.facts).filter_by(
        subject_kind="organisation", subject_id=recipient_id, act=ADDRESS_ASKED
    )
    issuers = {facts["issuer"] for facts in db.session.scalars(asked)}
    names = select(Organisation.name).where(Organisation.id.in_(issuers)).order_by(Organisation.name)
    return [*db.session.scalars(names)] if issuers else []


# -- mandates, choices, runs ----------------------------------------------------------------------------------


def find_mandate(organisation_id: int) -> BillingMandate | None:
    """Find the mandate that an organisation has given and not ended."""
    return db.session.scalar(select(BillingMandate).filter_by(organisation_id=organisation_id, ended_at=None))


def mandates_of(organisation_id: int) -> list[BillingMandate]:
    """List all mandates that an organisation ever gave, the latest first."""
    mine = select(BillingMandate).filter_by(organisation_id=organisation_id)
    return [*db.session.scalars(mine.order_by(BillingMandate.id.desc()))]


def people_of(mandates: Iterable[BillingMandate]) -> dict[int, str]:
    """Name who gave and ended some mandates."""
    ids = {each for row in mandates for each in (row.accepted_by_id, row.ended_by_id) if each}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {person_id: name for person_id, name in rows}  # noqa: C416  # a row is no pair


def is_monthly(organisation_id: int) -> bool:
    """Tell whether the documents of an organisation are prepared by themselves every month."""
    row = db.session.get(BillingChoice, organisation_id)
    return row is not None and row.is_monthly


def monthly_issuers() -> list[Organisation]:
    """List who wants its documents by itself every month, where money is reckoned with."""
    rows = (
        select(Organisation)
        .join(BillingChoice, BillingChoice.organisation_id == Organisation.id)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Organisation.territory_id)
        .where(BillingChoice.is_monthly, TerritoryMoney.is_on)
    )
    return [*db.session.scalars(rows.order_by(Organisation.id))]


def get_run(issuer_id: int, run_ref: str) -> DocumentRun:
    """Find a run of an issuer; raise NotFound."""
    found = db.session.scalar(select(DocumentRun).filter_by(issuer_id=issuer_id, public_id=run_ref))
    if found is None:
        raise NotFound(kind="document_run", id=run_ref)
    return found


def find_run(key: str) -> DocumentRun | None:
    """Find a run by its key."""
    return db.session.scalar(select(DocumentRun).filter_by(key=key))


def open_run(issuer_id: int) -> DocumentRun | None:
    """Find the run of an issuer that goes on."""
    going = select(DocumentRun).filter_by(issuer_id=issuer_id, ended_at=None)
    return db.session.scalar(going.order_by(DocumentRun.id.desc()).limit(1))


def open_runs() -> list[int]:
    """List runs (ids) that are not over."""
    return [*db.session.scalars(select(DocumentRun.id).filter_by(ended_at=None).order_by(DocumentRun.id))]


def documents_of_run(run_id: int) -> list[Document]:
    """List what a run has issued so far, the newest first."""
    return [*db.session.scalars(select(Document).filter_by(run_id=run_id).order_by(Document.id.desc()))]


def unmade() -> list[int]:
    """List documents (ids) whose file is not there yet."""
    return [*db.session.scalars(select(Document.id).filter_by(digest="").order_by(Document.id))]
