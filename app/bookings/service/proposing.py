"""Proposing another slot instead of the one asked for, and what becomes of it.

While a proposal waits, both slots are kept: the request keeps its own, and the proposal what it needs beyond that.
The request has no deadline meanwhile, because it is the asker's turn; it has a new one as soon as it waits again.
"""

import logging
from datetime import datetime

from sqlalchemy import select

from app.accounts.queries import load_actor
from app.availability import service as capacity
from app.availability.claims import new_hold
from app.availability.closed import refuse_closed_since
from app.availability.errors import SlotRefused
from app.availability.models import HoldKind
from app.availability.queries import verdict
from app.bookings import guards
from app.bookings.announced import find_too_small
from app.bookings.at_once import is_at_once
from app.bookings.errors import (
    NothingChanged,
    NotYourPlace,
    ProposalOver,
    ProposalWaits,
    SeriesPlaceFixed,
)
from app.bookings.events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalWithdrawn,
)
from app.bookings.models import Booking, Proposal
from app.bookings.parties import keep_parties
from app.bookings.policy import BookingPermission, coordinates
from app.bookings.proposals import (
    Offer,
    answers_for_both,
    find_open_proposals,
    is_binding,
    made_in_whose_place,
)
from app.bookings.rules import DECISION, OPEN, PENDING, PROPOSAL, WAIVED_BY_PROPOSING, expiry_of_proposal
from app.bookings.service.agreeing import forget_yeses
from app.bookings.service.as_one import is_to_end, let_wait, offer_as_one
from app.bookings.service.asking import licence_facts, refuse_licence
from app.bookings.service.common import (
    MAX_TEXT,
    SYSTEM,
    by_delegation,
    changed,
    facts_of,
    locked,
    reason_of,
    record,
    refuse_long,
    settle_terms,
    undecided,
)
from app.bookings.service.holding import (
    check_proposable,
    end_now,
    epoch_of,
    free,
    is_over,
    last_answer_to,
    wish_of,
)
from app.bookings.service.in_turn import out_of_turn, pass_over, who_waits_for
from app.bookings.service.ordering import refuse_out_of_order
from app.bookings.service.replied import wait_again
from app.bookings.service.settling import settle_series
from app.catalogue.kinds.units import Unit
from app.catalogue.models import Resource
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor
from app.core.span import Span
from app.core.states import IllegalMove
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

log = logging.getLogger(__name__)


def propose(booking_id: int, actor: Actor, offer: Offer) -> Proposal:
    """Propose another time, place or quantity for a request; it is kept until the asker answers.

    Raise AlreadyDecided, AnswerTooLate, ProposalWaits, NotYourPlace, SeriesPlaceFixed, NothingChanged, SlotRefused with
    every reason; OutOfTurn where a request of a better class waits for it, and the message does not say why this one
    has it.
    """
    refuse_long("message", offer.message, MAX_TEXT)
    with atomic() as session:
        waiting = [proposal.resource_id for proposal in find_open_proposals([booking_id])]
        places = offer.resource_id, *waiting, *guards.beside(booking_id)
        booking = locked(booking_id, actor, BookingPermission.PROPOSE, *places)
        check_proposable(booking, actor)
        left = _end_replaced(booking, offer.instead_of, actor)
        place = _place_for(booking, offer, actor)
        refuse_out_of_order(booking, offer.span, place, actor)
        ahead = who_waits_for(booking, place, offer.span, offer.quantity, offer.message)
        keep_parties(booking)
        proposal = _new_proposal(booking, place, offer, actor, left)
        _stop_waiting(booking)  # first: what it keeps must not be dropped as forgotten
        proposal.hold_id = _hold(booking, offer, proposal.expires_at)
        session.add(proposal)
        whose = by_delegation(proposal.made_for_id)
        _note(booking, "proposed", actor, proposal, reason=proposal.message, **out_of_turn(ahead), **whose)
        pass_over({booking.id: ahead}, [booking], proposal.message, actor, proposal=proposal.ref, **whose)
        emit(ProposalMade(booking.id, actor.person_id))
    return proposal


def accept_proposal(booking_id: int, ref: str, actor: Actor, *, licence_years: int = 0) -> Booking:
    """Take what is proposed instead of what was asked for: approved, or asked of the other place where it must answer.

    `licence_years` is what is confirmed of the driver of another vehicle. Raise IllegalMove when the proposal is not
    open any more, ProposalOver, SlotRefused, LicenceNotConfirmed.
    """
    with atomic():
        proposal, booking = _locked(booking_id, ref, actor, BookingPermission.ANSWER_PROPOSAL)
        state = PROPOSAL.after("accept", proposal.state)
        if proposal.expires_at <= clock.now():
            raise ProposalOver(ref=booking.ref)
        refuse_closed_since(proposal.resource, proposal.span)
        refuse_out_of_order(booking, proposal.span, proposal.resource, actor)
        confirmed = _confirm_licence(proposal, booking, licence_years)
        keep_parties(booking)
        before, place_before = facts_of(booking), booking.resource
        _become(booking, proposal)
        _end(proposal, state)
        changed(booking)
        told = {"before": before, "place_before": place_before.name} | confirmed
        told |= by_delegation(booking.decided_for_id)  # in whose place the yes was said beforehand
        _note(booking, "proposal_accepted", actor, proposal, **told)
        settle_series(booking)
        emit(ProposalAccepted(booking.id, actor.person_id, place_before.id, proposal.created_at))
    return booking


def _confirm_licence(proposal: Proposal, booking: Booking, years: int) -> dict[str, object]:
    """Give what is confirmed of the driver for another vehicle than was asked for; raise LicenceNotConfirmed."""
    if proposal.resource_id == booking.resource_id:
        return {}
    refuse_licence(proposal.resource, years)
    return licence_facts(proposal.resource)


def decline_proposal(booking_id: int, ref: str, actor: Actor, reason: str = "") -> Booking:
    """Keep what was asked for: the request waits for the manager's answer again."""
    refuse_long("reason", reason, MAX_TEXT)
    with atomic():
        proposal, booking = _locked(booking_id, ref, actor, BookingPermission.ANSWER_PROPOSAL)
        _close(proposal, booking, "decline")
        record(booking, "proposal_declined", actor, reason=reason.strip())
        emit(ProposalDeclined(booking.id, actor.person_id))
    return booking


def withdraw_proposal(booking_id: int, ref: str, actor: Actor, reason: str) -> Booking:
    """Take a proposal back, with a reason: the request waits again."""
    with atomic():
        proposal, booking = _locked(booking_id, ref, actor, BookingPermission.PROPOSE)
        text = reason_of(reason)
        _close(proposal, booking, "withdraw")
        record(booking, "proposal_withdrawn", actor, reason=text, **_whose(proposal, booking, actor))
        emit(ProposalWithdrawn(booking.id, actor.person_id))
    return booking


def withdraw_under_lock(proposal: Proposal, actor: Actor, reason: str, *, is_recalled: bool = False) -> None:
    """Take a proposal back whose place closes, or whose slot is called back, under the locks of both places."""
    booking = proposal.booking
    _close(proposal, booking, "withdraw")
    why = {"recalled": True} if is_recalled else {}
    record(booking, "proposal_withdrawn", actor, reason=reason.strip(), **why)
    emit(ProposalWithdrawn(booking.id, actor.person_id))


def sweep_proposals() -> int:
    """Let the proposals nobody answered lapse, and release what ended ones still hold; give how many.

    Each in a transaction of its own. Raise ExceptionGroup at the end if some could not be.
    """
    now, failures = clock.now(), []
    due = (Proposal.state == OPEN) & (Proposal.expires_at <= now)
    kept = (Proposal.state != OPEN) & Proposal.hold_id.is_not(None)
    found = list(db.session.scalars(select(Proposal.id).where(due | kept).order_by(Proposal.id)))
    for proposal_id in found:
        try:
            _sweep(proposal_id, now)
        except Exception as error:  # whatever is wrong with one, the time of the others is over too
            log.exception("The proposal %s could not be ended.", proposal_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(found)} proposals could not be ended", failures)
    return len(found)


def _sweep(proposal_id: int, now: datetime) -> None:
    places = select(Proposal.booking_id, Proposal.resource_id, Booking.resource_id)
    with atomic():
        booking_id, *resources = db.session.execute(
            places.join(Proposal.booking).where(Proposal.id == proposal_id)
        ).one()
        capacity.lock([*resources, *guards.beside(booking_id)])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        proposal = db.session.get_one(Proposal, proposal_id, populate_existing=True)
        if proposal.state != OPEN:
            _release(proposal)
        elif proposal.expires_at <= now and not is_to_end(
            booking
        ):  # else it ends with its bundle (expire_due)
            _lapse(proposal, booking)


def _lapse(proposal: Proposal, booking: Booking) -> None:
    """End a proposal nobody answered; a request whose own time is over too ends with it, and is told of as such."""
    _close(proposal, booking, "lapse")
    if is_over(booking):
        end_now(booking)
        record(booking, "proposal_lapsed", SYSTEM, ended=True)
        return
    record(booking, "proposal_lapsed", SYSTEM)
    emit(ProposalLapsed(booking.id, None))


# -- making one ---------------------------------------------------------------------------------------------


def _end_replaced(booking: Booking, ref: str, actor: Actor) -> datetime | None:
    """End the proposal that another one replaces, and give until when it could be accepted; None where there is none.

    Raise ProposalWaits where what waits is not the one looked at.

    Its place is locked: a proposal never moves, and only the one that was read before can have this ref.
    """
    for waiting in find_open_proposals([booking.id]):
        if waiting.ref != ref:
            raise ProposalWaits(ref=booking.ref)
        _end(waiting, PROPOSAL.after("withdraw", waiting.state))
        record(booking, "proposal_replaced", actor, **_whose(waiting, booking, actor))
        return waiting.expires_at if waiting.expires_at > clock.now() else None
    return None


def _place_for(booking: Booking, offer: Offer, actor: Actor) -> Resource:
    """Give the place that is proposed; raise what stands against proposing it for this booking."""
    place = db.session.get(Resource, offer.resource_id)
    if place is None or place.territory_id != booking.territory_id:
        raise NotFound(kind="resource")
    if not (answers_for_both(booking, place, actor) or coordinates(actor, booking)):
        raise NotYourPlace(signed_in=True)
    if booking.series_id is not None and place.id != booking.resource_id:
        raise SeriesPlaceFixed(field="ressource")
    if error := find_too_small(booking, place):
        raise error
    asked = (booking.resource_id, booking.span, booking.quantity)
    if asked == (place.id, offer.span, offer.quantity):
        raise NothingChanged(field="date")
    return place


def _new_proposal(
    booking: Booking, place: Resource, offer: Offer, actor: Actor, left: datetime | None
) -> Proposal:
    now = clock.now()
    return Proposal(
        ref=ids.new_ref(), booking_id=booking.id, resource_id=place.id, start_at=offer.span.start,
        end_at=offer.span.end, quantity=offer.quantity, message=offer.message.strip(), state=OPEN,
        is_binding=is_binding(booking, place, actor), made_by_id=actor.person_id,
        made_for_id=made_in_whose_place(booking, place, actor), created_at=now,
        expires_at=_expiry_of(booking, place, offer.span, left),
    )  # fmt: skip


def _expiry_of(booking: Booking, place: Resource, span: Span, left: datetime | None) -> datetime:
    """Tell until when a proposal can be accepted; `left`: until when the one could that it replaces."""
    if booking.bundle_id is not None:
        return offer_as_one(booking, span, left)
    return expiry_of_proposal(clock.now(), span, place.answer_hours, last_answer_to(booking))


def _hold(booking: Booking, offer: Offer, expires_at: datetime) -> int:
    wish = offer.wish_for(booking)
    found = verdict(wish, but_hold=booking.hold_id)
    if refusals := tuple(refusal for refusal in found if refusal.code not in WAIVED_BY_PROPOSING):
        raise SlotRefused(offer.resource_id, refusals)
    return capacity.take_beside(booking.hold_id, wish, expires_at=int(expires_at.timestamp()))


def _stop_waiting(booking: Booking) -> None:
    """Take the deadline off a request: it is the asker's turn."""
    booking.expires_at = None
    if booking.hold_id is not None:
        capacity.confirm(booking.hold_id)
    db.session.flush()


# -- ending one ---------------------------------------------------------------------------------------------


def _locked(
    booking_id: int, ref: str, actor: Actor, permission: BookingPermission
) -> tuple[Proposal, Booking]:
    """Lock both places, then read the booking and the proposal that was looked at afresh."""
    place = db.session.scalar(select(Proposal.resource_id).filter_by(booking_id=booking_id, ref=ref))
    booking = locked(booking_id, actor, permission, *([place] if place else []), *guards.beside(booking_id))
    found = select(Proposal).filter_by(booking_id=booking_id, ref=ref)
    proposal = db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if proposal is None:
        raise IllegalMove(machine="proposal", act="answer", state="", possible=())
    return proposal, booking


def _whose(proposal: Proposal, booking: Booking, actor: Actor) -> dict[str, object]:
    return by_delegation(made_in_whose_place(booking, proposal.resource, actor))


def _close(proposal: Proposal, booking: Booking, act: str) -> None:
    """End a proposal that was not taken: its slot is free, and the request has its time to be answered again."""
    _end(proposal, PROPOSAL.after(act, proposal.state))
    wait_again(booking)


def _end(proposal: Proposal, state: str) -> None:
    proposal.state, proposal.ended_at = state, clock.now()
    _release(proposal)


def _release(proposal: Proposal) -> None:
    hold_id, proposal.hold_id = proposal.hold_id, None
    db.session.flush()
    if hold_id is not None:
        capacity.release(hold_id)


def _become(booking: Booking, proposal: Proposal) -> None:
    """Turn a booking into what was proposed: time, place, quantity, capacity, and the yes that came with it."""
    is_settled = proposal.is_binding and is_binding(
        booking, proposal.resource, load_actor(proposal.made_by_id)
    )
    at_once = not is_settled and is_at_once(
        proposal.resource, booking.organisation, [proposal.span], proposal.quantity, but=[booking.id]
    )
    act = "take_proposal" if is_settled or at_once else "ask_again"
    booking.decision = DECISION.after(act, booking.decision)
    forget_yeses(booking)
    if (booking.resource_id, booking.quantity) != (proposal.resource_id, proposal.quantity):
        booking.pack = None  # what was brought was counted for what it is no more
    booking.resource, booking.quantity = proposal.resource, proposal.quantity
    booking.start_at, booking.end_at = proposal.start_at, proposal.end_at
    booking.given_back, booking.recalls = [], False
    undecided(booking)
    booking.expires_at = None
    booking.decided_at = clock.now() if at_once else None
    settle_terms(booking)
    if is_settled:
        booking.reason = proposal.message
        booking.decided_by_id, booking.decided_at = proposal.made_by_id, proposal.created_at
        booking.decided_for_id = proposal.made_for_id
    elif not at_once:
        let_wait(booking)
    _take_over(booking, proposal)


def _take_over(booking: Booking, proposal: Proposal) -> None:
    """Let the booking hold what it has become, out of what both kept; nothing where a request keeps nothing."""
    if booking.decision == PENDING and not booking.resource.keeps_requests:
        free(booking)
        return
    own, kept = booking.hold_id, proposal.hold_id
    proposal.hold_id = None
    booking.hold_id = (
        own or kept or new_hold(booking.territory_id, HoldKind.BOOKING, None, booking.organisation_id)
    )
    db.session.flush()
    spare = [kept] if own and kept else []
    expires_at = epoch_of(booking.expires_at)
    capacity.move(booking.hold_id, [wish_of(booking)], expires_at=expires_at, override=True, giving_up=spare)


def _note(booking: Booking, act: str, actor: Actor, proposal: Proposal, **more: object) -> None:
    start, end = proposal.start_at.isoformat(), proposal.end_at.isoformat()
    place = db.session.get_one(Resource, proposal.resource_id)
    counted = {"quantity": proposal.quantity, "unit": place.unit if place.capacity > 1 else Unit.WHOLE}
    slot = {"start": start, "end": end, "place": place.name, **counted}
    record(booking, act, actor, **slot, **more)
