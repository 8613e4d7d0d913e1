"""Whom a chain concerns besides who asks and who answers: who offers what it carries, and who receives it."""

from collections.abc import Collection, Mapping

from app.bookings.concerned import Concerned, knows_concerned
from app.supply.chains.models import Chain
from app.supply.chains.planning.plan import Role
from app.supply.chains.queries import chains_of_bundles, givers_of

DRIVES = frozenset({Role.COLLECT, Role.CARRY})


@knows_concerned
def _of_bundles(bundle_ids: Collection[int]) -> Mapping[int, Collection[Concerned]]:
    chains = chains_of_bundles(bundle_ids)
    givers = givers_of(each.surplus_claim_ref for each in chains.values())
    return {
        number: [each for each in (_who_offers(chain, givers), _who_receives(chain)) if each]
        for number, chain in chains.items()
    }


def _who_offers(chain: Chain, givers: Mapping[str, int]) -> Concerned | None:
    """Who offers meets what collects it."""
    giver_id = givers.get(chain.surplus_claim_ref or "")
    return Concerned(giver_id, frozenset(collecting(chain))) if giver_id else None


def collecting(chain: Chain) -> list[int]:
    """List the numbers of the legs that fetch what a chain carries from where it is."""
    return [step.leg_number for step in chain.steps if step.role == Role.COLLECT]


def _who_receives(chain: Chain) -> Concerned | None:
    """Who receives meets what brings it, where the last leg does."""
    if chain.receiver_id is None:
        return None
    last = chain.steps[-1] if chain.steps else None
    brings = [last.leg_number] if last and last.role in DRIVES else []
    return Concerned(chain.receiver_id, frozenset(brings))
