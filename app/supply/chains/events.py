"""Facts that happened around chains, for the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanCameToNothing:
    """Somebody looked for a chain and none could be proposed: where the food is, how it is kept. Nobody's name.

    Told once for each browser (app.web.noticed), outside of any use case.
    """

    territory_id: int
    commune_code: str  # INSEE; "" where nobody said
    regime: str  # app.supply.cargo.Regime


@dataclass(frozen=True)
class ChainReaddressed:
    """The chain of a bundle is for another organisation than `before_id` (None: than who asks); `actor_id` says so."""

    bundle_id: int
    actor_id: int | None
    before_id: int | None
