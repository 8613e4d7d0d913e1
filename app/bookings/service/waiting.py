"""Waiting lists: joining and leaving one, offering what is freed to the first who fits, taking what is offered.

What is freed is offered by a job that is queued in the transaction that freed it, so none is lost; the job looks at
everything afresh under the resource's guard, so it may run twice.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from app.accounts.models import Organisation
from app.accounts.queries import load_actor
from app.accounts.service.locks import keep_person
from app.availability import service as capacity
from app.availability.askers import Asker
from app.availability.closed import refuse_closed_since
from app.availability.errors import SlotRefused
from app.availability.queries import Wish, get_terms, verdict
from app.availability.rules import WORTH_TELLING, WORTH_WAITING, may_pass
from app.bookings.arbitration import ahead_in_line
from app.bookings.at_once import is_at_once
from app.bookings.errors import OfferOver, SlotIsFree, WaitsTooMuch
from app.bookings.events import OfferMissed, OfferTakenBack, SlotFreed, SlotOffered
from app.bookings.models import Booking, Waiting
from app.bookings.policy import BookingPermission
from app.bookings.rules import (
    IN_LINE,
    OFFERED,
    PENDING,
    STILL_WAITING,
    TAKEN,
    TO_TELL,
    WAITING,
    WAITS,
    expiry_of_offer,
)
from app.bookings.service.asking import (
    Request,
    enter,
    new_booking,
    organisation_for,
    refuse_licence,
    refuse_passengers,
    tidy_purpose,
)
from app.bookings.service.common import MAX_TEXT, refuse_long
from app.bookings.service.holding import epoch_of
from app.bookings.service.talking import new_message
from app.bookings.waitlist import Want, still_waiting, waited_for, waited_for_beside
from app.catalogue.models import Resource
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.events import emit
from app.infra.jobs import enqueue
from app.infra.uow import atomic

log = logging.getLogger(__name__)

# What was offered and missed stays kept until the job of every minute passes it on, so that nobody slips in.
PASSED_ON_WITHIN = timedelta(minutes=10)
MOST_WAITING = 30  # for one person at one time: more is no wish any more, but a trawl


def join(want: Want, actor: Actor) -> Waiting:
    """Wait for a slot that is taken; who waits for it already keeps their place.

    Raise SlotIsFree, SlotRefused for what no waiting would change, WaitsTooMuch, and as `ask` for the organisation and
    the passengers.
    """
    purpose = tidy_purpose(want.purpose) if want.organisation_id is not None else ""
    refuse_long("message", want.message, MAX_TEXT)
    with atomic() as session:
        require(actor, BookingPermission.WAIT)
        capacity.lock([want.resource_id])
        if known := _known(want, actor):
            return known
        resource = _get_resource(want.resource_id)
        refuse_passengers(resource, want.people)
        if want.organisation_id is not None:
            organisation_for(want.organisation_id, resource, actor)
        else:
            keep_person(actor.person_id)
        _refuse_idle(want, resource, actor)
        _refuse_too_much(actor)
        now = clock.now()
        entry = Waiting(
            ref=ids.new_ref(), territory_id=resource.territory_id, resource_id=resource.id,
            organisation_id=want.organisation_id, told_for_id=want.told_for(actor), person_id=actor.person_id,
            mode=TO_TELL if want.organisation_id is None else IN_LINE, start_at=want.span.start,
            end_at=want.span.end, quantity=want.quantity, purpose=purpose, people=want.people,
            message=want.message.strip(), state=WAITS, created_at=now, changed_at=now,
        )  # fmt: skip
        session.add(entry)
        session.flush()
    return entry


def leave(ref: str, actor: Actor) -> Waiting:
    """Leave a list, or decline what is offered: it is the next one's turn."""
    with atomic():
        entry = _locked(ref, actor)
        _end(entry, "leave")
        _offer_all(entry.resource_id)
    return entry


def take_offer(ref: str, actor: Actor, *, uid_host: str, licence_years: int = 0) -> Booking:
    """Take what is offered: booked at once, or asked for where the place answers. Taken twice, it is one booking.

    Raise OfferOver, and as `ask` for the organisation, the passengers and what is confirmed of the driver.
    """
    with atomic():
        entry = _locked(ref, actor)
        if entry.state == TAKEN and entry.booking:
            return entry.booking
        if entry.state != OFFERED or entry.expires_at is None or entry.expires_at <= clock.now():
            raise OfferOver(ref=entry.ref)
        refuse_closed_since(entry.resource, entry.span)
        refuse_passengers(entry.resource, entry.people)
        refuse_licence(entry.resource, licence_years)
        booking = _booking_of(entry, actor, uid_host)
        _hand_over(entry, booking)
        enter(booking, actor)
        if entry.message:
            db.session.add(new_message(booking, actor, entry.message))
        _now(entry, "take")
        entry.booking_id = booking.id
        db.session.flush()
    return booking


def queue_offers(resource_ids: Sequence[int]) -> None:
    """Queue, inside a use case, the job that offers what it has freed, where somebody waits for it."""
    _queue(waited_for(resource_ids))


def queue_offers_beside(booking_ids: Collection[int], left: Collection[int] = ()) -> None:
    """Queue, inside a use case that settled requests, offers of what these asked for and may not have kept."""
    _queue(waited_for_beside(booking_ids, left))


def _queue(resource_ids: Iterable[int]) -> None:
    for each in resource_ids:
        enqueue("bookings.offer_freed", {"resource": each}, dedup_key=f"offer_freed:{each}")


def offer_freed(resource_id: int) -> int:
    """Offer what is free of a resource to those in line whom it fits, and tell those who asked to be told.

    Give how many were offered something or told. Nothing is locked or written while nothing fits.
    """
    if not any(_fits(each) for each in still_waiting(resource_id)):
        return 0
    with atomic():
        capacity.lock([resource_id])
        return _offer_all(resource_id)


def end_missed_offers() -> int:
    """End the offers that were not taken in time, and let the next ones have theirs; give how many.

    Each in a transaction of its own. Raise ExceptionGroup at the end if some could not be ended.
    """
    due = select(Waiting.id).where(Waiting.state == OFFERED, Waiting.expires_at <= clock.now())
    return _each(db.session.scalars(due.order_by(Waiting.id)).all(), _miss)


def sweep_waiting() -> int:
    """End the waiting whose time has passed, then look at every resource somebody waits for; give how many ended."""
    over = (Waiting.state == WAITS) & (Waiting.start_at <= clock.now())
    kept = Waiting.state.not_in(STILL_WAITING) & Waiting.hold_id.is_not(None)
    found = select(Waiting.id).where(over | kept).order_by(Waiting.id)
    ended = _each(db.session.scalars(found).all(), _end_over)
    places = select(Waiting.resource_id).where(Waiting.state == WAITS).distinct()
    _each(sorted(db.session.scalars(places)), offer_freed)
    return ended


def _each(numbers: Sequence[int], do: Callable[[int], object]) -> int:
    """Do something for each; whatever is wrong with one, the others have their turn."""
    failures = []
    for number in numbers:
        try:
            do(number)
        except Exception as error:
            log.exception("A waiting list could not be moved on (%s).", number)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(numbers)} could not be done", failures)
    return len(numbers)


# -- joining ------------------------------------------------------------------------------------------------


def _known(want: Want, actor: Actor) -> Waiting | None:
    same = select(Waiting).filter_by(
        person_id=actor.person_id, resource_id=want.resource_id, organisation_id=want.organisation_id,
        told_for_id=want.told_for(actor), start_at=want.span.start, end_at=want.span.end, quantity=want.quantity,
    )  # fmt: skip
    return db.session.scalars(same.where(Waiting.state.in_(STILL_WAITING)).limit(1)).one_or_none()


def _get_resource(resource_id: int) -> Resource:
    resource = db.session.get(Resource, resource_id)
    if resource is None:
        raise NotFound(kind="resource")
    return resource


def _refuse_idle(want: Want, resource: Resource, actor: Actor) -> None:
    """Refuse to wait for what is free, and for what would be refused even if nobody else had it.

    Who only wants to be told may also wait for the day from which their class may ask.
    """
    organisation = db.session.get(Organisation, want.organisation_id) if want.organisation_id else None
    asker = Asker.on_behalf_of(organisation) if organisation else Asker.of(actor)
    found = verdict(Wish(want.resource_id, want.span, want.quantity, asker))
    if not found:
        raise SlotIsFree(slug=resource.slug)
    worth = WORTH_WAITING if organisation else WORTH_TELLING
    if own := tuple(refusal for refusal in found if not may_pass(refusal, worth)):
        raise SlotRefused(resource.id, own)


def _refuse_too_much(actor: Actor) -> None:
    count = select(func.count(Waiting.id)).where(
        Waiting.person_id == actor.person_id, Waiting.state.in_(STILL_WAITING)
    )
    if (db.session.scalar(count) or 0) >= MOST_WAITING:
        raise WaitsTooMuch(most=MOST_WAITING)


# -- offering -----------------------------------------------------------------------------------------------


def _wish(entry: Waiting) -> Wish:
    return Wish(entry.resource_id, entry.span, entry.quantity, _asker(entry))


def _asker(entry: Waiting) -> Asker:
    """Tell for whom somebody waits: for the organisation named, or as which they asked to be told."""
    if organisation := entry.organisation or entry.told_for:
        return Asker.on_behalf_of(organisation)
    return Asker.of(load_actor(entry.person_id))


def _fits(entry: Waiting) -> bool:
    """Tell whether what somebody waits for is free, and no request that comes before by priority waits for it."""
    return not verdict(_wish(entry)) and ahead_in_line(entry, _asker(entry)) is None


def _offer_all(resource_id: int) -> int:
    """Offer what is free to those in line, then tell the others, under the guard; give how many."""
    entries = still_waiting(resource_id)
    offered = [_offer(each) for each in entries if each.mode == IN_LINE]
    told = [_tell(each) for each in entries if each.mode == TO_TELL]
    return sum(offered) + sum(told)


def _offer(entry: Waiting) -> bool:
    """Keep what is free for somebody in line, if it fits; under the guard."""
    if not _fits(entry):
        return False
    terms = get_terms(entry.resource_id, _asker(entry))
    expires_at = expiry_of_offer(clock.now(), entry.start_at, terms.notice)
    hold_id = capacity.take([_wish(entry)], expires_at=epoch_of(expires_at + PASSED_ON_WITHIN))
    _now(entry, "offer")
    entry.hold_id, entry.expires_at = hold_id, expires_at
    db.session.flush()
    emit(SlotOffered(entry.id))
    return True


def _tell(entry: Waiting) -> bool:
    if not _fits(entry):
        return False
    _now(entry, "tell")
    db.session.flush()
    emit(SlotFreed(entry.id))
    return True


# -- ending -------------------------------------------------------------------------------------------------


def _locked(ref: str, actor: Actor) -> Waiting:
    """Lock the guard of the resource somebody waits for, then read their place afresh."""
    row = db.session.execute(select(Waiting.id, Waiting.resource_id).filter_by(ref=ref.upper())).one_or_none()
    if row is None:
        raise NotFound(kind="waiting")
    capacity.lock([row.resource_id])
    entry = db.session.get_one(Waiting, row.id, populate_existing=True)
    require(actor, BookingPermission.SEE_WAITING, entry)
    return entry


def _under_lock(waiting_id: int) -> Waiting:
    resource_id = db.session.scalar(select(Waiting.resource_id).filter_by(id=waiting_id))
    capacity.lock([resource_id or 0])
    return db.session.get_one(Waiting, waiting_id, populate_existing=True)


def _miss(waiting_id: int) -> None:
    with atomic():
        entry, now = _under_lock(waiting_id), clock.now()
        if entry.state == OFFERED and entry.expires_at is not None and entry.expires_at <= now:
            _end(entry, "miss")
            emit(OfferMissed(entry.id))
            _offer_all(entry.resource_id)


def _end_over(waiting_id: int) -> None:
    with atomic():
        entry = _under_lock(waiting_id)
        if entry.state == WAITS and entry.start_at <= clock.now():
            _end(entry, "end")
        elif entry.state not in STILL_WAITING:
            _release(entry)


def take_back_under_lock(entry: Waiting, *, is_recalled: bool = False) -> None:
    """Take an offer back whose place closes, or that is called back, under its lock: they are in line as before."""
    _end(entry, "take_back")
    emit(OfferTakenBack(entry.id, is_recalled=is_recalled))


def end_waiting_of(theirs: ColumnElement[bool]) -> None:
    """End the waiting of who leaves, inside that use case.

    The guards may not be locked here, so what is kept for them ends at once and `sweep_waiting` releases it.
    """
    for entry in db.session.scalars(select(Waiting).where(theirs, Waiting.state.in_(STILL_WAITING))):
        _now(entry, "end")
        if entry.hold_id is not None:
            capacity.put_off(entry.hold_id, clock.epoch())
    db.session.flush()


def _end(entry: Waiting, act: str) -> None:
    """End somebody's waiting; what was kept for them is free for the next."""
    _now(entry, act)
    _release(entry)


def _release(entry: Waiting) -> None:
    hold_id, entry.hold_id, entry.expires_at = entry.hold_id, None, None
    db.session.flush()
    if hold_id is not None:
        capacity.release(hold_id)


def _now(entry: Waiting, act: str) -> None:
    entry.state, entry.changed_at = WAITING.after(act, entry.state), clock.now()


# -- taking -------------------------------------------------------------------------------------------------


def _booking_of(entry: Waiting, actor: Actor, uid_host: str) -> Booking:
    resource = _get_resource(entry.resource_id)
    organisation = organisation_for(entry.organisation_id or 0, resource, actor)
    request = Request(resource.id, organisation.id, entry.span, entry.quantity, entry.purpose, entry.people)
    at_once = is_at_once(resource, organisation, [entry.span], entry.quantity)
    return new_booking(request, resource, actor, uid_host, at_once=at_once)


def _hand_over(entry: Waiting, booking: Booking) -> None:
    """Give what was kept to the booking; nothing where a request keeps nothing."""
    hold_id, entry.hold_id, entry.expires_at = entry.hold_id, None, None
    db.session.flush()
    if hold_id is None:
        raise OfferOver(ref=entry.ref)
    if booking.decision == PENDING and not _get_resource(booking.resource_id).keeps_requests:
        capacity.release(hold_id)
        return
    booking.hold_id = hold_id
    if booking.expires_at is None:
        capacity.confirm(hold_id)
    else:
        capacity.put_off(hold_id, epoch_of(booking.expires_at) or 0)
