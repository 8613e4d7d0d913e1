"""Where a booking stands: what it is now, what happens next, by when."""

from dataclasses import dataclass, replace

from flask_babel import gettext as _

from app.accounts.words import person_name
from app.bookings.models import Booking
from app.bookings.queries import last_reason
from app.bookings.recalls import was_called_back
from app.bookings.rules import APPROVED, CANCELLED, EXCUSED, EXPIRED, NO_SHOW, PENDING, REFUSED
from app.bookings.words.cancelling import due_words, terms_words
from app.bookings.words.pieces import moment, zone_of
from app.core import clock
from app.web.format import day, duration


@dataclass(frozen=True)
class Standing:
    """The big answer on top of a booking: what it is now, what happens next, by when."""

    state: str
    title: str
    next: str = ""
    by: str = ""
    kind: str | None = None
    missing: str = ""  # whose yes, where two people have to agree


def standing(
    booking: Booking, *, decides: bool, missing: str = "", can_agree: bool = True, is_beaten: bool = False
) -> Standing:
    """Say where a booking stands, to who decides on it or to the side that asked.

    `is_beaten`: others have got the time of a request meanwhile (app.bookings.beaten).

    Where two people have to agree, `missing` says whose yes is, and `can_agree` whether the reader's would count.
    """
    match booking.decision:
        case "pending":
            waits = replace(_pending(booking, decides=decides, can_agree=can_agree), missing=missing)
            return replace(waits, next=beaten_words()) if is_beaten else waits
        case "approved":
            return _approved(booking, decides=decides)
        case "refused":
            return _refused(booking, decides=decides)
        case "expired":
            return _expired(booking, decides=decides)
    return _cancelled(booking)


def _pending(booking: Booking, *, decides: bool, can_agree: bool) -> Standing:
    by = moment(booking.expires_at, zone_of(booking)) if booking.expires_at else ""
    if decides:
        title = _("%(organisation)s waits for your answer", organisation=booking.organisation.name)
        if not can_agree:
            title = _(
                "%(organisation)s waits for the answer of somebody else",
                organisation=booking.organisation.name,
            )
        until = _("Answer before %(moment)s: after that the request ends by itself.", moment=by) if by else ""
        if not can_agree and by:
            until = _("Without an answer before %(moment)s the request ends by itself.", moment=by)
        return Standing(PENDING, title, _kept(booking), until)
    title = _("Waiting for the answer of %(owner)s", owner=booking.resource.site.owner.name)
    until = (
        _("Answer expected before %(moment)s. Without an answer the request ends by itself.", moment=by)
        if by
        else ""
    )
    return Standing(PENDING, title, _kept(booking), until)


def beaten_words() -> str:
    """Say to who asked that their slot is taken meanwhile, and what they can do."""
    return _(
        "Somebody else has got the slot you asked for meanwhile. Your request can only be accepted if it is freed: "
        "choose another time or another place."
    )


def _kept(booking: Booking) -> str:
    if booking.hold_id is not None:
        return _("The slot is kept until the answer: nobody else can take it.")
    if booking.recalls:
        return _(
            "The quota is called back when the place says yes. Until then nothing is taken from anybody, nor kept."
        )
    if booking.resource.arbitration_hours:
        return _(
            "Requests for the same time are compared here for %(length)s, in the order of priority classes.",
            length=duration(booking.resource.arbitration_hours * 60),
        )
    return _("The slot is not kept meanwhile: another request may be accepted first.")


def _approved(booking: Booking, *, decides: bool) -> Standing:
    now, tz = clock.now(), zone_of(booking)
    if booking.use in (NO_SHOW, EXCUSED):
        return _missed(booking, decides=decides)
    if booking.end_at <= now:
        return Standing("done", _("This booking is over"), _("Thank you for sharing the place."))
    if booking.start_at <= now:
        return Standing("under_way", _("Under way until %(moment)s", moment=moment(booking.end_at, tz)))
    first = day(booking.start_at, tz=tz)
    if decides:
        return Standing(
            APPROVED,
            _(
                "Accepted: %(organisation)s comes on %(day)s",
                organisation=booking.organisation.name,
                day=first,
            ),
            _("They have read how to come in and whom to call."),
        )
    title = _("It is accepted: see you on %(day)s", day=first)
    if booking.decided_by_id is None:
        title = _("It is booked: see you on %(day)s", day=first)
    return Standing(
        APPROVED,
        title,
        _("How to come in and whom to call is written below."),
        terms_words(booking),
    )


def _missed(booking: Booking, *, decides: bool) -> Standing:
    reason = _quoted(last_reason(booking.id, "missed" if booking.use == NO_SHOW else "forgiven"))
    if booking.use == EXCUSED:
        return Standing("done", _("Nobody came, and it is forgiven"), reason)
    if decides:
        return Standing(
            "done",
            _("Nobody came"),
            reason,
            _("The organisation is told. If you learn of a good reason, forgive it: it counts no longer."),
            kind="bad",
        )
    return Standing(
        "done",
        _("The place noted that nobody came"),
        reason,
        _("If this is a mistake, write to the place: the absence can be forgiven."),
        kind="bad",
    )


def _refused(booking: Booking, *, decides: bool) -> Standing:
    title = _("You refused this request") if decides else _("The request is refused")
    due = due_words(booking)
    if not decides:
        advice = due or _("Another time or another place may suit: ask again.")
        return Standing(REFUSED, title, _quoted(booking.reason), advice)
    return Standing(REFUSED, title, _quoted(booking.reason), due)


def _expired(booking: Booking, *, decides: bool) -> Standing:
    title, due = _("Nobody answered in time"), due_words(booking)
    if decides:
        return Standing(
            EXPIRED,
            title,
            _("The request has ended and the slot is free. Call who asked if you want to help."),
            due,
        )
    return Standing(
        EXPIRED, title, _("The slot is free again. Call the place, or send the same request once more."), due
    )


def _cancelled(booking: Booking) -> Standing:
    if was_called_back(booking):
        return Standing(
            CANCELLED,
            _("Called back by the quota of another organisation"),
            _(
                "It was lent until its owner needed it. Nothing is due; another time or place may suit: ask again."
            ),
        )
    by = person_name(booking.decided_by.name) if booking.decided_by else ""
    title = _("Cancelled by %(name)s", name=by) if by else _("Cancelled")
    return Standing(CANCELLED, title, _quoted(booking.reason), due_words(booking))


def _quoted(text: str) -> str:
    return _("“%(text)s”", text=text) if text else ""
