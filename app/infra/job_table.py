"""The queue on SQLite: one table, leases that end by themselves, retries with growing pauses."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import ForeignKey, Index, String, Text, and_, delete, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.infra import jobs
from app.infra.db import Base, Code, Pk, db
from app.infra.uow import atomic

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # how long a killed worker's job waits for the next worker
POLL_SECONDS = 1.0
KEEP_DONE, KEEP_FAILED = timedelta(days=3), timedelta(days=60)
_WAITING = text("state = 'waiting'")


class Job(Base):
    """A piece of work. Waiting, running under a lease, then done or (after all attempts) failed."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "state", "run_at"),
        Index("uq_job_dedup_key", "dedup_key", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]]
    state: Mapped[Code]
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    dedup_key: Mapped[str | None] = mapped_column(String(200))
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))


@dataclass(frozen=True, slots=True)
class _Taken:
    """A job this worker holds; `attempts` proves that it still does."""

    id: int
    name: str
    payload: dict[str, Any]
    attempts: int
    dedup_key: str | None


def add(
    session: Session,
    name: str,
    payload: dict[str, Any],
    dedup_key: str | None,
    run_at: datetime | None,
    territory_id: int | None,
) -> None:
    """Write a waiting job, unless one with the same key waits already."""
    row = insert(Job).values(
        name=name,
        payload=payload,
        state="waiting",
        run_at=run_at or clock.now(),
        attempts=0,
        dedup_key=dedup_key,
        last_error="",
        created_at=clock.now(),
        territory_id=territory_id,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["dedup_key"], index_where=_WAITING))


def run(app: Flask, stop: threading.Event) -> None:
    """Work until `stop` is set: recurring jobs first, then everything due, then wait to be woken."""
    while not stop.is_set():
        jobs.wake.clear()
        jobs.queue_due_periods(app)
        while not stop.is_set() and _run_one(app):
            pass
        jobs.wake.wait(POLL_SECONDS)


def run_due(app: Flask) -> int:
    """Run every due job once and count them."""
    done = 0
    while _run_one(app):
        done += 1
    return done


def _run_one(app: Flask) -> bool:
    with app.app_context():
        taken = _take()
    if taken is None:
        return False
    try:
        with _kept_lease(app, taken):
            jobs.perform(app, taken.name, taken.payload)
    except Exception as error:  # any failure of a handler is answered by a later attempt
        log.exception("Job %s %s failed (attempt %s)", taken.id, taken.name, taken.attempts)
        with app.app_context():
            _fail(taken, f"{type(error).__name__}: {error}")
    else:
        with app.app_context():
            _finish(taken)
    return True


def _due(now: datetime) -> Any:
    return or_(
        and_(Job.state == "waiting", Job.run_at <= now),
        and_(Job.state == "running", Job.leased_until <= now),
    )


def _take() -> _Taken | None:
    """Lease the oldest due job; reading first keeps an idle worker from ever taking the write lock."""
    now = clock.now()
    if db.session.scalar(select(Job.id).where(_due(now)).limit(1)) is None:
        return None
    with atomic() as session:
        _bury(session, now)
        found = session.scalar(select(Job).where(_due(now)).order_by(Job.run_at, Job.id).limit(1))
        if found is None:
            return None
        found.state, found.leased_until = "running", now + LEASE
        found.attempts += 1
        return _Taken(found.id, found.name, found.payload, found.attempts, found.dedup_key)


def _bury(session: Session, now: datetime) -> None:
    """Give up the jobs that killed every worker who took them, else they would go on killing for ever."""
    deadly = (Job.state == "running", Job.leased_until <= now, Job.attempts >= jobs.MAX_ATTEMPTS)
    lost = {"state": "failed", "ended_at": now, "leased_until": None, "last_error": "its workers died"}
    session.execute(update(Job).where(*deadly).values(**lost))


def _mine(taken: _Taken) -> Any:
    return and_(Job.id == taken.id, Job.state == "running", Job.attempts == taken.attempts)


def _finish(taken: _Taken, error: str = "", state: str = "done") -> None:
    """End a job; a done one forgets its payload, which may hold the secret of a link sent by e-mail."""
    kept: dict[str, Any] = {"payload": {}} if state == "done" else {}
    with atomic() as session:
        session.execute(
            update(Job)
            .where(_mine(taken))
            .values(state=state, ended_at=clock.now(), leased_until=None, last_error=error, **kept)
        )


def _fail(taken: _Taken, error: str) -> None:
    """Plan another attempt, or give up after the last; a newer waiting twin makes another attempt needless."""
    if taken.attempts >= jobs.MAX_ATTEMPTS:
        _finish(taken, error, "failed")
        return
    again = clock.now() + jobs.delay(taken.attempts, taken.name)
    with atomic() as session:
        twin = select(Job.id).where(Job.dedup_key == taken.dedup_key, Job.state == "waiting")
        if taken.dedup_key and session.scalar(twin) is not None:
            values: dict[str, Any] = {"state": "done", "ended_at": clock.now(), "payload": {}}
        else:
            values = {"state": "waiting", "run_at": again}
        session.execute(update(Job).where(_mine(taken)).values(leased_until=None, last_error=error, **values))


@contextmanager
def _kept_lease(app: Flask, taken: _Taken) -> Iterator[None]:
    """Prolong the lease while a long handler works; a killed process stops prolonging."""
    over = threading.Event()

    def prolong() -> None:
        while not over.wait(LEASE.total_seconds() / 3):
            with app.app_context(), atomic() as session:
                session.execute(update(Job).where(_mine(taken)).values(leased_until=clock.now() + LEASE))

    keeper = threading.Thread(target=prolong, name=f"lease-{taken.id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()


@jobs.periodic("infra.sweep_jobs", every=timedelta(hours=1))
def sweep(_payload: jobs.Payload) -> None:
    """Forget jobs that ended long ago."""
    now = clock.now()
    with atomic() as session:
        session.execute(delete(Job).where(Job.state == "done", Job.ended_at < now - KEEP_DONE))
        session.execute(delete(Job).where(Job.state == "failed", Job.ended_at < now - KEEP_FAILED))
