"""What uses would cost before they are made: what can be told now, and what is only known afterwards. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.money import EUR, part_of
from app.payments.amount_errors import NotMeasured
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.measures import Use
from app.payments.tariffs.pricing import PricedLine, price_line
from app.payments.tariffs.tariff import Meter, Tariff


@dataclass(frozen=True)
class Later:
    """What is counted afterwards: the price of one unit up to the first tier, for a class."""

    meter: Meter
    unit_cents: int


@dataclass(frozen=True)
class Borne:
    """What a subsidiser would bear."""

    payer_id: int
    cents: int


@dataclass(frozen=True)
class Estimate:
    """What uses come to: priced lines, what programmes would bear of them, and what is counted afterwards."""

    lines: tuple[PricedLine, ...] = ()
    later: tuple[Later, ...] = ()
    borne: tuple[Borne, ...] = ()
    currency: str = EUR

    @property
    def cents(self) -> int:
        """What is to be paid, by whoever."""
        return sum(line.cents for line in self.lines)

    @property
    def in_kind_cents(self) -> int:
        """What is given rather than paid."""
        return sum(line.in_kind_cents for line in self.lines)

    @property
    def borne_cents(self) -> int:
        """What programmes would bear of it."""
        return sum(each.cents for each in self.borne)


def estimate(tariff: Tariff, uses: Sequence[Use], priority: str = "") -> Estimate:
    """Work out what uses that are charged together would cost a class."""
    lines: list[PricedLine] = []
    later: list[Later] = []
    for line in tariff.lines:
        try:
            lines += price_line(tariff, line, uses, priority)
        except NotMeasured:
            lowered = part_of(line.unit_cents, tariff.coefficient_of(priority))
            later.append(Later(line.meter, lowered))
    return Estimate(tuple(lines), tuple(later), currency=tariff.currency)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """Add up what several things come to; the same price of what is counted afterwards is told once."""
    lines: list[PricedLine] = []
    later: dict[Later, None] = {}
    borne: dict[int, int] = {}
    currency = EUR
    for each in estimates:
        lines += each.lines
        later.update(dict.fromkeys(each.later))
        currency = each.currency
        for part in each.borne:
            borne[part.payer_id] = borne.get(part.payer_id, 0) + part.cents
    return Estimate(
        tuple(lines), tuple(later), tuple(Borne(payer, cents) for payer, cents in borne.items()), currency
    )


def subsidised(
    estimates: Sequence[Estimate], subsidies: Iterable[Subsidy], *, is_one_charge: bool
) -> list[Estimate]:
    """Add what subsidies would bear, of all charged together or of each by itself; no envelope pays more than it has.

    What was granted for one charge is neither left in the envelope nor to the organisation for the next.
    """
    charges = [range(len(estimates))] if is_one_charge else [range(n, n + 1) for n in range(len(estimates))]
    ranked = sorted(subsidies, key=lambda subsidy: subsidy.rank)
    found = list(estimates)
    for charge in charges:
        ranked = list(_bear(found, charge, ranked))
    return found


def _bear(found: list[Estimate], charge: Iterable[int], subsidies: Iterable[Subsidy]) -> Iterator[Subsidy]:
    """Let subsidies bear what they can of one charge; give each as it is afterwards."""
    remains = {str(number): found[number].cents for number in charge}
    spent: dict[int | None, int] = {}
    for subsidy in subsidies:
        granted = subsidy.granted(remains, spent.get(subsidy.envelope_id, 0))
        for number, cents in granted.items():
            remains[number] -= cents
            if cents:
                before = found[int(number)]
                found[int(number)] = replace(before, borne=(*before.borne, Borne(subsidy.payer_id, cents)))
        paid = sum(granted.values())
        spent[subsidy.envelope_id] = spent.get(subsidy.envelope_id, 0) + paid
        yield _less(subsidy, paid)


def _less(subsidy: Subsidy, paid: int) -> Subsidy:
    def left(ceiling: int | None) -> int | None:
        return None if ceiling is None else max(ceiling - paid, 0)

    return replace(
        subsidy,
        left_for_organisation=left(subsidy.left_for_organisation),
        envelope_left=left(subsidy.envelope_left),
    )
