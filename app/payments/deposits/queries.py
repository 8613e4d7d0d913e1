"""Reads of deposits and of what places ask for."""

from collections.abc import Collection

from sqlalchemy import case, or_, select

from app.accounts.models import Organisation
from app.infra.db import db
from app.payments.deposits.models import Deposit, DepositTerms
from app.payments.deposits.rules import State


def find_deposit_terms(resource_id: int) -> DepositTerms | None:
    """Find what a resource asks for; None where that is nothing."""
    found = db.session.get(DepositTerms, resource_id)
    return found if found is not None and found.cents else None


def find_deposit(subject_kind: str, ref: str) -> Deposit | None:
    """Find the deposit of a subject as it is now."""
    return next(iter(deposits_of(subject_kind, [ref])), None)


def deposits_of(subject_kind: str, refs: Collection[str]) -> list[Deposit]:
    """Read the deposits of some subjects as they are now, in the order they were asked for."""
    mine = select(Deposit).where(Deposit.subject_kind == subject_kind, Deposit.subject_ref.in_(refs))
    rows = db.session.scalars(mine.order_by(Deposit.id), execution_options={"populate_existing": True})
    return [*rows]


def photo_digests() -> set[str]:
    """List the digests of all photos that a deposit shows."""
    return {
        each for each in db.session.scalars(select(Deposit.photo).where(Deposit.photo.is_not(None))) if each
    }


def deposits_open_with(organisation_id: int) -> list[str]:
    """Name those from whom an organisation has a deposit, or who have one from it or ask for one."""
    going = Deposit.state.in_((State.REQUIRED, State.RECEIVED))
    others = case((Deposit.payer_id == organisation_id, Deposit.payee_id), else_=Deposit.payer_id)
    mine = or_(Deposit.payer_id == organisation_id, Deposit.payee_id == organisation_id)
    rows = select(Organisation.name).where(Organisation.id.in_(select(others).where(going, mine)))
    return [*db.session.scalars(rows.order_by(Organisation.name))]
