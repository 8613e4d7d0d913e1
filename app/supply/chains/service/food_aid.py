"""Food aid to an organisation without authorisation: the coordination may allow it, in writing, and take that back."""

from app.accounts.service.locks import keep_person
from app.bookings.service.common import reason_of
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.infra.uow import atomic
from app.supply.chains.errors import AlreadyAllowed
from app.supply.chains.models import FoodAidOverride
from app.supply.chains.policy import ChainPermission as P
from app.supply.chains.service.common import lock_chain, note


def allow_food_aid(chain_id: int, actor: Actor, reason: str) -> None:
    """Let the food of a chain be handed over as food aid anyway, with a reason that everybody concerned reads.

    Raise ReasonMissing, TextTooLong, AlreadyAllowed, Forbidden.
    """
    reason = reason_of(reason)
    with atomic():
        chain = lock_chain(chain_id)
        require(actor, P.OVERRIDE_FOOD_AID, chain.bundle)
        if chain.override:
            given = chain.override
            raise AlreadyAllowed(
                ref=chain.bundle.ref,
                by=given.person.name,
                is_own=given.person_id == actor.person_id,
                at=given.at,
                timezone=chain.destination.territory.timezone,
            )
        person = keep_person(actor.person_id)
        chain.override = FoodAidOverride(person_id=person.id, reason=reason, at=clock.now())
        note(chain, "food_aid_allowed", actor, reason=reason)


def take_back_override(chain_id: int, actor: Actor) -> None:
    """Allow it no longer; the history says that it was allowed. Raise NotFound, Forbidden."""
    with atomic():
        chain = lock_chain(chain_id)
        require(actor, P.OVERRIDE_FOOD_AID, chain.bundle)
        if chain.override is None:
            raise NotFound(kind="food_aid_override", ref=chain.bundle.ref)
        chain.override = None
        note(chain, "food_aid_not_allowed", actor)
