"""Waiting for a slot that others have: joining a list, looking at one's place, taking what is offered, leaving."""

from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.askers import Asker
from app.availability.asking import Slot, read_slot, slot_path
from app.availability.errors import Refusal
from app.availability.feedback import is_worth_waiting
from app.availability.policy import TimePermission
from app.availability.queries import Wish, get_terms, verdict
from app.bookings import queries, service
from app.bookings.at_once import is_at_once
from app.bookings.forms import WaitForm
from app.bookings.licence import confirmed_in, tick_for, years_of
from app.bookings.models import Waiting
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import coordinates, manages_site
from app.bookings.rules import APPROVED, IN_LINE, OFFERED, STILL_WAITING, TAKEN, TO_TELL, WAITS
from app.bookings.views import blueprint
from app.bookings.views.common import onward, page_of
from app.bookings.waitlist import get_waiting, places_in_line
from app.bookings.words import answer_words, quantity_words, wait_standing, wanted_words, when_words
from app.catalogue.models import Resource
from app.catalogue.queries import get_resource
from app.catalogue.rules import passengers
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import can, require
from app.web.errors import status_of
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain
from config import Config


def seen_waiting(ref: str) -> Waiting:
    """Load somebody's place on a list; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    entry = get_waiting(ref)
    if not can(current_actor(), P.SEE_WAITING, entry):
        raise NotFound(kind="waiting")
    return entry


@blueprint.get("/ressources/<slug>/attendre")
@allowed(P.WAIT)
def wait(slug: str) -> Response:
    """Show both ways to wait for the slot in the address."""
    desk = Desk(slug)
    form = WaitForm(formdata=None)
    form.process(
        data={name: value for name, value in request.args.items() if name in form and value} | desk.known()
    )
    return desk.show(form)


@blueprint.post("/ressources/<slug>/attendre")
@allowed(P.WAIT)
def join(slug: str) -> Response:
    """Join the list, or ask to be told."""
    desk, form = Desk(slug), WaitForm()
    slot = desk.slot(form)
    if slot is None or form.mode.data not in (IN_LINE, TO_TELL) or not form.validate():
        return desk.show(form, status=422)
    in_line = form.mode.data == IN_LINE
    want = service.Want(
        desk.resource.id, slot.span, slot.qty, form.organisation.data if in_line else None,
        (form.purpose.data or "") if in_line else "", form.people.data if in_line else None,
        (form.message.data or "") if in_line else "",
    )  # fmt: skip
    try:
        entry = service.join(want, current_actor())
    except NotFound:
        raise
    except DomainError as error:
        if isinstance(error, Forbidden) and not error.facts.get("signed_in"):
            raise
        form.refuse(
            "organisation" if isinstance(error, Forbidden) else str(error.facts.get("field") or ""),
            explain(error),
        )
        return desk.show(form, status=422 if isinstance(error, Forbidden) else status_of(error))
    said = _("You are on the waiting list.") if in_line else _("We write to you if it is freed.")
    return onward(said, url_for("bookings.waiting", ref=entry.ref))


@blueprint.get("/attente/<ref>")
@allowed(P.SEE_WAITING, load=seen_waiting)
def waiting(entry: Waiting) -> Response:
    """Show somebody's place in line, and what is offered."""
    return _page(entry)


@blueprint.post("/attente/<ref>/prendre")
@allowed(P.SEE_WAITING, load=seen_waiting)
def take(entry: Waiting) -> Response:
    """Take what is offered."""
    config: Config = current_app.config["MUTUALIM"]
    ref = entry.ref
    try:
        booking = service.take_offer(
            ref, current_actor(), uid_host=config.uid_host, licence_years=confirmed_in(request.form)
        )
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        return _page(get_waiting(ref), explain(error), status_of(error))
    said = _("It is booked. We have sent you an e-mail with all you need.")
    if booking.expires_at is not None:
        said = _("Your request is sent to %(owner)s.", owner=booking.resource.site.owner.name)
    return onward(said, page_of(booking))


@blueprint.post("/attente/<ref>/quitter")
@allowed(P.SEE_WAITING, load=seen_waiting)
def leave(entry: Waiting) -> Response:
    """Leave the list, or decline what is offered."""
    ref = entry.ref
    try:
        service.leave(ref, current_actor())
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        return _page(get_waiting(ref), explain(error), status_of(error))
    said = _("You have left the list.") if entry.mode == IN_LINE else _("You will not be told any more.")
    return onward(said, url_for("bookings.mine"))


def _badge(entry: Waiting) -> str:
    if entry.state == WAITS and entry.mode != IN_LINE:
        return entry.mode  # who only wants to be told is in no line
    return APPROVED if entry.state == TAKEN else entry.state


def _page(entry: Waiting, trouble: str = "", status: int = 200) -> Response:
    resource = entry.resource
    slot = Slot(entry.span, entry.quantity)
    organisation = entry.organisation
    at_once = organisation is not None and is_at_once(resource, organisation, [entry.span], entry.quantity)
    return page(
        "bookings/waiting.html",
        status=status,
        entry=entry,
        resource=resource,
        site=resource.site,
        trouble=trouble,
        standing=wait_standing(entry, places_in_line([entry]).get(entry.id, 0), at_once=at_once),
        rows=_rows(entry),
        badge=_badge(entry),
        may_take=entry.state == OFFERED,
        licence=tick_for(years_of(resource)),
        at_once=at_once,
        answer_note=answer_words(resource, at_once=at_once),
        may_leave=entry.state in STILL_WAITING,
        booking_url=page_of(entry.booking) if entry.state == TAKEN and entry.booking else None,
        ask_url=slot_path(resource.slug, slot, get_terms(resource.id), ask=True),
    )


def _rows(entry: Waiting) -> list[tuple[str, str, str]]:
    rows = [
        (_("When"), wanted_words(entry), "calendar"),
        (
            _("Place"),
            _("%(resource)s, %(site)s", resource=entry.resource.name, site=entry.resource.site.name),
            "pin",
        ),
        (_("For"), whose.name if (whose := entry.organisation or entry.told_for) else "", "building"),
        (_("What for"), entry.purpose, "file"),
        (_("Message for the manager"), entry.message, "message"),
    ]
    return [row for row in rows if row[1]]


class Desk:
    """One resource whose slot somebody wants to wait for."""

    def __init__(self, slug: str) -> None:
        self.resource: Resource = get_resource(slug)
        actor = current_actor()
        require(actor, TimePermission.SEE_RESOURCE, self.resource)
        self.terms = get_terms(self.resource.id, Asker.of(actor))
        for_anyone = coordinates(actor, self.resource) or manages_site(actor, self.resource)
        self.organisations = (
            queries.organisations_to_ask_for(self.resource, actor, any_of_territory=for_anyone)
            if can(actor, P.ASK, self.resource)
            else []
        )

    def slot(self, form: WaitForm) -> Slot | None:
        """Read the slot of a form."""
        return read_slot(form.raw(), self.terms, required=True).slot

    def against(self, slot: Slot) -> tuple[Refusal, ...]:
        """Tell what stands against the slot; nothing: there is nothing to wait for."""
        return verdict(Wish(self.resource.id, slot.span, slot.qty, self.terms.asker), terms=self.terms)

    def known(self) -> dict[str, Any]:
        """Give what the form begins with: the present organisation, and what an earlier request said."""
        known: dict[str, Any] = {"organisation": current_actor().acting_for}
        try:
            booking = queries.get_booking(request.args["depuis"]) if "depuis" in request.args else None
        except NotFound:
            booking = None
        if booking and can(current_actor(), P.SEE, booking):
            most = passengers(
                self.resource.kind, self.resource.facts
            )  # of one vehicle of several: its own share
            known |= {
                "purpose": booking.purpose,
                "people": min(booking.people, most)
                if booking.people and most is not None
                else booking.people,
                "organisation": booking.organisation_id,
            }
        return known

    def show(self, form: WaitForm, *, status: int = 200) -> Response:
        """Render the page: what is waited for, and both ways to do it."""
        form.organisation.choices = [(each.id, each.name) for each in self.organisations]
        form.organisation.flags.required = form.purpose.flags.required = True  # by who would be in line
        slot = self.slot(form)
        against = self.against(slot) if slot else ()
        return page(
            "bookings/wait.html",
            status=status,
            form=form,
            resource=self.resource,
            slot_raw=form.raw(),
            when=_slot_words(slot, self.resource) if slot else "",
            is_free=slot is not None and not against,
            may_line_up=is_worth_waiting(against),
            ask_url=slot_path(self.resource.slug, slot, self.terms, ask=True)
            if slot
            else url_for("bookings.ask", slug=self.resource.slug),
        )


def _slot_words(slot: Slot, resource: Resource) -> str:
    when = when_words(slot.span, resource.site.timezone)
    if count := quantity_words(resource, slot.qty):
        return _("%(when)s, %(quantity)s", when=when, quantity=count)
    return when
