"""Reading whom to tell, and what a letter needs to know."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts import queries as accounts
from app.accounts.errors import LinkExpired, LinkUsed
from app.accounts.food_aid import AuthorisationState
from app.accounts.models import (
    FoodAidAuthorisation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Person,
    Role,
    RoleGrant,
    Territory,
    TokenPurpose,
)
from app.bookings.models import Booking, BookingMessage, Bundle, Series, Waiting
from app.bookings.policy import BookingPermission, manages_site
from app.bookings.queries import messages_of, whole
from app.bookings.rules import PENDING
from app.bookings.service.agreeing import why_not_yes
from app.catalogue.models import Approval, Resource, Site
from app.core.errors import NotFound
from app.core.policy import can
from app.infra.db import db

DEFAULT_ZONE = "Europe/Paris"


def find_booking(booking_id: int) -> Booking | None:
    """Find a booking as it is now, with all that a letter tells of it."""
    fresh = whole().where(Booking.id == booking_id).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one_or_none()


def find_booking_by_ref(ref: str) -> Booking | None:
    """Find a booking by its reference, as it is now, with all that a letter tells of it."""
    fresh = whole().where(Booking.ref == ref).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one_or_none()


def who_keeps_accounts(organisation_id: int) -> list[Person]:
    """List who may promise money for an organisation: its treasurers and administrators."""
    keepers = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_((Role.ORG_ADMIN, Role.TREASURER)),
        )
        .order_by(Person.id)
    )
    return [*db.session.scalars(keepers)]


def who_measures(booking: Booking, payee_id: int) -> list[Person]:
    """List who can say what was measured: who manages the place, else who keeps the accounts of who is paid."""
    site = booking.resource.site
    managers = _each_once([*accounts.managers_of(site.id), *accounts.deputies_of(site.id)])
    return managers or who_keeps_accounts(payee_id) or who_answers(site)


def find_resource(resource_id: int) -> Resource | None:
    """Find a resource as it is now."""
    return db.session.get(Resource, resource_id)


def find_waiting(waiting_id: int) -> Waiting | None:
    """Find somebody's place on a waiting list as it is now."""
    return db.session.get(Waiting, waiting_id, populate_existing=True)


def waits(booking_id: int) -> bool:
    """Tell whether a booking waits for an answer, as the open transaction sees it."""
    booking = db.session.get(Booking, booking_id)
    return booking is not None and booking.decision == PENDING


def bundle_of(booking_id: int) -> int | None:
    """Tell of which bundle a booking is a leg, as the open transaction sees it."""
    booking = db.session.get(Booking, booking_id)
    return booking.bundle_id if booking else None


def find_message(message_id: int | None) -> BookingMessage | None:
    """Find a message of a booking's talk."""
    return db.session.get(BookingMessage, message_id) if message_id else None


def first_words(booking: Booking) -> str:
    """Give what the requester wrote first, empty where they wrote nothing."""
    own = (m.text for m in messages_of(booking.id) if m.author_id == booking.requester_id)
    return next(own, "")


def who_asked(booking: Booking) -> list[Person]:
    """List the asking side: the requester; the organisation's administrators too where that is an outsider."""
    if accounts.load_actor(booking.requester_id).belongs_to(booking.organisation_id):
        return [booking.requester]
    return _each_once([booking.requester, *accounts.administrators_of(booking.organisation_id)])


def who_answers(site: Site) -> list[Person]:
    """List who answers for a place: its managers, else its owner's administrators, else the coordination.

    Who decides in somebody's place today is among them.
    """
    answering = (
        accounts.managers_of(site.id)
        or accounts.administrators_of(site.owner_id)
        or accounts.coordinators_of(site.territory_id)
        or accounts.platform_admins()
    )
    return _each_once([*answering, *accounts.deputies_of(site.id)])


def in_whose_place(booking: Booking, person: Person) -> list[str]:
    """Name in whose place somebody answers for the place of a booking; nobody where they do themselves."""
    actor = accounts.load_actor(person.id)
    if manages_site(actor, booking):
        return []
    return accounts.names_of(actor.delegations.get(booking.resource.site_id, ()))


def who_is_awaited(booking: Booking) -> list[Person]:
    """List whose yes would count now; where there is nobody, who answers for the place and can find somebody."""
    answering = who_answers(booking.resource.site)
    return [person for person in answering if is_awaited(booking, person)] or answering


def is_awaited(booking: Booking, person: Person) -> bool:
    """Tell whether a person's yes would count: where two people have to agree, not anybody's does."""
    return why_not_yes(booking, accounts.load_actor(person.id)) is None


def who_could_agree(booking: Booking) -> Sequence[RoleGrant]:
    """List who holds a function at the place of a booking, to be named where two people have to agree."""
    if booking.resource.approval != Approval.TWO_STEP:
        return ()
    return accounts.function_holders([booking.resource.site_id]).get(booking.resource.site_id, ())


def who_listens(booking: Booking, author_id: int) -> list[Person]:
    """List whom a message is for: the other side (both, for a third party), and whoever has spoken before."""
    asked, answers = who_asked(booking), who_answers(booking.resource.site)
    author = accounts.load_actor(author_id)
    is_asker = author_id == booking.requester_id or author.belongs_to(booking.organisation_id)
    is_manager = not is_asker and can(author, BookingPermission.DECIDE, booking)
    spoke = [message.author for message in messages_of(booking.id)]
    told = [*([] if is_asker else asked), *([] if is_manager else answers), *spoke]
    return [person for person in _each_once(told) if person.id != author_id]


def is_for_manager(booking: Booking, person: Person) -> bool:
    """Tell from which side somebody reads about a booking."""
    if person.id == booking.requester_id:
        return False
    return can(accounts.load_actor(person.id), BookingPermission.DECIDE, booking)


def may(person: Person, permission: BookingPermission, booking: Booking | Series | Bundle) -> bool:
    """Tell whether a person may do something with a booking at this moment; nobody may with a disabled account."""
    return can(accounts.load_actor(person.id), permission, booking)


def find_person(person_id: int | None) -> Person | None:
    """Find somebody who can be written to: an account that is not disabled."""
    person = db.session.get(Person, person_id) if person_id else None
    return person if person and person.disabled_at is None else None


def territory_name(booking: Booking) -> str:
    """Name the territory in whose name a letter about a booking is signed."""
    return booking.organisation.territory.name


def territory_of(territory_id: int) -> str:
    """Name a territory."""
    return db.session.get_one(Territory, territory_id).name


def zone_of(person_id: int | None) -> str:
    """Find the time zone a person lives by: that of their first organisation's territory, else of any territory."""
    theirs = (
        select(Territory.timezone)
        .join(Organisation, Organisation.territory_id == Territory.id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.id)
        .limit(1)
    )
    anyones = select(Territory.timezone).order_by(Territory.id).limit(1)
    return db.session.scalar(theirs) or db.session.scalar(anyones) or DEFAULT_ZONE


def place_name(site_id: int | None, territory_id: int | None) -> str:
    """Name what a role is held on."""
    place = db.session.get(Site, site_id) if site_id else db.session.get(Territory, territory_id)
    return place.name if place else ""


def zone_at(site_id: int) -> str:
    """Find the time zone of a place."""
    site = db.session.get(Site, site_id)
    return site.timezone if site else DEFAULT_ZONE


def by_site(resource_ids: Iterable[int]) -> list[tuple[Site, list[Resource]]]:
    """Read resources with their sites, those of one site together."""
    ordered = select(Resource).where(Resource.id.in_(resource_ids)).order_by(Resource.site_id, Resource.name)
    found = db.session.scalars(ordered.options(joinedload(Resource.site)))
    return [(site, list(several)) for site, several in groupby(found, key=lambda each: each.site)]


def who_admits(territory_id: int) -> list[Person]:
    """List who decides on organisations: the coordination, else whoever runs the platform."""
    return accounts.coordinators_of(territory_id) or accounts.platform_admins()


_PURPOSES = {
    "sign_up": (TokenPurpose.VERIFY,),
    "sign_in_link": (TokenPurpose.SIGN_IN,),
    "reset": (TokenPurpose.RESET,),
    "email_change_old": (TokenPurpose.EMAIL_OLD,),
    "email_change_new": (TokenPurpose.EMAIL_NEW,),
    "erasure_link": (TokenPurpose.ERASE,),
}


def is_good_link(letter: str, secret: str) -> bool:
    """Tell whether the link a letter would carry still works."""
    try:
        if letter == "invitation":
            accounts.get_invitation(secret)
        else:
            accounts.find_token(secret, *_PURPOSES[letter])
    except (NotFound, LinkUsed, LinkExpired):
        return False
    return True


def still_waits(organisation_id: int | None, membership_id: int | None) -> bool:
    """Tell whether a proposed organisation, or a request to join, has no answer yet (the other id is None)."""
    if membership_id is not None:
        membership = db.session.get(Membership, membership_id)
        return membership is not None and membership.state == MembershipState.REQUESTED
    organisation = db.session.get(Organisation, organisation_id)
    return organisation is not None and organisation.state == OrganisationState.PENDING


def still_to_confirm(authorisation_id: int) -> bool:
    """Tell whether an authorisation for food aid waits for the coordination."""
    row = db.session.get(FoodAidAuthorisation, authorisation_id, populate_existing=True)
    return row is not None and row.state == AuthorisationState.ENTERED


def _each_once(people: Iterable[Person]) -> list[Person]:
    return list({person.id: person for person in people}.values())


# -- series -------------------------------------------------------------------------------------------------


def find_series(series_id: int) -> Series | None:
    """Find a series as it is now."""
    return db.session.get(Series, series_id, populate_existing=True)


def find_bookings(booking_ids: Iterable[int]) -> list[Booking]:
    """Find bookings as they are now, in order of time."""
    fresh = whole().where(Booking.id.in_(list(booking_ids))).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh.order_by(Booking.start_at, Booking.id)))


def who_asked_series(series: Series | Bundle) -> list[Person]:
    """List the asking side: the requester; the organisation's administrators too where that is an outsider."""
    if accounts.load_actor(series.requester_id).belongs_to(series.organisation_id):
        return [series.requester]
    return _each_once([series.requester, *accounts.administrators_of(series.organisation_id)])
