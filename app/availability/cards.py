"""Resources as cards: everything in words, read in a few statements however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from app.availability.askers import NOBODY, Asker
from app.availability.asking import Slot, as_lent, slot_path
from app.availability.feedback import first_slot
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.availability.search import Hit, next_free
from app.availability.shown import Picture, Shown, photos_of, shown_by_id
from app.availability.words.times import window_words
from app.catalogue.communes import find_commune
from app.catalogue.kinds import Fact, FactType, JsonValue, get_kind
from app.catalogue.kinds.words import amount, label, subtype_name, value_words
from app.catalogue.models import Approval
from app.catalogue.packs import Pack
from app.catalogue.price_words import cost_words
from app.catalogue.words import AT_ONCE_FOR
from app.core.span import Span
from app.web.format import distance, duration, span_words
from app.web.static import illustration_url

MOST_CHIPS = 3
_ICONS = {
    "step_free": "wheelchair",
    "regime": "thermometer",
    "max_people": "users",
    "seats": "users",
    "payload": "vehicle",
    "meals_per_day": "kitchen",
    "dock": "vehicle",
    "forward_flow": "check",
}


@dataclass(frozen=True)
class Card:
    """What the resource_card component shows; `next_free` is None where nothing is free in the coming months."""

    href: str
    name: str
    kind: str
    kind_label: str
    site: str
    commune: str
    km: str
    picture: str
    picture_alt: str
    chips: Sequence[tuple[str, str | None]]
    next_free: str | None
    next_free_href: str
    free_label: str
    price: str | None
    answer_time: str
    status: str
    note: str = ""


@dataclass(frozen=True)
class Asking:
    """What the search asked for, which cards repeat: one time for all, or a window for each."""

    slot: Slot | None = None
    windows: Mapping[int, Span] | None = None
    qty: int = 1
    asker: Asker = NOBODY
    day: str = ""  # as typed (ISO), when a day was given without its hours
    packed: tuple[str, int] | None = None  # what is brought: a smaller unit, and how many

    def at(self, span: Span, terms: Terms) -> Slot:
        """Give the slot to ask one resource for, in the way it is lent and counts what is brought."""
        span = as_lent(span, terms)
        unit, number = self.packed or ("", 0)
        if unit in terms.packs:
            pack = Pack(unit, number, terms.packs[unit])
            return Slot(span, pack.units, pack)
        return Slot(span, self.qty)

    def units(self, terms: Terms) -> int:
        """Tell how many units of one resource are asked for."""
        unit, number = self.packed or ("", 0)
        return Pack(unit, number, terms.packs[unit]).units if unit in terms.packs else self.qty


def cards(hits: Sequence[Hit], asking: Asking | None = None) -> list[Card]:
    """Make the cards of what was found, in its order."""
    asking = asking or Asking()
    ids = [hit.resource_id for hit in hits]
    found, photos, terms = shown_by_id(ids), photos_of(ids), terms_of(ids, asking.asker)
    free = {} if asking.slot else asking.windows
    if free is None:
        free = next_free_of(terms, asking)
    return [
        _card(found[h.resource_id], terms[h.resource_id], h.km, photos.get(h.resource_id, ()), asking, free)
        for h in hits
        if h.resource_id in found and h.resource_id in terms
    ]


def next_free_of(terms: Mapping[int, Terms], asking: Asking) -> dict[int, Span]:
    """Find when each is free next, for as many units as it needs."""
    by_units: dict[int, list[int]] = {}
    for resource_id, own in terms.items():
        by_units.setdefault(asking.units(own), []).append(resource_id)
    return {
        key: span
        for units, ids in by_units.items()
        for key, span in next_free(ids, units, asking.asker).items()
    }


def _card(
    shown: Shown,
    terms: Terms,
    km: float | None,
    photos: Sequence[Picture],
    asking: Asking,
    free: Mapping[int, Span],
) -> Card:
    words, href, name = _free(shown, terms, asking, free.get(shown.id))
    picture, alt = picture_of(shown, photos)
    return Card(
        href=_page_path(shown, terms, asking),
        name=shown.name,
        kind=shown.kind,
        kind_label=subtype_name(shown.kind, shown.subtype),
        site=shown.site_name,
        commune=commune_name(shown.commune_code),
        km="" if km is None else distance(km),
        picture=picture,
        picture_alt=alt,
        chips=_chips(shown),
        next_free=words,
        next_free_href=href,
        free_label=name,
        price=cost_words(shown),
        answer_time=_answer(shown),
        status=shown.status,
    )


def _free(shown: Shown, terms: Terms, asking: Asking, window: Span | None) -> tuple[str | None, str, str]:
    """Say what is free, where that leads, and what the words before it are."""
    if asking.slot:
        slot = asking.at(asking.slot.span, terms)
        words = span_words(slot.span, terms.timezone)
        return words, slot_path(shown.slug, slot, terms, ask=True), _("Free:")
    if window is None:
        return None, "", ""
    slot = asking.at(first_slot(window, terms), terms)
    return window_words(window, terms), slot_path(shown.slug, slot, terms) + "#slot", _("Next free:")


def _page_path(shown: Shown, terms: Terms, asking: Asking) -> str:
    """Write the address of the page, with what the search already said about the time."""
    if asking.slot:
        return slot_path(shown.slug, asking.at(asking.slot.span, terms), terms)
    said = {"date": asking.day, "quantite": str(asking.qty) if asking.qty > 1 else ""}
    if asking.packed:
        said |= {"quantite": str(asking.packed[1]), "unite": asking.packed[0]}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/ressources/{shown.slug}" + (f"?{query}" if query and asking.day else "")


def picture_of(shown: Shown, photos: Sequence[Picture], size: str = "small") -> tuple[str, str]:
    """Give the address and the words of a resource's first photo, or of the illustration of its kind."""
    if photos:
        return photo_url(photos[0], size), photos[0].alt
    return illustration_url(get_kind(shown.kind).picture(shown.subtype)), ""


def photo_url(photo: Picture, size: str) -> str:
    """Write the address of a photo in one of its sizes (small, medium, large)."""
    return url_for("catalogue.photo", digest=photo.digest, size=size)


def commune_name(code: str) -> str:
    """Name a commune, "" for a code the table does not know."""
    commune = find_commune(code)
    return commune.name if commune else ""


def _chips(shown: Shown) -> list[tuple[str, str | None]]:
    chips: list[tuple[str, str | None]] = []
    if shown.unit != "whole" and shown.capacity > 1:
        chips.append((amount(shown.unit, shown.capacity), None))
    for fact in get_kind(shown.kind).filters:
        value = shown.facts.get(fact.key)
        if value not in (None, False, "", []):
            chips.append((fact_words(fact, value), _ICONS.get(fact.key)))
    return chips[:MOST_CHIPS]


def fact_words(fact: Fact, value: JsonValue | Any) -> str:
    """Say a fact in few words: "200 repas/jour", "De plain-pied", "Fours : 2"."""
    if fact.type is FactType.BOOLEAN:
        return label(fact.label)
    words = value_words(fact, value)
    return (
        words if fact.unit or fact.choices else _("%(fact)s: %(value)s", fact=label(fact.label), value=words)
    )


def _answer(shown: Shown) -> str:
    if shown.approval == Approval.AUTO:
        return _("answers at once")
    if shown.approval == Approval.AUTO_FOR_MEMBERS:
        return str(AT_ONCE_FOR[shown.auto_up_to])
    if shown.approval == Approval.TWO_STEP:
        return _("two people answer")
    return _("answers within %(length)s", length=duration(shown.answer_hours * 60))
