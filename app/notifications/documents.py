"""From events to letters, as `listeners` and `tasks`: documents that are there to be read."""

from dataclasses import replace

from app.accounts import queries as people
from app.accounts.models import Organisation
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.letters.documents import document_made
from app.notifications.letters.letter import message
from app.notifications.quiet import is_quiet
from app.notifications.telling import write_to_each
from app.payments.books.standing import names_of
from app.payments.documents.bill import read
from app.payments.documents.events import BillingAddressAsked, DocumentMade
from app.payments.documents.queries import find_document
from app.payments.documents.rules import Kind
from app.web.i18n import speaking


@listens(DocumentMade)
def on_document(event: DocumentMade) -> None:
    """Tell who keeps the accounts of the recipient; a receipt is handed over, not sent."""
    document = find_document(event.document_id)
    if is_quiet() or document is None or document.kind == Kind.RECEIPT:
        return
    for person in queries.who_keeps_accounts(document.recipient_id):
        payload = {"document": document.id, "person": person.id}
        enqueue("notifications.write_document", payload, dedup_key=f"document:{document.id}:{person.id}")


@listens(BillingAddressAsked)
def on_address_asked(event: BillingAddressAsked) -> None:
    """Ask who keeps the accounts of the recipient: they alone may enter it."""
    called = names_of([event.issuer_id, event.recipient_id])
    issuer, recipient = called[event.issuer_id], called[event.recipient_id]
    readers = people.readers(queries.who_keeps_accounts(recipient.id))
    facts = {"issuer": issuer.name, "organisation": recipient.name, "slug": recipient.slug}
    write_to_each("billing_address_asked", readers, **facts)


@job("notifications.write_document")
def write_document(payload: Payload) -> None:
    """Write to one person that a document is there."""
    document, person = find_document(payload["document"]), queries.find_person(payload["person"])
    if document is None or person is None:
        return
    recipient = db.session.get_one(Organisation, document.recipient_id)
    with speaking(person.locale):
        letter = document_made(read(document.facts), recipient.slug, document.public_id)
        signed = replace(letter, name=person.name, signed=recipient.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
