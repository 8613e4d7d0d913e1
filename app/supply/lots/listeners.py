"""What lots do when people and organisations leave."""

from app.accounts.events import AccountErased, OrganisationArchived
from app.infra.events import listens
from app.supply.lots import service


@listens(OrganisationArchived)
def on_archived(event: OrganisationArchived) -> None:
    """End what the organisation has going."""
    service.end_all_of(event)


@listens(AccountErased)
def on_erased(event: AccountErased) -> None:
    """Let go of the names and words of a person."""
    service.forget_words_of(event)
