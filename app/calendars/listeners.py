"""What calendars do when something changes in the rooms below."""

from app.accounts.events import SignedOutEverywhere
from app.calendars import service
from app.infra.events import listens


@listens(SignedOutEverywhere)
def on_signed_out(event: SignedOutEverywhere) -> None:
    """End the person's links, if they asked for it: calendars on lost devices fall silent."""
    if event.links_too:
        service.end_all(event.person_id)
