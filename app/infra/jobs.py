"""Work that follows a change: written in the change's own transaction, done after it, at least once.

A handler may run twice (a killed worker, a lost answer), so it must be idempotent. On SQLite the queue is our
own table (`app.infra.job_table`); on PostgreSQL it is procrastinate (`app.infra.job_procrastinate`).
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlalchemy import BigInteger, String, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.infra.db import Base, db
from app.infra.uow import WriteOutsideAtomic, atomic, on_commit

log = logging.getLogger(__name__)

Payload = dict[str, Any]
Handler = Callable[[Payload], None]
H = TypeVar("H", bound=Handler)

MAX_ATTEMPTS = 9
wake = threading.Event()  # set after a commit that left work, so that a worker in this process need not poll
_handlers: dict[str, Handler] = {}
_periods: dict[str, "Period"] = {}


@dataclass(frozen=True, slots=True)
class Period:
    """How often a job recurs; `offset` moves it inside the period (UTC), such as 02:00 for a nightly one."""

    every: timedelta
    offset: timedelta

    def slot(self, at: datetime) -> int:
        """Number the period that contains `at`."""
        return int((at.timestamp() - self.offset.total_seconds()) // self.every.total_seconds())


class JobSchedule(Base):
    """The last period in which a recurring job was queued: what keeps several workers from queueing it twice."""

    __tablename__ = "job_schedule"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger)


def init_app(app: Flask) -> None:
    """Make the queues known: their tables to the migrations, their own housekeeping to the worker."""
    from app.infra import job_procrastinate, job_table  # noqa: PLC0415  # they need the registry above

    app.extensions["mutualim.queues"] = {"sqlite": job_table, "postgresql": job_procrastinate}


def job(name: str) -> Callable[[H], H]:
    """Register the handler of the jobs called `name` ("room.verb"); it runs inside an application context."""

    def register(handler: H) -> H:
        _handlers[name] = handler
        return handler

    return register


def periodic(name: str, *, every: timedelta, offset: timedelta = timedelta()) -> Callable[[H], H]:
    """Register a handler that runs once in every period, however many workers there are; its payload is empty."""

    def register(handler: H) -> H:
        _periods[name] = Period(every, offset)
        return job(name)(handler)

    return register


def enqueue(
    name: str,
    payload: Payload | None = None,
    *,
    dedup_key: str | None = None,
    run_at: datetime | None = None,
    territory_id: int | None = None,
) -> None:
    """Write a job in the open transaction: it happens if and only if the change around it happens.

    While a job with the same `dedup_key` is waiting (not yet started), a second one is not added.
    """
    if name not in _handlers:
        raise LookupError(f"no handler for the job {name!r}")
    session = db.session()
    if not session.info.get("atomic_open"):
        raise WriteOutsideAtomic(f"the job {name!r} was queued outside a use case")
    queue = current_app.extensions["mutualim.queues"][session.get_bind().dialect.name]
    queue.add(session, name, payload or {}, dedup_key, run_at, territory_id)
    if run_at is None:
        on_commit(wake.set)


def handlers() -> dict[str, Handler]:
    """Give every registered handler by name."""
    return dict(_handlers)


def perform(app: Flask, name: str, payload: Payload) -> None:
    """Run one job's handler in a context of its own; its exceptions are the caller's business."""
    handler = _handlers[name]
    with app.app_context():
        handler(payload)


def delay(attempts: int, name: str = "") -> timedelta:
    """Tell how long to wait after the n-th failed attempt: 10 s, 40 s, … at most six hours, or a job's period.

    While a recurring job waits to be tried again no other is queued: a longer pause would skip its turns.
    """
    pause = timedelta(seconds=min(10 * 4 ** (attempts - 1), 6 * 3600))
    return min(pause, _periods[name].every) if name in _periods else pause


def queue_due_periods(app: Flask) -> None:
    """Queue the recurring jobs whose period has begun; safe with any number of workers."""
    with app.app_context():
        for name, period in _periods.items():
            slot = period.slot(clock.now())
            row = db.session.get(JobSchedule, name)
            if row is None or row.slot < slot:
                with atomic() as session:
                    if _take_slot(name, slot):
                        enqueue(name, dedup_key=f"periodic:{name}")
                session.expire_all()


def _take_slot(name: str, slot: int) -> bool:
    """Claim a period for a recurring job; False when another worker was first."""
    session = db.session()
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(insert(JobSchedule).values(name=name, slot=-1).on_conflict_do_nothing())
    taken = update(JobSchedule).where(JobSchedule.name == name, JobSchedule.slot < slot).values(slot=slot)
    return session.connection().execute(taken).rowcount == 1


def run_due(app: Flask) -> int:
    """Run what is due now, one after the other, and come back with how many jobs ran (tests, `worker --once`).

    A failing job is retried later like any other; it does not raise here.
    """
    ran: int = _backend(app).run_due(app)
    return ran


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Work off the queue until `stop` is set; survive a database that goes away for a while."""
    backend = _backend(app)
    while not stop.is_set():
        try:
            backend.run(app, stop)
        except Exception:  # whatever happened, a worker that gave up would lose every later job
            log.exception("The job worker stumbled; it starts again in five seconds.")
            stop.wait(5)


def _backend(app: Flask) -> Any:
    with app.app_context():
        return app.extensions["mutualim.queues"][db.session.get_bind().dialect.name]
