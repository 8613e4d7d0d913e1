"""Acts on several legs of a bundle at once: a manager answers theirs, who asked gives all up, time ends what waits.

Each leg goes through the use case of a booking alone, so that whatever holds for one holds for several; only the
guards of all of them are locked first.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select

from app.availability import service as capacity
from app.availability.errors import SlotRefused
from app.bookings import guards
from app.bookings.errors import LegTaken, NoLegWaits
from app.bookings.models import Booking, Bundle
from app.bookings.policy import BookingPermission
from app.bookings.rules import LIVE
from app.bookings.service.agreeing import waits_for
from app.bookings.service.bundles import note
from app.bookings.service.changing import cancel
from app.bookings.service.common import reason_of
from app.bookings.service.deciding import approve, refuse
from app.core import clock
from app.core.policy import Actor, can, require
from app.infra.db import db
from app.infra.uow import atomic


def approve_legs(
    bundle_id: int, actor: Actor, text: str = "", *, seen: Collection[str] = ()
) -> list[Booking]:
    """Say yes to all legs that wait for this person, or to none; give them.

    Raises LegTaken where others have one meanwhile, AskedOtherwise where one is not among what was `seen`, if any.

    Where another request comes before one of them by priority, the yes needs a reason: raises OutOfTurn.
    """
    with atomic():
        legs = _waiting_for(bundle_id, actor)
        for leg in legs:
            try:
                approve(leg.id, actor, text, seen=seen)
            except SlotRefused as taken:
                raise LegTaken(ref=leg.ref, name=leg.resource.name) from taken
    return legs


def refuse_legs(bundle_id: int, actor: Actor, reason: str) -> list[Booking]:
    """Say no to all legs that wait for this person, with one reason, and give them; the others stay as they are."""
    with atomic():
        legs = _waiting_for(bundle_id, actor)
        for leg in legs:
            refuse(leg.id, actor, reason)
    return legs


def cancel_bundle(bundle_id: int, actor: Actor, reason: str) -> Bundle:
    """Give the whole up: legs that have not begun are cancelled with one reason, those that were lost are let go."""
    with atomic():
        bundle = db.session.get_one(Bundle, bundle_id)
        require(actor, BookingPermission.CANCEL_BUNDLE, bundle)
        text = reason_of(reason)
        wanted = _locked_legs(bundle_id, Booking.leg_number.is_not(None))
        live = [leg for leg in wanted if leg.decision in LIVE and leg.start_at > clock.now()]
        lost = [leg for leg in wanted if leg.decision not in LIVE]
        if not (live or lost):
            raise NoLegWaits(ref=bundle.ref)
        for leg in live:
            cancel(leg.id, actor, text)
        for leg in (*live, *lost):
            leg.leg_number = None
        note(bundle, "given_up", actor, legs=len(live), reason=text)
    return bundle


def _waiting_for(bundle_id: int, actor: Actor) -> list[Booking]:
    """Lock the legs; give those that wait for this person. Raises NoLegWaits, with what became of theirs."""
    legs = _locked_legs(bundle_id)
    if not (waiting := [leg for leg in legs if waits_for(leg, actor)]):
        bundle = db.session.get_one(Bundle, bundle_id)
        theirs = [leg for leg in legs if can(actor, BookingPermission.DECIDE, leg)]
        raise NoLegWaits(ref=bundle.ref, purpose=bundle.purpose, legs=[_became(leg, actor) for leg in theirs])
    return waiting


def _became(leg: Booking, actor: Actor) -> dict[str, str | bool]:
    """Tell where a leg stands and by whom, as facts of a refusal; nobody's name where nobody decided."""
    return {
        "name": leg.resource.name,
        "state": leg.decision if leg.proposal is None else "proposed",
        "by": leg.decided_by.name if leg.decided_by else "",
        "is_own": leg.decided_by_id is not None and leg.decided_by_id == actor.person_id,
    }


def _locked_legs(bundle_id: int, *conditions: ColumnElement[bool]) -> list[Booking]:
    """Lock the guards of all legs, in one order and before anything is decided, then read those wanted afresh.

    A leg that has come meanwhile in the place of a lost one is left out: its guard is not held.
    """
    resources = guards.of_bundle(bundle_id)
    capacity.lock(resources)
    held = Booking.bundle_id == bundle_id, Booking.resource_id.in_(resources)
    legs = select(Booking).where(*held, *conditions).order_by(Booking.id)
    return list(db.session.scalars(legs.execution_options(populate_existing=True)))
