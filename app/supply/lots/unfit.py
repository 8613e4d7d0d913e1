"""Places whose cold chain broke, and where nobody has said yet what was done about it: no chain is led through them."""

from collections.abc import Collection

from sqlalchemy import select

from app.infra.db import db
from app.supply.chains.unfit import tells_unfit
from app.supply.lots.models import Incident
from app.supply.lots.rules import IncidentState


@tells_unfit
def broken_among(resource_ids: Collection[int]) -> set[int]:
    """Name the places that have an open incident."""
    is_open = Incident.resource_id.in_(resource_ids), Incident.state == IncidentState.OPEN
    return {number for number in db.session.scalars(select(Incident.resource_id).where(*is_open)) if number}
