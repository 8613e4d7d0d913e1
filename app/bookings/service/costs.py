"""What a booking costs, along its life: planned when it is asked for, promised with the yes, charged when it is over.

All of it in the transaction of what happened to the booking, under the guard of its resource; what is charged is in one
of its own, on the disk before anybody is told (docs/money.md).
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, cast, literal, or_, select

from app.availability import service as capacity
from app.bookings.costs import (
    CHECKED_WITHIN,
    MEASURED_WITHIN,
    SUBJECT,
    USED,
    Costs,
    find_costs,
    is_to_be_checked,
    told_of,
)
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, Proposal
from app.bookings.policy import BookingPermission
from app.bookings.queries import last_reason
from app.bookings.rules import APPROVED, EXCUSED, LOST, NO_SHOW, OPEN, REFUSED, UNDO_WINDOW, may_undo
from app.bookings.service import deposits
from app.core import clock
from app.core.policy import Actor, can, require
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.credited import credited_cents, lines_cents
from app.payments.errors import NotCharged
from app.payments.models import Charge, CostPlan, Credit, TariffVersion, TerritoryMoney
from app.payments.queries import priced_at
from app.payments.service import Correction, NewPlan
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Why

log = logging.getLogger(__name__)


# -- along the life of a booking ------------------------------------------------------------------------------


def begin(bookings: Sequence[Booking], at: datetime | None = None) -> None:
    """Plan what new bookings of one territory cost, at the tariffs in force (None: now); promise what is accepted."""
    tariffs = _promised({booking.resource_id for booking in bookings}, at or clock.now())
    for booking in bookings:
        if tariff := tariffs.get(booking.resource_id):
            _keep(booking, payments.make_plan(_new_plan(booking, tariff)))
    deposits.follow([booking.id for booking in bookings])


def _promised(resource_ids: Collection[int], at: datetime) -> Mapping[int, TariffVersion]:
    """Give the tariff of an instant that each resource is had at; none where their territory has no money.

    What is shown as free of charge and has none is free: that is written down, so that its use has a record, too.
    """
    known = priced_at(resource_ids, at) if resource_ids else {}
    found = {each: version for each, version in known.items() if version is not None}
    unsaid = known.keys() - found.keys()
    return {**found, **payments.say_free(unsaid, at)} if unsaid else found


def _new_plan(booking: Booking, tariff: TariffVersion) -> NewPlan:
    return NewPlan(
        SUBJECT,
        booking.ref,
        booking.territory_id,
        booking.organisation_id,
        booking.resource.site.owner_id,
        tariff,
        booking.organisation.priority_class,
        booking.resource.kind,
    )


def follow(booking_ids: Collection[int]) -> None:
    """Bring what envelopes promise in line with what became of bookings."""
    by_ref = {
        each.ref: each for each in db.session.scalars(select(Booking).where(Booking.id.in_(booking_ids)))
    }
    for plan in payments.plans_of(SUBJECT, by_ref):
        _keep(by_ref[plan.subject_ref], plan)
        _ask_again(by_ref[plan.subject_ref], plan)
    deposits.follow(booking_ids)


def _keep(booking: Booking, plan: CostPlan) -> None:
    """Hold what is promised, or release it; of what is free no part stays due, whenever it is given up."""
    if not plan.is_priced:
        booking.free_until, booking.late_percent = None, 0
    if plan.is_closed:
        return
    if booking.decision == APPROVED and booking.use in USED:
        payments.promise(plan, told_of(booking))
    else:
        payments.give_up(plan)


def _ask_again(booking: Booking, plan: CostPlan) -> None:
    """Ask whoever would bear more than they said yes to; what is measured was part of their yes."""
    if len(plan.parties) > 1:
        payments.ask_again(plan, told_of(booking))


def promise_proposed(booking_id: int) -> None:
    """Promise the tariff in force now of the place that is proposed for a booking, also where it is free of charge."""
    proposed = select(Proposal.resource_id).filter_by(booking_id=booking_id, state=OPEN)
    _promised(db.session.scalars(proposed).all(), clock.now())


def follow_elsewhere(booking_id: int, proposed_at: datetime) -> None:
    """Plan anew what a booking costs that became another resource: at the tariff of that place when it was proposed."""
    booking = db.session.get_one(Booking, booking_id)
    tariff = _promised([booking.resource_id], proposed_at).get(booking.resource_id)
    plan = next(iter(payments.plans_of(SUBJECT, [booking.ref])), None)
    if plan is None:
        begin([booking], proposed_at)
    elif tariff is None:
        payments.drop_plan(plan)
    else:
        payments.replan(plan, booking.resource.site.owner_id, tariff, booking.resource.kind)
        _keep(booking, plan)
        _ask_again(booking, plan)
    deposits.follow([booking_id])


# -- charging -------------------------------------------------------------------------------------------------


def charge_due() -> int:
    """Charge what is over, and put right what was charged before an absence was told or forgiven; give how many.

    Each in a transaction of its own. Raise ExceptionGroup at the end if some could not be.
    """
    failures, done = [], 0
    for act, wanted in ((charge, _due()), (charge_absence, _missed()), (forgive_charge, _forgiven())):
        for booking_id in [*db.session.scalars(wanted)]:
            try:
                done += bool(act(booking_id))
            except Exception as error:  # whatever is wrong with one, the others are to be charged too
                log.exception("The booking %s could not be charged, or not be put right.", booking_id)
                failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} bookings could not be charged", failures)
    return done


def charge(booking_id: int) -> Charge | None:
    """Charge a booking that is over; None where that is done, too early, or something has to be measured first.

    What whoever used it has measured waits some days for the place to say otherwise; what nobody measures is left out
    after a month, so that the rest is paid and envelopes keep nothing for ever.
    """
    with atomic(durable=True):
        costs = _locked(booking_id)
        if costs is None or not _is_due(costs.booking) or is_to_be_checked(costs):
            return None
        is_late = clock.now() >= costs.booking.end_at + MEASURED_WITHIN
        return payments.charge_plan(costs.plan, costs.told, leave_out_missing=is_late)


def charge_absence(booking_id: int) -> bool:
    """Charge anew, as an absence, what was charged before it was told that nobody came: nobody helps to pay that."""
    with atomic(durable=True):
        costs = _locked(booking_id)
        if costs is None or db.session.scalar(_missed().where(Booking.id == booking_id)) is None:
            return False
        reason = last_reason(booking_id, "missed") or "absence"
        missed = Correction(f"missed:{costs.plan.charge_id}", reason)
        payments.charge_anew(costs.plan, Actor(), missed, costs.told)
    return True


def forgive_charge(booking_id: int) -> bool:
    """Take back what was charged for an absence that was forgiven afterwards."""
    with atomic(durable=True):
        costs = _locked(booking_id)
        if costs is None or costs.plan.charge_id is None or costs.booking.use != EXCUSED:
            return False
        charge_id = costs.plan.charge_id
        payments.credit(f"forgiven:{charge_id}", charge_id, last_reason(booking_id, "forgiven"))
    return True


def _due() -> Select[int]:
    over = and_(Booking.decision == APPROVED, _is_over(), Booking.use != EXCUSED)
    settled = or_(Booking.decision != REFUSED, Booking.decided_at < clock.now() - UNDO_WINDOW)
    has_price = TariffVersion.terms["form"].as_integer().is_not(None)
    late = and_(Booking.decision.in_(LOST), Booking.due_percent > 0, settled, has_price)
    return (
        select(Booking.id)
        .join(CostPlan, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == Booking.ref))
        .join(CostPlan.tariff)
        .join(TerritoryMoney, TerritoryMoney.territory_id == Booking.territory_id)
        .where(CostPlan.closed_at.is_(None), TerritoryMoney.is_on, or_(over, late))
        .order_by(Booking.id)
    )


def _is_over() -> ColumnElement[bool]:
    return or_(Booking.end_at <= clock.now(), Booking.use == "done")


def _is_due(booking: Booking) -> bool:
    if booking.decision in LOST:
        may_come_back = booking.decision == REFUSED and may_undo(booking.decided_at, clock.now())
        return booking.due_percent > 0 and not may_come_back
    is_over = booking.end_at <= clock.now() or booking.use == "done"
    return booking.decision == APPROVED and is_over and booking.use != EXCUSED


def _missed() -> Select[int]:
    """Find what was charged as if somebody had come, in the time in which an absence can be told and some days more.

    What was taken back whole is left alone; what came to nothing is no longer told as given in kind.
    """
    recent = Booking.use == NO_SHOW, Booking.end_at > clock.now() - MEASURED_WITHIN - CHECKED_WITHIN
    is_left = or_(credited_cents() < lines_cents(), lines_cents() == 0)
    as_used = Charge.snapshot["why"].as_string() == Why.USED, is_left
    return (
        select(Booking.id)
        .join(CostPlan, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == Booking.ref))
        .join(Charge, Charge.id == CostPlan.charge_id)
        .where(*recent, *as_used)
        .order_by(Booking.id)
    )


def _forgiven() -> Select[int]:
    """Find what was charged for an absence that was forgiven afterwards."""
    forgiven = literal("forgiven:") + cast(Charge.id, String)
    return (
        select(Booking.id)
        .select_from(Charge)
        .join(CostPlan, CostPlan.charge_id == Charge.id)
        .join(Booking, and_(CostPlan.subject_kind == SUBJECT, CostPlan.subject_ref == Booking.ref))
        .outerjoin(Credit, and_(Credit.charge_id == Charge.id, Credit.key == forgiven))
        .where(Booking.use == EXCUSED, Credit.id.is_(None))
        .order_by(Booking.id)
    )


# -- what is entered and put right ----------------------------------------------------------------------------


def measure_costs(booking_id: int, actor: Actor, milli: dict[Meter, int]) -> Charge | None:
    """Write down what was measured; where the place does, and the booking is over, it is charged with that."""
    with atomic(durable=True):
        costs = locked_costs(booking_id, actor, BookingPermission.MEASURE)
        is_final = can(actor, BookingPermission.CORRECT_COSTS, costs)
        payments.measure(costs.plan, actor, milli, is_final=is_final)
        return _charge_or_keep(costs)


def correct_costs(booking_id: int, actor: Actor, correction: Correction) -> Charge:
    """Charge anew by other figures what was measured wrongly; what was charged before is taken back."""
    with atomic(durable=True):
        costs = locked_costs(booking_id, actor, BookingPermission.CORRECT_COSTS)
        if costs.booking.use == EXCUSED:
            raise NotCharged
        return payments.charge_anew(costs.plan, actor, correction, costs.told)


def take_costs_back(booking_id: int, actor: Actor, reason: str, key: str, cents: int | None = None) -> Credit:
    """Take back what was charged for a booking, all of it or so many cents, with a reason."""
    with atomic(durable=True):
        costs = locked_costs(booking_id, actor, BookingPermission.CORRECT_COSTS)
        return payments.take_back(costs.plan, actor, reason, key, cents)


def waive_costs(booking_id: int, actor: Actor, reason: str) -> Charge | None:
    """Charge nothing for a booking, with a reason that stays beside what it would cost."""
    with atomic(durable=True):
        costs = locked_costs(booking_id, actor, BookingPermission.WAIVE_COSTS)
        payments.waive(costs.plan, actor, reason)
        return _charge_or_keep(costs)


def take_waiver_back(booking_id: int, actor: Actor) -> Charge | None:
    """Charge a booking that was to be free, unless it was written down as such already."""
    with atomic(durable=True):
        costs = locked_costs(booking_id, actor, BookingPermission.WAIVE_COSTS)
        payments.take_waiver_back(costs.plan, actor)
        return _charge_or_keep(costs)


def _charge_or_keep(costs: Costs) -> Charge | None:
    if _is_due(costs.booking) and not is_to_be_checked(costs):
        return payments.charge_plan(costs.plan, costs.told)
    _keep(costs.booking, costs.plan)
    return None


def locked_costs(booking_id: int, actor: Actor, permission: BookingPermission) -> Costs:
    """Lock a booking and read what it costs; raise BookingNotFound where it costs nothing, Forbidden."""
    costs = _locked(booking_id)
    if costs is None:
        raise BookingNotFound
    require(actor, permission, costs)
    return costs


def _locked(booking_id: int) -> Costs | None:
    resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
    capacity.lock([resource_id or 0])
    booking = db.session.get(Booking, booking_id, populate_existing=True)
    if booking is None or (costs := find_costs(booking)) is None:
        return None
    db.session.refresh(costs.plan)
    return costs
