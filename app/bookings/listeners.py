"""What bookings do when something changes in the rooms below."""

from app.accounts.events import OrganisationRenamed
from app.bookings import revisions
from app.infra.events import listens


@listens(OrganisationRenamed)
def on_organisation_renamed(event: OrganisationRenamed) -> None:
    """Tell calendars that the bookings have changed."""
    revisions.note_renamed(event.organisation_id)
