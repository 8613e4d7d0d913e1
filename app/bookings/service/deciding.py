"""Answering a request: yes, no, back within ten minutes, or by time itself."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Person
from app.availability import service as capacity
from app.bookings import guards
from app.bookings.errors import CannotGiveBack, NothingToUndo, TooLateToUndo
from app.bookings.events import (
    BookingApproved,
    BookingExpired,
    BookingHalfApproved,
    BookingRefused,
    DecisionUndone,
)
from app.bookings.models import Booking, DecisionLink
from app.bookings.parties import keep_parties
from app.bookings.policy import BookingPermission, in_whose_place
from app.bookings.recalls import has_called_back
from app.bookings.rules import APPROVED, DECISION, PENDING, REFUSED, may_undo
from app.bookings.service.agreeing import read_yeses, say_yes, take_yes_back
from app.bookings.service.as_one import legs_ending_with, let_wait
from app.bookings.service.common import (
    SYSTEM,
    by_delegation,
    changed,
    decide,
    decision_after,
    left_due,
    locked,
    reason_of,
    record,
    refuse_noted,
    refuse_replaced,
    refuse_unseen,
    undecided,
)
from app.bookings.service.holding import free, still_answerable, wait_with_hold, wish_of
from app.bookings.service.in_turn import give_turn_back, out_of_turn, pass_over, who_comes_before
from app.bookings.service.ordering import refuse_out_of_order
from app.bookings.service.recalls import call_back, guards_for_yes, refuse_too_late
from app.bookings.service.replied import end_proposals
from app.bookings.service.series_acts import expire_series
from app.bookings.service.settling import settle_series
from app.core import clock, ids
from app.core.policy import Actor
from app.infra.audit import history
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

log = logging.getLogger(__name__)

LINK_LIFE = timedelta(days=14)
UNDONE = ("decision_undone", "yes_taken_back")  # in the history of a booking


def approve(
    booking_id: int, actor: Actor, note: str = "", *, free_of_charge: bool = False, seen: Collection[str] = ()
) -> Booking:
    """Say yes. A request whose hold was dropped meanwhile takes its slot again, or is refused with the reasons.

    With `free_of_charge`, what a late move would leave due is forgiven.

    Where another request comes before it by priority, the yes needs a reason (`note`): raise OutOfTurn.
    A request that calls its quota back does so now: raise RecallTooLate where that can no longer be.

    Raise AnswerTooLate once its time is over, whether or not `expire_due` has come; AskedOtherwise where it is not
    among what was `seen`, if a page showed any (see `refuse_unseen`).

    Where two people have to agree, it waits for the second: see app.bookings.service.agreeing.
    """
    with atomic():
        lent = guards_for_yes(booking_id)
        booking = locked(booking_id, actor, BookingPermission.DECIDE, *lent, *guards.beside(booking_id))
        state = decision_after("approve", booking, actor)
        still_answerable([booking])
        refuse_unseen(booking, seen)
        end_proposals([booking.id], "withdraw")  # first: what it kept may be what is needed now
        ahead = who_comes_before([booking], note)
        yes = say_yes(booking, actor, note)
        if not yes.is_enough:
            emit(BookingHalfApproved(booking.id, actor.person_id))
            return booking
        called_back = _take_for_good(booking, lent)
        decide(booking, state, actor, note, for_id=yes.for_id)
        before = out_of_turn(ahead.get(booking.id, ())) | by_delegation(yes.for_id)
        record(booking, "approved", actor, reason=note, **before)
        pass_over(ahead, [booking], note, actor, **by_delegation(yes.for_id))
        if called_back:
            record(booking, "called_back", SYSTEM, units=called_back)
        if free_of_charge and booking.moved_late_percent:
            booking.moved_late_percent = 0
            record(booking, "late_move_forgiven", actor, **by_delegation(yes.for_id))
        settle_series(booking)
        emit(BookingApproved(booking.id, actor.person_id))
    return booking


def _take_for_good(booking: Booking, lent: Sequence[int]) -> int:
    """Keep what a request has, or take it now; give how many units others give back for it."""
    if booking.hold_id is not None:
        capacity.confirm(booking.hold_id)
        return 0
    called_back = 0
    if booking.recalls:
        refuse_too_late(booking)
        called_back = call_back(booking, [each for each in lent if capacity.holds([each])])
    booking.hold_id = capacity.take([wish_of(booking)], override=True)
    booking.recalls, booking.given_back = False, []
    return called_back


def refuse(booking_id: int, actor: Actor, reason: str) -> Booking:
    """Say no, with the reason that the requester reads; the slot is free again."""
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.DECIDE)
        state = decision_after("refuse", booking, actor)
        for_id = in_whose_place(actor, booking)
        decide(booking, state, actor, reason_of(reason), for_id=for_id)
        free(booking)
        record(booking, "refused", actor, reason=booking.reason, **by_delegation(for_id), **left_due(booking))
        settle_series(booking)
        emit(BookingRefused(booking.id, actor.person_id))
    return booking


def undo(booking_id: int, actor: Actor) -> Booking:
    """Take a decision back within ten minutes; a refused slot must still be free.

    Where two people have to agree each takes back their own yes, the first one too. Raise AlreadyDecided,
    NothingToUndo, TooLateToUndo, NotYourYes, NobodyCame; CannotGiveBack for a yes that called a quota back: others
    have been told that they lose it.
    """
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.DECIDE, *guards.beside(booking_id))
        before, state = booking.decision, decision_after("undo", booking, actor)
        if before == PENDING:
            _refuse_undone(booking, actor)
        elif has_called_back(booking.id):
            raise CannotGiveBack
        own = take_yes_back(booking, actor) if before != REFUSED else None
        if own is None and not may_undo(booking.decided_at, clock.now()):
            raise TooLateToUndo
        for_id = own.for_id if own else in_whose_place(actor, booking)
        refuse_noted(booking)
        refuse_replaced(booking)
        # what comes before it may have moved meanwhile
        refuse_out_of_order(booking, booking.span, booking.resource, actor)
        keep_parties(booking)
        if before != PENDING:
            _wait_again(booking, state)
        if before == APPROVED:
            give_turn_back(booking, actor)
        changed(booking)
        act = "yes_taken_back" if before == PENDING else "decision_undone"
        record(booking, act, actor, **by_delegation(for_id))
        emit(DecisionUndone(booking.id, actor.person_id, before == APPROVED))
    return booking


def _refuse_undone(booking: Booking, actor: Actor) -> None:
    """Raise NothingToUndo for a request to which nobody's yes, or not any more this person's, is left to take back."""
    read_yeses([booking])
    undone = [line for line in history("booking", booking.id) if line.act in UNDONE]
    last = undone[-1] if undone else None
    is_own = last is not None and last.actor_id == actor.person_id
    agreed = {each.person_id for each in booking.approvals}
    if actor.person_id in agreed or (agreed and not is_own):
        return
    person = db.session.get(Person, last.actor_id) if last and last.actor_id else None
    raise NothingToUndo(
        by=person.name if person else "",
        is_own=is_own,
        at=last.at if last else None,
        timezone=booking.resource.site.timezone,
    )


def _wait_again(booking: Booking, state: str) -> None:
    booking.decision = state
    undecided(booking)
    let_wait(booking)
    # It met the terms when it was asked; a notice that ran out since is no bar.
    wait_with_hold(booking)


def expire_due() -> int:
    """End the requests nobody answered in time and free their slots; give how many.

    Each in a transaction of its own. Raise ExceptionGroup at the end if some could not be ended.
    """
    now, failures = clock.now(), []
    due = select(Booking.id, Booking.ref, Booking.series_id, Booking.bundle_id).where(
        Booking.decision == PENDING, Booking.expires_at <= now
    )
    found = db.session.execute(due.order_by(Booking.id)).all()
    of_series: dict[int, list[int]] = defaultdict(list)
    of_bundle: dict[int, list[int]] = defaultdict(list)
    for booking_id, _ref, series_id, bundle_id in found:
        of_series[series_id or 0].append(booking_id)
        of_bundle[bundle_id or 0].append(booking_id)
    for booking_id, ref, series_id, bundle_id in found:
        try:
            if series_id is not None:  # told once, with the first of them
                if together := of_series.pop(series_id, None):
                    expire_series(series_id, together)
            elif bundle_id is not None:
                if together := of_bundle.pop(bundle_id, None):
                    _expire_together(together, now)
            else:
                _expire(booking_id, now)
        except Exception as error:  # whatever is wrong with one, the time of the others is over too
            log.exception("The request %s could not be ended.", ref)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(found)} requests could not be ended", failures)
    return len(found)


def _expire_together(booking_ids: Sequence[int], now: datetime) -> None:
    """End the legs of a bundle in one transaction: who asked is told of them in one letter.

    What is proposed for other legs and was to be answered by then ends with them, and these legs too.
    """
    with atomic():
        capacity.lock(guards.beside(booking_ids[0]))
        ended = [_expire(booking_id, now) for booking_id in booking_ids]
        for leg in legs_ending_with(booking_ids) if any(ended) else ():
            end_proposals([leg.id], "lapse")
            record(leg, "proposal_lapsed", SYSTEM, ended=True)
            _end(leg)


def _expire(booking_id: int, now: datetime) -> bool:
    """End a request whose time is over; tell whether it was not answered while we came."""
    with atomic():
        resource_id = db.session.scalar(select(Booking.resource_id).filter_by(id=booking_id))
        capacity.lock([resource_id or 0])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        if booking.decision != PENDING or booking.expires_at is None or booking.expires_at > now:
            return False
        _end(booking)
    return True


def _end(booking: Booking) -> None:
    """End a request that was not answered, and free its slot."""
    decide(booking, DECISION.after("expire", booking.decision), SYSTEM, "")
    free(booking)
    record(booking, "expired", SYSTEM, **left_due(booking))
    emit(BookingExpired(booking.id, None))


def open_decision_link(
    booking_id: int, person_id: int, series_id: int | None = None, bundle_id: int | None = None
) -> str:
    """Make the secret of a link by which one manager decides from an e-mail, on a booking, a series or a bundle."""
    secret, now = ids.new_secret(), clock.now()
    with atomic() as session:
        session.add(
            DecisionLink(
                booking_id=booking_id,
                series_id=series_id,
                bundle_id=bundle_id,
                person_id=person_id,
                token_hash=ids.hash_secret(secret),
                created_at=now,
                expires_at=now + LINK_LIFE,
            )
        )
    return secret
