"""Several resources asked for in one act: every leg is taken in one transaction, or none; a lost leg is replaced."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from app.availability import service as capacity
from app.availability.errors import Refusal, SlotRefused
from app.availability.several import verdicts_each
from app.bookings import guards
from app.bookings.announced import find_too_few_seats, places_beside
from app.bookings.at_once import is_at_once
from app.bookings.errors import BadNumberOfLegs, KeyReused, LegNotToFix, LegsRefused
from app.bookings.events import BundleMended, BundleRequested, BundleShortened
from app.bookings.fitting import Wanted, fit_in
from app.bookings.legs import step_of
from app.bookings.models import Booking, Bundle
from app.bookings.parties import keep_parties
from app.bookings.policy import BookingPermission
from app.bookings.roles import asks_as
from app.bookings.rules import LEAST_LEGS, LIVE, MOST_LEGS
from app.bookings.service import costs
from app.bookings.service.as_one import renew, wait_as_one
from app.bookings.service.asking import (
    Request,
    asked_facts,
    new_booking,
    organisation_for,
    refuse_licence,
    tidy_purpose,
)
from app.bookings.service.common import MAX_TEXT, get_for, locked, record, refuse_long
from app.bookings.service.holding import take, wish_of
from app.bookings.service.ordering import refuse_disorder, refuse_out_of_order
from app.bookings.service.sharing import share_on
from app.bookings.service.talking import new_message
from app.catalogue.models import Resource
from app.catalogue.packs import Pack
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor
from app.core.span import Span
from app.infra import audit
from app.infra.db import compact_json, db
from app.infra.events import emit
from app.infra.uow import atomic


@dataclass(frozen=True)
class Leg:
    """One resource of a bundle: when, and how many; `licence_years` is what is confirmed of its driver.

    In order, `gap_minutes` lie at least between what comes before it and its start. Where a plan knows how far it will
    drive (`metres`) and what it will hold (`grams`), its cost is estimated by that until it is measured.
    """

    resource_id: int
    span: Span
    quantity: int = 1
    licence_years: int = 0
    pack: Pack | None = None  # what is brought, where it was said in a smaller unit
    gap_minutes: int = 0
    metres: int | None = None
    grams: int | None = None


@dataclass(frozen=True)
class BundleRequest:
    """What somebody asks for in one act. `key` makes a repeated send count once."""

    organisation_id: int
    legs: tuple[Leg, ...]
    purpose: str
    people: int | None = None
    message: str = ""
    key: str | None = None
    in_order: bool = False  # each leg begins once the one before it is over
    handover_at: datetime | None = None  # after the last of them
    more: str = ""  # what a room above says with it, as a digest: it tells repeated sends apart, too

    @property
    def digest(self) -> str:
        """Tell requests with the same key apart."""
        return sha256(compact_json(asdict(replace(self, key=None))).encode()).hexdigest()


def ask_bundle(request: BundleRequest, actor: Actor, *, uid_host: str) -> Bundle:
    """Ask for all legs or none: each is held until its manager answers, or approved at once where its rule says so.

    Raises LegsRefused with what stands against each leg, LegTooSoon and HandoverTooSoon where one does not follow
    the other as they should, TooFewSeats for vehicles that take fewer than come. The same key with the same content
    gives the bundle made before.
    """
    request = _tidy(request)
    with atomic() as session:
        capacity.lock([leg.resource_id for leg in request.legs])
        if known := _made_before(request, actor):
            return known
        bundle = _new_bundle(request, actor)
        resources = [_resource(leg, bundle, actor) for leg in request.legs]
        _refuse_too_few_seats(resources, request.people)
        bundle.territory_id = resources[0].territory_id
        wanted = list(zip(request.legs, resources, strict=True))
        numbered = enumerate(wanted, start=1)
        refuse_disorder(
            bundle, [step_of(n, place, leg.span, leg.gap_minutes) for n, (leg, place) in numbered]
        )
        session.add(bundle)
        session.flush()
        legs = _take_all(bundle, wanted, uid_host)
        for leg, resource in zip(legs, resources, strict=True):
            leg.asked_as = asks_as(actor, bundle.organisation_id, resource)
            _note_asked(leg, actor)
        _say(legs, request.message, actor)
        note(bundle, "requested", actor, legs=len(legs), **order_of(bundle))
        emit(BundleRequested(bundle.id, actor.person_id, tuple(leg.id for leg in legs)))
    return bundle


def replace_leg(
    booking_id: int, wanted: Leg, actor: Actor, *, uid_host: str, key: str | None = None
) -> Booking:
    """Ask for something else in the place of a leg that cannot be had any more, for the same purpose.

    Raises SlotRefused with every reason, LegNotToFix when the leg goes on or was settled already, LegTooSoon and
    LegTooLate where it would leave its order, TooFewSeats as `ask_bundle` does, and what a room above has against it
    that knows what the request carries (app.bookings.fitting). It takes over the gap before it and
    how its cost is shared; where that had none, how the rest is. The same key with the same content gives what was
    asked for in the same place before; KeyReused where that was something else.
    """
    with atomic() as session:
        capacity.lock([wanted.resource_id, *guards.beside(booking_id)])
        if known := _replaced_before(booking_id, wanted, actor, key):
            return known
        lost, bundle = _to_fix(booking_id, actor)
        keep_parties(bundle)
        resource = _resource(wanted, bundle, actor)
        _refuse_too_few_seats([resource, *places_beside(lost)], bundle.people)
        foreseen = fit_in(lost, Wanted(resource.id, wanted.span, wanted.quantity), actor)
        number, lost.leg_number = lost.leg_number, None
        session.flush()  # the place is free before another takes it
        leg = _new_leg(bundle, number, wanted, resource, uid_host, [wanted.span])
        leg.leg_gap_minutes = lost.leg_gap_minutes
        leg.foreseen_metres, leg.foreseen_grams = foreseen
        leg.asked_as = lost.asked_as  # whoever mends it: the requester stays the same
        if key:
            leg.idempotency_key, leg.idempotency_digest = key, _digest(bundle.id, number, wanted)
        refuse_out_of_order(leg, wanted.span, resource, actor)
        renew(leg)
        leg.hold_id = take(leg, resource)
        session.add(leg)
        session.flush()
        costs.begin([leg])
        share_on(lost, leg, actor)
        record(lost, "replaced", actor, by=leg.ref)
        _note_asked(leg, actor)
        emit(BundleMended(bundle.id, actor.person_id, (leg.id,)))
    return leg


def let_leg_go(booking_id: int, actor: Actor) -> Booking:
    """Go on without a leg that cannot be had any more. Raises LegNotToFix."""
    with atomic():
        lost, bundle = _to_fix(booking_id, actor)
        lost.leg_number = None
        record(lost, "let_go", actor)
        emit(BundleShortened(bundle.id, actor.person_id, (lost.id,)))
    return lost


def note(bundle: Bundle, act: str, actor: Actor, **facts: object) -> None:
    """Add a line to the history of a bundle."""
    audit.record("bundle", bundle.id, act, actor, territory_id=bundle.territory_id, **facts)


def order_of(bundle: Bundle) -> dict[str, object]:
    """Give, as history keeps it, that the legs follow one another and when it ends; nothing for legs in no order."""
    if not bundle.in_order:
        return {}
    return {"in_order": True, "handover": bundle.handover_at.isoformat() if bundle.handover_at else None}


# -- before anything is written -----------------------------------------------------------------------------


def _tidy(request: BundleRequest) -> BundleRequest:
    least = (
        1 if request.more else LEAST_LEGS
    )  # what a room above says of it makes a single leg more than a booking
    if not least <= len(request.legs) <= MOST_LEGS:
        raise BadNumberOfLegs(field="legs", least=least, most=MOST_LEGS, asked=len(request.legs))
    refuse_long("message", request.message, MAX_TEXT)
    return replace(request, purpose=tidy_purpose(request.purpose), message=request.message.strip())


def _made_before(request: BundleRequest, actor: Actor) -> Bundle | None:
    if not request.key:
        return None
    known = db.session.scalar(
        select(Bundle).filter_by(requester_id=actor.person_id, idempotency_key=request.key)
    )
    if known and known.idempotency_digest != request.digest:
        raise KeyReused(field="key", ref=known.ref)
    return known


def _replaced_before(booking_id: int, wanted: Leg, actor: Actor, key: str | None) -> Booking | None:
    """Find what was asked for under a key in the place that this booking has, or had."""
    if not key:
        return None
    leg = get_for(booking_id, actor, BookingPermission.CHANGE)
    known = db.session.scalar(select(Booking).filter_by(requester_id=leg.requester_id, idempotency_key=key))
    if known and known.idempotency_digest != _digest(
        leg.bundle_id, leg.leg_number or known.leg_number, wanted
    ):
        raise KeyReused(field="key", ref=known.ref)
    return known


def _digest(bundle_id: int | None, number: int | None, wanted: Leg) -> str:
    """Tell what is asked for in a place of a bundle apart from all else."""
    return sha256(compact_json([bundle_id, number, asdict(wanted)]).encode()).hexdigest()


def _resource(leg: Leg, bundle: Bundle, actor: Actor) -> Resource:
    """Read the resource of a leg; raise what stands against asking for it in the name of the bundle's organisation."""
    resource = db.session.get(Resource, leg.resource_id)
    if resource is None:
        raise NotFound(kind="resource")
    organisation_for(bundle.organisation_id, resource, actor)
    refuse_licence(resource, leg.licence_years)
    return resource


def _refuse_too_few_seats(places: Sequence[Resource], people: int | None) -> None:
    if too_few := find_too_few_seats(places, people):
        raise too_few


def _to_fix(booking_id: int, actor: Actor) -> tuple[Booking, Bundle]:
    """Lock a leg that its bundle still wants and cannot have; raise LegNotToFix for any other."""
    lost = locked(booking_id, actor, BookingPermission.CHANGE)
    if lost.bundle_id is None or lost.leg_number is None or lost.decision in LIVE:
        raise LegNotToFix(ref=lost.ref)
    return lost, db.session.get_one(Bundle, lost.bundle_id)


# -- writing ------------------------------------------------------------------------------------------------


def _new_bundle(request: BundleRequest, actor: Actor) -> Bundle:
    return Bundle(
        ref=ids.new_ref(), organisation_id=request.organisation_id, requester_id=actor.person_id,
        purpose=request.purpose, people=request.people, idempotency_key=request.key,
        idempotency_digest=request.digest if request.key else None, created_at=clock.now(),
        in_order=request.in_order, handover_at=request.handover_at,
    )  # fmt: skip


def _take_all(bundle: Bundle, wanted: Sequence[tuple[Leg, Resource]], uid_host: str) -> list[Booking]:
    """Take every leg in turn, each beside those before it; all reasons are found before the whole is refused."""
    legs = []
    for number, (leg, resource) in enumerate(wanted, start=1):
        together = [other.span for other, _resource in wanted if other.resource_id == leg.resource_id]
        legs.append(_new_leg(bundle, number, leg, resource, uid_host, together))
    wait_as_one(legs)
    refusals: dict[int, tuple[Refusal, ...]] = {}
    for number, booking in enumerate(legs):
        try:
            booking.hold_id = take(booking, booking.resource)
        except SlotRefused as refused:
            refusals[number] = refused.refusals
    if refusals := refusals or _refused_beside(legs):
        raise LegsRefused(refusals, len(wanted))
    db.session.add_all(legs)
    db.session.flush()
    costs.begin(legs)
    return legs


def _refused_beside(legs: Sequence[Booking]) -> dict[int, tuple[Refusal, ...]]:
    """Find the legs that others of the same request stand against, at places where a request keeps nothing."""
    unkept = [number for number, leg in enumerate(legs) if leg.hold_id is None]
    found = verdicts_each([wish_of(legs[number], legs[number].resource.id) for number in unkept])
    return {number: refusals for number, refusals in zip(unkept, found, strict=True) if refusals}


def _new_leg(
    bundle: Bundle,
    number: int | None,
    leg: Leg,
    resource: Resource,
    uid_host: str,
    together: Sequence[Span],
) -> Booking:
    """Write a leg down; `together` are the spans asked of its resource in one act, which count as one for its rule."""
    most = leg.quantity * len(together)  # at the same time, at the worst
    at_once = is_at_once(resource, bundle.organisation, together, most)
    asker = Actor(person_id=bundle.requester_id)
    facts = (leg.span, leg.quantity, bundle.purpose, bundle.people)
    wanted = Request(resource.id, bundle.organisation_id, *facts, pack=leg.pack)
    booking = new_booking(wanted, resource, asker, uid_host, at_once=at_once)
    booking.organisation, booking.resource = bundle.organisation, resource
    booking.bundle_id, booking.leg_number, booking.leg_gap_minutes = bundle.id, number, leg.gap_minutes
    booking.foreseen_metres, booking.foreseen_grams = leg.metres, leg.grams
    return booking


def _note_asked(leg: Booking, actor: Actor) -> None:
    at_once = leg.expires_at is None
    record(leg, "approved_at_once" if at_once else "requested", actor, **asked_facts(leg))


def _say(legs: Sequence[Booking], message: str, actor: Actor) -> None:
    """Write the message once for each place: its managers read it with the first leg that is theirs."""
    first_of_site = {leg.resource.site_id: leg for leg in reversed(legs)}
    if message:
        db.session.add_all(new_message(leg, actor, message) for leg in first_of_site.values())
