"""What the pages of bookings do the same way: who may see one, what became of an act, where to go next."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.words import person_name
from app.availability.askers import Asker
from app.availability.errors import SlotRefused
from app.availability.queries import get_terms
from app.availability.rules import Terms
from app.availability.words import refusal_sentence
from app.bookings import queries
from app.bookings.errors import BookingNotFound
from app.bookings.models import Booking, Bundle, Series
from app.bookings.policy import BookingPermission
from app.bookings.rules import DECISION, LIVE, PLANNED, may_undo
from app.core import clock
from app.core.errors import DomainError, Forbidden
from app.core.policy import Actor, can
from app.web.identity import current_actor
from app.web.words import explain


@dataclass(frozen=True)
class Trouble:
    """An act that was refused: which one on which booking, why, and what was typed, which is kept."""

    act: str
    ref: str
    sentences: tuple[str, ...]
    typed: str = ""
    status: int = 409
    scope: str = ""  # which dates of a series were chosen

    def on(self, act: str, ref: str) -> bool:
        """Tell whether it is about this act on this booking."""
        return (self.act, self.ref) == (act, ref)


def seen(ref: str) -> Booking:
    """Load a booking for a page; whoever may not see it is told the same as if there were none."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)  # to the sign-in page and back, whether or not it exists
    booking = queries.get_booking(ref)
    if not can(current_actor(), BookingPermission.SEE, booking):
        raise BookingNotFound(ref=ref)
    return booking


def terms_for(booking: Booking) -> Terms:
    """Read what binds a booking: the terms of its resource for whoever asked."""
    return get_terms(booking.resource_id, Asker.on_behalf_of(booking.organisation))


def reasons(error: DomainError, booking: Booking) -> tuple[str, ...]:
    """Word a refusal: for a slot, every reason against it."""
    if not isinstance(error, SlotRefused):
        return (explain(error),)
    terms, resource = terms_for(booking), booking.resource
    return tuple(
        refusal_sentence(r, terms, unit=resource.unit, asked=booking.quantity) for r in error.refusals
    ) or (explain(error),)


def came_from_inbox() -> bool:
    """Tell whether an act was done in the inbox, to go back there."""
    return request.form.get("retour") == "a-traiter"


def came_from_series() -> bool:
    """Tell whether an act was done on the page of a series, to go back there."""
    return request.form.get("retour") == "serie"


def came_from_bundle() -> bool:
    """Tell whether an act was done on the page of a request for several resources, to go back there."""
    return request.form.get("retour") == "demande"


def chosen_scope() -> str:
    """Give which dates of a series an act was sent for, as it was chosen."""
    return request.form.get("portee", "")


def shown_then() -> frozenset[str]:
    """Give what a page showed of the requests it offered to accept (`Booking.as_asked`); empty where none did."""
    return frozenset(each for value in request.form.getlist("vu") for each in value.split())


def onward(sentence: str, url: str, kind: str = "success") -> Response:
    """Answer a success without script: the next page, with a message on it."""
    flash(sentence, kind)
    return redirect(url, 303)


def page_of(booking: Booking) -> str:
    """Give the address of a booking's page."""
    return url_for("bookings.show", ref=booking.ref)


def page_of_series(series: Series) -> str:
    """Give the address of a series' page."""
    return url_for("bookings.series", ref=series.ref)


def page_of_bundle(bundle: Bundle) -> str:
    """Give the address of the page of a request for several resources."""
    return url_for("bookings.bundle", bundle_ref=bundle.ref)


def who(booking: Booking) -> str:
    """Name who asked: "Jeanne Moreau, Les Glaneurs"."""
    person, organisation = person_name(booking.requester.name), booking.organisation.name
    return _("%(person)s, %(organisation)s", person=person, organisation=organisation)


def can_be_undone(booking: Booking, actor: Actor) -> bool:
    """Tell whether a decision is fresh enough to be taken back; where two people have to agree, by whom."""
    if booking.use != PLANNED:
        return False
    if booking.approvals and booking.decision in LIVE:
        own = [each.at for each in booking.approvals if each.person_id == actor.person_id]
        return bool(own) and may_undo(own[0], clock.now())
    by_person = booking.decided_by_id is not None and DECISION.allows("undo", booking.decision)
    return by_person and may_undo(booking.decided_at, clock.now())
