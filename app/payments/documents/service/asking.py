"""Asking who is to be billed for their address: nobody else may say it, and no bill is issued without it."""

from datetime import timedelta
from typing import Final

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.books.standing import find_terms
from app.payments.documents import queries
from app.payments.documents.errors import AddressAsked, AddressKnown
from app.payments.documents.events import BillingAddressAsked
from app.payments.policy import MoneyPermission

AGAIN_AFTER: Final = timedelta(days=1)


def ask_address(actor: Actor, issuer_id: int, recipient_id: int) -> None:
    """Ask who keeps the accounts of a recipient to enter its address, once a day at most.

    Raise NotFound (nothing of theirs waits to be billed), Forbidden, AddressKnown, AddressAsked.
    """
    with atomic() as session:
        issuer = session.get(Organisation, issuer_id)
        if issuer is None:
            raise NotFound(organisation=issuer_id)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, issuer)
        recipient = session.get(Organisation, recipient_id, with_for_update={"key_share": True})
        if recipient is None or not queries.unbilled(issuer_id, payer_id=recipient_id):
            raise NotFound(organisation=recipient_id)
        terms = find_terms(recipient_id)
        if terms is not None and terms.address:
            raise AddressKnown(name=recipient.name)
        if queries.addresses_asked(issuer_id, [recipient_id], clock.now() - AGAIN_AFTER):
            raise AddressAsked(name=recipient.name)
        about = {"territory_id": recipient.territory_id, "issuer": issuer_id}
        audit.record("organisation", recipient_id, queries.ADDRESS_ASKED, actor, **about)
        emit(BillingAddressAsked(issuer_id, recipient_id))
