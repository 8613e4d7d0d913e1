"""What is free at the same time as an element of a request, near it: the nearest of each other kind first."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from app.availability.askers import Asker
from app.availability.feedback import NEXT_DOOR_KM, SIMILAR_WITHIN_KM
from app.availability.queries import terms_of
from app.availability.rules import Terms
from app.availability.search import Window, free_in
from app.availability.shown import Shown, shown_by_id
from app.bookings.views.draft import Part, fields_at
from app.catalogue.kinds.words import subtype_name
from app.catalogue.search import Filter, matching
from app.core.policy import Actor
from app.core.span import Span
from app.web.format import distance

MOST_OFFERED, MOST_LOOKED_AT = 5, 40


def free_beside(
    near: Shown, span: Span, terms: Terms, there: Mapping[int, str], actor: Actor
) -> list[dict[str, str]]:
    """List resources that are free at the time of one, as values of buttons; those `there` (id → kind) are left out."""
    wanted = Filter(
        place=(near.lat, near.lon), radius_km=SIMILAR_WITHIN_KM, territory_id=near.territory_id, actor=actor
    )
    hits = [
        hit
        for hit in free_in(matching(wanted), Window(span, 1, terms.zone, terms.asker))
        if hit.resource_id not in there
    ]
    found = shown_by_id([hit.resource_id for hit in hits[:MOST_LOOKED_AT]])
    kilometres = {hit.resource_id: hit.km for hit in hits}
    others = _of_other_kinds([found[hit.resource_id] for hit in hits if hit.resource_id in found], there)
    own = terms_of([other.id for other in others], Asker.of(actor)) if others else {}
    return [
        {
            "value": Part.of(other.slug, fields_at(span, 1, own[other.id])).value,
            "label": other.name,
            "detail": _where(other, kilometres[other.id]),
            "kind": other.kind,
        }
        for other in others
    ]


def _of_other_kinds(found: Sequence[Shown], there: Mapping[int, str]) -> list[Shown]:
    """Choose the nearest of each kind that is not there yet, then the nearest of what is left."""
    first: dict[str, Shown] = {}
    for other in found:
        if other.kind not in there.values():
            first.setdefault(other.kind, other)
    chosen = list(first.values())
    chosen += [other for other in found if other not in chosen]
    return chosen[:MOST_OFFERED]


def _where(other: Shown, km: float | None) -> str:
    kind = subtype_name(other.kind, other.subtype)
    if km is None or km < NEXT_DOOR_KM:
        return _("%(kind)s, %(site)s", kind=kind, site=other.site_name)
    return _("%(kind)s, %(site)s, %(km)s away", kind=kind, site=other.site_name, km=distance(km))
