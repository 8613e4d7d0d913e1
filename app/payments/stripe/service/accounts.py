"""A payee's own account at Stripe: beginning it, the way to fill it in, what it can do now."""

from app.accounts.models import LegalNature, Organisation
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.stripe import connection, queries
from app.payments.stripe.connection import AccountSeen
from app.payments.stripe.errors import PublicPayee
from app.payments.stripe.models import StripeAccount
from app.payments.stripe.policy import StripePermission

COUNTRY = "FR"


def refuse_public(organisation: Organisation) -> None:
    """Raise PublicPayee for a public body, whoever asks."""
    if organisation.legal_nature == LegalNature.PUBLIC:
        raise PublicPayee(organisation=organisation.name, signed_in=True)


def begin_account(actor: Actor, organisation_id: int) -> int:
    """Write down that an organisation wants to be paid online; Stripe is told after the commit."""
    with atomic() as session:
        organisation = queries.lock(Organisation, organisation_id)
        refuse_public(organisation)
        require(actor, StripePermission.RECEIVE, organisation)
        account = queries.find_account(organisation_id)
        if account is None:
            account = StripeAccount(
                public_id=ids.new_public_id(), organisation_id=organisation_id, created_at=clock.now()
            )
            session.add(account)
            session.flush()
            record(
                "organisation", organisation_id, "stripe_begun", actor, territory_id=organisation.territory_id
            )
        if account.account_id is None:
            enqueue("stripe.open_account", {"account": account.id}, dedup_key=f"stripe.account:{account.id}")
        return account.id


def open_account(row_id: int) -> None:
    """Make the account at Stripe, once; sent twice, it gives the same account."""
    row = queries.find_account_row(row_id)
    if row is None or row.account_id is not None:
        return
    ours, nature = row.public_id, row.organisation.legal_nature
    seen = connection.get().create_account(ours, nature, COUNTRY)
    with atomic():
        row = queries.lock(StripeAccount, row_id)
        if row.account_id is None:
            row.account_id = seen.id
        _note(row, seen)


def onboarding_url(organisation_id: int, refresh_url: str, return_url: str) -> str:
    """Give the page of Stripe's on which the payee fills in what is missing."""
    row = queries.find_account(organisation_id)
    if row is None:
        raise NotFound(kind="stripe_account", id=organisation_id)
    open_account(row.id)
    row = queries.find_account(organisation_id)
    if row is None or row.account_id is None:
        raise NotFound(kind="stripe_account", id=organisation_id)
    return connection.get().onboarding_url(row.account_id, refresh_url, return_url)


def look_at_account(account_id: str) -> None:
    """Read what an account can do now; one that was taken from us can do nothing."""
    try:
        seen = connection.get().account(account_id)
    except connection.Refused as refused:
        seen = AccountSeen(account_id, False, False, False, (), refused.code[:80])
    found = queries.find_account_called(account_id)
    if found is None:
        return
    with atomic():
        _note(queries.lock(StripeAccount, found.id), seen)


def _note(row: StripeAccount, seen: AccountSeen) -> None:
    row.charges_enabled, row.payouts_enabled = seen.charges_enabled, seen.payouts_enabled
    row.details_submitted, row.missing = seen.details_submitted, list(seen.missing)
    row.disabled_reason, row.checked_at = seen.disabled_reason, clock.now()
