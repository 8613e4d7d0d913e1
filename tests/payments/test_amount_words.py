"""Every amount that cannot be worked out has its sentence: why, and what instead, in both languages."""

import pytest
from flask import Flask

from app.core.errors import DomainError
from app.core.money import CurrenciesMixed
from app.payments import amount_errors, amount_words
from app.payments.amount_errors import (
    BadSplitKey,
    BadSubsidy,
    BadTariff,
    BadUse,
    NobodyBears,
    NotMeasured,
    RefundTooLarge,
    Unfunded,
)
from app.web.i18n import speaking
from app.web.words import explain, has_words

REFUSALS = [
    (CurrenciesMixed(one="EUR", other="CHF"), "On ne peut pas additionner des montants en EUR et en CHF."),
    (
        BadTariff(field="lines.0.unit_cents", reason="out_of_bounds", min=0, max=10_000_000),
        "de 0,00 € à 100 000,00 €",
    ),
    (
        BadTariff(field="lines.0.step_milli", reason="out_of_bounds", min=0, max=1_000_000_000),
        "de 0 à 1 000 000.",
    ),
    (BadTariff(field="coefficients_bp.P1", reason="out_of_bounds", min=0, max=100_000), "de 0 à 1 000."),
    (BadTariff(field="vat_bp", reason="out_of_bounds", min=1, max=10_000), "de 0,01 à 100."),
    (BadTariff(field="lines.0.label", reason="out_of_bounds", min=0, max=120), "120"),
    (BadTariff(field="peaks.0.end", reason="out_of_bounds", min=481, max=1440), "commencent avant de finir"),
    (BadTariff(field="lines", reason="out_of_bounds", min=1, max=20), "de 1 à 20"),
    (BadTariff(field="lines", reason="both_started"), "Gardez l’un des deux."),
    (BadTariff(field="lines.0.tiers", reason="tiers_not_rising"), "du plus bas au plus haut"),
    (BadTariff(field="lines.0.when", reason="not_by_the_hour"), "à l’heure"),
    (BadTariff(field="peaks", reason="peak_hours_missing"), "quelles heures sont pleines"),
    (BadTariff(field="lines", reason="other_hours_missing"), "0 si elles sont gratuites"),
    (BadTariff(field="vat_bp", reason="vat_not_due"), "pas de TVA"),
    (BadTariff(field="vat_regime", reason="not_offered"), "une valeur de la liste"),
    (BadTariff(field="lines.0.unit_cents", reason="price_missing"), "Indiquez un prix, 0 si c’est gratuit"),
    (BadTariff(field="lines.0.tiers.0.above_milli", reason="limit_missing"), "au-delà de quelle quantité"),
    (BadTariff(field="lines.0.unit_cents", reason="not_a_number"), "Indiquez un nombre"),
    (BadTariff(field="lines.0.unit_cents", reason="too_fine"), "au plus deux décimales"),
    (BadTariff(field="vat_regime", reason="regime_missing"), "sous quel régime de TVA"),
    (BadTariff(field="peaks.0.weekdays", reason="days_missing"), "Cochez les jours"),
    (BadTariff(field="starts_on", reason="bad_day"), "Indiquez un jour"),
    (BadTariff(field="starts_on", reason="past_day"), "à partir d’aujourd’hui"),
    (BadTariff(field="starts_on", reason="far_day"), "trop loin"),
    (BadTariff(field="lines", reason="too_many"), "Enlevez-en un"),
    (BadTariff(field="extra", reason="unknown_field"), "« extra » n’est pas écrit comme dans un tarif."),
    (BadUse(field="units", min=1), "inférieur à 1"),
    (NotMeasured(meter="km"), "les kilomètres"),
    (NotMeasured(meter="kg"), "les kilogrammes"),
    (NotMeasured(meter="kwh"), "l’électricité"),
    (NotMeasured(meter="person"), "les personnes"),
    (NotMeasured(meter="started_day"), "le début et la fin"),
    (BadSplitKey(reason="percent_total", total_bp=8050), "80,5 % au total ; il faut 100 %"),
    (BadSplitKey(reason="nobody"), "au moins une structure"),
    (BadSplitKey(reason="below_zero"), "indiquez 0"),
    (BadSplitKey(reason="ceiling_below_zero"), "plafond"),
    (BadSplitKey(reason="several"), "1 sur sa ligne"),
    (BadSplitKey(reason="residual_ceiling"), "n’a pas de plafond"),
    (BadSplitKey(reason="unknown_tier"), "l’une des tranches"),
    (BadSubsidy(field="rate_bp", min=0, max=10_000), "de 0 à 100 % d’un coût"),
    (BadSubsidy(field="most_cents", min=0, max=None), "plafond"),
    (NobodyBears(cents=1234), "Personne ne prend en charge le coût de 12,34 €"),
    (Unfunded(cents=3000), "30,00 €"),
    (RefundTooLarge(asked=101, left=100), "1,00 € au plus, et 1,01 € sont demandés"),
]


def plain(text: str) -> str:
    """Write spaces that do not break as ordinary ones."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_every_refusal_has_words():
    kinds = {
        each
        for each in vars(amount_errors).values()
        if isinstance(each, type)
        and issubclass(each, DomainError)
        and each.__module__ == amount_errors.__name__
    } | {CurrenciesMixed}
    assert {kind.code for kind in kinds if not has_words(kind.code)} == set()
    assert {type(error) for error, _ in REFUSALS} == kinds
    assert set(amount_words._IN_A_TARIFF) <= {error.facts.get("reason") for error, _ in REFUSALS}
    assert set(amount_words._IN_A_KEY) <= {error.facts.get("reason") for error, _ in REFUSALS}


@pytest.mark.parametrize(("error", "french"), REFUSALS)
def test_a_refusal_says_why_and_what_instead(app: Flask, error, french):
    with app.test_request_context():
        with speaking("fr"):
            assert french in plain(explain(error))
        with speaking("en"):
            words = plain(explain(error))
    assert words.endswith(".")
    assert "%(" not in words
    assert "%%" not in words
