"""The chains of parts of offers, on the pages of these: those there are, and the way to the next one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from app.bookings.bundles import Whole, wholes
from app.bookings.policy import named_among, seen_among
from app.bookings.rules import BundleState
from app.core import clock
from app.core.policy import Actor
from app.supply.cargo_words import kilos
from app.supply.chains.concerned import collecting
from app.supply.chains.links import prepare_url
from app.supply.chains.models import Chain
from app.supply.chains.queries import carried_of, chains_of_offer, chains_of_parts
from app.supply.chains.rules import first_and_last, loading_hours
from app.supply.chains.words import collection_words
from app.supply.offers.models import SurplusClaim, SurplusOffer
from app.supply.offers.queries import left_of
from app.supply.offers.rules import ClaimState
from app.supply.offers.views.onward import Way, carries, leads_on


@carries
def _ways(parts: Sequence[SurplusClaim], actor: Actor) -> Mapping[str, Sequence[Way]]:
    """Lead to the chains that carry parts, and who took one to where its chain is prepared."""
    found = defaultdict[str, list[Way]](list)
    chains = chains_of_parts(each.public_id for each in parts)
    known = wholes(chain.bundle_id for chain in chains)
    seen = seen_among(actor, [whole.bundle for whole in known.values()])
    going = [(each, known[each.bundle_id]) for each in chains if each.bundle_id in seen]
    settled = {each.public_id for each in parts if each.state != ClaimState.CLAIMED}
    for chain, ways in _there_are(going, actor, settled):
        found[chain.surplus_claim_ref or ""] += ways
    ours = [each for each in parts if _is_to_carry(each, actor)]
    carried = carried_of(each.public_id for each in ours)
    for part in ours:
        ways, left = found[part.public_id], part.grams - carried.get(part.public_id, 0)
        ways.append(_next(part, left, has_one=bool(ways)))
    return found


@leads_on
def _ways_of_own(offer: SurplusOffer, actor: Actor) -> Sequence[Way]:
    """Lead who offers to the chains that they asked for themselves, and to where the next one is prepared."""
    if not actor.belongs_to(offer.organisation_id):
        return ()
    chains = chains_of_offer(offer.public_id)
    known = wholes(chain.bundle_id for chain in chains)
    going = _there_are([(each, known[each.bundle_id]) for each in chains], actor)
    ways = [way for _chain, found in going for way in found]
    is_open, left = offer.is_open_at(clock.now()), left_of(offer)
    if going and is_open and left:
        ways.append(
            Way(
                _(
                    "Others can still take what your chain carries: correct the offer to what is left for them."
                )
            )
        )
    if is_open and left:
        href = _prepare(offer, left, offer=offer.public_id)
        label = _("Organise another chain") if going else _("Organise the chain")
        ways.append(Way(label, href, is_next=not going))
    return ways


def _there_are(
    chains: Sequence[tuple[Chain, Whole]], actor: Actor, settled: Collection[str] = ()
) -> list[tuple[Chain, list[Way]]]:
    """Lead to those of some chains that are not given up; nothing comes for the parts (references) `settled`."""
    going = [(chain, whole) for chain, whole in chains if whole.state is not BundleState.GIVEN_UP]
    named = named_among(actor, [leg for _chain, whole in going for leg in whole.legs])
    return [
        (chain, _there_is(chain, whole, named, comes=chain.surplus_claim_ref not in settled))
        for chain, whole in going
    ]


def _there_is(chain: Chain, whole: Whole, named: Collection[int], *, comes: bool) -> list[Way]:
    """Lead to a chain, and say when it comes to collect the part, as long as that is still to be and lies ahead."""
    bundle = whole.bundle
    legs = {leg.leg_number: leg for leg in whole.legs}
    comes = comes and whole.state is not BundleState.OVER
    asked = [legs.get(number) for number in collecting(chain)] if comes else []
    ahead = [leg for leg in asked if leg is None or leg.end_at > clock.now()]
    said = [collection_words(leg, is_named=leg is not None and leg.id in named) for leg in ahead]
    href = url_for("chains.show", chain_ref=bundle.ref)
    return [*(Way(each) for each in said), Way(_("Chain: %(purpose)s", purpose=bundle.purpose), href)]


def _next(part: SurplusClaim, left: int, *, has_one: bool) -> Way:
    """Lead to where the next chain is prepared, for what no other carries; or say why there is none."""
    if left <= 0:
        return Way(_("All of it is carried. To organise another chain, give that one up first."))
    href = _prepare(part.offer, left, part=part.public_id)
    if not has_one:
        return Way(_("Organise the chain"), href, is_next=True)
    if left < part.grams:
        return Way(_("Organise another chain for the %(left)s left", left=kilos(left)), href)
    return Way(_("Organise another chain"), href)


def _is_to_carry(part: SurplusClaim, actor: Actor) -> bool:
    is_theirs = actor.belongs_to(part.organisation_id)
    return is_theirs and part.state == ClaimState.CLAIMED and part.offer.until_at > clock.now()


def _prepare(carried: SurplusOffer, grams: int, *, part: str = "", offer: str = "") -> str:
    """Lead to where a chain is prepared: from when on it can be loaded, which is not the hour of whoever looks."""
    zone = ZoneInfo(carried.territory.timezone)
    hours = loading_hours(carried.said_from_at, carried.until_at, zone)
    since = max(carried.from_at, clock.now())
    from_at, _last = first_and_last(since, carried.until_at, hours, zone)
    return prepare_url(
        carried.product,
        carried.cargo.of(grams),
        commune=carried.commune_code,
        place=carried.place,
        from_at=from_at,
        until_at=carried.until_at,
        zone=zone,
        part=part,
        offre=offer,
    )
