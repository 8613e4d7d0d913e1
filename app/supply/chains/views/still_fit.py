"""Elements of a chain that do not fit in it any more, on its page: why, and what can be done by who reads it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.bookings.bundles import Whole
from app.bookings.fitting import Wanted
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import named_among
from app.bookings.rules import PENDING
from app.bookings.views.misfits import looks_at_offers, tells_misfits
from app.catalogue.models import Resource
from app.core.policy import Actor, can
from app.infra.db import db
from app.supply.chains.mending import legs_of, refuse_unfit
from app.supply.chains.models import Chain
from app.supply.chains.plan_words import unfit_words, would_not_fit_words
from app.supply.chains.planning.world import Reason
from app.supply.chains.queries import chains_of_bundles, find_chain
from app.supply.chains.still_fit import unfit_each, unfit_legs
from app.supply.chains.views.instead import again_url, again_words


@dataclass(frozen=True)
class Unfit:
    """What is said of an element, and what leads on: pairs of an address and a label; `then` stands after them."""

    why: str
    ways: tuple[tuple[str, str], ...] = ()
    then: str = ""


def unfit_said(chain: Chain, whole: Whole, actor: Actor) -> dict[int, Unfit]:
    """Say of the elements that do not fit, by their number, why, and what leads on from there."""
    found = unfit_legs(chain, whole.legs)
    unfit = [leg for leg in whole.legs if leg.leg_number in found]
    named = named_among(actor, unfit)
    said = {}
    for leg in unfit:
        number = leg.leg_number or 0
        said[number] = _said(chain, whole, leg, unfit_words(_name(leg, named), found[number]), actor)
    return said


@tells_misfits
def misfits(wholes: Collection[Whole], actor: Actor) -> Mapping[int, str]:
    """Say of the elements of chains that do not fit why, by their ids, where they are shown one by one."""
    chains = chains_of_bundles(whole.bundle.id for whole in wholes)
    known = [(chains[whole.bundle.id], whole.legs) for whole in wholes if whole.bundle.id in chains]
    found = unfit_each(known)
    unfit = [
        (leg, why) for chain, legs in known for leg in legs if (why := _why(found[chain.bundle_id], leg))
    ]
    named = named_among(actor, [leg for leg, _reason in unfit])
    return {leg.id: unfit_words(_name(leg, named), why) for leg, why in unfit}


@looks_at_offers
def misfit_offered(leg: Booking, wanted: Wanted, actor: Actor) -> str:
    """Say why what is proposed for a leg would not fit in its chain; empty where it would, and for what is no chain."""
    chain = find_chain(leg.bundle_id or 0)
    fit = refuse_unfit(chain, leg, legs_of(chain), wanted, actor) if chain else None
    if not isinstance(fit, Reason):
        return ""
    return would_not_fit_words(db.session.get_one(Resource, wanted.resource_id).name, fit)


def _why(found: Mapping[int, Reason], leg: Booking) -> Reason | None:
    return found.get(leg.leg_number or 0)


def _name(leg: Booking, named: Collection[int]) -> str:
    return leg.resource.name if leg.id in named else _("Another place")


def _said(chain: Chain, whole: Whole, leg: Booking, why: str, actor: Actor) -> Unfit:
    ways = []
    if can(actor, P.CHANGE, leg):
        ways.append((url_for("bookings.change", ref=leg.ref), _("Move it")))
    if can(actor, P.PROPOSE, leg) and leg.decision == PENDING:
        ways.append((url_for("bookings.propose", ref=leg.ref), _("Propose another place or time")))
    if not can(actor, P.CHANGE_BUNDLE, whole.bundle):
        return Unfit(why, tuple(ways), "" if ways else _("Call who asked for it before you get ready."))
    ways.append((again_url(chain, whole.legs), _("Prepare another chain")))
    return Unfit(why, tuple(ways), again_words(chain))
