"""Asking for a slot: one page, the same for everybody; a visitor signs in on the way and finds everything as typed."""

from flask import current_app, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.errors import SlotRefused
from app.availability.views.in_vain import tell_nowhere_free
from app.bookings import service
from app.bookings.forms import AskForm
from app.bookings.licence import FIELD as LICENCE
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.views import blueprint
from app.bookings.views.common import onward, page_of
from app.bookings.views.desk import (
    DRAFT,
    Desk,
    first_values,
    has_draft,
    keep_and_sign_in,
    read_all,
    refused_form,
)
from app.bookings.views.draft import TEXTS, Draft, Part, keep, kept_draft
from app.bookings.views.repeat import preview
from app.bookings.views.slots import answer_refused, choose
from app.core.errors import DomainError
from app.core.policy import require
from app.web.guards import public
from app.web.identity import current_actor
from config import Config


@blueprint.get("/ressources/<slug>/demander")
@public
def ask(slug: str) -> Response:
    """Show the form, filled from the address, from an earlier booking, or from the draft kept while signing in."""
    desk = Desk(slug)
    form = desk.form(formdata=None)
    form.process(
        data=first_values(desk.terms) | {"organisation": desk.organisation.id if desk.organisation else None}
    )
    return desk.show(form, restored=has_draft(slug) and "brouillon" in request.args)


@blueprint.post("/ressources/<slug>/demander")
@public
def send(slug: str) -> Response:
    """Send the request; choose another time or check one without sending; a visitor signs in first."""
    desk = Desk(slug)
    form = desk.form()
    if "choisir" in request.form:
        choose(form, request.form["choisir"])
        return desk.show(form)
    if "verifier" in request.form:
        return desk.show(form)
    if "grouper" in request.form:
        return _begin_bundle(desk, form)
    if not current_actor().is_signed_in:
        return keep_and_sign_in(slug, form)
    require(current_actor(), P.ASK, desk.resource)
    return _send(desk, form)


def _send(desk: Desk, form: AskForm) -> Response:
    slot = read_all(desk, form)
    if slot is None:
        return desk.show(form, status=422)
    if form.repete.data:
        return preview(desk, form, slot)
    config: Config = current_app.config["MUTUALIM"]
    wanted = service.Request(
        resource_id=desk.resource.id,
        organisation_id=form.organisation.data,
        span=slot.span,
        quantity=slot.qty,
        purpose=form.purpose.data or "",
        people=form.people.data,
        message=form.message.data or "",
        key=form.key,
        pack=slot.pack,
        override=form.override.data or "",
        recall=form.recall.data,
        licence_years=form.licence_years.data,
    )
    try:
        booking = service.ask(wanted, current_actor(), uid_host=config.uid_host)
    except SlotRefused as error:
        told = answer_refused(desk.shown, desk.terms, slot, error.refusals)
        tell_nowhere_free(desk.shown, told)
        return desk.show(form, status=409, told=told)
    except DomainError as error:
        return refused_form(desk, form, error)
    session.pop(DRAFT, None)
    return onward(_said(booking), page_of(booking))


def _begin_bundle(desk: Desk, form: AskForm) -> Response:
    """Go on with this slot as the first part of a request for several resources; a series is asked for alone."""
    if form.repete.data:
        form.refuse(
            "repete", _("A series is asked for alone. Choose “Only once” to ask for several resources.")
        )
        return desk.show(form, status=422)
    session.pop(DRAFT, None)
    draft = kept_draft()
    texts = {name: str(form[name].data or "") for name in TEXTS}
    typed = form.raw() | {LICENCE: str(form.licence_years.data or "")}
    keep(Draft(draft.parts, texts).with_part(Part.of(desk.resource.slug, typed)))
    return redirect(url_for("bookings.draft", _anchor="ajouter"), 303)


def _said(booking: Booking) -> str:
    if booking.expires_at is None:
        return _("It is booked. We have sent you an e-mail with all you need.")
    return _("Your request is sent to %(owner)s.", owner=booking.resource.site.owner.name)
