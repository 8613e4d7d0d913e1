"""Reads of whom lots come from and go to, and of the places where they are."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, OrganisationState, Territory
from app.catalogue.models import Resource, Site, Status, Visibility
from app.core import clock
from app.core.policy import Actor
from app.core.span import to_wall
from app.infra.db import db
from app.supply.cargo import Regime
from app.supply.chains.models import Chain
from app.supply.chains.planning.fitness import KEEPS
from app.supply.lots.models import Lot, LotSource
from app.supply.offers.models import SurplusClaim, SurplusOffer

STORAGE: Final = "storage"


def organisations_in(territory_id: int) -> Sequence[Organisation]:
    """List the organisations of a territory that can receive something, by name."""
    rows = select(Organisation).filter_by(territory_id=territory_id, state=OrganisationState.ACTIVE)
    return db.session.scalars(rows.order_by(Organisation.name, Organisation.id)).all()


def organisations_by_id(ids: Collection[int]) -> Sequence[Organisation]:
    """List organisations by name, with their territory."""
    rows = select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.territory))
    return db.session.scalars(rows.order_by(Organisation.name, Organisation.id)).all()


def find_giver_of(chain: Chain) -> Organisation | None:
    """Find who gives what a chain carries: who offers it, else who has entered it as a lot of the chain."""
    rows = select(Organisation).join(SurplusOffer, SurplusOffer.organisation_id == Organisation.id)
    if chain.surplus_claim_ref:
        rows = rows.join(SurplusClaim, SurplusClaim.offer_id == SurplusOffer.id)
        return db.session.scalar(rows.where(SurplusClaim.public_id == chain.surplus_claim_ref))
    if chain.surplus_offer_ref:
        return db.session.scalar(rows.where(SurplusOffer.public_id == chain.surplus_offer_ref))
    entered = select(Organisation).join(Lot, Lot.organisation_id == Organisation.id)
    came = select(LotSource.id).where(LotSource.lot_id == Lot.id).exists()
    first = entered.where(Lot.bundle_id == chain.bundle_id, ~came).order_by(Lot.id).limit(1)
    return db.session.scalar(first)


def managed_places(actor: Actor) -> Select[int]:
    """Say in SQL which resources (ids) are at sites that somebody manages."""
    administered = [number for number in actor.memberships if actor.administers(number)]
    managed = or_(Site.id.in_(actor.managed_sites), Site.owner_id.in_(administered))
    return select(Resource.id).join(Site, Site.id == Resource.site_id).where(managed)


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


def today_in(territory: Territory) -> date:
    """Tell which day it is in a territory."""
    return day_in(territory, clock.now())


def day_in(territory: Territory, at: datetime) -> date:
    """Tell which day it is in a territory at an instant."""
    return to_wall(at, ZoneInfo(territory.timezone)).date()
