"""Saying yes out of turn: who gives away what another of a better class waits for says why, in whichever way.

Those who are passed over have it in their history, with the reason, and are told at once (app.bookings.passed_over).
"""

from collections.abc import Iterable, Mapping, Sequence

from app.bookings.arbitration import ahead_of_offer, compare_with
from app.bookings.asked import Asked
from app.bookings.errors import OutOfTurn
from app.bookings.events import BookingPassedOver
from app.bookings.models import Booking
from app.bookings.passed_over import PASSED_OVER, TURN_BACK, passed_over_for
from app.bookings.service.common import record
from app.catalogue.models import Resource
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db
from app.infra.events import emit

Ahead = Mapping[int, Sequence[Asked]]  # by booking: who comes before it, the first first


def who_comes_before(bookings: Sequence[Booking], note: str) -> Ahead:
    """Find, by booking, who comes before by priority; raise OutOfTurn where no reason is given for not minding that.

    Several bookings are dates of one series, or one alone. The refusal names the first that somebody comes before.
    """
    compared = compare_with(*bookings)
    found = {each.id: ahead for each in bookings if (ahead := compared.ahead_of(each))}
    first = next((each for each in bookings if each.id in found), None)
    if first is not None:
        _refuse_silence(found[first.id][0], note, first.resource, first.span, "reason")
    return found


def who_waits_for(
    booking: Booking, place: Resource, span: Span, quantity: int, message: str
) -> Sequence[Asked]:
    """List who of a better class waits for what is offered to a request; raise OutOfTurn where no message says why."""
    ahead = ahead_of_offer(booking, place, span, quantity)
    if ahead:
        _refuse_silence(ahead[0], message, place, span, "message")
    return ahead


def out_of_turn(ahead: Sequence[Asked]) -> dict[str, object]:
    """Give, as history keeps it, who came before (the first’s number, the ids of all); nothing where nobody did."""
    return {"ahead": ahead[0].ref, "passed": [each.id for each in ahead]} if ahead else {}


def pass_over(ahead: Ahead, given: Iterable[Booking], reason: str, actor: Actor, **facts: object) -> None:
    """Write into the history of those who come before that what they wait for was given away, to which booking, why.

    They are told once for each request, whichever of its dates or elements were passed over.
    """
    told, passed = set(), set()
    for booking in given:
        for each in ahead.get(booking.id, ()):
            if each.id in passed:
                continue
            passed.add(each.id)
            record(_get(each.id), PASSED_OVER, actor, reason=reason.strip(), given=booking.ref, **facts)
            if each.key not in told:
                told.add(each.key)
                emit(BookingPassedOver(each.id, actor.person_id))


def give_turn_back(booking: Booking, actor: Actor) -> None:
    """Write into the history of those who were passed over for a booking that its yes was taken back."""
    for number in passed_over_for(booking):
        record(_get(number), TURN_BACK, actor)


def _get(booking_id: int) -> Booking:
    return db.session.get_one(Booking, booking_id)


def _refuse_silence(ahead: Asked, said: str, place: Resource, span: Span, field: str) -> None:
    if not said.strip():
        when = {"resource": place.name, "span": span, "timezone": place.site.timezone}
        raise OutOfTurn(field=field, organisation=ahead.organisation, priority=ahead.priority, **when)
