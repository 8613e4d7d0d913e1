"""Which lots stood in which places when, by their history."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.catalogue.models import Resource, Site
from app.core.span import to_wall
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.supply.lots.models import Handover, HandoverLine, Lot, LotSource
from app.supply.lots.queries.lots import WHOLE_LOT, is_there
from app.supply.lots.queries.places import STORAGE
from app.supply.lots.rules import DONE, LotState

_PUT = "stored"
_MOVES = (_PUT, "destroyed")


@dataclass(frozen=True)
class _Stay:
    """A lot (its id) was in a place (its reference) from one instant on, until another."""

    lot_id: int
    place: str
    since: datetime
    until: datetime

    def days(self, zone: ZoneInfo) -> Iterator[date]:
        """List the days, the first and the last included: who brings it reads the thermometer before, or after."""
        day, last = to_wall(self.since, zone).date(), to_wall(self.until, zone).date()
        while day <= last:
            yield day
            day += timedelta(days=1)


def days_by_place(
    organisation_id: int, start: datetime, end: datetime, zone: ZoneInfo
) -> Mapping[int, set[date]]:
    """Tell on which days something of an organisation was in which places (ids), between two instants."""
    days: dict[str, set[date]] = defaultdict(set)
    for stay in _stays(Lot.organisation_id == organisation_id, end):
        if stay.until >= start:
            days[stay.place].update(stay.days(zone))
    rows = select(Resource.id, Resource.public_id).where(Resource.public_id.in_(days))
    return {number: days[ref] for number, ref in db.session.execute(rows)}


@dataclass(frozen=True)
class Kept:
    """What an organisation kept for another one: a lot in one of its places, from one instant on, until another.

    No `until`: it was still there when the period was over.
    """

    lot: Lot
    place: Resource
    since: datetime
    until: datetime | None


def kept_for_others(organisation_id: int, start: datetime, end: datetime) -> list[Kept]:
    """List what others had in the storage places of an organisation between two instants, the first first."""
    own = (
        select(Resource).join(Resource.site).where(Site.owner_id == organisation_id, Resource.kind == STORAGE)
    )
    places = {each.public_id: each for each in db.session.scalars(own.options(contains_eager(Resource.site)))}
    lay_there = or_(Lot.resource_id.in_([each.id for each in places.values()]), Lot.id.in_(_put_into(places)))
    of_others = and_(Lot.organisation_id != organisation_id, lay_there)
    stays = [
        each
        for each in (_stays(of_others, end) if places else ())
        if each.place in places and each.until >= start
    ]
    rows = select(Lot).where(Lot.id.in_({each.lot_id for each in stays})).options(*WHOLE_LOT)
    lots = {lot.id: lot for lot in db.session.scalars(rows)}
    kept = [
        Kept(lots[each.lot_id], places[each.place], each.since, each.until if each.until < end else None)
        for each in stays
    ]
    return sorted(kept, key=lambda each: (each.since, each.lot.id))


def last_places_of(lot_ids: Collection[int]) -> dict[int, Resource]:
    """Find where each of some lots (ids) was last said to be, also once it is nowhere any more."""
    entries = select(AuditEntry.subject_id, AuditEntry.facts).where(
        AuditEntry.subject_kind == Lot.__tablename__,
        AuditEntry.subject_id.in_(lot_ids),
        AuditEntry.act == _PUT,
    )
    last = {
        number: facts.get("place") for number, facts in db.session.execute(entries.order_by(AuditEntry.id))
    }
    rows = select(Resource).where(Resource.public_id.in_({*last.values()} - {None}))
    places = {each.public_id: each for each in db.session.scalars(rows.options(joinedload(Resource.site)))}
    return {number: places[ref] for number, ref in last.items() if ref in places}


def _put_into(places: Collection[str]) -> Select[int]:
    """Say in SQL which lots (ids) were ever put into one of some places (references)."""
    return select(AuditEntry.subject_id).where(
        AuditEntry.subject_kind == Lot.__tablename__,
        AuditEntry.act == _PUT,
        AuditEntry.facts["place"].as_string().in_(places),
    )


def warmed_in(place: Resource, at: datetime) -> list[int]:
    """List (ids) what stood in a place at an instant, with what came of it since: what is left, or was handed on."""
    may_be = or_(Lot.resource_id == place.id, Lot.id.in_(_put_into([place.public_id])))
    stays = _stays(may_be, at + timedelta.resolution)
    stood = {
        each.lot_id for each in stays if each.place == place.public_id and each.since <= at <= each.until
    }
    known = select(Lot.id).where(Lot.id.in_(stood)).cte(recursive=True)
    came = select(Lot.id).join(LotSource, LotSource.lot_id == Lot.id)
    known = known.union(came.join(known, LotSource.source_id == known.c.id).where(Lot.created_at >= at))
    went = select(HandoverLine.id).join(HandoverLine.handover)
    was_handed_on = went.where(HandoverLine.lot_id == Lot.id, Handover.state.in_(DONE)).exists()
    rows = select(Lot.id).where(Lot.id.in_(select(known.c.id)), Lot.state == LotState.HELD)
    return [*db.session.scalars(rows.where(or_(is_there(), was_handed_on)).order_by(Lot.id))]


def _stays(are_theirs: ColumnElement[bool], end: datetime) -> Iterator[_Stay]:
    """Follow each of some lots from place to place; it is nowhere once nothing is left of it."""
    rows = select(Lot.id, Lot.created_at, Resource.public_id, is_there()).outerjoin(Lot.resource)
    lots = db.session.execute(rows.where(are_theirs, Lot.created_at < end)).all()
    moves, left = _moves(are_theirs, end), _last_left(are_theirs)
    for lot_id, entered, place, is_still_there in lots:
        # Lots entered straight into a place have said so in their history only since it was asked for.
        known = moves.get(lot_id) or ([(entered, place)] if place else [])
        gone = end if is_still_there else min(left.get(lot_id, end), end)
        for (since, where), (until, _next) in pairwise([*known, (gone, None)]):
            if where and since <= until:
                yield _Stay(lot_id, where, since, until)


def _moves(
    are_theirs: ColumnElement[bool], end: datetime
) -> Mapping[int, Sequence[tuple[datetime, str | None]]]:
    """List when each lot was put into which place; None: into none that is shared, or away."""
    theirs = select(Lot.id).where(are_theirs)
    lines = select(AuditEntry).where(
        AuditEntry.subject_kind == Lot.__tablename__,
        AuditEntry.subject_id.in_(theirs),
        AuditEntry.act.in_(_MOVES),
        AuditEntry.at < end,
    )
    moves: dict[int, list[tuple[datetime, str | None]]] = defaultdict(list)
    for line in db.session.scalars(lines.order_by(AuditEntry.id)):
        moves[line.subject_id].append((line.at, line.facts.get("place")))
    return moves


def _last_left(are_theirs: ColumnElement[bool]) -> Mapping[int, datetime]:
    """Tell when something of each lot last left: was handed over, or made into something else."""
    made = Lot.__table__.alias()
    gave = func.max(func.coalesce(Handover.received_at, Handover.given_at))
    used = func.max(made.c.created_at)
    rows = (
        select(Lot.id, gave, used)
        .outerjoin(HandoverLine, HandoverLine.lot_id == Lot.id)
        .outerjoin(Handover, (Handover.id == HandoverLine.handover_id) & Handover.state.in_(DONE))
        .outerjoin(LotSource, (LotSource.source_id == Lot.id) & LotSource.line_id.is_(None))
        .outerjoin(made, made.c.id == LotSource.lot_id)
        .where(are_theirs, or_(Handover.id.is_not(None), made.c.id.is_not(None)))
        .group_by(Lot.id)
    )
    return {number: max(filter(None, (given, taken))) for number, given, taken in db.session.execute(rows)}
