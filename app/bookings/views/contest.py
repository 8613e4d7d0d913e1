"""Requests for the same time as an inbox and a booking's page show them: the order, the reason for it, until when."""

from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.arbitration import Contest, Lost
from app.bookings.models import Booking
from app.bookings.views.common import page_of
from app.bookings.words import moment, names_words, priority_words, when_words
from app.core.span import Span


@dataclass(frozen=True)
class Place:
    """Where a request stands among those that ask for the same time; the first is 1."""

    contest: Contest
    rank: int

    @classmethod
    def of(cls, contest: Contest, booking: Booking) -> "Place":
        """Find the place of one of a contest's requests."""
        return cls(contest, [each.id for each in contest.bookings].index(booking.id) + 1)


def contest_words(booking: Booking, place: Place | None, lost: Lost | None) -> dict[str, Any]:
    """Give what a card says beside the request itself: its rank, the contest above the first, a reason to refuse.

    The reason is a suggestion, where another organisation has been accepted for the time since: then there is no yes to
    give. `ahead` names who comes before by priority: a yes to this one needs a reason.
    """
    return {
        "contest": heading(place.contest) if place and place.rank == 1 else None,
        "rank": rank_words(booking, place) if place else lost_words(lost) if lost else "",
        "suggestion": refusal_words(booking, lost) if lost else "",
        "ahead": ahead_words(place.contest.ahead_of(booking) if place else None),
    } | ({"can_accept": False} if lost else {})


def heading(contest: Contest) -> dict[str, str]:
    """Say what is contested, how the requests are ordered, and until when others may come."""
    first, number = contest.bookings[0], len(contest.bookings)
    tz = first.resource.site.timezone
    span = Span(min(b.start_at for b in contest.bookings), max(b.end_at for b in contest.bookings))
    title = _n(
        "%(num)s request for the same time: %(resource)s, %(when)s",
        "%(num)s requests for the same time: %(resource)s, %(when)s",
        number,
        resource=names_words(contest.bookings),
        when=when_words(span, tz),
    )
    order = _("All of the same priority class: who asked first comes first.")
    if contest.has_classes:
        order = _("In the order of priority classes; within a class, who asked first comes first.")
    return {"title": title, "shared": _shared(contest), "order": order, "until": _until(contest, tz)}


def summary(contest: Contest) -> dict[str, Any]:
    """Say of a contest what is asked for, by whom and where, for who does not decide it."""
    lines = [
        {
            "href": page_of(b),
            "organisation": b.organisation.name,
            "resource": b.resource.name if contest.scarce else "",
            "rank": rank_words(b, Place.of(contest, b)),
        }
        for b in contest.bookings
    ]
    return heading(contest) | {"lines": lines, "site": contest.bookings[0].resource.site}


def _shared(contest: Contest) -> str:
    """Say what requests for different resources have in common; empty where all are for one."""
    if not contest.scarce:
        return ""
    return _("They share: %(names)s.", names=format_list(contest.scarce, locale=get_locale()))


def _until(contest: Contest, tz: str) -> str:
    if contest.compared_until is None or not contest.is_open:
        return ""
    moment_words = moment(contest.compared_until, tz)
    return _(
        "Others may still ask until %(moment)s: a yes before that ends the comparison.", moment=moment_words
    )


def rank_words(booking: Booking, place: Place) -> str:
    """Say the rank of a request and the reason for it."""
    facts = {
        "rank": place.rank,
        "class": priority_words(booking.organisation.priority_class),
        "moment": moment(booking.created_at, booking.resource.site.timezone),
    }
    return _("No. %(rank)s: %(class)s, asked %(moment)s", **facts)


def ahead_words(ahead: Booking | None) -> str:
    """Say who comes before a request by priority, to who is about to accept it all the same; empty where nobody."""
    if ahead is None:
        return ""
    return _(
        "“%(organisation)s” comes before, by the priority of the place (%(class)s). Why this one all the same? "
        "Both sides read it.",
        organisation=ahead.organisation.name,
        **{"class": priority_words(ahead.organisation.priority_class)},
    )


def lost_words(lost: Lost) -> str:
    """Say to whom the time of a request went, and what is left to do; only for who answers for the place."""
    return _(
        "This time is given to %(organisation)s: refuse, or propose another slot.",
        organisation=lost.organisation.name,
    )


def refusal_words(booking: Booking, lost: Lost) -> str:
    """Suggest a reason to refuse who did not come first: fair, and without naming the other organisation."""
    winner = lost.organisation
    if winner.priority_class < booking.organisation.priority_class:
        return _(
            "This time went to a request that comes first by the priority of the place (%(class)s). "
            "Other times and other places near are in the e-mail.",
            **{"class": priority_words(winner.priority_class)},
        )
    return _("This time went to another request. Other times and other places near are in the e-mail.")
