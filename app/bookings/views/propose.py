"""Proposing another slot instead of the one asked for, and answering what is proposed."""

from collections.abc import Callable
from dataclasses import replace

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.askers import Asker
from app.availability.asking import Slot, read_slot, slot_params
from app.availability.errors import SlotRefused
from app.availability.feedback import Feedback
from app.availability.queries import Wish, get_terms
from app.availability.several import verdicts_each, verdicts_of
from app.availability.shown import get_shown
from app.bookings import queries, service
from app.bookings.announced import find_too_small
from app.bookings.arbitration import ahead_of_offer
from app.bookings.errors import LegOutOfOrder
from app.bookings.fitting import Wanted
from app.bookings.forms import ProposeForm
from app.bookings.licence import confirmed_in
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.proposals import places_to_propose
from app.bookings.rules import PENDING, WAIVED_BY_PROPOSING
from app.bookings.views import blueprint
from app.bookings.views.acts import act, refused_act
from app.bookings.views.common import Trouble, onward, page_of, seen
from app.bookings.views.contest import offer_ahead_words
from app.bookings.views.estimated import changed_cost
from app.bookings.views.in_order import InOrder
from app.bookings.views.misfits import misfit_of_offer
from app.bookings.views.proposed import proposed
from app.bookings.views.slots import answer, answer_refused, choose, slot_fields
from app.bookings.words import misfit_words, quantity_words, when_words
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.policy import Actor
from app.web.errors import status_of
from app.web.format import span_words
from app.web.guards import allowed
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


@blueprint.get("/reservations/<ref>/proposer")
@allowed(P.PROPOSE, load=seen)
def propose(booking: Booking) -> Response:
    """Show what was asked for, and what another slot would be answered; not for what is decided already."""
    try:
        service.check_proposable(booking, current_actor())
    except DomainError as error:
        trouble = Trouble("propose", booking.ref, (explain(error),), status=status_of(error))
        return refused_act(booking, trouble)
    return _counter(booking).open()


@blueprint.post("/reservations/<ref>/proposer")
@allowed(P.PROPOSE, load=seen)
def send_proposal(booking: Booking) -> Response:
    """Propose another slot, or answer one without proposing it."""
    return _counter(booking).take()


@blueprint.post("/reservations/<ref>/proposition/accepter")
@allowed(P.ANSWER_PROPOSAL, load=seen)
def accept_proposal(booking: Booking) -> Response:
    """Take what is proposed."""
    ref, confirmed = request.form.get("proposition", ""), confirmed_in(request.form)
    return act(
        "accept_proposal",
        booking,
        lambda actor: service.accept_proposal(booking.id, ref, actor, licence_years=confirmed),
        lambda: _said_yes(queries.get_booking(booking.ref)),
    )


def _said_yes(booking: Booking) -> str:
    if booking.decision == PENDING:
        return _("Accepted: the request for the proposed slot is sent.")
    return _("Accepted: the proposed slot is now your booking.")


@blueprint.post("/reservations/<ref>/proposition/decliner")
@allowed(P.ANSWER_PROPOSAL, load=seen)
def decline_proposal(booking: Booking) -> Response:
    """Keep what was asked for."""
    ref, typed = request.form.get("proposition", ""), request.form.get("reason", "")
    return act(
        "decline_proposal",
        booking,
        lambda actor: service.decline_proposal(booking.id, ref, actor, typed),
        _("Declined: your request waits for an answer again."),
        typed,
    )


@blueprint.post("/reservations/<ref>/proposition/retirer")
@allowed(P.PROPOSE, load=seen)
def withdraw_proposal(booking: Booking) -> Response:
    """Take a proposal back."""
    ref, typed = request.form.get("proposition", ""), request.form.get("reason", "")
    return act(
        "withdraw_proposal",
        booking,
        lambda actor: service.withdraw_proposal(booking.id, ref, actor, typed),
        _("Withdrawn: the request waits for your answer again."),
        typed,
    )


def _counter(booking: Booking) -> "Counter":
    booking_id = booking.id
    return Counter(
        booking,
        current_actor(),
        ProposeForm,
        url=url_for("bookings.propose", ref=booking.ref),
        back=page_of(booking),
        propose=lambda offer: service.propose(booking_id, current_actor(), offer),
    )


class Counter:
    """One request and what may be proposed instead, on the page of the booking or behind a decision link."""

    def __init__(
        self,
        booking: Booking,
        actor: Actor,
        kind: type[ProposeForm],
        *,
        url: str,
        back: str,
        propose: Callable[[service.Offer], object],
    ) -> None:
        self.booking, self.kind, self.url, self.back, self.propose = booking, kind, url, back, propose
        self.actor = actor
        self.places = places_to_propose(booking, actor)
        shown, chosen = request.values.get("ressource"), request.form.get("lieu")
        self.is_elsewhere = "choisir-lieu" in request.form or bool(shown and chosen and shown != chosen)
        wanted = chosen or shown
        self.place = next((each for each in self.places if each.slug == wanted), booking.resource)
        self.terms = get_terms(self.place.id, Asker.on_behalf_of(booking.organisation))
        self.in_order = InOrder.of(booking, self.place.name, self.terms)

    def open(self) -> Response:
        """Show the form as the address fills it, else with what was asked for."""
        quantity = min(self.booking.quantity, self.place.capacity)
        asked = slot_params(Slot(self.booking.span, quantity), self.terms)
        form = self.kind(formdata=None)
        form.process(data=asked | {name: v for name, v in request.args.items() if name in form and v})
        return self.show(form)

    def take(self) -> Response:
        """Propose what was typed; choose another time or check one without proposing it."""
        form = self.kind()
        if self.is_elsewhere:  # also where it was chosen, and sent without having seen its answer
            self._count_here(form)
            return self.show(form)
        if "choisir" in request.form:
            choose(form, request.form["choisir"])
            return self.show(form)
        if "verifier" in request.form:
            return self.show(form)
        valid, slot = form.validate(), form.read(self.terms).slot
        if not valid or slot is None:
            return self.show(form, status=422)
        try:
            instead_of = request.form.get("proposition", "")
            self.propose(
                service.Offer(self.place.id, slot.span, slot.qty, form.message.data or "", instead_of)
            )
        except SlotRefused as error:
            return self.show(form, status=409, told=self._refused(slot, error))
        except LegOutOfOrder as error:
            return self.show(form, status=422, told=self._told(form, error))
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            form.refuse(str(error.facts.get("field") or ""), explain(error))
            return self.show(form, status=status_of(error))
        return onward(
            _("Proposed. The requester is told by e-mail, and the proposed slot is kept meanwhile."),
            self.back,
        )

    def _count_here(self, form: ProposeForm) -> None:
        """Count what is proposed as this place does, where the one before did not count or did so in other units."""
        if self.place.capacity == 1 or not form.quantite.data:
            form.quantite.data = str(min(self.booking.quantity, self.place.capacity))
        if form.unite.data not in self.terms.packs:
            form.unite.data = ""

    def show(self, form: ProposeForm, *, status: int = 200, told: Feedback | None = None) -> Response:
        """Render the page; to htmx, only the answer to the slot."""
        booking, place = self.booking, self.place
        form.ressource.data = place.slug
        told = told or self._told(form)
        url = f"{self.url}?ressource={place.slug}"
        return page(
            "bookings/propose.html",
            "bookings/_slot.html",
            status=status,
            **slot_fields(form, place, self.terms, url),
            told=_here_only(told),
            cost=changed_cost(booking, place, read_slot(form.raw(), self.terms).slot, self.actor),
            against=told.reasons if status >= 400 else (),
            booking=booking,
            place=place,
            is_elsewhere=self.is_elsewhere,
            aside=[form.de, form.a] if self.terms.by_day else [],  # kept for a place that is lent by the hour
            places=[(each.slug, f"{each.name} · {each.site.name}") for each in self.places],
            page_url=self.url,
            back_url=self.back,
            carries=False,
            pending=proposed(booking, self.actor),
            is_open=request.method == "POST" or bool(request.args),
            asked=_asked_words(booking),
        )

    def _told(self, form: ProposeForm, disorder: LegOutOfOrder | None = None) -> Feedback:
        """Answer the slot in the form as proposing it would: by the place, and by the order of its bundle."""
        typed, own_hold, keeps = read_slot(form.raw(), self.terms), self.booking.hold_id, self.in_order.keeps
        if typed.slot is None:
            return answer(get_shown(self.place.slug), self.terms, typed, but_hold=own_hold, keeps=keeps)
        return self.in_order.add_to(self._told_of(typed.slot, form), typed.slot, own_hold, disorder)

    def _told_of(self, slot: Slot, form: ProposeForm) -> Feedback:
        """Answer whether the place has the slot and is large enough, or why not and what instead."""
        if error := find_too_small(self.booking, self.place):
            return Feedback("refused", explain(error))
        wish = Wish(self.place.id, slot.span, slot.qty, self.terms.asker)
        if (self.place.id, slot.span, slot.qty) == _asked(self.booking):
            return self._told_of_asked(wish)
        [found] = verdicts_each([wish], but=self._own_holds())
        if left := [refusal for refusal in found if refusal.code not in WAIVED_BY_PROPOSING]:
            return self._refused(slot, SlotRefused(self.place.id, tuple(left)))
        when = span_words(slot.span, self.terms.timezone)
        if ahead := ahead_of_offer(self.booking, self.place, slot.span, slot.qty):
            form.message.flags.required = True  # it is the reason then
            return Feedback(
                "warn", _("Free, but another request comes before"), offer_ahead_words(ahead[0], when)
            )
        unfit = misfit_of_offer(self.booking, Wanted(self.place.id, slot.span, slot.qty), self.actor)
        if misfits := [*([unfit] if unfit else []), *misfit_words(self.booking, self.place)]:
            return Feedback("warn", _("Free, but not quite what they asked for"), when, others=misfits)
        return Feedback("free", _("Free: you can propose it"), when)

    def _told_of_asked(self, wish: Wish) -> Feedback:
        """Say that a slot is what was asked for, whether others have it by now, and what of it can be chosen here."""
        [taken] = verdicts_of({0: [wish]}, but=self._own_holds(), override=True)[0]
        if any(refusal.code != "closed" for refusal in taken):
            return Feedback(
                "warn", _("This is what was asked for, and others have it by now"), self._choice()
            )
        return Feedback("none", _("This is what was asked for"), self._choice())

    def _choice(self) -> str:
        """Say what can be chosen: only what has a field in the form."""
        other_place, counted = len(self.places) > 1, self.place.capacity > 1
        if other_place and counted:
            return _("Choose another time, another place, or another quantity.")
        if other_place:
            return _("Choose another time or another place.")
        return _("Choose another time or another quantity.") if counted else _("Choose another time.")

    def _own_holds(self) -> list[int]:
        """List what the request keeps, and what is kept by the proposal that another one would replace."""
        pending = self.booking.proposal
        holds = (self.booking.hold_id, pending.hold_id if pending else None)
        return [hold for hold in holds if hold is not None]

    def _refused(self, slot: Slot, error: SlotRefused) -> Feedback:
        shown, own_hold = get_shown(self.place.slug), self.booking.hold_id
        keeps = self.in_order.keeps
        return answer_refused(shown, self.terms, slot, error.refusals, but_hold=own_hold, keeps=keeps)


def _asked(booking: Booking) -> tuple[int, object, int]:
    return booking.resource_id, booking.span, booking.quantity


def _asked_words(booking: Booking) -> str:
    when = when_words(booking.span, booking.resource.site.timezone)
    if count := quantity_words(booking.resource, booking.quantity):
        return _("Asked for: %(when)s, %(quantity)s", when=when, quantity=count)
    return _("Asked for: %(when)s", when=when)


def _here_only(told: Feedback) -> Feedback:
    """Leave out other people's places: what may be proposed is in the list above."""
    here = [group for group in told.alternatives if not any(option.carry for option in group["items"])]
    return replace(told, alternatives=here)
