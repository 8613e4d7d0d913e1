"""Calling one's own quota back from those who have borrowed it, in the transaction of the request that needs it.

The newest bookings give back first, and only what is needed. One that begins later keeps what is left of it, or is
cancelled; one that begins before keeps all until then, and what is left of it goes on as a booking of its own.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.availability import recalling as capacity
from app.availability.lending import Loan
from app.availability.queries import get_terms
from app.availability.rules import DAY_MINUTES, Terms
from app.availability.service import put_off
from app.bookings.events import BookingRecalled
from app.bookings.models import Booking, Waiting
from app.bookings.rules import DECISION, PLANNED
from app.bookings.service.common import SYSTEM, changed, decide, facts_of, record
from app.bookings.service.holding import free, wish_of
from app.bookings.service.replied import end_proposals
from app.catalogue.models import Resource
from app.core import clock, ids
from app.core.span import to_wall
from app.infra.db import db
from app.infra.events import emit


def call_back(booking: Booking, resource: Resource) -> int:
    """Let others give back what a new booking needs of its organisation's own quota; give how many units.

    Nothing where nothing is lent, or the notice is too short: the check that follows says why. Guards are locked.
    """
    wish = wish_of(booking, resource.id)
    loans = capacity.loans_against(wish)
    if not loans or wish.span.epochs[0] < max(loan.quotas.recalled_from(clock.epoch()) for loan in loans):
        return 0
    since = _returned_by(get_terms(resource.id), booking.start_at)
    for hold_id in sorted({hold for loan in loans for hold in loan.cuts}, reverse=True):
        _give_back(hold_id, loans, since, booking.organisation_id)
    return max(-(-sum(loan.cuts.values()) // loan.need.qty) for loan in loans)


def _returned_by(terms: Terms, start: datetime) -> datetime:
    """Tell when those who borrow must have left, for all to be ready at a start: on the step, buffers before it."""
    reach = max(need.before + need.after for need in terms.needs)
    wall = to_wall(start - timedelta(minutes=reach), terms.zone).replace(tzinfo=None)
    beyond = (wall.hour * 60 + wall.minute) % min(terms.step, DAY_MINUTES)
    return (wall - timedelta(minutes=beyond)).replace(tzinfo=terms.zone).astimezone(UTC)


def _give_back(hold_id: int, loans: Sequence[Loan], since: datetime, whose: int) -> None:
    found = select(Booking).filter_by(hold_id=hold_id).execution_options(populate_existing=True)
    booking = db.session.scalars(found).one_or_none()
    if booking is None:
        _end_offer(hold_id)
    else:
        _cut(booking, _units(booking, hold_id, loans), since, whose)


def _end_offer(hold_id: int) -> None:
    """End at once what was only proposed, or offered from a waiting list: whoever looks after it tells of that."""
    put_off(hold_id, clock.epoch())
    db.session.execute(update(Waiting).where(Waiting.hold_id == hold_id).values(expires_at=clock.now()))


def _units(booking: Booking, hold_id: int, loans: Sequence[Loan]) -> int:
    """Tell how many units of its own resource a booking gives back, so that all needs have what they lack."""
    per = {need.resource_id: need.qty for need in get_terms(booking.resource_id).needs}
    cuts = ((loan.cuts.get(hold_id, 0), per.get(loan.need.resource_id, 1)) for loan in loans)
    return min(booking.quantity, max(-(-cut // qty) for cut, qty in cuts))


def _cut(booking: Booking, units: int, since: datetime, whose: int) -> None:
    begins_before = booking.start_at < since
    if begins_before and (since <= clock.now() or booking.end_at <= since):
        return  # the past is never rewritten, and nothing lasts longer for it: the check that follows refuses
    end_proposals([booking.id], "withdraw")
    left, before, rest = booking.quantity - units, facts_of(booking), None
    if begins_before:
        rest = _end_at(booking, since, left)
    elif left:
        capacity.shrink(booking.hold_id or 0, booking.quantity, left)
        booking.quantity, booking.pack = left, None
    else:
        booking.due_percent = 0  # nobody owes anything for what was called back
        decide(booking, DECISION.after("cancel", booking.decision), SYSTEM, "")
        free(booking)
    booking.recalled_at = clock.now()
    changed(booking)
    begins = max(since, booking.start_at).isoformat()
    facts: dict[str, Any] = {
        "units": units,
        "left": left,
        "since": begins,
        "rest": rest.ref if rest else None,
    }
    record(booking, "recalled", SYSTEM, before=before, whose=whose, **facts)
    emit(BookingRecalled(booking.id, None))


def _end_at(booking: Booking, since: datetime, left: int) -> Booking | None:
    """End a booking earlier; what is left of it goes on as a booking of its own, to the end it had."""
    hold_id = capacity.hand_on(booking.hold_id or 0, int(since.timestamp()), booking.quantity, left)
    end, booking.end_at = booking.end_at, since
    if hold_id is None:
        return None
    rest = _rest_of(booking, since, end, left, hold_id)
    db.session.add(rest)
    db.session.flush()
    record(rest, "goes_on", SYSTEM, of=booking.ref, **facts_of(rest))
    return rest


_SAME = (
    "territory_id", "resource_id", "organisation_id", "requester_id", "asked_as", "purpose", "people", "decision",
    "decided_by_id", "decided_for_id", "decided_at", "reason", "expires_at", "free_until", "late_percent",
)  # fmt: skip


def _rest_of(booking: Booking, start: datetime, end: datetime, quantity: int, hold_id: int) -> Booking:
    now, host = clock.now(), booking.uid.partition("@")[2]
    same = {name: getattr(booking, name) for name in _SAME}
    return Booking(
        ref=ids.new_ref(), uid=f"{ids.new_public_id(20).lower()}@{host}", start_at=start, end_at=end,
        quantity=quantity, hold_id=hold_id, use=PLANNED, due_percent=0, revision=0, recalled_at=now,
        created_at=booking.created_at, changed_at=now, **same,
    )  # fmt: skip
