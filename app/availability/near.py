"""Places like one, near it, for many spans at once: a series looks for another place for each date it cannot have."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from app.availability.feedback import AT_MOST, like
from app.availability.queries import Wish
from app.availability.rules import Terms
from app.availability.search import Hit
from app.availability.several import verdicts_of
from app.availability.shown import Shown
from app.catalogue.kinds import Unit
from app.catalogue.search import Filter, matching
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db

MOST_LOOKED_AT = 20  # the nearest; who has none free among these is better served by another time


def similar_each(
    shown: Shown, spans: Sequence[Span], qty: int, terms: Terms, actor: Actor
) -> list[list[Hit]]:
    """List for each span the nearest like resources that are free in it, with as many statements as for one."""
    if not spans:
        return []
    found = stand_ins(shown, qty, actor)
    wishes = {hit.resource_id: _wishes(hit, capacity, spans, qty, terms) for hit, capacity in found}
    against = verdicts_of(wishes)
    return [
        [hit for hit, _capacity in found if not against[hit.resource_id][number]][:AT_MOST]
        for number in range(len(spans))
    ]


def stand_ins(shown: Shown, qty: int, actor: Actor) -> list[tuple[Hit, int]]:
    """List the nearest resources that could stand in for one, free or not, each with how many of it there are.

    Several stations of a kitchen may also be a whole kitchen: where they are counted otherwise, twelve of the one are
    not twelve of the other.
    """
    wanted = [like(shown, qty, actor)]
    if qty > 1 and shown.unit == Unit.STATION:
        wanted.append(replace(like(shown, 1, actor), unit=Unit.WHOLE))
    found = [pair for each in wanted for pair in _nearest(each)]
    return sorted(found, key=lambda pair: (pair[0].km or 0, pair[0].resource_id))[:MOST_LOOKED_AT]


def _nearest(wanted: Filter) -> list[tuple[Hit, int]]:
    found = matching(wanted).subquery("r").c
    rows = select(found.id, found.km, found.capacity).order_by(found.km, found.id).limit(MOST_LOOKED_AT)
    return [(Hit(resource_id, km), capacity) for resource_id, km, capacity in db.session.execute(rows)]


def _wishes(hit: Hit, capacity: int, spans: Sequence[Span], qty: int, terms: Terms) -> list[Wish]:
    units = units_of(capacity, qty)
    return [Wish(hit.resource_id, span, units, terms.asker) for span in spans]


def units_of(capacity: int, qty: int) -> int:
    """Tell how many are asked for of a resource of which there are so many: what is taken as one, once."""
    return 1 if capacity == 1 else qty
