"""What a tariff may say, and that its JSON says the same."""

import json

import pytest

from app.payments.amount_errors import BadTariff
from app.payments.tariffs.as_json import read, read_snapshot, snapshot, written
from app.payments.tariffs.measures import Use
from app.payments.tariffs.pricing import cents_of, price
from app.payments.tariffs.tariff import Meter, PeakHours, Tariff, TariffLine, Tier, VatRegime, When
from config import ROOT

HOUR = TariffLine(Meter.HOUR, 1200)
FRANCHISE = VatRegime.FRANCHISE
PEAKS = (PeakHours(480, 1080, frozenset({0, 4})),)
RICH = Tariff(
    (
        TariffLine(Meter.HOUR, 1200, "Heures pleines", When.PEAK, included_milli=10_000, step_milli=250),
        TariffLine(Meter.HOUR, 800, "Heures creuses", When.OFF_PEAK, minimum_milli=1000),
        TariffLine(Meter.KM, 60, tiers=(Tier(100_000, 50), Tier(300_000, 40))),
    ),
    VatRegime.STANDARD,
    vat_bp=2000,
    peaks=PEAKS,
    coefficients_bp={"P1": 4000, "P0": 0, "P4": 15_000},
)


def line(**facts):
    return {"lines": (TariffLine(**{"meter": Meter.HOUR, "unit_cents": 100, **facts}),)}


@pytest.mark.parametrize(
    ("facts", "field", "reason"),
    [
        ({"lines": ()}, "lines", "out_of_bounds"),
        ({"lines": (HOUR,) * 21}, "lines", "out_of_bounds"),
        (line(unit_cents=-1), "lines.0.unit_cents", "out_of_bounds"),
        (line(step_milli=-1), "lines.0.step_milli", "out_of_bounds"),
        (line(included_milli=2_000_000_000), "lines.0.included_milli", "out_of_bounds"),
        (line(label="x" * 121), "lines.0.label", "out_of_bounds"),
        (line(tiers=(Tier(0, 5),)), "lines.0.tiers.0.above_milli", "out_of_bounds"),
        (line(tiers=(Tier(20, 5), Tier(20, 4))), "lines.0.tiers", "tiers_not_rising"),
        (line(meter=Meter.DAY, when=When.PEAK), "lines.0.when", "not_by_the_hour"),
        ({"lines": (HOUR, TariffLine(Meter.HOUR, 100, when=When.PEAK))}, "peaks", "peak_hours_missing"),
        ({**line(when=When.PEAK), "peaks": PEAKS}, "lines", "other_hours_missing"),
        ({**line(when=When.OFF_PEAK), "peaks": PEAKS}, "lines", "other_hours_missing"),
        ({"peaks": (PeakHours(600, 600),)}, "peaks.0.end", "out_of_bounds"),
        ({"peaks": (PeakHours(-1, 600),)}, "peaks.0.start", "out_of_bounds"),
        ({"peaks": (PeakHours(1, 600, frozenset({7})),)}, "peaks.0.weekdays", "not_offered"),
        ({"vat_regime": VatRegime.STANDARD}, "vat_bp", "out_of_bounds"),
        ({"vat_bp": 2000}, "vat_bp", "vat_not_due"),
        ({"coefficients_bp": {"P9": 1}}, "coefficients_bp.P9", "not_offered"),
        ({"coefficients_bp": {"P1": -1}}, "coefficients_bp.P1", "out_of_bounds"),
        (
            {"lines": (TariffLine(Meter.STARTED_DAY, 1), TariffLine(Meter.STARTED_PERIOD, 1))},
            "lines",
            "both_started",
        ),
        ({"currency": "euro"}, "currency", "not_offered"),
    ],
)
def test_what_contradicts_itself_is_refused(facts, field, reason):
    with pytest.raises(BadTariff) as refused:
        Tariff(**{"lines": (HOUR,), "vat_regime": FRANCHISE, **facts})
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_peak_hours_may_add_to_a_price_for_all_hours():
    Tariff((HOUR, TariffLine(Meter.HOUR, 400, when=When.PEAK)), FRANCHISE, peaks=PEAKS)


@pytest.mark.parametrize(("priority", "bp"), [("P0", 0), ("P1", 4000), ("P2", 10_000), ("", 10_000)])
def test_a_class_without_a_coefficient_pays_the_whole(priority, bp):
    assert RICH.coefficient_of(priority) == bp


@pytest.mark.parametrize("tariff", [RICH, Tariff((HOUR,), FRANCHISE)])
def test_a_tariff_comes_back_from_its_json(tariff):
    form = json.loads(json.dumps(written(tariff)))
    assert read(form) == tariff
    assert written(read(form)) == form


def test_what_is_left_out_has_its_usual_meaning():
    form = {"vat_regime": "franchise_293B", "lines": [{"meter": "hour", "unit_cents": 1200}]}
    assert read(form) == Tariff((HOUR,), FRANCHISE)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (lambda form: form.pop("vat_regime"), "vat_regime", "missing"),
        (lambda form: form.update(vat_regime="none"), "vat_regime", "not_offered"),
        (lambda form: form.update(form=2), "form", "not_offered"),
        (lambda form: form.update(extra=1), "extra", "unknown_field"),
        (lambda form: form.update(lines={}), "lines", "no_list"),
        (lambda form: form.update(lines=[3]), "lines.0", "no_object"),
        (lambda form: form.update(vat_bp=True), "vat_bp", "not_whole"),
        (lambda form: form.update(currency=5), "currency", "no_text"),
        (lambda form: form.update(coefficients_bp={"P1": "0.4"}), "coefficients_bp.P1", "not_whole"),
        (lambda form: form["lines"][0].update(unit_cents=12.5), "lines.0.unit_cents", "not_whole"),
        (lambda form: form["lines"][0].update(meter="litre"), "lines.0.meter", "not_offered"),
        (lambda form: form["lines"][0].update(meter=["hour"]), "lines.0.meter", "not_offered"),
        (lambda form: form["lines"][2]["tiers"][1].update(x=1), "lines.2.tiers.1.x", "unknown_field"),
        (lambda form: form["peaks"][0].update(weekdays=[9]), "peaks.0.weekdays", "not_offered"),
        (lambda form: form["peaks"][0].pop("end"), "peaks.0.end", "missing"),
    ],
)
def test_json_that_is_no_tariff_is_refused_at_the_piece(change, field, reason):
    form = written(RICH)
    change(form)
    with pytest.raises(BadTariff) as refused:
        read(form)
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


@pytest.mark.parametrize("form", [None, [], "x", 3])
def test_only_an_object_is_a_tariff(form):
    with pytest.raises(BadTariff):
        read(form)


@pytest.mark.parametrize("milli", [1, 333, 100_001, 350_000])
def test_a_line_is_reckoned_again_from_what_it_has_kept(milli):
    tariff = Tariff(RICH.lines[2:], FRANCHISE, coefficients_bp={"P1": 3333})
    for line in price(tariff, [Use(km_milli=milli)], "P1"):
        kept = read_snapshot(json.loads(json.dumps(snapshot(tariff, line.quantity, line.tier))))
        assert kept == (tariff, line.quantity, line.tier)
        assert cents_of(kept.quantity, line.unit_cents, kept.tariff.coefficient_of("P1")) == line.cents


@pytest.mark.parametrize("quantity", ["1.5", "1/0", "-1", "", 3, "٣", "1/2/3", "9" * 31])
def test_a_quantity_that_is_not_exact_was_not_kept_by_us(quantity):
    with pytest.raises(BadTariff) as refused:
        read_snapshot({"tariff": written(RICH), "quantity": quantity})
    assert refused.value.facts == {"field": "quantity", "reason": "not_exact"}


@pytest.mark.parametrize("tier", [[1], "1", [0, "x"], [None, 1]])
def test_bounds_of_a_tier_are_numbers(tier):
    with pytest.raises(BadTariff) as refused:
        read_snapshot({"tariff": written(RICH), "quantity": "1", "tier": tier})
    assert refused.value.facts == {"field": "tier", "reason": "not_whole"}


def test_the_example_of_the_documentation_is_a_tariff():
    text = (ROOT / "docs/money.md").read_text()
    form = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert written(read(form)) == form
