"""What could be asked for instead of an element that cannot be had: similar places, other times of the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.askers import Asker
from app.availability.asking import Slot, read_slot, slot_params
from app.availability.feedback import NEXT_DOOR_KM, similar
from app.availability.queries import get_terms, terms_of
from app.availability.rules import USABLE
from app.availability.shown import Shown, get_shown, shown_by_id
from app.bookings.licence import tick_for, years_of
from app.bookings.models import Booking
from app.bookings.shared_alike import model_of
from app.bookings.views.borne import borne_words
from app.bookings.views.draft import Part, fields_at, pack_at
from app.bookings.views.estimated import measured, planned
from app.bookings.views.fitted import Fit, fits_for
from app.bookings.views.in_order import InOrder
from app.core.policy import Actor
from app.core.span import Span
from app.payments.estimates import PlannedUse, costs_apart
from app.payments.previews import foresee_each, shares_alike
from app.payments.tariffs.estimate_words import estimate_words
from app.payments.tariffs.estimating import Estimate
from app.web.format import distance, span_words

Choice = dict[str, Any]


@dataclass(frozen=True)
class Instead:
    """What can be had instead, by title; each choice is the value of a button.

    `others` says why the rest cannot, `again_url` leads to asking for the whole anew (`again_words` says what comes
    before that), `without` says what would be missing without it: where a room above knows.
    """

    groups: Sequence[dict[str, Any]] = ()
    others: Sequence[str] = ()
    again_url: str = ""
    again_words: str = ""
    without: str = ""


def instead_of(leg: Booking, legs: Sequence[Booking], actor: Actor) -> Instead:
    """List what can be had instead of a lost leg (one of `legs`, which its request wants now, in order).

    What fits, where somebody knows that, else what is like it.

    What leaves nothing booked for a while, before it or after it, says so, and comes last.
    """
    shown, terms = (
        get_shown(leg.resource.slug),
        get_terms(leg.resource_id, Asker.on_behalf_of(leg.organisation)),
    )
    in_order = InOrder.of(leg, shown.name, terms)
    fits = fits_for(leg, legs, actor)
    if fits is None:
        near, times = _similar(leg, shown, actor, in_order), _other_times(leg, shown, in_order)
    else:
        near, times = _fitting(leg, fits.offers, in_order)
    groups = [
        (_("A similar place that fits") if fits else _("Same time, a similar place"), near),
        (_("Same place, another time"), times),
    ]
    if terms.status not in USABLE:
        groups = groups[:1]
    _add_costs([choice for _title, choices in groups for choice in choices], leg)
    found = [
        {"title": title, "choices": sorted(choices, key=lambda each: bool(each["idle"]))}
        for title, choices in groups
        if choices
    ]
    return (
        Instead(found, fits.others, fits.again_url, fits.again_words, fits.without)
        if fits
        else Instead(found)
    )


def _fitting(leg: Booking, offers: Sequence[Fit], in_order: InOrder) -> tuple[list[Choice], list[Choice]]:
    """Write what fits: at other places, and at the same one."""
    ids = {offer.resource_id for offer in offers}
    found, terms = shown_by_id(ids), terms_of(ids, Asker.on_behalf_of(leg.organisation))
    near, times = list[Choice](), list[Choice]()
    for offer in offers:
        other, own = found[offer.resource_id], terms[offer.resource_id]
        slot = Slot(offer.span, offer.quantity)
        when = span_words(offer.span, own.timezone)
        there, is_same = replace(in_order, terms=own), other.id == leg.resource_id
        choice = _choice(
            other, Part.of(other.slug, slot_params(slot, own)), slot, there, leg,
            label=when if is_same else other.name,
            detail="" if is_same else _detail(other, offer.km),
            icon="clock" if is_same else "pin",
        )  # fmt: skip
        said = [] if is_same or offer.span == leg.span else [when[:1].upper() + when[1:]]
        choice["why"] = [*said, *offer.why]
        choice["use"] = measured(choice["use"], offer.metres, offer.grams)
        choice["idle"] = [*choice["idle"], *offer.lacks]
        (times if is_same else near).append(choice)
    return near, times


def _add_costs(choices: list[Choice], leg: Booking) -> None:
    """Say of each choice what it would cost, and who would bear it where it will be shared."""
    timed = [each for each in choices if each["use"]]
    found = costs_apart([[each["use"]] for each in timed], leg.organisation)
    shared = _shared([each["use"] for each in timed], [each.all for each in found], leg)
    for choice, each, parts in zip(timed, found, shared, strict=True):
        choice["cost"] = [*estimate_words(each.all, each.payers), *parts]


def _shared(uses: Sequence[PlannedUse], found: Sequence[Estimate | None], leg: Booking) -> list[list[str]]:
    """Say of each use who would bear what; nothing where that is who asks alone."""
    model = model_of(leg)
    if model is None:
        return [[] for _use in uses]
    foreseen = foresee_each(uses, found, leg.organisation)
    return [borne_words(shares_alike([each], model), each.currency) if each else [] for each in foreseen]


def _choice(other: Shown, part: Part, slot: Slot | None, at: InOrder, leg: Booking, **words: str) -> Choice:
    """Write one of the choices: the value of its button, what is confirmed with it, what it is reckoned by."""
    zone = at.terms.zone
    return words | {
        "value": part.value,
        "licence": years_of(other),
        "idle": idle_words(at, slot.span, leg) if slot else [],
        "use": planned(other.id, slot.span, zone, slot.qty) if slot else None,
        "cost": [],
        "why": [],
    }


def idle_words(at: InOrder, span: Span, leg: Booking) -> list[str]:
    """Say when nothing would be booked beside a leg at a time, where that is longer than it was with the one lost."""
    idle, before = at.idle_beside(span), at.idle_beside(leg.span)
    if sum(each.seconds for each in idle) <= sum(each.seconds for each in before):
        return []
    tz = at.terms.timezone
    return [
        _(
            "Nothing is booked %(when)s: what has to be kept needs a place meanwhile.",
            when=span_words(each, tz),
        )
        for each in idle
    ]


def tick_of(groups: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Give the tick that confirms enough of the driver for any of the choices; None where none needs it."""
    return tick_for(max((each["licence"] for group in groups for each in group["choices"]), default=0))


def _similar(leg: Booking, shown: Shown, actor: Actor, in_order: InOrder) -> list[Choice]:
    hits = similar(shown, leg.span, leg.quantity, in_order.terms, actor)
    ids = [hit.resource_id for hit in hits]
    found, terms = shown_by_id(ids), terms_of(ids, Asker.on_behalf_of(leg.organisation))
    choices = []
    for hit in hits:
        other = found[hit.resource_id]
        part = Part.of(other.slug, fields_at(leg.span, leg.quantity, terms[other.id], leg.pack))
        slot = read_slot(part.typed, terms[other.id]).slot
        there = replace(in_order, terms=terms[other.id])
        if slot is not None and not there.keeps(slot.span):
            continue
        detail = _detail(other, hit.km)
        choices.append(_choice(other, part, slot, there, leg, label=other.name, detail=detail, icon="pin"))
    return choices


def _detail(other: Shown, km: float | None) -> str:
    years, where = years_of(other), _where(other, km)
    return _licensed(where, years) if years else where


def _licensed(where: str, years: int) -> str:
    return _n(
        "%(where)s; driver with a licence for at least %(num)s year",
        "%(where)s; driver with a licence for at least %(num)s years",
        years,
        where=where,
    )


def _where(other: Shown, km: float | None) -> str:
    if km is None or km < NEXT_DOOR_KM:
        return other.site_name
    return _("%(site)s, %(km)s away", site=other.site_name, km=distance(km))


def _other_times(leg: Booking, shown: Shown, in_order: InOrder) -> list[Choice]:
    terms = in_order.terms
    choices = []
    for offer in in_order.offers(leg.span, leg.quantity):
        if (offer.span, offer.qty) == (leg.span, leg.quantity):
            continue  # what was refused is free again, and would be refused again
        pack = pack_at(leg.pack, terms) if offer.qty == leg.quantity else None
        slot = Slot(offer.span, offer.qty, pack)
        part = Part.of(shown.slug, slot_params(slot, terms))
        when = span_words(offer.span, terms.timezone)
        choices.append(_choice(shown, part, slot, in_order, leg, label=when, detail="", icon="clock"))
    return choices
