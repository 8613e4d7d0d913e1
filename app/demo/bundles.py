"""Stages requests for several resources, chains among them: asked for together, then answered element by element."""

from collections.abc import Sequence
from datetime import timedelta

from app.availability.queries import Wish, verdict
from app.bookings import service as bookings
from app.bookings.models import Booking
from app.bookings.models import Bundle as Asked
from app.bookings.service import Leg
from app.catalogue.communes import get_commune
from app.demo.spec import Spec
from app.demo.staged import Bundle, Carried, Part, Step
from app.demo.stories import span_from
from app.demo.world import World
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.supply.cargo import KILO, Cargo, Packaging, Regime
from app.supply.chains import service as chains
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.chains.planning.world import Place

LOADED_WITHIN = timedelta(hours=10)  # of when the first leg begins


def load_bundles(spec: Spec, world: World) -> None:
    """Stage every bundle; one that finds no day on which all of it is free is counted as dropped. Nobody is told."""
    with atomic(), quiet():
        for bundle in spec.bundles:
            _stage(bundle, world)


def _stage(bundle: Bundle, world: World) -> None:
    with world.at(world.ago(bundle.hours_ago)):
        legs = _free_legs(bundle, world)
        if legs is None:
            world.dropped["story"] += 1
            return
        made = (
            _ask_chain(bundle, bundle.carries, legs, world) if bundle.carries else _ask(bundle, legs, world)
        )
    world.counts["stories"] += 1
    world.bundles[bundle.key] = made.id
    by_resource = dict(zip((part.resource for part in bundle.parts), made.legs, strict=True))
    for step in bundle.steps:
        with world.at(world.ago(step.hours_ago)):
            _take(step, by_resource[step.of], world)


def _ask(bundle: Bundle, legs: tuple[Leg, ...], world: World) -> Asked:
    organisation = world.organisations[bundle.organisation]
    facts = organisation, legs, bundle.purpose, bundle.people, bundle.message
    wanted = bookings.BundleRequest(*facts, in_order=bundle.in_order)
    return bookings.ask_bundle(wanted, world.actor(bundle.by, bundle.organisation), uid_host=world.uid_host)


def _ask_chain(bundle: Bundle, carried: Carried, legs: Sequence[Leg], world: World) -> Asked:
    cargo = Cargo(
        carried.kilos * KILO,
        Packaging(carried.packaging),
        carried.per_kilos * KILO,
        Regime(carried.regime),
    )
    wanted = chains.ChainRequest(
        organisation_id=world.organisations[bundle.organisation],
        product=carried.product,
        cargo=cargo,
        legs=[_planned(part, leg) for part, leg in zip(bundle.parts, legs, strict=True)],
        purpose=bundle.purpose,
        from_place=carried.place,
        way=_way(carried.commune, legs[0]),
        people=bundle.people,
        message=bundle.message,
        licence_years=max(leg.licence_years for leg in legs),
    )
    actor = world.actor(bundle.by, bundle.organisation)
    return chains.ask_chain(wanted, actor, uid_host=world.uid_host).bundle


def _way(commune: str, first: Leg) -> chains.Way:
    start = Place(*get_commune(commune).point)
    return chains.Way(commune, start, first.span.start, first.span.start + LOADED_WITHIN)


def _planned(part: Part, leg: Leg) -> PlannedLeg:
    facts = leg.resource_id, leg.span, leg.quantity, part.km * 1000, part.trips
    return PlannedLeg(Role(part.role), *facts, gap=timedelta(minutes=part.gap))


def _free_legs(bundle: Bundle, world: World) -> tuple[Leg, ...] | None:
    for number in range(bundle.from_day, bundle.to_day + 1):
        day = world.today + timedelta(days=number)
        legs = [
            Leg(
                world.resources[part.resource],
                span_from(day + timedelta(days=part.after), part.times),
                part.quantity,
                world.licences[part.resource],
            )
            for part in bundle.parts
        ]
        if not _are_refused(legs):
            return tuple(legs)
    return None


def _are_refused(legs: Sequence[Leg]) -> bool:
    return any(verdict(Wish(leg.resource_id, leg.span, leg.quantity)) for leg in legs)


def _take(step: Step, leg: Booking, world: World) -> None:
    manager = world.manager_of(step.of)
    match step.act:
        case "approve":
            bookings.approve(leg.id, manager, step.text)
        case "refuse":
            bookings.refuse(leg.id, manager, step.text)
        case _:
            raise ValueError(f"the demo knows no step {step.act!r} of a bundle")
