"""A series and the acts on several of its dates: answered, given up, each told once."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings import queries, service
from app.bookings.against import against_dates
from app.bookings.arbitration import compare_with
from app.bookings.errors import BookingNotFound
from app.bookings.forms import ReasonForm
from app.bookings.left_out import left_out_of
from app.bookings.models import Booking, Series
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import is_party
from app.bookings.rules import LIVE, PENDING
from app.bookings.service import Scope
from app.bookings.service.agreeing import why_not_yes
from app.bookings.views import blueprint
from app.bookings.views.acts import SERIES, Outcome, act, refused_act, shows
from app.bookings.views.booking_context import missing_words
from app.bookings.views.common import Trouble, came_from_inbox, chosen_scope, page_of, seen, shown_then
from app.bookings.views.contest import told_of
from app.bookings.views.costs_seen import all_costs_words, costs_seen
from app.bookings.views.waiting import waiting_words
from app.bookings.words import Card, asker_words, booking_line, counted_words, quantity_words, series_words
from app.core import clock
from app.core.errors import Forbidden
from app.core.policy import can
from app.web.format import day
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

Decide = Callable[[int, Any, str], Series]


def seen_series(ref: str) -> Series:
    """Load a series for its page; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    found = queries.get_series(ref)
    if not can(current_actor(), P.SEE, found):
        raise BookingNotFound(ref=ref)
    return found


@blueprint.get("/series/<ref>")
@allowed(P.SEE, load=seen_series)
def series(series: Series) -> Response:
    """Show a series with all its dates."""
    return series_page(series)


def series_page(series: Series, trouble: Trouble | None = None) -> Response:
    """Render a series as the present reader may see it, with the act that was refused, if any."""
    actor, now = current_actor(), clock.now()
    bookings = queries.occurrences_of(series.id)
    elsewhere = [b for b in queries.elsewhere_dates(series.id) if can(actor, P.SEE, b)]
    shown = sorted([*bookings, *elsewhere], key=lambda b: (b.start_at, b.id))
    decides = can(actor, P.DECIDE, series)
    dates = against_dates([series.id]).get(series.id) if decides else None
    left, left_out = _ahead(bookings), left_out_of([series])[series.id]
    waiting = dates.waiting if dates else []
    asked = next((b for b in bookings if b.decision == PENDING), None)
    against_yes = why_not_yes(asked, actor) if asked and decides else None
    return page(
        "bookings/series.html",
        status=trouble.status if trouble else 200,
        trouble=trouble,
        series=series,
        resource=series.resource,
        site=series.resource.site,
        decides=decides,
        asker=asker_words(series),
        rule=series_words(series),
        dates=counted_words(sum(1 for b in bookings if b.decision in LIVE), len(left_out)),
        quantity=quantity_words(series.resource, series.quantity),
        elsewhere=sum(1 for b in elsewhere if b.decision in LIVE),
        coming=[_line(b) for b in shown if b.end_at > now and b.decision in LIVE],
        past=[_line(b) for b in shown if b.end_at <= now and b.decision in LIVE],
        given_up=[_line(b) for b in shown if b.decision not in LIVE],
        price=all_costs_words(shown, actor),
        costs=costs_seen(shown, actor),
        left_out=[day(each, year=True) for each in left_out],
        to_answer=waiting,
        missing=missing_words(asked) if asked else "",
        not_yes=explain(against_yes) if against_yes else "",
        yes=waiting_words(dates, series.timezone) if dates else None,
        **told_of(compare_with(*waiting), waiting),
        left=left if can(actor, P.CANCEL, series) else [],
        given_up_from=_given_up_from(series, bookings, elsewhere),
        may_change=can(actor, P.CHANGE, series),
    )


def _ahead(bookings: Sequence[Booking]) -> list[Booking]:
    return [b for b in bookings if b.decision in LIVE and b.start_at > clock.now()]


def _given_up_from(series: Series, bookings: Sequence[Booking], elsewhere: Sequence[Booking]) -> str:
    """Give the reference of the date that all can be given up from; empty where nothing is left to give up.

    Where the series' own dates are over, one of these still stands for those ahead at another place.
    """
    actor = current_actor()
    if not can(actor, P.CANCEL, series):
        return ""
    away = [b for b in _ahead(elsewhere) if can(actor, P.CANCEL, b)]
    first = next(iter(_ahead(bookings) or (bookings if away else [])), None)
    return first.ref if first else ""


def _line(booking: Booking) -> Card:
    note = _("At another place: answered there, and not changed with the series.")
    return booking_line(
        booking,
        href=page_of(booking),
        answers=is_party(current_actor(), booking),
        note=note if booking.elsewhere_of_id else "",
    )


@shows(SERIES)
def _again(booking: Booking, outcome: Outcome) -> Response:
    if booking.series is None:
        raise BookingNotFound(ref=booking.ref)
    return series_page(booking.series, outcome.trouble)


@blueprint.post("/reservations/<ref>/serie/accepter")
@allowed(P.DECIDE, load=seen)
def approve_series(booking: Booking) -> Response:
    """Say yes to all dates of its series that wait, or only to those that are free."""
    typed, series_id = request.form.get("reason", ""), _series_of(booking)
    keep_free = bool(request.form.get("libres"))
    return act(
        "approve" if came_from_inbox() else "approve_series",
        booking,
        lambda actor: service.approve_series(series_id, actor, typed, keep_free=keep_free, seen=shown_then()),
        lambda: _said_yes(queries.get_booking(booking.ref), keep_free=keep_free),
        typed,
    )


def _said_yes(booking: Booking, *, keep_free: bool) -> str:
    if booking.decision == PENDING and booking.approvals:
        return _(
            "Your approval of all dates is noted. One more is needed: whoever can give it is told by e-mail."
        )
    if keep_free:
        return _("The free dates are accepted. Refuse the others, or agree on other times with who asks.")
    return _("All waiting dates are accepted. The requester is told once by e-mail.")


@blueprint.post("/reservations/<ref>/serie/refuser")
@allowed(P.DECIDE, load=seen)
def refuse_series(booking: Booking) -> Response:
    """Say no to all dates of its series that wait, with a reason."""
    series_id = _series_of(booking)
    return _with_reason(
        "refuse" if came_from_inbox() else "refuse_series",
        booking,
        lambda actor, reason: service.refuse_series(series_id, actor, reason),
        _("All waiting dates are refused. The requester reads your reason by e-mail."),
    )


@blueprint.post("/reservations/<ref>/serie/annuler")
@allowed(P.CANCEL, load=seen)
def cancel_series(booking: Booking) -> Response:
    """Give up this date and the following, or all that have not begun."""
    scope = Scope.ALL if request.form.get("portee") == Scope.ALL else Scope.FOLLOWING
    _series_of(booking)
    return _with_reason(
        "cancel_series",
        booking,
        lambda actor, reason: service.cancel_series(booking.id, scope, actor, reason),
        _("These dates are cancelled. The other side is told once by e-mail, the slots are free again."),
    )


def _series_of(booking: Booking) -> int:
    if booking.series_id is None:
        raise BookingNotFound(ref=booking.ref)
    return booking.series_id


def _with_reason(name: str, booking: Booking, use_case: Callable[[Any, str], Series], said: str) -> Response:
    form = ReasonForm()
    typed = form.reason.data or ""
    if not form.validate():
        sentences = tuple(str(error) for error in form.reason.errors)[:1]
        return refused_act(booking, Trouble(name, booking.ref, sentences, typed, 422, chosen_scope()))
    return act(name, booking, lambda actor: use_case(actor, typed), said, typed)
