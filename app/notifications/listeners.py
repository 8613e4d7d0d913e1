"""From events to jobs, in the transaction of what happened: no letter leaves about what was rolled back.

About bookings only ids are kept. A letter about an account needs the secret of its link, of which accounts keep a hash
alone, so the job's row holds it until the letter has left: the queue empties the row as soon as the job is done, and
every such link ends by itself within hours (an invitation: within two weeks).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from app.accounts import events as accounts
from app.accounts import queries as people
from app.bookings import events as bookings
from app.infra.events import listens
from app.infra.jobs import enqueue
from app.notifications import queries
from app.notifications.quiet import is_quiet
from app.notifications.telling import tell as _tell
from app.notifications.telling import tell_bundle as _tell_bundle
from app.notifications.telling import write as _write
from app.notifications.telling import write_to_each as _write_to_each

# -- bookings -----------------------------------------------------------------------------------------------


@listens(bookings.BookingRequested)
def on_request(event: bookings.BookingRequested) -> None:
    """Confirm it to whoever asked, and ask who answers; a date of a series elsewhere is confirmed with its series."""
    _tell("requested_elsewhere" if event.elsewhere else "requested", event)


@listens(bookings.BookingApproved)
def on_approval(event: bookings.BookingApproved) -> None:
    """Bring the good news; a booking that needed no answer is told to both sides."""
    at_once = "booked_elsewhere" if event.elsewhere else "approved_at_once"
    _tell(at_once if event.at_once else "approved", event)


@listens(bookings.BookingHalfApproved)
def on_half_approval(event: bookings.BookingHalfApproved) -> None:
    """Tell whoever asked that one of two has agreed, and ask who has still to."""
    _tell("half_approved", event)


@listens(bookings.ApprovalAwaited)
def on_awaited(event: bookings.ApprovalAwaited) -> None:
    """Remind those who have still to agree."""
    _tell("approval_awaited", event)


@listens(bookings.BookingRefused)
def on_refusal(event: bookings.BookingRefused) -> None:
    """Bring the bad news with its reason."""
    _tell("refused", event)


@listens(bookings.BookingPassedOver)
def on_passed_over(event: bookings.BookingPassedOver) -> None:
    """Tell whoever asked that another was accepted out of turn, and why."""
    _tell("passed_over", event)


@listens(bookings.BookingExpired)
def on_expiry(event: bookings.BookingExpired) -> None:
    """Tell both sides that nobody answered."""
    _tell("expired", event)


@listens(bookings.BookingCancelled)
def on_cancellation(event: bookings.BookingCancelled) -> None:
    """Tell the side that did not cancel (both, when it was a third party)."""
    _tell("cancelled_by_manager" if event.by_manager else "cancelled", event)


@listens(bookings.BookingKept)
def on_kept(event: bookings.BookingKept) -> None:
    """Tell whoever asked that they can still count on it."""
    _tell(event.act, event)


@listens(bookings.BookingMissed)
def on_absence(event: bookings.BookingMissed) -> None:
    """Tell who asked, and the coordination, that nobody came."""
    _tell("missed", event)


@listens(bookings.AbsenceForgiven)
def on_forgiveness(event: bookings.AbsenceForgiven) -> None:
    """Tell who asked that it counts no longer."""
    _tell("forgiven", event)


@listens(bookings.BookingMoved)
def on_move(event: bookings.BookingMoved) -> None:
    """Confirm the new time, and ask for an answer again where one is needed."""
    _tell("moved_to_answer" if queries.waits(event.booking_id) else "moved", event)


@listens(bookings.DecisionUndone)
def on_undone(event: bookings.DecisionUndone) -> None:
    """Tell whoever asked not to count on the answer any more."""
    _tell("undone", event)


@listens(bookings.BookingHandedOver)
def on_handed_over(event: bookings.BookingHandedOver) -> None:
    """Tell whoever looks after it now, and the place whom to call."""
    _tell("handed_over", event)


@listens(bookings.MessageWritten)
def on_message(event: bookings.MessageWritten) -> None:
    """Carry a message to the other side."""
    if not is_quiet():
        payload = {"booking": event.booking_id, "message": event.message_id}
        enqueue("notifications.spread_message", payload, dedup_key=f"message:{event.message_id}")


# -- accounts -----------------------------------------------------------------------------------------------


@listens(accounts.PersonSignedUp)
def on_sign_up(event: accounts.PersonSignedUp) -> None:
    """Ask to confirm the address."""
    _write("sign_up", event.to, secret=event.secret, expires_at=event.expires_at.isoformat())


@listens(accounts.KnownEmailUsed)
def on_known_email(event: accounts.KnownEmailUsed) -> None:
    """Tell the owner of the account; once, however often it is tried meanwhile."""
    _write("known_email", event.to, dedup_key=f"known_email:{event.to.person_id}")


@listens(accounts.SignInLinkAsked)
def on_sign_in_link(event: accounts.SignInLinkAsked) -> None:
    """Send the link."""
    _write("sign_in_link", event.to, secret=event.secret, expires_at=event.expires_at.isoformat())


@listens(accounts.PasswordResetAsked)
def on_reset(event: accounts.PasswordResetAsked) -> None:
    """Send the link."""
    _write("reset", event.to, secret=event.secret, expires_at=event.expires_at.isoformat())


@listens(accounts.PasswordChanged)
def on_password(event: accounts.PasswordChanged) -> None:
    """Tell the owner."""
    _write("password_changed", event.to, at=event.at.isoformat())


@listens(accounts.EmailChangeAsked)
def on_email_change(event: accounts.EmailChangeAsked) -> None:
    """Ask at both addresses; not at the new one when it has an account already."""
    end = event.expires_at.isoformat()
    _write("email_change_old", event.to, secret=event.old_secret, new_email=event.new_email, expires_at=end)
    if event.new_secret is not None:
        there = replace(event.to, email=event.new_email)
        _write("email_change_new", there, secret=event.new_secret, expires_at=end)


@listens(accounts.EmailChanged)
def on_email_changed(event: accounts.EmailChanged) -> None:
    """Tell both addresses."""
    _write("email_changed", event.to, old_email=event.old_email)
    _write("email_changed_old", replace(event.to, email=event.old_email), new_email=event.to.email)


@listens(accounts.OrganisationRequested)
def on_organisation(event: accounts.OrganisationRequested) -> None:
    """Ask the coordination."""
    _write_to_each(
        "organisation_requested",
        people.readers(queries.who_admits(event.territory_id)),
        organisation_id=event.organisation_id,
        organisation=event.name,
        by=event.by.name,
        by_email=event.by.email,
    )


@listens(accounts.OrganisationDecided)
def on_organisation_decided(event: accounts.OrganisationDecided) -> None:
    """Tell its administrators."""
    letter = "organisation_admitted" if event.approved else "organisation_refused"
    _write_to_each(letter, event.to, organisation=event.name, slug=event.slug, reason=event.reason)


@listens(accounts.MembershipRequested)
def on_membership(event: accounts.MembershipRequested) -> None:
    """Ask whoever decides."""
    _write_to_each(
        "membership_requested",
        event.to,
        membership_id=event.membership_id,
        organisation=event.organisation,
        slug=event.slug,
        by=event.by.name,
        by_email=event.by.email,
        message=event.message,
    )


@listens(accounts.MembershipDecided)
def on_membership_decided(event: accounts.MembershipDecided) -> None:
    """Tell the person."""
    letter = "membership_approved" if event.approved else "membership_refused"
    _write(letter, event.to, organisation=event.organisation, slug=event.slug, reason=event.reason)


@listens(accounts.MembershipEnded)
def on_membership_ended(event: accounts.MembershipEnded) -> None:
    """Tell the person, unless it was their own doing."""
    if event.by_other:
        _write("membership_ended", event.to, organisation=event.organisation)


@listens(accounts.InvitationSent)
def on_invitation(event: accounts.InvitationSent) -> None:
    """Send the link to the address that is invited."""
    end = event.expires_at.isoformat()
    facts = {"organisation": event.organisation, "role": event.role, "by": event.by}
    _write("invitation", event.to, secret=event.secret, expires_at=end, **facts)


@listens(accounts.RoleGranted)
def on_role_granted(event: accounts.RoleGranted) -> None:
    """Tell the person what is theirs to do from now on."""
    letter = "coordinator_named" if event.site_id is None else "manager_named"
    _write(letter, event.to, place=queries.place_name(event.site_id, event.territory_id))


@listens(accounts.RoleRevoked)
def on_role_revoked(event: accounts.RoleRevoked) -> None:
    """Tell the person what is theirs no more."""
    letter = "coordinator_no_more" if event.site_id is None else "manager_no_more"
    _write(letter, event.to, place=queries.place_name(event.site_id, event.territory_id))


@listens(accounts.DelegationGiven)
def on_delegation(event: accounts.DelegationGiven) -> None:
    """Tell the person what is theirs to do, and on which days."""
    start, end = event.span.start.isoformat(), event.span.end.isoformat()
    place = {"place": queries.place_name(event.site_id, None), "place_zone": queries.zone_at(event.site_id)}
    _write("delegation_given", event.to, by=event.giver, start=start, end=end, **place)


@listens(accounts.DelegationEnded)
def on_delegation_ended(event: accounts.DelegationEnded) -> None:
    """Tell the person what is theirs no more."""
    _write("delegation_ended", event.to, place=queries.place_name(event.site_id, None), by=event.giver)


@listens(accounts.AccessTokenCreated)
def on_token(event: accounts.AccessTokenCreated) -> None:
    """Tell the owner of the account."""
    _write("token_created", event.to, token_name=event.token_name)


@listens(accounts.ErasureAsked)
def on_erasure_asked(event: accounts.ErasureAsked) -> None:
    """Send the link."""
    _write("erasure_link", event.to, secret=event.secret, expires_at=event.expires_at.isoformat())


@listens(accounts.AccountErased)
def on_account_erased(event: accounts.AccountErased) -> None:
    """Say farewell at the address that nobody has any more."""
    letter = "account_erased" if event.why == "asked" else "account_forgotten"
    _write(letter, replace(event.to, person_id=None))


@listens(accounts.IdleAccountWarned)
def on_idle_account(event: accounts.IdleAccountWarned) -> None:
    """Tell its owner while it can still be kept."""
    ends = event.ends_at.isoformat()
    _write("idle_warning", event.to, dedup_key=f"idle:{event.to.person_id}", ends_at=ends)


@listens(accounts.LeftAlone)
def on_left_alone(event: accounts.LeftAlone) -> None:
    """Ask whoever can name somebody else."""
    alone = {"organisations": list(event.organisations), "places": list(event.places)}
    _write_to_each("left_alone", event.to, place=event.territory, coordination=event.coordination, **alone)


@listens(accounts.OrganisationArchived)
def on_organisation_archived(event: accounts.OrganisationArchived) -> None:
    """Tell the members, and the coordination where it did not do it itself."""
    facts = {"organisation": event.name, "slug": event.slug, "reason": event.reason}
    _write_to_each("organisation_archived", event.to, **facts)
    if event.by_itself:
        told = {reader.person_id for reader in event.to} | {event.by.person_id}
        admitting = [each for each in queries.who_admits(event.territory_id) if each.id not in told]
        _write_to_each("organisation_left", people.readers(admitting), **facts)


@listens(accounts.OrganisationTakenBack)
def on_organisation_taken_back(event: accounts.OrganisationTakenBack) -> None:
    """Tell the members."""
    _write_to_each("organisation_taken_back", event.to, organisation=event.name, slug=event.slug)


# -- series -------------------------------------------------------------------------------------------------


def _tell_series(occasion: str, event: bookings.SeriesEvent, missed: Iterable[date] = ()) -> None:
    if is_quiet():
        return
    days = [each.isoformat() for each in missed]
    payload = {
        "occasion": occasion,
        "series": event.series_id,
        "bookings": list(event.booking_ids),
        "actor": event.actor_id,
        "missed": days,
    }
    enqueue("notifications.spread_series", payload)


@listens(bookings.SeriesRequested)
def on_series(event: bookings.SeriesRequested) -> None:
    """Confirm it to whoever asked, and ask who answers, once for all dates."""
    _tell_series("requested", event)


@listens(bookings.SeriesAsksAgain)
def on_series_asking_again(event: bookings.SeriesAsksAgain) -> None:
    """Say that the next dates of a series wait, and ask who answers."""
    _tell_series("asks_again", event)


@listens(bookings.SeriesApproved)
def on_series_approval(event: bookings.SeriesApproved) -> None:
    """Bring the good news; a series that needed no answer is told to both sides."""
    _tell_series("approved_at_once" if event.at_once else "approved", event)


@listens(bookings.SeriesHalfApproved)
def on_series_half_approval(event: bookings.SeriesHalfApproved) -> None:
    """Tell whoever asked that one of two has agreed, and ask who has still to."""
    _tell_series("half_approved", event)


@listens(bookings.SeriesApprovalAwaited)
def on_series_awaited(event: bookings.SeriesApprovalAwaited) -> None:
    """Remind those who have still to agree."""
    _tell_series("approval_awaited", event)


@listens(bookings.SeriesRefused)
def on_series_refusal(event: bookings.SeriesRefused) -> None:
    """Bring the bad news with its reason."""
    _tell_series("refused", event)


@listens(bookings.SeriesCancelled)
def on_series_cancellation(event: bookings.SeriesCancelled) -> None:
    """Tell the side that did not cancel."""
    _tell_series("cancelled_by_manager" if event.by_manager else "cancelled", event)


@listens(bookings.SeriesKept)
def on_series_kept(event: bookings.SeriesKept) -> None:
    """Tell whoever asked that they can still count on these dates."""
    _tell_series(event.act, event)


@listens(bookings.SeriesMoved)
def on_series_move(event: bookings.SeriesMoved) -> None:
    """Confirm the new times, and ask for an answer again where one is needed."""
    _tell_series("moved_to_answer" if queries.waits(event.booking_ids[0]) else "moved", event)


@listens(bookings.SeriesExpired)
def on_series_expiry(event: bookings.SeriesExpired) -> None:
    """Tell both sides that nobody answered."""
    _tell_series("expired", event)


@listens(bookings.SeriesFellShort)
def on_series_short(event: bookings.SeriesFellShort) -> None:
    """Tell whoever asked which new dates could not be taken."""
    _tell_series("fell_short", event, event.missed)


# -- requests for several resources -------------------------------------------------------------------------


@listens(bookings.BundleRequested)
def on_bundle(event: bookings.BundleRequested) -> None:
    """Confirm it to whoever asked, and ask each of those who answer for what is theirs."""
    _tell_bundle("requested", event.bundle_id, event.booking_ids, event.actor_id)


@listens(bookings.BundleMended)
def on_bundle_mended(event: bookings.BundleMended) -> None:
    """Confirm what is asked for instead, and ask who answers for it."""
    _tell_bundle("mended", event.bundle_id, event.booking_ids, event.actor_id)
