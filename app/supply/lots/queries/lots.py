"""Reads of lots: what is left of each, where it came from, where it went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.catalogue.models import Resource, Site
from app.core.errors import NotFound
from app.core.ids import plain
from app.core.policy import Actor
from app.infra.db import db
from app.supply.lots.models import Handover, HandoverLine, Incident, IncidentLot, Lot, LotSource
from app.supply.lots.queries.places import managed_places
from app.supply.lots.rules import OPEN, PROMISED, IncidentState, LotState, NoteState

A_PAGE: Final = 30
_MOST_PRODUCTS: Final = 20
_MOST_KEPT: Final = 100

WHOLE_LOT: Final = (
    joinedload(Lot.organisation),
    joinedload(Lot.origin_organisation),
    joinedload(Lot.territory),
    joinedload(Lot.resource).joinedload(Resource.site),
)


@dataclass(frozen=True)
class Sought:
    """Which lots somebody looks for; nothing said, all that are present."""

    is_all: bool = False
    product: str = ""
    place: str = ""  # the slug of the storage


@dataclass(frozen=True)
class Found:
    """A lot in a list, with what is left of it, in grams."""

    lot: Lot
    left: int
    is_flagged: bool = False  # the cold chain broke, and nobody has said yet what becomes of it
    warm: int = 0  # came back too warm, and nobody has said yet what becomes of that
    unsaid: int = 0  # came back otherwise, and who gave has not said yet what became of that
    promised: int = 0  # on notes that the other side has not signed: not left, and still there

    @property
    def waiting(self) -> int:
        """How much of what is left waits until somebody says whether it can be eaten."""
        return min(self.warm, self.left)

    @property
    def free(self) -> int:
        """How much of it can be handed over, or made into something else, unless all of it is flagged."""
        return self.left - self.waiting

    @property
    def is_unsaid(self) -> bool:
        """Tell whether all that is free of it came back, and nobody has said yet what became of that."""
        return 0 < self.free <= self.unsaid

    @property
    def is_blocked(self) -> bool:
        """Tell whether nothing of it can be handed over because a cold chain broke."""
        return self.is_flagged or 0 < self.left == self.waiting


def get_lot(ref: str) -> Lot:
    """Find a lot by its reference; raise NotFound."""
    lot = db.session.scalar(select(Lot).filter_by(public_id=ref).options(*WHOLE_LOT))
    if lot is None:
        raise NotFound(kind="lot", ref=ref)
    return lot


def sources_of(lot_id: int) -> Sequence[LotSource]:
    """List what a lot came of: one step back."""
    rows = select(LotSource).filter_by(lot_id=lot_id).order_by(LotSource.id)
    line = joinedload(LotSource.line).joinedload(HandoverLine.handover).joinedload(Handover.giver)
    return db.session.scalars(
        rows.options(joinedload(LotSource.source).joinedload(Lot.organisation), line)
    ).all()


def made_of(lot_id: int) -> Sequence[LotSource]:
    """List what was made of a lot in the same house."""
    rows = select(LotSource).filter_by(source_id=lot_id, line_id=None).order_by(LotSource.id)
    return db.session.scalars(rows.options(joinedload(LotSource.lot))).all()


def lines_of(lot_id: int) -> Sequence[HandoverLine]:
    """List the notes that a lot is on, with who got how much: one step forward."""
    rows = select(HandoverLine).filter_by(lot_id=lot_id).order_by(HandoverLine.id)
    sides = joinedload(HandoverLine.handover).joinedload(Handover.receiver)
    return db.session.scalars(rows.options(sides)).all()


# -- what is left ---------------------------------------------------------------------------------------------


_CAME: Final = (Handover.state == NoteState.RECEIVED, func.coalesce(HandoverLine.received_grams, 0))
_TAKEN: Final = case((Handover.state.in_(PROMISED), HandoverLine.grams), _CAME, else_=0)
_CARRIED_OFF: Final = case((Handover.state == NoteState.DISTRIBUTED, HandoverLine.grams), _CAME, else_=0)
_CAME_BACK: Final = case(
    (Handover.state == NoteState.REFUSED, HandoverLine.grams),
    else_=HandoverLine.grams - func.coalesce(HandoverLine.received_grams, HandoverLine.grams),
)


def left_of(lots: Collection[Lot]) -> dict[int, int]:
    """Tell what is left of lots, in grams: what neither a note promises nor anything was made of."""
    return {each.lot.id: each.left for each in found(lots)}


def free_of(lots: Collection[Lot]) -> dict[int, int]:
    """Tell what is left of lots, in grams, without what came back too warm and waits."""
    return {each.lot.id: each.free for each in found(lots)}


def is_promised(lot_id: int) -> bool:
    """Tell whether a note that the other side has not signed hands some of a lot over."""
    rows = select(HandoverLine.id).join(HandoverLine.handover)
    return (
        db.session.scalar(
            select(rows.where(HandoverLine.lot_id == lot_id, Handover.state.in_(OPEN)).exists())
        )
        or False
    )


def _gone(handed_over: ColumnElement[int] = _TAKEN) -> ColumnElement[int]:
    """Say in SQL what of a lot is not to be had any more: handed over, promised, or made into something else."""
    handed = (
        select(func.coalesce(func.sum(handed_over), 0))
        .join(HandoverLine.handover)
        .where(HandoverLine.lot_id == Lot.id)
    )
    used = select(func.coalesce(func.sum(LotSource.grams), 0)).where(
        LotSource.source_id == Lot.id, LotSource.line_id.is_(None)
    )
    return handed.scalar_subquery() + used.scalar_subquery()


def _is_flagged() -> ColumnElement[bool]:
    """Say in SQL that the cold chain of a lot broke, and nobody has said yet what becomes of it."""
    rows = select(IncidentLot.lot_id).join(IncidentLot.incident)
    is_open = Incident.state == IncidentState.OPEN, ~is_of_return()
    return rows.where(IncidentLot.lot_id == Lot.id, *is_open).exists()


def _warm() -> ColumnElement[int]:
    """Say in SQL how much of a lot came back too warm, as long as nobody has said what becomes of that."""
    total = _came_back_warm(func.coalesce(func.sum(_CAME_BACK), 0))
    found: ColumnElement[int] = total.where(HandoverLine.lot_id == Lot.id).scalar_subquery()
    return found


def _unsaid() -> ColumnElement[int]:
    """Say in SQL how much of a lot came back, too warm or not, as long as nobody has said what became of that."""
    rows = select(func.coalesce(func.sum(_CAME_BACK), 0)).join(HandoverLine.handover)
    unsaid = rows.where(HandoverLine.lot_id == Lot.id, HandoverLine.returned.is_(None))
    return unsaid.scalar_subquery()


def _promised() -> ColumnElement[int]:
    """Say in SQL how much of a lot is on notes that the other side has not signed."""
    rows = select(func.coalesce(func.sum(HandoverLine.grams), 0)).join(HandoverLine.handover)
    return rows.where(HandoverLine.lot_id == Lot.id, Handover.state.in_(OPEN)).scalar_subquery()


def _came_back_warm(*wanted: Any) -> Any:
    """Choose the lines of which something came back too warm and waits, each with its incident."""
    is_its = and_(Incident.handover_id == HandoverLine.handover_id, Incident.state == IncidentState.OPEN)
    affects = and_(IncidentLot.incident_id == Incident.id, IncidentLot.lot_id == HandoverLine.lot_id)
    lines = select(*wanted).select_from(HandoverLine).join(HandoverLine.handover).join(Incident, is_its)
    return lines.join(IncidentLot, affects).where(HandoverLine.returned.is_(None), is_of_return())


def warm_returns_of(lot_id: int) -> Sequence[tuple[HandoverLine, Incident]]:
    """List the lines by which something of a lot came back too warm and waits, each with its incident."""
    rows = _came_back_warm(HandoverLine, Incident).where(HandoverLine.lot_id == lot_id)
    return [(line, incident) for line, incident in db.session.execute(rows.order_by(HandoverLine.id))]


def is_of_return() -> ColumnElement[bool]:
    """Say in SQL that an incident is of what came back too warm to who gave it, as `Incident.is_return` does."""
    given = aliased(Handover)
    is_its = given.id == Incident.handover_id, given.giver_id == Incident.organisation_id
    return select(given.id).where(*is_its, given.received_at <= Incident.at).exists()


def has_left() -> ColumnElement[bool]:
    """Say in SQL that something of a lot is left."""
    return Lot.grams > _gone()


def is_there() -> ColumnElement[bool]:
    """Say in SQL that something of a lot is still where it was: what a note only promises has not left."""
    return Lot.grams > _gone(_CARRIED_OFF)


# -- lists ----------------------------------------------------------------------------------------------------


def lots_for(actor: Actor, sought: Sought, page: int = 1) -> tuple[list[Found], int]:
    """List the lots somebody has to do with, the newest first; give one page of them and how many there are."""
    rows = select(Lot).where(_are_theirs(actor), *_are_sought(sought))
    total = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    shown = rows.options(*WHOLE_LOT).order_by(Lot.received_on.desc(), Lot.id.desc())
    lots = db.session.scalars(shown.offset((page - 1) * A_PAGE).limit(A_PAGE)).all()
    return found(lots), total


def lots_before(actor: Actor, sought: Sought, before: int | None, limit: int) -> list[Found]:
    """List the lots somebody has to do with that were entered before one (id), the last first."""
    rows = select(Lot).where(_are_theirs(actor), *_are_sought(sought))
    rows = rows if before is None else rows.where(Lot.id < before)
    return found(db.session.scalars(rows.options(*WHOLE_LOT).order_by(Lot.id.desc()).limit(limit)).all())


def found(lots: Collection[Lot]) -> list[Found]:
    """Give lots with what is left of each, how much of that is blocked, and what notes promise."""
    counted: dict[str, ColumnElement[Any]] = {
        "gone": _gone(),
        "flagged": _is_flagged(),
        "warm": _warm(),
        "back": _unsaid(),
        "promised": _promised(),
    }
    columns = [counts.label(name) for name, counts in counted.items()]
    rows = select(Lot.id, *columns).where(Lot.id.in_([each.id for each in lots]))
    told = {row.id: row for row in db.session.execute(rows)}
    return [
        Found(
            lot=each,
            left=_left(each, int(row.gone)),
            is_flagged=bool(row.flagged),
            warm=int(row.warm),
            unsaid=int(row.back) - int(row.warm),
            promised=int(row.promised),
        )
        for each in lots
        for row in (told[each.id],)
    ]


def _left(lot: Lot, gone: int) -> int:
    return lot.grams - gone if lot.state == LotState.HELD else 0


def lots_of_chain(bundle_id: int) -> list[Found]:
    """List the lots that a chain carries, with what came of them on the way."""
    rows = select(Lot).filter_by(bundle_id=bundle_id).options(*WHOLE_LOT).order_by(Lot.id)
    return found(db.session.scalars(rows).all())


def entered_among(lots: Collection[Lot]) -> set[int]:
    """Tell which of some lots (ids) came of no other: they were entered, not received nor made."""
    ids = {each.id for each in lots}
    return ids - {*db.session.scalars(select(LotSource.lot_id).where(LotSource.lot_id.in_(ids)))}


def grams_entered_for(bundle_id: int, product: str) -> int:
    """Add up what has been entered of a product for a chain, and was not destroyed."""
    is_its = Lot.bundle_id == bundle_id, Lot.folded == plain(product), Lot.state == LotState.HELD
    came = select(LotSource.id).where(LotSource.lot_id == Lot.id).exists()
    return int(db.session.scalar(select(func.coalesce(func.sum(Lot.grams), 0)).where(*is_its, ~came)) or 0)


def lots_named(refs: Sequence[str], organisation_ids: Collection[int]) -> list[Found]:
    """Find the lots of some references that organisations hold, in the order they are named."""
    rows = select(Lot).where(Lot.public_id.in_(refs), Lot.organisation_id.in_(organisation_ids))
    lots = db.session.scalars(rows.options(*WHOLE_LOT)).all()
    return sorted(found(lots), key=lambda each: refs.index(each.lot.public_id))


def products_of(organisation_ids: Collection[int]) -> list[str]:
    """List what organisations have had before, the latest first."""
    rows = select(Lot.product).where(Lot.organisation_id.in_(organisation_ids)).group_by(Lot.product)
    return [*db.session.scalars(rows.order_by(func.max(Lot.id).desc()).limit(_MOST_PRODUCTS))]


def _are_theirs(actor: Actor) -> ColumnElement[bool]:
    return or_(Lot.organisation_id.in_(actor.memberships), Lot.territory_id.in_(actor.coordinated))


def _are_sought(sought: Sought) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if not sought.is_all:
        wanted += [Lot.state == LotState.HELD, has_left()]
    if sought.product:
        wanted += [Lot.folded.contains(word, autoescape=True) for word in plain(sought.product).split()]
    if sought.place:
        wanted.append(Lot.resource_id.in_(select(Resource.id).filter_by(slug=sought.place)))
    return wanted


def lots_in(resource_id: int) -> list[Found]:
    """List the lots that are in a place, promised ones too, with what is left of each."""
    rows = select(Lot).filter_by(resource_id=resource_id, state=LotState.HELD).where(is_there())
    return found(db.session.scalars(rows.options(*WHOLE_LOT).order_by(Lot.id)).all())


def lots_kept_for_others(actor: Actor) -> list[Found]:
    """List what lies in the places somebody manages and is not theirs, by place, with what is left of each."""
    lies_there = Lot.resource_id.in_(managed_places(actor)), Lot.state == LotState.HELD, is_there()
    rows = (
        select(Lot)
        .join(Lot.resource)
        .join(Resource.site)
        .where(*lies_there, ~_are_theirs(actor))
        .options(*WHOLE_LOT)
        .order_by(Site.name, Resource.name, Lot.id)
    )
    return found(db.session.scalars(rows.limit(_MOST_KEPT)).all())


def places_of_lots(actor: Actor) -> list[tuple[str, str]]:
    """List the storage places (slug, name) in which the lots are that somebody has to do with."""
    rows = (
        select(Resource.slug, Resource.name, Site.name)
        .join(Lot, Lot.resource_id == Resource.id)
        .join(Site, Site.id == Resource.site_id)
        .where(_are_theirs(actor))
        .distinct()
        .order_by(Site.name, Resource.name)
    )
    return [(slug, f"{name}, {site}") for slug, name, site in db.session.execute(rows)]
