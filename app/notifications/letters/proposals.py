"""Letters about another slot that is proposed: made, lapsed, withdrawn, accepted."""

from collections.abc import Callable, Iterator, Mapping

from flask_babel import gettext as _

from app.availability.closures import find_closure
from app.bookings.beaten import is_beaten
from app.bookings.models import Booking, Proposal
from app.bookings.proposals import (
    ends_with_bundle,
    ends_with_request,
    find_last_proposal,
    is_from_the_place,
    is_yes_enough,
)
from app.bookings.queries import last_reason
from app.bookings.recalls import was_recalled
from app.bookings.words import beaten_words, decided_by_words, price_change, proposed_by_words, proposed_words
from app.catalogue.models import Resource
from app.notifications.letters.facts import (
    address,
    answer_by,
    for_asker,
    for_manager,
    kept,
    other_places,
    see,
    short,
    subject,
)
from app.notifications.letters.letter import Letter, instant, link, rows


def proposed(booking: Booking) -> Letter | None:
    """Tell whoever asked what is proposed instead, and until when they can have it; None once it is settled."""
    proposal = booking.proposal
    if proposal is None:
        return None
    place = proposal.resource
    owner, until = place.site.owner.name, instant(proposal.expires_at, place.site.timezone)
    opening = _("“%(owner)s” proposes another slot than the one you asked for.", owner=owner)
    both = _("Until then both slots are kept for you: the one you asked for and the one that is proposed.")
    if booking.hold_id is None:
        both = _("Until then the proposed slot is kept for you; the one you asked for is not kept meanwhile.")
    then = _("If you accept, it is yours: nothing else is needed.")
    if not is_from_the_place(proposal, booking):
        opening = _("The coordination proposes another slot than the one you asked for.")
    if not is_yes_enough(proposal, booking):
        then = _("If you accept, “%(owner)s” still has to answer.", owner=owner)
    by = _(
        "Please answer before %(moment)s. After that your request waits for an answer again.", moment=until
    )
    if ends_with_bundle(proposal, booking):
        by = _(
            "Please answer before %(moment)s. What still waits of the whole request then ends, all at once.",
            moment=until,
        )
    if ends_with_request(proposal, booking):
        by = _("Please answer before %(moment)s. Your request ends then, too.", moment=until)
    wrote = (_("They write:"),) if proposal.message else ()
    return Letter(
        subject=subject(_("Another slot proposed: %(what)s, %(when)s"), booking),
        paragraphs=(opening, *wrote),
        quote=proposal.message,
        facts=for_asker(
            booking,
            (_("Proposed instead"), proposed_words(proposal)),
            (_("Proposed by"), proposed_by_words(proposal) if proposal.made_for else ""),
            *_elsewhere(booking),
        ),
        action=see(booking, _("See and accept")),
        after=(then, by, both),
    )


def _elsewhere(booking: Booking) -> Iterator[tuple[str, str]]:
    """Tell where another place is that is proposed, and what it costs where that differs."""
    proposal = booking.proposal
    if proposal is not None:
        is_there = proposal.resource.site_id == booking.resource.site_id
        yield _("It would be at"), "" if is_there else address(proposal.resource.site)
        yield _("It would cost"), price_change(booking, proposal)


def proposal_lapsed(booking: Booking) -> Letter:
    """Say that the time to accept is over, and that the request goes on."""
    return Letter(
        subject=subject(_("The proposal has ended: %(what)s, %(when)s"), booking),
        paragraphs=(
            _("The time to accept what was proposed instead is over: that slot is no longer kept for you."),
            _("Your request goes on as you sent it."),
            answer_by(booking),
            kept(booking),
        ),
        facts=for_asker(booking),
        action=see(booking, _("See my request")),
    )


def proposal_withdrawn(booking: Booking) -> Letter:
    """Say that the proposal was taken back and why, and that the request goes on."""
    reason, last = last_reason(booking.id, "proposal_withdrawn"), find_last_proposal(booking.id)
    beaten = is_beaten(booking)
    goes_on = beaten_words() if beaten else _("Your request goes on as you sent it.")
    slot = proposed_words(last) if last else ""
    return Letter(
        subject=subject(_("The proposal is withdrawn: %(what)s, %(when)s"), booking),
        paragraphs=(
            _taken_back(booking, last),
            goes_on,
            answer_by(booking),
            *((_("Here is the reason given:"),) if reason else ()),
        ),
        quote=reason,
        facts=for_asker(booking, (_("No longer proposed"), slot)),
        action=see(booking, _("See my request and what is free") if beaten else _("See my request")),
        second=other_places(booking) if beaten else None,
    )


def _taken_back(booking: Booking, proposal: Proposal | None) -> str:
    """Say that the proposal is taken back, or that its place closes at that time, or that a quota was called back."""
    if was_recalled(booking.id):
        return _("What was proposed instead is on the quota of an organisation that has called it back.")
    if proposal and find_closure(proposal.resource, proposal.span):
        return _(
            "“%(resource)s” closes at the time that was proposed to you: that slot can no longer be had.",
            resource=proposal.resource.name,
        )
    return _("“%(owner)s” has taken back what was proposed instead.", owner=booking.resource.site.owner.name)


def proposal_accepted(booking: Booking) -> Letter:
    """Tell whoever answers for the place that what was proposed is now the booking."""
    opening = _(
        "“%(organisation)s” accepts what was proposed: the booking below is settled. You have nothing to do.",
        organisation=booking.organisation.name,
    )
    pattern = _("Proposal accepted: %(organisation)s, %(what)s, %(when)s")
    return Letter(
        subject=subject(pattern, booking, organisation=short(booking.organisation.name)),
        paragraphs=(opening,),
        facts=for_manager(
            booking, (_("Proposed by"), decided_by_words(booking) if booking.decided_for else "")
        ),
        action=see(booking, _("See the booking")),
    )


def moved_away(booking: Booking, place: Resource) -> Letter:
    """Tell whoever answers for a place that a request for it was settled elsewhere."""
    opening = _(
        "“%(organisation)s” has accepted another place that was proposed instead of “%(resource)s”. Their request "
        "waits for you no more, and the slot is free again.",
        organisation=booking.organisation.name,
        resource=place.name,
    )
    heading = _(
        "Settled elsewhere: %(organisation)s, %(resource)s",
        organisation=short(booking.organisation.name),
        resource=short(place.name),
    )
    return Letter(
        subject=heading,
        paragraphs=(opening,),
        facts=rows((_("What for"), booking.purpose), (_("Number"), booking.ref)),
        action=link(_("See all that waits for me"), "bookings.inbox"),
    )


PROPOSING: Mapping[str, Callable[[Booking], Letter | None]] = {
    writer.__name__: writer for writer in (proposed, proposal_lapsed, proposal_withdrawn, proposal_accepted)
}
