"""Fixtures of every test: an application on a migrated database whose changes are rolled back afterwards."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.core import clock
from app.infra.db import db
from config import Config
from tests.databases import KIND, Databases, open_databases, test_config

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris


class CleanClient(FlaskClient):
    """A browser in which every request has its own context, as on a server, even inside the test's own."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()  # else the test's savepoint would enclose the request's, and undo it when it ends
        with self.application.app_context():
            return super().open(*args, **kwargs)


@dataclass
class FreshDatabase:
    """A database of its own, really committed to, for tests with several processes or servers."""

    url: str
    config: Config
    app: Flask


class FrozenClock:
    """The stopped clock; a test may move it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.move_to(NOW)

    @property
    def now(self) -> datetime:
        return clock.now()

    def move_to(self, at: datetime) -> None:
        """Stop at another instant (aware)."""
        self._stack.enter_context(clock.stopped(at))

    def tick(self, **delta: float) -> None:
        """Let time pass: `tick(minutes=5)`."""
        self.move_to(clock.now() + timedelta(**delta))


def make_app(config: Config) -> Flask:
    """Build an application for tests: forms need no token (the browser tests keep it)."""
    app = create_app(config)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = CleanClient
    return app


def dispose(app: Flask) -> None:
    """Close every connection of an application."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what touches no database once: on SQLite, not on PostgreSQL again."""
    if KIND == "sqlite":
        return
    twice = [item for item in items if "databases" not in getattr(item, "fixturenames", ("databases",))]
    config.hook.pytest_deselected(items=twice)
    items[:] = [item for item in items if item not in set(twice)]


def pytest_collection_finish() -> None:
    """Let the collector leave alone what is imported for good: a fifth of the suite went into walking through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    opened = open_databases()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application of this process, on a database that stays empty: tests roll back what they write."""
    url = databases.new()
    app = make_app(test_config(url, tmp_path_factory.mktemp("data")))
    yield app
    dispose(app)
    databases.drop(url)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session whose commits are savepoints of one outer transaction that is never committed.

    Requests through `client` see the same data. Use `fresh_database` where several connections matter.
    """
    with app.app_context():
        engines = db._app_engines[app]
        engine = engines[None]
        connection = engine.connect().execution_options(write=True)
        outer = connection.begin()
        engines[None] = connection  # type: ignore[assignment]  # a session binds to either
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        try:
            yield db.session()
        finally:
            db.session.remove()
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def frozen() -> Iterator[FrozenClock]:
    """The clock, stopped at `NOW` until the test moves it."""
    with ExitStack() as stack:
        yield FrozenClock(stack)


@pytest.fixture
def login() -> Callable[[FlaskClient, Any], None]:
    """Sign a person in without the form: `login(client, person)`."""

    def sign_in(client: FlaskClient, person: Any) -> None:
        with client.session_transaction() as cookie:
            cookie["_user_id"] = person.get_id() if hasattr(person, "get_id") else str(person.id)
            cookie["_fresh"] = True

    return sign_in


@pytest.fixture
def fresh_database(databases: Databases, tmp_path: Path) -> Iterator[FreshDatabase]:
    """A database of the test's own, migrated and empty; what is committed there is really committed."""
    url = databases.new()
    config = test_config(url, tmp_path / "data")
    app = make_app(config)
    yield FreshDatabase(url, config, app)
    dispose(app)
    databases.drop(url)
