"""What group purchases do when people and organisations leave."""

from app.accounts.events import AccountErased, OrganisationArchived
from app.infra.events import listens
from app.supply.purchases import service


@listens(OrganisationArchived)
def on_archived(event: OrganisationArchived) -> None:
    """End what the organisation has going."""
    service.end_all_of(event)


@listens(AccountErased)
def on_erased(event: AccountErased) -> None:
    """Let go of what the person wrote."""
    service.forget_words_of(event)
