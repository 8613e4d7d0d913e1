"""Every refusal about money has its sentence: why, and what instead, in both languages."""

import pytest

from app.core.errors import DomainError
from app.payments import errors
from app.payments.errors import (
    BadAmount,
    BadEnvelope,
    BadPayeeTerms,
    BudgetChanged,
    BudgetTooLow,
    CannotMeasure,
    CannotShare,
    CostsCharged,
    CreditTooLarge,
    DisputeClosed,
    DuesMixed,
    EnvelopeShort,
    HoldEnded,
    KeyReused,
    MoreThanOwed,
    NotCharged,
    NothingOwed,
    PaidByDeposit,
    PaidOnline,
    PaymentDisputed,
    PaymentUnderWay,
    SetOff,
    ShareAnswered,
    ShareChanged,
    TakenBackWhole,
    TakenOver,
)
from app.payments.tariffs.tariff import PeakHours
from app.payments.tariffs.words import peak_words
from app.web.i18n import speaking
from app.web.words import explain, has_words

REFUSALS = [
    (KeyReused(key="pi_1", field="cents", found=1, asked=2), "« pi_1 » a déjà servi"),
    (
        EnvelopeShort(name="Aide", left=300, asked=301),
        "Il reste 3,00 € dans l’enveloppe « Aide », et il faut 3,01 €.",
    ),
    (BudgetTooLow(asked=699, least=700), "Indiquez au moins 7,00 €."),
    (BadEnvelope(reason="period"), "ses deux dates"),
    (BadEnvelope(reason="budget"), "à partir de 0"),
    (BadEnvelope(reason="overlap"), "existe déjà"),
    (HoldEnded(state="spent"), "Annulez cette facturation"),
    (HoldEnded(state="released"), "a été abandonné"),
    (BadAmount(cents=-5), "celui-ci est de -0,05 €"),
    (DuesMixed(), "un paiement pour chacune"),
    (CreditTooLarge(asked=601, left=600), "6,00 € au plus"),
    (PaymentDisputed(disputed=600, left=400), "6,00 € de ce paiement sont en litige : seuls 4,00 €"),
    (CostsCharged(), "demandez un avoir"),
    (ShareAnswered(), "de partager le coût autrement"),
    (CannotShare(reason="not_active", name="Graines"), "Graines ne participe plus."),
    (CannotShare(reason="twice", name=""), "figure deux fois"),
    (CannotShare(reason="elsewhere", name=""), "de ce territoire"),
    (CannotMeasure(field="km", min=0, max=5000), "de 0 à 5"),
    (DisputeClosed(state="won"), "en faveur"),
    *(
        (BadPayeeTerms(field=field, reason="wrong"), "Recopiez")
        for field in ("siret", "vat_number", "iban", "bic", "payfip_url")
    ),
    (BadPayeeTerms(field="legal_name", reason="lacking"), "Indiquez"),
    *(
        (BadPayeeTerms(field=field, reason="lacking"), "ou retirez")
        for field in ("iban", "address", "payfip_url")
    ),
    (BadPayeeTerms(field="methods", reason="public_cash"), "PayFiP"),
    (PaidOnline(), "Remboursez"),
    (NothingOwed(), "Il n’y a rien à payer"),
    (MoreThanOwed(left=0), "tout ce que vous devez"),
    (MoreThanOwed(left=500), "5,00 €"),
    (SetOff(), "compens"),
    (PaidByDeposit(), "caution"),
    (TakenBackWhole(cents=3000), "30,00 €"),
    (TakenOver(), ""),
    (ShareChanged(cents=1800), "18,00 €"),
    (NotCharged(), "rien à reprendre"),
    (TakenBackWhole(field="in_full", cents=6000), "sauf si vous cochez"),
    (BudgetChanged(cents=200_000), "2 000,00 €"),
    (BudgetChanged(cents=None), "n’attend plus votre accord"),
    (PaymentUnderWay(cents=1200, state="asked"), "12,00 €"),
    (PaymentUnderWay(cents=1200, state="started"), "prélèvement de 12,00 €"),
]


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("−", "-")


def test_every_refusal_has_words():
    kinds = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, DomainError) and each.__module__ == errors.__name__
    }
    assert kinds == {type(error) for error, _ in REFUSALS}
    assert all(has_words(kind.code) for kind in kinds)


@pytest.mark.parametrize(("error", "words"), REFUSALS)
def test_it_says_why_and_what_instead(app, error, words):
    with app.test_request_context(), speaking("fr"):
        assert words in plain(explain(error))
    with app.test_request_context(), speaking("en"):
        english = plain(explain(error))
    assert english.count(". ") + english.count("? ") >= 1 or "; " in english or ": " in english
    assert not any(word in english for word in ("None", "{", "%("))


@pytest.mark.parametrize(("language", "days"), [("fr", "lundi, mardi"), ("en", "Monday, Tuesday")])
def test_days_of_the_week_are_written_as_the_language_does(app, language, days):
    with app.test_request_context(), speaking(language):
        assert peak_words(PeakHours(480, 1080, frozenset({0, 1}))).startswith(f"{days}, ")
