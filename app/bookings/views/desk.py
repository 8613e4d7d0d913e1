"""What the pages that ask for slots work with: the form, what it begins with, what is kept while one signs in."""

from typing import Any

from flask import redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.asking import FIELDS, Slot, read_slot
from app.availability.feedback import Feedback
from app.availability.policy import TimePermission
from app.availability.queries import get_terms
from app.availability.rules import Terms
from app.availability.shown import Shown, get_shown
from app.bookings import queries
from app.bookings.at_once import by_class, by_quota
from app.bookings.forms import AskForm
from app.bookings.licence import FIELD as LICENCE
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import manages_site
from app.bookings.rules import is_approved_at_once
from app.bookings.views.choices import read_choices, write_choices
from app.bookings.views.estimated import deposits_asked, slot_cost
from app.bookings.views.for_whom import asker_for, chosen_of, own_first
from app.bookings.views.freely import read_freely, write_freely
from app.bookings.views.slots import again, answer, answering, slot_fields
from app.bookings.words import answer_words, cost_words, weekday_name
from app.catalogue.models import Approval, Resource
from app.catalogue.pictures import resource_picture
from app.catalogue.queries import get_resource
from app.catalogue.rules import passengers
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_secret
from app.core.policy import can, require
from app.core.recurrence import hours_of
from app.infra.db import compact_json
from app.web.errors import status_of
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

DRAFT = "draft_ask"  # keys that begin with "draft" survive signing in
_DRAFT_FIELDS = (*FIELDS, "purpose", "people", "message", "repete", "tous_les", "jusqu_au", "fois", LICENCE)
_DRAFT_TICKS = ("jours", "sauf_vacances")
_DRAFT_DATES = 20  # choices for single dates of a series, the first of them
_DRAFT_BYTES = 2600  # a cookie holds 4 kB with its signature and everything else


# -- what the form begins with ------------------------------------------------------------------------------


def first_values(terms: Terms) -> dict[str, Any]:
    """Choose what the form begins with: a draft, an earlier booking, or the slot in the address."""
    draft = session.get(DRAFT) or {}
    if "brouillon" in request.args and draft.get("slug") == _slug():
        return {name: draft[name] for name in (*_DRAFT_FIELDS, *_DRAFT_TICKS) if draft.get(name)}
    slot = {name: value for name in FIELDS if (value := request.args.get(name, "")[:40])}
    return {"quantite": "1"} | (_repeated(terms) if "refaire" in request.args else {}) | slot


def _repeated(terms: Terms) -> dict[str, Any]:
    """Fill the form as for an earlier booking of one's own; what one may not see fills nothing."""
    try:
        booking = queries.get_booking(request.args["refaire"])
    except NotFound:
        return {}
    if booking.resource.slug != _slug() or not can(current_actor(), P.SEE, booking):
        return {}
    return again(booking, terms) | {"purpose": booking.purpose, "people": booking.people}


def _slug() -> str:
    return str((request.view_args or {}).get("slug", ""))


def has_draft(slug: str) -> bool:
    """Tell whether a request for this resource was kept while signing in."""
    return bool((session.get(DRAFT) or {}).get("slug") == slug)


def keep_and_sign_in(slug: str, form: AskForm) -> Response:
    """Keep what a visitor typed in the signed cookie, and come back to it after signing in."""
    draft = {name: str(form[name].data or "")[:300] for name in _DRAFT_FIELDS if name != "message"}
    dates = write_choices(read_choices(request.form.items()))[:_DRAFT_DATES]
    draft["message"] = _as_much_as_fits(form.message.data or "", less=len(compact_json(dates)))
    ticks = {name: form[name].data for name in _DRAFT_TICKS}
    session[DRAFT] = {"slug": slug, **draft, **ticks, "dates": dates}
    target = url_for("bookings.ask", slug=slug, brouillon=1)
    return redirect(url_for("accounts.sign_in", next=target), 303)


def _as_much_as_fits(text: str, *, less: int) -> str:
    """Cut a message at what the cookie can hold (a long page of text, in practice)."""
    return text.encode()[: _DRAFT_BYTES - less].decode(errors="ignore")


def _carried(slug: str) -> list[tuple[str, str]]:
    """Give what was chosen for single dates, as hidden fields: the way back to the form, or to sign in, keeps it."""
    if request.method == "POST":
        typed = request.form
        return write_choices(read_choices(typed.items())) + write_freely(read_freely(typed.items()))
    if "brouillon" in request.args and has_draft(slug):
        return write_choices(read_choices((name, value) for name, value in session[DRAFT].get("dates", ())))
    return []


# -- the page -----------------------------------------------------------------------------------------------


class Desk:
    """One resource as the request page needs it: its facts, its terms, and the form with what may be chosen."""

    def __init__(self, slug: str) -> None:
        self.shown: Shown = get_shown(slug)
        self.resource: Resource = get_resource(slug)
        require(current_actor(), TimePermission.SEE_RESOURCE, self.resource)
        actor = current_actor()
        self.for_anyone = actor.is_signed_in and (
            self.resource.territory_id in actor.coordinated or manages_site(actor, self.resource)
        )
        self.may_ask = can(actor, P.ASK, self.resource)
        self.organisations = own_first(
            queries.organisations_to_ask_for(self.resource, actor, any_of_territory=self.for_anyone)
            if self.may_ask
            else []
        )
        self.organisation = chosen_of(self.organisations)
        self.terms = get_terms(self.resource.id, asker_for(self.organisation))

    def form(self, **given: Any) -> AskForm:
        """Make the form, with the organisations this person may ask for, their own first."""
        form = AskForm(**given)
        form.offer([(o.id, o.name) for o in self.organisations])
        if passengers(self.resource.kind, self.resource.facts) is not None:
            form.people.label.text = _("How many passengers, without the driver?")
        form.licence_years.ask(self.resource)
        form.name_days([weekday_name(number) for number in range(7)])
        return form

    def show(
        self, form: AskForm, *, status: int = 200, told: Feedback | None = None, restored: bool = False
    ) -> Response:
        """Render the page with what is known of the slot; to htmx, only the answer to the slot."""
        url = url_for("bookings.ask", slug=self.resource.slug)
        asked = read_slot(form.raw(), self.terms)
        if told is None:
            told = answer(self.shown, self.terms, asked)
        return page(
            "bookings/ask.html",
            "bookings/_slot.html",
            status=status,
            **slot_fields(form, self.resource, self.terms, url),
            live_for=answering(url),
            told=told,
            cost=slot_cost(self.resource.id, asked.slot, self.terms, self.organisation)
            + deposits_asked([self.resource], self.organisation)[self.resource.id],
            against=told.reasons if status >= 400 else (),
            resource=self.resource,
            site=self.resource.site,
            carries=True,
            dates=_carried(self.resource.slug),
            may_ask=self.may_ask,
            may_recall=self.may_ask,
            for_anyone=self.for_anyone,
            decides=can(current_actor(), P.DECIDE, self.resource),
            restored=restored,
            price=cost_words(self.resource),
            picture=resource_picture(self.resource, "medium")[0],
            answer_note=answer_words(self.resource, at_once=self._by_class(form)),
        )

    def is_at_once(self, form: AskForm) -> bool:
        """Tell whether nobody has to answer what the chosen organisation asks for, however much that is."""
        is_for_all = self.resource.approval != Approval.AUTO_WITHIN_QUOTA  # each date may differ
        return is_for_all and self._by_class(form) and self.resource.auto_hours is None

    def _by_class(self, form: AskForm) -> bool:
        chosen = next((o for o in self.organisations if o.id == form.organisation.data), None)
        if chosen is None:
            return is_approved_at_once(self.resource.approval, "", self.resource.auto_up_to)
        slot = read_slot(form.raw(), self.terms).slot
        within = slot is not None and by_quota(self.resource, chosen, [slot.span], slot.qty)
        return within or by_class(self.resource, chosen)


def read_all(desk: "Desk", form: AskForm) -> Slot | None:
    """Read the slot of a form that is right; None with all that is wrong said at once, the repetition included."""
    valid, slot = form.validate(), form.read(desk.terms).slot
    if valid:
        return slot
    if slot and form.repete.data:
        form.read_rule(hours_of(slot.span, desk.terms.timezone)[0], desk.terms)
    return None


def refused_form(desk: "Desk", form: AskForm, error: DomainError) -> Response:
    """Show the form again with why it was refused; what is no business of a form is raised on."""
    if isinstance(error, NotFound) or (isinstance(error, Forbidden) and not error.facts.get("signed_in")):
        raise error
    field = str(error.facts.get("field") or "")
    if error.code == "key_reused":
        form.once.data, field = new_secret(), ""
    form.refuse("organisation" if isinstance(error, Forbidden) else field, explain(error))
    return desk.show(form, status=422 if isinstance(error, Forbidden) else status_of(error))
