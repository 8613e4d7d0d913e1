"""Statements compiled once: what SQLAlchemy does around a run takes longer than the run in SQLite (measured)."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Select, Update, bindparam
from sqlalchemy.engine.interfaces import DBAPIModule
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import InstrumentedAttribute

from app.infra.db import Base

Value = int | str | None
Chosen = Select[*tuple[Any, ...]] | Update
Statement = Chosen | Insert


class Prepared:
    """A statement run as the driver takes it. Only for numbers and words: no value is converted on its way.

    `columns` are those an INSERT fills.
    """

    def __init__(self, statement: Statement, columns: Sequence[str] = ()) -> None:
        self._statement, self._columns = statement, tuple(columns)

    def run(self, connection: Connection, values: Mapping[str, Value]) -> CursorResult[Any]:
        """Run it; `values` fill every `bindparam` the statement left open, or every column."""
        text, own, order = _compiled(self._statement, self._columns, connection.dialect)
        given = {**own, **values}
        return connection.exec_driver_sql(text, tuple([given[name] for name in order]) if order else given)

    def rows(self, connection: Connection, values: Mapping[str, Value]) -> list[tuple[Any, ...]]:
        """Run it on the driver's own cursor and give its rows as the driver has them.

        SQLAlchemy describes the columns of every answer it gets: of a small one, that is most of the time (measured).
        What else it does stands here: who listens to the cursor is told, and what the driver says is raised as its own
        errors, which use cases know.
        """
        text, own, order = _compiled(self._statement, self._columns, connection.dialect)
        named = {**own, **values}
        given = tuple([named[name] for name in order]) if order else named
        with closing(connection.connection.cursor()) as cursor:
            for tell in connection.dispatch.before_cursor_execute:
                tell(connection, cursor, text, given, None, False)
            try:
                cursor.execute(text, given)
                return list(cursor.fetchall())
            except connection.dialect.loaded_dbapi.Error as error:
                raise _told(connection, text, given, error) from error

    def run_each(self, connection: Connection, rows: Sequence[Mapping[str, Value]]) -> None:
        """Run it for each of many rows of values."""
        if len(rows) == 1:
            self.run(connection, rows[0])
        elif rows:
            text, own, order = _compiled(self._statement, self._columns, connection.dialect)
            given = [{**own, **row} for row in rows] if own else rows
            connection.exec_driver_sql(text, [*map(itemgetter(*order), given)] if order else [*given])


def columns_of(table: type[Base]) -> list[str]:
    """Name the columns that an INSERT fills: all but the number, which the database gives."""
    return [column.name for column in table.__table__.columns if column.name != "id"]


class PreparedFor:
    """A statement on the rows whose `column` is one of some numbers.

    As a rule it is one: that runs as the driver takes it, in a quarter of the time of a list of one (measured).
    """

    def __init__(self, statement: Chosen, column: InstrumentedAttribute[int]) -> None:
        self._one = Prepared(statement.where(column == bindparam("chosen")))
        self._several = statement.where(column.in_(bindparam("chosen", expanding=True)))

    def run(self, connection: Connection, ids: Sequence[int], **values: Value) -> CursorResult[Any]:
        """Run it for these rows; `values` fill what else the statement left open."""
        if len(ids) == 1:
            return self._one.run(connection, {**values, "chosen": ids[0]})
        return connection.execute(self._several, {**values, "chosen": list(ids)})

    def rows(self, connection: Connection, ids: Sequence[int], **values: Value) -> Sequence[Sequence[Any]]:
        """Run it for these rows and give what it finds."""
        if len(ids) == 1:
            return self._one.rows(connection, {**values, "chosen": ids[0]})
        return self.run(connection, ids, **values).all()


def _told(connection: Connection, text: str, given: Any, error: DBAPIModule.Error) -> StatementError:
    """Say what the driver says as SQLAlchemy does; a connection that is lost goes back to no pool."""
    dialect, pooled = connection.dialect, connection.connection
    lost = dialect.is_disconnect(error, pooled, None)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        text, given, error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
    )


@lru_cache(maxsize=64)
def _compiled(
    statement: Statement, columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """Give the text, the values written into the statement, and the order of values (none: they go by name)."""
    compiled = statement.compile(dialect=dialect, column_keys=columns or None)
    own = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), own, tuple(compiled.positiontup or ())
