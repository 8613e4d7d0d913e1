"""Facts that happened to a booking, for calendars and mail."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class BookingEvent:
    """Something happened to a booking; `actor_id` did it (None: time itself)."""

    booking_id: int
    actor_id: int | None


@dataclass(frozen=True)
class BookingRequested(BookingEvent):
    """It waits for the manager's answer; `elsewhere`: as a date of a series at another place, told with its series."""

    elsewhere: bool = False


@dataclass(frozen=True)
class BookingApproved(BookingEvent):
    """It is reserved; `at_once` tells that no manager had to answer, `elsewhere` as for BookingRequested."""

    at_once: bool = False
    elsewhere: bool = False


@dataclass(frozen=True)
class BookingHalfApproved(BookingEvent):
    """The first of two people has agreed; the other is awaited."""


@dataclass(frozen=True)
class ApprovalAwaited(BookingEvent):
    """Time has passed without a yes that is still awaited: whom it depends on is reminded."""


@dataclass(frozen=True)
class MeasuresAwaited(BookingEvent):
    """It is over for days, and what has to be measured to charge it was not: the place is reminded."""


@dataclass(frozen=True)
class BookingRefused(BookingEvent):
    """The manager said no."""


@dataclass(frozen=True)
class BookingPassedOver(BookingEvent):
    """What this request waits for was given to one that comes after it by priority."""


@dataclass(frozen=True)
class BookingExpired(BookingEvent):
    """Nobody answered in time; the slot is free again."""


@dataclass(frozen=True)
class BookingCancelled(BookingEvent):
    """One side gave it up; `by_manager` tells which, `was_approved` whether it was reserved."""

    by_manager: bool = False
    was_approved: bool = False


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
    """Its time or quantity changed; it may have to be approved again, also where it `was_approved`."""

    was_approved: bool = False


@dataclass(frozen=True)
class BookingRecalled(BookingEvent):
    """Some of it, or all, was another organisation's quota, which was called back; `was_approved`: it was reserved."""

    was_approved: bool = False


@dataclass(frozen=True)
class KeptRecalled:
    """What a hold keeps for somebody's answer is of a quota that is called back; guards of `locked` resources are."""

    hold_id: int
    locked: tuple[int, ...]


@dataclass(frozen=True)
class BookingHandedOver(BookingEvent):
    """`actor_id` has left; another member of the organisation looks after it now."""


@dataclass(frozen=True)
class DecisionUndone(BookingEvent):
    """A decision was taken back within ten minutes: the request waits again; `was_approved` tells which one it was."""

    was_approved: bool = False


@dataclass(frozen=True)
class ProposalMade(BookingEvent):
    """Another slot is offered instead of the one asked for."""


@dataclass(frozen=True)
class ProposalAccepted(BookingEvent):
    """The booking is now what was proposed at an instant; `from_resource_id` is where it was asked for."""

    from_resource_id: int
    proposed_at: datetime


@dataclass(frozen=True)
class ProposalDeclined(BookingEvent):
    """The asker would rather have what they asked for: the request waits again."""


@dataclass(frozen=True)
class ProposalLapsed(BookingEvent):
    """The asker did not answer in time: the request waits again."""


@dataclass(frozen=True)
class ProposalWithdrawn(BookingEvent):
    """Whoever proposed it took it back: the request waits again."""


@dataclass(frozen=True)
class StayEndsSoon(BookingEvent):
    """A long stay on land comes to its end: both sides prepare what comes after."""


@dataclass(frozen=True)
class MessageWritten(BookingEvent):
    """Somebody wrote in the booking's talk."""

    message_id: int = 0


@dataclass(frozen=True)
class BundleEvent:
    """One act on legs of a bundle (`booking_ids`): told once, not for each."""

    bundle_id: int
    actor_id: int | None
    booking_ids: tuple[int, ...]


@dataclass(frozen=True)
class BundleRequested(BundleEvent):
    """They are asked for; some may be reserved at once."""


@dataclass(frozen=True)
class BundleMended(BundleEvent):
    """They are asked for in the place of others that could not be had."""


@dataclass(frozen=True)
class BundleShortened(BundleEvent):
    """It goes on without them: they could not be had."""


@dataclass(frozen=True)
class HandoverMoved(BundleEvent):
    """What comes of it is handed over at another moment, or at none that is said; no leg is concerned."""

    booking_ids: tuple[int, ...] = ()


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
class SeriesHalfApproved(SeriesEvent):
    """The first of two people has agreed to them; the other is awaited."""


@dataclass(frozen=True)
class SeriesApprovalAwaited(SeriesEvent):
    """Time has passed without a yes that is still awaited: whom it depends on is reminded."""


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
class SeriesAsksAgain(SeriesEvent):
    """New dates of a granted series wait for an answer: nobody has said yes to them yet."""


@dataclass(frozen=True)
class SeriesFellShort(SeriesEvent):
    """The nightly extension could not take some days: `missed` lists them."""

    missed: tuple[date, ...] = ()


@dataclass(frozen=True)
class WaitingEvent:
    """Something became of somebody's place on a waiting list."""

    waiting_id: int


@dataclass(frozen=True)
class SlotOffered(WaitingEvent):
    """What they wait for is kept for them until they take it or the offer ends."""


@dataclass(frozen=True)
class SlotFreed(WaitingEvent):
    """What they wanted to be told of is free; it is kept for nobody."""


@dataclass(frozen=True)
class OfferMissed(WaitingEvent):
    """They did not take in time what was offered: it is the next one's turn."""


@dataclass(frozen=True)
class OfferTakenBack(WaitingEvent):
    """The place has closed for what was offered to them, or it was called back; they are in line as before."""

    is_recalled: bool = False
