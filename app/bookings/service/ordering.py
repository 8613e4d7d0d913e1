"""What breaks the order of the legs of a bundle, all of them or one that changes: told while one chooses, refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.bookings.errors import (
    HandoverNeedsOrder,
    HandoverTooLate,
    HandoverTooSoon,
    LegOutOfOrder,
    LegTooLate,
    LegTooSoon,
)
from app.bookings.legs import find_order, legs_in_order, step_of
from app.bookings.models import Booking, Bundle
from app.bookings.order import Clash, Order, Step, clashes, up_to
from app.catalogue.models import Resource
from app.core.errors import Invalid
from app.core.policy import Actor
from app.core.span import Span

LATEST_HANDOVER = timedelta(days=366)  # after the last leg: whoever types a later year meant another


def find_disorder(order: Order, *, in_order: bool) -> list[Invalid]:
    """List what stands against legs that are asked for together: LegTooSoon, or what is wrong with the hand-over."""
    if not in_order:
        return [HandoverNeedsOrder(field="remise_jour")] if order.handover is not None else []
    found: list[Invalid] = [_too_soon(clash, order.steps) for clash in clashes(order.steps, order.handover)]
    return found + [error for error in [_why_too_late(order.steps, order.handover)] if error]


def refuse_disorder(bundle: Bundle, steps: Sequence[Step]) -> None:
    """Raise the first of what would break the order of legs that are asked for together."""
    for error in find_disorder(Order(steps, bundle.handover_at), in_order=bundle.in_order):
        raise error


def refuse_handover(bundle: Bundle, at: datetime) -> None:
    """Raise HandoverTooSoon, HandoverTooLate, HandoverNeedsOrder for another moment to hand a bundle over."""
    if not bundle.in_order:
        raise HandoverNeedsOrder(field="remise_jour")
    steps = legs_in_order(bundle.id)
    for clash in clashes(steps, at):
        if clash.later is None:
            raise HandoverTooSoon(field="remise_jour", **_before(clash))
    if error := _why_too_late(steps, at):
        raise error


def _why_too_late(steps: Sequence[Step], handover: datetime | None) -> HandoverTooLate | None:
    if handover is None or not steps:
        return None
    last = max(steps, key=lambda step: step.span.end)
    if handover <= (latest := last.span.end + LATEST_HANDOVER):
        return None
    return HandoverTooLate(field="remise_jour", before=last.name, not_after=latest, timezone=last.zone.key)


def why_too_soon(order: Order, own: Step) -> LegTooSoon | None:
    """Give why a leg that is not sent yet begins too soon; what follows it can still be changed, and binds nothing."""
    found = (
        LegTooSoon(**_facts(clash, own), is_sent=False, up_to=up_to(order.steps, own))
        for clash in order.clashes_of(own)
        if clash.later == own
    )
    return next(found, None)


def why_out_of_order(order: Order, own: Step) -> LegOutOfOrder | None:
    """Give why a leg that was sent would not keep its place in an order; None where it would.

    It is told from where the reader can do something: of the leg they move.
    """
    for clash in order.clashes_of(own):
        if clash.later == own:
            return LegTooSoon(**_facts(clash, own), is_sent=True, up_to=None)
        follows = clash.later.name if clash.later else None
        until = {"must_end_by": clash.until, "timezone": own.zone.key, "gap_minutes": _minutes(clash.gap)}
        return LegTooLate(leg=own.number, name=own.name, follows=follows, **until)
    return None


def refuse_out_of_order(leg: Booking, span: Span, place: Resource, actor: Actor) -> None:
    """Raise LegTooSoon or LegTooLate where a leg of a bundle would not stay in its order at this time and place."""
    order = find_order(leg, actor)
    if order and (error := why_out_of_order(order, _step(leg, place, span))):
        raise error


def _step(leg: Booking, place: Resource, span: Span) -> Step:
    return step_of(leg.leg_number or 0, place, span, leg.leg_gap_minutes)


def _too_soon(clash: Clash, steps: Sequence[Step]) -> LegTooSoon | HandoverTooSoon:
    if clash.later is None:
        return HandoverTooSoon(field="remise_jour", **_before(clash))
    facts = _facts(clash, clash.later)
    return LegTooSoon(**facts, is_sent=False, up_to=up_to(steps, clash.later))


def _facts(clash: Clash, later: Step) -> dict[str, object]:
    return {"field": f"legs.{later.number - 1}.start", "leg": later.number, "name": later.name} | _before(
        clash
    )


def _before(clash: Clash) -> dict[str, object]:
    earlier = clash.earlier
    since = {"not_before": clash.since, "timezone": earlier.zone.key}
    return {"before": earlier.name, "gap_minutes": _minutes(clash.gap)} | since


def _minutes(gap: timedelta) -> int:
    return gap // timedelta(minutes=1)
