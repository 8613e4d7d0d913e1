"""Reads of deposits and of what places ask for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.catalogue.models import Resource
from app.infra.db import db
from app.payments.books.credited import taken_back_of
from app.payments.deposits.models import Deposit, DepositTerms
from app.payments.deposits.rules import HELD, State
from app.payments.models import Payment, TerritoryMoney
from app.payments.subjects import Subject, named


def find_deposit_terms(resource_id: int) -> DepositTerms | None:
    """Find what a resource asks for; None where that is nothing."""
    found = db.session.get(DepositTerms, resource_id)
    return found if found is not None and found.cents else None


def terms_in_force(resource_id: int) -> DepositTerms | None:
    """Find what whoever asks for a resource is asked for; None where that is nothing, or money is off."""
    return all_terms_in_force([resource_id]).get(resource_id)


def all_terms_in_force(resource_ids: Collection[int]) -> dict[int, DepositTerms]:
    """Read what whoever asks for each of some resources is asked for; those that ask for nothing are left out."""
    rows = db.session.scalars(
        select(DepositTerms)
        .join(Resource, Resource.id == DepositTerms.resource_id)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Resource.territory_id)
        .where(TerritoryMoney.is_on, DepositTerms.cents > 0, DepositTerms.resource_id.in_(resource_ids))
    )
    return {each.resource_id: each for each in rows}


def find_payment_by_key(key: str) -> Payment | None:
    """Find what was paid under a key."""
    return db.session.scalar(select(Payment).filter_by(key=key))


def given_up(deposit: Deposit) -> list[tuple[int, str]]:
    """List what of a deposit had been withheld wrongly and was given back: how much, and why."""
    there = taken_back_of([deposit.charge_id]) if deposit.charge_id is not None else []
    return [(each.cents, each.reason) for each in there]


@dataclass(frozen=True)
class DepositLine:
    """A deposit as accounts list it, and what it is for."""

    deposit: Deposit
    subject: Subject | None


def deposits_with(organisation_id: int, start: datetime, end: datetime) -> list[DepositLine]:
    """List the deposits that an organisation has or has given, or is to; of what ended, what did so in a span."""
    mine = or_(Deposit.payer_id == organisation_id, Deposit.payee_id == organisation_id)
    going = Deposit.state.in_((State.REQUIRED, State.RECEIVED))
    is_over = Deposit.state.in_((State.RELEASED, State.WITHHELD))
    ended = and_(is_over, Deposit.ended_at >= start, Deposit.ended_at < end)
    wanted = select(Deposit).options(joinedload(Deposit.payer), joinedload(Deposit.payee))
    rows = db.session.scalars(
        wanted.where(mine, or_(going, ended)).order_by(Deposit.back_by, Deposit.id)
    ).all()
    subjects = named(HELD, [each.public_id for each in rows])
    return [DepositLine(each, subjects.get(each.public_id)) for each in rows]


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
