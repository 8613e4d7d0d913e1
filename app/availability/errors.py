"""Why time or capacity was refused: facts, no sentences (app.availability.words has them)."""

from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Conflict, Invalid


@dataclass(frozen=True)
class Refusal:
    """One reason against a slot, with what a person needs to choose another: times are aware UTC or walls."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


class SlotRefused(Conflict):
    """A slot cannot be taken; `refusals` say why, the first being the one to show first."""

    code = "slot_refused"

    def __init__(self, resource_id: int, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(resource_id=resource_id)
        self.refusals = refusals


class SeveralRefused(Conflict):
    """Of many wishes for a resource, those in `refusals` (by their place in the list) cannot be had: none is taken."""

    code = "several_refused"

    def __init__(self, resource_id: int, refusals: dict[int, tuple[Refusal, ...]], total: int) -> None:
        super().__init__(resource_id=resource_id, refused=len(refusals), total=total)
        self.refusals = refusals


class PartsChanged(Conflict):
    """What a resource is made of was changed at this very moment: look again."""

    code = "parts_changed"


class PartsTaken(Conflict):
    """What is booked already would take `peak` of a `part` at `at`, and there are `total`: its whole cannot have it."""

    code = "parts_taken"


class CapacityBelowUse(Conflict):
    """A capacity cannot shrink below what is already promised; `peak` units are taken at `at`."""

    code = "capacity_below_use"


class BadQuota(Invalid):
    """A quota, or a way of lending it, that cannot be: `reason` is out_of_bounds (`min`, `max`) or taken_as_one."""

    code = "bad_quota"


class QuotasOverCapacity(Invalid):
    """The quotas of a resource come to `total`, and it has only `capacity` of its `unit`."""

    code = "quotas_over_capacity"


class CapacityBelowQuotas(Conflict):
    """A capacity cannot shrink to `asked`, below the quotas organisations have of it: `total`."""

    code = "capacity_below_quotas"


class BadExpression(Invalid):
    """Opening hours that are not in the subset we keep; `reason`, `fragment` and `position` tell which piece."""

    code = "bad_opening_hours"
