"""Reads of what a public body is owed, and of what went to its accountant."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Organisation
from app.core.errors import NotFound
from app.core.money import EUR
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments.announced.queries import open_to
from app.payments.announced.rules import covered
from app.payments.books.lines import MOST, DueLine, due_lines
from app.payments.collection.models import CollectionBatch, CollectionLine
from app.payments.models import Charge, Due, PayeeTerms

WITHDRAWN = "collection_withdrawn"  # as the history of the issuer has it
_OWED = Due.credited_cents + Due.paid_cents < Due.cents


def to_collect(issuer: Organisation, starts_on: date, ends_on: date) -> list[Due]:
    """List what is owed to an issuer for charges of a period, both days included, and is in no batch; as it is now."""
    zone = ZoneInfo(issuer.territory.timezone)
    start, end = _midnight(starts_on, zone), _midnight(ends_on + timedelta(days=1), zone)
    rows = (
        select(Due)
        .join(Charge, Charge.id == Due.charge_id)
        .where(*_waiting(issuer), Charge.posted_at >= start, Charge.posted_at < end)
    )
    return [*db.session.scalars(rows.order_by(Due.id), execution_options={"populate_existing": True})]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def open_lines(issuer: Organisation) -> list[DueLine]:
    """List all that is owed to an issuer and is in no batch yet, the oldest first."""
    return due_lines(db.session.scalars(select(Due.id).where(*_waiting(issuer)).limit(MOST)))


def on_its_way(issuer: Organisation) -> dict[int, int]:
    """Tell how much of what is owed to an issuer its payers say they have sent, by due (id); others are left out."""
    said = defaultdict[int, list[tuple[str, int]]](list)
    for each in open_to(issuer.id):
        said[each.payer_id].append((each.due_ref, each.cents))
    owed = select(Due).where(Due.payee_id == issuer.id, Due.payer_id.in_(said), _OWED).order_by(Due.id)
    dues = [*db.session.scalars(owed)] if said else []
    sent = dict[str, int]()
    for payer_id, theirs in said.items():
        sent |= covered({due.public_id: due.owed_cents for due in dues if due.payer_id == payer_id}, theirs)
    return {due.id: cents for due in dues if (cents := sent[due.public_id])}


def first_day(issuer: Organisation) -> date | None:
    """Tell the day of the oldest of what is owed and in no batch."""
    oldest = select(func.min(Charge.posted_at)).join(Due, Due.charge_id == Charge.id)
    found = db.session.scalar(oldest.where(*_waiting(issuer)))
    return found.astimezone(ZoneInfo(issuer.territory.timezone)).date() if found else None


def _waiting(issuer: Organisation) -> tuple[ColumnElement[bool], ...]:
    in_a_batch = select(CollectionLine.due_id)
    return Due.payee_id == issuer.id, Due.currency == EUR, _OWED, Due.id.not_in(in_a_batch)


def batches_of(issuer_id: int) -> list[CollectionBatch]:
    """List the batches of an issuer, with their lines, the newest first."""
    rows = select(CollectionBatch).filter_by(issuer_id=issuer_id).options(*_ALL)
    return [*db.session.scalars(rows.order_by(CollectionBatch.id.desc()))]


def get_batch(issuer_id: int, batch_ref: str) -> CollectionBatch:
    """Find a batch of an issuer with its lines; raise NotFound."""
    mine = select(CollectionBatch).filter_by(issuer_id=issuer_id, public_id=batch_ref)
    found = db.session.scalar(mine.options(*_ALL))
    if found is None:
        raise NotFound(kind="collection_batch", id=batch_ref)
    return found


def why_withdrawn(issuer_id: int) -> dict[str, tuple[datetime, str]]:
    """Tell when and why batches of an issuer were withdrawn, by what they are called."""
    lines = select(AuditEntry).filter_by(subject_kind="organisation", subject_id=issuer_id, act=WITHDRAWN)
    return {line.facts["batch"]: (line.at, line.facts["reason"]) for line in db.session.scalars(lines)}


def who_they_are(organisation_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Read how organisations are called on papers: as they say themselves, else by their name."""
    rows = (
        select(Organisation, PayeeTerms)
        .outerjoin(PayeeTerms, PayeeTerms.organisation_id == Organisation.id)
        .where(Organisation.id.in_({*organisation_ids}))
    )
    return {organisation.id: _called(organisation, terms) for organisation, terms in db.session.execute(rows)}


def _called(organisation: Organisation, terms: PayeeTerms | None) -> dict[str, str]:
    if terms is None:
        return {"name": organisation.name, "siret": "", "address": ""}
    return {
        "name": terms.legal_name or organisation.name,
        "siret": terms.siret,
        "address": " ".join(terms.address.split()),
    }


def numbers_of(due_ids: Collection[int]) -> dict[int, str]:
    """Read the numbers of the orders by which some dues are collected."""
    numbered = select(CollectionLine.due_id, CollectionLine.order_number).where(
        CollectionLine.due_id.in_(due_ids), CollectionLine.order_number != ""
    )
    return {due_id: number for due_id, number in db.session.execute(numbered)}  # noqa: C416  # rows are no pairs to mypy


def orders_of(issuer_id: int, numbers: Collection[str]) -> dict[str, list[str]]:
    """Tell whose the orders of an issuer with some numbers are: the names of their debtors, the first one first."""
    rows = (
        select(CollectionLine.order_number, Organisation.name)
        .join(Due, Due.id == CollectionLine.due_id)
        .join(Organisation, Organisation.id == Due.payer_id)
        .where(Due.payee_id == issuer_id, CollectionLine.order_number.in_(numbers))
        .order_by(CollectionLine.batch_id, CollectionLine.position)
    )
    found: dict[str, list[str]] = {}
    for number, name in db.session.execute(rows):
        if name not in found.setdefault(number, []):
            found[number].append(name)
    return found


_ALL = (selectinload(CollectionBatch.lines).selectinload(CollectionLine.due),)
