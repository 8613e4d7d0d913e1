"""What a use costs: every worked case, and each rule of a tariff line by tables."""

from datetime import datetime
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pytest

from app.core.money import Money
from app.core.span import Span
from app.payments.amount_errors import BadUse, NotMeasured
from app.payments.tariffs.measures import Stay, Use, measured
from app.payments.tariffs.pricing import price, total, waived
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, Tier, VatRegime, When

PARIS = ZoneInfo("Europe/Paris")
FREE_OF_VAT = VatRegime.FRANCHISE
WEEK = frozenset(range(5))


def stay(start, end, zone=PARIS):
    return Stay(Span.of_walls(datetime.fromisoformat(start), datetime.fromisoformat(end), zone), zone)


def tariff_of(*lines, **facts):
    return Tariff(lines, FREE_OF_VAT, **facts)


def cents_of(tariff, *uses, priority=""):
    return [line.cents for line in price(tariff, uses, priority)]


VAN = tariff_of(TariffLine(Meter.HOUR, 500), TariffLine(Meter.KM, 60))
COLD = tariff_of(TariffLine(Meter.PALLET_DAY, 120))
INSULATED = tariff_of(TariffLine(Meter.HOUR, 400), TariffLine(Meter.KM, 50))
KITCHEN = tariff_of(
    TariffLine(Meter.HOUR, 1200, when=When.PEAK), TariffLine(Meter.HOUR, 800, when=When.OFF_PEAK),
    peaks=(PeakHours(8 * 60, 18 * 60, WEEK),),
)  # fmt: skip
CHAIN = (
    (VAN, Use(stay("2026-09-14 13:00", "2026-09-14 15:00"), km_milli=42_000), [1000, 2520]),
    (COLD, Use(stay("2026-09-14", "2026-09-17"), units=2), [720]),
    (INSULATED, Use(stay("2026-09-16 06:00", "2026-09-16 07:00"), km_milli=20_000), [400, 1000]),
    (KITCHEN, Use(stay("2026-09-16 08:00", "2026-09-16 16:00")), [9600]),
)


@pytest.mark.scenario(number="S13")
@pytest.mark.parametrize(("tariff", "use", "cents"), CHAIN)
def test_what_each_leg_of_a_chain_costs(tariff, use, cents):
    assert cents_of(tariff, use) == cents


@pytest.mark.scenario(number="S13")
def test_what_a_chain_costs():
    assert Money.total(total(tariff, price(tariff, [use])) for tariff, use, _ in CHAIN) == Money(15240)


@pytest.mark.parametrize(
    ("line", "use", "cents"),
    [
        pytest.param(
            TariffLine(Meter.HOUR, 1250),
            Use(stay("2026-10-06 09:00", "2026-10-06 12:15")),
            4063,
            id="3 h 15 of a kitchen at 12.50",
        ),
        pytest.param(TariffLine(Meter.KM, 52), Use(km_milli=46_000), 2392, id="46 km of a van at 0.52"),
        pytest.param(
            TariffLine(Meter.PALLET_DAY, 420),
            Use(stay("2026-10-06", "2026-10-09"), units=2),
            2520,
            id="2 pallets for 3 days at 4.20",
        ),
        pytest.param(
            TariffLine(Meter.HOUR, 1400),
            Use(stay("2026-10-06 09:00", "2026-10-06 11:30")),
            3500,
            id="2 h 30 of a kitchen at 14.00",
        ),
        pytest.param(TariffLine(Meter.KG, 45), Use(kg_milli=180_000), 8100, id="180 kg at 0.45"),
        pytest.param(TariffLine(Meter.KWH, 25), Use(kwh_milli=26_300), 658, id="26.3 kWh: 6.575, half up"),
        pytest.param(
            TariffLine(Meter.HOUR, 1500),
            Use(stay("2026-10-06 09:00", "2026-10-06 10:40")),
            2500,
            id="an exact 5/3 of an hour",
        ),
        pytest.param(TariffLine(Meter.PERSON, 350), Use(persons=12), 4200, id="12 persons at 3.50"),
        pytest.param(TariffLine(Meter.USE, 400), Use(), 400, id="a use at 4.00"),
    ],
)
def test_worked_prices(line, use, cents):
    assert cents_of(tariff_of(line), use) == [cents]


def test_a_class_pays_its_coefficient_of_the_exact_price():
    """3 h 15 at 12.50 are 40.63; a small association pays 0.40 of the exact 40.625: 16.25."""
    tariff = tariff_of(TariffLine(Meter.HOUR, 1250), coefficients_bp={"P1": 4000})
    use = Use(stay("2026-10-06 09:00", "2026-10-06 12:15"))
    assert (cents_of(tariff, use, priority="P1"), cents_of(tariff, use, priority="P4")) == ([1625], [4063])
    (line,) = price(tariff, [use], "P1")
    assert (line.public_cents, line.in_kind_cents) == (4063, 2438)


@pytest.mark.parametrize(
    ("meter", "quantity", "cents"),
    [
        pytest.param(Meter.STARTED_DAY, 12, 5040, id="four days of the calendar: 50.40"),
        pytest.param(Meter.STARTED_PERIOD, 9, 3780, id="three periods of 24 hours: 37.80"),
    ],
)
def test_a_tariff_says_which_days_are_started(meter, quantity, cents):
    """Three pallets from the 26th at 18:00 to the 29th at 9:00, at 4.20."""
    (line,) = price(
        tariff_of(TariffLine(meter, 420)), [Use(stay("2026-10-26 18:00", "2026-10-29 09:00"), units=3)]
    )
    assert (line.quantity, line.cents) == (quantity, cents)


def test_hours_that_a_membership_includes_are_not_charged():
    """12 h 15, of which 10 h are included, at 11.00: 24.75."""
    tariff = tariff_of(TariffLine(Meter.HOUR, 1100, included_milli=10_000))
    used = [
        Use(stay("2026-10-06 08:00", "2026-10-06 16:00")), Use(stay("2026-10-13 08:00", "2026-10-13 12:15"))
    ]  # fmt: skip
    assert cents_of(tariff, *used) == [2475]
    assert cents_of(tariff, used[0]) == []


@pytest.mark.scenario(number="S30")
def test_what_is_free_has_its_public_price_in_kind():
    tariff = tariff_of(TariffLine(Meter.HOUR, 1200), coefficients_bp={"P1": 0})
    dates = [Use(stay(f"2026-10-{day:02} 08:00", f"2026-10-{day:02} 18:00")) for day in range(1, 13)]
    lines = price(tariff, dates, "P1")
    assert [(line.quantity_milli, line.cents, line.in_kind_cents) for line in lines] == [
        (120_000, 0, 144_000)
    ]
    assert [waived(line) for line in price(tariff, dates)] == lines


# -- what is charged of what is measured --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "km", "charged"),
    [
        ({}, 12_345, Fraction(12_345, 1000)),
        ({"step_milli": 500}, 12_345, Fraction(25, 2)),
        ({"step_milli": 500}, 12_500, Fraction(25, 2)),
        ({"minimum_milli": 20_000}, 12_345, 20),
        ({"included_milli": 10_000, "step_milli": 1000}, 12_345, 3),
        ({"included_milli": 10_000, "step_milli": 1000, "minimum_milli": 5000}, 12_345, 5),
        ({"included_milli": 9_500, "step_milli": 1000}, 12_345, 3),  # 2.845 is rounded up, not 12.345
        ({"included_milli": 12_345, "minimum_milli": 5000}, 12_345, 0),  # nothing left, nothing charged
        ({"minimum_milli": 5000}, 0, 0),
    ],
)
def test_included_first_then_the_step_then_the_minimum(rules, km, charged):
    lines = price(tariff_of(TariffLine(Meter.KM, 100, **rules)), [Use(km_milli=km)])
    assert sum(line.quantity for line in lines) == charged


@pytest.mark.parametrize(
    ("km", "lines"),
    [
        (0, []),
        (80_000, [(80, 60)]),
        (100_000, [(100, 60)]),
        (100_001, [(100, 60), (Fraction(1, 1000), 50)]),
        (350_000, [(100, 60), (200, 50), (50, 40)]),
    ],
)
def test_each_tier_has_its_own_price_for_what_is_in_it(km, lines):
    tariff = tariff_of(TariffLine(Meter.KM, 60, tiers=(Tier(100_000, 50), Tier(300_000, 40))))
    assert [(line.quantity, line.unit_cents) for line in price(tariff, [Use(km_milli=km)])] == lines


def test_what_is_charged_once_and_what_each_time():
    tariff = tariff_of(TariffLine(Meter.USE, 300, "Ménage"), TariffLine(Meter.FLAT, 1000, "Dossier"))
    assert cents_of(tariff, Use(), Use(), Use()) == [900, 1000]
    assert cents_of(tariff) == []


def test_quantities_are_shown_in_thousandths_and_priced_exactly():
    (line,) = price(
        tariff_of(TariffLine(Meter.HOUR, 10_000)), [Use(stay("2026-10-06 09:00", "2026-10-06 09:20"))]
    )
    assert (line.quantity, line.quantity_milli, line.cents) == (Fraction(1, 3), 333, 3333)


def test_vat_is_inside_what_is_paid():
    tariff = Tariff((TariffLine(Meter.FLAT, 12_000),), VatRegime.STANDARD, vat_bp=2000)
    (line,) = price(tariff, [Use()])
    assert (line.cents, line.vat_cents, line.vat_regime) == (12_000, 2000, VatRegime.STANDARD)
    (line,) = price(tariff_of(TariffLine(Meter.FLAT, 12_000)), [Use()])
    assert line.vat_cents == 0


# -- what is measured ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meter", "start", "end", "counted"),
    [
        (Meter.HOUR, "2026-10-06 09:00", "2026-10-06 12:15", Fraction(13, 4)),
        (Meter.HOUR, "2026-10-24 22:00", "2026-10-25 06:00", 9),  # the clocks go back
        (Meter.HOUR, "2027-03-27 22:00", "2027-03-28 06:00", 7),  # and forward
        (Meter.DAY, "2026-10-25", "2026-10-26", 1),  # 25 hours
        (Meter.DAY, "2026-10-06 09:00", "2026-10-06 15:00", Fraction(1, 4)),
        (Meter.STARTED_DAY, "2026-10-06", "2026-10-07", 1),
        (Meter.STARTED_DAY, "2026-10-06 23:30", "2026-10-07 00:30", 2),
        (Meter.STARTED_PERIOD, "2026-10-06 23:30", "2026-10-07 00:30", 1),
        (Meter.STARTED_PERIOD, "2026-10-24 08:00", "2026-10-25 08:00", 1),  # 25 hours, one day on the wall
        (Meter.STARTED_PERIOD, "2026-10-06 08:00", "2026-10-07 08:01", 2),
        (Meter.HALF_DAY, "2026-10-06 08:00", "2026-10-06 13:00", 1),
        (Meter.HALF_DAY, "2026-10-06 13:00", "2026-10-06 18:00", 1),
        (Meter.HALF_DAY, "2026-10-06 09:00", "2026-10-06 17:00", 2),
        (Meter.HALF_DAY, "2026-10-06 14:00", "2026-10-08 12:00", 4),
        (Meter.MONTH, "2027-03-01", "2027-11-01", 8),
        (Meter.MONTH, "2026-12-01", "2027-02-01", 2),
        (Meter.MONTH, "2027-03-17", "2027-04-11", Fraction(15, 31) + Fraction(10, 30)),
        (Meter.PALLET_DAY, "2026-10-06", "2026-10-09", 3),
    ],
)
def test_how_a_stay_is_measured(meter, start, end, counted):
    assert measured(meter, [Use(stay(start, end))]) == counted
    assert measured(meter, [Use(stay(start, end), units=3)]) == 3 * counted


@pytest.mark.parametrize("meter", [Meter.STARTED_DAY, Meter.STARTED_PERIOD, Meter.HALF_DAY])
def test_a_stay_while_the_clocks_go_back_counts_as_one(meter):
    first, last = datetime(2026, 10, 25, 2, 50), datetime(2026, 10, 25, 2, 20, fold=1)
    short = Stay(Span(first.replace(tzinfo=PARIS), last.replace(tzinfo=PARIS)), PARIS)
    assert measured(meter, [Use(short)]) == 1
    assert measured(Meter.HOUR, [Use(short)]) == Fraction(1, 2)
    assert measured(Meter.DAY, [Use(short)]) == Fraction(1, 48)
    assert measured(Meter.MONTH, [Use(short)]) == Fraction(1, 48 * 31)


@pytest.mark.parametrize(
    ("meter", "use"),
    [
        (Meter.KM, Use()),
        (Meter.KG, Use()),
        (Meter.KWH, Use()),
        (Meter.PERSON, Use()),
        (Meter.HOUR, Use(km_milli=1)),
    ],
)
def test_what_nobody_measured_is_not_free(meter, use):
    with pytest.raises(NotMeasured) as refused:
        price(tariff_of(TariffLine(meter, 100)), [use])
    assert refused.value.facts == {"meter": meter}


@pytest.mark.parametrize("facts", [{"units": 0}, {"km_milli": -1}, {"persons": -3}])
def test_nothing_is_used_backwards(facts):
    with pytest.raises(BadUse) as refused:
        Use(**facts)
    assert refused.value.facts["field"] in facts


# -- peak hours ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "peak", "off_peak"),
    [
        ("2026-10-06 09:00", "2026-10-06 12:00", 3, 0),
        ("2026-10-06 06:00", "2026-10-06 08:00", 0, 2),
        ("2026-10-06 07:00", "2026-10-06 09:30", Fraction(3, 2), 1),
        ("2026-10-06 17:00", "2026-10-07 09:00", 2, 14),
        ("2026-10-09 17:00", "2026-10-12 09:00", 2, 62),  # a week-end in between
        ("2026-10-23 17:00", "2026-10-26 09:00", 2, 63),  # in which the clocks go back
    ],
)
def test_a_stay_across_peak_hours_is_cut_on_the_wall(start, end, peak, off_peak):
    found = [(line.when, line.unit_cents, line.quantity) for line in price(KITCHEN, [Use(stay(start, end))])]
    both = [(When.PEAK, 1200, peak), (When.OFF_PEAK, 800, off_peak)]
    assert found == [each for each in both if each[2]]


def counted_slowly(whole, peaks):
    """Tell the same, slowly: look at the wall every five minutes."""
    start, end = whole.span.epochs
    inside = 0
    for epoch in range(start, end, 300):
        wall = datetime.fromtimestamp(epoch, PARIS)
        minute = wall.hour * 60 + wall.minute
        inside += any(wall.weekday() in peak.weekdays and peak.start <= minute < peak.end for peak in peaks)
    return Fraction(inside, 12)


def test_peak_and_off_peak_hours_are_all_hours_and_none_twice():
    dice = Random(11)
    changes = [datetime(2026, 10, 25), datetime(2027, 3, 28), datetime(2026, 12, 5)]
    for _ in range(300):
        peaks = []
        for _ in range(dice.randrange(1, 3)):
            first = dice.randrange(0, 280) * 5
            peaks.append(
                PeakHours(
                    first,
                    dice.randrange(first + 5, 1441, 5),
                    frozenset(dice.sample(range(7), dice.randrange(1, 8))),
                )
            )
        base = int(dice.choice(changes).replace(tzinfo=PARIS).timestamp())
        begin = base + dice.randrange(-300, 300) * 300
        whole = Stay(Span.of_epochs(begin, begin + dice.randrange(1, 700) * 300), PARIS)
        use, hours = [Use(whole)], Fraction(whole.span.seconds, 3600)
        peak = measured(Meter.HOUR, use, When.PEAK, peaks)
        assert peak == counted_slowly(whole, peaks)
        assert peak + measured(Meter.HOUR, use, When.OFF_PEAK, peaks) == hours


def test_a_line_of_a_tier_tells_between_which_quantities_its_price_holds():
    """Also where another tier, or another line of the same meter, has the same price."""
    again = (Tier(100_000, 50), Tier(200_000, 60))
    by_km = Tariff((TariffLine(Meter.KM, 60, tiers=again),), VatRegime.FRANCHISE)
    assert [line.tier for line in price(by_km, [Use(km_milli=250_000)])] == [
        (0, 100_000), (100_000, 200_000), (200_000, None),
    ]  # fmt: skip
    peak = TariffLine(Meter.HOUR, 500, when=When.PEAK, tiers=(Tier(4_000, 400),))
    calm = TariffLine(Meter.HOUR, 400, when=When.OFF_PEAK, tiers=(Tier(8_000, 300),))
    by_hour = Tariff((peak, calm), VatRegime.FRANCHISE, peaks=(PeakHours(480, 1080),))
    (line,) = price(by_hour, [Use(stay("2026-10-06 19:00", "2026-10-06 22:00"))])
    assert (line.unit_cents, line.tier) == (400, (0, 8_000))
    (plain,) = price(tariff_of(TariffLine(Meter.KM, 60)), [Use(km_milli=1_000)])
    assert plain.tier is None
