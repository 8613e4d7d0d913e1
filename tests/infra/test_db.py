"""Connections: when a transaction begins, and what becomes of a connection that died in the pool."""

import psycopg
import pytest
from sqlalchemy import event, text

from app.infra import db as plumbing
from app.infra.db import db
from app.infra.uow import atomic, is_first
from tests.databases import KIND

only_postgres = pytest.mark.skipif(
    KIND != "postgres", reason="SQLite's begin event has its own tests: the races"
)


@only_postgres
def test_pages_read_without_a_transaction_and_use_cases_in_one(fresh_database):
    heard: list[str] = []
    with fresh_database.app.app_context():
        listener = (db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: heard.append(statement))
        event.listen(*listener)
        db.session.execute(text("SELECT 1"))
        db.session.rollback()
        assert heard == ["SELECT 1"]
        with atomic() as session:
            session.execute(text("SELECT 2"))
        assert heard == ["SELECT 1", "BEGIN", "SELECT 2"]


@only_postgres
def test_a_connection_that_died_while_resting_is_replaced(fresh_database, monkeypatch):
    monkeypatch.setattr(plumbing, "PAUSE_SECONDS", 0)
    with fresh_database.app.app_context():
        first = db.session.scalar(text("SELECT pg_backend_pid()"))
        db.session.remove()
        with db.engine.connect().execution_options(write=True) as other, other.begin():
            second = other.execute(text("SELECT pg_backend_pid()")).scalar_one()
        assert second == first  # the pool gives the same one
        _end_all_but_one(fresh_database.url)
        assert db.session.scalar(text("SELECT pg_backend_pid()")) != first


def _end_all_but_one(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_use_case_does_a_thing_once_and_the_next_does_it_again(session):
    for _ in range(2):
        with atomic():
            assert is_first(("guard", 1))
            with atomic():
                assert not is_first(("guard", 1))
                assert is_first(("guard", 2))
