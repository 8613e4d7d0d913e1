"""Small random worlds, and every chain there is in them: written for itself, without a thought for speed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from math import ceil
from typing import Any

from app.core.span import Span
from app.supply.cargo import KILO, Cargo, Hold, Packaging, Regime
from app.supply.chains.planning.fitness import need_of
from app.supply.chains.planning.world import Candidate, Means, Need, Place, Rates, Task, Wanted, World, at

HOUR, DAY = 3600, 86400
MONDAY = 1789336800  # 2026-09-14 00:00 in Paris
PLACES = tuple(Place(47.40 + n * 0.055, -1.60 + (n * 7 % 5) * 0.06) for n in range(6))


@dataclass(frozen=True)
class Peak:
    """A price that is higher for what begins between nine and five."""

    low: Rates
    high: Rates

    def cents(self, start: int, end: int, quantity: int, metres: int) -> int:
        is_peak = 9 * HOUR <= (start - MONDAY) % DAY < 17 * HOUR
        return (self.high if is_peak else self.low).cents(start, end, quantity, metres)

    def floor(self, seconds: int, quantity: int, metres: int) -> int:
        return self.low.floor(seconds, quantity, metres)


def world(seed: int) -> tuple[World, Wanted]:
    """Draw a handful of vehicles, stores and kitchens, free now and then, and something that is wanted."""
    dice, others = random.Random(seed), random.Random(f"doors {seed}")
    cargo = Cargo(dice.choice((120, 400, 900)) * KILO, Packaging.CRATE_60X40, 12 * KILO)
    kinds = (
        [Task.DRIVE] * dice.randint(1, 4)
        + [Task.STORE] * dice.randint(0, 3)
        + [Task.PROCESS] * dice.randint(1, 3)
    )
    candidates = []
    for number, task in enumerate(kinds):
        means = _means(number, task, dice)
        need = need_of(means, cargo)
        if isinstance(need, Need):
            windows, doors = _times(means, dice)
            is_always_open = doors is None and others.random() < 0.5
            candidates.append(Candidate(means, need, windows, doors=doors, is_always_open=is_always_open))
    start = MONDAY + dice.choice((8, 10, 13)) * HOUR
    end = dice.random()
    wanted = Wanted(
        cargo,
        PLACES[0],
        at(start),
        at(start + dice.choice((3, 6, 26)) * HOUR),
        processed=end < 0.7,
        stored=dice.choice((None, None, True, False)) if end < 0.85 else None,
        to=PLACES[5] if 0.7 <= end < 0.85 else None,
        by=at(start + dice.choice((30, 54)) * HOUR),
        hours=dice.choice(((7 * HOUR, 20 * HOUR), (9 * HOUR, 17 * HOUR), (0, DAY))),
    )
    return World(tuple(candidates)), wanted


def _means(number: int, task: Task, dice: random.Random) -> Means:
    place = dice.choice(PLACES[1:5])
    known: dict[str, Any] = {
        "resource_id": number + 1,
        "site_id": PLACES.index(place),
        "place": place,
        "task": task,
    }
    if task is Task.DRIVE:
        km = dice.choice((0, 50, 60))
        low, high = (Rates(use=use, hour=400, km=km) for use in (dice.choice((0, 100)), 500))
        price = Peak(low, high) if dice.random() < 0.5 else low
        hold = Hold(grams=dice.choice((400, 900)) * KILO)
        around = dice.choice((0, HOUR // 2))
        step = dice.choice((HOUR // 2, HOUR))
        return Means(**known, hold=hold, around=around, price=price, step=step)
    if task is Task.STORE:
        by_day = dice.random() < 0.7
        step = DAY if by_day else HOUR
        price = Rates(day=dice.choice((0, 120, 300)))
        regime = dice.choice((Regime.CHILLED, Regime.PRODUCE))
        return Means(**known, capacity=8, unit="pallet", step=step, shortest=step, regime=regime, price=price)
    hour = dice.choice((0, 800, 1200))
    price = Peak(Rates(hour=hour), Rates(hour=hour + dice.choice((0, 400))))
    rate = dice.choice((50, 200)) * KILO
    return Means(
        **known, capacity=2, step=HOUR, shortest=2 * HOUR, longest=10 * HOUR, throughput=rate, price=price
    )


def _times(
    means: Means, dice: random.Random
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...] | None]:
    days = [day for day in range(4) if dice.random() < 0.85]
    if means.task is Task.STORE:
        doors = tuple((MONDAY + day * DAY + 7 * HOUR, MONDAY + day * DAY + 19 * HOUR) for day in range(4))
        first = dice.choice((0, 0, 1))
        free = (MONDAY + first * DAY, MONDAY + dice.choice((2, 4)) * DAY)
        return (free,) if free[0] < free[1] else (), doors if dice.random() < 0.5 else None
    hours = []
    for day in days:
        start = dice.choice((6, 8, 9, 13))
        hours.append(
            (
                MONDAY + day * DAY + start * HOUR,
                MONDAY + day * DAY + min(start + dice.choice((4, 9, 13)), 22) * HOUR,
            )
        )
    return tuple(hours), None


# -- every chain there is -----------------------------------------------------------------------------------

Chain = tuple[int, int, int]  # cents, metres, ready


def every_chain(all_of: World, wanted: Wanted) -> Iterator[Chain]:
    """List what every chain of a world comes to."""
    that = {task: [each for each in all_of.candidates if each.means.task is task] for task in Task}
    ends = wanted.ends
    finishes: list[Any]
    if wanted.processed:
        finishes = [(kitchen.means.place, kitchen) for kitchen in that[Task.PROCESS]]
    else:
        finishes = [(wanted.to, None)]
    loading = loadings(wanted)
    for place, kitchen in finishes:
        if wanted.stored is not True and place:
            for van in that[Task.DRIVE]:
                for tour in tours(van, wanted.place, place, loading):
                    if not received(wanted, kitchen, tour["unloading"]):
                        continue
                    for cents, ready in finish(kitchen, tour["end"], ends):
                        yield tour["cents"] + cents, tour["metres"], ready
        if wanted.stored is not False:
            for store in that[Task.STORE]:
                yield from stored(that[Task.DRIVE], store, place, kitchen, wanted, loading, ends)


def stored(vans, store, place, kitchen, wanted, loading, ends):
    first = [
        tour
        for van in vans
        for tour in tours(van, wanted.place, store.means.place, loading)
        if open_at(store, tour["unloading"]) and attended(wanted, store, tour["unloading"])
    ]
    if place is None:
        for tour in first:
            last = ends - 1 if store.means.by_day else ends
            if cents := keep(store, tour["end"], last):
                stay_ready = (
                    max(tour["end"], midnight(ends - 1)) if store.means.by_day else ends // HOUR * HOUR
                )
                if stay_ready <= ends:
                    yield tour["cents"] + cents[0], tour["metres"], stay_ready
        return
    if place == store.means.place and kitchen:
        for tour in first:
            for start, ready, cents in kitchen_slots(kitchen, ends):
                kept = keep(store, tour["end"], start) if start >= tour["end"] else None
                if kept:
                    yield tour["cents"] + kept[0] + cents, tour["metres"], ready
    if place == store.means.place:
        return
    second = [
        tour
        for van in vans
        for tour in tours(van, store.means.place, place, None)
        if open_at(store, tour["loading"])
        and attended(wanted, store, tour["loading"])
        and received(wanted, kitchen, tour["unloading"])
    ]
    for one, two in product(first, second):
        rest = one["van"].means.around if one["van"] is two["van"] else 0
        kept = keep(store, one["end"], two["start"]) if two["start"] >= one["end"] + rest else None
        if kept is None:
            continue
        for cents, ready in finish(kitchen, two["end"], ends):
            yield one["cents"] + two["cents"] + kept[0] + cents, one["metres"] + two["metres"], ready


def loadings(wanted):
    """List when it can be loaded: within the hours of each day, a whole day going on into the next."""
    start, end = int(wanted.from_at.timestamp()), int(wanted.until_at.timestamp())
    opens, closes = wanted.hours
    if closes - opens == DAY:
        return [(start, end)]
    days = [(MONDAY + day * DAY + opens, MONDAY + day * DAY + closes) for day in range(4)]
    return [(max(a, start), min(b, end)) for a, b in days if max(a, start) < min(b, end)] or [(start, end)]


def attended(wanted, where, moments):
    """Tell whether somebody loads or unloads between two moments, where hours bind nothing: in those of one day."""
    return not where.is_always_open or hours_of_one_day(wanted.hours, moments)


def received(wanted, kitchen, moments):
    """Tell whether somebody is there who receives it: in a kitchen, or when it may be handed over."""
    if kitchen:
        return attended(wanted, kitchen, moments)
    opens, closes = wanted.hours
    said = (int(wanted.by.timestamp()) - MONDAY) % DAY
    return hours_of_one_day((opens, max(closes, said)), moments)


def hours_of_one_day(hours, moments):
    opens, closes = hours
    first, last = (moment - midnight(moments[0]) for moment in moments)
    return closes - opens == DAY or (opens <= first and last <= closes)


def tours(van, start, end, loading):
    """List the tours of a van, minute by minute."""
    home, trips = van.means.place, van.need.trips
    way = [home.road(start), start.road(end), end.road(home)]
    drive = [int(metres / 12.5) for metres in way]
    metres = way[0] + (2 * trips - 1) * way[1] + way[2]
    seconds = drive[0] + (2 * trips - 1) * drive[1] + drive[2] + trips * 2 * 900
    length = ceil(max(seconds, van.means.shortest) / van.means.step) * van.means.step
    for first, last in van.windows:
        for leave in range(MONDAY, last, van.means.step):
            loaded = leave + drive[0], leave + drive[0] + (trips - 1) * 2 * (drive[1] + 900) + 900
            unloaded = loaded[0] + 900 + drive[1], loaded[1] + drive[1] + 900
            in_time = loading is None or any(a <= loaded[0] and loaded[1] <= b for a, b in loading)
            if first <= leave and leave + length <= last and in_time:
                cents = van.means.price.cents(leave, leave + length, 1, metres)
                yield {
                    "van": van,
                    "start": leave,
                    "end": leave + length,
                    "cents": cents,
                    "metres": metres,
                    "loading": loaded,
                    "unloading": unloaded,
                }


def finish(kitchen, arrival, ends):
    if kitchen is None:
        return [(0, arrival)] if arrival <= ends else []
    return [
        (cents, ready)
        for start, ready, cents in kitchen_slots(kitchen, ends)
        if arrival <= start <= arrival + 2 * HOUR
    ]


def kitchen_slots(kitchen, ends):
    length = ceil(max(kitchen.need.work, kitchen.means.shortest) / kitchen.means.step) * kitchen.means.step
    for first, last in kitchen.windows:
        for start in range(MONDAY, last, kitchen.means.step):
            if first <= start and start + length <= min(last, ends):
                quantity = kitchen.need.quantity
                yield start, start + length, kitchen.means.price.cents(start, start + length, quantity, 0)


def open_at(store, moments):
    return store.doors is None or any(a <= moments[0] and moments[1] <= b for a, b in store.doors)


def keep(store, arrival, departure):
    """Tell the cents of a stay (in a tuple), or None where it cannot be."""
    if store.means.by_day:
        start, end = midnight(arrival - 1), midnight(departure) + DAY
    else:
        start, end = ceil(arrival / HOUR) * HOUR, departure // HOUR * HOUR
        if start - arrival > 2 * HOUR or departure - end > 2 * HOUR or end - start < store.means.shortest:
            return None
        if not open_at(store, (start, start + 1)) or not open_at(store, (end - 1, end)):
            return None
    if end <= start or not any(first <= start and end <= last for first, last in store.windows):
        return None
    return (store.means.price.cents(start, end, store.need.quantity, 0),)


def midnight(moment: int) -> int:
    return MONDAY + (moment - MONDAY) // DAY * DAY


def span(day: int, start: float, end: float) -> Span:
    """Give hours of a day of September 2026."""
    first = at(MONDAY) + timedelta(days=day - 14)
    return Span(first + timedelta(hours=start), first + timedelta(hours=end))
