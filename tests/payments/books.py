"""A small territory of money for tests: who pays whom, and charges of a few lines."""

from datetime import date, datetime
from fractions import Fraction
from itertools import count
from typing import Any

from sqlalchemy import select, text

from app.accounts.models import Organisation, Territory
from app.core.money import WHOLE_BP
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.checking import broken
from app.payments.books.postings import Account, Method
from app.payments.models import Charge, Due, Envelope, TariffVersion
from app.payments.queries import balances, dues_of, tariffs_at
from app.payments.splits.keys import SplitKey, alone
from app.payments.splits.splitting import split
from app.payments.tariffs.pricing import PricedLine
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime, When
from tests.databases import KIND
from tests.factories import a_territory, an_organisation

TARIFF = Tariff((TariffLine(Meter.FLAT, 1),), VatRegime.OUT_OF_SCOPE)
_numbers = count(1)


def flat_line(payee_id: int, cents: int, key: str = "", **facts: Any) -> service.NewLine:
    """A line that costs so many cents, whatever for."""
    flat = PricedLine(
        "Forfait",
        Meter.FLAT,
        When.ALWAYS,
        Fraction(cents),
        1,
        WHOLE_BP,
        cents,
        cents,
        VatRegime.OUT_OF_SCOPE,
        0,
    )
    return service.NewLine(key or f"line-{next(_numbers)}", payee_id, flat, TARIFF, **facts)


def owe(territory_id: int, payer_id: int, payee_id: int, cents: int) -> Due:
    """Let an organisation owe another so much."""
    line, number = flat_line(payee_id, cents), next(_numbers)
    shared = split([line.cost], alone(payer_id))
    new = service.NewCharge(
        f"charge-{number}", territory_id, payer_id, "booking", f"B{number}", (line,), shared
    )
    return dues_of(service.post_charge(new).id)[0]


def find_tariff(resource_id: int, at: datetime) -> TariffVersion | None:
    """Find the tariff of a resource that is in force at an instant."""
    return tariffs_at([resource_id], at).get(resource_id)


def find_charges(subject_kind: str, subject_ref: str) -> list[Charge]:
    """List what was charged for a subject, the oldest first."""
    mine = select(Charge).filter_by(subject_kind=subject_kind, subject_ref=subject_ref)
    return [*db.session.scalars(mine.order_by(Charge.id))]


class Town:
    """A territory, the organisations of which are known by short names."""

    def __init__(self, *names: str) -> None:
        self.territory: Territory = a_territory()
        self.named: dict[str, Organisation] = {name: an_organisation(self.territory) for name in names}
        self.ids = {name: organisation.id for name, organisation in self.named.items()}
        self.slugs = {name: organisation.slug for name, organisation in self.named.items()}
        self.territory_id = self.territory.id

    def line(self, payee: str, cents: int, key: str = "", **facts: Any) -> service.NewLine:
        """A line that costs so many cents, whatever for."""
        return flat_line(self.ids[payee], cents, key, **facts)

    def charge(
        self,
        *lines: service.NewLine,
        by: SplitKey,
        key: str = "",
        hold_keys: tuple[str, ...] = (),
        **how: Any,
    ) -> Charge:
        """Share some lines by a key, and charge them."""
        shared = split([line.cost for line in lines], by, **how)
        number = next(_numbers)
        new = service.NewCharge(
            key or f"charge-{number}", self.territory_id, next(iter(by.weights)), "booking", f"B{number}", lines,
            shared, hold_keys,
        )  # fmt: skip
        return service.post_charge(new)

    def owes(self, payer: str, payee: str, cents: int) -> Due:
        """Let one owe another so much."""
        return owe(self.territory_id, self.ids[payer], self.ids[payee], cents)

    def books(self, name: str) -> dict[str, int]:
        """Give what is on each account of an organisation, leaving out what comes to nothing."""
        return {account.value: cents for (_, account), cents in balances(self.ids[name]).items() if cents}

    def envelope(self, subsidiser: str, rate_bp: int, budget: int, **terms: Any) -> Envelope:
        """Open a programme and this year's envelope."""
        programme = service.open_programme(
            service.NewProgramme(self.territory_id, self.ids[subsidiser], "Aide", rate_bp, **terms)
        )
        return service.open_envelope(
            service.NewEnvelope(programme.id, date(2026, 1, 1), date(2027, 1, 1), budget)
        )


def pay(due: Due, cents: int | None = None, method: Method = Method.CARD, key: str = "") -> Any:
    """Pay a due, all of it by default."""
    return service.record_payment(key or f"pay-{next(_numbers)}", [due.id], cents or due.owed_cents, method)


def raw(statement: str, **values: Any) -> Any:
    """Run a statement as somebody would who does not know our code."""
    with atomic() as session:
        return session.execute(text(statement), values)


def without_guards(*tables: str) -> None:
    """Drop every trigger of some tables, to break on purpose what they keep."""
    if KIND == "sqlite":
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        for name, sql in db.session.execute(
            text(triggers)
        ).all():  # read at once: nothing is left open after it
            if any(f" ON {table} " in sql for table in tables):
                raw(f"DROP TRIGGER {name}")
        return
    for table in tables:
        raw(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def sound() -> bool:
    """Tell whether every invariant holds; what does not is in the assertion."""
    found = broken()
    assert found == [], found
    return True


__all__ = ["Account", "Town", "pay", "raw", "sound", "without_guards"]
