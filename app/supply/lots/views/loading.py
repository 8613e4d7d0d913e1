"""Finding what a page is about, for who may know of it."""

from app.bookings.bundles import get_bundle
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission
from app.catalogue.models import Resource
from app.catalogue.queries import get_resource
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.chains.models import Chain
from app.supply.chains.queries import find_chain
from app.supply.lots.models import Handover, Lot, TemperatureReading
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import STORAGE, Affected, get_incident, get_lot, get_note, get_reading
from app.web.identity import current_actor


def seen_lot(lot_ref: str) -> Lot:
    """Load a lot; whoever may not see it is told the same as where there is none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    lot = get_lot(lot_ref)
    if not can(actor, P.SEE, lot):
        raise NotFound(kind="lot", ref=lot_ref)
    return lot


def seen_note(note_ref: str) -> Handover:
    """Load a hand-over note; whoever may not see it is told the same as where there is none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    note = get_note(note_ref)
    if not can(actor, P.SEE_NOTE, note):
        raise NotFound(kind="handover", ref=note_ref)
    return note


def seen_incident(incident_ref: str) -> Affected:
    """Load an incident; whoever may not see it is told the same as where there is none."""
    actor = current_actor()
    if not actor.is_signed_in:
        raise Forbidden(signed_in=False)
    affected = get_incident(incident_ref)
    if not can(actor, P.SEE_INCIDENT, affected):
        raise NotFound(kind="incident", ref=incident_ref)
    return affected


def seen_store(slug: str) -> Resource:
    """Load a storage place; there are no readings of any other."""
    place = get_resource(slug)
    if place.kind != STORAGE:
        raise NotFound(kind="resource", ref=slug)
    return place


def seen_reading(slug: str, reading_id: int) -> TemperatureReading:
    """Load a reading of a storage place."""
    if not current_actor().is_signed_in:
        raise Forbidden(signed_in=False)
    found = get_reading(reading_id)
    if found.resource.slug != slug:
        raise NotFound(kind="reading")
    return found


def find_seen_chain(ref: str) -> tuple[Bundle, Chain] | None:
    """Find a chain that somebody may see, by the reference of its request."""
    try:
        bundle = get_bundle(ref[:20])
    except NotFound:
        return None
    chain = find_chain(bundle.id)
    if chain is None or not can(current_actor(), BookingPermission.SEE_BUNDLE, bundle):
        return None
    return bundle, chain
