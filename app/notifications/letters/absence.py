"""Letters about a booking to which nobody came: to who asked, to the coordination, and when it is forgiven."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.conduct import absences_of
from app.bookings.models import Booking
from app.bookings.queries import history_of, last_reason
from app.bookings.rules import EXCUSED, MOST_ABSENCES, NO_SHOW
from app.bookings.words.pieces import decider_words
from app.notifications.letters.facts import for_asker, for_manager, phone_of, see, subject
from app.notifications.letters.letter import Letter


def missed(booking: Booking) -> Letter | None:
    """Tell who asked that the place waited for nobody, what follows from it, and how to set it right."""
    if booking.use != NO_SHOW:
        return None
    note = last_reason(booking.id, "missed")
    opening = (
        _("“%(owner)s” has noted that nobody came.", owner=booking.resource.site.owner.name),
        _consequence(booking),
        *((_("Message from the place:"),) if note else ()),
    )
    return Letter(
        subject=subject(_("Nobody came: %(what)s, %(when)s"), booking),
        paragraphs=opening,
        quote=note,
        facts=for_asker(booking, _noted_by(booking)),
        action=see(booking, _("See my booking")),
        after=(_set_right(booking),),
    )


def _noted_by(booking: Booking) -> tuple[str, str]:
    """Name who noted it, where that was in somebody's place."""
    noted = [line for line in history_of(booking.id) if line.entry.act == "missed" and line.giver]
    return _("Noted by"), decider_words(noted[-1].person or "", noted[-1].giver) if noted else ""


def missed_to_coordination(booking: Booking) -> Letter | None:
    """Tell the coordination, which may know why and can forgive it."""
    if booking.use != NO_SHOW:
        return None
    name = booking.organisation.name
    return Letter(
        subject=subject(_("Nobody came: %(organisation)s, %(what)s, %(when)s"), booking, organisation=name),
        paragraphs=(
            _("“%(owner)s” has noted that nobody came.", owner=booking.resource.site.owner.name),
            _counted(booking),
            _("Perhaps you know why. You can forgive it on the page of the booking, with a reason."),
        ),
        quote=last_reason(booking.id, "missed"),
        facts=for_manager(booking, _noted_by(booking)),
        action=see(booking, _("See the booking")),
    )


def forgiven(booking: Booking) -> Letter | None:
    """Tell who asked that the absence counts no longer, and why."""
    if booking.use != EXCUSED:
        return None
    return Letter(
        subject=subject(_("Forgiven: %(what)s, %(when)s"), booking),
        paragraphs=(_("That nobody came this time no longer counts. Here is the reason given:"),),
        quote=last_reason(booking.id, "forgiven"),
        facts=for_asker(booking),
        action=see(booking, _("See my booking")),
    )


def _consequence(booking: Booking) -> str:
    if absences_of(booking.organisation_id) >= MOST_ABSENCES:
        return _(
            "It is the third time in six months, or more: for a while, each of your requests "
            "waits for a manager's answer, even where others book at once."
        )
    return _(
        "This has no consequence for now. Somebody else could have used the place: please cancel next time."
    )


def _counted(booking: Booking) -> str:
    return _n(
        "It is the only absence of “%(name)s” in the last 180 days.",
        "“%(name)s” has %(num)s absences in the last 180 days. "
        "From the third on, nothing is approved at once for them.",
        absences_of(booking.organisation_id),
        name=booking.organisation.name,
    )


def _set_right(booking: Booking) -> str:
    phone = phone_of(booking.resource.site)
    if not phone:
        return _("If this is a mistake, write to the place on that page: the absence can be forgiven.")
    return _(
        "If this is a mistake, write to the place on that page or call %(phone)s: the absence can be forgiven.",
        phone=phone,
    )


ABSENCE: Mapping[str, Callable[[Booking], Letter | None]] = {
    writer.__name__: writer for writer in (missed, missed_to_coordination, forgiven)
}
