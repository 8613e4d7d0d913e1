"""What may take the place of a lost leg of a chain: the place it has there, what is fit for that and free, and when."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.availability.askers import Asker
from app.availability.queries import Wish
from app.availability.several import verdicts_each
from app.bookings.fitting import Wanted as Asked
from app.bookings.legs import find_order, order_among
from app.bookings.models import Booking
from app.bookings.order import Order, Step
from app.bookings.rules import LIVE
from app.bookings.service.ordering import why_out_of_order
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db
from app.supply.chains.candidates import Standing, read_candidates
from app.supply.chains.models import Chain
from app.supply.chains.planning.chains import BEFOREHAND
from app.supply.chains.planning.mending import Fit, Spot, Stop, undriven
from app.supply.chains.planning.plan import Role
from app.supply.chains.planning.world import (
    DAYTIME,
    WITHIN,
    Candidate,
    Means,
    Place,
    Reason,
    Rejected,
    Task,
    Wanted,
    Window,
    at,
    loadings_of,
)
from app.supply.chains.rules import loading_hours
from app.supply.chains.unfit import unfit_among

MOST = 5  # other places that are shown
MOST_TIMES = 3  # of the same place
_ASKED = 20  # places of which the engine is asked whether they could be had
TASK_OF = {
    Role.COLLECT: Task.DRIVE,
    Role.CARRY: Task.DRIVE,
    Role.STORE: Task.STORE,
    Role.PROCESS: Task.PROCESS,
}


@dataclass(frozen=True)
class Offered:
    """Something that fits in the place of a leg, and when."""

    candidate: Candidate
    fit: Fit
    span: Span

    @property
    def resource_id(self) -> int:
        """Name it."""
        return self.candidate.means.resource_id

    @property
    def quantity(self) -> int:
        """Tell how many of its units the cargo takes."""
        return self.candidate.need.quantity


@dataclass(frozen=True)
class Found:
    """What fits, the best first, at other places and at the same one; why all the rest does not."""

    spot: Spot
    offered: Sequence[Offered]
    rejected: Sequence[Rejected]


def look(chain: Chain, lost: Booking, legs: Sequence[Booking], actor: Actor) -> Found:
    """Look for what could take the place of a lost leg of a chain: fit for its cargo, in time, and free.

    `legs` are all that the chain wants now, in order, as they were read for the page.
    """
    place = InPlace.of(chain, lost, legs, order_among(chain.bundle, legs, actor))
    task = TASK_OF[place.spot.own.role]
    candidates, rejected = read_candidates(place.wanted, lost.organisation, actor, clock.now(), {task})
    offered: list[Offered] = []
    for each in candidates:
        found = place.offers(each)
        if isinstance(found, Reason):
            rejected.append(Rejected(each.means.resource_id, each.means.task, found))
        else:
            offered += found
    offered.sort(key=lambda each: (bool(each.fit.undriven), each.fit.way, each.resource_id))
    own = [each for each in offered if each.resource_id == lost.resource_id]
    others = [each for each in offered if each.resource_id != lost.resource_id][:_ASKED]
    asker = Asker.on_behalf_of(lost.organisation)
    refused = _refused(others, asker)
    rejected += [Rejected(each.resource_id, task, Reason.REFUSED) for each in refused]
    free = [each for each in others if each not in refused][:MOST]
    return Found(place.spot, [*free, *(each for each in own if not _refused([each], asker))], rejected)


def _refused(offered: Sequence[Offered], asker: Asker) -> list[Offered]:
    """Ask what a request would ask: pick what would be refused. Times of one resource would count for one another."""
    wishes = [Wish(each.resource_id, each.span, each.quantity, asker) for each in offered]
    return [each for each, against in zip(offered, verdicts_each(wishes), strict=True) if against]


def refuse_unfit(
    chain: Chain, lost: Booking, legs: Sequence[Booking], wanted: Asked, actor: Actor
) -> Fit | Reason:
    """Tell how what is asked for would fit in the place of a lost leg, or why it does not; `legs` as for `look`."""
    place = InPlace.of(chain, lost, legs, find_order(lost, actor))
    asked = [wanted.resource_id]
    found = Standing.read(asked).among(asked, place.wanted).get(wanted.resource_id)
    return place.refuse(found.means if found else None, wanted, unfit_among(asked))


@dataclass(frozen=True)
class InPlace:
    """A leg of a chain, lost or not, the place it has there, and the order in which what is there has to stay."""

    chain: Chain
    leg: Booking
    spot: Spot
    order: Order | None

    @classmethod
    def of(cls, chain: Chain, leg: Booking, legs: Sequence[Booking], order: Order | None) -> "InPlace":
        """Read what the legs beside it drive with, and when goods are brought there and fetched."""
        bare = cls.bare(chain, leg, legs, order)
        return bare.beside(legs, bare.read_all(legs))

    @classmethod
    def bare(cls, chain: Chain, leg: Booking, legs: Sequence[Booking], order: Order | None) -> "InPlace":
        """Give its place without what is beside it."""
        own = next(stop for stop in stops_of(chain, legs) if stop.number == leg.leg_number)
        since, until = _bounds(chain, leg, order)
        loadings = _loadings(chain) if own.role is Role.COLLECT else None
        spot = Spot(own, chain.cargo, (), (), chain.start, chain.end, since, max(until, since + 1), loadings)
        return cls(chain, leg, spot, order)

    def read_all(self, legs: Sequence[Booking]) -> Mapping[int, Candidate]:
        """Read what those of some legs that are not lost can do, and their doors, by resource."""
        ids = live_places(legs)
        return Standing.read(ids).among(ids, self.wanted)

    def beside(self, legs: Sequence[Booking], standing: Mapping[int, Candidate]) -> "InPlace":
        """Put the other legs beside it, with what they can do: a lost one binds nothing."""
        kept = {leg.leg_number: leg.resource_id for leg in legs if leg.decision in LIVE}
        wanted, number = self.wanted, self.spot.own.number
        stops = stops_of(self.chain, legs)
        known = [_beside(stop, standing.get(kept.get(stop.number, 0)), wanted) for stop in stops]
        before = [stop for stop in known if stop.number < number]
        after = [stop for stop in known if stop.number > number]
        handovers = wanted.handovers if self.chain.end else None
        return replace(self, spot=replace(self.spot, before=before, after=after, handovers=handovers))

    def refuse(self, means: Means | None, wanted: Asked, unfit: Collection[int]) -> Fit | Reason:
        """Tell how what is asked for here would fit, or why not; its cold chain broke where it is among `unfit`."""
        if means is None or means.task is not TASK_OF[self.spot.own.role]:
            return Reason.OTHER_KIND
        if wanted.resource_id in unfit:
            return Reason.UNFIT
        return self.spot.refuse(means, wanted.quantity, wanted.span.epochs)

    @property
    def wanted(self) -> Wanted:
        """Write what is looked for as the planner reads what there is."""
        spot, (hours, zone) = self.spot, _hours(self.chain)
        place, since, until = spot.origin or spot.own.place, at(spot.since), at(spot.until)
        return Wanted(spot.cargo, place, since, until, by=until, hours=hours, zone=zone)

    def offers(self, candidate: Candidate) -> list[Offered] | Reason:
        """Give the time of a resource that is closest to what was asked, of the lost one some; or why there is none.

        Of those of one day the closest is enough.
        """
        fit = self.spot.fit(candidate.means, candidate.need)
        if isinstance(fit, Reason):
            return fit
        spans = self._spans(candidate, fit)
        if candidate.means.resource_id == self.leg.resource_id:
            days: dict[date, Span] = {}
            for span in spans:
                if span != self.leg.span:  # what was refused is free again, and would be refused again
                    days.setdefault(span.start.astimezone(candidate.means.zone).date(), span)
            found = list(days.values())[:MOST_TIMES]
        else:
            found = list(islice(spans, 1))
        return [Offered(candidate, fit, each) for each in found] or self.spot.why_never(candidate, fit)

    def _spans(self, candidate: Candidate, fit: Fit) -> Iterator[Span]:
        means, gap = candidate.means, timedelta(minutes=self.leg.leg_gap_minutes)
        for start, end in self.spot.times(candidate, fit, self.leg.span.epochs):
            span = Span(at(start), at(end))
            step = Step(self.spot.own.number, "", span, means.by_day, means.zone, gap)
            if self.order is None or why_out_of_order(self.order, step) is None:
                yield span


def gaps_of(chain: Chain, legs: Iterable[Booking]) -> list[tuple[Place, Place]]:
    """List the places of a chain between which nothing drives, as its legs are now."""
    return undriven(stops_of(chain, legs), chain.start, chain.end)


def legs_of(chain: Chain) -> list[Booking]:
    """List what a chain wants now, lost or not, in its order, as it is this moment."""
    wanted = select(Booking).where(Booking.bundle_id == chain.bundle_id, Booking.leg_number.is_not(None))
    fresh = wanted.options(joinedload(Booking.resource)).order_by(Booking.leg_number)
    return list(db.session.scalars(fresh.execution_options(populate_existing=True)))


def live_places(legs: Iterable[Booking]) -> set[int]:
    """Name the resources (ids) of those of some legs that are not lost."""
    return {leg.resource_id for leg in legs if leg.decision in LIVE}


def stops_of(chain: Chain, legs: Iterable[Booking]) -> list[Stop]:
    """Write the legs of a chain as stops on its way: where each is, and what it is there for."""
    steps = {step.leg_number: step for step in chain.steps}
    return [
        Stop(
            step.leg_number,
            Role(step.role),
            Place(leg.resource.site.lat, leg.resource.site.lon),
            trips=step.trips,
            seconds=leg.span.seconds,
        )
        for leg in legs
        if (step := steps.get(leg.leg_number or 0))
    ]


def _beside(stop: Stop, found: Candidate | None, wanted: Wanted) -> Stop:
    """Write down of a leg beside the lost one what it drives with, and when goods are brought there and fetched."""
    if found is None:
        return replace(stop, served=wanted.handling)
    return replace(stop, means=found.means, served=found.served(wanted.handling))


def _loadings(chain: Chain) -> Sequence[Window] | None:
    """Tell when it can be loaded where it is; None: unknown."""
    if chain.load_from_at is None or chain.load_until_at is None:
        return None
    return loadings_of(chain.load_from_at, chain.load_until_at, *_hours(chain))


def _hours(chain: Chain) -> tuple[Window, ZoneInfo]:
    """Tell when somebody is there on each day: in the daytime, where nobody said otherwise."""
    zone = ZoneInfo(chain.bundle.organisation.territory.timezone)
    if chain.load_from_at is None or chain.load_until_at is None:
        return DAYTIME, zone
    return loading_hours(chain.load_from_at, chain.load_until_at, zone), zone


def _bounds(chain: Chain, lost: Booking, order: Order | None) -> Window:
    """Tell when what replaces a leg may begin at the soonest, and when it has to be over: by what is beside it.

    Nothing is fetched before it can be; where nobody said when that is, before the first leg was to begin.
    """
    number, steps = lost.leg_number or 0, order.steps if order else ()
    before = [each.earliest_end for each in steps if each.number < number]
    after = [each.latest_start - each.gap for each in steps if each.number > number]
    if order and order.handover:
        after.append(order.handover)
    gap = timedelta(minutes=lost.leg_gap_minutes)
    since = max(before) + gap if before else _soonest(chain, lost)
    until = min(after) if after else max(lost.end_at, since) + WITHIN
    return int(since.timestamp()), int(until.timestamp())


def _soonest(chain: Chain, leg: Booking) -> datetime:
    if chain.load_from_at:
        return chain.load_from_at - timedelta(seconds=BEFOREHAND)
    return min(each.start_at for each in (leg, *chain.bundle.legs))
