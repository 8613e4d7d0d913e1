"""Facts that happened to a booking, for calendars and mail."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class BookingEvent:
    """Something happened to a booking; `actor_id` did it (None: time itself)."""

    booking_id: int
    actor_id: int | None


@dataclass(frozen=True)
class BookingRequested(BookingEvent):
    """It waits for the manager's answer."""


@dataclass(frozen=True)
class BookingApproved(BookingEvent):
    """It is reserved; `at_once` tells that no manager had to answer."""

    at_once: bool = False


@dataclass(frozen=True)
class BookingRefused(BookingEvent):
    """The manager said no."""


@dataclass(frozen=True)
class BookingExpired(BookingEvent):
    """Nobody answered in time; the slot is free again."""


@dataclass(frozen=True)
class BookingCancelled(BookingEvent):
    """One side gave it up; `by_manager` tells which."""

    by_manager: bool = False


@dataclass(frozen=True)
class BookingKept(BookingEvent):
    """It stays as promised although its place opens for less time; `act` tells why (app.bookings.rules)."""

    act: str = ""


@dataclass(frozen=True)
class BookingMissed(BookingEvent):
    """Nobody came; `absences` counts those of the organisation that are not forgotten yet, with this one."""

    absences: int = 0


@dataclass(frozen=True)
class AbsenceForgiven(BookingEvent):
    """That nobody came counts no longer."""


@dataclass(frozen=True)
class BookingMoved(BookingEvent):
    """Its time or quantity changed; it may have to be approved again."""


@dataclass(frozen=True)
class BookingHandedOver(BookingEvent):
    """`actor_id` has left; another member of the organisation looks after it now."""


@dataclass(frozen=True)
class DecisionUndone(BookingEvent):
    """A decision was taken back within ten minutes: the request waits again."""


@dataclass(frozen=True)
class MessageWritten(BookingEvent):
    """Somebody wrote in the booking's talk."""

    message_id: int = 0


@dataclass(frozen=True)
class SeriesEvent:
    """One act on several occurrences of a series (`booking_ids`, in order of time): told once, not for each."""

    series_id: int
    actor_id: int | None
    booking_ids: tuple[int, ...]


@dataclass(frozen=True)
class SeriesRequested(SeriesEvent):
    """They wait for the manager's answer."""


@dataclass(frozen=True)
class SeriesApproved(SeriesEvent):
    """They are reserved; `at_once` tells that no manager had to answer."""

    at_once: bool = False


@dataclass(frozen=True)
class SeriesRefused(SeriesEvent):
    """The manager said no to all that waited."""


@dataclass(frozen=True)
class SeriesCancelled(SeriesEvent):
    """One side gave them up; `by_manager` tells which."""

    by_manager: bool = False


@dataclass(frozen=True)
class SeriesKept(SeriesEvent):
    """They stay as promised although their place opens for less time; `act` tells why (app.bookings.rules)."""

    act: str = ""


@dataclass(frozen=True)
class SeriesMoved(SeriesEvent):
    """Their times or quantity changed; they may have to be approved again."""


@dataclass(frozen=True)
class SeriesExpired(SeriesEvent):
    """Nobody answered in time; the slots are free again."""


@dataclass(frozen=True)
class SeriesFellShort(SeriesEvent):
    """The nightly extension could not take some days: `missed` lists them."""

    missed: tuple[date, ...] = ()
