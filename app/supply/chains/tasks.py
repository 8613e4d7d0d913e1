"""Drafts of chains that can be loaded no longer."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.supply.chains import service


@periodic("chains.drop_old_drafts", every=timedelta(days=1), offset=timedelta(hours=3))
def drop_old(_payload: Payload) -> None:
    """Forget, every night, what can be loaded no longer."""
    service.drop_old_drafts()
