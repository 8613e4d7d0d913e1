"""What calendars do when something changes in the rooms below."""

from app.accounts.events import AccountErased, SignedOutEverywhere
from app.calendars import service
from app.infra.events import listens


@listens(SignedOutEverywhere)
def on_signed_out(event: SignedOutEverywhere) -> None:
    """End the person's links, if they asked for it: calendars on lost devices fall silent."""
    if event.links_too:
        service.end_all(event.person_id)


@listens(AccountErased)
def on_account_erased(event: AccountErased) -> None:
    """End the person's links for good."""
    service.forget_reader(event.person_id)
