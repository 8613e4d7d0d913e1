"""Small pieces of sentences: when, how many, what it costs, by when somebody answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.lists import format_list
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

from app.accounts.words import person_name
from app.bookings import roles
from app.bookings.models import Booking, BookingMessage, Series
from app.bookings.recalls import stretches_of
from app.bookings.rules import PENDING, TWO_STEP_ENDS, is_approved_at_once
from app.catalogue import price_words
from app.catalogue.kinds.words import amount, packed_words
from app.catalogue.models import Approval, Resource
from app.core import clock
from app.core.span import Span, to_wall
from app.web.format import clock_time, day, duration, number, span_words

PRIORITIES: Mapping[str, LazyString] = {
    "P0": _l("Owner of shared places"),
    "P1": _l("Food aid: served first"),
    "P2": _l("Partner of the territory"),
    "P3": _l("Producer, social economy"),
    "P4": _l("Commercial use"),
}


def moment(at: datetime, tz: str) -> str:
    """Write an instant at a place: "jeudi 8 octobre, 14:30"; today and tomorrow by their names."""
    wall = to_wall(at, ZoneInfo(tz))
    ahead = (wall.date() - to_wall(clock.now(), ZoneInfo(tz)).date()).days
    if ahead == 0:
        return _("today, %(time)s", time=clock_time(wall))
    if ahead == 1:
        return _("tomorrow, %(time)s", time=clock_time(wall))
    if ahead == -1:
        return _("yesterday, %(time)s", time=clock_time(wall))
    written = day(wall.date(), year=abs(ahead) > 300)
    return _("%(day)s, %(time)s", day=written, time=clock_time(wall))


def named_when(booking: Booking) -> str:
    """Name a booking by its resource and its time, in one line."""
    when = span_words(booking.span, booking.resource.site.timezone)
    return _("%(name)s: %(when)s", name=booking.resource.name, when=when)


def when_words(span: Span, tz: str) -> str:
    """Write the time of a booking, with a capital: it often begins a line."""
    written = span_words(span, tz)
    return written[:1].upper() + written[1:]


def booked_words(booking: Booking) -> str:
    """Say how many a booking takes, and what is brought where that was said: "3 palettes pour 70 caisses…"."""
    count = quantity_words(booking.resource, booking.quantity)
    if booking.pack and booking.pack.units == booking.quantity:
        count = packed_words(booking.resource.unit, booking.pack)
    given = [
        given_words(booking.resource, units, span, zone_of(booking)) for span, units in stretches_of(booking)
    ]
    if not given:
        return count
    told = format_list(given, locale=get_locale())
    return _("%(count)s, of which %(given)s", count=count, given=told) if count else told


def given_words(resource: Resource, units: int, span: Span, tz: str) -> str:
    """Say when how many units are given back, because a quota was called back."""
    count = quantity_words(resource, units)
    if not count:
        return _("given back (quota called back): %(when)s", when=span_words(span, tz))
    return _("given back (quota called back): %(units)s, %(when)s", units=count, when=span_words(span, tz))


def quantity_words(resource: Resource, quantity: int) -> str:
    """Say how many of a resource: "3 palettes"; empty for what is taken as a whole."""
    return "" if resource.capacity == 1 or resource.unit == "whole" else amount(resource.unit, quantity)


def priority_words(priority: str) -> str:
    """Name the priority class of an organisation, for managers."""
    return str(PRIORITIES.get(priority, priority))


def cost_words(resource: Resource) -> str:
    """Say what a resource costs, as shown before asking."""
    return price_words.cost_words(resource) or _("Free of charge")


def answer_words(resource: Resource, *, at_once: bool) -> str:
    """Say who answers a request and by when, before it is sent."""
    owner = resource.site.owner.name
    if at_once and resource.auto_hours is not None:
        return _(
            "At once up to %(hours)s hours a month for each organisation; above that, %(owner)s answers.",
            hours=number(resource.auto_hours),
            owner=owner,
        )
    if at_once:
        return _("No answer to wait for: it is yours as soon as you send the form.")
    if resource.approval == Approval.TWO_STEP:
        return _(
            "Two people of %(owner)s have to agree. Without both of them %(length)s before it begins, "
            "the request ends by itself.",
            owner=owner,
            length=duration(TWO_STEP_ENDS),
        )
    return _(
        "%(owner)s answers within %(length)s. Without an answer the request ends by itself.",
        owner=owner,
        length=duration(resource.answer_hours * 60),
    )


def over_hours_words(booking: Booking) -> str:
    """Say why a manager has to answer where this organisation is served at once; empty for all other requests."""
    resource = booking.resource
    if booking.decision != PENDING or resource.auto_hours is None:
        return ""
    if not is_approved_at_once(resource.approval, booking.organisation.priority_class, resource.auto_up_to):
        return ""
    return _(
        "More than the %(hours)s hours a month that %(organisation)s books here at once: a manager has to answer.",
        hours=number(resource.auto_hours),
        organisation=booking.organisation.name,
    )


def deadline(booking: Booking) -> tuple[str, str]:
    """Say by when a manager has to answer, the hours on the last day, and how urgent that is ("", "soon" or "late")."""
    if booking.expires_at is None:
        return "", ""
    left = booking.expires_at - clock.now()
    hours = int(left.total_seconds() // 3600)
    if left <= timedelta(0):
        return _("The time to answer is over"), "late"
    if hours < 1:
        return _("Less than an hour left to answer"), "late"
    if hours < 24:
        return _n("%(num)s hour left to answer", "%(num)s hours left to answer", hours), "soon"
    by = moment(booking.expires_at, zone_of(booking))  # days left would not be the days promised
    return _("Answer before %(moment)s", moment=by), ""


def decider_words(person: str, giver: str | None) -> str:
    """Name who decided, and in whose place where it was by delegation."""
    if giver is None:
        return person_name(person)
    return _("%(name)s, by delegation of %(giver)s", name=person_name(person), giver=person_name(giver))


def decided_by_words(booking: Booking) -> str:
    """Name who decided on a booking, and in whose place; empty where nobody did."""
    if booking.decided_by is None:
        return ""
    return decider_words(booking.decided_by.name, booking.decided_for.name if booking.decided_for else None)


def asker_words(asked: Booking | Series) -> str:
    """Name who asked, and as what where it was on behalf of others: "Maëlle Guérin, coordination, pour…"."""
    name, organisation = person_name(asked.requester.name), asked.organisation.name
    match asked.asked_as:
        case roles.COORDINATION:
            return _("%(name)s, coordination, for %(organisation)s", name=name, organisation=organisation)
        case roles.MANAGER:
            return _(
                "%(name)s, manager of the place, for %(organisation)s", name=name, organisation=organisation
            )
    return name


def author_words(message: BookingMessage) -> str:
    """Name who wrote a message, and as what where it is neither of the two sides."""
    name = person_name(message.author.name)
    return _("%(name)s, coordination", name=name) if message.written_as == roles.COORDINATION else name


def zone_of(booking: Booking) -> str:
    """Name the time zone of the place."""
    return booking.resource.site.timezone


def proposal_state(*, answers: bool) -> str:
    """Name the state of a request for which another slot is proposed: its badge says whose turn it is."""
    return "to_answer" if answers else "proposed"


def excerpt(text: str, most: int = 300) -> str:
    """Cut a long text after a word: the page it is an excerpt of has all of it."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + "…"


def message_text(message: BookingMessage) -> str:
    """Give what somebody wrote, or say that it went with its author's account."""
    return message.text or _("Message erased with the account of its author")
