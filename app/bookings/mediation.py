"""What the coordination of a territory sees: the requests that others have to answer there."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.bookings.models import Booking
from app.bookings.queries import whole
from app.bookings.turns import mediated_by
from app.catalogue.models import Resource
from app.core.policy import Actor
from app.infra.db import db

TERRITORY_AT_MOST = 30


def waiting_in_territory(actor: Actor) -> Sequence[Booking]:
    """List the requests of the territories a person coordinates that others have to answer, the most urgent first."""
    if not actor.coordinated:
        return []
    return db.session.scalars(
        whole()
        .where(mediated_by(actor))
        .order_by(Booking.expires_at, Booking.start_at, Booking.id)
        .limit(TERRITORY_AT_MOST)
    ).all()


def count_waiting_in_territory(actor: Actor) -> int:
    """Count the requests of the territories a person coordinates that others have to answer."""
    found = select(func.count()).select_from(Booking).join(Booking.resource).join(Resource.site)
    return db.session.scalar(found.where(mediated_by(actor))) or 0
