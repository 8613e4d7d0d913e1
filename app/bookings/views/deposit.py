"""The page of the deposit of a booking: where it stands, and what whoever has it notes."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.bookings import queries, service
from app.bookings.cost_forms import TakeBackForm
from app.bookings.costs import find_costs
from app.bookings.deposit_forms import ReceivedForm, WithheldForm
from app.bookings.deposits import Held, find_held, has_begun
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.common import page_of
from app.bookings.words import named_when
from app.bookings.words.deposits import deposit_facts, deposit_line, deposit_standing
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor, can
from app.infra import files
from app.payments.books.postings import Method
from app.payments.deposits.queries import given_up
from app.payments.deposits.rules import State
from app.payments.deposits.service import SHELF, file_name
from app.web.errors import status_of
from app.web.format import money
from app.web.forms import Form
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_MOST_UPLOADED = 32 * 1024 * 1024  # beyond our own limit, so that the refusal is in words


@blueprint.url_value_preprocessor
def expect_large_photos(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let a photo above our limit arrive whole, so that its form can say so and keep the text."""
    if endpoint == "bookings.withhold_deposit":
        request.max_content_length = _MOST_UPLOADED


def seen_deposit(ref: str) -> Held:
    """Load the deposit of a booking; whoever may not see it is told the same as where there is none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    held = find_held(queries.get_booking(ref))
    if held is None or not can(current_actor(), P.SEE_DEPOSIT, held):
        raise BookingNotFound(ref=ref)
    return held


@blueprint.get("/reservations/<ref>/caution")
@allowed(P.SEE_DEPOSIT, load=seen_deposit)
def deposit(held: Held) -> Response:
    """Show the deposit of a booking."""
    return _page(held)


@blueprint.get("/reservations/<ref>/caution/photo.webp")
@allowed(P.SEE_DEPOSIT, load=seen_deposit)
def deposit_photo(held: Held) -> Response:
    """Show the photo of why something was withheld, to whoever may see the deposit."""
    path = files.find(SHELF, file_name(held.deposit.photo or ""))
    if path is None:
        raise NotFound(photo=held.booking.ref)
    response = send_file(path, mimetype="image/webp")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.post("/reservations/<ref>/caution/recue")
@allowed(P.KEEP_DEPOSIT, load=seen_deposit)
def receive_deposit(held: Held) -> Response:
    """Note that it was handed over."""
    form = ReceivedForm()
    form.offer(held)
    if not form.validate():
        return _page(held, received=form, status=422)
    booking_id, method = held.booking.id, Method(form.method.data)
    said = _("Noted: you have the deposit. Who handed it over is told by e-mail.")
    return _done(held, lambda actor: service.receive_deposit(booking_id, actor, method), said)


@blueprint.post("/reservations/<ref>/caution/erreur")
@allowed(P.KEEP_DEPOSIT, load=seen_deposit)
def take_deposit_back(held: Held) -> Response:
    """Take back that it was received."""
    booking_id = held.booking.id
    said = _("Taken back: the deposit is still to be handed over.")
    return _done(held, lambda actor: service.take_deposit_back(booking_id, actor), said)


@blueprint.post("/reservations/<ref>/caution/rendue")
@allowed(P.KEEP_DEPOSIT, load=seen_deposit)
def release_deposit(held: Held) -> Response:
    """Note that it was given back."""
    booking_id = held.booking.id
    said = _("Noted: the deposit was given back. Who handed it over is told by e-mail.")
    return _done(held, lambda actor: service.release_deposit(booking_id, actor), said)


@blueprint.post("/reservations/<ref>/caution/retenue")
@allowed(P.KEEP_DEPOSIT, load=seen_deposit)
def withhold_deposit(held: Held) -> Response:
    """Keep something of it, with a reason."""
    form = WithheldForm()
    if not form.validate():
        return _page(held, withheld=form, status=422)
    booking_id, kept = held.booking.id, form.kept()
    said = _(
        "Noted: %(kept)s are withheld, %(back)s are given back. "
        "Who handed the deposit over reads your reason by e-mail.",
        kept=money(kept.cents, held.deposit.currency),
        back=money(max(held.deposit.cents - kept.cents, 0), held.deposit.currency),
    )
    return _done(held, lambda actor: service.withhold_deposit(booking_id, actor, kept), said, withheld=form)


@blueprint.post("/reservations/<ref>/caution/retenue/annuler")
@allowed(P.KEEP_DEPOSIT, load=seen_deposit)
def give_up_deposit(held: Held) -> Response:
    """Give back what was withheld wrongly, all of it or a part."""
    form = TakeBackForm()
    cents = form.cents() if form.validate() else None
    if form.errors:
        return _page(held, giving_up=form, status=422)
    booking_id, reason, once = held.booking.id, form.reason.data or "", (form.once.data or "")[:60]
    back = held.deposit.withheld_cents if cents is None else cents
    said = _(
        "Noted: %(amount)s are not withheld any more. Who handed the deposit over is told by e-mail.",
        amount=money(back, held.deposit.currency),
    )
    return _done(
        held,
        lambda actor: service.give_up_deposit(booking_id, actor, reason, once, cents),
        said,
        giving_up=form,
    )


def _done(held: Held, act: Callable[[Actor], Any], said: str, **typed: Form) -> Response:
    ref = held.booking.ref
    try:
        act(current_actor())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        name = {"file": "photo"}.get(str(error.facts.get("field", "")), str(error.facts.get("field", "")))
        for form in typed.values():
            form.refuse(name, explain(error))
        trouble = "" if typed else explain(error)
        return _page(seen_deposit(ref), trouble=trouble, status=status_of(error), **typed)
    flash(said, "success")
    return redirect(url_for("bookings.deposit", ref=ref), 303)


def _page(
    held: Held,
    *,
    received: Form | None = None,
    withheld: Form | None = None,
    giving_up: Form | None = None,
    trouble: str = "",
    status: int = 200,
) -> Response:
    booking, actor = held.booking, current_actor()
    keeps, state = can(actor, P.KEEP_DEPOSIT, held), held.deposit.state
    title, words = deposit_standing(held)
    return page(
        "bookings/deposit.html",
        status=status,
        trouble=trouble,
        booking=booking,
        resource=booking.resource,
        deposit=held.deposit,
        lead=named_when(booking),
        booking_url=page_of(booking) if can(actor, P.SEE, booking) else "",
        costs_url=url_for("bookings.costs", ref=booking.ref) if find_costs(booking) else "",
        title=title,
        words=words,
        facts_rows=deposit_facts(held),
        received=(received or _received_form(held)) if keeps and state == State.REQUIRED else None,
        withheld=(withheld or WithheldForm(formdata=None)) if keeps and state == State.RECEIVED else None,
        has_begun=keeps and state == State.RECEIVED and has_begun(held),
        giving_up=(giving_up or TakeBackForm(formdata=None)) if keeps and state == State.WITHHELD else None,
        given_up=[(money(cents, held.deposit.currency), reason) for cents, reason in given_up(held.deposit)],
        is_cheque=held.deposit.method == Method.CHEQUE,
    )


def _received_form(held: Held) -> ReceivedForm:
    form = ReceivedForm(formdata=None)
    form.offer(held)
    return form


def deposit_of(booking: Booking) -> dict[str, str] | None:
    """Say on other pages where the deposit of a booking stands, with the way to its page; None where there is none."""
    held = find_held(booking)
    if held is None or not can(current_actor(), P.SEE_DEPOSIT, held):
        return None
    return {"words": deposit_line(held), "url": url_for("bookings.deposit", ref=booking.ref)}
