"""What a request costs besides its elements: the goods that it carries. A room above knows what they are.

Their cost is shared, and answered, together with that of the elements.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from app.bookings.costs import organisations_of
from app.bookings.models import Bundle
from app.core.span import Span
from app.payments.models import CostPlan
from app.payments.tariffs.told import Told


@dataclass(frozen=True)
class Sold:
    """What is carried and somebody is paid for; `span` is when it can be collected, by the clock of `zone`."""

    bundle: Bundle | None  # the request that carries it
    plan: CostPlan
    told: Told
    name: str
    span: Span
    zone: str
    endpoint: str  # of the page where it is read, with the values of its address
    values: Mapping[str, Any]

    @property
    def organisation_ids(self) -> set[int]:
        """Who pays or is paid, or was asked to pay."""
        return organisations_of(self.plan)


class OfBundle(Protocol):
    """Reads the goods of a request: locked, where its cost is to be changed."""

    def __call__(self, bundle_id: int, *, locked: bool) -> Sold | None: ...


class Bringer(NamedTuple):
    """How goods of a kind are read: those of a request, and those that a plan is of, by its reference."""

    of_bundle: OfBundle
    of_ref: Callable[[str], Sold | None]


_bringers: dict[str, Bringer] = {}


def brings_goods(kind: str, bringer: Bringer) -> None:
    """Let requests have goods, whose cost payments know by this kind."""
    _bringers[kind] = bringer


def goods_of(bundle_id: int, *, locked: bool = False) -> list[Sold]:
    """Read the goods of a request that somebody is paid for."""
    found = (bringer.of_bundle(bundle_id, locked=locked) for bringer in _bringers.values())
    return [each for each in found if each is not None]


def goods_of_plan(plan: CostPlan) -> Sold | None:
    """Find the goods that a plan is of, with the request that carries them now, if any does."""
    bringer = _bringers.get(plan.subject_kind)
    return bringer.of_ref(plan.subject_ref) if bringer else None
