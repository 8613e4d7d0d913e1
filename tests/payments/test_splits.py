"""Who pays how much: every worked case, to the cent; which of equals has the odd cent is drawn."""

from collections import Counter

import pytest

from app.core.money import CurrenciesMixed, Money
from app.payments.amount_errors import BadSplitKey, BadSubsidy, NobodyBears, RefundTooLarge, Unfunded
from app.payments.splits.keys import (
    KeyKind,
    SplitKey,
    alone,
    by_ability,
    by_meter,
    by_percent,
    by_weights,
    equally,
)
from app.payments.splits.splitting import CostLine, Role, Share, refund, split
from app.payments.splits.subsidies import Subsidy

A, B, C = 1, 2, 3
PAT, COMMUNE = 8, 9
PAYEE = 50


def lines_of(*cents, payee=PAYEE):
    return [CostLine(f"line-{number}", payee, Money(amount)) for number, amount in enumerate(cents)]


def parts(found, line_id="line-0", role=Role.PAYER):
    """Give what each bears of a line."""
    return {
        share.payer_id: share.cents
        for share in found.shares
        if share.line_id == line_id and share.role is role
    }


def cents_of(amounts):
    return {who: amount.cents for who, amount in amounts.items()}


@pytest.mark.scenario(number="S13")
@pytest.mark.parametrize(
    ("cents", "key", "expected"),
    [
        pytest.param(1000, equally([A, B, C]), [334, 333, 333], id="10.00 by three"),
        pytest.param(10_000, equally([A, B, C]), [3334, 3333, 3333], id="100.00 by three"),
        pytest.param(5, equally([A, B, C]), [2, 2, 1], id="five cents by three"),
        pytest.param(1, equally([A, B, C]), [1], id="a cent by three"),
        pytest.param(0, equally([A, B, C]), [], id="nothing by three"),
        pytest.param(12_000, by_weights({A: 1, B: 1}), [6000, 6000], id="120.00 by 1/1"),
    ],
)
def test_equals_pay_the_same_but_for_a_cent(cents, key, expected):
    assert sorted(parts(split(lines_of(cents), key)).values(), reverse=True) == expected


@pytest.mark.scenario(number="S13")
@pytest.mark.parametrize(
    ("cents", "key", "expected"),
    [
        pytest.param(1, by_percent({A: 5000, B: 3000, C: 2000}), {A: 1}, id="a cent by 50/30/20 %"),
        pytest.param(
            15_240,
            by_percent({A: 2000, B: 5000, C: 3000}),
            {A: 3048, B: 7620, C: 4572},
            id="152.40 by 20/50/30 %",
        ),
        pytest.param(
            7777,
            by_ability({A: "small", B: "middle", C: "large"}, {"small": 1, "middle": 2, "large": 5}),
            {A: 972, B: 1944, C: 4861},
            id="77.77 by ability, tiers of 1/2/5",
        ),
        pytest.param(
            8100,
            by_meter({A: 90_000, B: 60_000, C: 30_000}),
            {A: 4050, B: 2700, C: 1350},
            id="81.00 by 90/60/30 kg",
        ),
        pytest.param(8100, by_meter({A: 90_000, B: 0, C: 0}), {A: 8100}, id="who took nothing bears nothing"),
        pytest.param(8100, alone(B), {B: 8100}, id="one alone"),
    ],
)
def test_each_bears_what_the_key_says(cents, key, expected):
    assert parts(split(lines_of(cents), key)) == expected


@pytest.mark.parametrize(
    ("make", "facts"),
    [
        pytest.param(
            lambda: by_percent({A: 5000, B: 3000}), {"reason": "percent_total", "total_bp": 8000}, id="80 %"
        ),
        pytest.param(
            lambda: by_percent({A: 9000, B: 3000}),
            {"reason": "percent_total", "total_bp": 12_000},
            id="120 %",
        ),
        pytest.param(lambda: by_weights({A: 2, B: -1}), {"reason": "below_zero"}, id="below zero"),
        pytest.param(lambda: equally([]), {"reason": "nobody"}, id="nobody"),
        pytest.param(
            lambda: split(lines_of(100), alone(A), ceilings={A: -1}),
            {"reason": "ceiling_below_zero"},
            id="a ceiling below zero",
        ),
        pytest.param(
            lambda: by_ability({A: "huge"}, {"small": 1}), {"reason": "unknown_tier"}, id="an unknown tier"
        ),
    ],
)
def test_keys_that_cannot_be(make, facts):
    with pytest.raises(BadSplitKey) as refused:
        make()
    assert refused.value.facts == facts


@pytest.mark.parametrize("residual", [None, PAT])
def test_where_nobody_weighs_anything_nobody_bears_the_cost(residual):
    nothing_measured = by_meter({A: 0, B: 0})
    with pytest.raises(NobodyBears) as refused:
        split(lines_of(500, 500), nothing_measured, residual_payer=residual)
    assert refused.value.facts == {"cents": 1000}
    assert split(lines_of(0), nothing_measured).shares == ()
    whole = Subsidy(PAT, 10_000)
    assert split(lines_of(500), nothing_measured, subsidies=[whole]).borne() == {PAT: Money(500)}


# -- ceilings -----------------------------------------------------------------------------------------------


def test_what_nobody_may_bear_is_refused_or_somebodys():
    """120.00 by 1/1, of which one bears 50.00 at most and the other 40.00: 30.00 are left over."""
    asked = lines_of(12_000), by_weights({A: 1, B: 1})
    with pytest.raises(Unfunded) as refused:
        split(*asked, ceilings={A: 5000, B: 4000})
    assert refused.value.facts == {"cents": 3000}
    found = split(*asked, ceilings={A: 5000, B: 4000}, residual_payer=PAT)
    assert (parts(found), parts(found, role=Role.RESIDUAL)) == ({A: 5000, B: 4000}, {PAT: 3000})


@pytest.mark.parametrize(
    ("ceilings", "expected"),
    [
        ({A: 1000}, {A: 1000, B: 5500, C: 5500}),
        ({A: 1000, B: 5000}, {A: 1000, B: 5000, C: 6000}),  # B is above only once A is full
        ({A: 0}, {B: 6000, C: 6000}),
        ({A: 4000, B: 4000, C: 4000}, {A: 4000, B: 4000, C: 4000}),
    ],
)
def test_above_a_ceiling_the_others_bear_the_rest(ceilings, expected):
    found = split(lines_of(7000, 5000), equally([A, B, C]), ceilings=ceilings)
    assert cents_of(found.borne()) == expected


def test_a_ceiling_is_never_passed_by_a_rounded_cent():
    lines = lines_of(*[1] * 100)  # one of equals has the cent of each line
    found = split(lines, equally([A, B]), ceilings={A: 49})
    assert cents_of(found.borne()) == {A: 49, B: 51}


# -- subsidies ----------------------------------------------------------------------------------------------


def test_a_subsidy_up_to_its_ceiling_then_the_key():
    """96.35, of which 60 % would be 57.81: 40.00 at most, and the rest by three."""
    found = split(lines_of(9635), equally([A, B, C]), subsidies=[Subsidy(PAT, 6000, most_cents=4000)])
    assert parts(found, role=Role.SUBSIDY) == {PAT: 4000}
    assert sorted(parts(found).values()) == [1878, 1878, 1879]
    assert parts(split(lines_of(9635), equally([A]), subsidies=[Subsidy(PAT, 6000)]), role=Role.SUBSIDY) == {
        PAT: 5781
    }


def test_a_second_subsidy_takes_its_rate_of_what_remains():
    """150.01: 40 %, then 50 % of the rest, 20.00 at most, then three equal parts."""
    subsidies = [Subsidy(COMMUNE, 5000, priority=2, most_cents=2000), Subsidy(PAT, 4000, priority=1)]
    found = split(lines_of(15_001), equally([A, B, C]), subsidies=subsidies)
    assert parts(found, role=Role.SUBSIDY) == {PAT: 6000, COMMUNE: 2000}
    assert sorted(parts(found).values()) == [2333, 2334, 2334]


@pytest.mark.parametrize(
    ("ceilings", "granted"),
    [
        ({}, 5000),
        ({"most_cents": 4000}, 4000),
        ({"most_cents": 4000, "left_for_organisation": 3000}, 3000),
        ({"most_cents": 4000, "left_for_organisation": 3000, "envelope_left": 1999}, 1999),
        ({"envelope_left": 0}, None),
    ],
)
def test_the_lowest_ceiling_holds(ceilings, granted):
    found = split(lines_of(10_000), alone(A), subsidies=[Subsidy(PAT, 5000, **ceilings)])
    assert parts(found, role=Role.SUBSIDY).get(PAT) == granted
    assert sum(share.cents for share in found.shares) == 10_000


def test_two_subsidies_of_one_envelope_do_not_overdraw_it():
    both = [
        Subsidy(PAT, 5000, line_ids=frozenset({f"line-{n}"}), envelope_left=7000, envelope_id=4)
        for n in range(2)
    ]
    found = split(lines_of(10_000, 10_000), alone(A), subsidies=both)
    assert cents_of(found.borne()) == {PAT: 7000, A: 13_000}
    assert {share.envelope_id for share in found.shares if share.role is Role.SUBSIDY} == {4}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"rate_bp": 10_001}, "rate_bp"),
        ({"rate_bp": -1}, "rate_bp"),
        ({"most_cents": -1}, "most_cents"),
        ({"envelope_left": -1}, "envelope_left"),
    ],
)
def test_subsidies_that_cannot_be(facts, field):
    with pytest.raises(BadSubsidy) as refused:
        Subsidy(**{"payer_id": PAT, "rate_bp": 5000, **facts})
    assert refused.value.facts["field"] == field


def test_a_chain_with_logistics_subsidised_and_the_rest_by_weight():
    """Four legs of 165.12, of four payees: half of the first three from the PAT, the rest by 90, 60 and 30 kg."""
    van, cold, kitchen, producer = (
        CostLine(name, payee, Money(cents))
        for name, payee, cents in (
            ("van", 51, 2392),
            ("cold", 52, 2520),
            ("kitchen", 53, 3500),
            ("producer", 54, 8100),
        )
    )
    logistics = Subsidy(PAT, 5000, line_ids=frozenset({"van", "cold", "kitchen"}), most_cents=10_000)
    kilograms = by_meter({A: 90_000, B: 60_000, C: 30_000})
    found = split([van, cold, kitchen, producer], kilograms, subsidies=[logistics])

    granted = {share.line_id: share.cents for share in found.shares if share.role is Role.SUBSIDY}
    assert granted == {"van": 1196, "cold": 1260, "kitchen": 1750}
    assert [parts(found, name) for name in ("van", "cold", "kitchen", "producer")] == [
        {A: 598, B: 399, C: 199},
        {A: 630, B: 420, C: 210},
        {A: 875, B: 583, C: 292},
        {A: 4050, B: 2700, C: 1350},
    ]
    assert cents_of(found.borne()) == {PAT: 4206, A: 6153, B: 4102, C: 2051}


# -- to whom ------------------------------------------------------------------------------------------------


@pytest.mark.scenario(number="S14")
def test_what_each_payer_owes_to_each_payee():
    community, association, producer, shop = 1, 3, 10, 7
    lines = [
        CostLine("V1", community, Money(3520)), CostLine("S5", association, Money(720)),
        CostLine("V2", association, Money(1400)), CostLine("K1", community, Money(9600)),
    ]  # fmt: skip
    found = split(lines, by_percent({producer: 2000, shop: 5000, community: 3000}))
    assert cents_of(found.dues()) == {
        (producer, community): 2624, (shop, community): 6560,
        (producer, association): 424, (shop, association): 1060, (community, association): 636,
    }  # fmt: skip
    assert cents_of(found.own()) == {community: 3936}
    assert cents_of(found.borne()) == {producer: 3048, shop: 7620, community: 4572}


def test_lines_of_two_currencies_are_not_shared_together():
    with pytest.raises(CurrenciesMixed):
        split([CostLine("a", PAYEE, Money(1)), CostLine("b", PAYEE, Money(1, "CHF"))], alone(A))
    assert split([CostLine("b", PAYEE, Money(9, "CHF"))], alone(A)).borne() == {A: Money(9, "CHF")}


@pytest.mark.parametrize(
    "lines", [[CostLine("a", PAYEE, Money(1)), CostLine("a", PAYEE, Money(2))], lines_of(5, -1)]
)
def test_lines_that_no_caller_may_give(lines):
    with pytest.raises(ValueError, match=r"same id|below zero"):
        split(lines, alone(A))


def test_odd_cents_go_round():
    """With one order for all, the first of it would pay 3.33 too much here, and the others 1.67 too little."""
    found = split(lines_of(*[100] * 1000), equally([A, B, C]))
    assert sorted(cents_of(found.borne()).values()) == [33_333, 33_333, 33_334]


def test_over_many_charges_the_draw_is_fair():
    """Charges know nothing of each other: each draws its odd cent, so no order is favoured, and chance evens out."""
    borne: Counter[int] = Counter()
    for number in range(1000):
        found = split([CostLine(f"charge-{number}/0", PAYEE, Money(1000))], equally([A, B, C]))
        borne.update(cents_of(found.borne()))
    assert sum(borne.values()) == 1_000_000
    assert all(abs(cents - 1_000_000 / 3) < 50 for cents in borne.values()), borne


# -- giving back --------------------------------------------------------------------------------------------


def shares_of(*cents):
    return {Share("line-0", PAYEE, number, amount): amount for number, amount in enumerate(cents)}


def test_what_is_given_back_follows_what_is_left():
    left = shares_of(334, 333, 333)
    for asked in (100, 1, 1, 1, 500, 397):
        given = refund(asked, left)
        assert sum(given.values()) == asked
        left = {share: cents - given[share] for share, cents in left.items()}
        assert min(left.values()) >= 0
    assert set(left.values()) == {0}


@pytest.mark.parametrize("paid", [1050, 583])
def test_all_is_given_back_when_a_payment_comes_too_late(paid):
    (share,) = split(lines_of(paid), alone(A)).shares
    assert refund(paid, {share: paid}) == {share: paid}


def test_no_more_is_given_back_than_is_left():
    with pytest.raises(RefundTooLarge) as refused:
        refund(101, shares_of(60, 40))
    assert refused.value.facts == {"asked": 101, "left": 100}


def test_the_kinds_of_keys_are_told_apart():
    assert [key.kind for key in (equally([A]), alone(A), by_meter({A: 1}), SplitKey(KeyKind.WEIGHTS, {A: 1}))] == [
        "equal", "single", "metered", "weights",
    ]  # fmt: skip
