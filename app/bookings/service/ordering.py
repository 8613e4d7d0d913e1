"""Refusing what would break the order of the legs of a bundle, all of them or one that changes."""

from collections.abc import Sequence
from datetime import datetime

from app.bookings.errors import HandoverNeedsOrder, HandoverTooSoon, LegTooLate, LegTooSoon
from app.bookings.legs import legs_in_order, step_of
from app.bookings.models import Booking, Bundle
from app.bookings.order import Clash, Step, clashes, steps_with
from app.catalogue.models import Resource
from app.core.span import Span
from app.infra.db import db


def refuse_disorder(bundle: Bundle, steps: Sequence[Step]) -> None:
    """Raise LegTooSoon, HandoverTooSoon, HandoverNeedsOrder for legs that are asked for together."""
    if not bundle.in_order:
        if bundle.handover_at is not None:
            raise HandoverNeedsOrder(field="remise_jour")
        return
    if found := clashes(steps, bundle.handover_at):
        _refuse(found[0])


def refuse_handover(bundle: Bundle, at: datetime) -> None:
    """Raise HandoverTooSoon, HandoverNeedsOrder for another moment at which a bundle is handed over."""
    if not bundle.in_order:
        raise HandoverNeedsOrder(field="remise_jour")
    for clash in clashes(legs_in_order(bundle.id), at):
        if clash.later is None:
            _refuse(clash)


def refuse_out_of_order(leg: Booking, span: Span, place: Resource) -> None:
    """Raise LegTooSoon or LegTooLate where a leg of a bundle would not stay in its order at this time and place."""
    if leg.bundle_id is None or leg.leg_number is None:
        return
    bundle = db.session.get_one(Bundle, leg.bundle_id, populate_existing=True)
    if bundle.in_order:
        own = step_of(leg.leg_number, place, span)
        for clash in clashes(steps_with(own, legs_in_order(bundle.id)), bundle.handover_at):
            if own in (clash.later, clash.earlier):
                _refuse(clash, moved=own)


def _refuse(clash: Clash, moved: Step | None = None) -> None:
    """Raise the refusal from where the reader can do something: of the leg they move, or of the later one."""
    earlier, later = clash.earlier, clash.later
    zone = earlier.zone.key
    if earlier == moved:
        follows = later.name if later else None
        raise LegTooLate(
            leg=moved.number, name=moved.name, follows=follows, must_end_by=clash.until, timezone=zone
        )
    before = {"before": earlier.name, "not_before": clash.since, "timezone": zone}
    if later is None:
        raise HandoverTooSoon(field="remise_jour", **before)
    raise LegTooSoon(field=f"legs.{later.number - 1}.start", leg=later.number, name=later.name, **before)
