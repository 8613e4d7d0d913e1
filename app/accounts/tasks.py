"""What recurs: forgetting sign-ups nobody confirmed, dead links, old tries and logs, accounts nobody uses."""

from datetime import timedelta

from app.accounts import service
from app.accounts.words import farewell_reason
from app.infra.jobs import Payload, periodic


@periodic("accounts.forget_stale", every=timedelta(days=1), offset=timedelta(hours=2, minutes=10))
def forget_stale(_payload: Payload) -> None:
    """Forget, every night, what is no longer needed."""
    service.forget_stale()


@periodic("accounts.part_with_idle", every=timedelta(days=1), offset=timedelta(hours=2, minutes=20))
def part_with_idle(_payload: Payload) -> None:
    """Every night, warn people who have not come for long, and erase the accounts of those who were warned."""
    service.erase_idle(farewell_reason())
    service.warn_idle()


@periodic("accounts.remind_authorisations", every=timedelta(days=1), offset=timedelta(hours=6, minutes=30))
def remind_authorisations(_payload: Payload) -> None:
    """Every morning, tell organisations whose authorisation for food aid ends soon."""
    service.remind_authorisations()
