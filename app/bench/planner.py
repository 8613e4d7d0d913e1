"""The rows of the planner: chains for one surplus among a thousand resources, drawn or of the seeded database."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.accounts.models import Organisation
from app.availability.models import MAX_CLAIM_SECONDS
from app.bench.engine import Raw, Scene
from app.bench.timing import ROUNDS, Pace, Row, compare_ms
from app.infra.db import db
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, VatRegime, When
from app.supply.cargo import KILO, Cargo, Hold, Packaging, Regime
from app.supply.chains.candidates import propose
from app.supply.chains.planning.fitness import need_of
from app.supply.chains.planning.roads import tour
from app.supply.chains.planning.search import search
from app.supply.chains.planning.world import (
    DAY,
    HOUR,
    PARIS,
    Candidate,
    Means,
    Need,
    Place,
    Task,
    Wanted,
    Window,
    World,
    at,
)
from app.supply.chains.prices import TariffPrice

RESOURCES, PER_SITE, DAYS = 1000, 5, 12
USUAL_DAYS = 3  # that a surplus is offered for, where nobody says otherwise
RUNS = 3
MONDAY = int(datetime(2026, 9, 13, 22, tzinfo=UTC).timestamp())  # midnight in Paris
DOORS = tuple((MONDAY + day * DAY + 7 * HOUR, MONDAY + day * DAY + 19 * HOUR) for day in range(DAYS + 1))
CENTRE = Place(47.65, -1.35)  # of the places that `flask bench seed` draws
CARGO = Cargo(400 * KILO, Packaging.CRATE_60X40, 12 * KILO)
_RESOURCES = (
    "SELECT r.id, r.kind, r.facts, s.lat, s.lon, c.expression FROM resource r JOIN site s ON s.id = r.site_id "
    "JOIN resource_guard g ON g.resource_id = r.id JOIN schedule c ON c.id = g.schedule_id "
    "WHERE r.kind IN ('vehicle', 'kitchen', 'storage')"
)
_CLAIMS = (
    "SELECT resource_id, start_at, end_at, qty FROM claim WHERE start_at > ? AND start_at < ? AND end_at > ?"
)
_TASKS = (Task.DRIVE, Task.STORE, Task.PROCESS, Task.DRIVE, Task.PROCESS)


def rows(targets: dict[str, float], pace: Pace) -> list[Row]:
    """Measure the whole search, three goals, beside one look at every way to fetch it and bring it to a kitchen."""
    world, wanted = drawn_world(RESOURCES)
    usual = replace(wanted, until_at=wanted.from_at + timedelta(days=USUAL_DAYS), by=None)
    name = f"chains among {RESOURCES:,} resources"
    return [
        _row(name, wanted, world, targets, pace),
        _row(f"{name}, {USUAL_DAYS} days to load", usual, world, targets, pace),
    ]


def _row(name: str, wanted: Wanted, world: World, targets: dict[str, float], pace: Pace) -> Row:
    (ours, bare), slow = pace.around(
        lambda: compare_ms(lambda: search(world, wanted), lambda: look_bare(world, wanted), RUNS), ROUNDS
    )
    return Row(name, ours, "ms", bare, targets.get(name), slow)


def proposing(targets: dict[str, float], raw: Raw, pace: Pace) -> list[Row]:
    """Measure the whole use case on a seeded database, beside a bare read of what it reads: resources and claims."""
    scene, name = Scene.found(), "chains proposed, read to checked"
    start = scene.first.replace(hour=9)
    wanted = Wanted(CARGO, CENTRE, start, start + timedelta(hours=8), by=start + timedelta(days=3))
    usual = Wanted(CARGO, CENTRE, start, start + timedelta(days=USUAL_DAYS))
    return [
        _proposed(name, wanted, targets, raw, pace),
        _proposed(f"{name}, {USUAL_DAYS} days to load", usual, targets, raw, pace),
    ]


def _proposed(name: str, wanted: Wanted, targets: dict[str, float], raw: Raw, pace: Pace) -> Row:
    scene = Scene.found()
    organisation = db.session.get_one(Organisation, scene.organisation)
    since, until = wanted.loading[0] - DAY, wanted.ends + 2 * DAY

    def bare() -> int:
        claims = raw.all(_CLAIMS, since - MAX_CLAIM_SECONDS, until, since)
        return len(raw.all(_RESOURCES)) + len(claims)

    (ours, least), slow = pace.around(
        lambda: compare_ms(lambda: propose(wanted, organisation, scene.actor), bare, RUNS), ROUNDS
    )
    db.session.rollback()
    return Row(name, ours, "ms", least, targets.get(name), slow)


def look_bare(world: World, wanted: Wanted) -> int:
    """Reckon the tour of every vehicle to every kitchen, and nothing else: no times, no stores, no way back on.

    Tell how far the shortest is.
    """
    vehicles = [each for each in world.candidates if each.means.task is Task.DRIVE]
    kitchens = [each.means.place for each in world.candidates if each.means.task is Task.PROCESS]
    return min(
        tour(each.means.place, wanted.place, place, each.need.trips).metres
        for each in vehicles
        for place in kitchens
    )


def drawn_world(resources: int, seed: int = 7) -> tuple[World, Wanted]:
    """Draw a territory, the same one on each run: five resources at each place, taken half of the time."""
    dice = random.Random(seed)
    drawn = (_candidate(number, place, dice) for number, place in enumerate(_places(resources, dice)))
    wanted = Wanted(CARGO, CENTRE, at(MONDAY + 13 * HOUR), at(MONDAY + 19 * HOUR), by=at(MONDAY + 4 * DAY))
    return World(tuple(each for each in drawn if each)), wanted


def _places(resources: int, dice: random.Random) -> Sequence[Place]:
    sites = [
        Place(47.15 + dice.random() / 2, -1.85 + dice.random() * 0.7)
        for _ in range(-(-resources // PER_SITE))
    ]
    return [sites[number // PER_SITE] for number in range(resources)]


def _candidate(number: int, place: Place, dice: random.Random) -> Candidate | None:
    means = _means(number, place, _TASKS[number % len(_TASKS)], dice)
    need = need_of(means, CARGO)
    doors = None if means.task is Task.PROCESS else DOORS
    return Candidate(means, need, _free(means, dice), doors) if isinstance(need, Need) else None


def _means(number: int, place: Place, task: Task, dice: random.Random) -> Means:
    known = Means(number, number // PER_SITE, place, task)
    match task:
        case Task.DRIVE:
            price = _price(
                TariffLine(Meter.HOUR, dice.randrange(0, 900, 50)),
                TariffLine(Meter.KM, dice.randrange(20, 70)),
            )
            hold = Hold(grams=dice.randrange(300, 1500, 50) * KILO)
            return replace(known, hold=hold, price=price, around=HOUR // 2)
        case Task.STORE:
            regime = dice.choice((Regime.CHILLED, Regime.PRODUCE, Regime.AMBIENT))
            price = _price(TariffLine(Meter.PALLET_DAY, dice.randrange(0, 200, 10)))
            by_days = replace(known, capacity=12, unit="pallet", step=DAY, shortest=DAY)
            return replace(by_days, regime=regime, price=price)
    rate, cents = dice.randrange(40, 400, 20) * KILO, dice.randrange(0, 1500, 100)
    peak, other = (
        TariffLine(Meter.HOUR, cents + 300, when=When.PEAK),
        TariffLine(Meter.HOUR, cents, when=When.OFF_PEAK),
    )
    price = _price(peak, other, peaks=(PeakHours(8 * 60, 18 * 60),))
    return replace(known, capacity=4, shortest=2 * HOUR, longest=12 * HOUR, throughput=rate, price=price)


def _price(*lines: TariffLine, peaks: tuple[PeakHours, ...] = ()) -> TariffPrice:
    return TariffPrice(Tariff(lines, VatRegime.FRANCHISE, peaks=peaks), PARIS, grams=CARGO.grams)


def _free(means: Means, dice: random.Random) -> tuple[Window, ...]:
    """Draw when it is free: a store for days, the rest now and then between seven and ten."""
    if means.by_day:
        first = MONDAY + dice.randrange(3) * DAY
        return ((first, MONDAY + DAYS * DAY),)
    found = []
    for day in range(DAYS):
        start = MONDAY + day * DAY + dice.randrange(7, 14) * HOUR
        if dice.random() < 0.8:
            found.append((start, start + dice.choice((3, 5, 8)) * HOUR))
    return tuple(found)
