"""Letting the platform issue bills in one's name, and ending that; choosing what is prepared by itself."""

from app.accounts.models import LegalNature, Organisation
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra import audit
from app.infra.db import db
from app.infra.uow import atomic
from app.payments.documents import queries
from app.payments.documents.errors import NotBillable
from app.payments.documents.models import BillingChoice, BillingMandate
from app.payments.policy import MoneyPermission

VERSION = "2026-11"  # of the words that are agreed to: templates/payments/documents/_mandate.html


def accept_mandate(actor: Actor, organisation_id: int) -> BillingMandate:
    """Let the platform issue bills in the name of an organisation; said twice, the first stays.

    Raise NotFound, Forbidden, NotBillable (a public body bills through its accountant).
    """
    with atomic() as session:
        organisation = _locked(actor, organisation_id)
        if organisation.legal_nature == LegalNature.PUBLIC:
            raise NotBillable(reason="public", organisation=organisation.name)
        given = queries.find_mandate(organisation_id)
        if given is not None:
            return given
        made = BillingMandate(
            organisation_id=organisation_id,
            version=VERSION,
            accepted_at=clock.now(),
            accepted_by_id=actor.person_id,
        )
        session.add(made)
        _note(actor, organisation, "billing_mandate_accepted", version=VERSION)
        session.flush()
    return made


def end_mandate(actor: Actor, organisation_id: int) -> None:
    """Issue nothing in the name of an organisation any more; what was issued stays. Raise NotFound, Forbidden."""
    with atomic() as session:
        organisation = _locked(actor, organisation_id)
        given = queries.find_mandate(organisation_id)
        if given is not None:
            given.ended_at, given.ended_by_id = clock.now(), actor.person_id
            _note(actor, organisation, "billing_mandate_ended", version=given.version)
            session.flush()


def choose_monthly(actor: Actor, organisation_id: int, *, is_monthly: bool) -> None:
    """Choose whether the documents of a month are prepared by themselves. Raise NotFound, Forbidden."""
    with atomic() as session:
        organisation = _locked(actor, organisation_id)
        row = session.get(BillingChoice, organisation_id)
        if row is None:
            row = BillingChoice(organisation_id=organisation_id)
            session.add(row)
        row.is_monthly, row.changed_at, row.changed_by_id = is_monthly, clock.now(), actor.person_id
        _note(actor, organisation, "billing_monthly", is_on=is_monthly)
        session.flush()


def _locked(actor: Actor, organisation_id: int) -> Organisation:
    """Get the organisation, of which nobody else says this meanwhile, from whoever keeps its accounts."""
    found = db.session.get(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(organisation=organisation_id)
    require(actor, MoneyPermission.KEEP_ACCOUNTS, found)
    return found


def _note(actor: Actor, organisation: Organisation, act: str, **facts: object) -> None:
    audit.record("organisation", organisation.id, act, actor, territory_id=organisation.territory_id, **facts)
