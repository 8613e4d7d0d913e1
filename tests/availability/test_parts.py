"""A whole seen through its parts gives the same answer as asking each part, whatever the buffers and numbers."""

from random import Random

import pytest

from app.availability.parts import made_of, margin, project
from app.availability.rules import Part, Taken, Terms, free_windows, peak, refuse_crowd, visible

MINUTE, DAY = 60, 86_400
BUFFERS = (0, 0, 15, 30, 45, 90)


def terms_with(*parts: Part, capacity: int = 1, before: int = 0, after: int = 0) -> Terms:
    bare = Terms(
        1, 1, capacity, "always", 30, 30, 1440, before, after, 0, 365, "active", "24/7", None, "Europe/Paris"
    )
    return made_of(bare, parts)


def booked(start: int, end: int, qty: int = 1, hold: int = 7, before: int = 0, after: int = 0) -> Taken:
    """Claim from and to a minute of the day, with buffers in minutes."""
    margins = before * MINUTE, after * MINUTE
    return Taken((start - before) * MINUTE, (end + after) * MINUTE, qty, hold, "booking", *margins)


def some_claims(dice: Random, capacity: int) -> list[Taken]:
    found: list[Taken] = []
    for hold in range(dice.randrange(6)):
        start = dice.randrange(0, 1380, 15)
        end = start + dice.choice((15, 60, 180))
        claim = booked(
            start, end, dice.randint(1, capacity), hold, dice.choice(BUFFERS), dice.choice(BUFFERS)
        )
        if peak([*found, claim], -DAY, 2 * DAY) <= capacity:
            found.append(claim)
    return found


@pytest.mark.parametrize("seed", range(300))
def test_the_whole_is_free_exactly_when_each_of_its_needs_is(seed):
    dice = Random(seed)
    parts = [
        Part(number, dice.randint(1, 3), dice.randint(3, 6), dice.choice(BUFFERS), dice.choice(BUFFERS))
        for number in range(2, 2 + dice.randint(1, 3))
    ]
    buffers = {"before": dice.choice(BUFFERS), "after": dice.choice(BUFFERS)}
    terms = terms_with(*parts, capacity=dice.randint(1, 4), **buffers)
    claims = {need.resource_id: some_claims(dice, need.capacity) for need in terms.needs}
    seen = project(terms, claims, -DAY, 2 * DAY)
    assert peak(seen, -DAY, 2 * DAY) <= terms.capacity
    for _time in range(40):
        start = dice.randrange(0, 1440, 15) * MINUTE
        end, qty = start + dice.choice((30, 60, 240)) * MINUTE, dice.randint(1, terms.capacity)
        fits = all(
            peak(claims[need.resource_id], start - need.before * MINUTE, end + need.after * MINUTE)
            + qty * need.qty
            <= need.capacity
            for need in terms.needs
        )
        assert (refuse_crowd(terms, seen, start, end, qty) is None) == fits
        windows = free_windows(terms, seen, [(0, 2 * DAY)], 0, 2 * DAY, qty)
        assert any(first <= start and end <= last for first, last in windows) == fits


def test_what_takes_all_of_a_part_is_named_with_the_part():
    oven = Part(2, 1, 1, 0, 30, "Four")
    refusal = refuse_crowd(
        terms_with(oven),
        project(terms_with(oven), {2: [booked(540, 660, after=30)]}, 0, DAY),
        36_000,
        39_600,
        1,
    )
    assert refusal is not None
    assert (refusal.code, refusal.facts["part"], refusal.facts["holds"]) == ("taken", 2, [7])
    assert (refusal.facts["from"], refusal.facts["to"]) == (600 * MINUTE, 660 * MINUTE)


def test_the_cleaning_of_a_part_is_no_use_of_it():
    terms = terms_with(Part(2, 1, 1, 0, 30, "Four"))
    seen = project(terms, {2: [booked(540, 660, after=30)]}, 0, DAY)
    assert visible(seen) == [Taken(540 * MINUTE, 660 * MINUTE, 1, 7, "booking", part=2)]
    refusal = refuse_crowd(terms, seen, 660 * MINUTE, 720 * MINUTE, 1)
    assert refusal is not None
    assert refusal.code == "buffer"
    assert (refusal.facts["until"], refusal.facts["part"]) == (690 * MINUTE, 2)


def test_a_pool_leaves_as_many_kits_as_it_has_boards_for():
    kits = terms_with(Part(2, 4, 20, 0, 0, "Planches"), capacity=5)
    seen = project(kits, {2: [booked(540, 660, qty=10)]}, 0, DAY)
    assert [refuse_crowd(kits, seen, 36_000, 39_600, qty) is None for qty in (1, 2, 3)] == [True, True, False]
    refusal = refuse_crowd(kits, seen, 36_000, 39_600, 3)
    assert refusal is not None
    assert (refusal.code, refusal.facts["free"], refusal.facts["part"]) == ("capacity", 2, 2)


def test_what_is_booked_of_the_whole_is_not_counted_again_for_its_parts():
    hall = terms_with(Part(2, 1, 1, 0, 0, "A"), Part(3, 1, 1, 0, 0, "B"))
    own = booked(540, 660)
    assert project(hall, {1: [own], 2: [own], 3: [own]}, 0, DAY) == [own]


def test_a_part_is_kept_as_long_as_its_whole_and_breaks_with_it():
    terms = terms_with(Part(2, 1, 1, 0, 30), Part(3, 1, 1, 60, 0, "", "out_of_order"), before=15, after=45)
    assert [(part.before, part.after) for part in terms.parts] == [(15, 45), (60, 45)]
    assert terms.status == "out_of_order"
    assert margin(terms) == 3600
