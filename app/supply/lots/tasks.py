"""What is forgotten of lots and hand-overs."""

from datetime import timedelta

from app.infra.jobs import Payload, periodic
from app.supply.lots import service


@periodic("lots.forget_old", every=timedelta(days=1), offset=timedelta(hours=2, minutes=50))
def forget(_payload: Payload) -> None:
    """Forget, every night, who signed what is older than anybody may ask for."""
    service.forget_old()
