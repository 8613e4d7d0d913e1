"""One transaction per use case: everything inside happens, or nothing."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from app.infra.db import db

_OPEN = "atomic_open"
_AFTER = "after_commit"
_DONE = "done_once"
_CONNECTION = "connection"
_DURABLE = "durable"


class NetworkInsideTransaction(RuntimeError):
    """Another machine was to be asked while a transaction is open: queue a job, which asks it after the commit."""


class WriteOutsideAtomic(RuntimeError):
    """Something was changed with no use case around it: wrap it in atomic()."""


class NotDurable(RuntimeError):
    """Money moves inside a use case whose commit a power cut could undo: open that one with durable=True."""


@contextmanager
def atomic(*, durable: bool = False) -> Iterator[Session]:
    """Open the use case's transaction; a nested one joins the one around it.

    A `durable` one is on the disk before it is told to anybody (SQLite otherwise waits for its next checkpoint, which
    is much faster, and never leaves half of anything): for money, which others have moved when we write it down.

    On SQLite a writer takes the write lock at once (BEGIN IMMEDIATE) and first gives up the snapshot it read
    before: upgrading a read transaction ends in "locked" however long one waits (docs/locking.md).
    """
    session = db.session()
    if session.info.get(_OPEN):
        if durable and not session.info[_DURABLE]:
            raise NotDurable("open the use case around with atomic(durable=True)")
        yield session
        return
    if session.new or session.dirty or session.deleted:
        raise WriteOutsideAtomic("there are pending changes from before this use case")
    session.rollback()
    session.info[_OPEN], session.info[_AFTER], session.info[_DONE] = True, [], set()
    session.info[_DURABLE] = durable
    try:
        session.info[_CONNECTION] = session.connection(execution_options={"write": True, "durable": durable})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[_OPEN] = False
        del session.info[_DONE]
        session.info.pop(_CONNECTION, None)
        callbacks = session.info.pop(_AFTER)
    for callback in callbacks:
        callback()


def connection() -> Connection:
    """Give the connection of the use case around, else the one that reads go through.

    A use case asks the session for it once: what the session does to find it takes as long as a small statement.
    """
    session = db.session()
    return session.info.get(_CONNECTION) or session.connection()


def on_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the use case around has committed; forget it when that fails.

    For what may be lost (waking the worker); what must happen is a job row written in the transaction.
    """
    db.session().info[_AFTER].append(callback)


def leave_transaction() -> None:
    """Give up what was read before another machine is asked: it may take seconds, and nothing is held meanwhile."""
    session = db.session()
    if session.info.get(_OPEN):
        raise NetworkInsideTransaction("a use case is open")
    session.rollback()


def is_done(key: Hashable) -> bool:
    """Tell whether this key was asked about before in the use case around."""
    return key in db.session().info.get(_DONE, ())


def is_first(key: Hashable) -> bool:
    """Tell whether this key is asked about for the first time in the use case around: a lock is taken once."""
    done: set[Hashable] = db.session().info[_DONE]
    is_new = key not in done
    done.add(key)
    return is_new


def refuse_stray_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Raise on a flush with no use case around it."""
    if not session.info.get(_OPEN):
        raise WriteOutsideAtomic("flush outside atomic()")


event.listen(Session, "before_flush", refuse_stray_writes)
