"""A small town whose kitchen bills: its terms, its mandate, and what is owed to it."""

from fractions import Fraction
from itertools import count
from typing import Any

from app.accounts.models import LegalNature
from app.core.money import WHOLE_BP
from app.core.policy import Actor
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.documents import service
from app.payments.models import Due
from app.payments.queries import dues_of
from app.payments.service import NewLine
from app.payments.splits.keys import alone
from app.payments.splits.splitting import split
from app.payments.tariffs.pricing import PricedLine
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime, When
from tests.payments.books import Town

_NUMBERS = count(1)
IBAN = "FR7630006000011234567890189"
SIRETS = {"kitchen": "73282932000074", "a": "44306184100047"}


class BillingTown(Town):
    """The kitchen is paid by transfer; a, b and c owe it something."""

    def __init__(self, *, mandate: bool = True, regime: VatRegime = VatRegime.FRANCHISE) -> None:
        super().__init__("kitchen", "a", "b", "c", "hall")
        for name, given in (("kitchen", "Cuisine du Don"), ("a", "Les Glaneurs"), ("hall", "Mairie")):
            self.rename(name, given)
        with atomic():
            self.named["hall"].legal_nature = LegalNature.PUBLIC
        coordination = Actor(coordinated=frozenset({self.territory_id}))
        payments.switch_money(coordination, self.territory_id, is_on=True)
        self.says("kitchen", vat_regime=regime)
        for name in ("a", "b", "c"):
            self.says(name, methods=())
        if mandate:
            service.accept_mandate(self.keeper("kitchen"), self.ids["kitchen"])

    def rename(self, name: str, given: str) -> None:
        """Give one a name that can be read."""
        with atomic():
            self.named[name].name, self.named[name].slug = given, name
        self.slugs[name] = name

    def keeper(self, name: str) -> Actor:
        """Who keeps the accounts of one."""
        return Actor(memberships={self.ids[name]: "treasurer"})

    def says(self, name: str, **facts: Any) -> None:
        """Let one say how it is paid, and who it is on bills."""
        given: dict[str, Any] = {
            "legal_name": self.named[name].name,
            "address": "1 rue du Four\n44460 Fégréac",
            "methods": (Method.TRANSFER,),
            "iban": IBAN,
            "siret": SIRETS.get(name, ""),
            "vat_number": "",
        }
        payments.say_terms(self.keeper(name), self.ids[name], payments.Terms(**(given | facts)))

    def billed(
        self,
        payer: str,
        cents: int,
        regime: VatRegime = VatRegime.FRANCHISE,
        bp: int = 0,
        *,
        payee: str = "kitchen",
        key: str = "",
        on: str = "",
        corrects: str = "",
    ) -> Due:
        """Let one owe the kitchen so much, under a regime of VAT."""
        key, tariff = key or f"billed-{next(_NUMBERS)}", Tariff((TariffLine(Meter.FLAT, cents),), regime, bp)
        flat = (Meter.FLAT, When.ALWAYS, Fraction(1), cents, WHOLE_BP, cents, cents, regime, bp)
        line = NewLine(f"{key}/1", self.ids[payee], PricedLine("Légumerie", *flat), tariff)
        shared = split([line.cost], alone(self.ids[payer]))
        facts = (self.territory_id, self.ids[payer], "booking", "F1", (line,), shared)
        new = payments.NewCharge(key, *facts, snapshot={"on": on, "corrects": corrects})
        return dues_of(payments.post_charge(new).id)[0]

    def issue(self, payer: str, payee: str = "kitchen", **how: Any) -> list[Any]:
        """Issue what one is to have."""
        return service.issue(self.ids[payee], self.ids[payer], **how)
