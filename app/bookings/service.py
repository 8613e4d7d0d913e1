"""The use cases of a booking: ask, approve, refuse, cancel, change, undo, talk, expire. The only writer."""

import logging
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from app.accounts.models import Organisation, OrganisationState
from app.availability import service as capacity
from app.availability.errors import SlotRefused
from app.availability.queries import Wish, verdict
from app.bookings.errors import (
    AlreadyOver,
    BookingNotFound,
    KeyReused,
    NothingChanged,
    NotYourOrganisation,
    OrganisationNotActive,
    PurposeMissing,
    TooLateToUndo,
)  # fmt: skip
from app.bookings.events import (
    BookingApproved,
    BookingCancelled,
    BookingExpired,
    BookingMoved,
    BookingRefused,
    BookingRequested,
    DecisionUndone,
    MessageWritten,
)  # fmt: skip
from app.bookings.models import Booking, BookingMessage, DecisionLink
from app.bookings.policy import BookingPermission, coordinates, manages_site
from app.bookings.rules import (
    APPROVED,
    DECISION,
    PENDING,
    PLANNED,
    expiry_of_request,
    is_approved_at_once,
    may_undo,
)  # fmt: skip
from app.catalogue.models import Resource
from app.core import clock, ids
from app.core.errors import NotFound, ReasonMissing, TextTooLong
from app.core.policy import Actor, require
from app.core.span import Span
from app.infra import audit
from app.infra.db import compact_json, db
from app.infra.events import emit
from app.infra.uow import atomic

log = logging.getLogger(__name__)

MAX_PURPOSE, MAX_TEXT = 160, 4000
LINK_LIFE = timedelta(days=14)
SYSTEM = Actor()


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `key` makes a repeated send count once."""

    resource_id: int
    organisation_id: int
    span: Span
    quantity: int
    purpose: str
    people: int | None = None
    message: str = ""
    key: str | None = None

    @property
    def digest(self) -> str:
        """Tell requests with the same key apart."""
        return sha256(compact_json(asdict(replace(self, key=None))).encode()).hexdigest()


def ask(request: Request, actor: Actor, *, uid_host: str) -> Booking:
    """Ask for a slot: it is held while the manager answers, or approved at once where the rule says so.

    Raises SlotRefused with every reason. The same key with the same content gives the booking made before.
    """
    request = _tidy(request)
    with atomic() as session:
        capacity.lock([request.resource_id])
        if known := _made_before(request, actor):
            return known
        resource = session.get(Resource, request.resource_id)
        if resource is None:
            raise NotFound(kind="resource")
        organisation = _organisation_for(request, resource, actor)
        at_once = is_approved_at_once(resource.approval, organisation.priority_class)
        booking = _new_booking(request, resource, actor, uid_host, at_once=at_once)
        booking.hold_id = _take(booking, resource)
        session.add(booking)
        session.flush()
        _note(booking, "approved_at_once" if at_once else "requested", actor, **_facts(booking))
        if request.message:
            session.add(
                BookingMessage(
                    booking_id=booking.id, author_id=actor.person_id, text=request.message, at=clock.now()
                )
            )
        emit(
            BookingApproved(booking.id, actor.person_id, at_once=True)
            if at_once
            else BookingRequested(booking.id, actor.person_id)
        )
    return booking


def approve(booking_id: int, actor: Actor, note: str = "") -> Booking:
    """Say yes. A request whose hold was dropped meanwhile takes its slot again, or is refused with the reasons."""
    with atomic():
        booking = _locked(booking_id, actor, BookingPermission.DECIDE)
        state = DECISION.after("approve", booking.decision)
        if booking.hold_id is None:
            booking.hold_id = capacity.take([_wish(booking)], override=True)
        else:
            capacity.confirm(booking.hold_id)
        _decide(booking, state, actor, note)
        _note(booking, "approved", actor, reason=note)
        emit(BookingApproved(booking.id, actor.person_id))
    return booking


def refuse(booking_id: int, actor: Actor, reason: str) -> Booking:
    """Say no, with the reason that the requester reads; the slot is free again."""
    with atomic():
        booking = _locked(booking_id, actor, BookingPermission.DECIDE)
        state = DECISION.after("refuse", booking.decision)
        _decide(booking, state, actor, _reason(reason))
        _free(booking)
        _note(booking, "refused", actor, reason=booking.reason)
        emit(BookingRefused(booking.id, actor.person_id))
    return booking


def cancel(booking_id: int, actor: Actor, reason: str) -> Booking:
    """Give a request or a reservation up, from either side, with a reason."""
    with atomic():
        booking = _locked(booking_id, actor, BookingPermission.CANCEL)
        state = DECISION.after("cancel", booking.decision)
        _refuse_past(booking)
        by_manager = manages_site(actor, booking) and actor.person_id != booking.requester_id
        _decide(booking, state, actor, _reason(reason))
        _free(booking)
        _note(booking, "cancelled", actor, reason=booking.reason, by_manager=by_manager)
        emit(BookingCancelled(booking.id, actor.person_id, by_manager=by_manager))
    return booking


def change(booking_id: int, actor: Actor, span: Span, quantity: int) -> Booking:
    """Move a booking to another time or quantity: checked again, and asked again where a manager decides."""
    with atomic():
        booking = _locked(booking_id, actor, BookingPermission.CHANGE)
        at_once = is_approved_at_once(booking.resource.approval, booking.organisation.priority_class)
        state = DECISION.after("ask_again", booking.decision)
        _refuse_past(booking)
        if (booking.span, booking.quantity) == (span, quantity):
            raise NothingChanged(field="start")
        before = _facts(booking)
        booking.start_at, booking.end_at, booking.quantity = span.start, span.end, quantity
        booking.decision = APPROVED if at_once else state
        booking.expires_at = None if at_once else _expiry(booking.resource, span)
        booking.decided_by_id, booking.decided_at, booking.reason = None, None, ""
        _retake(booking)
        _changed(booking)
        _note(booking, "moved", actor, before=before, **_facts(booking))
        emit(BookingMoved(booking.id, actor.person_id))
    return booking


def undo(booking_id: int, actor: Actor) -> Booking:
    """Take a decision back within ten minutes; a refused slot must still be free."""
    with atomic():
        booking = _locked(booking_id, actor, BookingPermission.DECIDE)
        state = DECISION.after("undo", booking.decision)
        if not may_undo(booking.decided_at, clock.now()):
            raise TooLateToUndo
        booking.decision, booking.decided_at, booking.decided_by_id, booking.reason = state, None, None, ""
        booking.expires_at = _expiry(booking.resource, booking.span)
        # It met the terms when it was asked; a notice that ran out since is no bar.
        _retake(booking, override=True)
        _changed(booking)
        _note(booking, "decision_undone", actor)
        emit(DecisionUndone(booking.id, actor.person_id))
    return booking


def write_message(booking_id: int, actor: Actor, text: str) -> BookingMessage:
    """Write to the other side of a booking."""
    if not text.strip():
        raise ReasonMissing(field="text")
    _refuse_long("text", text, MAX_TEXT)
    with atomic() as session:
        booking = get_for(booking_id, actor, BookingPermission.TALK)
        message = BookingMessage(
            booking_id=booking.id, author_id=actor.person_id, text=text.strip(), at=clock.now()
        )
        session.add(message)
        session.flush()
        emit(MessageWritten(booking.id, actor.person_id, message_id=message.id))
    return message


def expire_due() -> int:
    """End the requests nobody answered in time and free their slots; give how many.

    Each in a transaction of its own. Raise ExceptionGroup at the end if some could not be ended.
    """
    now, failures = clock.now(), []
    due = select(Booking.id, Booking.ref).where(Booking.decision == PENDING, Booking.expires_at <= now)
    found = db.session.execute(due.order_by(Booking.id)).all()
    for booking_id, ref in found:
        try:
            _expire(booking_id, now)
        except Exception as error:  # whatever is wrong with one, the time of the others is over too
            log.exception("The request %s could not be ended.", ref)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(found)} requests could not be ended", failures)
    return len(found)


def open_decision_link(booking_id: int, person_id: int) -> str:
    """Make the secret of a link by which one manager decides from an e-mail."""
    secret, now = ids.new_secret(), clock.now()
    with atomic() as session:
        session.add(
            DecisionLink(
                booking_id=booking_id,
                person_id=person_id,
                token_hash=ids.hash_secret(secret),
                created_at=now,
                expires_at=now + LINK_LIFE,
            )
        )
    return secret


def get_for(booking_id: int, actor: Actor, permission: BookingPermission) -> Booking:
    """Read a booking for a use case; raise BookingNotFound or Forbidden."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise BookingNotFound
    require(actor, permission, booking)
    return booking


def _locked(booking_id: int, actor: Actor, permission: BookingPermission) -> Booking:
    """Lock the guard of the booking's resource, then read the booking afresh: two clicks cannot both decide."""
    resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
    if resource_id is None:
        raise BookingNotFound
    capacity.lock([resource_id])
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    require(actor, permission, booking)
    return booking


def _tidy(request: Request) -> Request:
    purpose = " ".join(request.purpose.split())
    if not purpose:
        raise PurposeMissing(field="purpose")
    _refuse_long("purpose", purpose, MAX_PURPOSE)
    _refuse_long("message", request.message, MAX_TEXT)
    return replace(request, purpose=purpose, message=request.message.strip())


def _made_before(request: Request, actor: Actor) -> Booking | None:
    if not request.key:
        return None
    known = db.session.scalar(
        select(Booking).filter_by(requester_id=actor.person_id, idempotency_key=request.key)
    )
    if known and known.idempotency_digest != request.digest:
        raise KeyReused(field="key", ref=known.ref)
    return known


def _organisation_for(request: Request, resource: Resource, actor: Actor) -> Organisation:
    require(actor, BookingPermission.ASK, resource)
    organisation = db.session.get(Organisation, request.organisation_id)
    if organisation is None or not (
        actor.belongs_to(organisation.id) or coordinates(actor, organisation) or manages_site(actor, resource)
    ):
        raise NotYourOrganisation(organisation_id=request.organisation_id, signed_in=True)
    if organisation.state != OrganisationState.ACTIVE or organisation.territory_id != resource.territory_id:
        raise OrganisationNotActive(name=organisation.name, signed_in=True)
    return organisation


def _new_booking(
    request: Request, resource: Resource, actor: Actor, uid_host: str, *, at_once: bool
) -> Booking:
    now, ref = clock.now(), ids.new_ref()
    return Booking(
        ref=ref, uid=f"{ids.new_public_id(20).lower()}@{uid_host}", territory_id=resource.territory_id,
        resource_id=resource.id, organisation_id=request.organisation_id, requester_id=actor.person_id,
        start_at=request.span.start, end_at=request.span.end, quantity=request.quantity, purpose=request.purpose,
        people=request.people, decision=APPROVED if at_once else PENDING, use=PLANNED, reason="",
        decided_at=now if at_once else None, expires_at=None if at_once else _expiry(resource, request.span),
        idempotency_key=request.key, idempotency_digest=request.digest if request.key else None,
        revision=0, created_at=now, changed_at=now,
    )  # fmt: skip


def _take(booking: Booking, resource: Resource, *, override: bool = False) -> int | None:
    wish = _wish(booking, resource.id)
    if booking.decision == PENDING and not resource.holds_request:
        if not override and (refusals := verdict(wish)):
            raise SlotRefused(resource.id, refusals)
        return None
    return capacity.take([wish], expires_at=_epoch(booking.expires_at), override=override)


def _retake(booking: Booking, *, override: bool = False) -> None:
    """Bring what the booking takes in line with its new time or state."""
    keeps = booking.decision == APPROVED or booking.resource.holds_request
    if booking.hold_id is not None and keeps:
        expires_at = _epoch(booking.expires_at)
        capacity.move(booking.hold_id, [_wish(booking)], expires_at=expires_at, override=override)
        return
    _free(booking)
    booking.hold_id = _take(booking, booking.resource, override=override)


def _free(booking: Booking) -> None:
    hold_id, booking.hold_id = booking.hold_id, None
    db.session.flush()
    if hold_id is not None:
        capacity.release(hold_id)


def _wish(booking: Booking, resource_id: int | None = None) -> Wish:
    return Wish(resource_id or booking.resource_id, booking.span, booking.quantity)


def _expiry(resource: Resource, span: Span) -> datetime:
    return expiry_of_request(clock.now(), span.start, resource.answer_hours)


def _epoch(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None


def _decide(booking: Booking, state: str, actor: Actor, reason: str) -> None:
    booking.decision, booking.reason, booking.expires_at = state, reason.strip(), None
    booking.decided_by_id, booking.decided_at = actor.person_id, clock.now()
    _changed(booking)


def _changed(booking: Booking) -> None:
    booking.revision += 1
    booking.changed_at = clock.now()
    db.session.flush()


def _expire(booking_id: int, now: datetime) -> None:
    with atomic():
        resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
        capacity.lock([resource_id or 0])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        if booking.decision != PENDING or booking.expires_at is None or booking.expires_at > now:
            return  # answered while we came
        _decide(booking, DECISION.after("expire", booking.decision), SYSTEM, "")
        _free(booking)
        _note(booking, "expired", SYSTEM)
        emit(BookingExpired(booking.id, None))


def _refuse_past(booking: Booking) -> None:
    if booking.end_at <= clock.now():
        raise AlreadyOver(ref=booking.ref)


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing(field="reason")
    _refuse_long("reason", text, MAX_TEXT)
    return text.strip()


def _refuse_long(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise TextTooLong(field=field, max=limit)


def _facts(booking: Booking) -> dict[str, object]:
    start, end = booking.start_at.isoformat(), booking.end_at.isoformat()
    return {"start": start, "end": end, "quantity": booking.quantity}


def _note(booking: Booking, act: str, actor: Actor, **facts: object) -> None:
    audit.record("booking", booking.id, act, actor, territory_id=booking.territory_id, **facts)
