"""The request for several resources while it is written: its parts travel in the form, and in the visitor's cookie.

A part is a resource (its slug) and the slot fields as they were typed; as one text it is the address of the resource
with its slot, "cuisine?date=2026-10-06&de=09:00&a=12:00". The cookie lets every page of a resource offer "add to my
request", and lets all that was typed survive signing in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request, session, url_for

from app.availability.asking import FIELDS, Slot, slot_params
from app.availability.gathering import Gathering, tells_gathering
from app.availability.rules import Terms
from app.bookings.licence import FIELD as LICENCE
from app.bookings.rules import MOST_LEGS
from app.bookings.views import blueprint
from app.catalogue.packs import Pack
from app.core.span import Span

DRAFT = "draft_bundle"  # keys that begin with "draft" survive signing in
KEPT = (*FIELDS, LICENCE)  # of a part
TEXTS = ("organisation", "purpose", "people", "message")
ORDER = ("se_suivent", "remise_jour", "remise_heure")
_SLUG = re.compile(r"[a-z0-9-]{1,80}")
_LONGEST_TEXT, _DRAFT_BYTES = 300, 2000  # a cookie holds 4 kB with its signature and everything else


@dataclass(frozen=True)
class Part:
    """One resource of a draft: its slug, and as they were typed the slot fields and the tick for its driver."""

    slug: str
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, slug: str, given: Mapping[str, str]) -> "Part":
        """Keep of what was given the fields of a part that say something."""
        return cls(slug, {name: text for name in KEPT if (text := given.get(name, "")[:40])})

    @property
    def value(self) -> str:
        """Write it as one text."""
        return f"{self.slug}?{urlencode(self.typed, safe=':')}"


def fields_at(span: Span, quantity: int, terms: Terms, pack: Pack | None = None) -> dict[str, str]:
    """Write the time of another resource as this one takes it: whole days where it is lent by days, and the reverse.

    What is brought in a smaller unit stays so where this one counts it likewise.
    """
    start, end = span.walls(terms.zone)
    if not terms.by_day:
        whole_days = (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
        return {"date": start.date().isoformat()} if whole_days else slot_params(Slot(span, quantity), terms)
    last = (end - timedelta(seconds=1)).date()
    slot = slot_params(Slot(span, quantity, pack_at(pack, terms)), terms)
    count = {name: slot[name] for name in ("quantite", "unite") if name in slot} if terms.capacity > 1 else {}
    return {"date": start.date().isoformat(), "fin": last.isoformat()} | count


def pack_at(pack: Pack | None, terms: Terms) -> Pack | None:
    """Give what is brought as this resource counts it; None where it counts otherwise."""
    return pack if pack and terms.packs.get(pack.unit) == pack.per else None


def read_part(value: str) -> Part | None:
    """Read a part from one text; None for what is none."""
    slug, _mark, query = value[:400].partition("?")
    return Part.of(slug, dict(parse_qsl(query))) if _SLUG.fullmatch(slug) else None


@dataclass(frozen=True)
class Draft:
    """What is written so far."""

    parts: Sequence[Part] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def with_part(self, part: Part) -> "Draft":
        """Add a part at the end; one that is there already, or one too many, changes nothing."""
        is_new = part not in self.parts and len(self.parts) < MOST_LEGS
        return Draft((*self.parts, part) if is_new else self.parts, self.texts)


def prefix_of(number: int) -> str:
    """Name the fields of a part in the form: "e0-date"."""
    return f"e{number}-"


def draft_of_form() -> Draft:
    """Read the draft that a form carries: the parts in their order, whatever else is in them."""
    parts = []
    for number in range(MOST_LEGS):
        slug = request.form.get(f"{prefix_of(number)}ressource", "")
        if _SLUG.fullmatch(slug):
            fields = {name: request.form.get(prefix_of(number) + name, "") for name in KEPT}
            parts.append(Part.of(slug, fields))
    return Draft(parts, {name: request.form.get(name, "") for name in (*TEXTS, *ORDER)})


def kept_draft() -> Draft:
    """Give the draft that this browser keeps, empty where there is none."""
    stored: dict[str, Any] = session.get(DRAFT) or {}
    parts = [read_part(value) for value in stored.get("parts", ())]
    return Draft([part for part in parts if part], stored.get("texts", {}))


def keep(draft: Draft) -> None:
    """Let this browser keep a draft; a message too long for a cookie is cut."""
    if not draft.parts:
        session.pop(DRAFT, None)
        return
    texts = {name: text[:_LONGEST_TEXT] for name, text in draft.texts.items() if text}
    message = draft.texts.get("message", "").encode()[:_DRAFT_BYTES].decode(errors="ignore")
    session[DRAFT] = {
        "parts": [part.value for part in draft.parts],
        "texts": texts | ({"message": message} if message else {}),
    }


def forget() -> None:
    """Drop the draft of this browser."""
    session.pop(DRAFT, None)


def open_parts() -> int:
    """Count the elements of the draft of this browser."""
    return len((session.get(DRAFT) or {}).get("parts", ()))


@tells_gathering
def _gathered() -> Gathering:
    return Gathering(open_parts(), add_url)


@blueprint.app_context_processor
def _for_every_page() -> dict[str, Any]:
    return {"open_parts": open_parts, "add_part_url": add_url}


def add_url(slug: str, typed: Mapping[str, str]) -> str:
    """Write the address that adds a resource, with what was typed of its slot, to the draft of this browser."""
    part = Part.of(slug, typed)
    values: dict[str, Any] = {"ressource": part.slug, **part.typed}
    return url_for("bookings.draft", **values)
