"""The letter about new dates that a series, as it goes on night after night, could not have."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.availability.words.refusals import Scene, refusal_words
from app.bookings.missing import Missing
from app.bookings.models import Series
from app.bookings.words import dates_words
from app.notifications.letters.facts import contact_of, short
from app.notifications.letters.letter import Letter, Link, link, rows
from app.notifications.letters.series import MOST_LISTED, Several, see_series, series_rows
from app.web.format import day
from app.web.words import sentence


def series_fell_short(about: Several) -> Letter:
    """Say which new dates of a series could not be taken, and why; from when on they can be borrowed."""
    opening = _n(
        "Your series goes on, but %(num)s new date could not be booked.",
        "Your series goes on, but %(num)s new dates could not be booked.",
        len(about.missed),
    )
    series, lent = about.series, [each for each in about.missed if each.lent_from]
    borrow = _("What can be borrowed later is not asked for by itself: ask for it when the time has come.")
    return Letter(
        subject=_(
            "To look at: %(what)s, %(dates)s missing",
            what=short(series.resource.name),
            dates=dates_words(len(about.missed)),
        ),
        paragraphs=(opening,),
        facts=rows(
            *series_rows(series),
            (_("Missing"), "\n".join(_why(each, series) for each in about.missed[:MOST_LISTED])),
            contact_of(series.resource.site),
            (_("Number"), series.ref),
        ),
        action=see_series(series, _("See my series")),
        after=(
            _("You can ask for another time on those days, or for another place."),
            *((borrow,) if lent else ()),
        ),
        second=_ask_for(lent[0], series) if lent else None,
    )


def _why(missing: Missing, series: Series) -> str:
    """Say a day and what stands against it; only the day where nothing does any more."""
    name = day(missing.day, year=True)
    found = missing.each.refusals
    if not found:
        return name
    if not missing.each.span:
        return _("%(day)s: %(reason)s", day=name, reason=sentence(found[0].code, found[0].facts))
    said = refusal_words(found[0], Scene(missing.terms, unit=series.resource.unit, asked=series.quantity))
    if not said.detail:
        return _("%(day)s: %(reason)s", day=name, reason=said.sentence)
    return _("%(day)s: %(reason)s %(more)s", day=name, reason=said.sentence, more=said.detail)


def _ask_for(missing: Missing, series: Series) -> Link:
    label = _("Ask for %(day)s", day=day(missing.day))
    return link(label, "bookings.ask", slug=series.resource.slug, **missing.slot)


SERIES_SHORT: Mapping[str, Callable[[Several], Letter]] = {series_fell_short.__name__: series_fell_short}
