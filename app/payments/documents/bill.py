"""What a document says, as it is kept: facts without words, from which its file can be made again. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from app.core.money import WHOLE_BP
from app.core.text import writable
from app.payments.documents.rules import Kind, due_on, net_parts
from app.payments.tariffs.tariff import VatRegime


@dataclass(frozen=True)
class Party:
    """One of the two of a document, as it was called when it was issued."""

    name: str
    address: str = ""
    siret: str = ""
    vat_number: str = ""
    email: str = ""

    @property
    def siren(self) -> str:
        """What numbers the whole organisation, wherever it has establishments."""
        return self.siret[:9]


@dataclass(frozen=True)
class Line:
    """What the recipient bears of something that was charged, VAT included; below zero it lowers what is owed.

    `whole_cents` is what all bear of it together. `lowered_cents` were taken back of it before, and are not in it.
    """

    label: str
    about: str  # what was used, as the room that charged it names it
    on: date
    meter: str
    quantity_milli: int
    unit_cents: int
    whole_cents: int
    cents: int
    vat_regime: VatRegime
    vat_bp: int
    coefficient_bp: int = WHOLE_BP  # what the class of the recipient pays of the price
    lowered_cents: int = 0
    is_taken_back: bool = False  # what is taken back of what is on another document
    reasons: tuple[str, ...] = ()  # why something is taken back
    corrects: str = ""  # why it was charged anew
    why: str = ""  # it is charged though it was not used (app.payments.tariffs.told.Why)
    tier: tuple[int, int | None] | None = (
        None  # in thousandths: between which quantities its unit price holds
    )
    reference: str = ""  # by which what is owed is known again

    @property
    def is_shared(self) -> bool:
        """Tell whether others bear a part of it as well."""
        return not self.is_taken_back and self.cents + self.lowered_cents != self.whole_cents


@dataclass(frozen=True)
class Account:
    """Where the money goes, and the word by which it is known again."""

    holder: str = ""
    iban: str = ""
    bic: str = ""
    reference: str = ""


@dataclass(frozen=True)
class VatPart:
    """What is owed under one regime at one rate: without VAT, and the VAT of it."""

    regime: VatRegime
    bp: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True)
class Bill:
    """A document and all it says. Amounts have their VAT inside."""

    kind: Kind
    number: str
    issued_on: date
    starts_on: date
    ends_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...] = ()
    paid_cents: int = 0
    account: Account = Account()
    mandated: bool = False  # issued in the name of the seller
    amends: str = ""  # the number of the invoice that a credit note lowers
    amends_on: date | None = None
    reason: str = ""  # of a credit note; what a receipt is for
    regime: str = ""  # what the seller says of itself
    method: str = ""  # of a receipt
    amount_cents: int = 0  # of a receipt, which has no lines

    @cached_property
    def cents(self) -> int:
        """What it comes to."""
        return sum(line.cents for line in self.lines) or self.amount_cents

    @property
    def payable_cents(self) -> int:
        """What is still to be paid of it."""
        return self.cents - self.paid_cents

    @property
    def favour_cents(self) -> int:
        """What is in favour of the recipient, of a statement on which more was taken back than is owed."""
        return max(-self.payable_cents, 0) if self.kind == Kind.STATEMENT else 0

    @property
    def due_on(self) -> date:
        """Until when."""
        return due_on(self.issued_on)

    @cached_property
    def nets(self) -> tuple[int, ...]:
        """What of each line is left without VAT."""
        nets = [0] * len(self.lines)
        for (_, bp), places in self._by_rate():
            parts = net_parts([self.lines[place].cents for place in places], bp)
            for place, part in zip(places, parts, strict=True):
                nets[place] = part
        return tuple(nets)

    @cached_property
    def vat(self) -> tuple[VatPart, ...]:
        """What is owed by regime and rate, the highest rate first."""
        found = []
        for (regime, bp), places in self._by_rate():
            net, gross = (
                sum(self.nets[each] for each in places),
                sum(self.lines[each].cents for each in places),
            )
            found.append(VatPart(VatRegime(regime), bp, net, gross - net))
        return tuple(found)

    @property
    def net_cents(self) -> int:
        """What it comes to without VAT."""
        return sum(self.nets)

    @property
    def vat_cents(self) -> int:
        """The VAT in it."""
        return sum(part.vat_cents for part in self.vat)

    @property
    def is_outside_vat(self) -> bool:
        """Tell whether VAT has nothing to do with what is on it; that is on a bill of its own."""
        return any(line.vat_regime == VatRegime.OUT_OF_SCOPE for line in self.lines)

    def _by_rate(self) -> list[tuple[tuple[str, int], Sequence[int]]]:
        def rate(place: int) -> tuple[str, int]:
            return self.lines[place].vat_regime.value, self.lines[place].vat_bp

        places = sorted(range(len(self.lines)), key=lambda place: (-rate(place)[1], rate(place)[0]))
        return [(key, [*group]) for key, group in groupby(places, rate)]

    def facts(self) -> dict[str, Any]:
        """Give it as JSON, from which `read` makes it again."""
        return {name: plain(value) for name, value in asdict(self).items()}


def plain(value: Any) -> Any:
    """Write days as text, at any depth."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def read(facts: Mapping[str, Any]) -> Bill:
    """Read what was kept of a document, without the letters that no paper takes."""
    facts = _legible(facts)
    days = {name: date.fromisoformat(facts[name]) for name in ("issued_on", "starts_on", "ends_on")}
    amended = facts["amends_on"]
    parts = {
        "kind": Kind(facts["kind"]),
        "seller": Party(**facts["seller"]),
        "buyer": Party(**facts["buyer"]),
        "account": Account(**facts["account"]),
        "lines": tuple(read_line(each) for each in facts["lines"]),
        "amends_on": date.fromisoformat(amended) if amended else None,
    }
    return Bill(**{**facts, **days, **parts})


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, Mapping):
        return {name: _legible(each) for name, each in value.items()}
    return [_legible(each) for each in value] if isinstance(value, list) else value


def read_line(facts: Mapping[str, Any]) -> Line:
    """Read a line as it was kept."""
    typed = {
        "on": date.fromisoformat(facts["on"]),
        "vat_regime": VatRegime(facts["vat_regime"]),
        "reasons": tuple(facts.get("reasons", ())),
        "tier": tuple(tier) if (tier := facts.get("tier")) else None,
    }
    return Line(**{**facts, **typed})
