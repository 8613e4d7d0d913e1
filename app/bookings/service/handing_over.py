"""Saying when what comes of a bundle is handed over: the last step of legs in order, which books nothing."""

from datetime import datetime

from app.availability import service as capacity
from app.bookings import guards
from app.bookings.errors import NothingChanged
from app.bookings.events import HandoverMoved
from app.bookings.models import Bundle
from app.bookings.policy import BookingPermission
from app.bookings.service.bundles import note, order_of
from app.bookings.service.ordering import refuse_handover
from app.core.policy import Actor, require
from app.infra.events import emit
from app.infra.uow import atomic


def move_handover(bundle_id: int, actor: Actor, at: datetime | None) -> Bundle:
    """Hand over at another moment, or at none that is said here. No place is concerned, so nobody is asked.

    Raises HandoverNeedsOrder, HandoverTooSoon, HandoverTooLate; NothingChanged where it is that moment already.
    """
    with atomic() as session:
        capacity.lock(guards.of_bundle(bundle_id))  # so that no leg moves behind it meanwhile
        bundle = session.get_one(Bundle, bundle_id, populate_existing=True)
        require(actor, BookingPermission.CHANGE_BUNDLE, bundle)
        if at == bundle.handover_at:
            raise NothingChanged(field="remise_jour")
        if at is not None:
            refuse_handover(bundle, at)
        bundle.handover_at = at
        session.flush()
        note(bundle, "handover_moved", actor, **order_of(bundle))
        emit(HandoverMoved(bundle.id, actor.person_id))
    return bundle
