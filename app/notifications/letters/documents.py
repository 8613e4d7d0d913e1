"""Letters about documents: an invoice, a credit note or a statement is there to be read."""

from flask_babel import gettext as _

from app.notifications.letters.letter import Letter, link, rows
from app.payments.documents.bill import Bill
from app.payments.documents.paper import KINDS, in_favour
from app.payments.documents.rules import Kind
from app.web.format import day, money


def document_made(bill: Bill, slug: str, document_ref: str) -> Letter:
    """Tell who is to pay (or has something back) what there is, how much, until when; and where it is read."""
    name = bill.seller.name
    facts = {"number": bill.number, "seller": name}
    match bill.kind:
        case Kind.CREDIT_NOTE:
            subject = _("Credit note %(number)s of %(seller)s", **facts)
            words = _(
                "%(seller)s takes back a part of the invoice %(invoice)s.", seller=name, invoice=bill.amends
            )
            after = _("What was paid too much is kept as an advance, or given back to you.")
        case Kind.STATEMENT:
            subject = _("Statement of costs %(number)s of %(seller)s", **facts)
            words = _("Here is what you owe “%(seller)s”. This statement is no invoice.", seller=name)
            if bill.favour_cents:
                words = in_favour(bill)
            after = _("On its page you find how to pay.")
        case _kind:
            subject = _("Invoice %(number)s of %(seller)s", **facts)
            words = _("Here is an invoice of “%(seller)s”.", seller=name)
            after = _("On its page you find how to pay. Public bodies pay within 30 days, after the service.")
    return Letter(
        subject=subject,
        paragraphs=(words,),
        quote=bill.reason,
        facts=rows(
            (str(KINDS[bill.kind]), bill.number),
            (_("Amount"), money(bill.cents, bill.currency)),
            (_("Already paid"), money(bill.paid_cents, bill.currency) if bill.paid_cents else ""),
            (_("To be paid by"), _until(bill)),
            (_("For"), bill.buyer.name),
        ),
        action=link(_("Read it"), "documents.document", slug=slug, document_ref=document_ref),
        after=(after,) if bill.payable_cents > 0 or bill.kind == Kind.CREDIT_NOTE else (),
    )


def _until(bill: Bill) -> str:
    return day(bill.due_on, year=True) if bill.kind == Kind.INVOICE and bill.payable_cents > 0 else ""
