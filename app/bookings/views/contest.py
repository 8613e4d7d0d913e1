"""Requests for the same time as an inbox and a booking's page show them: the order, the reason for it, until when."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from babel.lists import format_list
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.bookings.arbitration import Comparison, Contest, Lost
from app.bookings.asked import Asked
from app.bookings.models import Booking
from app.bookings.rivals import Key
from app.bookings.views.common import page_of, page_of_bundle, page_of_series
from app.bookings.words import moment, names_words, priority_words, when_words
from app.bookings.words.pieces import zone_of
from app.core.span import Span
from app.web.format import span_words


class Before(NamedTuple):
    """Who comes before a request by priority, told to who may accept it all the same, with the way to their request.

    Whoever reads it answers for the place, and so may see every request there.
    """

    words: str
    name: str
    href: str


def contest_words(booking: Booking, compared: Comparison, together: Sequence[Booking] = ()) -> dict[str, Any]:
    """Give what a card says beside the request itself: its rank in each contest, and a reason to refuse.

    `together` are all bookings that a card answers at once (the dates of a series, the elements of a bundle): what is
    lost of these is told with the card.

    The reason is a suggestion, where another organisation has been accepted for the time since: then there is no yes to
    give. `ahead` names who comes before by priority: a yes to this one needs a reason.
    """
    found, lost = compared.contests_of(booking), None if together else compared.lost.get(booking.id)
    return {
        "ranks": _ranks(booking, found) or ([lost_words(lost)] if lost else []),
        "suggestion": refusal_words(booking, lost) if lost else "",
        "ahead": ahead_words(compared, together or [booking]),
    } | ({"can_accept": False} if lost else {})


def headings(booking: Booking, compared: Comparison, above: Collection[Key]) -> list[dict[str, Any]]:
    """Say what is contested, of the contests that a request is in and none of those above it (by key) is."""
    found = compared.contests_of(booking)
    return [heading(each) for each in found if not any(key in each.parts for key in above)]


def heading(contest: Contest, *, lists_all: bool = False) -> dict[str, Any]:
    """Say what is contested, how the requests are ordered, and until when others may come.

    Each request is named where its card does not stand below in any case: all of them, or those that are more than one
    booking, or for which another slot is proposed.
    """
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
    lines = [_line(b, contest) for b in contest.bookings]
    named = lists_all or any(line["part"] or line["note"] for line in lines)
    return {
        "title": title,
        "shared": _shared(contest),
        "order": order,
        "until": _until(contest, tz),
        "lines": lines if named else [],
    }


def told_of(compared: Comparison, bookings: Sequence[Booking]) -> dict[str, Any]:
    """Give what a page says of a request that waits as several bookings: its contests, who comes before it."""
    found = compared.contests_of(bookings[0]) if bookings else []
    return {
        "contests": [heading(each, lists_all=True) for each in found],
        "ahead": ahead_words(compared, bookings),
    }


def summary(contest: Contest) -> dict[str, Any]:
    """Say of a contest what is asked for, by whom and where, for who does not decide it."""
    return heading(contest, lists_all=True) | {"site": contest.bookings[0].resource.site}


def _line(booking: Booking, contest: Contest) -> dict[str, Any]:
    """Name a request of a contest: who asks, its rank, what it is part of, and whether it is the asker's turn."""
    return {
        "href": page_of(booking),
        "organisation": booking.organisation.name,
        "resource": booking.resource.name if contest.scarce else "",
        "rank": rank_words(booking, contest),
        "part": _part_words(booking, contest),
        "part_href": _part_page(booking),
        "note": "" if contest.waits(booking) else _("Another slot is proposed to them: they have to answer."),
    }


def _part_words(booking: Booking, contest: Contest) -> str:
    """Say what a contested booking is part of; empty for one that stands alone."""
    number, when = len(contest.parts_of(booking)), when_words(booking.span, zone_of(booking))
    if booking.series is not None:
        return _n(
            "date of a series: %(when)s",
            "%(num)s dates of a series, the first: %(when)s",
            number,
            when=when,
        )
    if booking.bundle is not None:
        return _n(
            "element of a request for several resources: %(name)s",
            "%(num)s elements of a request for several resources, the first: %(name)s",
            number,
            name=booking.resource.name,
        )
    return ""


def _part_page(booking: Booking) -> str:
    if booking.series is not None:
        return page_of_series(booking.series)
    return page_of_bundle(booking.bundle) if booking.bundle else ""


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


def _ranks(booking: Booking, found: Sequence[Contest]) -> list[str]:
    """Say the rank of a request in each of its contests; where there are several, with the time of each."""
    if len(found) == 1:
        return [rank_words(booking, found[0])]
    return [
        _("%(when)s – %(rank)s", when=_when_contested(booking, each), rank=rank_words(booking, each))
        for each in found
    ]


def _when_contested(booking: Booking, contest: Contest) -> str:
    return when_words(contest.parts_of(booking)[0].span, zone_of(booking))


def rank_words(booking: Booking, contest: Contest) -> str:
    """Say the rank of a request and the reason for it."""
    facts = {
        "rank": contest.rank_of(booking),
        "class": priority_words(booking.organisation.priority_class),
        "moment": moment(booking.created_at, booking.resource.site.timezone),
    }
    return _("No. %(rank)s: %(class)s, asked %(moment)s", **facts)


def ahead_words(compared: Comparison, bookings: Sequence[Booking]) -> Before | None:
    """Say who comes before a request by priority, to who is about to accept it all the same; None where nobody does.

    Of several bookings that are accepted at once, the first that somebody comes before is named.
    """
    found = compared.first_ahead(bookings)
    if found is None:
        return None
    booking, ahead = found
    when = span_words(ahead.span, zone_of(booking))
    name = _(
        "%(organisation)s: %(resource)s, %(when)s",
        organisation=ahead.organisation,
        resource=ahead.resource,
        when=when,
    )
    return Before(
        _ahead_sentence(booking, ahead, alone=len(bookings) == 1),
        name,
        url_for("bookings.show", ref=ahead.ref),
    )


def _ahead_sentence(booking: Booking, ahead: Asked, *, alone: bool) -> str:
    facts = {"organisation": ahead.organisation, "class": priority_words(ahead.priority)}
    if alone:
        return _(
            "“%(organisation)s” comes before, by the priority of the place (%(class)s). Why this one all the same? "
            "Both organisations read it.",
            **facts,
        )
    return _(
        "“%(organisation)s” comes before for %(resource)s, %(when)s, by the priority of the place (%(class)s). "
        "Why this request all the same? Both organisations read it.",
        resource=booking.resource.name,
        when=span_words(booking.span, zone_of(booking)),
        **facts,
    )


def offer_ahead_words(ahead: Asked, when: str) -> str:
    """Say who waits for what is about to be proposed to another, and that the message then says why."""
    return _(
        "“%(organisation)s” waits for %(resource)s, %(when)s, and comes before by the priority of the place "
        "(%(class)s). Write in your message why you propose it all the same: both organisations read it.",
        organisation=ahead.organisation,
        resource=ahead.resource,
        when=when,
        **{"class": priority_words(ahead.priority)},
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
