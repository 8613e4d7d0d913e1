"""Putting a lot somewhere: only where it is kept as it has to be."""

from typing import Any

from app.catalogue.models import Resource
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.cargo import Regime
from app.supply.lots.errors import PlaceBroken, PlaceUnfit
from app.supply.lots.models import Lot
from app.supply.lots.queries import STORAGE, find_open_incident, fits, regime_of, stores_in
from app.supply.lots.service.common import check_held, lock_own_lot, tell

_MOST_NAMED = 5


def store(actor: Actor, lot_id: int, resource_id: int | None) -> None:
    """Say in which storage place a lot is now; None: in none that is shared here.

    Raise NotFound, NotOurLot, PlaceUnfit, PlaceBroken, LotGone.
    """
    with atomic():
        lot = lock_own_lot(actor, lot_id)
        check_held(lot)
        if lot.resource_id == resource_id:
            return
        lot.resource = checked_place(resource_id, Regime(lot.regime), lot.territory_id)
        tell_place(lot, actor)


def tell_place(lot: Lot, actor: Actor) -> None:
    """Add to the history of a lot where it is from now on: what was measured there in the meantime concerns it."""
    tell(lot, "stored", actor, place=lot.resource.public_id if lot.resource else None)


def checked_place(resource_id: int | None, regime: Regime, territory_id: int) -> Resource | None:
    """Find a storage place that keeps such a lot now; raise NotFound, PlaceUnfit or PlaceBroken with those that do."""
    if resource_id is None:
        return None
    place = db.session.get(Resource, resource_id)
    if place is None or place.kind != STORAGE or place.territory_id != territory_id:
        raise NotFound(kind="resource")
    check_kept(place, regime)
    if (incident := find_open_incident(place.id)) is not None:
        raise PlaceBroken(**_told(place, regime), incident=incident.public_id)
    return place


def check_kept(place: Resource | None, regime: Regime) -> None:
    """Refuse to leave in a storage place what is not kept there as it has to be; raise PlaceUnfit."""
    if place is not None and not fits(place, regime):
        raise PlaceUnfit(**_told(place, regime), regime=regime, keeps=regime_of(place))


def _told(place: Resource, regime: Regime) -> dict[str, Any]:
    stores = stores_in(place.territory_id)
    others = [each for each in stores if each.id != place.id and fits(each, regime)]
    fitting = [f"{each.name}, {each.site.name}" for each in others][:_MOST_NAMED]
    return {"field": "place", "place": place.name, "fitting": fitting}
