"""From events to jobs, as `listeners`: what is proposed, what is offered from waiting lists, what ends."""

from app.accounts import queries as people
from app.availability import events as availability
from app.bookings import events as bookings
from app.infra.events import listens
from app.infra.jobs import enqueue
from app.notifications import queries
from app.notifications.quiet import is_quiet
from app.notifications.telling import tell, write_to_each


@listens(bookings.ProposalMade)
def on_proposal(event: bookings.ProposalMade) -> None:
    """Tell whoever asked what is proposed instead."""
    tell("proposed", event)


@listens(bookings.ProposalAccepted)
def on_proposal_accepted(event: bookings.ProposalAccepted) -> None:
    """Confirm it to both sides; where the place still has to answer, ask it."""
    waits = queries.waits(event.booking_id)
    tell("proposal_accepted_to_answer" if waits else "proposal_accepted", event)
    if not is_quiet():
        moved = {"booking": event.booking_id, "from": event.from_resource_id, "actor": event.actor_id}
        enqueue("notifications.spread_moved_away", moved)


@listens(bookings.ProposalDeclined)
def on_proposal_declined(event: bookings.ProposalDeclined) -> None:
    """Ask for an answer to the request again."""
    tell("proposal_declined", event)


@listens(bookings.ProposalLapsed)
def on_proposal_lapsed(event: bookings.ProposalLapsed) -> None:
    """Tell whoever asked that the request waits again, and ask for an answer to it."""
    tell("proposal_lapsed", event)


@listens(bookings.ProposalWithdrawn)
def on_proposal_withdrawn(event: bookings.ProposalWithdrawn) -> None:
    """Tell whoever asked that the request waits again, and why."""
    tell("proposal_withdrawn", event)


@listens(bookings.BookingRecalled)
def on_recall(event: bookings.BookingRecalled) -> None:
    """Tell whoever had borrowed a quota, and the place."""
    tell("recalled", event)


@listens(availability.QuotasEnded)
def on_quotas_ended(event: availability.QuotasEnded) -> None:
    """Tell whoever answers for the places, once for all resources of a site."""
    for site, resources in queries.by_site(event.resource_ids):
        told = [each for each in queries.who_answers(site) if each.id != event.actor_id]
        names = [[each.name, each.slug] for each in resources]
        facts = {"organisation": event.organisation, "site": site.name, "resources": names}
        write_to_each("quotas_ended", people.readers(told), **facts)


@listens(bookings.StayEndsSoon)
def on_end(event: bookings.StayEndsSoon) -> None:
    """Tell both sides."""
    tell("stay_ends", event)


def _tell_waiting(letter: str, event: bookings.WaitingEvent) -> None:
    if not is_quiet():
        payload = {"letter": letter, "waiting": event.waiting_id}
        enqueue("notifications.write_waiting", payload, dedup_key=f"{letter}:{event.waiting_id}")


@listens(bookings.SlotOffered)
def on_offer(event: bookings.SlotOffered) -> None:
    """Tell the first in line what is kept for them."""
    _tell_waiting("slot_offered", event)


@listens(bookings.SlotFreed)
def on_freed(event: bookings.SlotFreed) -> None:
    """Tell whoever asked to be told."""
    _tell_waiting("slot_freed", event)


@listens(bookings.OfferMissed)
def on_missed(event: bookings.OfferMissed) -> None:
    """Tell that it is the next one's turn."""
    _tell_waiting("offer_missed", event)


@listens(bookings.OfferTakenBack)
def on_taken_back(event: bookings.OfferTakenBack) -> None:
    """Tell that the place has closed for what was kept for them, or that it was called back."""
    _tell_waiting("offer_called_back" if event.is_recalled else "offer_taken_back", event)
