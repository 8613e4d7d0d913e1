"""Letters to those on a waiting list: it is kept for you, it is free, your turn is over."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from app.availability.asking import Slot, slot_params
from app.availability.queries import get_terms
from app.bookings.at_once import is_at_once
from app.bookings.models import Waiting
from app.bookings.words import offer_to_answer_words, wanted_words
from app.notifications.letters.facts import Rows, address, contact_of, short
from app.notifications.letters.letter import Letter, Link, instant, link, rows
from app.web.format import short_day


def slot_offered(entry: Waiting) -> Letter:
    """Tell the first in line what is kept for them and until when; one button takes it."""
    tz = entry.resource.site.timezone
    until = instant(entry.expires_at or entry.start_at, tz)
    return Letter(
        subject=_subject(_("It is free, kept for you: %(what)s, %(when)s"), entry),
        paragraphs=(
            _("The slot you wait for has been freed, and it is your turn."),
            _until(entry, until),
        ),
        facts=_facts(entry),
        action=_see(entry, _("See and take this slot")),
        after=(
            _(
                "Nothing is decided before you press a button on that page. You can also leave it to the next there."
            ),
        ),
    )


def _until(entry: Waiting, until: str) -> str:
    if entry.organisation and not is_at_once(
        entry.resource, entry.organisation, [entry.span], entry.quantity
    ):
        return offer_to_answer_words(entry, until)
    return _(
        "It is kept for you until %(moment)s. After that it is offered to the next in line.", moment=until
    )


def slot_freed(entry: Waiting) -> Letter:
    """Tell whoever asked to be told; nothing is kept."""
    terms = get_terms(entry.resource_id)
    slot = slot_params(Slot(entry.span, entry.quantity), terms)
    return Letter(
        subject=_subject(_("It is free: %(what)s, %(when)s"), entry),
        paragraphs=(
            _("You wanted to be told: this slot can be asked for now."),
            _("It is kept for nobody: whoever asks first has it."),
        ),
        facts=_facts(entry),
        action=link(_("Ask for this time"), "bookings.ask", slug=entry.resource.slug, **slot),
    )


def offer_missed(entry: Waiting) -> Letter:
    """Say that the offer is over, and how to wait again."""
    return Letter(
        subject=_subject(_("The offer is over: %(what)s, %(when)s"), entry),
        paragraphs=(
            _("The slot that was kept for you has not been taken in time: it is the next one's turn."),
            _("If you still want it, you can join the list again."),
        ),
        facts=_facts(entry),
        action=_see(entry, _("See the waiting list")),
    )


def offer_taken_back(entry: Waiting) -> Letter:
    """Say that what was kept cannot be had, because the place has closed, and that the place in line stays."""
    return Letter(
        subject=_subject(_("The offer cannot be kept: %(what)s, %(when)s"), entry),
        paragraphs=(
            _("“%(name)s” has closed for the time that was kept for you.", name=entry.resource.name),
            _("You keep your place in line: if it opens again, we write to you."),
        ),
        facts=_facts(entry),
        action=_see(entry, _("See the waiting list")),
    )


def offer_called_back(entry: Waiting) -> Letter:
    """Say that what was kept is on a quota that was called back, and that the place in line stays."""
    return Letter(
        subject=_subject(_("The offer cannot be kept: %(what)s, %(when)s"), entry),
        paragraphs=(
            _(
                "What was kept for you is on the quota of an organisation that needs it now and has called it back."
            ),
            _("You keep your place in line: if the slot is freed again, we write to you."),
        ),
        facts=_facts(entry),
        action=_see(entry, _("See the waiting list")),
    )


def _see(entry: Waiting, label: str) -> Link:
    return link(label, "bookings.waiting", ref=entry.ref)


def _subject(pattern: str, entry: Waiting) -> str:
    when = short_day(entry.start_at, tz=entry.resource.site.timezone)
    return pattern % {"what": short(entry.resource.name), "when": when}


def _facts(entry: Waiting) -> Rows:
    site = entry.resource.site
    return rows(
        (_("What"), _("%(resource)s, %(site)s", resource=entry.resource.name, site=site.name)),
        (_("When"), wanted_words(entry)),
        (_("Where"), address(site)),
        (_("For"), entry.organisation.name if entry.organisation else ""),
        (_("What for"), entry.purpose),
        contact_of(site),
    )


WAITING: Mapping[str, Callable[[Waiting], Letter]] = {
    writer.__name__: writer
    for writer in (slot_offered, slot_freed, offer_missed, offer_taken_back, offer_called_back)
}
