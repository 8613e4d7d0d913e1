"""Places like one, near it, for many spans at once: a series looks for another place for each date it cannot have."""

from collections.abc import Sequence

from sqlalchemy import select

from app.availability.feedback import AT_MOST, like
from app.availability.queries import Wish
from app.availability.rules import Terms
from app.availability.search import Hit
from app.availability.several import verdicts_of
from app.availability.shown import Shown
from app.catalogue.search import matching
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
    found = matching(like(shown, qty, actor)).subquery("r").c
    rows = db.session.execute(select(found.id, found.km).order_by(found.km, found.id).limit(MOST_LOOKED_AT))
    hits = [Hit(*row) for row in rows]
    against = verdicts_of({h.resource_id: [_wish(h, span, qty, terms) for span in spans] for h in hits})
    return [
        [hit for hit in hits if not against[hit.resource_id][number]][:AT_MOST]
        for number in range(len(spans))
    ]


def _wish(hit: Hit, span: Span, qty: int, terms: Terms) -> Wish:
    return Wish(hit.resource_id, span, qty, terms.asker)
