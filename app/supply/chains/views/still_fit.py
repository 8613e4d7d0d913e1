"""Elements of a chain that do not fit in it any more, on its page: why, and what can be done by who reads it."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import named_among
from app.bookings.rules import PENDING
from app.core.policy import Actor, can
from app.supply.chains.models import Chain
from app.supply.chains.plan_words import unfit_words
from app.supply.chains.still_fit import unfit_legs
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
        name = leg.resource.name if leg.id in named else _("Another place")
        number = leg.leg_number or 0
        said[number] = _said(chain, whole, leg, unfit_words(name, found[number]), actor)
    return said


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
