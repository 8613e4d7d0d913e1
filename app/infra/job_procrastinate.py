"""The queue on PostgreSQL: procrastinate, fed inside the caller's transaction, worked by any number of machines."""

import asyncio
import logging
import threading
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core import clock
from app.infra import jobs
from app.infra.db import compact_json, db
from app.infra.uow import atomic

log = logging.getLogger(__name__)

QUEUE = "mutualim"
HOUSEKEEPING_SECONDS = 20
KEEP_FAILED_HOURS = 60 * 24
_ADD = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        :queue, :name, 0, NULL, :key, CAST(:args AS jsonb), CAST(:run_at AS timestamptz)
    )]::procrastinate_job_to_defer_v1[])
    """
)
_WAITS = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
_QUEUE_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7153))")
_DUE = text(
    """
    SELECT id, task_name, args, attempts FROM procrastinate_jobs
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now)
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_START = text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id")
# A done job leaves no row: its payload may hold the secret of a link sent by e-mail.
_FINISH = text("SELECT procrastinate_finish_job_v1(:id, 'succeeded', true)")
_AGAIN = text("SELECT procrastinate_retry_job_v2(:id, CAST(:at AS timestamptz), NULL, NULL, NULL)")


def add(
    session: Session,
    name: str,
    payload: dict[str, Any],
    dedup_key: str | None,
    run_at: datetime | None,
    territory_id: int | None,
) -> None:
    """Defer a job on the session's own connection, unless one with the same key waits already."""
    session.flush()
    if dedup_key is not None:
        session.execute(_QUEUE_LOCK, {"key": dedup_key})  # two transactions queueing the same key take turns
        if session.scalar(_WAITS, {"key": dedup_key}) is not None:
            return
    args = compact_json({"payload": payload, "territory_id": territory_id})
    session.execute(_ADD, {"queue": QUEUE, "name": name, "key": dedup_key, "args": args, "run_at": run_at})


def run_due(app: Flask) -> int:
    """Run every due job once in this process and count them."""
    done = 0
    while (taken := _take(app)) is not None:
        number, name, args, attempts = taken
        try:
            jobs.perform(app, name, args["payload"])
        except Exception:  # any failure of a handler is answered by a later attempt
            log.exception("Job %s %s failed (attempt %s)", number, name, attempts + 1)
            _settle(app, _AGAIN, id=number, at=clock.now() + jobs.delay(attempts + 1, name))
        else:
            _settle(app, _FINISH, id=number)
        done += 1
    return done


def _take(app: Flask) -> tuple[int, str, dict[str, Any], int] | None:
    with app.app_context(), atomic() as session:
        row = session.execute(_DUE, {"now": clock.now()}).first()
        if row is None:
            return None
        session.execute(_START, {"id": row.id})
        return row.id, row.task_name, row.args, row.attempts


def _settle(app: Flask, statement: Any, **values: Any) -> None:
    with app.app_context(), atomic() as session:
        session.execute(statement, values)


def run(app: Flask, stop: threading.Event) -> None:
    """Work until `stop` is set, on an event loop of this thread's own."""
    with app.app_context():
        address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    asyncio.run(_work(app, stop, address))


class _Backoff(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        attempts = job.attempts + 1
        if attempts >= jobs.MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_at=clock.now() + jobs.delay(attempts, job.task_name))


def _procrastinate(app: Flask, address: str) -> App:
    """Build procrastinate's application with one task per registered handler."""
    worker = App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=4))
    for name in jobs.handlers():
        task = worker.task(name=name, queue=QUEUE, retry=_Backoff())
        task(partial(_perform, app, name))
    return worker


def _perform(app: Flask, name: str, *, payload: dict[str, Any], territory_id: int | None = None) -> None:
    del territory_id  # kept in the row for sorting by territory, not for the handler
    jobs.perform(app, name, payload)


async def _work(app: Flask, stop: threading.Event, address: str) -> None:
    worker = _procrastinate(app, address)
    async with worker.open_async():
        run = worker.run_worker_async(
            name="mutualim",
            concurrency=2,
            install_signal_handlers=False,
            fetch_job_polling_interval=2,
            shutdown_graceful_timeout=20,
            delete_jobs="successful",
        )
        tasks = {asyncio.create_task(run), asyncio.create_task(_keep_house(app, worker))}
        waiting = asyncio.create_task(_stopped(stop))
        done, _ = await asyncio.wait({*tasks, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in {*tasks, waiting} - done:
            task.cancel()
        await asyncio.gather(*tasks, waiting, return_exceptions=True)
        for task in done:
            task.result()


async def _stopped(stop: threading.Event) -> None:
    while not stop.is_set():  # noqa: ASYNC110  # a thread's event cannot be awaited
        await asyncio.sleep(0.2)


async def _keep_house(app: Flask, worker: App) -> None:
    """Queue recurring jobs; give the jobs of killed workers to the living; forget old ones."""
    turn = 0
    while True:
        await asyncio.to_thread(jobs.queue_due_periods, app)
        await _rescue(worker)
        if turn % 180 == 0:
            await worker.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED_HOURS, include_failed=True)
        turn += 1
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


async def _rescue(worker: App) -> None:
    """Queue again what a worker held whose heart stopped; a job that kills every worker fails in the end."""
    for lost in await worker.job_manager.get_stalled_jobs():
        if lost.attempts + 1 >= jobs.MAX_ATTEMPTS:
            await worker.job_manager.finish_job(lost, status=Status.FAILED, delete_job=False)
            continue
        try:
            await worker.job_manager.retry_job(lost, retry_at=clock.now() + timedelta(seconds=1))
        except UniqueViolation:  # a newer twin is waiting and will do the work
            await worker.job_manager.finish_job(lost, status=Status.SUCCEEDED, delete_job=True)
