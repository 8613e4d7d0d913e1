"""Writing an entry into the books: the entry, its legs, its seal."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from app.core import clock
from app.infra.db import db
from app.infra.prepared import Prepared, columns_of
from app.infra.uow import connection
from app.payments.books.postings import EntryKind, Leg, merged
from app.payments.errors import BadAmount, KeyReused
from app.payments.models import Charge, LedgerEntry, LedgerLeg, LedgerSeal, Payment

_ENTRY = insert(LedgerEntry).returning(LedgerEntry.id)
_LEG = Prepared(insert(LedgerLeg), columns_of(LedgerLeg))
_SEAL = Prepared(insert(LedgerSeal), ["entry_id"])


@dataclass(frozen=True)
class About:
    """What an entry is about, and in which currency."""

    currency: str
    territory_id: int
    charge_id: int | None = None
    payment_id: int | None = None

    @classmethod
    def charge(cls, charge: Charge, payment: Payment | None = None) -> "About":
        """It is about a charge, and maybe what was paid of it."""
        return cls(charge.currency, charge.territory_id, charge.id, payment.id if payment else None)

    @classmethod
    def payment(cls, payment: Payment) -> "About":
        """It is about a payment."""
        return cls(payment.currency, payment.territory_id, None, payment.id)


def post(key: str, kind: EntryKind, legs: Iterable[Leg], about: About, **facts: Any) -> int | None:
    """Write an entry under a key that no other has, and give its id; where nothing is left of the legs, write none."""
    written = merged(legs)
    if not written:
        return None
    own = {"key": key, "kind": kind, "at": clock.now(), "facts": facts}
    own |= {name: value for name, value in vars(about).items() if name != "currency"}
    entry_id = connection().execute(_ENTRY, own).scalar_one()
    rows = [leg._asdict() | {"entry_id": entry_id, "currency": about.currency} for leg in written]
    _LEG.run_each(connection(), rows)
    _SEAL.run(connection(), {"entry_id": entry_id})
    return entry_id


def find_entry(key: str, **same: Any) -> LedgerEntry | None:
    """Find what was posted under a key; raise KeyReused where it was something else."""
    found = db.session.scalar(select(LedgerEntry).filter_by(key=key))
    if found is not None:
        refuse_other(key, found.facts, same)
    return found


def refuse_other(key: str, found: Any, same: dict[str, Any]) -> None:
    """Compare what is there under a key with what was to be written; raise KeyReused where they differ."""
    for name, value in same.items():
        there = found.get(name) if isinstance(found, dict) else getattr(found, name)
        if there != value:
            raise KeyReused(key=key, field=name, found=there, asked=value)


def positive(cents: int) -> int:
    """Give an amount that may move; raise BadAmount."""
    if cents <= 0:
        raise BadAmount(cents=cents)
    return cents
