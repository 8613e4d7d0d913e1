"""What fits in the place of a lost leg of a chain, in words: how far it goes, what is missing, why the rest not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.availability.policy import TimePermission
from app.availability.shown import Shown, shown_by_id
from app.bookings.models import Booking
from app.bookings.views.fitted import Fit, Fits, finds_fits
from app.catalogue.kinds.words import amount
from app.catalogue.naming import label_of
from app.core import clock
from app.core.policy import Actor, can
from app.supply.cargo_words import kilos
from app.supply.chains.links import prepare_url
from app.supply.chains.mending import Found, Offered, gaps_of, look
from app.supply.chains.models import Chain
from app.supply.chains.plan_words import groups_of, named_words, reason_words
from app.supply.chains.planning.mending import ROADS
from app.supply.chains.planning.world import WITHIN, Place, Task
from app.supply.chains.queries import draft_for, find_chain, is_in_the_way
from app.supply.chains.rules import first_and_last, loading_hours
from app.supply.chains.words import road_words
from app.web.format import distance, duration

Pair = tuple[Place, Place]


@finds_fits
def fits_in_chain(leg: Booking, legs: Sequence[Booking], actor: Actor) -> Fits | None:
    """Find what fits in the place of a leg of a chain; None for what is of none."""
    chain = find_chain(leg.bundle_id or 0)
    return fits_of(chain, leg, legs, look(chain, leg, legs, actor), actor) if chain else None


def fits_of(chain: Chain, leg: Booking, legs: Sequence[Booking], found: Found, actor: Actor) -> Fits:
    """Write what was found for the place of a lost leg, one of those that the chain wants now."""
    places = shown_by_id([each.resource_id for each in found.offered])
    sites = site_names(legs, actor)
    sites |= {Place(each.lat, each.lon): each.site_name for each in places.values()}
    offers = [
        _fit(chain, leg, each, places[each.resource_id], found, sites)
        for each in found.offered
        if each.resource_id in places
    ]
    again = again_url(chain, legs), again_words(chain)
    return Fits(offers, _others(found), *again, _without(chain, leg, legs, sites))


def _fit(
    chain: Chain, leg: Booking, offered: Offered, place: Shown, found: Found, sites: Mapping[Place, str]
) -> Fit:
    km = found.spot.own.place.beeline(offered.candidate.means.place) / 1000
    lacks = [undriven_words(each, sites) for each in offered.fit.undriven]
    metres, trips = offered.fit.metres, offered.fit.trips
    use = Fit(offered.resource_id, offered.span, offered.quantity, km, metres, trips, chain.grams)
    return replace(use, why=_why(chain, leg, offered, place), lacks=lacks)


def _why(chain: Chain, leg: Booking, offered: Offered, place: Shown) -> list[str]:
    """Say why it fits: its way and trips, or what it takes in, or how long the work takes there."""
    fit, task = offered.fit, offered.candidate.means.task
    said = []
    if task is Task.DRIVE:
        said.append(road_words(fit.metres or leg.foreseen_metres or 0, fit.trips))
    elif place.capacity > 1 and place.unit != "whole":
        said.append(amount(place.unit, offered.quantity))
    if task is Task.PROCESS:
        length = duration(-(-offered.candidate.need.work // 60))
        said.append(_("%(kilos)s worked off in %(length)s", kilos=kilos(chain.grams), length=length))
    if fit.rides:
        way = distance(sum(fit.rides.values()) / 1000)
        said.append(_("What drives there and on goes %(distance)s in all", distance=way))
    return said


def _others(found: Found) -> list[str]:
    """Say why all the rest does not fit, most first, some by their names."""
    groups = groups_of(found.rejected)
    names = shown_by_id({number for *_rest, ids in groups for number in ids})
    said = []
    for task, reason, number, ids in groups:
        named = named_words([names[each].name for each in ids if each in names], number)
        words = reason_words(task, reason, number)
        said.append(_("%(why)s (%(names)s)", why=words, names=named) if named else words)
    return said


# -- what nobody drives -------------------------------------------------------------------------------------


def undriven_said(chain: Chain, legs: Sequence[Booking], actor: Actor) -> list[str]:
    """Say between which places of a chain nothing drives, by what it wants now; nothing once that is over."""
    if not any(leg.end_at > clock.now() for leg in legs):
        return []
    sites = site_names(legs, actor)
    return [undriven_words(each, sites) for each in gaps_of(chain, legs)]


def undriven_words(pair: Pair, sites: Mapping[Place, str]) -> str:
    """Say that nothing drives between two places, and how far that is."""
    start, end = (sites.get(place) for place in pair)
    way = distance(pair[0].road(pair[1]) / 1000)
    facts = {
        "start": start or _("where it is fetched"),
        "end": end or _("where it is brought"),
        "distance": way,
    }
    return _(
        "Nothing drives from “%(start)s” to “%(end)s” (%(distance)s): bring it yourselves, or add a vehicle.",
        **facts,
    )


def site_names(legs: Iterable[Booking], actor: Actor) -> dict[Place, str]:
    """Name the places of legs that somebody may know of."""
    return {
        Place(leg.resource.site.lat, leg.resource.site.lon): leg.resource.site.name
        for leg in legs
        if can(actor, TimePermission.SEE_RESOURCE, leg.resource)
    }


def _without(chain: Chain, leg: Booking, legs: Sequence[Booking], sites: Mapping[Place, str]) -> str:
    """Say what nobody would drive any more, were a vehicle left out."""
    roads = {step.leg_number for step in chain.steps if step.role in ROADS}
    if leg.leg_number not in roads:
        return ""
    now, then = gaps_of(chain, legs), gaps_of(chain, [each for each in legs if each.id != leg.id])
    return next((undriven_words(each, sites) for each in then if each not in now), "")


# -- another chain ------------------------------------------------------------------------------------------


def again_url(chain: Chain, legs: Sequence[Booking]) -> str:
    """Give the address at which the same is prepared anew, filled in with what is known of it and what it is for.

    `legs` are those that its page shows.
    """
    zone = ZoneInfo(legs[0].resource.site.timezone)
    draft = draft_for(chain.origin) if chain.origin else None
    since, until = max(chain.load_from_at or legs[0].start_at, clock.now()), chain.load_until_at
    hours = loading_hours(chain.load_from_at, until, zone)
    until = until or legs[0].end_at
    from_at, until_at = first_and_last(since, until if until > since else since + WITHIN, hours, zone)
    return prepare_url(
        chain.product,
        chain.cargo,
        commune=chain.from_commune or "",
        place=_exactly(chain),
        from_at=from_at,
        until_at=until_at,
        zone=zone,
        part=chain.surplus_claim_ref or "",
        offre=chain.surplus_offer_ref or "",
        brouillon=draft.public_id if draft else "",
    )


def again_words(chain: Chain) -> str:
    """Say what comes before another chain for the same, if anything does."""
    return _("Give this one up first: it carries all that there is.") if is_in_the_way(chain) else ""


def _exactly(chain: Chain) -> str:
    """Say where exactly it is fetched, without the commune, which has a field of its own."""
    label, place = label_of(chain.from_commune or "") or "", chain.from_place
    return "" if label.startswith(place) else place.removesuffix(label).removesuffix(", ")
