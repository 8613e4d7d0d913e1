"""That a chain does not fit any more what it is for: said on its page, and on the page of what it is for."""

from dataclasses import dataclass

from flask import url_for

from app.bookings.policy import BookingPermission as P
from app.core.policy import Actor, can
from app.supply.chains.models import Chain
from app.supply.chains.outrun import MOVABLE, Outrun, outrun_from, outrun_of
from app.supply.chains.outrun_words import misfit_words
from app.supply.chains.rules import Origin


@dataclass(frozen=True)
class Warned:
    """In what a chain does not fit (sentences), where it is mended, and whether moving its elements would do."""

    purpose: str
    href: str
    said: list[str]
    is_movable: bool


def warned_of(chain: Chain, actor: Actor) -> Warned | None:
    """Warn who may change a chain that it does not fit any more what it is for."""
    found = outrun_of(chain) if can(actor, P.CHANGE_BUNDLE, chain.bundle) else None
    return _warned(found) if found else None


def warned_from(origin: Origin, actor: Actor) -> list[Warned]:
    """Warn of the chains that were asked for from a draft and do not fit it any more, who may change them."""
    return [_warned(each) for each in outrun_from(origin) if can(actor, P.CHANGE_BUNDLE, each.chain.bundle)]


def _warned(found: Outrun) -> Warned:
    bundle = found.chain.bundle
    href = url_for("chains.show", chain_ref=bundle.ref)
    return Warned(bundle.purpose, href, misfit_words(found), MOVABLE.issuperset(found.misfits))
