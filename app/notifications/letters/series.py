"""Letters about a series: one for each act on several dates, to either side, with the dates it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.missing import Missing
from app.bookings.models import Booking, Series
from app.bookings.rules import PENDING, REMINDER_AFTER
from app.bookings.words import (
    asker_words,
    awaited_words,
    dates_words,
    decided_by_words,
    elsewhere_standing_words,
    quantity_words,
    series_words,
    when_words,
)
from app.catalogue.models import Approval
from app.notifications.letters.facts import answer_by, contact_of, left_due, short, word_of_yes
from app.notifications.letters.letter import Letter, Link, link, rows
from app.notifications.letters.manager import deputy
from app.web.format import day, duration, number

MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class Several:
    """What an act was about: the series, its bookings in order of time, the days that could not be taken."""

    series: Series
    bookings: Sequence[Booking]
    missed: Sequence[Missing] = ()
    words: str = ""  # what the asker wrote
    secret: str | None = None  # of the link by which the reader decides
    givers: Sequence[str] = ()  # in whose place the reader answers
    elsewhere: Sequence[Booking] = ()  # dates of the series at other places, which answer for themselves
    left_out: Sequence[date] = ()  # days of the rule that are no dates of the series

    @property
    def reason(self) -> str:
        """Give the reason of the act, the same on every booking."""
        return self.bookings[0].reason if self.bookings else ""


# -- to whoever asked ---------------------------------------------------------------------------------------


def series_requested(about: Several) -> Letter:
    """Confirm that a series has been sent, who answers and by when."""
    opening = _("Your series has been sent: one request for all dates below.")
    if about.series.asked_as:
        opening = _("%(who)s: this series has been sent.", who=asker_words(about.series))
    return to_asker(
        about,
        _("Series sent: %(what)s, %(dates)s"),
        (opening, *_two(about), answer_by(about.bookings[0]), *_away(about)),
        _("See my series"),
    )


def series_asks_again(about: Several) -> Letter:
    """Say that the next dates of a series wait for an answer, though the series itself goes on."""
    opening = _(
        "The next dates of your series are asked for, but not booked yet: “%(owner)s” has to agree to them first. "
        "The dates you have stay booked.",
        owner=about.series.resource.site.owner.name,
    )
    return to_asker(
        about,
        _("Next dates of your series, waiting for an answer: %(what)s, %(dates)s"),
        (opening, *_two(about), answer_by(about.bookings[0])),
        _("See my series"),
    )


def _two(about: Several) -> tuple[str, ...]:
    """Say, where it is so, that two people have to agree, and whose yes is missing."""
    is_so = about.series.resource.approval == Approval.TWO_STEP
    return (awaited_words(about.bookings[0]),) if is_so else ()


def _away(about: Several) -> tuple[str, ...]:
    """Say, where it is so, that other places answer for their dates: which of them wait is said at each."""
    if not about.elsewhere:
        return ()
    if any(booking.decision == PENDING for booking in about.elsewhere):
        return (
            _(
                "A date at another place is answered by that place, in an e-mail of its own. "
                "Please do not count on it as long as it waits for an answer."
            ),
        )
    return (_("What is at another place is booked: that place needs no answer from anybody."),)


def series_approved(about: Several) -> Letter:
    """Say yes to the dates, with what the manager adds."""
    owner = about.series.resource.site.owner.name
    good = _("Good news: “%(owner)s” accepts your series. The dates below are yours.", owner=owner)
    paragraphs = (good, word_of_yes(about.bookings)) if about.reason else (good,)
    return to_asker(
        about, _("Accepted: %(what)s, %(dates)s"), paragraphs, _("See my series"), quote=about.reason
    )


def series_half_approved(about: Several) -> Letter:
    """Say that one of two people has agreed to the dates, and that nothing is sure before the other has."""
    opening = _(
        "Good news: one of the two people who have to agree at “%(owner)s” has, to the dates below. "
        "Please do not count on them yet.",
        owner=about.series.resource.site.owner.name,
    )
    paragraphs = (opening, awaited_words(about.bookings[0]), answer_by(about.bookings[0]))
    return to_asker(about, _("One of two approvals: %(what)s, %(dates)s"), paragraphs, _("See my series"))


def series_booked(about: Several) -> Letter:
    """Confirm a series that needs nobody's answer."""
    opening = _("They are booked: the dates below are yours. This place needs no answer from anybody.")
    if about.elsewhere:
        opening = _(
            "The dates at “%(resource)s” are booked: they are yours. This place needs no answer from anybody.",
            resource=about.series.resource.name,
        )
    return to_asker(about, _("Booked: %(what)s, %(dates)s"), (opening, *_away(about)), _("See my series"))


def series_refused(about: Several) -> Letter:
    """Say no, with the manager's reason."""
    owner = about.series.resource.site.owner.name
    opening = _("“%(owner)s” cannot accept the dates below. Here is the reason given:", owner=owner)
    return to_asker(
        about,
        _("Series not accepted: %(what)s, %(dates)s"),
        (opening,),
        _("See my series"),
        quote=about.reason,
        after=(
            *left_due(*about.bookings),
            _(
                "Another time or another place may suit. You can also call the place to find a solution together."
            ),
        ),
    )


def series_cancelled(about: Several) -> Letter:
    """Say that somebody else gave the dates up, and why."""
    opening = _("The dates below are cancelled. Here is the reason given:")
    return to_asker(
        about,
        _("Cancelled: %(what)s, %(dates)s"),
        (opening,),
        _("See my series"),
        quote=about.reason,
        after=(_("Please do not come on these dates."),),
    )


def series_moved(about: Several) -> Letter:
    """Confirm new times: they wait for an answer again, or are settled."""
    waits = about.bookings[0].decision == PENDING
    settled = _("Your series has been changed. The times below are confirmed.")
    asks = _("Your series has been changed. The times below have to be accepted again.")
    paragraphs = (asks, answer_by(about.bookings[0])) if waits else (settled,)
    return to_asker(about, _("Series changed: %(what)s, %(dates)s"), paragraphs, _("See my series"))


def series_expired(about: Several) -> Letter:
    """Say that nobody answered in time."""
    owner = about.series.resource.site.owner.name
    late = _("“%(owner)s” has not answered in time. We are sorry.", owner=owner)
    over = _(
        "Your series has ended by itself and the dates are no longer kept for you. Call the place, or ask again."
    )
    return to_asker(
        about,
        _("No answer in time: %(what)s, %(dates)s"),
        (late, over, *left_due(*about.bookings)),
        _("See my series"),
    )


# -- to whoever answers for the place -----------------------------------------------------------------------


def series_to_answer(about: Several) -> Letter:
    """Ask for an answer to all dates at once; without a secret the reader may only find somebody who can answer."""
    opening = _(
        "“%(organisation)s” asks for “%(resource)s” again and again and waits for one answer to all dates.",
        organisation=about.series.organisation.name,
        resource=about.series.resource.name,
    )
    return _decision(about, _("Series to answer: %(organisation)s, %(what)s, %(dates)s"), opening)


def series_to_answer_second(about: Several) -> Letter:
    """Ask for the second yes of two to all dates: somebody else has given the first."""
    opening = _(
        "Somebody else has agreed to the dates that “%(organisation)s” asks for at “%(resource)s”. "
        "They still need your approval.",
        organisation=about.series.organisation.name,
        resource=about.series.resource.name,
    )
    pattern = _("Second approval awaited: %(organisation)s, %(what)s, %(dates)s")
    return _decision(about, pattern, opening, tells_missing=False)


def series_to_answer_reminder(about: Several) -> Letter:
    """Remind of a yes to all dates that has been awaited for days."""
    opening = _(
        "The dates that “%(organisation)s” asks for at “%(resource)s” have been waiting for %(length)s. "
        "They need your approval, or your refusal with a reason.",
        length=duration(REMINDER_AFTER),
        organisation=about.series.organisation.name,
        resource=about.series.resource.name,
    )
    return _decision(about, _("Reminder, approval awaited: %(organisation)s, %(what)s, %(dates)s"), opening)


def _decision(about: Several, pattern: str, opening: str, *, tells_missing: bool = True) -> Letter:
    """Ask for an answer; `tells_missing`: whose yes is missing where two are needed, unless the opening says so."""
    series = about.series
    wrote = (_("They write:"),) if about.words else ()
    by_when = _("Without an answer in time the request ends by itself.")
    answer = see_series(series, _("See the request"))
    if about.secret:
        answer = link(_("See the request and answer"), "bookings.decide_by_link_page", token=about.secret)
        by_when = _(
            "You can accept or refuse all dates on the page that opens, without signing in. To answer one date "
            "alone, sign in and open the series. The link is for you alone: please do not forward it."
        )
    return Letter(
        subject=_heading(pattern, about),
        paragraphs=(opening, *deputy(about.givers), *(_two(about) if tells_missing else ()), *wrote),
        quote=about.words,
        facts=_for_manager(about),
        action=answer,
        after=(by_when,),
        second=see_series(series, _("See the dates")),
    )


def series_booked_here(about: Several) -> Letter:
    """Tell of a series that needed no answer."""
    return _news(
        about,
        _("New series: %(organisation)s, %(what)s, %(dates)s"),
        _("The dates below are booked. You have nothing to do: this place is booked without an answer."),
    )


def series_given_up(about: Several) -> Letter:
    """Tell that dates are free again, and why."""
    opening = _("The dates below are cancelled: the slots are free again. Here is the reason given:")
    return _news(about, _("Cancelled: %(organisation)s, %(what)s, %(dates)s"), opening, quote=about.reason)


def series_moved_here(about: Several) -> Letter:
    """Tell of new times that needed no answer."""
    return _news(
        about,
        _("Series changed: %(organisation)s, %(what)s, %(dates)s"),
        _("The series has new times, listed below. You have nothing to do."),
    )


def series_unanswered(about: Several) -> Letter:
    """Tell that a series ended because nobody answered it."""
    return _news(
        about,
        _("Ended without an answer: %(organisation)s, %(what)s, %(dates)s"),
        _(
            "Nobody answered this series in time. It has ended by itself, the slots are free again, and they know."
        ),
    )


# -- pieces -------------------------------------------------------------------------------------------------


def to_asker(
    about: Several,
    pattern: str,
    paragraphs: tuple[str, ...],
    label: str,
    *,
    quote: str = "",
    after: tuple[str, ...] = (),
) -> Letter:
    """Write a letter to whoever asked, with its dates; the pattern of the subject has `what` and `dates`."""
    series = about.series
    return Letter(
        subject=_heading(pattern, about),
        paragraphs=paragraphs,
        quote=quote,
        facts=rows(
            *series_rows(series),
            (dates_words(len(about.bookings)), _listed(about)),
            (_("At another place"), _listed_elsewhere(about)),
            (_("Left out"), _listed_days(about.left_out)),
            *_answered(about),
            contact_of(series.resource.site),
            (_("Number"), series.ref),
        ),
        action=see_series(series, label),
        after=after,
    )


def _answered(about: Several) -> tuple[tuple[str, str], ...]:
    first = about.bookings[0]
    return ((_("Answered by"), decided_by_words(first)),) if first.decided_for else ()


def _news(about: Several, pattern: str, opening: str, *, quote: str = "") -> Letter:
    return Letter(
        subject=_heading(pattern, about),
        paragraphs=(opening,),
        quote=quote,
        facts=_for_manager(about),
        action=see_series(about.series, _("See the series")),
    )


def _for_manager(about: Several) -> tuple[tuple[str, str], ...]:
    series = about.series
    return rows(
        *series_rows(series),
        (_("People expected"), number(series.people) if series.people else ""),
        (_("Asked by"), asker_words(series)),
        (_("Their phone"), series.requester.phone or series.organisation.phone),
        (dates_words(len(about.bookings)), _listed(about)),
        (_("Number"), series.ref),
    )


def series_rows(series: Series) -> tuple[tuple[str, str], ...]:
    """List what a series is about, for either side."""
    resource = series.resource
    return (
        (_("What"), _("%(resource)s, %(site)s", resource=resource.name, site=resource.site.name)),
        (_("Repeat"), series_words(series)),
        (_("How many"), quantity_words(resource, series.quantity)),
        (_("For"), series.organisation.name),
        (_("What for"), series.purpose),
    )


def _listed(about: Several) -> str:
    zone = about.series.timezone
    lines = [when_words(booking.span, zone) for booking in about.bookings[:MOST_LISTED]]
    more = len(about.bookings) - len(lines)
    if more > 0:
        lines.append(_n("and %(num)s more", "and %(num)s more", more))
    return "\n".join(lines)


def _listed_elsewhere(about: Several) -> str:
    return "\n".join(elsewhere_standing_words(booking) for booking in about.elsewhere)


def _listed_days(days: Sequence[date]) -> str:
    return "\n".join(day(each, year=True) for each in days[:MOST_LISTED])


def _heading(pattern: str, about: Several) -> str:
    names = {"what": _what(about.series), "organisation": short(about.series.organisation.name)}
    return pattern % {**names, "dates": dates_words(len(about.bookings))}


def _what(series: Series) -> str:
    return short(series.resource.name)


def see_series(series: Series, label: str) -> Link:
    """Lead to the page of a series."""
    return link(label, "bookings.series", ref=series.ref)


LETTERS: Mapping[str, Callable[[Several], Letter]] = {
    writer.__name__: writer
    for writer in (
        series_requested, series_asks_again, series_approved, series_booked, series_refused, series_cancelled,
        series_moved,
        series_expired, series_to_answer, series_booked_here, series_given_up,
        series_moved_here, series_unanswered, series_half_approved, series_to_answer_second, series_to_answer_reminder,
    )
}  # fmt: skip
