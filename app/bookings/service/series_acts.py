"""Acts on several occurrences of a series at once: answer, give up, move, end. What is over is never rewritten."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from app.availability import service as capacity
from app.availability.askers import Asker
from app.availability.having import Claims
from app.availability.queries import claims_of, get_terms
from app.availability.several import verdicts_each
from app.bookings.at_once import is_at_once
from app.bookings.errors import DatesTaken, NothingChanged, NothingLeftToDo
from app.bookings.events import (
    BookingCancelled,
    SeriesApproved,
    SeriesCancelled,
    SeriesExpired,
    SeriesHalfApproved,
    SeriesMoved,
    SeriesRefused,
)
from app.bookings.models import Booking, Series
from app.bookings.occurrences import Occurrence, holidays_of, wishes_of
from app.bookings.policy import BookingPermission, acts_for_asker, acts_for_place, in_whose_place
from app.bookings.rules import APPROVED, ASKED, ENDED, GRANTED, LIVE, PENDING, PLANNED
from app.bookings.service.agreeing import forget_yeses, say_yes_to_dates, unsay_yes
from app.bookings.service.common import (
    SYSTEM,
    by_delegation,
    changed,
    decide,
    decision_after,
    due_by,
    facts_of,
    left_due,
    locked,
    note_late_move,
    reason_of,
    record,
    refuse_unseen,
    settle_terms,
    undecided,
)
from app.bookings.service.elsewhere import ahead_elsewhere, follow_split, places_of
from app.bookings.service.holding import expiry_of_all, still_answerable, wish_of
from app.bookings.service.in_turn import out_of_turn, pass_over, who_comes_before
from app.bookings.service.replied import end_proposals
from app.bookings.service.scopes import Scope, series_of
from app.bookings.service.series import APPROVED_ALL, note, rule_of, take_occurrences, yes_to
from app.bookings.service.series_moves import Change, Move
from app.bookings.service.settling import come_to, settle_series
from app.core import clock, ids
from app.core.policy import Actor, require
from app.core.span import Span
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


def approve_series(
    series_id: int, actor: Actor, note_text: str = "", *, keep_free: bool = False, seen: Collection[str] = ()
) -> Series:
    """Say yes to all occurrences that still wait; slots dropped meanwhile are taken again, all or none.

    With `keep_free` those that others have taken meanwhile go on waiting. Raises DatesTaken with these; OutOfTurn where
    somebody comes before one of them, AnswerTooLate once their time is over, AskedOtherwise where one is not among what
    was `seen`, if any. Two people who have to agree each say one yes to every date that waits.
    """
    with atomic():
        series, waiting = _waiting(series_id, actor)
        waiting = still_answerable(waiting)
        for booking in waiting:
            refuse_unseen(booking, seen)
        end_proposals(_ids(waiting), "withdraw")  # first: what they kept may be what is needed now
        ahead = who_comes_before(waiting, note_text)
        agreed, half = say_yes_to_dates(waiting, actor, note_text)
        if half:
            note(series, "half_approved", actor, occurrences=len(half), reason=note_text)
            emit(SeriesHalfApproved(series.id, actor.person_id, _ids(half)))
        if not agreed:
            return series
        said = {booking.id: yes.for_id for booking, yes in agreed}
        kept = _keep(series, [booking for booking, _yes in agreed], keep_free=keep_free)
        unsay_yes([booking for booking, _yes in agreed if booking not in kept], actor)
        for booking in kept:
            for_id = said[booking.id]
            decide(booking, decision_after("approve", booking, actor), actor, note_text, for_id=for_id)
            before = out_of_turn(ahead.get(booking.id, ())) | by_delegation(for_id)
            record(booking, "approved", actor, reason=note_text, **before)
        pass_over(ahead, kept, note_text, actor, **by_delegation(said[kept[0].id]))
        note(series, APPROVED_ALL, actor, occurrences=len(kept), reason=note_text, **yes_to(series))
        if series.state == ASKED:  # what has ended does not come back because one refusal was taken back
            come_to(series, GRANTED)
        emit(SeriesApproved(series.id, actor.person_id, _ids(kept)))
    return series


def refuse_series(series_id: int, actor: Actor, reason: str) -> Series:
    """Say no to all occurrences that still wait, with one reason; their slots are free again."""
    with atomic():
        series, waiting = _waiting(series_id, actor)
        text = reason_of(reason)
        _end(waiting, "refuse", actor, text, **by_delegation(in_whose_place(actor, series)))
        if series.state == ASKED:  # a granted one goes on: only dates that were changed since were refused
            come_to(series, ENDED)
        note(series, "refused", actor, occurrences=len(waiting), reason=text)
        emit(SeriesRefused(series.id, actor.person_id, _ids(waiting)))
    return series


def cancel_series(booking_id: int, scope: Scope, actor: Actor, reason: str) -> Series:
    """Give up this occurrence and the following, or all; those that have begun stay as they are.

    Dates at other places are given up with them by whoever may give these up too; each place is told of its own.
    Raises NotRepeated for a booking alone, DateElsewhere for a date at another place, NothingLeftToDo.
    """
    with atomic():
        places = places_of(booking_id)
        booking = locked(booking_id, actor, BookingPermission.CANCEL, *places)
        series = series_of(booking)
        ahead = _live_ahead(series, booking, scope)
        since = booking if scope is Scope.FOLLOWING else None
        elsewhere = ahead_elsewhere(series, since, [booking.resource_id, *places], actor)
        if not (ahead or elsewhere):
            raise NothingLeftToDo(ref=series.ref)
        text = reason_of(reason)
        by_manager = acts_for_place(actor, booking)
        _end(ahead, "cancel", actor, text, by_manager=by_manager)
        _give_up_elsewhere(elsewhere, actor, text)
        _shorten(series, booking, scope)
        note(series, "cancelled", actor, occurrences=len(ahead), reason=text, by_manager=by_manager)
        if ahead:  # the place of the series is not told of what is over there
            emit(SeriesCancelled(series.id, actor.person_id, _ids(ahead), by_manager=by_manager))
    return series


def _give_up_elsewhere(bookings: Sequence[Booking], actor: Actor, reason: str) -> None:
    for booking in bookings:
        by_manager = acts_for_place(actor, booking)
        _end([booking], "cancel", actor, reason, by_manager=by_manager)
        emit(BookingCancelled(booking.id, actor.person_id, by_manager=by_manager))


def cancel_dates(series_id: int, booking_ids: Sequence[int], actor: Actor, reason: str) -> Series:
    """Give up some occurrences of a series, told once; the series itself goes on. Raises NothingLeftToDo."""
    with atomic():
        series = _locked_series(series_id)
        ends = (
            Booking.start_at if acts_for_asker(actor, series) else Booking.end_at
        )  # what has begun is ended sooner
        goes_on = Booking.decision.in_(LIVE), Booking.use == PLANNED, ends > clock.now()
        bookings = _of(series, Booking.id.in_(booking_ids), *goes_on)
        if not bookings:
            raise NothingLeftToDo(ref=series.ref)
        for booking in bookings:
            require(actor, BookingPermission.CANCEL, booking)
        text, one = reason_of(reason), bookings[0]
        by_manager = acts_for_place(actor, one)
        _end(bookings, "cancel", actor, text, by_manager=by_manager)
        settle_series(one)
        facts = {"occurrences": len(bookings), "reason": text, "by_manager": by_manager}
        note(series, "dates_cancelled", actor, **facts)
        emit(SeriesCancelled(series.id, actor.person_id, _ids(bookings), by_manager=by_manager))
    return series


def change_series(booking_id: int, scope: Scope, actor: Actor, span: Span, quantity: int) -> Series:
    """Give another weekday, other times or another quantity to this occurrence and the following, or to all to come.

    Each keeps what was chosen for it alone (app.bookings.service.series_moves). What they take is freed, checked anew
    and taken, all or none; where a manager decides, they are asked again. Raises NothingChanged when all of them are
    as wanted already, SeriesDayFixed for a day they cannot have.
    """
    with atomic():
        booking = locked(booking_id, actor, BookingPermission.CHANGE)
        series, ahead = _ahead(booking, scope)
        change = Change.of(booking, series, span, quantity)
        moves = change.moves(ahead)
        if not moves:
            raise NothingChanged(field="date")
        end_proposals(_ids([booking for booking, _to in moves]), "withdraw")
        had = claims_of([booking.hold_id for booking, _to in moves if booking.hold_id])
        _free([booking for booking, _to in moves])
        if scope is Scope.FOLLOWING:
            series = _split(series, ahead)
        series.start_minute, series.end_minute = change.hours_after.start, change.hours_after.end
        series.quantity = change.quantity_after
        if change.weekday:
            change.weekday.apply(series)
        _move(series, moves, actor, had)
        facts = {"start": series.start_minute, "end": series.end_minute, "quantity": series.quantity}
        at_once = moves[0][0].decision == APPROVED
        note(series, "moved", actor, occurrences=len(moves), at_once=at_once, **facts)
        emit(SeriesMoved(series.id, actor.person_id, _ids([booking for booking, _to in moves])))
    return series


def look_at_change(booking: Booking, scope: Scope, span: Span, quantity: int) -> list[Move]:
    """Tell for each occurrence that a change concerns what stands against it, what they take themselves left aside."""
    series, ahead = _ahead(booking, scope)
    moves = Change.of(booking, series, span, quantity).moves(ahead)
    held = [each.hold_id for each, _to in moves if each.hold_id]
    wanted = [to for _each, to in moves]
    wishes = wishes_of(wanted, series.resource_id, series.quantity, Asker.on_behalf_of(series.organisation))
    found = iter(verdicts_each(wishes, but=held))
    return [(each, replace(to, refusals=next(found)) if to.span else to) for each, to in moves]


def expire_series(series_id: int, booking_ids: Sequence[int]) -> None:
    """End the occurrences whose time to be answered is over, and tell it once."""
    with atomic() as session:
        series = _locked_series(series_id)
        now = clock.now()
        due = [
            booking
            for booking in _of(series, Booking.id.in_(booking_ids), Booking.decision == PENDING)
            if booking.expires_at is not None and booking.expires_at <= now
        ]
        if not due:
            return
        _end(due, "expire", SYSTEM, "")
        if series.state == ASKED:
            come_to(series, ENDED)
        session.flush()
        note(series, "expired", SYSTEM, occurrences=len(due))
        emit(SeriesExpired(series.id, None, _ids(due)))


# -- which occurrences ---------------------------------------------------------------------------------------


def _locked_series(series_id: int) -> Series:
    """Lock the guard of a series' resource, then read the series afresh."""
    resource_id = db.session.scalar(select(Series.resource_id).filter_by(id=series_id))
    capacity.lock([resource_id or 0])
    return db.session.get_one(Series, series_id, populate_existing=True)


def _of(series: Series, *conditions: object) -> list[Booking]:
    found = select(Booking).where(Booking.series_id == series.id, *conditions)  # type: ignore[arg-type]
    fresh = found.order_by(Booking.start_at, Booking.id).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def _waiting(series_id: int, actor: Actor) -> tuple[Series, list[Booking]]:
    series = _locked_series(series_id)
    require(actor, BookingPermission.DECIDE, series)
    waiting = _of(series, Booking.decision == PENDING, Booking.end_at > clock.now())
    if not waiting:
        raise NothingLeftToDo(ref=series.ref)
    return series, waiting


def _ahead(booking: Booking, scope: Scope) -> tuple[Series, list[Booking]]:
    """Find the series of a booking and what of it is ahead. Raises NothingLeftToDo where that is nothing."""
    series = series_of(booking)
    ahead = _live_ahead(series, booking, scope)
    if not ahead:
        raise NothingLeftToDo(ref=series.ref)
    return series, ahead


def _live_ahead(series: Series, booking: Booking, scope: Scope) -> list[Booking]:
    """List the live occurrences that have not begun, from this one on or all of them."""
    conditions = [Booking.decision.in_(LIVE), Booking.start_at > clock.now()]
    if scope is Scope.FOLLOWING and booking.recurrence_id:
        conditions.append(Booking.recurrence_id >= booking.recurrence_id)
    return _of(series, *conditions)


def _ids(bookings: Sequence[Booking]) -> tuple[int, ...]:
    return tuple(booking.id for booking in bookings)


# -- what becomes of them -----------------------------------------------------------------------------------


def _keep(series: Series, waiting: Sequence[Booking], *, keep_free: bool) -> list[Booking]:
    """Make sure of what the occurrences take, and give those that have it."""
    held = [each.hold_id for each in waiting if each.hold_id]
    if held:
        capacity.confirm_each(held, series.resource_id)
    bare = [each for each in waiting if not each.hold_id]
    if bare:
        found = capacity.take_each([wish_of(each) for each in bare], override=True, keep_free=True)
        for booking, hold in zip(bare, found, strict=True):
            booking.hold_id = hold if isinstance(hold, int) else None
    kept = [each for each in waiting if each.hold_id]
    if not kept or not (keep_free or len(kept) == len(waiting)):
        # what was taken is undone with the transaction
        spans = [each.span for each in waiting if not each.hold_id]
        raise DatesTaken(ref=series.ref, spans=spans, timezone=series.timezone, free=len(kept))
    return kept


def _end(bookings: Sequence[Booking], act: str, actor: Actor, reason: str, **facts: object) -> None:
    """Bring occurrences to the end that an act leads to, and free all they take."""
    done = {"refuse": "refused", "cancel": "cancelled", "expire": "expired"}[act]
    told = {"reason": reason} | facts if reason else facts
    for_id = in_whose_place(actor, bookings[0]) if act == "refuse" else None
    for booking in bookings:
        if act == "cancel":
            booking.due_percent = due_by(booking, actor)
            told = told | {"due": booking.due_percent}
        decide(booking, decision_after(act, booking, actor), actor, reason, for_id=for_id)
        record(booking, done, actor, **told | left_due(booking))
    _free(bookings)


def _free(bookings: Sequence[Booking]) -> None:
    """Free all that occurrences take. They let go first: SQLite gives the number of a dropped hold to the next one."""
    holds = [each.hold_id for each in bookings if each.hold_id]
    for booking in bookings:
        booking.hold_id = None
    db.session.flush()
    if holds:
        capacity.release_each(holds)


def _shorten(series: Series, booking: Booking, scope: Scope) -> None:
    """Let the rule end before the first occurrence given up, so that no night brings it back."""
    day = booking.recurrence_id
    if day and booking.start_at <= clock.now():  # it stays as it was, and in its rule
        day += timedelta(days=1)
    left = rule_of(series).ends_before(day) if scope is Scope.FOLLOWING and day else None
    if left is None:
        come_to(series, ENDED)
        return
    series.rule = left.as_json()
    come_to(series, series.state)


def _split(series: Series, ahead: Sequence[Booking]) -> Series:
    """Make a series of its own of what is ahead; what comes before, or has begun, keeps its times and its rule."""
    days = {each.recurrence_id: each for each in ahead if each.recurrence_id}
    day, rule = min(days, default=None), rule_of(series)
    before = rule.ends_before(day) if day else None
    if day is None or before is None:
        return series
    now = clock.now()
    after = Series(
        ref=ids.new_ref(), territory_id=series.territory_id, resource_id=series.resource_id,
        organisation_id=series.organisation_id, requester_id=series.requester_id, asked_as=series.asked_as,
        rule=rule.from_day(day, holidays_of(get_terms(series.resource_id))).as_json(), timezone=series.timezone,
        start_minute=series.start_minute, end_minute=series.end_minute, quantity=series.quantity,
        purpose=series.purpose, people=series.people, state=series.state, extended_to=series.extended_to,
        created_at=now, changed_at=now,
    )  # fmt: skip
    series.rule, series.changed_at = before.as_json(), now
    db.session.add(after)
    db.session.flush()
    for each in ahead:
        each.series_id = after.id
    follow_split(series, after, day)
    return after


def _move(series: Series, moves: Sequence[Move], actor: Actor, had: Claims) -> None:
    resource = series.resource
    spans, moved = [to.span for _booking, to in moves if to.span], _ids([booking for booking, _to in moves])
    most = max(to.quantity or series.quantity for _booking, to in moves)
    at_once = is_at_once(resource, series.organisation, spans, most, but=moved)
    taken = take_occurrences(
        series, resource, [to for _booking, to in moves], at_once=at_once, keep_free=False, had=had
    )
    expires_at = None if at_once else expiry_of_all(resource, spans)
    for (booking, _to), (occurrence, hold) in zip(moves, taken, strict=True):
        _rewrite(booking, occurrence, hold, actor)
        booking.decision, booking.expires_at = APPROVED if at_once else PENDING, expires_at
        changed(booking)
    if series.state != ENDED:  # what is over does not come back because one of its dates is moved
        come_to(series, GRANTED if at_once else ASKED)


def _rewrite(booking: Booking, occurrence: Occurrence, hold: int | None, actor: Actor) -> None:
    if occurrence.span is None:
        raise ValueError("a booking has a time")
    before = facts_of(booking)
    decision_after("ask_again", booking, actor)
    note_late_move(booking, actor)
    booking.start_at, booking.end_at = occurrence.span.start, occurrence.span.end
    if occurrence.quantity not in (None, booking.quantity):
        booking.pack = None  # what was brought was counted otherwise
    booking.quantity = occurrence.quantity or booking.quantity
    booking.recurrence_id = occurrence.day  # another one where the weekday of the series is
    booking.hold_id, booking.given_back = hold, []  # all of it was taken anew
    undecided(booking)
    forget_yeses(booking)
    settle_terms(booking)
    record(booking, "moved", actor, before=before, **facts_of(booking))
