"""Asking for several resources at once: a list of elements, each with its own answer while one chooses."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import current_app, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.availability.askers import Asker
from app.availability.asking import Slot, read_slot
from app.availability.errors import Refusal, SlotRefused
from app.availability.feedback import Feedback
from app.availability.hours import may_last_over_midnight
from app.availability.policy import TimePermission
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.availability.shown import Shown, shown_by_id
from app.bookings import queries, service
from app.bookings.bundle_forms import BundleForm
from app.bookings.errors import LegsRefused, LegTooSoon
from app.bookings.forms import LegFields
from app.bookings.licence import FIELD as LICENCE
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import HELD_AS_ONE, MOST_LEGS
from app.bookings.views import blueprint
from app.bookings.views.beside import free_beside
from app.bookings.views.common import onward, page_of, page_of_bundle
from app.bookings.views.draft import (
    ORDER,
    TEXTS,
    Draft,
    Part,
    draft_of_form,
    forget,
    keep,
    kept_draft,
    prefix_of,
    read_part,
)
from app.bookings.views.for_whom import asker_for, chosen_of, own_first
from app.bookings.views.slots import answer, answer_refused, legal_times
from app.bookings.words import cost_words, held_words, legs_words
from app.catalogue.kinds.words import unit_name
from app.catalogue.models import Resource
from app.catalogue.queries import find_resources
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_secret
from app.core.policy import can, require
from app.web.errors import status_of
from app.web.guards import public
from app.web.htmx import wants_fragment
from app.web.identity import current_actor
from app.web.page import page
from app.web.words import explain

_BUTTON = re.compile(r"(choisir|autre)-(\d)")


@blueprint.get("/demander")
@public
def draft() -> Response:
    """Show the request this browser keeps; a resource named in the address is added to it first."""
    kept = kept_draft()
    if slug := request.args.get("ressource", ""):
        part = read_part(f"{slug}?{urlencode(list(request.args.items()))}")
        if part and request.method == "GET":
            keep(BundleDesk(kept.with_part(part)).draft)
        return redirect(url_for("bookings.draft"), 303)
    return BundleDesk(kept).show(restored="brouillon" in request.args)


@blueprint.post("/demander")
@public
def send_bundle() -> Response:
    """Send the request; change its elements or check one without sending; a visitor signs in first."""
    if "vider" in request.form:
        forget()
        return onward(_("The request is dropped; nothing was sent."), "/ressources")
    desk = BundleDesk(_changed(draft_of_form()))
    keep(desk.draft)
    if "chercher" in request.form:
        return redirect(_search_url(desk), 303)
    if _is_change() or not desk.elements:
        return desk.show()
    if not current_actor().is_signed_in:
        return redirect(url_for("accounts.sign_in", next=url_for("bookings.draft", brouillon=1)), 303)
    return _send(desk)


def _is_change() -> bool:
    buttons = ("ajouter", "retirer", "monter", "verifier")
    return any(name in buttons or _BUTTON.fullmatch(name) for name in request.form)


def _changed(given: Draft) -> Draft:
    """Do what the button that was pressed says: add, take out, move up, or change an element."""
    parts = list(given.parts)
    if (out := _number_of("retirer")) is not None:
        del parts[out : out + 1]
    if up := _number_of("monter"):
        parts[up - 1 : up + 1] = reversed(parts[up - 1 : up + 1])
    for name, value in request.form.items():
        button = _BUTTON.fullmatch(name)
        if button and int(button[2]) < len(parts):
            parts[int(button[2])] = _chosen(button[1], value, parts[int(button[2])])
    added = read_part(request.form.get("ajouter", ""))
    changed = Draft(parts, given.texts)
    return changed.with_part(added) if added else changed


def _number_of(button: str) -> int | None:
    typed = request.form.get(button, "")
    return int(typed) if re.fullmatch(r"\d", typed, re.ASCII) else None


def _chosen(what: str, value: str, part: Part) -> Part:
    """Give the element with the time or the place of a button; the quantity stays where it says none."""
    count = {"quantite": part.typed["quantite"]} if "quantite" in part.typed else {}
    if what == "choisir":
        confirmed = {LICENCE: part.typed.get(LICENCE, "")}  # of the driver of this vehicle, not of another's
        return Part.of(part.slug, confirmed | count | dict(parse_qsl(value[:300])))
    other = read_part(value)
    return Part.of(other.slug, count | dict(other.typed)) if other else part


def _search_url(desk: "BundleDesk") -> str:
    """Lead to the search, at the time of the element that others are looked for beside."""
    beside = desk.beside
    typed = beside.part.typed if beside else {}
    asked: dict[str, Any] = {name: typed[name] for name in ("date", "de", "a", "fin") if typed.get(name)}
    return url_for("availability.find", **asked)


def _send(desk: "BundleDesk") -> Response:
    for element in desk.elements:
        require(current_actor(), P.ASK, element.resource)
    valid = desk.form.validate()
    slots = [element.form.read(element.terms).slot for element in desk.elements]
    wanted = [slot for slot in slots if slot]
    if not valid or len(wanted) < len(slots):
        return desk.show(status=422)
    try:
        url = _ask(desk, wanted)
    except SlotRefused as error:
        return desk.show(status=409, refused={0: error.refusals}, slots=wanted)
    except LegsRefused as error:
        _name_rivals(desk, wanted, error.refusals)
        return desk.show(status=409, refused=error.refusals, slots=wanted)
    except LegTooSoon as error:
        return desk.show(status=422, too_soon={error.facts["leg"] - 1: explain(error)})
    except DomainError as error:
        return _refused(desk, error)
    forget()
    return onward(_("Your request is sent."), url)


def _ask(desk: "BundleDesk", slots: Sequence[Slot]) -> str:
    """Ask for all elements, one alone as any request; give the address of what came of it."""
    config, actor, form = current_app.config["MUTUALIM"], current_actor(), desk.form
    pairs = zip(desk.elements, slots, strict=True)
    legs = tuple(element.leg(slot) for element, slot in pairs)
    why: dict[str, Any] = {
        "purpose": form.purpose.data or "",
        "people": form.people.data,
        "message": form.message.data or "",
    }
    if len(legs) == 1:
        why |= {"key": form.key, "licence_years": legs[0].licence_years}
        alone = service.Request(
            legs[0].resource_id, form.organisation.data, legs[0].span, legs[0].quantity, **why
        )
        return page_of(service.ask(alone, actor, uid_host=config.uid_host))
    order: dict[str, Any] = {
        "in_order": bool(form.se_suivent.data),
        "handover_at": form.read_handover(desk.elements[-1].terms.zone),
    }
    wanted = service.BundleRequest(form.organisation.data, legs, key=form.key, **why, **order)
    return page_of_bundle(service.ask_bundle(wanted, actor, uid_host=config.uid_host))


def _name_rivals(desk: "BundleDesk", slots: Sequence[Slot], refused: Iterable[int]) -> None:
    """Say of a refused element that another of the same request stands in its way."""
    for number in refused:
        wanted = desk.elements[number].shown
        for other in range(number):
            is_same = desk.elements[other].shown.id == wanted.id
            if is_same and slots[other].span.overlaps(slots[number].span):
                said = _(
                    "Elements %(first)s and %(second)s ask for “%(name)s” at the same time. "
                    "Give one of them another time, or take it out.",
                    first=other + 1,
                    second=number + 1,
                    name=wanted.name,
                )
                desk.form.refuse("", said)


def _refused(desk: "BundleDesk", error: DomainError) -> Response:
    """Show the form again with why it was refused; what is no business of a form is raised on."""
    if isinstance(error, NotFound) or (isinstance(error, Forbidden) and not error.facts.get("signed_in")):
        raise error
    field = str(error.facts.get("field") or "")
    if error.code == "key_reused":
        desk.form.once.data, field = new_secret(), ""
    desk.form.refuse("organisation" if isinstance(error, Forbidden) else field, explain(error))
    return desk.show(status=422 if isinstance(error, Forbidden) else status_of(error))


# -- the page -----------------------------------------------------------------------------------------------


class Element:
    """One part of the draft as the page has it: its resource, its terms, its slot fields."""

    def __init__(self, number: int, part: Part, resource: Resource, shown: Shown, terms: Terms) -> None:
        self.number, self.part, self.resource, self.shown, self.terms = number, part, resource, shown, terms
        typed = {"quantite": "1"} | dict(part.typed)
        self.form = LegFields(formdata=None, data=typed, prefix=prefix_of(number), meta={"csrf": False})
        self.form.fit(terms, legal_times(terms), unit_name(resource.unit))
        self.form.licence_years.ask(resource)
        self.slot = read_slot(self.form.raw(), terms).slot

    def leg(self, slot: Slot) -> service.Leg:
        """Ask for it at a slot."""
        return service.Leg(self.shown.id, slot.span, slot.qty, self.form.licence_years.data)

    def facts(self, told: Feedback) -> dict[str, Any]:
        """Give what the template shows of it."""
        return {
            "number": self.number,
            "form": self.form,
            "resource": self.resource,
            "site": self.resource.site,
            "price": cost_words(self.resource),
            "told": told,
            "by_day": self.terms.by_day,
            "counted": self.resource.capacity > 1,
            "nights": bool(self.form.fin.data) or may_last_over_midnight(self.terms),
            "live": _live(self.number),
            "slot_url": f"{url_for('bookings.send_bundle')}#slot-{self.number}",
        }


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

    def show(
        self,
        *,
        status: int = 200,
        refused: Mapping[int, Sequence[Refusal]] | None = None,
        slots: Sequence[Slot] = (),
        too_soon: Mapping[int, str] | None = None,
        restored: bool = False,
    ) -> Response:
        """Render the list with what is known of each slot; to htmx, only the answer to the slot it asks about."""
        stands = refused or {}
        asked = request.form.get("verifier", "") if wants_fragment() else ""
        asked = "" if asked == "tout" else asked  # another organisation: every answer may be another one
        shown = [element for element in self.elements if asked in ("", str(element.number))]
        parts = [
            element.facts(
                answer_refused(element.shown, element.terms, slots[element.number], stands[element.number])
                if element.number in stands
                else answer(element.shown, element.terms, read_slot(element.form.raw(), element.terms))
            )
            for element in shown
        ]
        return page(
            "bookings/bundle_ask.html",
            "bookings/_part_slot.html" if asked and parts else None,
            status=status,
            form=self.form,
            parts=parts,
            part=parts[0] if parts else None,
            against={n: parts[n]["told"].reasons for n in stands}
            | {n: (sentence,) for n, sentence in (too_soon or {}).items()},
            may_ask=self.may_ask,
            for_anyone=self.for_anyone,
            live_for=_live_for(),
            restored=restored,
            size=legs_words(len(self.elements)),
            held=held_words() if len(self.elements) > 1 else "",
            rules=any(element.resource.house_rules for element in self.elements),
            is_full=len(self.elements) >= MOST_LEGS,
            near=self.beside,
            beside=[] if asked else self._beside(),
        )

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
