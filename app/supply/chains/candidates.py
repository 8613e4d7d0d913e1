"""What there is for a chain, and the chains proposed for what is wanted: the reads, then the search, then the check.

As few statements for a thousand resources as for one. What is proposed was held against every rule that a request
for it would be held against; a day on which a place says no all the same is left out, and the search begun anew.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.models import Organisation
from app.availability.askers import Asker
from app.availability.hours import hours_between, opened
from app.availability.queries import Wish, taken_by_resource, terms_of
from app.availability.rules import USABLE, Taken, Terms, earliest_start, free_windows
from app.availability.several import verdicts_each
from app.catalogue.models import OpeningMode, Resource, Site
from app.catalogue.search import visible_to
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import constant
from app.infra.uow import connection
from app.payments.estimates import tariffs_for
from app.payments.shown import shown_tariff
from app.payments.tariffs.tariff import Tariff
from app.supply.cargo import KILO, Hold, Regime
from app.supply.chains.planning.chains import BEFOREHAND
from app.supply.chains.planning.fitness import fit_until, need_of
from app.supply.chains.planning.plan import Plan, PlannedLeg
from app.supply.chains.planning.search import PLANS, search
from app.supply.chains.planning.times import days_of, lead_of
from app.supply.chains.planning.world import (
    DAY,
    FREE,
    LATER,
    SPEED,
    Atp,
    Candidate,
    Means,
    Need,
    Place,
    Proposals,
    Reason,
    Rejected,
    Task,
    Wanted,
    Window,
    World,
)
from app.supply.chains.prices import TariffPrice
from app.supply.chains.unfit import unfit_among

MOST_ROUNDS = 4  # of searching anew without what refuses
TASKS: Mapping[str, Task] = {"vehicle": Task.DRIVE, "storage": Task.STORE, "kitchen": Task.PROCESS}
CYCLING = 15_000  # metres an hour, loaded and with some help of its motor
_NO_VANS = frozenset({"trailer"})  # of the vehicles: it drives nowhere by itself
_FIELDS = (
    Resource.id, Resource.site_id, Resource.kind, Resource.subtype, Resource.unit, Resource.facts,
    Resource.price_cents, Resource.price_per, Site.owner_id, Site.lat, Site.lon
)  # fmt: skip


def propose(
    wanted: Wanted,
    organisation: Organisation,
    actor: Actor,
    *,
    now: datetime | None = None,
    most: int = PLANS,
) -> Proposals:
    """Propose chains through what an organisation may ask for in its territory: the cheapest first.

    They are the cheapest, the one that goes least far and the one that is ready first, then others. With them, why all
    the rest is in none. What has no tariff costs what its place shows, though that is paid between the two; what is
    one's own costs nothing.
    """
    asker = Asker.on_behalf_of(organisation)
    candidates, rejected = read_candidates(wanted, organisation, actor, now or clock.now())
    found, once = Proposals(()), set[int]()
    for _round in range(MOST_ROUNDS):
        found = search(World(tuple(candidates)), wanted, most)
        refused = _refused(found.plans, asker)
        if not refused:
            break
        kept = tuple(plan for plan in found.plans if not any(_is_among(leg, refused) for leg in plan.legs))
        found = replace(found, plans=kept, is_whole=False)
        twice, once = once & refused.keys(), once | refused.keys()
        rejected += [
            Rejected(each.means.resource_id, each.means.task, Reason.REFUSED)
            for each in candidates
            if each.means.resource_id in twice
        ]
        candidates = [
            _without_days(each, refused.get(each.means.resource_id, ()))
            for each in candidates
            if each.means.resource_id not in twice
        ]
    return replace(found, rejected=(*rejected, *found.rejected))


def _refused(plans: Sequence[Plan], asker: Asker) -> dict[int, list[Span]]:
    """Ask what a request would ask: what would refuse its leg, and when. Legs of one plan count for one another."""
    found: dict[int, list[Span]] = {}
    for plan in plans:
        wishes = [Wish(leg.resource_id, leg.span, leg.quantity, asker) for leg in plan.legs]
        for wish, against in zip(wishes, verdicts_each(wishes), strict=True):
            if against:
                found.setdefault(wish.resource_id, []).append(wish.span)
    return found


def _is_among(leg: PlannedLeg, refused: Mapping[int, Collection[Span]]) -> bool:
    return leg.span in refused.get(leg.resource_id, ())


def _without_days(candidate: Candidate, refused: Iterable[Span]) -> Candidate:
    """Leave out the days on which a place said no: what stands against one hour of them often does so all day."""
    zone, windows = candidate.means.zone, candidate.windows
    for span in refused:
        days = days_of(*span.epochs, zone)
        first, last = days.stay(days.of(span.epochs[0]), days.of(span.epochs[1] - 1))
        beside = (0, first), (last, LATER)
        cut = ((max(start, since), min(end, until)) for start, end in windows for since, until in beside)
        windows = tuple((start, end) for start, end in cut if start < end)
    return replace(candidate, windows=windows)


# -- reading ------------------------------------------------------------------------------------------------


def read_candidates(
    wanted: Wanted,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    tasks: Collection[Task] | None = None,
) -> tuple[list[Candidate], list[Rejected]]:
    """Read what is fit for a cargo, with when it is free, and what is not, with the reason.

    `tasks` says what is looked for, where that is not a whole chain.
    """
    rows = _rows(organisation.territory_id, actor, tasks or _tasks(wanted))
    terms = terms_of([row.id for row in rows], Asker.on_behalf_of(organisation))
    tariffs = tariffs_for(set(terms), organisation, now)
    fit: dict[int, tuple[Means, Need]] = {}
    unfit = unfit_among([row.id for row in rows])
    rejected = [Rejected(row.id, TASKS[row.kind], Reason.UNFIT) for row in rows if row.id in unfit]
    for row in rows:
        if row.id not in unfit and row.id in terms and terms[row.id].status in USABLE:
            means = _means(row, terms[row.id], wanted)
            means = _priced(means, tariffs.get(row.id) or _shown(row, organisation), organisation, wanted)
            need = need_of(means, wanted.cargo)
            if isinstance(need, Need):
                fit[row.id] = means, need
            else:
                rejected.append(Rejected(row.id, means.task, need))
    found = _free(fit, {each: terms[each] for each in fit}, wanted, now)
    return list(found), rejected


@dataclass(frozen=True)
class Standing:
    """What was read of resources that chains go through already: for all of these at once, whatever each carries."""

    rows: Mapping[int, Any]
    terms: Mapping[int, Terms]

    @classmethod
    def read(cls, resource_ids: Collection[int]) -> "Standing":
        """Read what resources can do, and their doors; not what is free or costs, nor by when who has to ask."""
        if not resource_ids:
            return cls({}, {})
        found = select(*_FIELDS).join(Site, Site.id == Resource.site_id)
        wanted_ones = Resource.id.in_(resource_ids), Resource.subtype.not_in(_NO_VANS)
        rows = connection().execute(found.where(*wanted_ones)).all()
        return cls({row.id: row for row in rows if row.kind in TASKS}, terms_of(resource_ids))

    def among(self, resource_ids: Iterable[int], wanted: Wanted) -> Mapping[int, Candidate]:
        """Give what some of them can do for what is wanted, by resource."""
        found = {}
        for number in self.rows.keys() & set(resource_ids):
            terms = self.terms[number]
            found[number] = _standing(_means(self.rows[number], terms, wanted), terms, wanted)
        return found


def _tasks(wanted: Wanted) -> set[Task]:
    return set(Task) if wanted.processed else set(Task) - {Task.PROCESS}


def _rows(territory_id: int, actor: Actor, tasks: Collection[Task]) -> list[Any]:
    kinds = [kind for kind, task in TASKS.items() if task in tasks]
    statement = (
        select(*_FIELDS)
        .join(Site, Site.id == Resource.site_id)
        .where(
            Resource.territory_id == territory_id,
            Resource.kind.in_([constant(kind) for kind in kinds]),
            Resource.subtype.not_in(_NO_VANS),
            Resource.status.in_([constant(status) for status in USABLE]),
            Site.archived_at.is_(None),
            visible_to(actor),
        )
        .order_by(Resource.id)
    )
    return list(connection().execute(statement))


def _means(row: Any, terms: Terms, wanted: Wanted) -> Means:
    """Read what a resource can do off its facts; what they do not say, or say unreadably, is not known."""
    facts = row.facts
    return Means(
        row.id,
        row.site_id,
        Place(row.lat, row.lon),
        TASKS[row.kind],
        capacity=terms.capacity,
        unit=row.unit,
        packs=terms.packs,
        step=terms.step * 60,
        shortest=terms.min_length * 60,
        longest=terms.max_length * 60,
        around=(terms.before + terms.after) * 60,
        zone=terms.zone,
        hold=Hold(
            _times(facts.get("payload"), KILO), _times(facts.get("volume"), 1000), facts.get("pallets")
        ),
        atp=_atp(facts, wanted.from_at.astimezone(terms.zone).date()),
        atp_until=_atp_until(facts, terms.zone),
        coldest=facts.get("coldest"),
        speed=CYCLING if row.subtype == "cargo_bike" else SPEED,
        reach=_times(facts.get("range"), 1000),
        regime=Regime(facts["regime"]) if facts.get("regime") in set(Regime) else None,
        most_per_unit=_times(facts.get("max_kg_per_unit"), KILO),
        throughput=_times(facts.get("throughput"), KILO),
    )


def _shown(row: Any, organisation: Organisation) -> Tariff | None:
    """Give the price that a place shows and that is paid without us; nobody pays for what is their own."""
    return shown_tariff(row) if row.owner_id != organisation.id else None


def _priced(means: Means, tariff: Tariff | None, organisation: Organisation, wanted: Wanted) -> Means:
    priority, grams = organisation.priority_class, wanted.cargo.grams
    return replace(means, price=TariffPrice(tariff, means.zone, priority, grams) if tariff else FREE)


def _times(number: float | None, unit: int) -> int | None:
    return None if number is None else round(number * unit)


def _atp(facts: Mapping[str, Any], on: date) -> Atp | None:
    """Give the class of a certificate that is still valid on a day; where nobody wrote until when, it is."""
    until = facts.get("atp_expiry")
    is_over = until is not None and date.fromisoformat(until) < on
    known = facts.get("atp_class")
    return Atp(known) if known in set(Atp) and not is_over else None


def _atp_until(facts: Mapping[str, Any], zone: ZoneInfo) -> int | None:
    """Give the end of the last day of a certificate."""
    until = facts.get("atp_expiry")
    return until and int(datetime.combine(date.fromisoformat(until), time.max, zone).timestamp()) + 1


# -- when it is free ----------------------------------------------------------------------------------------


def _standing(means: Means, terms: Terms, wanted: Wanted) -> Candidate:
    is_always_open = terms.opening_mode == OpeningMode.ALWAYS
    return Candidate(means, Need(), (), _doors(terms, *_around(wanted)), is_always_open=is_always_open)


def _around(wanted: Wanted) -> Window:
    """Give the time in which anything can matter to what is wanted, a little more."""
    return wanted.loading[0] - BEFOREHAND - DAY, wanted.ends + 2 * DAY


def _free(
    fit: Mapping[int, tuple[Means, Need]], terms: Mapping[int, Terms], wanted: Wanted, now: datetime
) -> Iterator[Candidate]:
    """Give each with the windows in which so much of it may be asked for: with one read of all that is taken."""
    since, until = _around(wanted)
    since -= max((lead_of(means) for means, _need in fit.values()), default=0) * DAY
    taken = taken_by_resource(fit, since - DAY, until + DAY, terms=terms)
    gates: dict[tuple[Window, ...], tuple[Window, ...]] = {}
    for number, (means, need) in fit.items():
        own = terms[number]
        last = fit_until(means, wanted.cargo.regime)
        asked = _asked_for(own, since, until if last is None else min(until, last), now)
        windows, begins_by = _windows(own, taken.get(number, ()), need.quantity, asked), _last_start(own, now)
        doors = _doors(own, since, until)
        if doors is not None:
            doors = gates.setdefault(doors, doors)
        kept = tuple(each for each in windows if each[0] <= begins_by)
        yield Candidate(means, need, kept, doors, begins_by, own.opening_mode == OpeningMode.ALWAYS)


def _asked_for(terms: Terms, since: int, until: int, now: datetime) -> Window:
    """Give the time that may be asked for at all: after its notice, and in a stay begun within its horizon."""
    longest = _last_start(terms, now) + terms.max_length * 60
    return max(since, int(earliest_start(terms, now).timestamp())), min(until, longest)


def _last_start(terms: Terms, now: datetime) -> int:
    """Give the last moment at which what is asked for now may begin."""
    return int((now + timedelta(days=terms.horizon_days)).timestamp())


def _windows(terms: Terms, taken: Collection[Taken], quantity: int, asked: Window) -> tuple[Window, ...]:
    if asked[0] >= asked[1]:
        return ()
    return tuple(free_windows(terms, list(taken), opened(terms, *asked), *asked, quantity))


def _doors(terms: Terms, since: int, until: int) -> tuple[Window, ...] | None:
    """Give when people may come and go, where hours bind the two ends of a stay only."""
    if terms.opening_mode != OpeningMode.ENDPOINTS:
        return None
    return tuple(hours_between(terms, since, until))
