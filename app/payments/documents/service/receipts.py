"""Receipts: what came, in writing, from whoever received it."""

from datetime import date
from zoneinfo import ZoneInfo

from app.accounts.models import LegalNature, Organisation
from app.core.policy import Actor, require
from app.core.span import to_wall
from app.infra.uow import atomic
from app.payments.books.lines import due_lines
from app.payments.books.standing import find_terms
from app.payments.books.what_became import paid_dues
from app.payments.documents import queries
from app.payments.documents.bill import Bill
from app.payments.documents.errors import NotBillable
from app.payments.documents.models import Document, DocumentPart
from app.payments.documents.paper import LANGUAGE
from app.payments.documents.rules import Kind
from app.payments.documents.service.issuing import Draft, Sides, party, write
from app.payments.errors import NothingOwed
from app.payments.models import Payment
from app.payments.policy import MoneyPermission
from app.payments.service.locks import lock_payment
from app.web.i18n import speaking


def issue_receipt(actor: Actor, payment_id: int) -> Document:
    """Give a receipt for what came and stayed; asked twice, there is one.

    The payee gives it itself, so it needs no mandate. Raise NotFound, Forbidden, NotBillable, NothingOwed.
    """
    with atomic(durable=True) as session:
        payment = lock_payment(payment_id)
        issuer = session.get_one(Organisation, payment.payee_id)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, issuer)
        given = queries.find_receipt(payment_id)
        if given is not None:
            return given
        if issuer.legal_nature == LegalNature.PUBLIC:
            raise NotBillable(reason="public", organisation=issuer.name)
        cents = payment.cents - payment.returned_cents
        if cents <= 0:
            raise NothingOwed
        sides = Sides(issuer, session.get_one(Organisation, payment.payer_id))
        bill = _receipt(sides, payment, cents)
        return write(sides, Draft(bill, (DocumentPart(payment_id=payment_id, cents=cents),)))


def _receipt(sides: Sides, payment: Payment, cents: int) -> Bill:
    day = _day(payment, sides.zone)
    seller, buyer = (party(each, find_terms(each.id)) for each in (sides.issuer, sides.recipient))
    return Bill(
        kind=Kind.RECEIPT,
        number="",
        issued_on=day,
        starts_on=day,
        ends_on=day,
        currency=payment.currency,
        seller=seller,
        buyer=buyer,
        method=payment.method,
        amount_cents=cents,
        reason=_paid_for(payment.id),
    )


def _paid_for(payment_id: int) -> str:
    """Name what was paid for, each once, in the language of the paper; empty for an advance."""
    with speaking(LANGUAGE):
        return "; ".join(dict.fromkeys(each.title for each in due_lines(paid_dues(payment_id))))


def _day(payment: Payment, zone: ZoneInfo) -> date:
    return to_wall(payment.at, zone).date()
