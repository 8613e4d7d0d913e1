"""Who shares a cost, as agreed so far: nobody bears what they have not said yes to. Pure (docs/money.md)."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.payments.amount_errors import NobodyBears
from app.payments.splits.keys import KeyKind, SplitKey


@dataclass(frozen=True)
class Party:
    """What one organisation is to bear by the key, at most its ceiling (in cents), and whether it has said yes."""

    organisation_id: int
    weight: int
    ceiling_cents: int | None = None
    has_agreed: bool = True


@dataclass(frozen=True)
class Sharing:
    """How a cost is shared, as `app.payments.splits.splitting.split` takes it."""

    key: SplitKey
    ceilings: Mapping[int, int]
    residual_payer: int


@dataclass(frozen=True)
class Terms:
    """A key and its parties, as `asker_id` (whoever the cost is for) would have them shared.

    `residual_id` bears what ceilings leave; nobody named: the asker.
    """

    asker_id: int
    kind: KeyKind
    parties: tuple[Party, ...]
    residual_id: int | None = None

    def check(self) -> None:
        """Raise BadSplitKey, or NobodyBears where all weigh nothing: found when it is agreed, not later."""
        key = SplitKey(self.kind, {each.organisation_id: each.weight for each in self.parties})
        if not any(key.weights.values()):
            raise NobodyBears(cents=0)

    def sharing(self) -> Sharing:
        """Let each bear what they have agreed to; the asker bears the rest, and has no ceiling while there is any."""
        weights = Counter[int]()
        agreed = {each.organisation_id for each in self.parties if each.has_agreed}
        for each in self.parties:
            weights[each.organisation_id if each.has_agreed else self.asker_id] += each.weight
        ceilings = {
            each.organisation_id: each.ceiling_cents
            for each in self.parties
            if each.ceiling_cents is not None and self._is_bound(each, agreed)
        }
        residual = self.residual_id if self.residual_id in agreed else None
        return Sharing(SplitKey(self.kind, dict(weights)), ceilings, residual or self.asker_id)

    def _is_bound(self, party: Party, agreed: Collection[int]) -> bool:
        if party.organisation_id == self.asker_id:
            return len(agreed) == len(self.parties)
        return party.has_agreed

    def part_of(self, organisation_id: int) -> Fraction:
        """Tell which part of the whole an organisation is to bear before ceilings; nothing for who is no party."""
        total = sum(each.weight for each in self.parties)
        own = sum(each.weight for each in self.parties if each.organisation_id == organisation_id)
        return Fraction(own, total) if total else Fraction(0)

    def still_agreed(self, before: "Terms") -> set[int]:
        """Tell who need not be asked again: who had said yes and bears no more by these terms than by those `before`.

        A ceiling, or who takes what ceilings leave, may move what others bear: where that changes all are asked.
        """
        had = {each.organisation_id for each in before.parties if each.has_agreed}
        if self.limits != before.limits:
            return {self.asker_id}
        return {who for who in had if self.part_of(who) <= before.part_of(who)} | {self.asker_id}

    @property
    def limits(self) -> tuple[int, dict[int, int]]:
        """Who bears what ceilings leave, and the ceilings."""
        ceilings = {
            each.organisation_id: each.ceiling_cents
            for each in self.parties
            if each.ceiling_cents is not None
        }
        return self.residual_id or self.asker_id, ceilings


def alone(asker_id: int) -> Terms:
    """Let whoever the cost is for bear all of it: how every cost begins."""
    return Terms(asker_id, KeyKind.SINGLE, (Party(asker_id, 1),))
