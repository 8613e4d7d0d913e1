"""Saying afterwards whom a chain is for, and whether it is food aid."""

from app.bookings.policy import BookingPermission
from app.bookings.rules import BundleState, bundle_state
from app.core import clock
from app.core.policy import Actor, require
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.chains.errors import ChainOver
from app.supply.chains.events import ChainReaddressed
from app.supply.chains.models import Chain
from app.supply.chains.service.common import find_receiver, lock_chain, note


def readdress(chain_id: int, actor: Actor, receiver_id: int | None, *, for_food_aid: bool) -> Chain:
    """Let a chain be for another organisation (None: who asks), as food aid or not; the history tells it.

    What the coordination allowed was allowed to whom it was for, and to nobody else. Raise Forbidden, ChainOver,
    NotFound, OrganisationInactive. Saying what is so already changes nothing.
    """
    with atomic():
        chain = lock_chain(chain_id)
        bundle = chain.bundle
        require(actor, BookingPermission.CHANGE_BUNDLE, bundle)
        legs = [leg for leg in bundle.legs if leg.leg_number is not None]
        state = bundle_state((leg.decision, leg.end_at <= clock.now()) for leg in legs)
        if state in (BundleState.OVER, BundleState.GIVEN_UP):
            raise ChainOver(ref=bundle.ref)
        other = None if receiver_id == bundle.organisation_id else receiver_id
        if (chain.receiver_id, chain.for_food_aid) == (other, for_food_aid):
            return chain
        before = chain.receiver_id
        if before != other:
            chain.override = None
            emit(ChainReaddressed(bundle.id, actor.person_id, before))
        chain.receiver, chain.for_food_aid = find_receiver(bundle, other), for_food_aid
        db.session.flush()
        note(chain, "readdressed", actor, receiver=chain.destination.name, for_food_aid=for_food_aid)
    return chain
