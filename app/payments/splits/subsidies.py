"""What somebody else pays first: subsidies, each with its rate, its ceilings and the lines it is for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.money import WHOLE_BP, part_of
from app.payments.amount_errors import BadSubsidy
from app.payments.splits.apportioning import apportion, drawn

_CEILINGS: Final = ("most_cents", "left_for_organisation", "envelope_left")


@dataclass(frozen=True)
class Subsidy:
    """What `payer_id` pays of the lines it is for (None: of all), in the order of `priority`, the lowest number first.

    Its rate is of what those before it have left. Ceilings are cents, None where there is none: for one charge, what
    the organisation that is helped may still have, and what is left in the envelope, which several may draw on.
    Raise BadSubsidy for a rate that is no percentage, or a ceiling below zero.
    """

    payer_id: int
    rate_bp: int
    priority: int = 0
    line_ids: frozenset[str] | None = None
    most_cents: int | None = None
    left_for_organisation: int | None = None
    envelope_left: int | None = None
    envelope_id: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rate_bp <= WHOLE_BP:
            raise BadSubsidy(field="rate_bp", min=0, max=WHOLE_BP)
        for name in _CEILINGS:
            ceiling = getattr(self, name)
            if ceiling is not None and ceiling < 0:
                raise BadSubsidy(field=name, min=0, max=None)

    @property
    def rank(self) -> tuple[int, ...]:
        """What subsidies are ordered by: no list decides who comes first."""
        return self.priority, self.payer_id, self.envelope_id or 0, self.rate_bp

    def granted(self, remains: Mapping[str, int], spent: int = 0) -> dict[str, int]:
        """Tell what it pays of each line, given what is left to pay of each and what its envelope has `spent` here."""
        eligible = {
            line: cents for line, cents in remains.items() if self.line_ids is None or line in self.line_ids
        }
        base = sum(eligible.values())
        ceilings = [
            ceiling for ceiling in (self.most_cents, self.left_for_organisation) if ceiling is not None
        ]
        if self.envelope_left is not None:
            ceilings.append(max(self.envelope_left - spent, 0))
        cents = min([part_of(base, self.rate_bp), *ceilings])
        return apportion(cents, eligible, lambda line: drawn(line, self.payer_id))
