"""One job worker per server: the process that holds the lock file works, the others stand by."""

import fcntl
import hashlib
import logging
import threading
from pathlib import Path
from typing import TextIO

from flask import Flask

from app.infra.jobs import run_worker
from config import Config

log = logging.getLogger(__name__)

STAND_BY_SECONDS = 3.0


def start_embedded_worker(app: Flask) -> threading.Event:
    """Start a worker thread in this server process; set the returned event to end it.

    Several processes of one server may call it: the operating system gives the lock to one of them, and to another
    as soon as that one is gone, even by kill -9.
    """
    stop = threading.Event()
    config: Config = app.config["MUTUALIM"]
    config.data_dir.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(config.database_url.encode()).hexdigest()[:8]
    path = config.data_dir / f"worker-{digest}.lock"
    threading.Thread(target=_work_when_alone, args=(app, path, stop), name="job-worker", daemon=True).start()
    return stop


def _work_when_alone(app: Flask, path: Path, stop: threading.Event) -> None:
    with path.open("w") as lock:
        while not stop.is_set():
            if _try_lock(lock):
                log.info("The job worker of this server runs in this process.")
                run_worker(app, stop)
            stop.wait(STAND_BY_SECONDS)


def _try_lock(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
