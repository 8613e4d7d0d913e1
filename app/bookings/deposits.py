"""The deposit of a booking, seen from the booking: who is asked for one, what became of it, what waits for somebody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from app.accounts.models import Organisation
from app.bookings.costs import SUBJECT
from app.bookings.models import Booking
from app.bookings.queries.one import whole
from app.bookings.rules import APPROVED, EXCUSED, NO_SHOW
from app.bookings.turns import is_mine_to_decide
from app.catalogue.models import Resource
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.payments.deposits.models import Deposit, DepositTerms
from app.payments.deposits.queries import all_terms_in_force
from app.payments.deposits.rules import BACK_WITHIN, Occasion, State, is_asked
from app.payments.models import TerritoryMoney

DEPOSITS_AT_MOST = 8
_HERE = and_(Deposit.subject_kind == SUBJECT, Deposit.subject_ref == Booking.ref)
_TAKES_PLACE = and_(Booking.decision == APPROVED, Booking.use.not_in((NO_SHOW, EXCUSED)))


@dataclass(frozen=True)
class Held:
    """A booking and its deposit."""

    booking: Booking
    deposit: Deposit

    @property
    def payee_id(self) -> int:
        """What the permission table asks: who has it, or is to have it."""
        return self.deposit.payee_id


@dataclass(frozen=True)
class Wanted:
    """A booking, what its resource asks for today (None: nothing), and the deposit there is."""

    booking: Booking
    terms: DepositTerms | None
    deposit: Deposit | None


def find_held(booking: Booking) -> Held | None:
    """Find the deposit of a booking; None where its territory does not reckon with money, or there is none."""
    found = db.session.scalar(
        select(Deposit)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Deposit.territory_id)
        .where(TerritoryMoney.is_on, Deposit.subject_kind == SUBJECT, Deposit.subject_ref == booking.ref)
    )
    return Held(booking, found) if found else None


def terms_for(resources: Collection[Resource], organisation: Organisation | None) -> dict[int, DepositTerms]:
    """Find what an organisation (None: anybody) will be asked for if it asks for resources, by their ids.

    For the first use only, whoever was asked for it there before is not asked again.
    """
    terms = all_terms_in_force([each.id for each in resources])
    if organisation is None or not terms:
        return terms
    once = _asked_before(
        [key for key, each in terms.items() if each.occasion == Occasion.FIRST], organisation
    )
    owners = {each.id: each.site.owner_id for each in resources}
    return {
        key: each
        for key, each in terms.items()
        if key not in once and owners[key] != organisation.id
        if is_asked(each.cents, organisation.priority_class, each.exempt)
    }


def _asked_before(resource_ids: Collection[int], organisation: Organisation) -> set[int]:
    if not resource_ids:
        return set()
    live = select(Booking.resource_id).join(Deposit, _HERE).where(Deposit.state != State.DROPPED)
    mine = live.where(Booking.resource_id.in_(resource_ids), Booking.organisation_id == organisation.id)
    return {*db.session.scalars(mine.distinct())}


def wanted_of(booking_ids: Collection[int]) -> list[Wanted]:
    """Read what bookings are asked for, first the first to begin; those without terms and deposit are left out."""
    rows = db.session.execute(
        select(Booking, DepositTerms, Deposit)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Booking.territory_id)
        .outerjoin(DepositTerms, DepositTerms.resource_id == Booking.resource_id)
        .outerjoin(Deposit, _HERE)
        .where(Booking.id.in_(booking_ids), TerritoryMoney.is_on)
        .where(or_(DepositTerms.cents > 0, Deposit.id.is_not(None)))
        .order_by(Booking.start_at, Booking.id)
    )
    return [Wanted(booking, terms, deposit) for booking, terms, deposit in rows]


def alike(wanted: Wanted) -> Sequence[Booking]:
    """List the bookings that one deposit is for, as they take place, the first to begin first.

    For the first use only: all of the organisation there. Else its series, or the booking alone.
    """
    mine = select(Booking).where(_shares(wanted), _TAKES_PLACE)
    return db.session.scalars(mine.order_by(Booking.start_at, Booking.id)).all()


def has_begun(held: Held) -> bool:
    """Tell whether something that a deposit is for has begun: its own booking, or another one that it serves."""
    served = [booking for wanted in wanted_of([held.booking.id]) for booking in alike(wanted)]
    return min(each.start_at for each in (held.booking, *served)) <= clock.now()


def find_kept(wanted: Wanted) -> Deposit | None:
    """Find the deposit that the place still has of a use that was given up: it is for those that share it with that."""
    mine = select(Deposit).join(Booking, _HERE).where(_shares(wanted), Deposit.state == State.RECEIVED)
    same = mine.where(Deposit.payee_id == wanted.booking.resource.site.owner_id)
    return db.session.scalars(same.order_by(Deposit.id).limit(1)).first()


def _shares(wanted: Wanted) -> ColumnElement[bool]:
    booking, terms = wanted.booking, wanted.terms
    if terms is not None and terms.occasion == Occasion.FIRST:
        return and_(
            Booking.resource_id == booking.resource_id, Booking.organisation_id == booking.organisation_id
        )
    return Booking.series_id == booking.series_id if booking.series_id else Booking.id == booking.id


def find_deposits(bookings: Collection[Booking]) -> list[Deposit]:
    """Read the deposits of some bookings."""
    refs = [booking.ref for booking in bookings]
    mine = select(Deposit).where(Deposit.subject_kind == SUBJECT, Deposit.subject_ref.in_(refs))
    return [*db.session.scalars(mine.order_by(Deposit.id))]


def waiting_deposits(actor: Actor) -> list[Held]:
    """List the deposits that somebody has to receive or to give back at a person's places, the most urgent first."""
    now = clock.now()
    to_receive = and_(Deposit.state == State.REQUIRED, Booking.end_at > now)
    to_return = and_(Deposit.state == State.RECEIVED, Deposit.back_by <= now + BACK_WITHIN)
    rows = db.session.execute(
        whole()
        .add_columns(Deposit)
        .join(Deposit, _HERE)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Booking.territory_id)
        .where(TerritoryMoney.is_on, is_mine_to_decide(actor))
        .where(or_(to_receive, to_return))
        .order_by(Deposit.back_by, Deposit.id)
        .limit(DEPOSITS_AT_MOST)
    ).all()
    return [Held(booking, deposit) for booking, deposit in rows]
