"""Taking turns where a unique name is looked for first and written after."""

import zlib

from sqlalchemy import func, select

from app.infra.db import db


def one_at_a_time(*keys: str) -> None:
    """Wait, inside a use case, until nobody else works under these keys; it lasts until the commit.

    SQLite has one writer anyway. Take several keys in one call, always in the same order.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        for key in keys:
            db.session.execute(select(func.pg_advisory_xact_lock(zlib.crc32(key.encode()))))
