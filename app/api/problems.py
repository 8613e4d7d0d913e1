"""Every error of the API as a problem (RFC 9457): a sentence for people, a code and facts for programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from app.accounts.models import Organisation
from app.api import writing
from app.api.errors import BodyNotJson, BodyUnreadable, FieldsRefused, TokenNeeded
from app.api.identity import challenge
from app.api.reading import read_resource
from app.availability.alternatives import alternatives
from app.availability.askers import Asker
from app.availability.asking import Slot, wait_path
from app.availability.errors import Refusal, SlotRefused
from app.availability.feedback import AT_MOST, is_worth_telling, similar
from app.availability.queries import Wish, get_terms, verdict
from app.availability.rules import Terms
from app.availability.shown import Shown, shown_by_id
from app.availability.words import refusal_sentence
from app.bookings.errors import LegsRefused
from app.core.errors import DomainError, Forbidden, Invalid, NotFound, TooMany
from app.core.span import Span
from app.infra.db import db
from app.web.errors import problem, status_of
from app.web.identity import current_actor
from app.web.words import explain, sentence

_PARIS = ZoneInfo("Europe/Paris")
_STATUS: Mapping[type[DomainError], int] = {BodyUnreadable: 400, BodyNotJson: 415}
# Where a use case names a field otherwise than the API does, and the fields that do not come in the body.
_FIELDS = {
    "key": "Idempotency-Key", "text": "reason", "remise_jour": "handover_at", "fin": "end", "jour": "by",
    "price": "price_cents",
    "produit": "product", "lieu": "place", "amount": "grams", "until_day": "end", "others": "people", "day": "at",
}  # fmt: skip
# Reasons that another place or time would not change: nothing else is offered for them.
_OWN_FAULT = frozenset({"quantity_too_small", "off_step", "too_short", "too_long"})


@dataclass(frozen=True)
class Wished:
    """The slot a request was about, for what can be had instead."""

    shown: Shown
    span: Span
    quantity: int
    organisation_id: int | None = None  # for whom it is, once that is known

    @property
    def asker(self) -> Asker:
        """Tell for whom it is: they may have a quota, and a window of their own to ask in."""
        found = db.session.get(Organisation, self.organisation_id) if self.organisation_id else None
        return Asker.on_behalf_of(found) if found else Asker.of(current_actor())


def register(blueprint: Blueprint) -> None:
    """Answer the errors of a blueprint's routes."""
    blueprint.register_error_handler(DomainError, _on_domain_error)
    blueprint.register_error_handler(HTTPException, _on_http_error)


def wish_for(shown: Shown, span: Span, quantity: int, organisation_id: int | None = None) -> None:
    """Remember what this request wishes, so that a refusal can offer something else."""
    g.wished = Wished(shown, span, quantity, organisation_id)


def offer_instead(find: Callable[[], Mapping[str, Any]]) -> None:
    """Remember how to find what a 409 of this request offers instead."""
    g.find_instead = find


def wish_for_legs(wished: Sequence[Wished]) -> None:
    """Remember the slots of a request for several resources, in their order."""
    g.wished_legs = wished


def _on_domain_error(error: DomainError) -> Response:
    if isinstance(error, SlotRefused):
        return _on_slot_refused(error)
    if isinstance(error, LegsRefused):
        return _on_legs_refused(error)
    if isinstance(error, Forbidden) and not current_actor().is_signed_in:
        return _who(error)
    status = _STATUS.get(type(error)) or status_of(error)
    more: dict[str, Any] = {"facts": writing.facts(error.facts, _PARIS), **_instead(status)}
    if isinstance(error, Invalid):
        more |= {"problems": _field_problems(error), **_beside(error)}
    answered = problem(status, error.code, explain(error), **more)
    if isinstance(error, TooMany):
        answered.headers["Retry-After"] = str(error.facts.get("retry_after", 60))
    return answered


def _who(error: Forbidden) -> Response:
    told = (
        error if error.code in ("token_unknown", "authorization_unreadable") else TokenNeeded(signed_in=False)
    )
    answered = problem(401, told.code, explain(told))
    answered.headers["WWW-Authenticate"] = challenge(told.code)
    return answered


def _on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    words = {
        400: _("The request could not be read. Check its address and its headers."),
        404: _("There is nothing at this address. See the documentation of the API."),
        413: _("The body is too large: at most 64 kB."),
    }
    return problem(status, f"http_{status}", words.get(status, words[400]))


# -- fields -------------------------------------------------------------------------------------------------


def _field_problems(error: Invalid) -> list[dict[str, Any]]:
    if isinstance(error, FieldsRefused):
        return [_field_problem(p.place, p.name, p.code, p.facts) for p in error.problems]
    name = error.facts.get("field")
    if name is None:
        return []
    place = "header" if name == "key" else "body"
    named = (
        "lots" if name.startswith("kilos_") else _FIELDS.get(name, name)
    )  # pages have a field for each lot
    return [_field_problem(place, named, error.code, error.facts)]


def _field_problem(place: str, name: str, code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "in": place,
        "field": name,
        "code": code,
        "detail": sentence(code, facts),
        "facts": writing.facts(facts, _PARIS),
    }


# -- slots --------------------------------------------------------------------------------------------------


def _on_slot_refused(error: SlotRefused) -> Response:
    wished: Wished | None = g.get("wished")
    shown = wished.shown if wished else shown_by_id([error.facts["resource_id"]])[error.facts["resource_id"]]
    terms = get_terms(shown.id, wished.asker if wished else Asker.of(current_actor()))
    told = _refusals(shown, terms, error.refusals, wished)
    detail = told["refusals"][0]["detail"] if error.refusals else explain(error)
    return problem(409, error.code, str(detail), **told, **_instead(409))


def _on_legs_refused(error: LegsRefused) -> Response:
    legs = []
    for number, found in sorted(error.refusals.items()):
        wished: Wished = g.wished_legs[number]
        legs.append(
            {
                "leg": number,
                **_refusals(wished.shown, get_terms(wished.shown.id, wished.asker), found, wished),
            }
        )
    facts = writing.facts(error.facts, _PARIS)
    return problem(409, error.code, explain(error), facts=facts, legs=legs, **_instead(409))


def _instead(status: int) -> Mapping[str, Any]:
    find: Callable[[], Mapping[str, Any]] | None = g.get("find_instead")
    return find() if find and status == HTTPStatus.CONFLICT else {}


def _beside(error: Invalid) -> dict[str, Any]:
    """Tell what stands against the slot beside the fields that are wrong: nobody is refused twice for one request."""
    wished = g.get("wished") or (_wished_by(error) if isinstance(error, FieldsRefused) else None)
    if wished is None:
        return {}
    terms = get_terms(wished.shown.id, wished.asker)
    found = verdict(Wish(wished.shown.id, wished.span, wished.quantity, terms.asker), terms=terms)
    return _refusals(wished.shown, terms, found, wished) if found else {}


def _wished_by(error: FieldsRefused) -> Wished | None:
    if error.slot is None:
        return None
    try:
        shown = read_resource(error.slot.resource, current_actor())
    except NotFound:
        return None
    span = Span(error.slot.start, error.slot.end)
    return Wished(shown, span, error.slot.quantity)


def _refusals(shown: Shown, terms: Terms, found: Sequence[Refusal], wished: Wished | None) -> dict[str, Any]:
    asked = wished.quantity if wished else 1
    refusals = [
        {
            "code": refusal.code,
            "detail": refusal_sentence(refusal, terms, unit=shown.unit, asked=asked),
            "facts": writing.facts(refusal.facts | _part_named(refusal, terms), terms.zone),
        }
        for refusal in found
    ]
    offers = _offers(wished, terms, {refusal.code for refusal in found}) if wished else []
    told: dict[str, Any] = {"refusals": refusals, "alternatives": offers}
    if wished and is_worth_telling(found):
        slot = Slot(wished.span, wished.quantity)
        told["waiting_list"] = writing.absolute(wait_path(shown.slug, slot, terms))
    return told


def _part_named(refusal: Refusal, terms: Terms) -> dict[str, str]:
    """Name the part at fault, where it is one."""
    part_id = refusal.facts.get("part")
    return next(({"part": part.name} for part in terms.parts if part.resource_id == part_id), {})


def _offers(wished: Wished, terms: Terms, codes: set[str]) -> list[dict[str, Any]]:
    """List what can be had instead: here, then the same time in similar places near."""
    shown = wished.shown
    wish = Wish(shown.id, wished.span, wished.quantity, wished.asker)
    here = alternatives(wish) if terms.status in ("active", "to_check") else []
    found = [writing.alternative(offer, shown, terms.zone) for offer in here]
    if codes & _OWN_FAULT:
        return found
    hits = similar(shown, wished.span, wished.quantity, terms, current_actor())[:AT_MOST]
    others = shown_by_id([hit.resource_id for hit in hits])
    near = [
        writing.similar(h, others[h.resource_id], wished.span, wished.quantity)
        for h in hits
        if h.resource_id in others
    ]
    return [*found, *near]
