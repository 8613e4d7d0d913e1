"""What letters about bookings tell in the same words: what, when, where, whom to call, by when."""

from collections.abc import Iterable

from flask_babel import gettext as _

from app.availability.asking import Slot, slot_params
from app.availability.queries import get_terms
from app.bookings.models import Booking
from app.bookings.passed_over import are_out_of_turn
from app.bookings.words import asker_words, booked_words, borrowed_words, when_words
from app.bookings.words.cancelling import due_words
from app.catalogue.communes import find_commune
from app.catalogue.models import Site
from app.notifications.letters.letter import Link, instant, link, rows
from app.web.format import number, short_day

Rows = tuple[tuple[str, str], ...]
SHORT_SUBJECT = 60


def subject(pattern: str, booking: Booking, **more: str) -> str:
    """Complete a subject that says of `what` and `when` it is: "Cuisine, mar. 6 oct."."""
    when = short_day(booking.start_at, tz=booking.resource.site.timezone)
    return pattern % {"what": short(booking.resource.name), "when": when, **more}


def short(name: str) -> str:
    """Cut a long name so that a subject can be read on a phone."""
    return name if len(name) <= SHORT_SUBJECT else name[: SHORT_SUBJECT - 1].rstrip() + "…"


def for_asker(booking: Booking, *more: tuple[str, str]) -> Rows:
    """List what whoever asked wants to find again, with somebody to call; `more` comes after the time."""
    site = booking.resource.site
    return rows(
        (_("What"), _what(booking)),
        (_("When"), when_words(booking.span, site.timezone)),
        *more,
        (_("How many"), booked_words(booking)),
        (_("Borrowed"), borrowed_words(booking)),
        (_("Where"), address(site)),
        (_("For"), booking.organisation.name),
        (_("What for"), booking.purpose),
        contact_of(site),
        (_("Number"), booking.ref),
    )


def for_manager(booking: Booking, *more: tuple[str, str]) -> Rows:
    """List what whoever answers needs to know, with the phone of who asks; `more` comes before the number."""
    site = booking.resource.site
    return rows(
        (_("What"), _what(booking)),
        (_("When"), when_words(booking.span, site.timezone)),
        (_("How many"), booked_words(booking)),
        (_("Borrowed"), borrowed_words(booking)),
        (_("For"), booking.organisation.name),
        (_("What for"), booking.purpose),
        (_("People expected"), number(booking.people) if booking.people else ""),
        (_("Asked by"), asker_words(booking)),
        (_("Their phone"), booking.requester.phone or booking.organisation.phone),
        *more,
        contact_of(site),
        (_("Number"), booking.ref),
    )


def contact_of(site: Site) -> tuple[str, str]:
    """Tell how to reach a place: its phone, else its owner's, else an address."""
    if phone := phone_of(site):
        return _("Phone of the place"), phone
    return _("E-mail of the place"), site.email or site.owner.email


def phone_of(site: Site) -> str:
    """Find the number to call about a place: its own, else its owner's."""
    return site.phone or site.owner.phone


def address(site: Site) -> str:
    """Write where a place is."""
    commune = find_commune(site.commune_code)
    town = " ".join(piece for piece in (site.postcode, commune.name if commune else "") if piece)
    return ", ".join(piece for piece in (site.address, town) if piece)


def answer_by(booking: Booking) -> str:
    """Say who answers and by when, to whoever waits."""
    owner = booking.resource.site.owner.name
    if booking.expires_at is None:
        return _("“%(owner)s” will answer you. You will receive an e-mail.", owner=owner)
    return _(
        "“%(owner)s” will answer you before %(moment)s. You will receive an e-mail. "
        "Without an answer by then, the request ends by itself, and we will write to you too.",
        owner=owner,
        moment=instant(booking.expires_at, booking.resource.site.timezone),
    )


def word_of_yes(bookings: Iterable[Booking]) -> str:
    """Introduce what came with a yes to bookings: why they were preferred to another, or only a word."""
    if are_out_of_turn(bookings):
        return _(
            "Another request came first by the priority of the place. Here is the reason for this order:"
        )
    return _("Message from the place:")


def kept(booking: Booking) -> str:
    """Say whether the slot is kept while the request waits."""
    if booking.hold_id is not None:
        return _("Until then the slot is kept for you: nobody else can take it.")
    return _("Until then the slot is not kept: another request may be accepted first.")


def see(booking: Booking, label: str) -> Link:
    """Lead to the page of the booking."""
    return link(label, "bookings.show", ref=booking.ref)


def other_times(booking: Booking) -> Link:
    """Lead to the same resource, in the week that was asked for, to choose another time."""
    return link(
        _("Choose another time"), "availability.resource", slug=booking.resource.slug, **_slot(booking)
    )


def other_places(booking: Booking) -> Link:
    """Lead to what is similar at the same time."""
    given = {"type": booking.resource.kind} | {
        k: v for k, v in _slot(booking).items() if k not in ("quantite", "unite")
    }
    return link(_("Look for another place at the same time"), "availability.find", **given)


def ask_again(booking: Booking) -> Link:
    """Lead to the form, filled in as it was."""
    given = {"refaire": booking.ref} | _slot(booking)
    return link(_("Send the same request again"), "bookings.ask", slug=booking.resource.slug, **given)


def _slot(booking: Booking) -> dict[str, str]:
    return slot_params(Slot(booking.span, booking.quantity, booking.pack), get_terms(booking.resource_id))


def _what(booking: Booking) -> str:
    return _("%(resource)s, %(site)s", resource=booking.resource.name, site=booking.resource.site.name)


def left_due(*bookings: Booking) -> tuple[str, ...]:
    """Say what stays due of what was cancelled late, or moved late and came to nothing; of several by their days."""
    said = [(booking, due) for booking in bookings if (due := due_words(booking))]
    if len(bookings) == 1:
        return tuple(due for _booking, due in said)
    return tuple(
        _("%(day)s: %(due)s", day=short_day(booking.start_at, tz=booking.resource.site.timezone), due=due)
        for booking, due in said
    )
