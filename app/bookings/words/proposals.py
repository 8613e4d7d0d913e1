"""A proposal in words: what is proposed instead of what, and until when who can answer."""

from datetime import datetime

from flask_babel import gettext as _

from app.bookings.announced import crowded_at, differences
from app.bookings.models import Booking, Proposal
from app.bookings.proposals import ends_with_bundle, ends_with_request, is_yes_enough
from app.bookings.words.pieces import (
    cost_words,
    decider_words,
    moment,
    proposal_state,
    quantity_words,
    when_words,
)
from app.bookings.words.standing import Standing
from app.catalogue.kinds import Measure
from app.catalogue.kinds.words import label, measured, value_words
from app.catalogue.models import Resource


def proposed_words(proposal: Proposal) -> str:
    """Write what is proposed: when, how many where that counts, at which place."""
    place = proposal.resource
    when = when_words(proposal.span, place.site.timezone)
    count = quantity_words(place, proposal.quantity)
    if count:
        return _("%(when)s, %(quantity)s, %(place)s", when=when, quantity=count, place=place.name)
    return _("%(when)s, %(place)s", when=when, place=place.name)


def proposed_to_words(organisation: str, until: datetime, tz: str) -> str:
    """Say in a calendar for whom a slot is kept that is proposed instead of what they asked for."""
    return _("Proposed to %(name)s until %(moment)s", name=organisation, moment=moment(until, tz))


def proposal_rows(booking: Booking, proposal: Proposal) -> list[tuple[str, str, str]]:
    """Set what is proposed beside what was asked for, as the facts component shows it."""
    asked, place = booking.resource, proposal.resource
    rows = [
        (_("Asked for"), when_words(booking.span, asked.site.timezone), "calendar"),
        (_("Proposed"), when_words(proposal.span, place.site.timezone), "calendar"),
        (_("How many"), _change(booking, proposal), "users"),
        (_("Place"), _places(booking, proposal), "pin"),
        (_("Price"), price_change(booking, proposal), "euro"),
        (_("Proposed by"), proposed_by_words(proposal), "user"),
    ]
    return [row for row in rows if row[1]]


def proposed_by_words(proposal: Proposal) -> str:
    """Name who proposed, and in whose place where it was by delegation."""
    return decider_words(proposal.made_by.name, proposal.made_for.name if proposal.made_for else None)


def _change(booking: Booking, proposal: Proposal) -> str:
    before = quantity_words(booking.resource, booking.quantity)
    after = quantity_words(proposal.resource, proposal.quantity)
    if not before or before == after:
        return after
    return _("%(after)s instead of %(before)s", before=before, after=after or _("all of it"))


def price_change(booking: Booking, proposal: Proposal) -> str:
    """Say what is proposed would cost, where that is not what was asked for; empty where it is."""
    before, after = cost_words(booking.resource), cost_words(proposal.resource)
    return "" if before == after else _("%(after)s instead of %(before)s", before=before, after=after)


def _places(booking: Booking, proposal: Proposal) -> str:
    place = _("%(resource)s, %(site)s", resource=proposal.resource.name, site=proposal.resource.site.name)
    if booking.resource_id == proposal.resource_id:
        return place
    return _("%(after)s instead of %(before)s", before=booking.resource.name, after=place)


def misfit_words(booking: Booking, place: Resource) -> list[str]:
    """Say, before another place is proposed, in what it does not suit what was asked for; nothing forbids it."""
    found = [
        _(
            "%(fact)s: %(after)s instead of %(before)s",
            fact=label(each.fact.label),
            before=value_words(each.fact, each.before),
            after=_("not said") if each.after is None else value_words(each.fact, each.after),
        )
        for each in differences(booking.resource, place)
    ]
    if most := crowded_at(booking, place):
        found.append(
            _(
                "The request announces %(asked)s, and “%(name)s” takes %(most)s at once",
                asked=measured(booking.people or 0, Measure.PERSONS),
                name=place.name,
                most=measured(most, Measure.PERSONS),
            )
        )
    return found


def proposal_standing(booking: Booking, proposal: Proposal, *, answers: bool) -> Standing:
    """Say where a request with a proposal stands, to who answers it or to everybody else."""
    until = moment(proposal.expires_at, proposal.resource.site.timezone)
    if not answers:
        name = booking.organisation.name
        title = _("Another slot is proposed to %(organisation)s", organisation=name)
        by = _("They can answer before %(moment)s. Meanwhile both slots are kept.", moment=until)
        if booking.hold_id is None:
            by = _("They can answer before %(moment)s. Meanwhile the proposed slot is kept.", moment=until)
        return Standing(proposal_state(answers=answers), title, proposed_words(proposal), by)
    title = _("%(name)s proposes another slot", name=proposed_by_words(proposal))
    by = _("Accept it before %(moment)s and it is yours. After that your request waits again.", moment=until)
    if ends_with_bundle(proposal, booking):
        by = _(
            "Accept it before %(moment)s: what still waits of the whole request then ends, all at once.",
            moment=until,
        )
    if ends_with_request(proposal, booking):
        by = _("Accept it before %(moment)s and it is yours. Your request ends then, too.", moment=until)
    if not is_yes_enough(proposal, booking):
        owner = proposal.resource.site.owner.name
        by = _("Accept it before %(moment)s; %(owner)s then still has to answer.", moment=until, owner=owner)
    return Standing(proposal_state(answers=answers), title, proposed_words(proposal), by)
