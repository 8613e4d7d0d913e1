"""Stages what happens around today: requests that wait, a talk, a refusal, something under way at this minute."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta

from app.availability.askers import Asker
from app.availability.queries import Wish, verdict
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.rules import APPROVED
from app.core.policy import Actor
from app.core.span import Span
from app.demo.spec import Scene, Spec, read_times
from app.demo.staged import Step
from app.demo.world import ZONE, World, span_of, whole_days
from app.infra.uow import atomic
from app.notifications.quiet import quiet

_DECIDED = {"approve", "refuse", "cancel", "expire", "move", "wait", "miss"}
_AROUND_NOW = ((-30, 180), (-90, 60), (-150, 30))  # minutes from the last half hour to start and end
_MOVE_DAYS = 30


def load_stories(spec: Spec, world: World, *, with_mail: bool) -> None:
    """Stage every scene; one that finds no free time today is counted as dropped."""
    with atomic():
        for scene in spec.scenes:
            with told(wanted=with_mail and _is_open(scene)):
                _stage(scene, world)


def told(*, wanted: bool) -> AbstractContextManager[None]:
    """Let people be told of what happens inside, or not: most of it is long past."""
    return nullcontext() if wanted else quiet()


def _is_open(scene: Scene) -> bool:
    return not any(step.act in _DECIDED for step in scene.steps)


def _stage(scene: Scene, world: World) -> None:
    with world.at(world.ago(scene.hours_ago)):
        booking = _ask(scene, world)
    if booking is None:
        world.dropped["story"] += 1
        return
    world.scenes[scene.key] = booking
    world.counts["stories"] += 1
    for step in scene.steps:
        with world.at(world.ago(step.hours_ago)):
            _take(step, booking, _who(step, scene, world))


def _ask(scene: Scene, world: World) -> Booking | None:
    for resource in scene.resources:
        resource_id = world.resources[resource]
        for span in _candidates(scene, world):
            asker = Asker(world.organisations[scene.organisation])
            if verdict(Wish(resource_id, span, scene.quantity, asker)):
                continue
            request = bookings.Request(
                resource_id, world.organisations[scene.organisation], span, scene.quantity,
                scene.purpose, scene.people, scene.message, licence_years=world.licences[resource],
            )  # fmt: skip
            return bookings.ask(request, world.actor(scene.by, scene.organisation), uid_host=world.uid_host)
    return None


def _candidates(scene: Scene, world: World) -> Iterator[Span]:
    if scene.same_slot_as:
        yield world.scenes[scene.same_slot_as].span
    if "now" in scene.times:
        yield from _around_now(world)
        return
    for day in _days(scene, world):
        for text in scene.times:
            yield span_from(day, text)


def span_from(day: date, text: str) -> Span:
    """Make the span that a data file means from a day on: "09:00-12:00", or "10 days"."""
    number, _, days = text.partition(" ")
    return whole_days(day, int(number)) if days else span_of(day, *read_times(text))


def _days(scene: Scene, world: World) -> list[date]:
    days = [world.today + timedelta(days=n) for n in range(scene.from_day, scene.to_day + 1)]
    return [day for day in days if not scene.beside or day in world.booked_days.get(scene.beside, ())]


def _around_now(world: World) -> Iterator[Span]:
    wall = world.now.astimezone(ZONE)
    half_hour = wall.replace(minute=wall.minute // 30 * 30, second=0, microsecond=0)
    for before, after in _AROUND_NOW:
        yield Span(half_hour + timedelta(minutes=before), half_hour + timedelta(minutes=after))


def _who(step: Step, scene: Scene, world: World) -> Actor:
    if step.by in ("", "site"):
        booked = world.scenes[scene.key].resource_id
        return world.manager_of(next(key for key, row in world.resources.items() if row == booked))
    return world.actor(step.by, step.organisation or scene.organisation)


def _take(step: Step, booking: Booking, who: Actor) -> None:
    match step.act:
        case "approve" if booking.decision == APPROVED:
            return  # some places say yes at once
        case "approve":
            bookings.approve(booking.id, who, step.text)
        case "refuse":
            bookings.refuse(booking.id, who, step.text)
        case "cancel":
            bookings.cancel(booking.id, who, step.text)
        case "miss":
            bookings.tell_absence(booking.id, who, step.text)
        case "message":
            bookings.write_message(booking.id, who, step.text)
        case "move":
            bookings.change(booking.id, who, _later(booking), booking.quantity)
        case "propose":
            offer = bookings.Offer(booking.resource_id, _later(booking), booking.quantity, step.text)
            bookings.propose(booking.id, who, offer)
        case "wait":
            asked = booking.span, booking.quantity
            organisation_id = who.acting_for
            bookings.join(bookings.Want(booking.resource_id, *asked, organisation_id, step.text), who)
        case "offer":
            bookings.offer_freed(booking.resource_id)
        case "expire":
            bookings.expire_due()
        case _:
            raise ValueError(f"the demo knows no step {step.act!r}")


def _later(booking: Booking) -> Span:
    """Find the same hours on a later day."""
    start, end = booking.span.walls(ZONE)
    for days in range(1, _MOVE_DAYS):
        day = start.date() + timedelta(days=days)
        span = span_of(day, start.time(), end.time())
        if not verdict(Wish(booking.resource_id, span, booking.quantity), but_hold=booking.hold_id):
            return span
    return Span(booking.start_at, booking.end_at - timedelta(minutes=30))
