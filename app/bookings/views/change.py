"""Moving a booking to another time or quantity: checked again, and asked again where a manager decides."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.asking import Slot, read_slot, slot_params
from app.availability.errors import SeveralRefused, SlotRefused
from app.availability.feedback import Feedback
from app.availability.shown import get_shown
from app.availability.words import refusal_sentence
from app.bookings import queries, service
from app.bookings.at_once import is_at_once
from app.bookings.bundles import wholes
from app.bookings.errors import HasBegun, LegOutOfOrder
from app.bookings.forms import ChangeForm
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.recalls import still_given
from app.bookings.rules import APPROVED, DECISION, goes_on
from app.bookings.service import Scope
from app.bookings.service.common import due_by
from app.bookings.service.under_way import against_end, has_begun
from app.bookings.views import blueprint
from app.bookings.views.common import onward, page_of, page_of_series, seen, terms_for
from app.bookings.views.estimated import changed_cost
from app.bookings.views.in_order import InOrder
from app.bookings.views.misfits import misfits_in
from app.bookings.views.slots import answer, answer_refused, choose, slot_fields
from app.bookings.words import late_move_words, when_words
from app.core import clock
from app.core.errors import DomainError, Forbidden, NotFound
from app.web.errors import status_of
from app.web.format import span_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/reservations/<ref>/modifier")
@allowed(P.CHANGE, load=seen)
def change(booking: Booking) -> Response:
    """Show the present time, and what another one would be answered."""
    terms = terms_for(booking)
    form = ChangeForm(formdata=None)
    slot = Slot(booking.span, booking.quantity, booking.pack)
    form.process(
        data=slot_params(slot, terms) | {name: v for name, v in request.args.items() if name in form and v}
    )
    return _show(booking, form)


@blueprint.post("/reservations/<ref>/modifier")
@allowed(P.CHANGE, load=seen)
def move(booking: Booking) -> Response:
    """Move the booking, or answer another time without moving it."""
    form = ChangeForm()
    if "choisir" in request.form:
        choose(form, request.form["choisir"])
        return _show(booking, form)
    if "verifier" in request.form:
        return _show(booking, form)
    valid, terms = form.validate(), terms_for(booking)
    slot = form.read(terms).slot
    if not valid or slot is None:
        return _show(booking, form, status=422)
    return _move(booking, form, slot)


def _move(booking: Booking, form: ChangeForm, slot: Slot) -> Response:
    booking_id, scope = booking.id, Scope(form.portee.data) if booking.series_id else Scope.THIS
    if scope is not Scope.THIS:
        return _move_several(booking, form, slot, scope)
    try:
        moved = service.change(booking_id, current_actor(), slot.span, slot.qty, slot.pack)
    except SlotRefused as error:
        return _show(booking, form, status=409, told=_refused(booking, slot, error))
    except LegOutOfOrder as error:
        return _show(booking, form, status=422, disorder=error)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse("", explain(error))
        return _show(booking, form, status=status_of(error))
    said = _("The time is changed.")
    if moved.decision != APPROVED:
        said = _("The time is changed: the manager has to answer again.")
    misfits = misfits_in(wholes([moved.bundle_id]).values(), current_actor())
    return onward(" ".join([said, *misfits.values()]), page_of(moved), "warning" if misfits else "success")


def _move_several(booking: Booking, form: ChangeForm, slot: Slot, scope: Scope) -> Response:
    try:
        if _is_other_day(booking, slot) and request.form.get("envoyer") != "changer":
            return _dates(booking, form, slot, scope)
        moved = service.change_series(booking.id, scope, current_actor(), slot.span, slot.qty)
    except SeveralRefused:
        return _dates(booking, form, slot, scope, 409)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        form.refuse(str(error.facts.get("field") or ""), explain(error))
        return _show(booking, form, status=status_of(error))
    said = _("The times are changed.")
    if queries.waiting_of([moved.id]):
        said = _("The times are changed: the manager has to answer again.")
    return onward(said, page_of_series(moved))


def _is_other_day(booking: Booking, slot: Slot) -> bool:
    zone = ZoneInfo(booking.resource.site.timezone)
    return booking.span.walls(zone)[0].date() != slot.span.walls(zone)[0].date()


def _dates(
    booking: Booking,
    form: ChangeForm,
    slot: Slot,
    scope: Scope,
    status: int = 200,
) -> Response:
    """Show what becomes of each date before several are changed, and what stands against it."""
    resource, terms = booking.resource, terms_for(booking)
    moves = service.look_at_change(booking, scope, slot.span, slot.qty)
    lines = [
        {
            "before": when_words(each.span, terms.timezone),
            "when": when_words(to.span, terms.timezone) if to.span else to.day.isoformat(),
            "free": to.is_free,
            "why": [refusal_sentence(r, terms, unit=resource.unit, asked=slot.qty) for r in to.refusals],
        }
        for each, to in moves
    ]
    return page(
        "bookings/change_dates.html",
        status=status,
        form=form,
        hidden=[(name, value) for name, value in (form.raw() | {"portee": scope.value}).items() if value],
        booking=booking,
        resource=resource,
        is_refused=status >= 400,
        lines=lines,
        lost=sum(1 for _each, to in moves if not to.is_free),
        asks_again=not is_at_once(
            resource, booking.organisation, [booking.span], booking.quantity, but=[booking.id]
        ),
    )


def _is_less(booking: Booking, slot: Slot | None) -> bool:
    """Tell whether who gave some back would only let go of more."""
    had = booking.given_back, booking.span, booking.quantity
    return slot is not None and still_given(*had, slot.span, slot.qty) is not None


def _refused(booking: Booking, slot: Slot, error: SlotRefused) -> Feedback:
    if has_begun(booking):
        return _told_of_end(booking, slot)
    shown, terms = get_shown(booking.resource.slug), terms_for(booking)
    keeps = InOrder.of(booking, shown.name, terms).keeps
    return answer_refused(shown, terms, slot, error.refusals, but_hold=booking.hold_id, keeps=keeps)


def _told_of_end(booking: Booking, slot: Slot) -> Feedback:
    """Answer another end of what has begun: all else of it stays, so no other times are offered."""
    resource, terms = booking.resource, terms_for(booking)
    try:
        against = against_end(booking, slot.span, slot.qty, slot.pack)
    except HasBegun as error:
        return Feedback("refused", explain(error))
    if against:
        first, *others = [refusal_sentence(r, terms, unit=resource.unit, asked=slot.qty) for r in against]
        return Feedback("refused", first, others=others)
    return Feedback(
        "free", _("It can end then: nobody has to answer."), span_words(slot.span, terms.timezone)
    )


def _told(booking: Booking, form: ChangeForm, disorder: LegOutOfOrder | None) -> Feedback:
    """Answer what was typed as the move itself would: by the place, and by the order of its bundle."""
    terms, shown = terms_for(booking), get_shown(booking.resource.slug)
    asked, in_order = read_slot(form.raw(), terms), InOrder.of(booking, shown.name, terms)
    if asked.slot and has_begun(booking):
        return in_order.add_to(_told_of_end(booking, asked.slot), asked.slot, booking.hold_id, disorder)
    is_less = _is_less(booking, asked.slot)
    told = answer(shown, terms, asked, booking.hold_id, is_less=is_less, keeps=in_order.keeps)
    return in_order.add_to(told, asked.slot, booking.hold_id, disorder) if asked.slot else told


def _show(
    booking: Booking,
    form: ChangeForm,
    *,
    status: int = 200,
    told: Feedback | None = None,
    disorder: LegOutOfOrder | None = None,
) -> Response:
    resource, terms = booking.resource, terms_for(booking)
    told = told or _told(booking, form, disorder)
    return page(
        "bookings/change.html",
        "bookings/_slot.html",
        status=status,
        **slot_fields(form, resource, terms, url_for("bookings.change", ref=booking.ref)),
        told=told,
        cost=changed_cost(booking, resource, read_slot(form.raw(), terms).slot, current_actor()),
        against=told.reasons if status >= 400 else (),
        booking=booking,
        resource=resource,
        carries=False,
        **_what_it_means(booking),
        when=span_words(booking.span, resource.site.timezone),
    )


def _what_it_means(booking: Booking) -> dict[str, Any]:
    """Tell whether it can be changed at all, what of it, who has to answer then and what stays due."""
    begun = has_begun(booking)
    spans = [booking.span], booking.quantity
    return {
        "possible": DECISION.allows("ask_again", booking.decision)
        and goes_on(booking.use, booking.end_at, clock.now()),
        "begun": begun,
        "late_move": "" if begun else late_move_words(booking.resource, due_by(booking, current_actor())),
        "asks_again": not begun
        and not is_at_once(booking.resource, booking.organisation, *spans, but=[booking.id]),
    }
