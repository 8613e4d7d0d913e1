"""What an organisation wants to be told of."""

from app.accounts.service.locks import keep_organisation, one_at_a_time
from app.core import clock
from app.core.policy import Actor
from app.infra import audit
from app.infra.uow import atomic
from app.supply.offers.errors import NotTakingPart
from app.supply.offers.models import SurplusInterest
from app.supply.offers.rules import Interest


def say_interest(actor: Actor, organisation_id: int, interest: Interest) -> None:
    """Say of which offers an organisation is told from now on. Raise NotTakingPart, OrganisationInactive."""
    if not actor.belongs_to(organisation_id):
        raise NotTakingPart(organisation=organisation_id)
    with atomic() as session:
        one_at_a_time(f"surplus-interest:{organisation_id}")
        organisation = keep_organisation(organisation_id)
        row = session.get(SurplusInterest, organisation_id) or SurplusInterest(
            organisation_id=organisation_id
        )
        row.radius_km, row.is_wanted = interest.radius_km, interest.is_wanted
        row.categories = sorted(interest.categories)
        row.changed_at, row.changed_by_id = clock.now(), actor.person_id
        session.add(row)
        session.flush()
        audit.record(
            "organisation", organisation.id, "surplus_alerts", actor, territory_id=organisation.territory_id
        )
