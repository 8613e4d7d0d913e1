"""Taking turns about money. The order, everywhere: the charge, envelopes, pairs, series of numbers; each ascending.

A pair (who owes, to whom) has a guard: its dues and its payments change only under it, so that what a payment is for
can be read before it is changed. SQLite has one writer anyway. See docs/money.md.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import exists, inspect, select, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.core.errors import NotFound
from app.infra.db import Base, db
from app.infra.uow import connection
from app.payments.books.postings import Pair
from app.payments.models import Charge, Due, Envelope, PairGuard, Payment


def lock_charge(charge_id: int) -> Charge:
    """Get a charge that nobody else takes back meanwhile; raise NotFound."""
    found = db.session.get(Charge, charge_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(charge=charge_id)
    return found


def lock_envelopes(envelope_ids: Iterable[int | None]) -> dict[int, Envelope]:
    """Get envelopes by id, none of which anybody else holds or spends of meanwhile; raise NotFound."""
    wanted = {each for each in envelope_ids if each is not None}
    if not wanted:
        return {}
    rows = select(Envelope).where(Envelope.id.in_(wanted)).order_by(Envelope.id)
    locked = db.session.scalars(rows.with_for_update(), execution_options={"populate_existing": True})
    found = {envelope.id: envelope for envelope in locked}
    for missing in wanted - set(found):
        raise NotFound(envelope=missing)
    return found


def lock_pairs(pairs: Iterable[Pair]) -> None:
    """Wait until nobody else changes what is owed and paid between these."""
    ordered = sorted(set(pairs))
    if not ordered or db.session.get_bind().dialect.name == "sqlite":
        return
    for pair in ordered:
        add_if_new(PairGuard, pair._asdict())
    key = tuple_(PairGuard.payer_id, PairGuard.payee_id)
    guards = select(PairGuard.payer_id).where(key.in_(ordered)).order_by(key)
    db.session.execute(guards.with_for_update()).all()


def lock_payment(payment_id: int) -> Payment:
    """Get a payment that changes only here, and whose pair is locked; raise NotFound."""
    found = db.session.get(Payment, payment_id)
    if found is None:
        raise NotFound(payment=payment_id)
    lock_pairs([Pair(found.payer_id, found.payee_id)])
    db.session.refresh(found)
    return found


def fresh_dues(due_ids: Iterable[int]) -> list[Due]:
    """Read dues anew once their pair is locked, in the order of their ids."""
    rows = select(Due).where(Due.id.in_(set(due_ids))).order_by(Due.id)
    return [*db.session.scalars(rows, execution_options={"populate_existing": True})]


def add_if_new(table: type[Base], same: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> bool:
    """Add a row unless there is one with the `same` key; tell whether it was added. Who adds it at once waits.

    It looks first: on SQLite the guards of these tables take a second row for one that would replace the first.
    """
    if db.session.scalar(select(exists(table).where(*(getattr(table, name) == same[name] for name in same)))):
        return False
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    row = (insert_sqlite if is_sqlite else insert_postgres)(table).values(**same, **(more or {}))
    added = row.on_conflict_do_nothing().returning(*inspect(table).primary_key)
    return connection().execute(added).first() is not None
