"""Letters about dates of a series that stay as promised although their place opens for less time than before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask_babel import gettext as _

from app.availability.closures import find_closure
from app.availability.hours import refuse_hours
from app.availability.queries import get_terms
from app.bookings.models import Booking
from app.bookings.queries import last_reason
from app.bookings.rules import KEPT_OUTSIDE_HOURS, PENDING
from app.notifications.letters.facts import answer_by
from app.notifications.letters.kept import before_coming
from app.notifications.letters.letter import Letter
from app.notifications.letters.series import Several, to_asker


def series_kept_though_closed(about: Several) -> Letter | None:
    """Say on which dates the place closes, why, and that they are kept; nothing of those on which it is open again."""
    closures = {each.id: find_closure(each.resource, each.span) for each in about.bookings}
    kept = [each for each in about.bookings if closures[each.id]]
    closure = closures[kept[0].id] if kept else None
    if closure is None:
        return None
    resource = about.series.resource
    place = resource.name if closure.resource_id else resource.site.name
    closes = _("“%(place)s” closes at the time of the dates below.", place=place)
    pattern = _("Kept despite the closure: %(what)s, %(dates)s")
    return _kept(replace(about, bookings=kept), pattern, closes, closure.reason)


def series_kept_outside_hours(about: Several) -> Letter | None:
    """Say which dates the new hours leave out, and that they are kept; nothing of those they take in again."""
    terms = get_terms(about.series.resource_id)
    kept = [each for each in about.bookings if refuse_hours(terms, each.span)]
    if not kept:
        return None
    change = _(
        "The opening hours of “%(resource)s” change: the dates below lie outside the new ones.",
        resource=about.series.resource.name,
    )
    pattern = _("Kept despite the new hours: %(what)s, %(dates)s")
    reason = last_reason(kept[0].id, KEPT_OUTSIDE_HOURS)
    return _kept(replace(about, bookings=kept), pattern, change, reason)


def _kept(about: Several, pattern: str, change: str, reason: str) -> Letter:
    said = (_("Here is the reason given:"),) if reason else ()
    paragraphs = (_news(about.bookings), change, *said)
    all_wait = all(each.decision == PENDING for each in about.bookings)
    after = (answer_by(about.bookings[0]),) if all_wait else before_coming()
    return to_asker(about, pattern, paragraphs, _("See my series"), quote=reason, after=after)


def _news(bookings: Sequence[Booking]) -> str:
    waits = {each.decision == PENDING for each in bookings}
    if waits == {True}:
        return _("The dates below are kept: they still wait for an answer.")
    if waits == {False}:
        return _("The dates below are kept: you can come as agreed.")
    return _("The dates below are kept: you can come on those that are accepted, the others still wait.")


SERIES_KEPT: Mapping[str, Callable[[Several], Letter | None]] = {
    writer.__name__: writer for writer in (series_kept_though_closed, series_kept_outside_hours)
}
