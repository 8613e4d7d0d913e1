"""The use case of this room: from what happened to one job per letter, so that one bad address stops nobody else's."""

from app.bookings.models import Booking
from app.infra.jobs import Payload, enqueue
from app.infra.uow import atomic
from app.notifications import queries
from app.notifications.rules import (
    OCCASIONS,
    SERIES_OCCASIONS,
    SERIES_TO_DECIDE,
    TO_DECIDE,
    WRITTEN,
    WRITTEN_TO_MANAGER,
)

Addressed = tuple[str, int]  # the letter, and whom it goes to


def spread(occasion: str, booking_id: int, actor_id: int | None) -> None:
    """Queue a letter to everybody who is to know of an occasion, save whoever brought it about."""
    booking = queries.find_booking(booking_id)
    if booking is not None:
        _queue(booking, _addressed(occasion, booking, actor_id))


def spread_message(booking_id: int, message_id: int) -> None:
    """Queue a letter with a message to everybody it is for."""
    booking, message = queries.find_booking(booking_id), queries.find_message(message_id)
    if booking is None or message is None:
        return
    listeners = queries.who_listens(booking, message.author_id)
    letters = [
        (WRITTEN_TO_MANAGER if queries.is_for_manager(booking, person) else WRITTEN, person.id)
        for person in listeners
    ]
    _queue(booking, letters, message_id)


def spread_moved_away(booking_id: int, from_resource_id: int, actor_id: int | None) -> None:
    """Queue a letter to those who answered for the place a booking has left, save who answers for the new one too."""
    booking, place = queries.find_booking(booking_id), queries.find_resource(from_resource_id)
    if booking is None or place is None or place.site_id == booking.resource.site_id:
        return
    known = {person.id for person in queries.who_answers(booking.resource.site)} | {actor_id}
    people = [person.id for person in queries.who_answers(place.site) if person.id not in known]
    with atomic():
        for person_id in people:
            payload = {"booking": booking_id, "from": from_resource_id, "person": person_id}
            enqueue("notifications.write_moved_away", payload)


def _addressed(occasion: str, booking: Booking, actor_id: int | None) -> list[Addressed]:
    telling, letters = OCCASIONS[occasion], []
    if telling.asker:
        receipt = booking.requester_id if telling.receipt else None
        askers = queries.who_asked(booking)
        letters += [(telling.asker, p.id) for p in askers if p.id != actor_id or p.id == receipt]
    if telling.manager:
        to_decide = telling.manager in TO_DECIDE
        answering = (
            queries.who_is_awaited(booking) if to_decide else queries.who_answers(booking.resource.site)
        )
        letters += [(telling.manager, p.id) for p in answering if p.id != actor_id]
    if telling.coordination:
        coordinating = queries.who_admits(booking.territory_id)
        letters += [(telling.coordination, p.id) for p in coordinating if p.id != actor_id]
    return letters


def _queue(booking: Booking, letters: list[Addressed], message_id: int | None = None) -> None:
    booking_id, territory_id = booking.id, booking.territory_id
    with atomic():
        for letter, person_id in letters:
            payload: Payload = {
                "letter": letter,
                "booking": booking_id,
                "person": person_id,
                "message": message_id,
            }
            key = f"letter:{letter}:{booking_id}:{person_id}:{message_id or ''}"
            enqueue("notifications.write", payload, dedup_key=key, territory_id=territory_id)


def spread_series(occasion: str, series_id: int, actor_id: int | None, about: Payload) -> None:
    """Queue one letter about an act on several dates to everybody who is to know, save whoever brought it about."""
    series = queries.find_series(series_id)
    if series is None:
        return
    telling, letters = SERIES_OCCASIONS[occasion], []
    if telling.asker:
        receipt = series.requester_id if telling.receipt else None
        askers = queries.who_asked_series(series)
        letters += [(telling.asker, p.id) for p in askers if p.id != actor_id or p.id == receipt]
    if telling.manager:
        answering = queries.who_answers(series.resource.site)
        if telling.manager in SERIES_TO_DECIDE and (first := queries.find_booking(about["bookings"][0])):
            answering = queries.who_is_awaited(first)
        letters += [(telling.manager, p.id) for p in answering if p.id != actor_id]
    territory_id = series.territory_id
    with atomic():
        for letter, person_id in letters:
            payload = {**about, "letter": letter, "series": series_id, "person": person_id}
            enqueue("notifications.write_series", payload, territory_id=territory_id)
