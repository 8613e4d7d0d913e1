"""What may stand against a booking's use cases besides time and capacity."""

from collections.abc import Mapping

from app.availability.errors import Refusal
from app.core.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from app.core.states import IllegalMove


class PurposeMissing(Invalid):
    """A request says what it is for."""

    code = "purpose_missing"


class TooManyPassengers(Invalid):
    """A vehicle of `seats`, driver included, does not take as many people as `asked`: `most` besides the driver."""

    code = "too_many_passengers"


class TooFewSeats(Invalid):
    """Vehicles asked for together do not take as many people as `asked`: `most` besides their drivers."""

    code = "too_few_seats"


class PlaceTooSmall(Invalid):
    """A vehicle `name` that is proposed does not take as many people as a request announces (`asked`): `most`."""

    code = "place_too_small"


class LicenceNotConfirmed(Invalid):
    """The vehicle `name` wants a driver who has held the licence for `years`, and whoever asks did not confirm it."""

    code = "licence_not_confirmed"


class NotYourOrganisation(Forbidden):
    """The person may not book for this organisation; `organisation_id` tells which."""

    code = "not_your_organisation"


class OrganisationNotActive(Forbidden):
    """The organisation is not (or no longer) active in the territory."""

    code = "organisation_not_active"


class KeyReused(Invalid):
    """An idempotency key came again with another request: a new request needs a new key."""

    code = "key_reused"


class AlreadyOver(Conflict):
    """The booking is in the past: nothing about its time can change any more."""

    code = "already_over"


class HasBegun(Conflict):
    """The booking has begun: only its end can change, to a moment that is still ahead.

    `longer`: somebody would have to accept more time, and what is in use does not wait for an answer. `given_up`: who
    uses it wanted to give it up.
    """

    code = "has_begun"


class NobodyCame(Conflict):
    """It was noted that nobody came: the booking stays as it was, for whoever looks at it later."""

    code = "nobody_came"


class BookingsHit(Conflict):
    """A closure or shorter hours would hit bookings, and what is to become of them is not settled yet.

    `refs` are all of them, the first first. `lacks` tells what is missing: an `answer`, a new `look` because there are
    some that were not shown, or a `reason` that fits (at most `max` letters) to tell the people concerned.
    `kept` lists the slots that are only kept for somebody's answer, which end in any case.
    """

    code = "bookings_hit"


class AlreadyDecided(IllegalMove):
    """The request for `name` (`span`, `timezone`) stands elsewhere (`state`) than where `act` is possible.

    `by` and `is_own` tell who decided, where somebody did, and `at` when. Whoever asks for the act `decides` on it, or
    is the side that asked.
    """

    code = "already_decided"


class AskedOtherwise(Conflict):
    """A yes was given to what a page showed of the request (`ref`), which asks for something else since.

    That is `name`, `span` (`timezone`) and the `quantity` of its `unit`, brought in a smaller one as `pack`; the unit
    is None for what is taken as a whole.
    """

    code = "asked_otherwise"


class NothingToUndo(Conflict):
    """The request waits for an answer: no decision is there to be taken back. It was taken back already, if `at`.

    `by` and `is_own` tell by whom, `timezone` is that of the place.
    """

    code = "nothing_to_undo"


class TooLateToUndo(Conflict):
    """A decision can be taken back for ten minutes only."""

    code = "too_late_to_undo"


class AnswerTooLate(Conflict):
    """The request (`ref`) could be answered `until` then, at its place's `timezone`; it ends without an answer."""

    code = "answer_too_late"


class CannotGiveBack(Conflict):
    """A yes that called a quota back is not taken back: others gave up what it took."""

    code = "cannot_give_back"


class NoFunction(Conflict):
    """Where two people have to agree, whoever holds no function at the site brings nothing with a yes."""

    code = "no_function"


class OutOfTurn(Invalid):
    """Another request (of `organisation`, of the class `priority`) comes before by priority: a yes needs a reason.

    `resource`, `span` and `timezone` say for what; `field` where the reason is missing (a proposal's is its message).
    """

    code = "out_of_turn"


class AlreadyAgreed(Conflict):
    """The same person counts once: this one, whatever their functions, has said yes."""

    code = "already_agreed"


class FunctionGiven(Conflict):
    """Somebody else has said yes in the only function this person holds; `awaited` tells which is missing."""

    code = "function_given"


class NotYourYes(Conflict):
    """Where two people have to agree, each takes back only their own yes."""

    code = "not_your_yes"


class AbsenceNotTold(Conflict):
    """Nobody's absence can be noted of this booking: it has not begun (`begins`), or it is too long over."""

    code = "absence_not_told"


class AskerGone(Conflict):
    """Who asked has erased their account: nobody waits for this booking (`ref`) any more."""

    code = "asker_gone"


class NothingChanged(Invalid):
    """The new time and quantity are those it has already."""

    code = "nothing_changed"


class ProposalWaits(Conflict):
    """Another proposal for the same request (`ref`) waits for an answer already."""

    code = "proposal_waits"


class ProposalOver(Conflict):
    """The proposal can no longer be accepted: its time is over."""

    code = "proposal_over"


class NotYourPlace(Forbidden):
    """One proposes places one answers for; `signed_in` is always true."""

    code = "not_your_place"


class SeriesPlaceFixed(Invalid):
    """One date of a series cannot be proposed at another place: the series has one place."""

    code = "series_place_fixed"


class RecallTooLate(Conflict):
    """What is lent of a quota can no longer be called back for that time: `hours` of notice, `recall_from` when."""

    code = "recall_too_late"


class MovedMeanwhile(Conflict):
    """The booking (`ref`) has just moved to another place: what was looked at is no longer true."""

    code = "moved_meanwhile"


class SlotIsFree(Conflict):
    """There is nothing to wait for: the slot can be had at once (`slug` of the resource)."""

    code = "slot_is_free"


class OfferOver(Conflict):
    """What was offered to somebody on a waiting list can no longer be taken."""

    code = "offer_over"


class WaitsTooMuch(Conflict):
    """One person waits for so much (`most`) and not more."""

    code = "waits_too_much"


class NothingToRepeat(Invalid):
    """No day of the rule can be booked: all fall on holidays, beyond the horizon, or were left out."""

    code = "nothing_to_repeat"


class NothingLeftToDo(Conflict):
    """No occurrence of the series is left on which the act could be done."""

    code = "nothing_left_to_do"


class NotRepeated(Conflict):
    """The booking (`ref`) is asked for once: it has no other dates."""

    code = "not_repeated"


class DateElsewhere(Conflict):
    """The booking (`ref`) is a date of a series at another place: nothing done from there is about several dates."""

    code = "date_elsewhere"


class DatesTaken(Conflict):
    """Dates of a series were taken by others while they waited: `spans` at a place (`timezone`); `free` are left."""

    code = "dates_taken"


class SeriesDayFixed(Invalid):
    """Several occurrences cannot take this day: `reason` is not_weekly, other_week, weekday_there or own_day."""

    code = "series_day_fixed"


class BadNumberOfLegs(Invalid):
    """A bundle has from `least` to `most` legs; `asked` tells how many there were."""

    code = "bad_number_of_legs"


class LegsRefused(Conflict):
    """Legs of a bundle cannot be had, so none is taken: `refusals` by their place in the list, from 0."""

    code = "legs_refused"

    def __init__(self, refusals: Mapping[int, tuple[Refusal, ...]], total: int) -> None:
        super().__init__(refused=len(refusals), total=total)
        self.refusals = refusals


class LegOutOfOrder(Invalid):
    """A leg does not keep its place among those that follow one another: it is too soon or too late."""


class LegTooSoon(LegOutOfOrder):
    """A leg (`leg` its number, `name`) begins before the one it follows (`before`) is over: that is `not_before`.

    Until the bundle `is_sent` it may be moved up in the list instead, before the leg of the number `up_to`; None where
    that would not help. A place that the reader may not know of has no name. `gap_minutes` have to lie between both.
    """

    code = "leg_too_soon"


class LegTooLate(LegOutOfOrder):
    """A leg (`leg`, `name`) would not be over when what follows begins (`follows`; None for the hand-over).

    It `must_end_by` then, or `gap_minutes` before it: what follows needs these in between.
    """

    code = "leg_too_late"


class HandoverTooSoon(Invalid):
    """A bundle would be handed over before its last leg (`before`) is over: that is `not_before`."""

    code = "handover_too_soon"


class HandoverTooLate(Invalid):
    """A bundle would be handed over long after its last leg (`before`) is over: later than `not_after`, a slip."""

    code = "handover_too_late"


class HandoverNeedsOrder(Invalid):
    """Only legs that follow one another end in a hand-over."""

    code = "handover_needs_order"


class LegTaken(Conflict):
    """Others have taken a leg (its resource's `name`) while it waited: none of those answered together is accepted."""

    code = "leg_taken"


class NoLegWaits(Conflict):
    """No leg of the bundle (`ref`) waits for this person's answer, or is left to give up.

    Of a request for `purpose`, `legs` tell what became of those they answer for: `name`, `state`, `by`, `is_own`.
    """

    code = "no_leg_waits"


class LegNotToFix(Conflict):
    """The leg (`ref`) is not one to replace: it goes on, or has been replaced or let go already."""

    code = "leg_not_to_fix"


class LegReplaced(Conflict):
    """The refusal cannot be taken back: who asked has replaced the leg or let it go."""

    code = "leg_replaced"


class BookingNotFound(NotFound):
    """No such booking, or none this person may know of."""

    code = "booking_not_found"


class LinkUsed(Conflict):
    """A decision link works once; the booking's page shows what was decided."""

    code = "decision_link_used"


class LinkExpired(Gone):
    """A decision link is too old; the request waits in the inbox."""

    code = "decision_link_expired"
