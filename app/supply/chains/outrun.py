"""What of a chain that was asked for does not fit any more what it is for, because that was changed since.

Nothing is written down: once its elements are moved so that it fits again, or all is given up, there is nothing to say.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.bookings.models import Booking
from app.bookings.rules import LIVE
from app.catalogue.communes import distance_km, find_commune
from app.catalogue.models import Resource, Site
from app.core.span import Span
from app.infra.db import db
from app.supply.chains.concerned import collecting
from app.supply.chains.models import Chain, ChainDraft, ChainStep
from app.supply.chains.planning.roads import STOP, driving, road
from app.supply.chains.planning.world import Place
from app.supply.chains.queries import chains_from, draft_for
from app.supply.chains.rules import Origin

_SAME_KM: Final = 0.5  # nearer than that it is the same place, said more exactly
_TOO_EARLY: Final = timedelta(
    days=1
)  # so long before it is packed it is brought to a place that is not kept for it


class Misfit(StrEnum):
    """In what a chain does not fit what it is for."""

    TIME = "time"  # it is fetched when it cannot be loaded
    FROM = "from"  # it is fetched somewhere else
    KEPT = "kept"  # it is kept at another temperature
    TO = "to"  # it is brought somewhere else
    NOWHERE = "nowhere"  # where it is brought is not kept for it any more
    LATE = "late"  # it is brought when it should be there already
    EARLY = "early"  # or long before anybody expects it


Teller = Callable[[str], bool]
_tellers: dict[str, Teller] = {}


def tells_lost_end(kind: str) -> Callable[[Teller], Teller]:
    """Mark a function by which a room says, by reference, that the place where its goods should go was lost."""

    def mark(teller: Teller) -> Teller:
        _tellers[kind] = teller
        return teller

    return mark


MOVABLE: Final = frozenset({Misfit.TIME, Misfit.LATE, Misfit.EARLY})  # moving its elements is enough


@dataclass(frozen=True)
class Outrun:
    """A chain that does not fit the draft it was asked for from, as that is now; when it is fetched, where known."""

    chain: Chain
    draft: ChainDraft
    misfits: Sequence[Misfit]
    fetched: Span | None


def outrun_from(origin: Origin) -> list[Outrun]:
    """List the chains that were asked for from a draft and do not fit it any more, the first first."""
    chains = chains_from([origin])[origin]
    draft = draft_for(origin) if chains else None
    if draft is None:
        return []
    legs = _collecting_legs(chains)
    found = (_outrun(chain, draft, legs[chain.bundle_id]) for chain in chains)
    return [each for each in found if each.misfits]


def outrun_of(chain: Chain) -> Outrun | None:
    """Tell in what a chain does not fit what it is for; None where it fits, or is given up, or for nothing known."""
    found = outrun_from(chain.origin) if chain.origin else ()
    return next((each for each in found if each.chain.id == chain.id), None)


def _outrun(chain: Chain, draft: ChainDraft, legs: Collection[Booking]) -> Outrun:
    by_number = {step.leg_number: step for step in chain.steps}
    first = min(legs, key=lambda leg: leg.start_at, default=None)
    fits = {
        Misfit.TIME: _is_loaded_as_said(chain, draft)
        or all(_can_load(leg, by_number[leg.leg_number or 0], chain, draft) for leg in legs),
        Misfit.FROM: _is_same_start(chain, draft),
        Misfit.KEPT: chain.regime == draft.regime,
        Misfit.TO: _is_same_end(chain, draft),
        Misfit.NOWHERE: chain.end is None or draft.to_site is not None or not _is_end_lost(draft.origin),
        Misfit.LATE: not _is_late(chain, draft),
        Misfit.EARLY: not _is_early(chain, draft),
    }
    fetched = Span(first.start_at, first.end_at) if first else None
    return Outrun(chain, draft, [each for each in Misfit if not fits[each]], fetched)


def _is_loaded_as_said(chain: Chain, draft: ChainDraft) -> bool:
    """Tell whether it can be loaded whenever it could when it was asked for."""
    if chain.load_from_at is None or chain.load_until_at is None:
        return False
    return draft.from_at <= chain.load_from_at and chain.load_until_at <= draft.until_at


def _can_load(leg: Booking, step: ChainStep, chain: Chain, draft: ChainDraft) -> bool:
    """Tell whether a vehicle that comes in this time finds something to load, and is back by its end."""
    home = Place(leg.resource.site.lat, leg.resource.site.lon)
    out, rest = 0, STOP  # where nobody knows how far it is
    if chain.start is not None and step.metres:
        out = driving(road(home, chain.start))
        rest = driving(step.metres) + 2 * STOP * step.trips - out
    soonest = max(leg.start_at + timedelta(seconds=out), draft.from_at)
    return soonest < draft.until_at and soonest + timedelta(seconds=rest) <= leg.end_at


def _is_same_start(chain: Chain, draft: ChainDraft) -> bool:
    if chain.from_commune and draft.commune_code and chain.from_commune != draft.commune_code:
        return False
    if chain.start is None or draft.point is None:
        return True
    return distance_km(*chain.start, *draft.point) < _SAME_KM


def _is_same_end(chain: Chain, draft: ChainDraft) -> bool:
    """Tell whether it is brought where it should be: to the place, or to its commune where that is all we know."""
    if chain.end is None or draft.to_site is None:
        return True
    commune = find_commune(draft.to_site.commune_code or "")
    known = [(draft.to_site.lat, draft.to_site.lon), *([commune.point] if commune else [])]
    return any(distance_km(*chain.end, *point) < _SAME_KM for point in known)


def _is_end_lost(origin: Origin) -> bool:
    return origin.kind in _tellers and _tellers[origin.kind](origin.ref)


def _is_late(chain: Chain, draft: ChainDraft) -> bool:
    brought = chain.bundle.handover_at
    return brought is not None and draft.by_at is not None and brought > draft.by_at


def _is_early(chain: Chain, draft: ChainDraft) -> bool:
    """Tell whether the moment by which it has to be there was put off, and it comes a day before it or more."""
    brought, until = chain.bundle.handover_at, chain.load_until_at
    if brought is None or until is None or draft.by_at is None:
        return False
    return until < draft.until_at and draft.by_at - brought > _TOO_EARLY


def _collecting_legs(chains: Sequence[Chain]) -> Mapping[int, list[Booking]]:
    """Read the legs that fetch what chains carry, where they are there, by the ids of their requests."""
    numbers = {chain.bundle_id: collecting(chain) for chain in chains}
    rows = select(Booking).where(Booking.bundle_id.in_(numbers), Booking.decision.in_(LIVE))
    place = joinedload(Booking.resource).joinedload(Resource.site).load_only(Site.lat, Site.lon)
    found: dict[int, list[Booking]] = {number: [] for number in numbers}
    for leg in db.session.scalars(rows.options(place).order_by(Booking.start_at)):
        if leg.bundle_id is not None and leg.leg_number in numbers[leg.bundle_id]:
            found[leg.bundle_id].append(leg)
    return found
