"""Bookings: asking, reading, deciding, giving up. All of it needs a token."""

from collections.abc import Callable

from flask import Response, current_app

from app.accounts.models import Organisation
from app.api import queries, service, writing
from app.api.answers import Booking as BookingAnswer
from app.api.answers import BookingPage
from app.api.errors import refuse as refuse_field
from app.api.identity import my_organisations
from app.api.openapi import PERSONAL, api, says
from app.api.problems import wish_for
from app.api.reading import read_pack, read_span
from app.api.repeating import SeriesBody
from app.api.requests import (
    AcceptBody,
    Body,
    BookingBody,
    BookingQuery,
    BundleBody,
    CancelBody,
    DeclineBody,
    KeyHeader,
    NoteBody,
    ReasonBody,
)
from app.api.series_answers import Asked, SeriesPreview
from app.api.views import blueprint
from app.api.views.bundles import ask_for_several
from app.api.views.resources import seen as resource_seen
from app.api.views.series import ask_again_and_again
from app.availability.queries import get_terms
from app.bookings import service as use_cases
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.queries import get_booking as find_booking
from app.core.errors import Forbidden
from app.core.policy import can
from app.supply.offers.errors import NotTakingPart
from app.supply.offers.queries import find_organisation
from app.web.guards import allowed
from app.web.identity import current_actor

_REF = {"ref": "Reference of the booking."}


def seen(ref: str) -> Booking:
    """Find the booking for the caller; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    booking = find_booking(ref)
    if not can(current_actor(), P.SEE, booking):
        raise BookingNotFound(ref=ref)
    return booking


def _shown(ref: str, status: int = 200, **headers: str) -> Response:
    return writing.answer(writing.booking(queries.reread(ref), current_actor()), status, **headers)


@blueprint.post("/bookings")
@allowed(P.SEE_OWN)
@api.validate(
    resp=says(Asked, 403, 404, 409, created=True, HTTP_200=SeriesPreview),
    tags=["bookings"],
    security=PERSONAL,
    operation_id="ask",
)
def ask(json: BookingBody, headers: KeyHeader) -> Response:
    """Ask for a slot.

    201 with `state` pending (a manager answers before `expires_at`) or approved (yours at once). 409 when it cannot be
    had: every reason, and what can be had instead; a 422 for other fields tells them too. Sent again with the same
    `Idempotency-Key` and body, the same booking is answered with `Idempotent-Replayed: true`; with another body, 422.

    Where the reason is `lent`, the organisation's own quota is lent to others: with `recall` they give it back for
    the time it is needed: at once where the place books at once, else (`recalls`) when it says yes, all or nothing.

    With `legs` instead of one slot, several resources are asked for in one act, all or none: 201 with a bundle; 409
    with `legs`, each with its reasons and what can be had instead.

    With `repeat` beside the slot it is asked for again and again: 201 with a series, its bookings and what was left
    out; 409 with `dates`, those that cannot be had. With `repeat.preview`, 200 with every date, and nothing is asked.
    """
    asked: Body = json
    if isinstance(asked, BundleBody):
        return ask_for_several(asked, organisation_of(asked.organisation), headers.key)
    if isinstance(asked, SeriesBody):
        return ask_again_and_again(asked, organisation_of(asked.organisation), headers.key)
    shown = resource_seen(json.resource)
    span = read_span(json.start, json.end, "body")
    pack = read_pack(json.unit, json.quantity, shown, get_terms(shown.id), "body") if json.unit else None
    quantity = pack.units if pack else json.quantity
    wish_for(shown, span, quantity)  # already: what is wrong with the organisation is told beside the slot
    organisation_id = organisation_of(json.organisation)
    wish_for(shown, span, quantity, organisation_id)
    request = use_cases.Request(
        resource_id=shown.id, organisation_id=organisation_id, span=span, quantity=quantity,
        purpose=json.purpose, people=json.people, message=json.message, key=headers.key, pack=pack,
        override=json.override, recall=json.recall, licence_years=json.licence_years,
    )  # fmt: skip
    made = service.ask(request, current_actor(), uid_host=current_app.config["MUTUALIM"].uid_host)
    replayed = {"Idempotent_Replayed": "true"} if made.replayed else {}
    return _shown(made.ref, 201, Location=writing.booking_address(made.ref), **replayed)


def organisation_of(name: str | None) -> int:
    """Find for whom is asked: one of the caller's organisations, or any for who may book on its behalf."""
    mine = my_organisations()
    if name is None:
        if len(mine) == 1:
            return mine[0].id
        raise refuse_field("body", "organisation", "organisation_missing", choices=[o.slug for o in mine])
    own = next((o.id for o in mine if name in (o.public_id, o.slug)), None)
    return own or queries.get_organisation_id(name)


def own_organisation(name: str | None) -> Organisation:
    """Find in whose name something is done that only members do; raise NotTakingPart for another organisation."""
    number = organisation_of(name)
    found = find_organisation(number)
    if found is None or not current_actor().belongs_to(number):
        raise NotTakingPart(organisation=number)
    return found


@blueprint.get("/bookings")
@allowed(P.SEE_OWN)
@api.validate(resp=says(BookingPage), tags=["bookings"], security=PERSONAL, operation_id="findBookings")
def find_bookings(query: BookingQuery) -> Response:
    """List the bookings you have to do with, the earliest first."""
    actor = current_actor()
    wanted = queries.Wanted(query.scope, query.state, query.since, query.until)
    found, cursor = queries.bookings(wanted, actor, query.limit, query.cursor)
    return writing.answer({"items": [writing.booking(b, actor) for b in found], "next_cursor": cursor})


@blueprint.get("/bookings/<ref>")
@allowed(P.SEE, load=seen)
@api.validate(
    resp=says(BookingAnswer, 404), tags=["bookings"], security=PERSONAL, operation_id="getBooking",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def get_booking(booking: Booking) -> Response:
    """Read one booking."""
    return writing.answer(writing.booking(booking, current_actor()))


@blueprint.post("/bookings/<ref>/approve")
@allowed(P.DECIDE, load=seen)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="approve",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def approve(booking: Booking, json: NoteBody) -> Response:
    """Accept a request, with or without a note."""
    return _act(use_cases.approve, booking, json.reason)


@blueprint.post("/bookings/<ref>/refuse")
@allowed(P.DECIDE, load=seen)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="refuse",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def refuse(booking: Booking, json: ReasonBody) -> Response:
    """Refuse a request, with a reason."""
    return _act(use_cases.refuse, booking, json.reason)


@blueprint.post("/bookings/<ref>/cancel")
@allowed(P.CANCEL, load=seen)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="cancel",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def cancel(booking: Booking, json: CancelBody) -> Response:
    """Cancel a request or a reservation, from either side, with a reason; of a series also several dates at once."""
    scope = use_cases.Scope(json.scope)
    if scope is use_cases.Scope.THIS:
        return _act(use_cases.cancel, booking, json.reason)
    ref = booking.ref
    use_cases.cancel_series(booking.id, scope, current_actor(), json.reason)
    return _shown(ref)


@blueprint.post("/bookings/<ref>/no-show")
@allowed(P.DECIDE, load=seen)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="tellAbsence",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def tell_absence(booking: Booking, json: NoteBody) -> Response:
    """Note that nobody came: the organisation and the coordination are told, and read the note."""
    return _act(use_cases.tell_absence, booking, json.reason)


@blueprint.post("/bookings/<ref>/proposal/accept")
@allowed(P.ANSWER_PROPOSAL, load=seen)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="acceptProposal",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def accept_proposal(booking: Booking, json: AcceptBody) -> Response:
    """Take what is proposed instead: yours at once, or (not `is_binding`) asked of the other place."""
    ref, years = booking.ref, json.licence_years
    use_cases.accept_proposal(booking.id, json.proposal.upper(), current_actor(), licence_years=years)
    return _shown(ref)


@blueprint.post("/bookings/<ref>/proposal/decline")
@allowed(P.ANSWER_PROPOSAL, load=seen)
@api.validate(
    resp=says(BookingAnswer, 403, 404, 409), tags=["bookings"], security=PERSONAL, operation_id="declineProposal",
    path_parameter_descriptions=_REF,
)  # fmt: skip
def decline_proposal(booking: Booking, json: DeclineBody) -> Response:
    """Keep what was asked for: the request waits for an answer again."""
    ref = booking.ref
    use_cases.decline_proposal(booking.id, json.proposal.upper(), current_actor(), json.reason)
    return _shown(ref)


def _act(use_case: Callable[..., Booking], booking: Booking, reason: str) -> Response:
    ref = booking.ref
    use_case(booking.id, current_actor(), reason)
    return _shown(ref)
