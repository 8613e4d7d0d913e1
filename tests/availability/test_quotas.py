"""Quotas seen as claims: who sees how much, what is lent and to whom, and that nobody loses what is theirs."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from app.availability.askers import Asker
from app.availability.lending import borrowed, lent_to_others
from app.availability.parts import made_of
from app.availability.quotas import refuse_room, seen
from app.availability.rules import Part, Taken, Terms, peak
from app.availability.sharing import Quotas

HOUR, DAY = 3600, 86_400
SHOP, BANK, OTHER = 1, 2, 3  # organisations: quotas of 10 and 6 of 24 pallets, and none
SHARES = {SHOP: 10, BANK: 6}
COLD, KIT = 7, 8


def terms_for(organisation: int, *, lend_days: int | None = None, shares=SHARES, capacity: int = 24) -> Terms:
    return Terms(
        COLD, 1, capacity, "always", 30, 30, DAY, 0, 0, 0, 365, "active", "24/7", None, "Europe/Paris",
        quotas=Quotas(shares, lend_days, 72), asker=Asker(organisation),
    )  # fmt: skip


def has(organisation: int, qty: int, start: int = 0, end: int = 10 * DAY, hold: int = 9) -> Taken:
    return Taken(start, end, qty, hold, "booking", organisation=organisation)


def most(terms: Terms, taken: Sequence[Taken], start: int, end: int, now: int = 0) -> int:
    """Count how many units its asker can have, by asking for more and more."""
    claims = {COLD: taken}
    fits = [
        qty
        for qty in range(terms.capacity + 1)
        if not qty or not refuse_room(terms, claims, start, end, qty, now)
    ]
    assert fits == list(range(len(fits)))
    return fits[-1]


@pytest.mark.parametrize(
    ("taken", "shop", "bank", "other"),
    [
        ([], 18, 14, 8),  # the quotas of the others are kept, the rest is common
        ([has(SHOP, 4)], 14, 14, 8),  # within one's quota nothing of the common is used
        ([has(SHOP, 13)], 5, 11, 5),  # three above it are of the common
        ([has(OTHER, 8)], 10, 6, 0),
        ([has(SHOP, 10), has(BANK, 6)], 8, 8, 8),
        ([has(SHOP, 10), has(BANK, 6), has(OTHER, 8)], 0, 0, 0),
        ([has(BANK, 14)], 10, 0, 0),
        ([Taken(0, 10 * DAY, 20, 9, "closure")], 0, 0, 0),
    ],
)
def test_what_each_can_have_of_a_cold_room(taken, shop, bank, other):
    span = DAY, 2 * DAY
    found = [most(terms_for(who), taken, *span) for who in (SHOP, BANK, OTHER, 0)]
    assert found == [shop, bank, other, other]


@pytest.mark.parametrize(
    ("lend_days", "start", "end", "expected"),
    [
        (None, HOUR, DAY, 8),  # never lent
        (0, HOUR, DAY, 8),  # lent from now on: nothing ahead
        (3, DAY, 3 * DAY, 24),
        (3, DAY, 4 * DAY, 8),  # its last day is too far
        (3, 4 * DAY, 5 * DAY, 8),
        (500, 4 * DAY, 5 * DAY, 24),  # always lent
    ],
)
def test_near_times_are_lent(lend_days, start, end, expected):
    assert most(terms_for(OTHER, lend_days=lend_days), [], start, end) == expected


def test_a_refusal_says_how_much_is_left_how_much_is_kept_and_from_when_it_is_lent():
    found = refuse_room(terms_for(OTHER, lend_days=3), {COLD: [has(SHOP, 4)]}, 8 * DAY, 9 * DAY, 9, 0)
    assert found is not None
    facts = found.facts
    assert (found.code, facts["free"], facts["kept"], facts["total"]) == ("quota", 8, 12, 24)
    assert facts["opens"].timestamp() == 6 * DAY
    assert not facts["never"]


@pytest.mark.parametrize(
    ("lend_days", "qty", "opens", "never"),
    [(None, 9, None, True), (None, 8, None, False), (3, 9, 6 * DAY, False), (0, 9, None, True)],
)
def test_what_can_never_be_had_is_no_use_waiting_for(lend_days, qty, opens, never):
    found = refuse_room(
        terms_for(OTHER, lend_days=lend_days), {COLD: [has(BANK, 14)]}, 8 * DAY, 9 * DAY, qty, 0
    )
    assert found is not None
    told = found.facts["opens"]
    assert (told and told.timestamp(), found.facts["never"]) == (opens, never)


def test_what_others_have_is_told_before_what_is_kept():
    found = refuse_room(terms_for(OTHER), {COLD: [has(BANK, 20)]}, DAY, 2 * DAY, 5, 0)
    assert found is not None
    assert (found.code, found.facts["free"], found.facts["holds"]) == ("capacity", 0, [9])


# -- one's own, lent to others ------------------------------------------------------------------------------


def test_ones_own_quota_lent_to_others_can_be_called_back():
    taken = [has(OTHER, 20, hold=4), has(BANK, 4, hold=5)]
    found = refuse_room(terms_for(SHOP), {COLD: taken}, 4 * DAY, 5 * DAY, 10, now=DAY)
    assert found is not None
    assert (found.code, found.facts["share"]) == ("lent", 10)


@pytest.mark.parametrize(
    ("taken", "qty", "cuts"),
    [
        ([has(OTHER, 20, hold=4)], 10, {4: 6}),  # no more than it takes
        ([has(OTHER, 10, hold=4), has(OTHER, 10, hold=5)], 10, {5: 6}),  # the newest first
        ([has(OTHER, 10, hold=4), has(OTHER, 4, hold=5), has(BANK, 6, hold=6)], 10, {5: 4, 4: 2}),
        ([has(BANK, 8, hold=4), has(OTHER, 14, hold=3)], 10, {4: 2, 3: 6}),  # a quota of its own is safe
        ([has(SHOP, 4, hold=9), has(OTHER, 20, hold=4)], 6, {4: 6}),
        ([has(SHOP, 4, hold=9), has(OTHER, 20, hold=4)], 7, None),  # above one's own quota
        ([has(OTHER, 10, hold=4), Taken(0, 10 * DAY, 14, 5, "closure")], 10, {4: 10}),
        (
            [has(OTHER, 4, hold=4), Taken(0, 10 * DAY, 20, 5, "closure")],
            10,
            None,
        ),  # closures give nothing back
    ],
)
def test_who_gives_back_how_much(taken, qty, cuts):
    loans = lent_to_others(terms_for(SHOP), {COLD: taken}, DAY, 2 * DAY, qty)
    assert [dict(loan.cuts) for loan in loans] == ([] if cuts is None else [cuts])


def test_what_each_has_borrowed_is_told_newest_first():
    need = terms_for(0).needs[0]
    taken = [has(OTHER, 6, hold=3), has(OTHER, 6, hold=4), has(BANK, 8, hold=5)]
    assert dict(borrowed(need, taken, DAY, 2 * DAY)) == {5: 2, 4: 4}
    assert dict(borrowed(need, [has(OTHER, 8)], DAY, 2 * DAY)) == {}


# -- parts --------------------------------------------------------------------------------------------------


def kit_for(organisation: int, shares=None) -> Terms:
    bare = Terms(
        KIT, 1, 5, "always", 30, 30, DAY, 0, 0, 0, 365, "active", "24/7", None, "Europe/Paris",
        asker=Asker(organisation),
    )  # fmt: skip
    return made_of(bare, [Part(COLD, 4, 24, 0, 0, "Palettes", quotas=Quotas(shares or SHARES))])


@pytest.mark.parametrize(("organisation", "kits"), [(0, 2), (OTHER, 2), (SHOP, 4), (BANK, 3)])
def test_a_kit_draws_on_the_quotas_of_its_pool(organisation, kits):
    terms = kit_for(organisation)
    fits = [qty for qty in range(1, 6) if not refuse_room(terms, {}, DAY, 2 * DAY, qty, 0)]
    assert fits == list(range(1, kits + 1))
    if kits < 5:
        refusal = refuse_room(terms, {}, DAY, 2 * DAY, kits + 1, 0)
        assert refusal is not None
        assert (refusal.code, refusal.facts["part"], refusal.facts["free"]) == ("quota", COLD, kits)


@pytest.mark.parametrize("seed", range(200))
def test_a_whole_fits_exactly_when_each_of_its_needs_does(seed):
    dice = Random(seed)
    shares = {SHOP: dice.randint(1, 10), BANK: dice.randint(1, 6)}
    quotas = Quotas(shares, dice.choice((None, 0, 2, 5)))
    buffers = [dice.choice((0, 30)) for _ in range(4)]
    bare = replace(kit_for(dice.choice((0, SHOP, OTHER))), before=buffers[0], after=buffers[1], parts=())
    part = Part(COLD, 4, 24, buffers[2], buffers[3], "Palettes", quotas=quotas)
    own = Quotas({BANK: 2}, dice.choice((None, 1))) if dice.random() < 0.5 else None
    terms = made_of(replace(bare, quotas=own), [part])
    claims = {
        COLD: [_some(dice, hold, 8) for hold in range(dice.randrange(5))],
        KIT: [_some(dice, 50 + hold, 1) for hold in range(dice.randrange(2))],
    }
    for _time in range(20):
        start = dice.randrange(0, 7 * DAY, HOUR)
        end, qty, now = start + dice.choice((HOUR, DAY, 3 * DAY)), dice.randint(1, 5), dice.randrange(2) * DAY
        each_fits = all(_fits(terms, need, claims, start, end, qty * need.qty, now) for need in terms.needs)
        assert (refuse_room(terms, claims, start, end, qty, now) is None) == each_fits


def _some(dice: Random, hold: int, most_units: int) -> Taken:
    start = dice.randrange(0, 7 * DAY, HOUR)
    whose = dice.choice((0, SHOP, BANK, OTHER))
    return has(whose, dice.randint(1, most_units), start, start + dice.choice((HOUR, DAY, 3 * DAY)), hold)


def _fits(terms: Terms, need: Part, claims, start: int, end: int, qty: int, now: int) -> bool:
    """Check one need alone, instant by instant."""
    first, last = start - need.before * 60, end + need.after * 60
    taken, quotas = claims[need.resource_id], need.quotas
    for at in range(first, last, HOUR // 2):
        total = sum(c.qty for c in taken if c.start <= at < c.end)
        if quotas and at >= quotas.kept_from(now):
            for who, share in quotas.shares.items():
                if who != terms.asker.organisation_id:
                    used = sum(c.qty for c in taken if c.organisation == who and c.start <= at < c.end)
                    total += max(0, share - used)
        if total + qty > need.capacity:
            return False
    return True


# -- the promise --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(200))
def test_as_long_as_nothing_is_lent_everybody_can_have_what_is_left_of_their_quota(seed):
    dice = Random(seed)
    shares = {who: dice.randint(1, 8) for who in range(1, dice.randint(2, 5))}
    capacity = sum(shares.values()) + dice.randint(0, 6)
    taken: list[Taken] = []
    for hold in range(30):
        who, start = dice.randrange(6), dice.randrange(0, 40)
        claim = has(who, dice.randint(1, 6), start, start + dice.randint(1, 20), hold)
        terms = terms_for(who, shares=shares, capacity=capacity)
        if refuse_room(terms, {COLD: taken}, claim.start, claim.end, claim.qty, 0) is None:
            taken.append(claim)
        if taken and dice.random() < 0.2:
            taken.remove(dice.choice(taken))
        for at in range(60):
            used = {
                who: sum(c.qty for c in taken if c.organisation == who and c.start <= at < c.end)
                for who in shares
            }
            left = sum(max(0, shares[who] - used[who]) for who in shares)
            assert peak(taken, at, at + 1) + left <= capacity
    for who, share in shares.items():
        at = dice.randrange(0, 59)
        own = sum(c.qty for c in taken if c.organisation == who and c.start <= at < c.end)
        if own < share:
            mine = terms_for(who, shares=shares, capacity=capacity)
            assert refuse_room(mine, {COLD: taken}, at, at + 1, share - own, 0) is None


@pytest.mark.parametrize("seed", range(200))
def test_what_was_lent_can_always_be_had_back(seed):
    dice = Random(seed)
    taken: list[Taken] = []
    for hold in range(25):
        who, start = dice.randrange(6), dice.randrange(0, 40)
        claim = has(who, dice.randint(1, 9), start, start + dice.randint(1, 20), hold)
        if (
            refuse_room(terms_for(who, lend_days=500), {COLD: taken}, claim.start, claim.end, claim.qty, 0)
            is None
        ):
            taken.append(claim)
    for _time in range(10):
        start, mine = dice.randrange(0, 50), terms_for(SHOP)
        span = start, start + dice.randint(1, 10)
        left = 10 - peak([c for c in taken if c.organisation == SHOP], *span)
        if left < 1 or peak(taken, *span) + left <= 24:
            continue
        [loan] = lent_to_others(mine, {COLD: taken}, *span, left)
        after = [c._replace(qty=c.qty - loan.cuts.get(c.hold_id, 0)) for c in taken]
        assert peak(after, *span) + left <= 24
        assert all(c.qty >= 0 for c in after)


def test_nothing_changes_where_there_are_no_quotas():
    plain, taken = replace(terms_for(OTHER), quotas=None), [has(OTHER, 20)]
    assert seen(plain, {COLD: taken}, 0, DAY, 0) == taken
