"""The page of one booking, for both sides: where it stands, what was said, and every act on it."""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings import queries, service
from app.bookings.forms import MessageForm
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import PENDING
from app.bookings.views import blueprint
from app.bookings.views.acts import BOOKING, Outcome, act, act_with_reason, first_of, refused_act, shows
from app.bookings.views.booking_context import booking_context
from app.bookings.views.common import Trouble, seen, shown_then
from app.web.guards import allowed
from app.web.page import page


@blueprint.get("/reservations/<ref>")
@allowed(P.SEE, load=seen)
def show(booking: Booking) -> Response:
    """Show a booking to whoever has to do with it."""
    return booking_page(booking)


@blueprint.post("/reservations/<ref>/accepter")
@allowed(P.DECIDE, load=seen)
def approve(booking: Booking) -> Response:
    """Say yes."""
    note, is_free = request.form.get("reason", ""), bool(request.form.get("sans_frais"))
    return act(
        "approve",
        booking,
        lambda actor: service.approve(booking.id, actor, note, free_of_charge=is_free, seen=shown_then()),
        lambda: _said_yes(queries.get_booking(booking.ref)),
        note,
    )


def _said_yes(booking: Booking) -> str:
    if booking.decision == PENDING:
        return _("Your approval is noted. One more is needed: whoever can give it is told by e-mail.")
    return _("Accepted. The requester is told by e-mail.")


@blueprint.post("/reservations/<ref>/refuser")
@allowed(P.DECIDE, load=seen)
def refuse(booking: Booking) -> Response:
    """Say no, with a reason."""
    return act_with_reason(
        "refuse", booking, service.refuse, _("Refused. The requester reads your reason by e-mail.")
    )


@blueprint.post("/reservations/<ref>/annuler")
@allowed(P.CANCEL, load=seen)
def cancel(booking: Booking) -> Response:
    """Give it up, from either side."""
    return act_with_reason(
        "cancel",
        booking,
        service.cancel,
        _("Cancelled. The other side is told by e-mail, the slot is free again."),
    )


@blueprint.post("/reservations/<ref>/absence")
@allowed(P.DECIDE, load=seen)
def tell_absence(booking: Booking) -> Response:
    """Note that nobody came."""
    note = request.form.get("reason", "")
    return act(
        "miss",
        booking,
        lambda actor: service.tell_absence(booking.id, actor, note),
        _("Noted. The organisation and the coordination are told by e-mail."),
        note,
    )


@blueprint.post("/reservations/<ref>/pardon")
@allowed(P.FORGIVE, load=seen)
def forgive_absence(booking: Booking) -> Response:
    """Let an absence count no longer, with a reason."""
    return act_with_reason(
        "forgive",
        booking,
        service.forgive_absence,
        _("Forgiven: it no longer counts. The organisation reads your reason by e-mail."),
    )


@blueprint.post("/reservations/<ref>/retablir")
@allowed(P.DECIDE, load=seen)
def undo(booking: Booking) -> Response:
    """Take a decision back within ten minutes."""
    return act(
        "undo",
        booking,
        lambda actor: service.undo(booking.id, actor),
        _("Decision taken back: the request waits for an answer again."),
    )


@blueprint.post("/reservations/<ref>/messages")
@allowed(P.TALK, load=seen)
def write(booking: Booking) -> Response:
    """Write to the other side."""
    form = MessageForm()
    typed = form.text.data or ""
    if not form.validate():
        return refused_act(booking, Trouble("write", booking.ref, first_of(form.text.errors), typed, 422))
    return act(
        "write",
        booking,
        lambda actor: service.write_message(booking.id, actor, typed),
        _("Message sent."),
        typed,
    )


# -- the page -----------------------------------------------------------------------------------------------


def booking_page(
    booking: Booking, *, said: str | None = None, done: str = "", trouble: Trouble | None = None
) -> Response:
    """Render a booking as the present reader may see it; after an act that was `done`, with the focus on its result."""
    return page(
        "bookings/show.html",
        "bookings/_show.html",
        status=trouble.status if trouble else 200,
        toast_message=said,
        done=done,
        trouble=trouble,
        **booking_context(booking),
    )


@shows(BOOKING)
def _again(booking: Booking, outcome: Outcome) -> Response:
    return booking_page(booking, said=outcome.said, done=outcome.done, trouble=outcome.trouble)
