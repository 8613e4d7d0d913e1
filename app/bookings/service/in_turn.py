"""Saying yes out of turn: who gives away what another of a better class waits for says why, in whichever way."""

from collections.abc import Mapping, Sequence

from app.bookings.arbitration import ahead_of_offer, compare_with
from app.bookings.asked import Asked
from app.bookings.errors import OutOfTurn
from app.bookings.models import Booking
from app.catalogue.models import Resource
from app.core.span import Span


def who_comes_before(bookings: Sequence[Booking], note: str) -> Mapping[int, Asked]:
    """Find, by booking, who comes before by priority; raise OutOfTurn where no reason is given for not minding that.

    Several bookings are dates of one series, or one alone. The refusal names the first that somebody comes before.
    """
    compared = compare_with(*bookings)
    found = {each.id: ahead for each in bookings if (ahead := compared.ahead_of(each))}
    first = next((each for each in bookings if each.id in found), None)
    if first is not None:
        _refuse_silence(found[first.id], note, first.resource, first.span, "reason")
    return found


def who_waits_for(booking: Booking, place: Resource, span: Span, quantity: int, message: str) -> Asked | None:
    """Find who of a better class waits for what is offered to a request; raise OutOfTurn where no message says why."""
    ahead = ahead_of_offer(booking, place, span, quantity)
    if ahead is not None:
        _refuse_silence(ahead, message, place, span, "message")
    return ahead


def out_of_turn(ahead: Asked | None) -> dict[str, object]:
    """Give, as history keeps it, who came before (the number of their request); nothing where nobody did."""
    return {"ahead": ahead.ref} if ahead else {}


def _refuse_silence(ahead: Asked, said: str, place: Resource, span: Span, field: str) -> None:
    if not said.strip():
        when = {"resource": place.name, "span": span, "timezone": place.site.timezone}
        raise OutOfTurn(field=field, organisation=ahead.organisation, priority=ahead.priority, **when)
