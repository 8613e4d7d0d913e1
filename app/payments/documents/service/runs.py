"""Preparing many documents at once: a row tells whose turn is still to come, a job takes one after the other.

Each recipient is a transaction of its own, so whoever is killed in between leaves nothing half done, and goes on.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.core import clock
from app.core.errors import DomainError, NotFound
from app.core.ids import new_public_id
from app.core.policy import Actor, require
from app.core.span import to_wall
from app.infra.db import db
from app.infra.jobs import enqueue
from app.infra.uow import atomic
from app.payments.documents import queries
from app.payments.documents.errors import NothingToBill
from app.payments.documents.models import DocumentRun
from app.payments.documents.rules import first_day, month_after, month_before, month_of
from app.payments.documents.service.issuing import issue
from app.payments.policy import MoneyPermission
from app.payments.queries import has_money

RUN = "documents.run"


def begin_run(
    actor: Actor, issuer_id: int, *, month: str = "", recipient_id: int | None = None
) -> DocumentRun:
    """Prepare the documents of a month that is over, or of all that is on none yet; for one recipient, or for all.

    While one goes on there is no second. Raise NotFound, Forbidden, NothingToBill, ValueError (no such month).
    """
    with atomic(durable=True) as session:
        issuer = session.get(Organisation, issuer_id, with_for_update=True)
        if issuer is None:
            raise NotFound(organisation=issuer_id)
        require(actor, MoneyPermission.KEEP_ACCOUNTS, issuer)
        going = queries.open_run(issuer_id)
        if going is not None:
            enqueue(RUN, {"run_id": going.id}, dedup_key=f"{RUN}:{going.id}")  # should its job have given up
            return going
        public_id = new_public_id()
        made = _begin(issuer, month, f"run:{public_id}", public_id, recipient_id)
        if made is None:
            raise NothingToBill
        made.begun_by_id = actor.person_id
        session.flush()
    return made


def begin_monthly(issuer_id: int) -> DocumentRun | None:
    """Prepare the documents of last month, once; nothing where there is nothing."""
    with atomic(durable=True) as session:
        issuer = session.get_one(Organisation, issuer_id, with_for_update=True)
        month = month_before(month_of(to_wall(clock.now(), _zone(issuer)).date()))
        key = f"monthly:{issuer_id}:{month}"
        if queries.find_run(key) is not None or queries.open_run(issuer_id) is not None:
            return None
        return _begin(issuer, month, key, new_public_id())


def _begin(
    issuer: Organisation, month: str, key: str, public_id: str, recipient_id: int | None = None
) -> DocumentRun | None:
    waiting = sorted(queries.unbilled(issuer.id, payer_id=recipient_id, before=_end(issuer, month)))
    if not waiting:
        return None
    made = DocumentRun(
        public_id=public_id,
        key=key,
        territory_id=issuer.territory_id,
        issuer_id=issuer.id,
        month=month,
        total=len(waiting),
        waiting=waiting,
        refused={},
        begun_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    enqueue(RUN, {"run_id": made.id}, dedup_key=f"{RUN}:{made.id}")
    return made


def take_turn(run_id: int) -> list[int] | None:
    """Issue what the next recipient of a run is to have; give the documents (ids), or None once it is over."""
    with atomic(durable=True) as session:
        run = session.get(DocumentRun, run_id, with_for_update=True, populate_existing=True)
        if run is None or run.ended_at is not None:
            return None
        made: list[int] = []
        if run.waiting:
            recipient_id, *rest = run.waiting
            issuer = session.get_one(Organisation, run.issuer_id)
            if not has_money(issuer.territory_id):
                return None  # it goes on at night, once money is on again
            try:
                issued = issue(run.issuer_id, recipient_id, before=_end(issuer, run.month), run_id=run_id)
                made = [document.id for document in issued]
            except DomainError as error:  # refused before anything was written
                run.refused = {**run.refused, str(recipient_id): {"code": error.code, "facts": error.facts}}
            run.waiting = rest
        if not run.waiting:
            run.ended_at = clock.now()
        session.flush()
    return made


def _end(issuer: Organisation, month: str) -> datetime | None:
    """Tell when a month ends there."""
    if not month:
        return None
    return datetime.combine(first_day(month_after(month)), time(), _zone(issuer))


def _zone(issuer: Organisation) -> ZoneInfo:
    return ZoneInfo(issuer.territory.timezone)
