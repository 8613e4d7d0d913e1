"""What several use cases of chains do: hold one, find whom it is for, write its history."""

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation
from app.bookings.models import Bundle
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.supply.chains.models import Chain


def lock_chain(chain_id: int) -> Chain:
    """Get a chain as it is now; it does not change before the use case ends."""
    wanted = select(Chain).filter_by(id=chain_id).with_for_update()
    return db.session.scalars(wanted, execution_options={"populate_existing": True}).one()


def find_receiver(bundle: Bundle, receiver_id: int | None) -> Organisation | None:
    """Find whom it is for; raise NotFound where that is no organisation of the territory, OrganisationInactive."""
    if receiver_id is None:
        return None
    found = keep_organisation(receiver_id)
    if found.territory_id != bundle.territory_id:
        raise NotFound(kind="organisation")
    return found


def note(chain: Chain, act: str, actor: Actor, **facts: object) -> None:
    """Add a line to the history of the request of a chain."""
    db.session.flush()
    audit.record("bundle", chain.bundle_id, act, actor, territory_id=chain.bundle.territory_id, **facts)
