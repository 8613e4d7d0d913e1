"""Reads of what is offered, what was taken of it, and whom it concerns."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, OrganisationState
from app.bookings.goods import Sold
from app.catalogue.communes import distance_km, find_commune
from app.catalogue.models import Site
from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.supply.offers.models import Goods, SurplusClaim, SurplusInterest, SurplusOffer
from app.supply.offers.rules import LIVE, SAID_FOR, ClaimState, Interest, Point, State

_MOST_OWN: Final = 30
_MOST_PRODUCTS: Final = 20


@dataclass(frozen=True)
class Viewed:
    """An offer as somebody sees it: `ours` are the organisations of its territory (ids) that they belong to."""

    offer: SurplusOffer
    ours: frozenset[int]

    @property
    def takers(self) -> frozenset[int]:
        """For whom they may take a part of it."""
        return self.ours - {self.offer.organisation_id}


@dataclass(frozen=True)
class PartCosts:
    """What a part of an offer costs, as somebody sees the offer."""

    viewed: Viewed
    claim: SurplusClaim
    goods: Sold


@dataclass(frozen=True)
class Sought:
    """What of all that is offered somebody looks for; nothing said, all of it."""

    category: str = ""
    regime: str = ""
    only_gifts: bool = False
    near: tuple[Point, ...] = ()
    radius_km: float | None = None


@dataclass(frozen=True)
class Found:
    """An offer on the board: what nobody has taken of it, and how far away it is, where that is known."""

    offer: SurplusOffer
    left: int
    km: float | None = None


def get_viewed(ref: str, actor: Actor) -> Viewed:
    """Find an offer as a person sees it; raise NotFound."""
    offer = find_offer(ref)
    if offer is None:
        raise NotFound(kind="surplus_offer", ref=ref)
    return viewed_by(actor, offer)


def find_offer(ref: str) -> SurplusOffer | None:
    """Find an offer by its public reference."""
    return db.session.scalar(select(SurplusOffer).where(SurplusOffer.public_id == ref).options(*_WHOLE))


def viewed_by(actor: Actor, offer: SurplusOffer) -> Viewed:
    """Look at an offer as a person does."""
    here = select(Organisation.id).where(
        Organisation.id.in_(actor.memberships), Organisation.territory_id == offer.territory_id
    )
    return Viewed(offer, frozenset(db.session.scalars(here)))


def find_claim(offer_id: int, ref: str) -> SurplusClaim | None:
    """Find a part that was taken of an offer."""
    return db.session.scalar(select(SurplusClaim).filter_by(offer_id=offer_id, public_id=ref))


def find_part(ref: str) -> SurplusClaim | None:
    """Find a part by its public reference alone, with its offer."""
    wanted = select(SurplusClaim).where(SurplusClaim.public_id == ref)
    return db.session.scalar(wanted.options(joinedload(SurplusClaim.offer).options(*_WHOLE)))


def parts_of(refs: Collection[str]) -> Sequence[SurplusClaim]:
    """List parts by their public references, with who took and who offered them."""
    wanted = select(SurplusClaim).where(SurplusClaim.public_id.in_(refs)).options(*_WITH_OFFER)
    return db.session.scalars(wanted.order_by(SurplusClaim.id)).all() if refs else ()


def claims_of(offer_id: int) -> Sequence[SurplusClaim]:
    """List the parts that were taken of an offer, with who took them, the first first."""
    rows = select(SurplusClaim).filter_by(offer_id=offer_id).options(joinedload(SurplusClaim.organisation))
    return db.session.scalars(rows.order_by(SurplusClaim.id)).all()


def taken_of(offer_ids: Collection[int]) -> dict[int, int]:
    """Add up what was taken of offers, in grams."""
    taken = func.sum(SurplusClaim.grams)
    rows = (
        select(SurplusClaim.offer_id, taken)
        .where(SurplusClaim.offer_id.in_(offer_ids), SurplusClaim.state.in_(LIVE))
        .group_by(SurplusClaim.offer_id)
    )
    return {offer_id: int(grams) for offer_id, grams in db.session.execute(rows)}


def left_of(offer: SurplusOffer) -> int:
    """Tell what of an offer nobody has taken, in grams."""
    return offer.grams - taken_of([offer.id]).get(offer.id, 0)


# -- the board ------------------------------------------------------------------------------------------------


def territories_of(actor: Actor) -> set[int]:
    """List the territories in which a person takes part: by an organisation, or as the coordination."""
    ids = select(Organisation.territory_id).where(Organisation.id.in_(actor.memberships))
    return {*db.session.scalars(ids), *actor.coordinated}


def find_organisation(organisation_id: int | None) -> Organisation | None:
    """Find an organisation with its territory."""
    wanted = select(Organisation).options(joinedload(Organisation.territory))
    return db.session.scalar(wanted.where(Organisation.id == organisation_id)) if organisation_id else None


def board(territory_ids: Collection[int], sought: Sought) -> list[Found]:
    """List what is offered now and not taken yet, the nearest first, then what ends first."""
    rows = select(SurplusOffer).where(SurplusOffer.territory_id.in_(territory_ids), *_is_sought(sought))
    offers = db.session.scalars(rows.options(*_WHOLE).order_by(SurplusOffer.until_at, SurplusOffer.id)).all()
    taken = taken_of([each.id for each in offers])
    found = [
        Found(each, each.grams - taken.get(each.id, 0), nearest(sought.near, each.point)) for each in offers
    ]
    within = [each for each in found if each.left > 0 and _is_within(each.km, sought.radius_km)]
    return sorted(within, key=lambda each: each.km or 0.0)


def count_open(actor: Actor) -> int:
    """Count what others offer now, and not all taken, where a person takes part; in one statement, for other pages."""
    here = select(Organisation.territory_id).where(Organisation.id.in_(actor.memberships))
    around = or_(SurplusOffer.territory_id.in_(here), SurplusOffer.territory_id.in_(actor.coordinated))
    taken = select(func.coalesce(func.sum(SurplusClaim.grams), 0)).where(
        SurplusClaim.offer_id == SurplusOffer.id, SurplusClaim.state.in_(LIVE)
    )
    is_left = SurplusOffer.grams > taken.scalar_subquery()
    is_others = SurplusOffer.organisation_id.not_in(actor.memberships)
    return (
        db.session.scalar(
            select(func.count(SurplusOffer.id)).where(around, is_others, is_left, *_is_sought(Sought()))
        )
        or 0
    )


def offers_by(organisation_ids: Collection[int]) -> list[Found]:
    """List what organisations offer, the open ones first, then the newest."""
    mine = select(SurplusOffer).where(SurplusOffer.organisation_id.in_(organisation_ids)).options(*_WHOLE)
    is_open = SurplusOffer.state == State.OPEN
    rows = mine.order_by(is_open.desc(), SurplusOffer.id.desc()).limit(_MOST_OWN)
    offers = db.session.scalars(rows).all()
    taken = taken_of([each.id for each in offers])
    return [Found(each, each.grams - taken.get(each.id, 0)) for each in offers]


def claims_by(organisation_ids: Collection[int]) -> Sequence[SurplusClaim]:
    """List the parts that organisations took and have still to collect, what ends first first."""
    rows = (
        select(SurplusClaim)
        .join(SurplusClaim.offer)
        .where(SurplusClaim.organisation_id.in_(organisation_ids), SurplusClaim.state == ClaimState.CLAIMED)
        .options(*_WITH_OFFER)
        .order_by(SurplusOffer.until_at, SurplusClaim.id)
    )
    return db.session.scalars(rows.limit(_MOST_OWN)).all()


def not_given(organisation_ids: Collection[int]) -> Sequence[SurplusClaim]:
    """List the parts that were taken from organisations lately: who offers does not give them; the last first."""
    rows = (
        select(SurplusClaim)
        .where(
            SurplusClaim.organisation_id.in_(organisation_ids),
            SurplusClaim.state == ClaimState.CANCELLED,
            SurplusClaim.ended_at > clock.now() - SAID_FOR,
        )
        .options(*_WITH_OFFER)
        .order_by(SurplusClaim.ended_at.desc(), SurplusClaim.id)
    )
    return db.session.scalars(rows.limit(_MOST_OWN)).all()


def count_to_collect(organisation_ids: Collection[int]) -> int:
    """Count the parts that organisations took and have still to collect."""
    waiting = select(func.count(SurplusClaim.id)).where(
        SurplusClaim.organisation_id.in_(organisation_ids), SurplusClaim.state == ClaimState.CLAIMED
    )
    return db.session.scalar(waiting) or 0


def products_of(organisation_id: int) -> list[str]:
    """List what an organisation has offered before, the latest first."""
    latest = func.max(SurplusOffer.id)
    rows = select(SurplusOffer.product).filter_by(organisation_id=organisation_id)
    rows = rows.group_by(SurplusOffer.product).order_by(latest.desc())
    return [*db.session.scalars(rows.limit(_MOST_PRODUCTS))]


def _is_sought(sought: Sought) -> list[ColumnElement[bool]]:
    wanted = [SurplusOffer.state == State.OPEN, SurplusOffer.until_at > clock.now()]
    if sought.category:
        wanted.append(SurplusOffer.category == sought.category)
    if sought.regime:
        wanted.append(SurplusOffer.regime == sought.regime)
    if sought.only_gifts:
        wanted.append(SurplusOffer.price_cents == 0)
    return wanted


def _is_within(km: float | None, radius_km: float | None) -> bool:
    return radius_km is None or (km is not None and km <= radius_km)


# -- where organisations are ----------------------------------------------------------------------------------


def sites_of(organisation_id: int) -> Sequence[Site]:
    """List the places of an organisation that take part, the first first."""
    return db.session.scalars(
        select(Site).filter_by(owner_id=organisation_id, archived_at=None).order_by(Site.id)
    ).all()


def points_of(organisations: Iterable[Organisation]) -> dict[int, tuple[Point, ...]]:
    """Tell where organisations are: their places, else their commune; nowhere, where nobody said."""
    by_id = {each.id: each for each in organisations}
    found: dict[int, list[Point]] = defaultdict(list)
    rows = select(Site.owner_id, Site.lat, Site.lon).where(
        Site.owner_id.in_(by_id), Site.archived_at.is_(None)
    )
    for owner_id, lat, lon in db.session.execute(rows):
        found[owner_id].append(Point(lat, lon))
    for each in by_id.values():
        commune = find_commune(each.commune_code or "")
        if commune and each.id not in found:
            found[each.id].append(Point(*commune.point))
    return {organisation_id: tuple(points) for organisation_id, points in found.items()}


def nearest(points: Iterable[Point], to: Point) -> float | None:
    """Measure how far the nearest of some points is, as the crow flies, in kilometres; None where there is none."""
    return min((distance_km(*each, *to) for each in points), default=None)


# -- whom an offer concerns -----------------------------------------------------------------------------------


def interest_of(organisation_id: int) -> Interest:
    """Tell what an organisation wants to be told of."""
    row = db.session.get(SurplusInterest, organisation_id)
    return _interest(row)


def concerned_by(goods: Goods) -> list[int]:
    """List the organisations (ids) that want to be told of something: close enough, and interested in such food."""
    others = select(Organisation, SurplusInterest).outerjoin(
        SurplusInterest, SurplusInterest.organisation_id == Organisation.id
    )
    rows = db.session.execute(
        others.where(
            Organisation.territory_id == goods.territory_id,
            Organisation.state == OrganisationState.ACTIVE,
            Organisation.id != goods.organisation_id,
        ).order_by(Organisation.id)
    ).all()
    points = points_of(organisation for organisation, _row in rows)
    return [
        organisation.id
        for organisation, row in rows
        if _interest(row).matches(goods.category, nearest(points.get(organisation.id, ()), goods.point))
    ]


def _interest(row: SurplusInterest | None) -> Interest:
    if row is None:
        return Interest()
    return Interest(row.radius_km, frozenset(map(str, row.categories)), row.is_wanted)


# -- upkeep ---------------------------------------------------------------------------------------------------


def touched_by(organisation_id: int) -> list[int]:
    """List the offers (ids) in which something of an organisation is open: its own, and what it took a part of."""
    taken = select(SurplusClaim.offer_id).filter_by(organisation_id=organisation_id, state=ClaimState.CLAIMED)
    its_own = and_(SurplusOffer.organisation_id == organisation_id, SurplusOffer.state == State.OPEN)
    rows = select(SurplusOffer.id).where(or_(its_own, SurplusOffer.id.in_(taken)))
    return [*db.session.scalars(rows.order_by(SurplusOffer.id))]


def never_collected(until: datetime) -> list[int]:
    """List the parts (ids) still to be collected of offers whose last moment was before an instant."""
    rows = select(SurplusClaim.id).join(SurplusClaim.offer)
    rows = rows.where(SurplusClaim.state == ClaimState.CLAIMED, SurplusOffer.until_at <= until)
    return [*db.session.scalars(rows.order_by(SurplusClaim.id))]


def photo_digests() -> set[str]:
    """List the digests of all photos that an offer shows."""
    shown = select(SurplusOffer.photo).where(SurplusOffer.photo.is_not(None))
    return {each for each in db.session.scalars(shown) if each}


_WHOLE: Final = (joinedload(SurplusOffer.organisation), joinedload(SurplusOffer.territory))
_WITH_OFFER: Final = (joinedload(SurplusClaim.offer).options(*_WHOLE), joinedload(SurplusClaim.organisation))
