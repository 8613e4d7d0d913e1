"""Forgetting what is no longer needed: unconfirmed accounts, old tries, dead links."""

from sqlalchemy import ColumnElement, delete, exists, select

from app.accounts.models import Invitation, Membership, OneTimeToken, Person, RoleGrant
from app.accounts.rules import UNVERIFIED_LIFE
from app.accounts.service.limits import forget_old_tries
from app.core import clock
from app.infra.uow import atomic


def forget_stale() -> None:
    """Delete sign-ups nobody confirmed for 30 days, links dead for as long, and tries older than a day."""
    before = clock.now() - UNVERIFIED_LIFE
    with atomic() as session:
        forget_old_tries()
        session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at < before))
        session.execute(delete(Invitation).where(Invitation.expires_at < before))
        stale = (Person.verified_at.is_(None), Person.created_at < before, ~_is_known())
        session.execute(
            delete(OneTimeToken).where(OneTimeToken.person_id.in_(select(Person.id).where(*stale)))
        )
        session.execute(delete(Person).where(*stale))


def _is_known() -> ColumnElement[bool]:
    member = exists().where(Membership.person_id == Person.id)
    holder = exists().where(RoleGrant.person_id == Person.id)
    return member | holder
