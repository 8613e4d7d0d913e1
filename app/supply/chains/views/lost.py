"""Chains whose part of an offer has ended: their headline says so, and who organises one is told on their own page."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from flask import url_for
from flask_babel import gettext as _

from app.bookings.bundles import Whole
from app.bookings.policy import BookingPermission as P
from app.bookings.rules import BundleState
from app.bookings.views.bundles import standing_for
from app.bookings.views.tasks import Task, adds_tasks
from app.bookings.words.standing import Standing
from app.core.policy import Actor, can
from app.supply.chains.models import Chain
from app.supply.chains.queries import lost_among
from app.supply.offers.models import SurplusClaim
from app.supply.offers.queries import parts_of
from app.supply.offers.rules import LIVE, ClaimState

_ENDED: Final = frozenset({BundleState.OVER, BundleState.GIVEN_UP})


def lost_parts(chains: Iterable[Chain]) -> Mapping[str, SurplusClaim]:
    """Read which of the parts that chains are to carry have ended, by their references."""
    refs = {chain.surplus_claim_ref for chain in chains if chain.surplus_claim_ref}
    return {part.public_id: part for part in parts_of(refs) if part.state not in LIVE}


def lost_part(part: SurplusClaim | None) -> Mapping[str, SurplusClaim]:
    """Give the same of one that is read already."""
    return {part.public_id: part} if part is not None and part.state not in LIVE else {}


def chain_standing(chain: Chain, whole: Whole, actor: Actor, lost: Mapping[str, SurplusClaim]) -> Standing:
    """Say where a chain stands: that it has nothing to carry any more comes before all that was accepted."""
    part = lost.get(chain.surplus_claim_ref or "")
    if part is None or whole.state in _ENDED:
        return standing_for(whole, actor)
    advice = (
        _("Cancel everything, so that others can use the places; or go on, if it carries something else.")
        if can(actor, P.CANCEL_BUNDLE, whole.bundle)
        else _("Call who asked for it before you get ready.")
    )
    title = _("This chain has nothing to carry any more")
    return Standing("to_fix", title, f"{_why(part)} {advice}", kind="bad")


def _why(part: SurplusClaim) -> str:
    if part.state == ClaimState.GIVEN_BACK:
        return _("“%(name)s” has given back the part that it was to carry.", name=part.organisation.name)
    return _("“%(name)s” does not give the part that it was to carry.", name=part.offer.organisation.name)


@adds_tasks
def tasks(wholes: Collection[Whole]) -> list[Task]:
    """List the chains that have nothing to carry any more: who organises them decides what becomes of them."""
    going = {each.bundle.id: each for each in wholes if each.state not in _ENDED}
    return [
        {
            "label": _("This chain has nothing to carry any more"),
            "detail": going[number].bundle.purpose,
            "href": url_for("chains.show", chain_ref=going[number].bundle.ref),
            "icon": "warning",
        }
        for number in sorted(lost_among(going))
    ]
