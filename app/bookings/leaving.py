"""What becomes of bookings when the person, or the organisation, that they were made for leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from app.accounts.events import AccountErased, MembershipEnded, OrganisationArchived
from app.accounts.models import Role
from app.accounts.queries import administrators_of
from app.accounts.service.locks import keep_person
from app.availability import service as capacity
from app.bookings import service
from app.bookings.events import BookingHandedOver
from app.bookings.models import Booking, BookingMessage, Bundle, DecisionLink, Proposal, Series, Waiting
from app.bookings.roles import OWN
from app.bookings.rules import ENDED, LIVE
from app.bookings.service import waiting
from app.core import clock
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


def let_go_of(leaver: AccountErased) -> None:
    """Hand over or cancel what somebody who leaves has going, and end what opens doors in their name.

    The guards of the resources are held already. What is over keeps pointing at the person, who has no name any more.
    """
    actor = Actor(person_id=leaver.person_id)
    with atomic() as session:
        for booking in _not_over(Booking.requester_id == leaver.person_id):
            heir_id = leaver.heirs.get(booking.organisation_id)
            if heir_id is None:
                service.cancel(booking.id, _for_organisation(actor, booking), leaver.reason)
            else:
                _hand_over(booking, heir_id, actor)
        _part_with_series(Series.requester_id == leaver.person_id, leaver.heirs)
        _hand_over_bundles(Bundle.requester_id == leaver.person_id, leaver.heirs)
        if leaver.messages_too:
            own = update(BookingMessage).where(BookingMessage.author_id == leaver.person_id)
            session.execute(own.values(text=""))
            proposed = update(Proposal).where(Proposal.made_by_id == leaver.person_id)
            session.execute(proposed.values(message=""))
            waited = update(Waiting).where(Waiting.person_id == leaver.person_id)
            session.execute(waited.values(message=""))
        session.execute(delete(DecisionLink).where(DecisionLink.person_id == leaver.person_id))
        waiting.end_waiting_of(Waiting.person_id == leaver.person_id)


def hand_over_for(leaver: MembershipEnded) -> None:
    """Let an administrator look after what a former member has going for their organisation, and end their waiting.

    What they asked for on behalf of an organisation, as the coordination or the place, they did not ask for as members.
    """
    person_id, organisation_id = leaver.to.person_id, leaver.organisation_id
    heirs = [each.id for each in administrators_of(organisation_id) if each.id != person_id]
    with atomic():
        waits = Waiting.organisation_id == organisation_id, Waiting.told_for_id == organisation_id
        waiting.end_waiting_of(and_(Waiting.person_id == person_id, or_(*waits)))
        if not heirs:
            return  # the coordination looks after an organisation that nobody administers
        heir_id = leaver.by_id if leaver.by_id in heirs else heirs[0]
        mine = Booking.requester_id == person_id, Booking.organisation_id == organisation_id
        theirs = and_(*mine, Booking.asked_as == OWN)
        guards = [booking.resource_id for booking in _not_over(theirs)]
        capacity.lock(guards)  # all at once and in order, before anything is read for good
        keep_person(heir_id)
        for booking in _not_over(and_(theirs, Booking.resource_id.in_(guards))):
            _hand_over(booking, heir_id, Actor(person_id=leaver.by_id or person_id))
        kept = {organisation_id: heir_id}
        series = Series.requester_id == person_id, Series.organisation_id == organisation_id
        _part_with_series(and_(*series, Series.asked_as == OWN), kept)
        bundles = Bundle.requester_id == person_id, Bundle.organisation_id == organisation_id
        _hand_over_bundles(and_(*bundles), kept)


def _for_organisation(actor: Actor, booking: Booking) -> Actor:
    """Let who leaves speak for the side that asked: what they give up is given up by it."""
    return replace(actor, memberships={booking.organisation_id: Role.MEMBER})


def cancel_all_of(leaver: OrganisationArchived) -> None:
    """Cancel what an organisation that takes part no longer has going; the guards of the resources are held already."""
    with atomic():
        for booking in _not_over(Booking.organisation_id == leaver.organisation_id):
            service.cancel(booking.id, leaver.by, leaver.reason)
        _part_with_series(Series.organisation_id == leaver.organisation_id, {})
        legs = update(Booking).where(Booking.organisation_id == leaver.organisation_id)
        db.session.execute(legs.values(leg_number=None))  # nobody looks for another in their place
        waiting.end_waiting_of(Waiting.organisation_id == leaver.organisation_id)


def _part_with_series(theirs: ColumnElement[bool], heirs: Mapping[int, int | None]) -> None:
    """Let heirs look after series by organisation; what nobody inherits is not extended any more."""
    for series in db.session.scalars(select(Series).where(theirs, Series.state != ENDED).order_by(Series.id)):
        heir_id = heirs.get(series.organisation_id)
        if heir_id is None:
            series.state = ENDED
        else:
            series.requester_id, series.asked_as = heir_id, OWN
            series.idempotency_key = series.idempotency_digest = None
    db.session.flush()


def _hand_over_bundles(theirs: ColumnElement[bool], heirs: Mapping[int, int | None]) -> None:
    """Let heirs look after bundles as after their legs; where there is no heir, the legs are cancelled already."""
    for bundle in db.session.scalars(select(Bundle).where(theirs)):
        heir_id = heirs.get(bundle.organisation_id)
        if heir_id:
            bundle.requester_id = heir_id
            for leg in bundle.legs:  # also the lost ones that are still to be replaced
                leg.requester_id = heir_id if leg.leg_number is not None else leg.requester_id
        bundle.idempotency_key = bundle.idempotency_digest = None
    db.session.flush()


def _not_over(theirs: ColumnElement[bool]) -> Sequence[Booking]:
    found = select(Booking).where(theirs, Booking.decision.in_(LIVE), Booking.end_at > clock.now())
    fresh = found.order_by(Booking.start_at, Booking.id).execution_options(populate_existing=True)
    return db.session.scalars(fresh).all()


def _hand_over(booking: Booking, heir_id: int, actor: Actor) -> None:
    """Let another member of the organisation look after a booking: theirs to change, theirs to be called about."""
    capacity.lock([booking.resource_id])
    booking.requester_id, booking.asked_as = heir_id, OWN
    booking.idempotency_key = booking.idempotency_digest = None  # keys are a person's own
    booking.revision += 1
    booking.changed_at = clock.now()
    db.session.flush()
    audit.record("booking", booking.id, "handed_over", actor, territory_id=booking.territory_id)
    emit(BookingHandedOver(booking.id, actor.person_id))
