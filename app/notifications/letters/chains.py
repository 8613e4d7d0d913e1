"""Letters about chains to whom they concern: when what one offers is collected, that what one receives is sure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask_babel import gettext as _

from app.bookings.bundles import Whole
from app.bookings.models import Booking
from app.bookings.rules import APPROVED, LIVE, BundleState
from app.bookings.words import leg_when
from app.notifications.letters.facts import Rows, short
from app.notifications.letters.letter import Letter, instant, link, rows
from app.supply.cargo_words import kilos
from app.supply.chains.models import Chain
from app.supply.chains.words import carried_words
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState
from app.supply.offers.words import place_words


@dataclass(frozen=True)
class Told:
    """A chain as it is when its letter is written: its collecting legs (None: one is missing), the part it carries."""

    chain: Chain
    whole: Whole
    collecting: Sequence[Booking | None]
    part: SurplusClaim | None

    @property
    def legs(self) -> list[Booking]:
        """List what is to come, sure or not."""
        return [leg for leg in self.collecting if leg is not None and leg.decision in LIVE]

    @property
    def is_sure(self) -> bool:
        """Tell whether all that is to collect it comes."""
        return len(self.legs) == len(self.collecting) and all(leg.decision == APPROVED for leg in self.legs)

    @property
    def who(self) -> str:
        """Name who asked for it."""
        return self.whole.bundle.organisation.name

    @property
    def facts(self) -> dict[str, str]:
        """Say what is carried, for a subject."""
        return {"what": short(self.chain.product), "kilos": kilos(self.chain.grams)}


# -- to who offers what it carries --------------------------------------------------------------------------


def chain_collection_answered(told: Told) -> Letter | None:
    """Tell when it is collected, once that is sure."""
    if not told.is_sure:
        return None
    said = _("“%(name)s” has what it needs to collect what you offer.", name=told.who)
    return _to_who_offers(told, _("Collection confirmed: %(what)s, %(kilos)s", **told.facts), said)


def chain_collection_moved(told: Told) -> Letter | None:
    """Tell when it is collected now, and whether that is sure."""
    if len(told.legs) < len(told.collecting):
        return chain_collection_lost(told)
    if told.is_sure:
        said = _("What you offer is collected as it says below: please forget what you read before.")
        return _to_who_offers(told, _("Collection changed: %(what)s, %(kilos)s", **told.facts), said)
    said = _("The collection of what you offer is not sure any more. You will read when it is.")
    return _to_who_offers(told, _("Collection not sure: %(what)s, %(kilos)s", **told.facts), said)


def chain_collection_lost(told: Told) -> Letter | None:
    """Tell that it is not collected as was said; nothing where something else comes for sure by now."""
    if told.is_sure:
        return None
    said = _(
        "The vehicle that was to collect what you offer does not come. “%(name)s” can ask for another, and you will "
        "read when one is sure.",
        name=told.who,
    )
    if told.whole.state is BundleState.GIVEN_UP:
        said = _(
            "“%(name)s” has given up its chain: nobody comes to collect your surplus as was said.",
            name=told.who,
        )
    return _to_who_offers(told, _("Nobody comes to collect: %(what)s, %(kilos)s", **told.facts), said)


def _to_who_offers(told: Told, subject: str, said: str) -> Letter | None:
    part = told.part
    if part is None or part.state != ClaimState.CLAIMED or told.whole.state is BundleState.OVER:
        return None
    offer = part.offer
    return Letter(
        subject=subject,
        paragraphs=(said,),
        facts=rows(
            *((leg.resource.name, _when(leg)) for leg in told.legs),
            (_("What"), offer.product),
            (_("Weight"), kilos(told.chain.grams)),
            (_("Where"), place_words(offer)),
            *_asker(told),
        ),
        action=link(_("See the chain"), "chains.show", chain_ref=told.whole.bundle.ref),
        second=link(_("See the offer"), "surplus.show", ref=offer.public_id),
    )


def _when(leg: Booking) -> str:
    return leg_when(leg) if leg.decision == APPROVED else _("%(when)s (not sure yet)", when=leg_when(leg))


def _asker(told: Told) -> Rows:
    asker = told.whole.bundle.organisation
    return ((_("Asked by"), asker.name), (_("Phone"), asker.phone), (_("Number"), told.whole.bundle.ref))


# -- to who receives what comes of it -----------------------------------------------------------------------


def chain_received(told: Told) -> Letter | None:
    """Tell who receives it that all of it is accepted, or that it is given up; until then nothing is sure."""
    match told.whole.state:
        case BundleState.ACCEPTED:
            said = _(
                "“%(name)s” hands this over to you. All that is needed for it on the way is accepted.",
                name=told.who,
            )
            return _to_receiver(told, _("You receive: %(what)s, %(kilos)s", **told.facts), said)
        case BundleState.GIVEN_UP:
            said = _("“%(name)s” has given it up: please do not count on it.", name=told.who)
            return _to_receiver(told, _("You do not receive: %(what)s, %(kilos)s", **told.facts), said)
    return None


def chain_unsure(told: Told) -> Letter | None:
    """Tell who was told that all of it is accepted that this is not so any more; nothing where it is again."""
    match told.whole.state:
        case BundleState.TO_FIX:
            said = _(
                "This hand-over to you is not sure any more: something that is needed for it on the way cannot be had. "
                "“%(name)s” can ask for something else, and you will read when all of it is sure again.",
                name=told.who,
            )
        case BundleState.WAITING:
            said = _(
                "This hand-over to you is not sure any more: something that is needed for it on the way waits for an "
                "answer again. You will read when all of it is sure."
            )
        case _:
            return None
    return _to_receiver(told, _("Not sure any more: %(what)s, %(kilos)s", **told.facts), said)


def chain_handed_over(told: Told) -> Letter | None:
    """Tell who receives it when that is now; as long as it is not sure they read it once it is."""
    if told.whole.state is not BundleState.ACCEPTED:
        return None
    said = _("“%(name)s” has changed when this is handed over to you.", name=told.who)
    if told.whole.bundle.handover_at is None:
        said = _(
            "“%(name)s” does not say any more when this is handed over to you. Below is the soonest it can be.",
            name=told.who,
        )
    return _to_receiver(told, _("Hand-over changed: %(what)s, %(kilos)s", **told.facts), said)


def chain_readdressed(told: Told) -> Letter | None:
    """Tell who was to receive it that somebody else does: its page is not theirs any more."""
    if told.whole.state in (BundleState.OVER, BundleState.GIVEN_UP):
        return None
    said = _("“%(name)s” hands this over to another organisation: please do not count on it.", name=told.who)
    letter = _to_receiver(told, _("You do not receive: %(what)s, %(kilos)s", **told.facts), said)
    facts = rows((_("What"), carried_words(told.chain)), *_asker(told))
    return replace(letter, facts=facts, action=None)


def _to_receiver(told: Told, subject: str, said: str) -> Letter:
    bundle = told.whole.bundle
    is_on = told.whole.state is BundleState.ACCEPTED
    at = bundle.handover_at or max(leg.end_at for leg in told.whole.shown)
    return Letter(
        subject=subject,
        paragraphs=(said,),
        facts=rows(
            (_("What"), carried_words(told.chain)),
            (_("The hand-over"), instant(at, told.whole.last_zone.key) if is_on else ""),
            (_("What for"), bundle.purpose),
            *_asker(told),
        ),
        action=link(_("See the chain"), "chains.show", chain_ref=bundle.ref),
    )


LETTERS: Final[Mapping[str, Callable[[Told], Letter | None]]] = {
    writer.__name__: writer
    for writer in (
        chain_collection_answered, chain_collection_moved, chain_collection_lost, chain_received, chain_unsure,
        chain_handed_over, chain_readdressed,
    )
}  # fmt: skip
