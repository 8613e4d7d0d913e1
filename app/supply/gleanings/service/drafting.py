"""The chain that a gleaning will need: drafted when it is called for, kept true, ended with it."""

from sqlalchemy import select

from app.availability import service as capacity
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.supply.chains import service as chains
from app.supply.chains.rules import Origin
from app.supply.gleanings.models import Gleaning
from app.supply.gleanings.rules import DRAFTED_AS, to_collect


def draft(gleaning: Gleaning) -> None:
    """Draft the chain of a gleaning that is locked, for what is expected, or was picked up; or say anew what it is."""
    from_at, until_at = to_collect(gleaning.end_at, clock.now())
    wish = chains.Wish(
        product=gleaning.product,
        cargo=gleaning.harvest,
        commune_code=gleaning.commune_code,
        place=gleaning.place,
        point=gleaning.point,
        from_at=from_at,
        until_at=until_at,
        is_exact=gleaning.real_grams is not None,
    )
    chains.keep_draft(gleaning.origin, gleaning.organisation_id, wish)


def lock_carriers(gleaning_id: int) -> None:
    """Lock the guards of the chains that would carry it: they come before its row."""
    if ref := db.session.scalar(select(Gleaning.public_id).filter_by(id=gleaning_id)):
        capacity.lock(chains.guards_of(Origin(DRAFTED_AS, ref)))


def let_carriers_go(gleaning: Gleaning, actor: Actor, reason: str) -> None:
    """Give up the chains that would carry it, in the name of who calls, whichever of its members asked for them."""
    caller = Actor(person_id=actor.person_id, memberships={gleaning.organisation_id: "org_admin"})
    chains.give_up_chains(gleaning.origin, caller, reason)
