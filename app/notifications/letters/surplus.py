"""Letters about surplus: offered near by; a part taken, picked up, given back, cancelled; an offer changed or ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.core import clock
from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, Link, instant, link, rows
from app.payments.models import CostPlan
from app.supply.cargo_words import REGIMES, kilos, load_words, packages_words
from app.supply.chains.models import Chain
from app.supply.offers.goods import cents_of, plans_of
from app.supply.offers.handed import handed_of
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.rules import LAPSES_AFTER, LIVE, ClaimState, State
from app.supply.offers.service.paying import SETTLED_AFTER
from app.supply.offers.words import from_words, place_words, price_words
from app.web.format import distance, money

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class About:
    """An offer as it is when its letter is written; `reader` and `km` are those of whom it may concern."""

    offer: SurplusOffer
    left: int
    claim: SurplusClaim | None = None
    reader: Organisation | None = None
    km: float | None = None
    chains: tuple[Chain, ...] = ()  # that are to carry the part

    @property
    def product(self) -> str:
        """Name it so that a subject can be read on a phone."""
        return short(self.offer.product)

    @property
    def part(self) -> str:
        """Write what the part weighs."""
        return kilos(self.claim.grams) if self.claim else ""

    @property
    def taker(self) -> str:
        """Name who took the part."""
        return self.claim.organisation.name if self.claim else ""


def surplus_offered(about: About) -> Letter | None:
    """Tell an organisation of what is offered close to it."""
    offer = about.offer
    if about.reader is None or not about.left or not offer.is_open_at(clock.now()):
        return None
    by = offer.organisation.name
    return Letter(
        subject=_("Surplus near you: %(what)s, %(kilos)s", what=about.product, kilos=kilos(about.left)),
        paragraphs=(_("“%(name)s” offers what it has too much of. Who comes first has it.", name=by),),
        facts=_facts(about),
        action=_see(offer, _("See it and take a part")),
        after=(_("You read this because it is close to “%(name)s”.", name=about.reader.name),),
        second=link(
            _("Choose what you are told of, or stop these e-mails"), "surplus.alerts", slug=about.reader.slug
        ),
    )


def surplus_taken(about: About) -> Letter | None:
    """Tell who offers who took a part, and what they wrote."""
    claim = about.claim
    if claim is None or claim.state not in LIVE:
        return None
    said = (_("“%(name)s” writes:", name=about.taker),) if claim.message else ()
    return Letter(
        subject=_("%(kilos)s taken: %(what)s", kilos=about.part, what=about.product),
        paragraphs=(
            _("“%(name)s” takes %(kilos)s of what you offer.", name=about.taker, kilos=about.part),
            *said,
        ),
        quote=claim.message,
        facts=_of_part(about),
        action=_see(about.offer, _("See the offer")),
        after=(_("Once it was collected, note it there."),),
    )


def surplus_given_back(about: About) -> Letter | None:
    """Tell who offers that a part is free again."""
    if about.claim is None or about.claim.state != ClaimState.GIVEN_BACK:
        return None
    is_open = about.offer.is_open_at(clock.now())
    return Letter(
        subject=_("%(kilos)s given back: %(what)s", kilos=about.part, what=about.product),
        paragraphs=(_("“%(name)s” does not take its part after all.", name=about.taker),),
        facts=_of_part(about),
        action=_see(about.offer, _("See the offer")),
        after=(_("Others can take it now."),) if is_open else (),
    )


def surplus_collected(about: About) -> Letter | None:
    """Tell who took a part that it is noted as collected, what is charged when, and what to do if that is wrong."""
    claim, by = about.claim, about.offer.organisation.name
    if claim is None or claim.collected_at is None:
        return None
    plan = plans_of([claim]).get(claim.public_id)
    is_signed = claim.public_id in handed_of([claim.public_id])
    return Letter(
        subject=_("Noted as picked up: %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(
            _("A signed hand-over note says that your part was picked up.")
            if is_signed
            else _("“%(name)s” has noted that you picked up your part.", name=by),
            *((_charge_words(claim, plan),) if plan else ()),
        ),
        facts=_facts(about),
        action=_see(about.offer, _("See the offer")),
        after=() if is_signed else (_deny_words(is_charged=plan is not None),),
    )


def _deny_words(*, is_charged: bool) -> str:
    if is_charged:
        return _("You did not pick it up? Say so on that page before it is charged.")
    return _("You did not pick it up? Say so on that page.")


def _charge_words(claim: SurplusClaim, plan: CostPlan) -> str:
    when = instant((claim.collected_at or clock.now()) + SETTLED_AFTER, claim.offer.territory.timezone)
    amount = money(cents_of(claim, plan))
    return _("It costs %(amount)s, which is charged on %(when)s.", amount=amount, when=when)


def surplus_uncollected(about: About) -> Letter | None:
    """Remind both sides of a part of which nobody has noted that it was collected."""
    claim, offer = about.claim, about.offer
    if claim is None or claim.state != ClaimState.CLAIMED:
        return None
    ends = instant(offer.until_at + LAPSES_AFTER, offer.territory.timezone)
    return Letter(
        subject=_("Still to be picked up? %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(
            _("Nobody has noted that “%(name)s” picked up its part, and its time is over.", name=about.taker),
            _("If it did, “%(name)s” notes it on the page of the offer.", name=offer.organisation.name),
            _("“%(name)s” says there if it does not come any more.", name=about.taker),
        ),
        facts=_of_part(about),
        action=_see(offer, _("See the offer")),
        after=(_("Otherwise the part ends by itself, and nothing is charged: %(when)s.", when=ends),),
    )


def surplus_lapsed(about: About) -> Letter | None:
    """Tell both sides that a part nobody collected has ended."""
    if about.claim is None or about.claim.state != ClaimState.GIVEN_BACK:
        return None
    return Letter(
        subject=_("Ended, never picked up: %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(
            _("Nobody has noted that “%(name)s” picked up its part, which has ended now.", name=about.taker),
            _("Nothing is charged for it. It was picked up? Then settle between you what is owed."),
        ),
        facts=_of_part(about),
        action=_see(about.offer, _("See the offer")),
    )


def surplus_denied(about: About) -> Letter | None:
    """Tell who offers that a part which they noted as collected was not, as who took it says."""
    claim = about.claim
    if claim is None or claim.state != ClaimState.CLAIMED:
        return None
    return Letter(
        subject=_("Not picked up: %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(
            _("“%(name)s” says that it did not pick up its part, which you had noted.", name=about.taker),
            _("It is to be picked up again, and nothing is charged. Call them to agree on what happened."),
        ),
        facts=_of_part(about),
        action=_see(about.offer, _("See the offer")),
    )


def surplus_part_cancelled(about: About) -> Letter | None:
    """Tell who took a part that they do not get it, and why."""
    if about.claim is None or about.claim.state != ClaimState.CANCELLED:
        return None
    return _ended(about, about.claim.reason)


def surplus_withdrawn(about: About) -> Letter | None:
    """Tell who took a part that all of it was withdrawn, and why."""
    if about.offer.state != State.WITHDRAWN:
        return None
    return _ended(about, about.offer.reason)


def _ended(about: About, reason: str) -> Letter:
    by = about.offer.organisation.name
    return Letter(
        subject=_("You do not get it after all: %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(
            _("“%(name)s” cannot give you the part that you took.", name=by),
            _("“%(name)s” gives this reason:", name=by),
        ),
        quote=reason,
        facts=_facts(about),
        action=link(_("See what else is offered"), "surplus.board"),
    )


def surplus_chain_empty(about: About) -> Letter | None:
    """Tell who asked for a chain that it has nothing to carry any more."""
    claim = about.claim
    if claim is None or claim.state in LIVE or not about.chains:
        return None
    first, *others = about.chains
    return Letter(
        subject=_("Nothing to carry any more: %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(
            _("The part of the surplus that your chain was to carry is not yours any more."),
            _("The chain still keeps its places. Give it up, so that others can use them."),
        ),
        facts=rows(*((_("Chain"), each.bundle.purpose) for each in about.chains), *_of_part(about)),
        action=_see_chain(first),
        second=_see_chain(others[0]) if others else None,
    )


def _see_chain(chain: Chain) -> Link:
    name = short(chain.bundle.purpose)
    return link(_("See the chain: %(purpose)s", purpose=name), "chains.show", chain_ref=chain.bundle.ref)


def surplus_changed(about: About) -> Letter | None:
    """Tell who took a part what the offer says now."""
    if about.claim is None or about.claim.state != ClaimState.CLAIMED or about.offer.state != State.OPEN:
        return None
    by = about.offer.organisation.name
    return Letter(
        subject=_("Changed: %(what)s, %(kilos)s", what=about.product, kilos=about.part),
        paragraphs=(_("“%(name)s” has corrected the offer of which you took a part. It says now:", name=by),),
        facts=_facts(about),
        action=_see(about.offer, _("See the offer")),
        after=(_("It does not suit you any more? Leave your part to others there."),),
    )


def surplus_over(about: About) -> Letter | None:
    """Tell who offered what nobody took, and let them offer it again."""
    offer = about.offer
    if offer.state != State.OVER or not about.left:
        return None
    return Letter(
        subject=_("Nobody took it: %(what)s, %(kilos)s", what=about.product, kilos=kilos(about.left)),
        paragraphs=(
            _("Your offer is over, and this much of it was not taken: %(kilos)s.", kilos=kilos(about.left)),
        ),
        facts=_of_part(about),
        action=link(_("Offer it again"), "surplus.propose", comme=offer.public_id),
        after=(_("What was taken can still be collected; note it on the page of the offer."),),
        second=_see(offer, _("See the offer")),
    )


def _facts(about: About) -> Facts:
    """List what whoever could collect it has to know, with somebody to call."""
    offer, tz = about.offer, about.offer.territory.timezone
    cargo = offer.cargo
    return rows(
        (_("What"), f"{offer.product}, {about.part or kilos(about.left)}"),
        (_("Price"), price_words(about.claim.price_cents if about.claim else offer.price_cents)),
        (_("Where"), place_words(offer)),
        (_("Distance"), distance(about.km) if about.km is not None else ""),
        (_("Can be collected from"), from_words(offer)),
        (_("To be collected by"), instant(offer.until_at, tz)),
        (_("Temperature"), str(REGIMES[offer.regime])),
        (_("All of it"), f"{packages_words(offer.packaging, cargo.packages)}, {load_words(cargo)}"),
        (_("Phone"), offer.organisation.phone),
        (_("Number"), offer.public_id),
    )


def _of_part(about: About) -> Facts:
    """List what who offers wants to know of a part, with somebody to call."""
    offer, claim = about.offer, about.claim
    return rows(
        (_("What"), offer.product),
        (_("For"), about.taker),
        (_("Weight"), about.part),
        (_("Phone"), claim.organisation.phone if claim else ""),
        (_("Left"), kilos(about.left)),
        (_("To be collected by"), instant(offer.until_at, offer.territory.timezone)),
        (_("Number"), offer.public_id),
    )


def _see(offer: SurplusOffer, label: str) -> Link:
    return link(label, "surplus.show", ref=offer.public_id)


LETTERS: Final[Mapping[str, Callable[[About], Letter | None]]] = {
    writer.__name__: writer
    for writer in (
        surplus_offered,
        surplus_taken,
        surplus_given_back,
        surplus_collected,
        surplus_uncollected,
        surplus_lapsed,
        surplus_denied,
        surplus_part_cancelled,
        surplus_chain_empty,
        surplus_withdrawn,
        surplus_changed,
        surplus_over,
    )
}
