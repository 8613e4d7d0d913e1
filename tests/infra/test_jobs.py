"""The queue: what is queued happens, once per key, again after a failure, also when its worker is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.infra import job_table, jobs
from app.infra.db import db
from app.infra.uow import WriteOutsideAtomic, atomic
from config import ROOT
from tests.databases import KIND

done: list[dict] = []


@pytest.fixture(autouse=True)
def handlers():
    done.clear()
    before, periods = dict(jobs._handlers), dict(jobs._periods)
    jobs._periods.clear()

    @jobs.job("test.note")
    def note(payload):
        done.append(payload)

    @jobs.job("test.stumble")
    def stumble(payload):
        done.append(payload)
        if len(done) == 1:
            raise RuntimeError("the first time fails")

    yield
    jobs._handlers.clear()
    jobs._handlers.update(before)
    jobs._periods.clear()
    jobs._periods.update(periods)


def test_a_job_runs_once_and_gets_its_payload(app, session):
    with atomic():
        jobs.enqueue("test.note", {"word": "été", "n": 1})
    assert jobs.run_due(app) == 1
    assert jobs.run_due(app) == 0
    assert done == [{"word": "été", "n": 1}]


def test_what_is_rolled_back_never_runs(app, session):
    with pytest.raises(ZeroDivisionError), atomic():
        jobs.enqueue("test.note")
        raise ZeroDivisionError
    assert jobs.run_due(app) == 0


def test_queueing_needs_a_use_case_and_a_handler(app, session):
    with pytest.raises(WriteOutsideAtomic):
        jobs.enqueue("test.note")
    with pytest.raises(LookupError), atomic():
        jobs.enqueue("test.nobody")


def test_a_waiting_job_is_not_queued_twice_but_a_done_one_is(app, session):
    for _ in range(2):
        with atomic():
            jobs.enqueue("test.note", {"n": 1}, dedup_key="a")
            jobs.enqueue("test.note", {"n": 2}, dedup_key="b")
    assert jobs.run_due(app) == 2
    with atomic():
        jobs.enqueue("test.note", {"n": 3}, dedup_key="a")
    assert jobs.run_due(app) == 1
    assert [each["n"] for each in done] == [1, 2, 3]


def test_a_later_job_waits_for_its_time(app, session, frozen):
    with atomic():
        jobs.enqueue("test.note", run_at=clock.now() + timedelta(minutes=5))
    assert jobs.run_due(app) == 0
    frozen.tick(minutes=5)
    assert jobs.run_due(app) == 1


def test_a_failed_job_is_tried_again_after_a_pause(app, session, frozen):
    with atomic():
        jobs.enqueue("test.stumble", {"n": 1}, dedup_key="s")
    assert jobs.run_due(app) == 1
    assert jobs.run_due(app) == 0
    frozen.tick(seconds=11)
    assert jobs.run_due(app) == 1
    frozen.tick(days=1)
    assert jobs.run_due(app) == 0
    assert len(done) == 2


def test_pauses_grow_and_end_at_six_hours():
    assert [jobs.delay(n).total_seconds() for n in (1, 2, 3, 9)] == [10, 40, 160, 21600]


def test_a_recurring_job_runs_once_in_each_period(app, session, frozen):
    jobs.periodic("test.minutely", every=timedelta(minutes=1))(done.append)
    for _ in range(3):
        jobs.queue_due_periods(app)
    assert jobs.run_due(app) == 1
    frozen.tick(seconds=61)
    jobs.queue_due_periods(app)
    assert jobs.run_due(app) == 1


def test_a_failing_recurring_job_loses_no_turn(app, session, frozen):
    @jobs.periodic("test.minutely", every=timedelta(minutes=1))
    def stumble(payload):
        done.append(payload)
        raise RuntimeError("again and again")

    for _ in range(6):
        jobs.queue_due_periods(app)
        jobs.run_due(app)
        frozen.tick(minutes=1)
    assert len(done) == 6


def test_a_nightly_job_begins_at_its_hour():
    nightly = jobs.Period(timedelta(days=1), timedelta(hours=2))
    from datetime import UTC, datetime

    before, after = (datetime(2026, 9, 1, 1, 59, tzinfo=UTC), datetime(2026, 9, 1, 2, 0, tzinfo=UTC))
    assert nightly.slot(after) == nightly.slot(before) + 1


def test_the_worker_takes_up_new_work_and_stops_when_told(fresh_database):
    app, stop = fresh_database.app, threading.Event()
    worker = threading.Thread(target=jobs.run_worker, args=(app, stop))
    worker.start()
    try:
        for n in range(3):
            with app.app_context(), atomic():
                jobs.enqueue("test.note", {"n": n})
        _wait(lambda: len(done) == 3, 15)
    finally:
        stop.set()
        jobs.wake.set()
        worker.join(15)
    assert not worker.is_alive()
    assert sorted(each["n"] for each in done) == [0, 1, 2]


_KILLED = """
import sys, time, threading
from pathlib import Path
from app import create_app
from app.infra import jobs, job_procrastinate, job_table
from datetime import timedelta
from config import Config

job_table.LEASE = timedelta(seconds=3)
job_procrastinate.HOUSEKEEPING_SECONDS = 1
folder = Path(sys.argv[1])

@jobs.job("test.slow")
def slow(payload):
    (folder / f"started-{payload['n']}").touch()
    if not (folder / "quick").exists():
        time.sleep(600)
    (folder / f"done-{payload['n']}").touch()

app = create_app(Config.from_env())
jobs.run_worker(app, threading.Event())
"""


@pytest.mark.race
def test_the_job_of_a_killed_worker_is_done_by_the_next(fresh_database, tmp_path, monkeypatch):
    jobs.job("test.slow")(done.append)
    with fresh_database.app.app_context(), atomic():
        jobs.enqueue("test.slow", {"n": 1})
    first = _worker(fresh_database, tmp_path)
    try:
        _wait((tmp_path / "started-1").exists, 20)
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
    (tmp_path / "quick").touch()
    _forget_heartbeat(fresh_database)
    second = _worker(fresh_database, tmp_path)
    try:
        _wait((tmp_path / "done-1").exists, 25)
    finally:
        second.kill()
        second.wait(10)


def _worker(fresh, folder):
    environ = {
        **os.environ,
        "MUTUALIM_ENV": "testing",
        "DATABASE_URL": fresh.url,
        "DATA_DIR": str(folder / "data"),
    }
    return subprocess.Popen([sys.executable, "-c", _KILLED, str(folder)], cwd=ROOT, env=environ)


def _forget_heartbeat(fresh):
    """On PostgreSQL, let half a minute without a heartbeat pass at once."""
    with fresh.app.app_context(), atomic() as session:
        if db.engine.dialect.name == "postgresql":
            session.execute(
                text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
            )


def _wait(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


@pytest.mark.skipif(KIND != "sqlite", reason="procrastinate counts on PostgreSQL")
def test_a_job_that_kills_its_workers_is_given_up(app, session, frozen):
    with atomic():
        jobs.enqueue("test.note")
    for _attempt in range(jobs.MAX_ATTEMPTS):
        assert job_table._take() is not None
        frozen.tick(seconds=job_table.LEASE.total_seconds() + 1)
    assert jobs.run_due(app) == 0
    assert db.session.scalars(select(job_table.Job.state)).all() == ["failed"]
