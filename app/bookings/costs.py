"""What a booking costs, seen from the booking: its stay as it is paid for, and the plan that payments keep of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation
from app.availability.queries import instant
from app.bookings.models import Booking, Bundle
from app.bookings.queries.one import whole
from app.bookings.recalls import Given, still_given
from app.bookings.rules import APPROVED, EXCUSED, LOST, NO_SHOW
from app.bookings.turns import is_mine_to_decide
from app.catalogue.models import Resource
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span, to_wall
from app.infra.db import db
from app.payments.models import CostParty, CostPlan, PartyState, TerritoryMoney
from app.payments.service.reckoning import missing_of
from app.payments.tariffs.measures import Stay, Use
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Told, Why

SUBJECT: Final = "booking"  # as payments call what a booking costs
USED: Final = ("planned", "under_way", "done")  # not: nobody came
MEASURES_AT_MOST: Final = 8
SHARED_AT_MOST: Final = 40
CHECKED_WITHIN: Final = timedelta(days=3)  # the place corrects what was measured by whoever used it
MEASURES_REMINDED_AFTER: Final = timedelta(days=7)
MEASURED_WITHIN: Final = timedelta(days=30)


@dataclass(frozen=True)
class Costs:
    """A booking and the plan of what it costs."""

    booking: Booking
    plan: CostPlan

    @property
    def organisation_ids(self) -> set[int]:
        """Who pays or is paid, or was asked to pay."""
        return organisations_of(self.plan)

    @property
    def name(self) -> str:
        """What is paid for."""
        return self.booking.resource.name

    @property
    def span(self) -> Span:
        """From when until when."""
        return self.booking.span

    @property
    def zone(self) -> str:
        """By which clock that is."""
        return self.booking.resource.site.timezone

    @property
    def bundle(self) -> Bundle | None:
        """The request for several resources that it is an element of."""
        return self.booking.bundle

    @property
    def told(self) -> Told:
        """What payments are told of the booking as it stands."""
        return told_of(self.booking)


def organisations_of(plan: CostPlan) -> set[int]:
    """Name who pays or is paid, or was asked to pay (ids)."""
    return {
        plan.payee_id,
        *(party.organisation_id for party in plan.parties),
        *(subsidy.programme.organisation_id for subsidy in plan.subsidies),
    }


def find_costs(booking: Booking) -> Costs | None:
    """Find what a booking costs; None where its territory does not reckon with money, or its price is only shown."""
    return next(iter(find_all_costs([booking])), None)


def find_all_costs(bookings: Iterable[Booking]) -> list[Costs]:
    """Find what bookings cost, in their order; those of which nothing is reckoned are left out."""
    by_ref = {booking.ref: booking for booking in bookings}
    found = db.session.scalars(
        select(CostPlan)
        .join(TerritoryMoney, TerritoryMoney.territory_id == CostPlan.territory_id)
        .where(TerritoryMoney.is_on, CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref.in_(by_ref))
        .options(joinedload(CostPlan.tariff))
    )
    plans = {plan.subject_ref: plan for plan in found}
    return [Costs(booking, plans[ref]) for ref, booking in by_ref.items() if ref in plans]


def waiting_for_measures(actor: Actor) -> list[Booking]:
    """List what is over at a person's places and is not charged: somebody has to measure something, or to check it."""
    rows = db.session.execute(
        whole()
        .add_columns(CostPlan)
        .join(CostPlan, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == Booking.ref))
        .join(TerritoryMoney, TerritoryMoney.territory_id == Booking.territory_id)
        .where(TerritoryMoney.is_on, CostPlan.closed_at.is_(None), is_mine_to_decide(actor))
        .where(Booking.decision == APPROVED, Booking.use.in_(USED), Booking.end_at <= clock.now())
        .order_by(Booking.end_at, Booking.id)
        .limit(MEASURES_AT_MOST)
    ).all()
    return [
        booking
        for booking, plan in rows
        if missing_of(plan, told_of(booking)) or is_to_be_checked(Costs(booking, plan))
    ]


@dataclass(frozen=True)
class SharedCost:
    """What an organisation bears, or is asked to, of what another books: all elements of a request are one."""

    booking: Booking
    organisation: Organisation
    is_asked: bool


def shared_costs(organisation_ids: Collection[int]) -> list[SharedCost]:
    """List what these organisations share of what others book and is not charged yet, the first to come first."""
    rows = db.session.execute(
        whole()
        .add_columns(Organisation, CostParty.state)
        .join(CostPlan, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == Booking.ref))
        .join(CostParty, CostParty.plan_id == CostPlan.id)
        .join(Organisation, Organisation.id == CostParty.organisation_id)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Booking.territory_id)
        .where(TerritoryMoney.is_on, CostPlan.closed_at.is_(None))
        .where(CostParty.organisation_id.in_(organisation_ids), CostParty.state != PartyState.DECLINED)
        .where(CostParty.organisation_id != CostPlan.organisation_id)
        .where(Booking.decision.not_in(LOST), Booking.use != EXCUSED)
        .order_by(CostParty.state.desc(), Booking.start_at, Booking.id)  # who is asked first
        .limit(SHARED_AT_MOST)
    )
    found: dict[tuple[str, int], SharedCost] = {}
    for booking, organisation, state in rows:
        about = f"bundle:{booking.bundle_id}" if booking.bundle_id else booking.ref
        shared = SharedCost(booking, organisation, state == PartyState.INVITED)
        found.setdefault((about, organisation.id), shared)
    return [*found.values()]


def is_to_be_checked(costs: Costs) -> bool:
    """Tell whether what was measured waits for the place, which may correct it before it is charged."""
    plan = costs.plan
    if plan.are_measures_final or not plan.measures or costs.told.why is not Why.USED:
        return False
    return clock.now() < costs.booking.end_at + CHECKED_WITHIN


def told_of(booking: Booking) -> Told:
    """Tell payments what they have to know: what was used or promised, on which day, and what is to be paid of it."""
    zone = ZoneInfo(booking.resource.site.timezone)
    use, on = use_of(booking, zone), to_wall(booking.start_at, zone).date()
    if booking.decision in LOST:
        return Told(use, on, Why.CANCELLED_LATE, booking.due_percent)
    why = Why.ABSENT if booking.use == NO_SHOW else Why.USED
    return Told(use, on, why, forecast=_foreseen(booking))


def told_if(booking: Booking, place: Resource, span: Span, quantity: int) -> Told:
    """Tell payments what they would have to know if a booking had another time, place or quantity.

    Who asks for less where they are has what they gave back still given back.
    """
    zone, given = ZoneInfo(place.site.timezone), Given()
    if place.id == booking.resource_id:
        given = still_given(booking.given_back, booking.span, booking.quantity, span, quantity) or []
    use = _use(span, quantity, given, zone, booking.people)
    return Told(use, to_wall(span.start, zone).date(), forecast=_foreseen(booking))


def _foreseen(booking: Booking) -> dict[Meter, int]:
    """Tell what its meters will probably count: metres are thousandths of a kilometre, grams of a kilo."""
    known = {Meter.KM: booking.foreseen_metres, Meter.KG: booking.foreseen_grams}
    return {meter: milli for meter, milli in known.items() if milli is not None}


def use_of(booking: Booking, zone: ZoneInfo) -> Use:
    """Say what is paid for: the units of a booking for as long as it had each of them, less what was given back."""
    return _use(booking.span, booking.quantity, booking.given_back, zone, booking.people)


def _use(span: Span, quantity: int, given: Given, zone: ZoneInfo, people: int | None) -> Use:
    stays = [
        (Stay(Span(instant(start), instant(end)), zone), units)
        for start, end, units in stays_of(span, quantity, given)
    ]
    (stay, units), *also = stays
    return Use(stay, units, tuple(also), persons=people)


def stays_of(span: Span, quantity: int, given: Given) -> list[tuple[int, int, int]]:
    """List for how long how many units were had (start and end in epoch seconds), the same units together.

    Of four, two of which were given back for a day: two all the time, two before that day, and two after it.
    """
    start, end = span.epochs
    edges = sorted({start, end, *(edge for each in given for edge in each[:2] if start < edge < end)})
    left = [
        (since, until, quantity - sum(n for a, b, n in given if a <= since and b >= until))
        for since, until in pairwise(edges)
    ]
    levels = sorted({units for _since, _until, units in left if units > 0})
    return [
        (since, until, level - below)
        for below, level in pairwise([0, *levels])
        for since, until in _runs(left, level)
    ]


def _runs(left: list[tuple[int, int, int]], level: int) -> Iterator[tuple[int, int]]:
    """Give each stretch without a break in which there were at least so many units."""
    begun: int | None = None
    for since, until, units in left:
        if units < level:
            begun = None
            continue
        begun = since if begun is None else begun
        if not any(start == until and more >= level for start, _end, more in left):
            yield begun, until
