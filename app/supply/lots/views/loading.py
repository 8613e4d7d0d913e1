"""Finding what a page is about, for who may know of it."""

from app.bookings.bundles import get_bundle
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission
from app.core.errors import Forbidden, NotFound
from app.core.policy import can
from app.supply.chains.models import Chain
from app.supply.chains.queries import find_chain
from app.supply.lots.models import Handover, Lot
from app.supply.lots.policy import LotPermission as P
from app.supply.lots.queries import get_lot, get_note
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
