"""Where two people have to agree: how many have, and whose yes is still missing."""

from collections.abc import Sequence

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from app.accounts.functions import BOTH, Function
from app.accounts.models import RoleGrant
from app.accounts.words import person_name
from app.bookings.models import Booking
from app.bookings.rules import APPROVALS_NEEDED, PENDING
from app.bookings.two_step import awaited_functions, seat_of
from app.catalogue.models import Approval


def approvals_words(booking: Booking) -> str:
    """Count the yeses of a request that waits for two: "Accords : 1/2"; empty where one is enough."""
    if booking.decision != PENDING or booking.resource.approval != Approval.TWO_STEP:
        return ""
    return _("Approvals: %(given)s/%(needed)s", given=len(booking.approvals), needed=APPROVALS_NEEDED)


def awaited_words(booking: Booking, holders: Sequence[RoleGrant] = ()) -> str:
    """Say whose yes is missing, by name where the people who hold functions at the site are given."""
    given = [seat_of(each) for each in booking.approvals]
    awaited = awaited_functions(given)
    if not given:
        return _(
            "Two different people have to agree: a technical manager and an elected official. "
            "Nobody has agreed yet."
        )
    names = [
        person_name(grant.person.name)
        for grant in holders
        if grant.functions & awaited and grant.person_id not in given[0].people
    ]
    return _by_name(awaited, names) if names else _by_function(awaited)


def _by_function(awaited: frozenset[Function]) -> str:
    if awaited == BOTH:
        return _("One of two approvals: somebody else has to agree, technical manager or elected official.")
    if Function.ELECTED in awaited:
        return _("One of two approvals: that of the elected official is missing.")
    return _("One of two approvals: that of the technical manager is missing.")


def _by_name(awaited: frozenset[Function], names: Sequence[str]) -> str:
    either = format_list(names, style="or", locale=get_locale())
    if awaited == BOTH:
        return _(
            "One of two approvals: somebody else has to agree, technical manager or elected official (%(names)s).",
            names=either,
        )
    if Function.ELECTED in awaited:
        return _("One of two approvals: that of the elected official is missing (%(names)s).", names=either)
    return _("One of two approvals: that of the technical manager is missing (%(names)s).", names=either)
