"""The functions that managers of a site hold: where two of them must agree, each brings one.

The same person may hold both, and counts once all the same.
"""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column


class Function(StrEnum):
    """What a manager answers for at a site."""

    TECHNICAL = "technical"
    ELECTED = "elected"


Functions = frozenset[Function]
NONE: Functions = frozenset()
BOTH: Functions = frozenset(Function)


class HoldsFunctions:
    """Columns of a row that tells which functions somebody holds, or held."""

    is_technical: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_elected: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def functions(self) -> Functions:
        """The functions as a set."""
        held = {Function.TECHNICAL: self.is_technical, Function.ELECTED: self.is_elected}
        return frozenset(function for function, holds in held.items() if holds)


def can_agree(people: Collection[Functions]) -> bool:
    """Tell whether two different people among these can bring both functions together."""
    holders = [functions for functions in people if functions]
    return len(holders) > 1 and NONE.union(*holders) == BOTH
