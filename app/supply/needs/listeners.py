"""What needs do when people and organisations leave, and when somebody looks for something in vain."""

from app.accounts.events import AccountErased, OrganisationArchived
from app.availability.events import SearchCameToNothing
from app.infra.events import listens
from app.supply.chains.events import PlanCameToNothing
from app.supply.needs import counting, service
from app.supply.needs.rules import Source


@listens(OrganisationArchived)
def on_archived(event: OrganisationArchived) -> None:
    """End what the organisation looks for."""
    service.end_all_of(event)


@listens(AccountErased)
def on_erased(event: AccountErased) -> None:
    """Let go of what the person wrote."""
    service.forget_words_of(event)


@listens(SearchCameToNothing)
def on_search(event: SearchCameToNothing) -> None:
    """Count it where it was looked for."""
    for territory_id in counting.territories_with(event.commune_code):
        counting.count_unmet(territory_id, Source.SEARCH, event.kind, event.commune_code, event.regime)


@listens(PlanCameToNothing)
def on_plan(event: PlanCameToNothing) -> None:
    """Count it."""
    counting.count_unmet(event.territory_id, Source.PLAN, "", event.commune_code, event.regime)
