"""Bundles in lists of bookings: one card for a manager's legs in the inbox, one for the whole under My bookings."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.availability.policy import TimePermission
from app.bookings.bundles import Whole, get_bundle
from app.bookings.models import Booking
from app.bookings.policy import BookingPermission as P
from app.bookings.policy import acts_for_asker, is_party
from app.bookings.rules import BundleState
from app.bookings.views.common import page_of_bundle
from app.bookings.views.misfits import misfits_in
from app.bookings.views.strip import Around
from app.bookings.words import (
    Card,
    accept_words,
    accepted_words,
    booking_line,
    bundle_standing,
    legs_words,
    names_words,
)
from app.bookings.words.called import called_one
from app.core.policy import Actor, can

Words = dict[str, Any]


def part_of(booking: Booking, actor: Actor) -> dict[str, Any] | None:
    """Gather what the page of a booking says of the request it is part of; None for one that stands alone."""
    if booking.bundle is None:
        return None
    full = get_bundle(booking.bundle.ref)
    whole = Whole.of(full, full.legs)
    others = [leg for leg in whole.legs if leg.id != booking.id]
    known = [
        leg
        for leg in others
        if can(actor, P.SEE, leg) or can(actor, TimePermission.SEE_RESOURCE, leg.resource)
    ]
    mine, name = whole.waiting_for(actor), called_one(whole)
    misfits = misfits_in([whole], actor)
    whose = (
        whole.legs if acts_for_asker(actor, booking) else [booking]
    )  # who answers has to do with their own
    return {
        "href": url_for("bookings.bundle", bundle_ref=full.ref),
        "title": name.title,
        "words": name.part,
        "others": names_words(known) if known else "",
        "progress": accepted_words(whole) if is_party(actor, booking) and whole.legs else "",
        "mine": mine,
        "waiting": len(mine),
        "accept": accept_words(len(mine)),
        "misfits": [misfits[leg.id] for leg in whose if leg.id in misfits],
    }


def as_one(
    whole: Whole, words: Mapping[int, Words], near: Mapping[int, Around], mine: Sequence[Booking]
) -> Words:
    """Join the cards of a manager's legs (`words` by booking id) into the card of one request."""
    lead = mine[0]
    conflicts = [
        _("%(name)s: %(why)s", name=leg.resource.name, why=why)
        for leg in mine
        for why in words[leg.id]["conflicts"]
    ]
    checks = [check for leg in mine for check in words[leg.id]["checks"] if not check[0]]
    if not (checks or conflicts):
        checks = [(True, _("Nothing stands against it now"))]
    urgent = min(
        (leg for leg in mine if leg.expires_at), key=lambda leg: leg.expires_at or leg.start_at, default=lead
    )
    deadline = {name: words[urgent.id][name] for name in ("deadline", "deadline_kind")}
    return {
        **words[lead.id],
        **deadline,
        "href": page_of_bundle(whole.bundle),
        "approve_url": url_for("bookings.approve_legs", ref=lead.ref),
        "refuse_url": url_for("bookings.refuse_legs", ref=lead.ref),
        "accept": _("Accept the %(elements)s", elements=legs_words(len(mine))),
        "resource": names_words(mine),
        "when": legs_words(len(mine)),
        "checks": checks,
        "conflicts": conflicts,
        "around_of": lead.resource.name,
        "more_around": [(leg.resource.name, near[leg.id]) for leg in mine[1:] if leg.id in near],
    }


def whole_line(whole: Whole, note: str) -> Card:
    """Write a bundle as one card of "My bookings", on the day of its next leg."""
    first = whole.next_leg or whole.shown[0]
    is_open = whole.is_open or whole.state is BundleState.ACCEPTED
    return booking_line(first, href=page_of_bundle(whole.bundle), answers=True)._replace(
        resource=names_words(whole.legs),
        site=whole.bundle.purpose,
        when=accepted_words(whole),
        state=bundle_standing(whole).state if is_open else first.decision,
        note=note,
    )
