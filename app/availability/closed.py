"""Whether a slot that is kept for somebody can still be had: the place may have closed, or changed its hours, since."""

from app.availability.errors import Refusal, SlotRefused
from app.availability.hours import refuse_hours
from app.availability.queries import get_terms
from app.availability.shown import closures_ahead
from app.catalogue.models import Resource
from app.core.span import Span


def refuse_closed_since(resource: Resource, span: Span) -> None:
    """Raise SlotRefused where a closure or new hours have come over a slot since it was kept."""
    outside = refuse_hours(get_terms(resource.id), span)
    closed = [
        Refusal("closed", {"hold_id": each.hold_id, "until": int(each.end_at.timestamp())})
        for each in closures_ahead(resource.id, resource.site_id)
        if Span(each.start_at, each.end_at).overlaps(span)
    ]
    if refusals := (*closed, *((outside,) if outside else ())):
        raise SlotRefused(resource.id, refusals)
