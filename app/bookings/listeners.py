"""What bookings do when something changes in the rooms below."""

from app.accounts.events import AccountErased, OrganisationArchived, OrganisationRenamed
from app.bookings import leaving, revisions
from app.infra.events import listens


@listens(OrganisationRenamed)
def on_organisation_renamed(event: OrganisationRenamed) -> None:
    """Tell calendars that the bookings have changed."""
    revisions.note_renamed(event.organisation_id)


@listens(AccountErased)
def on_account_erased(event: AccountErased) -> None:
    """Hand over or cancel what the person has going."""
    leaving.let_go_of(event)


@listens(OrganisationArchived)
def on_organisation_archived(event: OrganisationArchived) -> None:
    """Cancel what the organisation has going, with the reason."""
    leaving.cancel_all_of(event)
