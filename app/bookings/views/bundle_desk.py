"""The draft of a request for several resources as its page has it: its elements, and the answer to each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from app.availability.askers import Asker
from app.availability.asking import Slot, read_slot
from app.availability.errors import Refusal
from app.availability.feedback import Feedback
from app.availability.hours import may_last_over_midnight
from app.availability.policy import TimePermission
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.availability.shown import Shown, shown_by_id
from app.bookings import queries, service
from app.bookings.bundle_forms import BundleForm
from app.bookings.errors import LegOutOfOrder, LegTooSoon, LicenceNotConfirmed
from app.bookings.forms import LegFields
from app.bookings.legs import step_of
from app.bookings.licence import FIELD as LICENCE
from app.bookings.order import Order, Step
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import HELD_AS_ONE, MOST_LEGS
from app.bookings.views.beside import free_beside
from app.bookings.views.draft import ORDER, TEXTS, Draft, Part, prefix_of
from app.bookings.views.estimated import deposits_asked, planned, said_each
from app.bookings.views.for_whom import asker_for, chosen_of, own_first
from app.bookings.views.in_order import InOrder
from app.bookings.views.slots import answer, answer_refused, legal_times
from app.bookings.words import cost_words, held_words, legs_words, seats_words
from app.catalogue.kinds.words import unit_choices, unit_name
from app.catalogue.models import Resource
from app.catalogue.queries import find_resources
from app.core.errors import Invalid
from app.core.policy import can
from app.core.span import NonexistentTime
from app.payments.estimates import costs
from app.payments.tariffs.estimate_words import estimate_words
from app.web.htmx import wants_fragment
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain


class Element:
    """One part of the draft as the page has it: its resource, its terms, its slot fields."""

    def __init__(self, number: int, part: Part, resource: Resource, shown: Shown, terms: Terms) -> None:
        self.number, self.part, self.resource, self.shown, self.terms = number, part, resource, shown, terms
        typed = {"quantite": "1"} | dict(part.typed)
        self.form = LegFields(formdata=None, data=typed, prefix=prefix_of(number), meta={"csrf": False})
        self.packs = unit_choices(resource.unit, terms.packs)
        self.form.fit(terms, legal_times(terms), unit_name(resource.unit), self.packs)
        self.form.licence_years.ask(resource)
        self.slot = read_slot(self.form.raw(), terms).slot

    def is_rival_of(self, other: "Element") -> bool:
        """Tell whether both ask for one resource at one time."""
        if self.slot is None or other.slot is None or self.shown.id != other.shown.id:
            return False
        return self.slot.span.overlaps(other.slot.span)

    def confirms_licence(self) -> bool:
        """Tell whether what its driver needs is confirmed; else say so beside the tick."""
        try:
            service.refuse_licence(self.resource, self.form.licence_years.data)
        except LicenceNotConfirmed as error:
            self.form.refuse(LICENCE, explain(error))
            return False
        return True

    def leg(self, slot: Slot) -> service.Leg:
        """Ask for it at a slot."""
        return service.Leg(self.shown.id, slot.span, slot.qty, self.form.licence_years.data, slot.pack)

    def facts(
        self, told: Feedback, count: int, *, move: dict[str, str] | None, has_moved: bool
    ) -> dict[str, Any]:
        """Give what the template shows of it, as one of so many."""
        return {
            "number": self.number,
            "form": self.form,
            "resource": self.resource,
            "site": self.resource.site,
            "price": cost_words(self.resource),
            "told": told,
            "by_day": self.terms.by_day,
            "counted": self.resource.capacity > 1 or bool(self.packs),
            "in_units": bool(self.packs) or bool(self.form.unite.errors),
            "nights": bool(self.form.fin.data) or may_last_over_midnight(self.terms),
            "live": _live(self.number),
            "slot_url": f"{url_for('bookings.send_bundle')}#slot-{self.number}",
            "up_url": _moved_url(self.number - 1, "monter", count) if self.number else None,
            "down_url": _moved_url(self.number + 1, "descendre", count) if self.number + 1 < count else None,
            "move": move,
            "has_moved": has_moved,
        }


def _moved_url(number: int, button: str, count: int) -> str:
    """Lead to the button that has just moved an element to this place, or at either end to the other one."""
    ends = {0: "descendre", count - 1: "monter"}
    button = ends.get(number, button)
    return f"{url_for('bookings.send_bundle')}#{button}-{number}"


def _live_for() -> dict[str, str]:
    """Give the attributes by which the choice of an organisation asks for fresh answers to all elements."""
    return {
        "hx-post": url_for("bookings.send_bundle"),
        "hx-trigger": "change",
        "hx-target": "#parts",
        "hx-select": "#parts",
        "hx-swap": "outerHTML",
        "hx-vals": '{"verifier": "tout"}',
        "hx-sync": "closest form:queue last",
    }


def _live(number: int) -> dict[str, str]:
    """Give the attributes by which a slot field asks for a fresh answer while one chooses."""
    return {
        "hx-post": url_for("bookings.send_bundle"),
        "hx-trigger": "change, input changed delay:300ms",
        "hx-target": f"#slot-{number}",
        "hx-swap": "outerHTML",
        "hx-vals": f'{{"verifier": "{number}"}}',
        "hx-sync": "closest form:queue last",
    }


def _live_order() -> dict[str, str]:
    """Give the attributes by which the tick for the order asks for fresh answers to all slots; the fields stay."""
    return _live(0) | {"hx-vals": '{"verifier": "0", "tous": "1"}'}


class BundleDesk:
    """The draft as the page needs it: its elements, and the form with what may be chosen."""

    def __init__(self, written: Draft) -> None:
        actor = current_actor()
        found = _places(written.parts)
        places = list(found.values())
        territories = {place.territory_id for place in places}
        self.for_anyone = (
            actor.is_signed_in
            and bool(places)
            and (territories <= actor.coordinated or all(can(actor, P.DECIDE, place) for place in places))
        )
        self.may_ask = bool(places) and all(can(actor, P.ASK, place) for place in places)
        self.organisations = own_first(
            queries.organisations_to_ask_for(places[0], actor, any_of_territory=self.for_anyone)
            if self.may_ask
            else []
        )
        self.organisation = chosen_of(self.organisations, written.texts.get("organisation", ""))
        self.elements = _elements(written.parts, found, asker_for(self.organisation))
        self.form = self._form(written.texts)
        self.draft = Draft([element.part for element in self.elements], written.texts)

    def _form(self, texts: Mapping[str, str]) -> BundleForm:
        form = BundleForm() if request.method == "POST" else BundleForm(formdata=None)
        if request.method != "POST":
            given = {name: texts[name] for name in (*TEXTS, *ORDER) if texts.get(name)}
            form.process(data=given | {"organisation": self.organisation.id if self.organisation else None})
        form.offer([(o.id, o.name) for o in self.organisations])
        return form

    # -- what stands against it -----------------------------------------------------------------------------

    def is_right(self) -> bool:
        """Tell whether everything typed can be sent; all that is wrong is attached to its field, at once.

        What begins too soon says so itself, in the answer to its time.
        """
        wrong = [not self.form.validate()]
        for element in self.elements:
            wrong += [element.form.read(element.terms).slot is None, not element.confirms_licence()]
        return not any([*wrong, *self._disorder()])

    def _disorder(self) -> list[Invalid]:
        """List what breaks the order; what is wrong with the hand-over is attached to it."""
        order = Order(self.steps, self._handover())
        alone = len(self.elements) == 1
        found = [] if alone else service.find_disorder(order, in_order=bool(self.form.se_suivent.data))
        for error in found:
            if not isinstance(error, LegTooSoon):
                self.form.refuse(error.facts["field"], explain(error))
        return found

    def _handover(self) -> datetime | None:
        if self.form.remise_jour.errors or self.form.remise_heure.errors:
            return None
        try:
            return self.form.read_handover(self.elements[-1].terms.zone)
        except NonexistentTime as error:
            self.form.refuse("remise_heure", explain(error))
            return None

    @property
    def steps(self) -> list[Step]:
        """Give the elements that have a time, as their order sees them."""
        timed = [(each, each.slot) for each in self.elements if each.slot]
        return [step_of(each.number + 1, each.resource, slot.span) for each, slot in timed]

    @property
    def is_in_order(self) -> bool:
        """Tell whether each element has to begin once the one before it is over."""
        return bool(self.form.se_suivent.data) and len(self.elements) > 1

    def _in_order(self, element: Element) -> InOrder:
        order = Order(self.steps)
        why = (lambda own: service.why_too_soon(order, own)) if self.is_in_order else None
        return InOrder(element.number + 1, element.shown.name, element.terms, why)

    def _part(
        self, element: Element, refusals: Sequence[Refusal] | None, moved: int | None
    ) -> dict[str, Any]:
        """Answer the slot of an element as sending it would: by its place, and by the order of all."""
        in_order, slot, shown, terms = self._in_order(element), element.slot, element.shown, element.terms
        if slot is None or refusals is None:
            told = answer(shown, terms, read_slot(element.form.raw(), terms), keeps=in_order.keeps)
        else:
            told = answer_refused(shown, terms, slot, refusals, keeps=in_order.keeps)
        return element.facts(
            in_order.add_to(told, slot) if slot else told,
            len(self.elements),
            move=self._move(element, in_order.against(slot.span)) if slot else None,
            has_moved=element.number == moved,
        )

    def _move(self, element: Element, error: LegOutOfOrder | None) -> dict[str, str] | None:
        """Offer the place in the list at which an element that begins too soon would keep the order, if any."""
        up_to = error.facts.get("up_to") if error else None
        if up_to is None:
            return None
        place = int(up_to) - 1
        return {
            "value": f"{element.number}-{place}",
            "before": self.elements[place].shown.name,
            "url": _moved_url(place, "monter", len(self.elements)),
        }

    # -- the page -------------------------------------------------------------------------------------------

    def show(
        self,
        *,
        status: int = 200,
        refused: Mapping[int, Sequence[Refusal]] | None = None,
        moved: int | None = None,
        restored: bool = False,
    ) -> Response:
        """Render the list with what is known of each slot; to htmx, only the answer to the slot it asks about.

        Where elements follow one another the answers to the others may be other ones, too.
        """
        stands = refused or {}
        asked = request.form.get("verifier", "") if wants_fragment() else ""
        asked = "" if asked == "tout" else asked  # another organisation: every answer may be another one
        is_for_all = not asked or self.is_in_order or "tous" in request.form
        shown = [each for each in self.elements if is_for_all or str(each.number) == asked]
        each_cost, cost = self._costs()
        deposits = deposits_asked({each.resource for each in shown}, self.organisation)
        parts = [
            self._part(element, stands.get(element.number), moved)
            | {"cost": each_cost.get(element.number, []) + deposits[element.resource.id]}
            for element in shown
        ]
        return page(
            "bookings/bundle_ask.html",
            "bookings/_part_slots.html" if asked and parts else None,
            status=status,
            form=self.form,
            parts=parts,
            asked=asked,
            cost=cost,
            against={part["number"]: part["told"].reasons for part in parts} if status >= 400 else {},
            may_ask=self.may_ask,
            for_anyone=self.for_anyone,
            live_for=_live_for(),
            live_order=_live_order(),
            restored=restored,
            size=legs_words(len(self.elements)),
            held=held_words() if len(self.elements) > 1 else "",
            seats_note=seats_words([element.resource for element in self.elements], self.form.people.data),
            rules=any(element.resource.house_rules for element in self.elements),
            is_full=len(self.elements) >= MOST_LEGS,
            near=self.beside,
            beside=[] if asked else self._beside(),
        )

    def _costs(self) -> tuple[dict[int, list[str]], list[str]]:
        """Say what each element that has a time would cost, and what several of them come to."""
        timed = [(each, each.slot) for each in self.elements if each.slot]
        uses = [planned(each.shown.id, slot.span, each.terms.zone, slot.qty) for each, slot in timed]
        found = costs(uses, self.organisation)
        said = zip((each.number for each, _slot in timed), said_each(found), strict=True)
        return dict(said), estimate_words(found.all, found.payers) if len(timed) > 1 else []

    @property
    def beside(self) -> Element | None:
        """Give the element beside which others are looked for: the last with hours, else the last with days."""
        timed = [element for element in self.elements if element.slot]
        return next((each for each in reversed(timed) if not each.terms.by_day), timed[-1] if timed else None)

    def _beside(self) -> list[dict[str, str]]:
        near = self.beside
        if near is None or near.slot is None or len(self.elements) >= MOST_LEGS:
            return []
        there = {element.shown.id: element.shown.kind for element in self.elements}
        return free_beside(near.shown, near.slot.span, near.terms, there, current_actor())


def _places(parts: Sequence[Part]) -> dict[str, Resource]:
    """Read the resources of a draft, in its order; what is not there to see is left out."""
    actor, slugs = current_actor(), list(dict.fromkeys(part.slug for part in parts))
    seen = {
        each.slug: each for each in find_resources(slugs) if can(actor, TimePermission.SEE_RESOURCE, each)
    }
    return {slug: seen[slug] for slug in slugs if slug in seen}


def _elements(parts: Sequence[Part], found: Mapping[str, Resource], asker: Asker) -> list[Element]:
    """Look at the parts of a draft for whoever asks, with two statements more."""
    ids = [resource.id for resource in found.values()]
    shown, terms = shown_by_id(ids), terms_of(ids, asker) if ids else {}
    there = [part for part in parts if part.slug in found and found[part.slug].id in terms]
    if len(there) > 1:  # then they are held as one, whatever time each place takes to answer
        hours = HELD_AS_ONE // timedelta(hours=1)
        shown = {number: place._replace(answer_hours=hours) for number, place in shown.items()}
    return [
        Element(number, part, found[part.slug], shown[found[part.slug].id], terms[found[part.slug].id])
        for number, part in enumerate(there)
    ]
