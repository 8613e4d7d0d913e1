"""Who pays how much of what: subsidies first, then the key, line by line, and nothing is lost. Pure (docs/money.md).

Each line is shared by itself, so what an organisation owes is whole for each of those it owes it to. Amounts are cents
of one currency.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from app.core.money import Money
from app.payments.amount_errors import BadSplitKey, NobodyBears, RefundTooLarge, Unfunded
from app.payments.splits.apportioning import apportion, drawn
from app.payments.splits.keys import SplitKey
from app.payments.splits.subsidies import Subsidy

NO_CEILING: Final[Mapping[int, int]] = MappingProxyType({})
Whom = TypeVar("Whom")


class Role(StrEnum):
    """Why somebody bears a share."""

    PAYER = "payer"
    SUBSIDY = "subsidy"
    RESIDUAL = "residual"  # takes what is left when the others have reached their ceilings


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of a cost: `id` tells it from all others for ever, `payee_id` is the organisation it is owed to."""

    id: str
    payee_id: int
    amount: Money


class Share(NamedTuple):
    """What one organisation bears of a line, and why; never nothing."""

    line_id: str
    payee_id: int
    payer_id: int
    cents: int
    role: Role = Role.PAYER
    envelope_id: int | None = None

    @property
    def is_own(self) -> bool:
        """Tell whether it would be owed to who bears it."""
        return self.payer_id == self.payee_id

    @property
    def place(self) -> tuple[str, str, int, int]:
        """What shares are ordered by."""
        return self.line_id, self.role, self.payer_id, self.envelope_id or 0


@dataclass(frozen=True)
class Split:
    """All shares of some lines: they add up to each line, to the cent."""

    shares: tuple[Share, ...]
    currency: str

    def borne(self) -> dict[int, Money]:
        """Tell what each organisation bears, whomever it is owed to."""
        return self._added((share.payer_id, share.cents) for share in self.shares)

    def dues(self) -> dict[tuple[int, int], Money]:
        """Tell what each payer owes to each payee; nobody owes anything to themselves."""
        return self._added(
            ((share.payer_id, share.payee_id), share.cents) for share in self.shares if not share.is_own
        )

    def own(self) -> dict[int, Money]:
        """Tell what organisations bear of what they give themselves: a contribution in kind, no bill."""
        return self._added((share.payer_id, share.cents) for share in self.shares if share.is_own)

    def _added(self, parts: Iterable[tuple[Whom, int]]) -> dict[Whom, Money]:
        cents: Counter[Whom] = Counter()
        for whom, part in parts:
            cents[whom] += part
        return {whom: Money(total, self.currency) for whom, total in cents.items()}


def split(
    lines: Iterable[CostLine],
    key: SplitKey,
    *,
    subsidies: Iterable[Subsidy] = (),
    ceilings: Mapping[int, int] = NO_CEILING,
    residual_payer: int | None = None,
) -> Split:
    """Share lines of one currency: subsidies by priority, then the key on what they leave.

    `ceilings` are the most cents that an organisation bears of all lines by the key; the others bear the rest, in the
    same proportions. What nobody may bear goes to the `residual_payer`. In which order lines, payers, subsidies and
    ceilings are given makes no difference.

    Raise Unfunded where something is left and nobody is named for it, BadSplitKey for a ceiling below zero, and
    NobodyBears where there is something to share and all weigh nothing: that is no case for the residual payer, but a
    measure that is missing.
    """
    sharing = _Sharing(lines)
    sharing.subsidise(subsidies)
    sharing.share(key.weights, ceilings)
    left = sum(sharing.remains.values())
    if left and residual_payer is None:
        raise Unfunded(cents=left)
    if left and residual_payer is not None:
        sharing.bear(residual_payer, dict(sharing.remains), Role.RESIDUAL)
    return Split(tuple(sorted(sharing.shares, key=lambda share: share.place)), sharing.currency)


def refund(cents: int, unrefunded: Mapping[Share, int]) -> dict[Share, int]:
    """Share what is given back by what of each share was not given back yet: in the end, nothing is.

    Raise RefundTooLarge for more than is left.
    """
    left = sum(unrefunded.values())
    if cents > left:
        raise RefundTooLarge(asked=cents, left=left)
    return apportion(cents, unrefunded, lambda share: (drawn(share.line_id, share.payer_id), share.place))


class _Sharing:
    """A split in the making: what of each line nobody bears yet (in the order of their ids), and the shares so far."""

    def __init__(self, lines: Iterable[CostLine]) -> None:
        ordered = sorted(lines, key=lambda line: line.id)
        self.currency = Money.total(line.amount for line in ordered).currency
        self.payees = {line.id: line.payee_id for line in ordered}
        self.remains = {line.id: line.amount.cents for line in ordered}
        self.shares: list[Share] = []
        if len(self.remains) < len(ordered):
            raise ValueError("two lines have the same id")
        if any(cents < 0 for cents in self.remains.values()):
            raise ValueError("a cost is not below zero: what is given back is a refund")

    def bear(
        self, payer_id: int, parts: Mapping[str, int], role: Role, envelope_id: int | None = None
    ) -> None:
        """Let somebody bear so much of each line."""
        for line_id, cents in parts.items():
            if cents:
                self.remains[line_id] -= cents
                self.shares.append(Share(line_id, self.payees[line_id], payer_id, cents, role, envelope_id))

    def subsidise(self, subsidies: Iterable[Subsidy]) -> None:
        """Let subsidies pay first; what several draw from one envelope is counted together."""
        spent: Counter[int | None] = Counter()
        for subsidy in sorted(subsidies, key=lambda each: each.rank):
            granted = subsidy.granted(self.remains, spent[subsidy.envelope_id])
            if subsidy.envelope_id is not None:
                spent[subsidy.envelope_id] += sum(granted.values())
            self.bear(subsidy.payer_id, granted, Role.SUBSIDY, subsidy.envelope_id)

    def share(self, weights: Mapping[int, int], ceilings: Mapping[int, int]) -> None:
        """Let the key decide about the rest, as far as ceilings allow."""
        if min(ceilings.values(), default=0) < 0:
            raise BadSplitKey(reason="ceiling_below_zero")
        left = sum(self.remains.values())
        if left and not any(weights.values()):
            raise NobodyBears(cents=left)
        for payer_id, parts in _under_ceilings(self.remains, weights, ceilings).items():
            self.bear(payer_id, parts, Role.PAYER)


Parts = dict[int, dict[str, int]]  # by payer: the cents of each line


def _under_ceilings(
    remains: Mapping[str, int], weights: Mapping[int, int], ceilings: Mapping[int, int]
) -> Parts:
    """Share by weights; who would be above their ceiling bears just that, and the others share the rest, again."""
    full: dict[int, int] = {}
    while True:
        left = dict(remains)
        parts = {payer_id: _drawn_from(left, ceiling, payer_id) for payer_id, ceiling in sorted(full.items())}
        others = {payer_id: weight for payer_id, weight in weights.items() if payer_id not in full}
        shared = _evenly(left, others) if any(others.values()) else {}
        over = {
            payer_id: ceilings[payer_id]
            for payer_id, cents in shared.items()
            if payer_id in ceilings and sum(cents.values()) > ceilings[payer_id]
        }
        if not over:
            return parts | shared
        full |= over


def _drawn_from(left: dict[str, int], cents: int, payer_id: int) -> dict[str, int]:
    """Take an amount out of what is left of the lines, from each in proportion."""
    parts = apportion(cents, left, lambda line_id: drawn(line_id, payer_id))
    for line_id, part in parts.items():
        left[line_id] -= part
    return parts


def _evenly(left: Mapping[str, int], weights: Mapping[int, int]) -> Parts:
    """Share each line by weights; among equals, an odd cent is for who is least ahead of their exact part so far."""
    total = sum(weights.values())
    parts: Parts = {payer_id: {} for payer_id in weights}
    ahead = dict.fromkeys(weights, 0)  # by how much each is above their exact part, in cents times `total`
    for line_id, cents in left.items():
        for payer_id, part in apportion(cents, weights, _turn_at(line_id, ahead)).items():
            parts[payer_id][line_id] = part
            ahead[payer_id] += part * total - cents * weights[payer_id]
    return parts


def _turn_at(line_id: str, ahead: Mapping[int, int]) -> Callable[[int], tuple[int, bytes]]:
    return lambda payer_id: (ahead[payer_id], drawn(line_id, payer_id))
