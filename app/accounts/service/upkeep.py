"""Forgetting what is no longer needed: unconfirmed sign-ups, old tries and logs, dead links, accounts nobody uses."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from app.accounts import queries
from app.accounts.errors import StandingChanged
from app.accounts.events import IdleAccountWarned, LeftAlone
from app.accounts.leaving import Farewell, Standing
from app.accounts.models import (
    Invitation,
    Membership,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Person,
    RoleGrant,
    Territory,
)
from app.accounts.rules import (
    CONTACT_LIFE,
    IDLE_LIFE,
    IDLE_NOTICE,
    LOG_LIFE,
    LOGS,
    UNVERIFIED_LIFE,
    end_of_idle,
)
from app.accounts.service.departure import IDLE, let_go, stand_still
from app.accounts.service.limits import forget_old_tries
from app.accounts.service.locks import leaving_person
from app.core import clock
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

log = logging.getLogger(__name__)
_SINCE = func.coalesce(Person.seen_at, Person.created_at)


def forget_stale() -> None:
    """Forget what has had its time: sign-ups nobody confirmed and dead links (30 days), tries (a day), logs (a year).

    An organisation that has taken no part for three years loses its contact too.
    """
    now = clock.now()
    before = now - UNVERIFIED_LIFE
    with atomic() as session:
        forget_old_tries()
        session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at < before))
        session.execute(delete(Invitation).where(Invitation.expires_at < before))
        stale = (Person.verified_at.is_(None), Person.created_at < before, ~_is_known())
        session.execute(
            delete(OneTimeToken).where(OneTimeToken.person_id.in_(select(Person.id).where(*stale)))
        )
        session.execute(delete(Person).where(*stale))
        audit.forget(LOGS, now - LOG_LIFE)
        session.execute(_forgotten_contacts(now - CONTACT_LIFE))


def warn_idle() -> None:
    """Tell people who have not come for nearly three years that their account ends, and when."""
    now = clock.now()
    quiet = _idle(now - IDLE_LIFE + IDLE_NOTICE, Person.warned_at.is_(None))
    _each(quiet, _warn)


def erase_idle(reason: str) -> None:
    """Erase the accounts of people who have not come for three years though they were told.

    `reason` is what places read should something still be booked. Whoever runs the platform is never erased.
    """
    now = clock.now()
    _each(
        _idle(now - IDLE_LIFE, Person.warned_at <= now - IDLE_NOTICE), lambda number: _erase(number, reason)
    )


def _is_known() -> ColumnElement[bool]:
    member = exists().where(Membership.person_id == Person.id)
    holder = exists().where(RoleGrant.person_id == Person.id)
    return member | holder


def _forgotten_contacts(before: datetime) -> Any:
    gone = or_(
        (Organisation.state == OrganisationState.ARCHIVED) & (Organisation.archived_at < before),
        (Organisation.state == OrganisationState.REFUSED) & (Organisation.created_at < before),
    )
    return update(Organisation).where(gone).values(contact_name="", email="", phone="")


def _idle(before: datetime, *conditions: ColumnElement[bool]) -> Sequence[int]:
    found = select(Person.id).where(
        before >= _SINCE, Person.erased_at.is_(None), Person.is_platform_admin.is_(False), *conditions
    )
    return db.session.scalars(found.order_by(Person.id)).all()


def _each(person_ids: Sequence[int], act: Callable[[int], None]) -> None:
    """Do it for each in a transaction of its own; raise ExceptionGroup at the end if some could not be done."""
    failures: list[Exception] = []
    for person_id in person_ids:
        try:
            act(person_id)
        except StandingChanged:
            log.info("The standing of person %s changed meanwhile; tomorrow is another day.", person_id)
        except Exception as error:  # whatever is wrong with one, the time of the others has come too
            log.exception("The idle account of person %s could not be handled.", person_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup(
            f"{len(failures)} of {len(person_ids)} idle accounts could not be handled", failures
        )


def _warn(person_id: int) -> None:
    now = clock.now()
    with atomic():
        person = leaving_person(person_id)
        since = person.seen_at or person.created_at
        if since > now - IDLE_LIFE + IDLE_NOTICE:
            return  # came while we looked
        person.warned_at = now
        emit(IdleAccountWarned(queries.reader_of(person), end_of_idle(since, now)))


def _erase(person_id: int, reason: str) -> None:
    with atomic():
        standing = stand_still(person_id)
        person = leaving_person(person_id)
        since = person.seen_at or person.created_at
        if person.warned_at is None or end_of_idle(since, person.warned_at) > clock.now():
            return  # came while we looked
        let_go(standing, Farewell(standing.fingerprint, reason), IDLE)
        _tell_who_helps(standing)


def _tell_who_helps(standing: Standing) -> None:
    for territory_id, alone in standing.left_alone().items():
        name = db.session.get_one(Territory, territory_id).name
        helping = queries.coordinators_of(territory_id) or queries.platform_admins()
        things = (tuple(alone.organisations), tuple(alone.places), alone.coordination)
        emit(LeftAlone(name, *things, queries.readers(helping)))
