"""Asking for a slot."""

from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from sqlalchemy import select

from app.accounts.models import Organisation, OrganisationState
from app.availability import service as capacity
from app.availability.errors import SlotRefused
from app.availability.queries import verdict
from app.bookings.at_once import is_at_once
from app.bookings.errors import (
    KeyReused,
    LicenceNotConfirmed,
    NotYourOrganisation,
    OrganisationNotActive,
    PurposeMissing,
    TooManyPassengers,
)
from app.bookings.events import BookingApproved, BookingRequested
from app.bookings.models import Booking
from app.bookings.parties import find_kept
from app.bookings.policy import BookingPermission, coordinates, in_whose_place, manages_site
from app.bookings.roles import asks_as
from app.bookings.rules import APPROVED, NEVER_SET_ASIDE, PENDING, PLANNED
from app.bookings.service import costs
from app.bookings.service.common import (
    MAX_PURPOSE,
    MAX_TEXT,
    by_delegation,
    cancelling_terms,
    facts_of,
    record,
    refuse_long,
)
from app.bookings.service.holding import expiry_of, take, wish_of
from app.bookings.service.recalls import call_back, guards_for, waits_to_recall
from app.bookings.service.talking import new_message
from app.catalogue.models import Resource
from app.catalogue.packs import Pack
from app.catalogue.rules import licence_years, passengers
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor, require
from app.core.span import Span
from app.infra.db import compact_json, db
from app.infra.events import emit
from app.infra.uow import atomic


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `key` makes a repeated send count once.

    `licence_years` is for how many years the driver has held the licence, as far as whoever asks confirms it.
    With `override`, a reason, whoever decides at the place sets its rules of time aside; its capacity, never.
    """

    resource_id: int
    organisation_id: int
    span: Span
    quantity: int
    purpose: str
    people: int | None = None
    message: str = ""
    key: str | None = None
    pack: Pack | None = None  # what is brought, where it was said in a smaller unit
    override: str = ""
    recall: bool = False  # what is lent of the organisation's own quota is called back for it
    licence_years: int = 0

    @property
    def digest(self) -> str:
        """Tell requests with the same key apart."""
        return sha256(compact_json(asdict(replace(self, key=None))).encode()).hexdigest()


def ask(request: Request, actor: Actor, *, uid_host: str) -> Booking:
    """Ask for a slot: it is held while the manager answers, or approved at once where the rule says so.

    Raises SlotRefused with every reason. The same key with the same content gives the booking made before.
    """
    request = _tidy(request)
    with atomic() as session:
        guards = lock_for(request)
        if known := _made_before(request, actor):
            return known
        resource = session.get(Resource, request.resource_id)
        if resource is None:
            raise NotFound(kind="resource")
        organisation = organisation_for(request.organisation_id, resource, actor)
        refuse_passengers(resource, request.people)
        refuse_licence(resource, request.licence_years)
        at_once = is_at_once(resource, organisation, [request.span], request.quantity)
        booking = new_booking(request, resource, actor, uid_host, at_once=at_once)
        booking.organisation = organisation
        aside = _set_aside(request, booking, resource, actor)
        called_back = call_back(booking, guards) if request.recall and at_once else 0
        booking.recalls = waits_to_recall(booking, is_wanted=request.recall)
        booking.hold_id = take(booking, resource, override=bool(aside))
        enter(booking, actor)
        if called_back:
            record(booking, "called_back", actor, units=called_back)
        if aside:
            told = {"reason": request.override, "rules": list(aside)}
            record(
                booking, "rules_set_aside", actor, **told, **by_delegation(in_whose_place(actor, resource))
            )
        if request.message:
            session.add(new_message(booking, actor, request.message))
    return booking


def lock_for(request: Request) -> list[int]:
    """Lock what a request concerns, to call a quota back also all in which it may be lent; give what was locked."""
    guards = guards_for(request.resource_id) if request.recall else [request.resource_id]
    capacity.lock(guards)
    return guards


def enter(booking: Booking, actor: Actor) -> None:
    """Add a new booking that has what it takes: its first line of history, and the news of it."""
    at_once = booking.decision == APPROVED
    db.session.add(booking)
    db.session.flush()
    costs.begin([booking])
    record(booking, "approved_at_once" if at_once else "requested", actor, **asked_facts(booking))
    emit(
        BookingApproved(booking.id, actor.person_id, at_once=True)
        if at_once
        else BookingRequested(booking.id, actor.person_id)
    )


def _set_aside(request: Request, booking: Booking, resource: Resource, actor: Actor) -> tuple[str, ...]:
    """List the rules of the place, by their codes, that whoever decides there sets aside for a request.

    Raises Forbidden for others, SlotRefused for a time that is over: no reason brings it back.
    """
    if not request.override:
        return ()
    require(actor, BookingPermission.DECIDE, resource)
    stands = verdict(wish_of(booking, resource.id))
    if over := tuple(each for each in stands if each.code in NEVER_SET_ASIDE):
        raise SlotRefused(resource.id, over)
    return tuple(each.code for each in stands)


def _tidy(request: Request) -> Request:
    refuse_long("message", request.message, MAX_TEXT)
    refuse_long("override", request.override, MAX_TEXT)
    message, override = request.message.strip(), request.override.strip()
    return replace(request, purpose=tidy_purpose(request.purpose), message=message, override=override)


def tidy_purpose(text: str) -> str:
    """Give a purpose without stray spaces; raise PurposeMissing or TextTooLong."""
    purpose = " ".join(text.split())
    if not purpose:
        raise PurposeMissing(field="purpose")
    refuse_long("purpose", purpose, MAX_PURPOSE)
    return purpose


def refuse_passengers(resource: Resource, people: int | None) -> None:
    """Raise TooManyPassengers for more people than a vehicle has seats besides the driver's."""
    most = passengers(resource.kind, resource.facts)
    if most is not None and (people or 0) > most:
        raise TooManyPassengers(field="people", most=most, seats=most + 1, asked=people)


def refuse_licence(resource: Resource, confirmed: int) -> None:
    """Raise LicenceNotConfirmed where the driver of a vehicle must have held the licence longer than is confirmed."""
    years = licence_years(resource.kind, resource.facts)
    if years > confirmed:
        raise LicenceNotConfirmed(field="licence_years", years=years, name=resource.name)


def licence_facts(resource: Resource) -> dict[str, object]:
    """Give, as history keeps it, what had to be confirmed of the driver; nothing where nothing had."""
    years = licence_years(resource.kind, resource.facts)
    return {"licence_years": years} if years else {}


def asked_facts(booking: Booking) -> dict[str, object]:
    """Give what is asked for, as history keeps it: when, how many, and what was confirmed of the driver."""
    return facts_of(booking) | licence_facts(booking.resource)


def _made_before(request: Request, actor: Actor) -> Booking | None:
    if not request.key:
        return None
    known = db.session.scalar(
        select(Booking).filter_by(requester_id=actor.person_id, idempotency_key=request.key)
    )
    if known and known.idempotency_digest != request.digest:
        raise KeyReused(field="key", ref=known.ref)
    return known


def organisation_for(organisation_id: int, resource: Resource, actor: Actor) -> Organisation:
    """Give the organisation somebody asks for; raise what stands against asking for it."""
    require(actor, BookingPermission.ASK, resource)
    organisation = find_kept(organisation_id, actor)
    if organisation is None or not (
        actor.belongs_to(organisation.id) or coordinates(actor, organisation) or manages_site(actor, resource)
    ):
        raise NotYourOrganisation(organisation_id=organisation_id, signed_in=True)
    if organisation.state != OrganisationState.ACTIVE or organisation.territory_id != resource.territory_id:
        raise OrganisationNotActive(name=organisation.name, signed_in=True)
    return organisation


def new_booking(
    request: Request, resource: Resource, actor: Actor, uid_host: str, *, at_once: bool
) -> Booking:
    """Write a request down as a booking, with as what it is asked for, not yet added and without its hold."""
    now, ref = clock.now(), ids.new_ref()
    unit, number, per = request.pack or (None, None, None)
    return Booking(
        ref=ref, uid=f"{ids.new_public_id(20).lower()}@{uid_host}", territory_id=resource.territory_id,
        resource_id=resource.id, organisation_id=request.organisation_id, requester_id=actor.person_id,
        asked_as=asks_as(actor, request.organisation_id, resource), purpose=request.purpose,
        start_at=request.span.start, end_at=request.span.end, quantity=request.quantity,
        pack_unit=unit, pack_number=number, pack_per=per,
        people=request.people, decision=APPROVED if at_once else PENDING, use=PLANNED, reason="",
        decided_at=now if at_once else None, expires_at=None if at_once else expiry_of(resource, request.span),
        idempotency_key=request.key, idempotency_digest=request.digest if request.key else None,
        revision=0, created_at=now, changed_at=now, **cancelling_terms(resource, request.span),
    )  # fmt: skip
