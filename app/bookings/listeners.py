"""What bookings do when something changes in the rooms below."""

from app.accounts.events import AccountErased, MembershipEnded, OrganisationArchived, OrganisationRenamed
from app.availability.events import CapacityFreed
from app.bookings import events, leaving, revisions
from app.bookings.models import Booking
from app.bookings.service import costs, replied, settling, unkept, waiting
from app.infra.db import db
from app.infra.events import listens


@listens(OrganisationRenamed)
def on_organisation_renamed(event: OrganisationRenamed) -> None:
    """Tell calendars that the bookings have changed."""
    revisions.note_renamed(event.organisation_id)


@listens(AccountErased)
def on_account_erased(event: AccountErased) -> None:
    """Hand over or cancel what the person has going."""
    leaving.let_go_of(event)


@listens(MembershipEnded)
def on_membership_ended(event: MembershipEnded) -> None:
    """Hand over what the former member has going for the organisation."""
    leaving.hand_over_for(event)


@listens(OrganisationArchived)
def on_organisation_archived(event: OrganisationArchived) -> None:
    """Cancel what the organisation has going, with the reason."""
    leaving.cancel_all_of(event)


@listens(CapacityFreed)
def on_freed(event: CapacityFreed) -> None:
    """Queue an offer to those who wait for what was freed, in the transaction that freed it."""
    waiting.queue_offers(event.resource_ids)


@listens(events.BookingRecalled)
def on_recalled(event: events.BookingRecalled) -> None:
    """Grant a series of which nothing waits any more, now that one of its dates was called back."""
    settling.settle_series(db.session.get_one(Booking, event.booking_id))


@listens(events.KeptRecalled)
def on_kept_recalled(event: events.KeptRecalled) -> None:
    """End what was only proposed, or offered from a waiting list, before what it kept is taken."""
    unkept.end_recalled(event.hold_id, event.locked)


def on_settled(event: events.BookingEvent) -> None:
    """End what was proposed for a request that was answered, given up or changed another way."""
    replied.end_proposals([event.booking_id], "withdraw")


def on_series_settled(event: events.SeriesEvent) -> None:
    """End what was proposed for dates of a series that were answered, given up or changed another way."""
    replied.end_proposals(event.booking_ids, "withdraw")


def on_out_of_the_way(event: events.BookingEvent) -> None:
    """Queue an offer to those who wait for what a request, that came before them, asks for no longer."""
    waiting.queue_offers_beside([event.booking_id])


def on_series_out_of_the_way(event: events.SeriesEvent) -> None:
    """Queue an offer to those who wait for what dates of a series, that came before them, ask for no longer."""
    waiting.queue_offers_beside(event.booking_ids)


@listens(events.ProposalAccepted)
def on_proposal_accepted(event: events.ProposalAccepted) -> None:
    """Queue an offer to those who wait for what was asked for before something else was proposed and taken."""
    waiting.queue_offers_beside([event.booking_id], [event.from_resource_id])


@listens(events.ProposalMade)
def on_proposed(event: events.ProposalMade) -> None:
    """Promise what the proposed place costs now."""
    costs.promise_proposed(event.booking_id)


@listens(events.ProposalAccepted)
def on_became_another(event: events.ProposalAccepted) -> None:
    """Let what a booking costs follow it to another time or place."""
    if event.from_resource_id != db.session.get_one(Booking, event.booking_id).resource_id:
        costs.follow_elsewhere(event.booking_id, event.proposed_at)
    else:
        costs.follow([event.booking_id])


def on_costs_follow(event: events.BookingEvent) -> None:
    """Let what envelopes promise follow what became of a booking."""
    costs.follow([event.booking_id])


def on_series_costs_follow(event: events.SeriesEvent) -> None:
    """Let what envelopes promise follow what became of dates of a series."""
    costs.follow(event.booking_ids)


for kind in (
    events.BookingApproved,
    events.BookingRefused,
    events.BookingExpired,
    events.BookingCancelled,
    events.BookingMoved,
):
    listens(kind)(on_out_of_the_way)
for several in (
    events.SeriesApproved,
    events.SeriesRefused,
    events.SeriesExpired,
    events.SeriesCancelled,
    events.SeriesMoved,
):
    listens(several)(on_series_out_of_the_way)
for kind in (
    events.BookingApproved,
    events.BookingRefused,
    events.BookingCancelled,
    events.BookingMoved,
):
    listens(kind)(on_settled)
for several in (
    events.SeriesApproved,
    events.SeriesRefused,
    events.SeriesCancelled,
    events.SeriesMoved,
):
    listens(several)(on_series_settled)
for changed in (
    events.BookingApproved,
    events.BookingRefused,
    events.BookingExpired,
    events.BookingCancelled,
    events.BookingMoved,
    events.BookingRecalled,
    events.BookingMissed,
    events.AbsenceForgiven,
    events.DecisionUndone,
):
    listens(changed)(on_costs_follow)
for several_changed in (
    events.SeriesApproved,
    events.SeriesRefused,
    events.SeriesCancelled,
    events.SeriesMoved,
    events.SeriesExpired,
):
    listens(several_changed)(on_series_costs_follow)
