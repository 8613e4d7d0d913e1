"""Bills of a small town, without any database."""

from datetime import date
from typing import Any

from app.payments.documents.bill import Account, Bill, Line, Party
from app.payments.documents.factur_x import Said
from app.payments.documents.rules import Kind
from app.payments.tariffs.tariff import VatRegime

SELLER = Party(
    "Cuisine du Don", "1 rue du Four\n44460 Fégréac", "73282932000074", "FR44732829320", "cuisine@exemple.org"
)
BUYER = Party("Les Glaneurs", "2 quai de la Fosse\n44000 Nantes", "44306184100047")
IBAN = "FR7630006000011234567890189"


def line(cents: int, regime: VatRegime = VatRegime.STANDARD, bp: int = 2000, **facts: Any) -> Line:
    """What somebody bears of three hours in a kitchen."""
    given: dict[str, Any] = {
        "label": "Légumerie",
        "about": "Légumerie, mardi 3 novembre",
        "on": date(2026, 11, 3),
        "meter": "hour",
        "quantity_milli": 3250,
        "unit_cents": 1250,
        "whole_cents": 2 * cents,
        "cents": cents,
        "vat_regime": regime,
        "vat_bp": bp if regime == VatRegime.STANDARD else 0,
    }
    return Line(**(given | facts))


def bill(*lines: Line, regime: VatRegime = VatRegime.STANDARD, **facts: Any) -> Bill:
    """An invoice of November."""
    given: dict[str, Any] = {
        "kind": Kind.INVOICE,
        "number": "FA-2026-0001",
        "issued_on": date(2026, 12, 1),
        "starts_on": date(2026, 11, 3),
        "ends_on": date(2026, 11, 30),
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYER,
        "lines": lines,
        "account": Account("Cuisine du Don", IBAN, "AGRIFRPP", "MUT FA-2026-0001"),
        "mandated": True,
        "regime": regime,
    }
    return Bill(**(given | facts))


def said(of: Bill) -> Said:
    """Words enough for a bill to be valid."""
    return Said(
        [(each.label, "une part") for each in of.lines],
        {regime: f"Régime {regime}" for regime in VatRegime},
        "À payer sous 30 jours",
        "Indemnité de 40 €",
        "Trois fois le taux légal",
        "Pas d’escompte",
        ("Établie au nom du vendeur",),
    )
