"""One worker per server, and another one as soon as it is gone."""

import threading
import time

from app.infra import worker


def test_of_two_processes_one_works_and_the_other_stands_by(fresh_database, monkeypatch):
    working: list[threading.Event] = []

    def work(_app, stop):
        working.append(stop)
        stop.wait(20)

    monkeypatch.setattr(worker, "run_worker", work)
    monkeypatch.setattr(worker, "STAND_BY_SECONDS", 0.05)
    first = worker.start_embedded_worker(fresh_database.app)
    _wait(lambda: working == [first])
    second = worker.start_embedded_worker(fresh_database.app)
    time.sleep(0.3)
    assert working == [first]
    first.set()
    _wait(lambda: working == [first, second])
    second.set()


def _wait(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
