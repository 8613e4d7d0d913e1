"""What group purchases do when people and organisations leave, and when where they are packed is moved or lost."""

from typing import Final

from app.accounts.events import AccountErased, OrganisationArchived
from app.bookings import events
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


def on_booking(event: events.BookingEvent) -> None:
    """Let what fetches it go to where it is packed now."""
    service.follow_packing([event.booking_id], event.actor_id)


def on_series(event: events.SeriesEvent) -> None:
    """Let what fetches it go to where it is packed now."""
    service.follow_packing(event.booking_ids, event.actor_id)


_MOVED: Final[tuple[type[events.BookingEvent], ...]] = (
    events.BookingMoved,
    events.ProposalAccepted,
    events.BookingRecalled,
    events.DecisionUndone,
    events.BookingRefused,
    events.BookingExpired,
    events.BookingCancelled,
)
_SERIES_MOVED: Final[tuple[type[events.SeriesEvent], ...]] = (
    events.SeriesMoved,
    events.SeriesRefused,
    events.SeriesExpired,
    events.SeriesCancelled,
)
for moved in _MOVED:
    listens(moved)(on_booking)
for moved_too in _SERIES_MOVED:
    listens(moved_too)(on_series)
