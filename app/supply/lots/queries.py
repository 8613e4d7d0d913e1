"""Reads of lots and of hand-over notes: what is left, where it came from, where it went."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Organisation, OrganisationState, Territory
from app.catalogue.models import Resource, Site, Status, Visibility
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.core.span import to_wall
from app.infra.db import db
from app.supply.cargo import Regime
from app.supply.chains.planning.fitness import KEEPS
from app.supply.lots.models import Handover, HandoverLine, Lot, LotSource
from app.supply.lots.rules import DONE, OPEN, PROMISED, LotState, NoteState
from app.supply.offers.models import SurplusClaim, SurplusOffer

A_PAGE: Final = 30
_MOST_OPEN: Final = 20
_MOST_PRODUCTS: Final = 20
STORAGE: Final = "storage"


@dataclass(frozen=True)
class Sought:
    """Which lots somebody looks for; nothing said, all that are present."""

    is_all: bool = False
    product: str = ""
    place: str = ""  # the slug of the storage


@dataclass(frozen=True)
class Found:
    """A lot in a list, with what is left of it."""

    lot: Lot
    left: int


# -- one lot, one note ----------------------------------------------------------------------------------------


def get_lot(ref: str) -> Lot:
    """Find a lot by its reference; raise NotFound."""
    lot = db.session.scalar(select(Lot).filter_by(public_id=ref).options(*_WHOLE_LOT))
    if lot is None:
        raise NotFound(kind="lot", ref=ref)
    return lot


def get_note(ref: str) -> Handover:
    """Find a hand-over note with its lines by its reference; raise NotFound."""
    note = db.session.scalar(select(Handover).filter_by(public_id=ref).options(*_WHOLE_NOTE))
    if note is None:
        raise NotFound(kind="handover", ref=ref)
    return note


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


def lots_by_lines(line_ids: Collection[int]) -> Mapping[int, Lot]:
    """Find the lots that came to be by lines of notes, by line."""
    rows = select(LotSource).where(LotSource.line_id.in_(line_ids)).options(joinedload(LotSource.lot))
    return {each.line_id: each.lot for each in db.session.scalars(rows) if each.line_id}


# -- what is left ---------------------------------------------------------------------------------------------


def left_of(lots: Collection[Lot]) -> dict[int, int]:
    """Tell what is left of lots, in grams: what neither a note promises nor anything was made of."""
    ids = [each.id for each in lots]
    gone = _handed(ids)
    for lot_id, grams in _used(ids).items():
        gone[lot_id] = gone.get(lot_id, 0) + grams
    return {each.id: each.grams - gone.get(each.id, 0) if each.state == LotState.HELD else 0 for each in lots}


_TAKEN: Final = case(
    (Handover.state.in_(PROMISED), HandoverLine.grams),
    (Handover.state == NoteState.RECEIVED, func.coalesce(HandoverLine.received_grams, 0)),
    else_=0,
)


def _handed(lot_ids: Collection[int]) -> dict[int, int]:
    rows = (
        select(HandoverLine.lot_id, func.sum(_TAKEN))
        .join(HandoverLine.handover)
        .where(HandoverLine.lot_id.in_(lot_ids))
        .group_by(HandoverLine.lot_id)
    )
    return {lot_id: int(grams) for lot_id, grams in db.session.execute(rows)}


def _used(lot_ids: Collection[int]) -> dict[int, int]:
    rows = (
        select(LotSource.source_id, func.sum(LotSource.grams))
        .where(LotSource.source_id.in_(lot_ids), LotSource.line_id.is_(None))
        .group_by(LotSource.source_id)
    )
    return {lot_id: int(grams) for lot_id, grams in db.session.execute(rows)}


def _has_left() -> ColumnElement[bool]:
    """Say in SQL that something of a lot is left."""
    handed = (
        select(func.coalesce(func.sum(_TAKEN), 0))
        .join(HandoverLine.handover)
        .where(HandoverLine.lot_id == Lot.id)
    )
    used = select(func.coalesce(func.sum(LotSource.grams), 0)).where(
        LotSource.source_id == Lot.id, LotSource.line_id.is_(None)
    )
    return Lot.grams > handed.scalar_subquery() + used.scalar_subquery()


# -- lists ----------------------------------------------------------------------------------------------------


def lots_for(actor: Actor, sought: Sought, page: int = 1) -> tuple[list[Found], int]:
    """List the lots somebody has to do with, the newest first; give one page of them and how many there are."""
    rows = select(Lot).where(_are_theirs(actor), *_are_sought(sought))
    total = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    shown = rows.options(*_WHOLE_LOT).order_by(Lot.received_on.desc(), Lot.id.desc())
    lots = db.session.scalars(shown.offset((page - 1) * A_PAGE).limit(A_PAGE)).all()
    return found(lots), total


def found(lots: Sequence[Lot]) -> list[Found]:
    """Give lots with what is left of each."""
    left = left_of(lots)
    return [Found(each, left[each.id]) for each in lots]


def lots_of_chain(bundle_id: int) -> list[Found]:
    """List the lots that a chain carries, with what came of them on the way."""
    rows = select(Lot).filter_by(bundle_id=bundle_id).options(*_WHOLE_LOT).order_by(Lot.id)
    return found(db.session.scalars(rows).all())


def notes_of_chain(bundle_id: int) -> Sequence[Handover]:
    """List the hand-over notes of a chain, the first first."""
    rows = select(Handover).filter_by(bundle_id=bundle_id).options(*_WHOLE_NOTE).order_by(Handover.id)
    return db.session.scalars(rows).all()


def open_notes(actor: Actor) -> Sequence[Handover]:
    """List the notes that somebody's organisations have still to sign, or wait for the other side to."""
    mine = or_(Handover.giver_id.in_(actor.memberships), Handover.receiver_id.in_(actor.memberships))
    is_ours = or_(Handover.state == NoteState.GIVEN, Handover.giver_id.in_(actor.memberships))
    return _notes(mine, Handover.state.in_(OPEN), is_ours)


def done_notes(actor: Actor) -> Sequence[Handover]:
    """List the notes of somebody's organisations, or of their territories, that both sides are done with."""
    mine = or_(
        Handover.giver_id.in_(actor.memberships),
        Handover.receiver_id.in_(actor.memberships),
        Handover.territory_id.in_(actor.coordinated),
    )
    return _notes(mine, Handover.state.in_(DONE))


def _notes(*wanted: ColumnElement[bool]) -> Sequence[Handover]:
    rows = select(Handover).where(*wanted).options(*_WHOLE_NOTE)
    return db.session.scalars(rows.order_by(Handover.at.desc(), Handover.id.desc()).limit(_MOST_OPEN)).all()


def lots_named(refs: Sequence[str], organisation_ids: Collection[int]) -> list[Found]:
    """Find the lots of some references that organisations hold, in the order they are named."""
    rows = select(Lot).where(Lot.public_id.in_(refs), Lot.organisation_id.in_(organisation_ids))
    lots = db.session.scalars(rows.options(*_WHOLE_LOT)).all()
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
        wanted += [Lot.state == LotState.HELD, _has_left()]
    if sought.product:
        wanted.append(func.lower(Lot.product).contains(sought.product.lower(), autoescape=True))
    if sought.place:
        wanted.append(Lot.resource_id.in_(select(Resource.id).filter_by(slug=sought.place)))
    return wanted


# -- organisations and places ---------------------------------------------------------------------------------


def organisations_in(territory_id: int) -> Sequence[Organisation]:
    """List the organisations of a territory that can receive something, by name."""
    rows = select(Organisation).filter_by(territory_id=territory_id, state=OrganisationState.ACTIVE)
    return db.session.scalars(rows.order_by(Organisation.name, Organisation.id)).all()


def organisations_by_id(ids: Collection[int]) -> Sequence[Organisation]:
    """List organisations by name, with their territory."""
    rows = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.territory))
    return db.session.scalars(rows.order_by(Organisation.name, Organisation.id)).all()


def offerer_of(claim_ref: str | None) -> Organisation | None:
    """Find who offered what a part was taken of."""
    if not claim_ref:
        return None
    rows = select(Organisation).join(SurplusOffer, SurplusOffer.organisation_id == Organisation.id)
    claim = SurplusClaim.offer_id == SurplusOffer.id
    return db.session.scalar(rows.join(SurplusClaim, claim).where(SurplusClaim.public_id == claim_ref))


def stores_in(territory_id: int) -> Sequence[Resource]:
    """List the storage places of a territory that its members may know of, by site and name."""
    rows = (
        select(Resource)
        .join(Resource.site)
        .where(
            Resource.territory_id == territory_id,
            Resource.kind == STORAGE,
            Resource.visibility != Visibility.HIDDEN,
            Resource.status != Status.ARCHIVED,
            Site.archived_at.is_(None),
        )
        .options(joinedload(Resource.site))
    )
    return db.session.scalars(rows.order_by(Site.name, Resource.name, Resource.id)).unique().all()


def regime_of(place: Resource) -> Regime | None:
    """Tell at which temperature a storage place keeps; None where nobody said."""
    said = place.facts.get("regime")
    return Regime(said) if said in set(Regime) else None


def fits(place: Resource, regime: Regime) -> bool:
    """Tell whether a storage place keeps what has to be kept in a way."""
    return regime_of(place) in KEEPS[regime]


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


def today_in(territory: Territory) -> date:
    """Tell which day it is in a territory."""
    return to_wall(clock.now(), ZoneInfo(territory.timezone)).date()


_WHOLE_LOT: Final = (
    joinedload(Lot.organisation),
    joinedload(Lot.origin_organisation),
    joinedload(Lot.territory),
    joinedload(Lot.resource).joinedload(Resource.site),
)
_WHOLE_NOTE: Final = (
    joinedload(Handover.giver),
    joinedload(Handover.receiver),
    joinedload(Handover.territory),
    selectinload(Handover.lines).joinedload(HandoverLine.lot).joinedload(Lot.resource),
)
