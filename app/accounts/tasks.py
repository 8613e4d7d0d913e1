"""What recurs: forgetting accounts nobody confirmed, dead links, old tries."""

from datetime import timedelta

from app.accounts import service
from app.infra.jobs import Payload, periodic


@periodic("accounts.forget_stale", every=timedelta(days=1), offset=timedelta(hours=2, minutes=10))
def forget_stale(_payload: Payload) -> None:
    """Forget, every night, what is no longer needed."""
    service.forget_stale()
