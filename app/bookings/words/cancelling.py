"""What giving a booking up costs, in words: up to when nothing, and what stays due after that."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.bookings.models import Booking
from app.bookings.queries import moved_from
from app.bookings.rules import APPROVED, EXPIRED, LIVE, PENDING, REFUSED, due_when_given_up
from app.bookings.words.pieces import moment, zone_of
from app.catalogue.models import Resource
from app.core import clock
from app.core.span import to_wall
from app.web.format import day, money, span_words


def terms_words(booking: Booking, amount: str = "") -> str:
    """Say up to when the side that asked may cancel an accepted booking, and at what cost after that.

    `amount` is what that comes to now, where it is known.
    """
    if booking.moved_late_percent and booking.decision in LIVE:
        percent = percent_if_given_up(booking)
        return _(
            "This booking was moved late: if you cancel it, %(due)s stays due.",
            due=_part_words(amount, percent) if amount else due_amount(booking.resource, percent),
        )
    if booking.decision != APPROVED:
        return ""
    if booking.free_until is None:
        if last := _last_day(booking.start_at, zone_of(booking)):
            return _("If you cannot come, cancel before the end of %(day)s so that others can.", day=last)
        start = moment(booking.start_at, zone_of(booking))
        return _("If you cannot come, cancel before %(moment)s so that others can.", moment=start)
    if booking.free_until < clock.now() and amount:
        return _("Cancelling now: %(due)s stays due.", due=_part_words(amount, booking.late_percent))
    if booking.free_until < clock.now():
        return _("Cancelling now: %(percent)s %% of the price stays due.", percent=booking.late_percent)
    if last := _last_day(booking.free_until, zone_of(booking)):
        return _(
            "You can cancel free of charge until the end of %(day)s. After that %(percent)s %% of the price "
            "stays due.",
            day=last,
            percent=booking.late_percent,
        )
    return _(
        "You can cancel free of charge until %(moment)s. After that %(percent)s %% of the price stays due.",
        moment=moment(booking.free_until, zone_of(booking)),
        percent=booking.late_percent,
    )


def _last_day(at: datetime, tz: str) -> str:
    """Name the day that ends at a midnight; empty for any other instant, which is told by its time."""
    wall = to_wall(at, ZoneInfo(tz))
    return day(wall.date() - timedelta(days=1)) if (wall.hour, wall.minute) == (0, 0) else ""


def percent_if_given_up(booking: Booking) -> int:
    """Tell which percentage of the price stays due if a booking is given up now."""
    until, percent = booking.free_until, booking.late_percent
    return max(booking.moved_late_percent, due_when_given_up(booking.decision, until, percent, clock.now()))


def due_amount(resource: Resource, percent: int) -> str:
    """Write a part of the price: in euros too where each use has one price, whatever its time or quantity."""
    if resource.price_per != "use" or not resource.price_cents:
        return _("%(percent)s %% of the price", percent=percent)
    return _part_words(money(resource.price_cents * percent // 100), percent)


def _part_words(amount: str, percent: int) -> str:
    return _("%(amount)s (%(percent)s %% of the price)", amount=amount, percent=percent)


def late_move_words(resource: Resource, due: int) -> str:
    """Say, before a booking is moved, that giving its time up costs already: `due` percent of the price; or nothing."""
    if not due:
        return ""
    return _(
        "Giving this time up already costs something. If you move the booking now and cancel it later, or the new time "
        "is not accepted, %(due)s stays due, unless the place accepts the move free of charge.",
        due=due_amount(resource, due),
    )


def moved_late_words(booking: Booking) -> str:
    """Say to who answers for the place that a request was moved late; empty where it was not."""
    if not booking.moved_late_percent:
        return ""
    due = due_amount(booking.resource, booking.moved_late_percent)
    if booking.decision != PENDING:
        return _("Moved late: %(due)s stays due if they cancel.", due=due)
    return _(
        "Moved late: %(due)s stays due if they cancel or it is not accepted. "
        "You can accept it free of charge on the page of the request.",
        due=due,
    )


def own_late_move_words(booking: Booking) -> str:
    """Say to who asked, once a booking was moved late, which time they gave up and what stays due; or nothing."""
    before = moved_from(booking.id) if booking.moved_late_percent else None
    if before is None or booking.decision not in LIVE:
        return ""
    given_up = span_words(before, zone_of(booking))
    due = due_amount(booking.resource, percent_if_given_up(booking))
    if booking.decision == PENDING:  # also where they ask for more: until the place answers they have nothing
        return _(
            "This was a late move: the time you had (%(before)s) is given up. If you cancel, or the place does not "
            "accept, %(due)s stays due, unless it accepts the move free of charge.",
            before=given_up,
            due=due,
        )
    if booking.start_at <= before.start and before.end <= booking.end_at:
        return ""  # they have it still
    return _(
        "This was a late move: the time you had (%(before)s) is given up. If you cancel, %(due)s stays due.",
        before=given_up,
        due=due,
    )


def due_words(booking: Booking) -> str:
    """Say what stays due of a booking that was cancelled late, or of a late move that came to nothing; or nothing."""
    if not booking.due_percent:
        return ""
    if booking.decision in (REFUSED, EXPIRED):
        return _(
            "Moved late, then not accepted: %(due)s stays due.",
            due=due_amount(booking.resource, booking.due_percent),
        )
    return _("Cancelled late: %(percent)s %% of the price stays due.", percent=booking.due_percent)
