"""Whom a chain concerns besides who asks and who answers: who offers what it carries, and who receives it."""

from collections.abc import Collection

from app.bookings.concerned import Concerned, knows_concerned
from app.supply.chains.models import Chain
from app.supply.chains.planning.plan import Role
from app.supply.chains.queries import find_chain
from app.supply.offers.queries import find_part

DRIVES = frozenset({Role.COLLECT, Role.CARRY})


@knows_concerned
def _of_bundle(bundle_id: int) -> Collection[Concerned]:
    chain = find_chain(bundle_id)
    return [each for each in (_who_offers(chain), _who_receives(chain)) if each] if chain else ()


def _who_offers(chain: Chain) -> Concerned | None:
    """Who offers meets what collects it."""
    part = find_part(chain.surplus_claim_ref) if chain.surplus_claim_ref else None
    if part is None:
        return None
    return Concerned(part.offer.organisation_id, frozenset(collecting(chain)))


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
