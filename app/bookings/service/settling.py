"""What becomes of a series whose dates are answered one by one."""

from sqlalchemy import select

from app.bookings.models import Booking, Series
from app.bookings.rules import APPROVED, ASKED, GRANTED, LIVE, PENDING
from app.bookings.service.common import SYSTEM
from app.bookings.service.series import APPROVED_EACH, ASKS, note, yes_to
from app.core import clock
from app.infra import audit
from app.infra.db import db


def settle_series(booking: Booking) -> None:
    """Grant the series of a booking answered alone, when nothing of it waits any more and something is accepted.

    That is a yes to the dates to come only where each date that was asked for was accepted. Else somebody said no to
    some of it, or gave it up before anybody had answered: what comes later is asked of the place each time.
    """
    if booking.series_id is None:
        return
    series = db.session.get_one(Series, booking.series_id, populate_existing=True)
    if series.state != ASKED:
        return
    states = set(
        db.session.scalars(select(Booking.decision).where(Booking.series_id == series.id).distinct())
    )
    if PENDING not in states and APPROVED in states:
        said = {"yeses": 0} if _lost_since_asked(series) else yes_to(series)
        note(series, APPROVED_EACH, SYSTEM, **said)
        come_to(series, GRANTED)


def _lost_since_asked(series: Series) -> bool:
    """Tell whether some date was refused or given up since the series was last asked for as a whole."""
    asked_at = next(
        (line.at for line in reversed(audit.history("series", series.id)) if line.act in ASKS),
        series.created_at,
    )
    lost = select(Booking.id).where(
        Booking.series_id == series.id, Booking.decision.not_in(LIVE), Booking.decided_at >= asked_at
    )
    return db.session.scalar(lost.limit(1)) is not None


def come_to(series: Series, state: str) -> None:
    """Write down where a series stands now."""
    series.state, series.changed_at = state, clock.now()
    db.session.flush()
