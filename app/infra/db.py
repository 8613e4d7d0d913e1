"""The database: one base, the column types everybody uses, and how connections to SQLite behave."""

import json
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Connection,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Text,
    event,
    literal,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive value is refused instead of guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Send UTC; SQLite keeps no zone, so its value is naive by convention."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC instant, whatever the connection's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only for INTEGER keys
Json = JSON().with_variant(JSONB, "postgresql")

Pk = Annotated[int, mapped_column(BigId, primary_key=True)]
PublicId = Annotated[str, mapped_column(String(16), unique=True)]
Code = Annotated[str, mapped_column(String(40))]  # an enumerated word
Name = Annotated[str, mapped_column(String(160))]
Prose = Annotated[str, mapped_column(Text, default="")]

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table descends from; separate from the extension's model so that it stays typed."""

    registry = registry(
        metadata=MetaData(naming_convention=_NAMES),
        type_annotation_map={datetime: Instant, dict[str, Any]: Json, list[Any]: Json, int: BigId},
    )


PAUSE_SECONDS = 5
_LAST_USE = "mutualim.last_use"
_SYNCHRONOUS, _NORMAL, _FULL = "mutualim.synchronous", "NORMAL", "FULL"

db = SQLAlchemy(metadata=MetaData())


def constant(word: str) -> BindParameter[str]:
    """Write a word of ours into a statement as it stands: the planner then knows how many rows have it."""
    return literal(str(word), literal_execute=True)


def set_up_engine(engine: Engine) -> None:
    """Let us, not the driver, say when a transaction begins (measured: docs/locking.md)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgres)
        event.listen(engine, "begin", _begin_postgres)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ping_after_a_pause)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "busy_timeout=20000",
        f"synchronous={_NORMAL}",
        "recursive_triggers=ON",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes, level = options.get("write", False), _FULL if options.get("durable") else _NORMAL
    if (
        writes and connection.info.get(_SYNCHRONOUS, _NORMAL) != level
    ):  # it cannot be said inside a transaction
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.info[_SYNCHRONOUS] = level
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_up_postgres(connection: Any, _record: Any) -> None:
    connection.autocommit = True


def _begin_postgres(connection: Connection) -> None:
    """Open a transaction for use cases only: in READ COMMITTED a page reads the same without, two round trips less."""
    options = connection.get_execution_options()
    if options.get("durable"):  # whatever the server does as a rule
        connection.exec_driver_sql("BEGIN; SET LOCAL synchronous_commit = on")
    elif options.get("write"):
        connection.exec_driver_sql("BEGIN")


def _note_use(_connection: Any, record: Any) -> None:
    record.info[_LAST_USE] = monotonic()


def _ping_after_a_pause(connection: Any, record: Any, _proxy: Any) -> None:
    """Replace a connection that died while nobody used it (a restarted server); a busy one is not asked each time."""
    if monotonic() - record.info.get(_LAST_USE, 0) < PAUSE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise DisconnectionError from error


def compact_json(value: Any) -> str:
    """Write JSON the same way every time, for hashes and stored payloads."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
