"""A series asked for as one request: every occurrence is a booking, all are taken in one transaction or none."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from app.availability import service as capacity
from app.availability.askers import Asker
from app.availability.errors import SeveralRefused
from app.availability.having import NOTHING, Claims
from app.availability.queries import get_terms
from app.availability.rules import Terms
from app.availability.several import verdicts
from app.bookings.at_once import is_at_once
from app.bookings.errors import KeyReused, NothingToRepeat
from app.bookings.events import SeriesApproved, SeriesRequested
from app.bookings.models import Booking, Series
from app.bookings.occurrences import (
    Choice,
    Choices,
    Elsewhere,
    Fewer,
    Occurrence,
    plan,
    reach,
    refuse_unaskable,
    wishes_of,
)
from app.bookings.roles import asks_as
from app.bookings.rules import ASKED, GRANTED, yeses_needed
from app.bookings.service import costs
from app.bookings.service.asking import (
    Request,
    licence_facts,
    new_booking,
    organisation_for,
    refuse_licence,
    refuse_passengers,
    tidy_purpose,
)
from app.bookings.service.common import MAX_TEXT, facts_of, record, refuse_long
from app.bookings.service.elsewhere import Taken, enter_elsewhere, take_elsewhere
from app.bookings.service.holding import epoch_of, expiry_of_all
from app.bookings.service.talking import new_message
from app.catalogue.models import Resource
from app.catalogue.packs import Pack
from app.core import clock, ids
from app.core.errors import NotFound
from app.core.policy import Actor
from app.core.recurrence import Hours, Rule, read_rule
from app.core.span import Span
from app.infra import audit
from app.infra.db import compact_json, db
from app.infra.events import emit
from app.infra.uow import atomic

REQUESTED, APPROVED_AT_ONCE, EXTENDED = "requested", "approved_at_once", "extended"
ASKS = (REQUESTED, "moved")  # what asks the place for the whole of it
GRANTS = (APPROVED_ALL, APPROVED_EACH) = "approved", "granted_date_by_date"  # by people


@dataclass(frozen=True)
class SeriesRequest:
    """What somebody asks for again and again.

    `choices` tell for single days another span, another place, fewer, or None to leave the day out. With `keep_free`
    the days that cannot be had are left out; without, one of them refuses the whole. `licence_years`: as for one
    request, and for the drivers of all its dates.
    """

    resource_id: int
    organisation_id: int
    rule: Rule
    hours: Hours
    quantity: int
    purpose: str
    people: int | None = None
    message: str = ""
    key: str | None = None
    choices: Choices = field(default_factory=dict)
    keep_free: bool = False
    licence_years: int = 0
    pack: Pack | None = None  # what is brought each time, where it was said in a smaller unit

    @property
    def digest(self) -> str:
        """Tell requests with the same key apart."""
        chosen = {day.isoformat(): _told_apart(choice) for day, choice in self.choices.items()}
        content = asdict(replace(self, key=None, choices={})) | {"choices": chosen}
        return sha256(compact_json(content).encode()).hexdigest()

    @property
    def places(self) -> list[int]:
        """List the resources that are asked for, by their ids."""
        others = [each.resource_id for each in self.choices.values() if isinstance(each, Elsewhere)]
        return [self.resource_id, *others]


def _told_apart(choice: Choice) -> tuple[int, ...] | None:
    if isinstance(choice, Fewer):
        return (choice.quantity,)
    if isinstance(choice, Elsewhere):
        return (*choice.span.epochs, choice.resource_id)
    return choice.epochs if choice else None


def ask_series(request: SeriesRequest, actor: Actor, *, uid_host: str) -> Series:
    """Ask for a series: held while the manager answers, or approved at once where the rule says so.

    Raises SeveralRefused with what stands against each day, NothingToRepeat when no day is left for its own place,
    BadRule for a series that would begin in the past.
    """
    request = replace(request, purpose=tidy_purpose(request.purpose), message=request.message.strip())
    refuse_long("message", request.message, MAX_TEXT)
    with atomic() as session:
        capacity.lock(request.places)
        if known := _made_before(request, actor):
            return known
        resource = session.get(Resource, request.resource_id)
        if resource is None:
            raise NotFound(kind="resource")
        organisation = organisation_for(request.organisation_id, resource, actor)
        refuse_passengers(resource, request.people)
        refuse_licence(resource, request.licence_years)
        terms = get_terms(resource.id, Asker.on_behalf_of(organisation))
        refuse_unaskable(request.rule, terms)
        planned, away = _parted(plan(request.rule, request.hours, terms, request.choices), resource)
        at_once = is_at_once(
            resource, organisation, [each.span for each in planned if each.span], request.quantity
        )
        series = _new_series(request, actor, terms, at_once=at_once)
        series.organisation = organisation
        series.asked_as = asks_as(actor, organisation.id, resource)
        elsewhere = take_elsewhere(series, away, actor, uid_host, licence_years=request.licence_years)
        taken = _take_here(series, resource, planned, elsewhere, at_once=at_once, keep_free=request.keep_free)
        if not taken:
            raise NothingToRepeat(refused=len(planned))
        session.add(series)
        session.flush()
        act = APPROVED_AT_ONCE if at_once else REQUESTED
        made = add_occurrences(series, resource, taken, actor, uid_host, act, request.pack, at_once=at_once)
        enter_elsewhere(series, elsewhere.bookings, actor, request.message)
        _say_and_tell(
            series, made, request.message, actor, at_once=at_once, elsewhere=len(elsewhere.bookings)
        )
    return series


def _parted(planned: Sequence[Occurrence], resource: Resource) -> tuple[list[Occurrence], list[Occurrence]]:
    """Part what takes place where the series does from what is elsewhere."""
    own = (None, resource.id)
    here = [each for each in planned if each.resource_id in own]
    return here, [each for each in planned if each.resource_id not in own]


def _take_here(
    series: Series,
    resource: Resource,
    planned: Sequence[Occurrence],
    elsewhere: Taken,
    *,
    at_once: bool,
    keep_free: bool,
) -> "list[Held]":
    """Take what the series needs at its own place, once its dates elsewhere are taken; what refuses is told of both."""
    away = {len(planned) + number: refusals for number, refusals in elsewhere.refusals.items()}
    total = len(planned) + len(elsewhere.bookings) + len(away)
    try:
        taken = take_occurrences(series, resource, planned, at_once=at_once, keep_free=keep_free)
    except SeveralRefused as refused:
        raise SeveralRefused(resource.id, refused.refusals | away, total) from None
    if away and not keep_free:
        raise SeveralRefused(resource.id, away, total)
    return taken


Held = tuple[Occurrence, int | None]  # an occurrence that can be had, and the hold that keeps it


def take_occurrences(
    series: Series,
    resource: Resource,
    planned: Sequence[Occurrence],
    *,
    at_once: bool,
    keep_free: bool,
    had: Claims = NOTHING,
) -> list[Held]:
    """Take what the occurrences need, all or (with `keep_free`) those that are free; the guard is locked.

    What they `had` before a change is not asked anew as to quotas.
    """
    real = [each for each in planned if each.span]
    lost = {number: each.refusals for number, each in enumerate(planned) if not each.span}
    if lost and not keep_free:
        raise SeveralRefused(resource.id, lost, len(planned))
    if not real:
        return []
    wishes = wishes_of(real, resource.id, series.quantity, Asker.on_behalf_of(series.organisation))
    if not at_once and not resource.keeps_requests:
        refused = verdicts(wishes, had=had)
        if any(refused) and not keep_free:
            stands = {number: each for number, each in enumerate(refused) if each}
            raise SeveralRefused(resource.id, stands, len(wishes))
        return [(each, None) for each, refusals in zip(real, refused, strict=True) if not refusals]
    spans = [wish.span for wish in wishes]
    expires_at = None if at_once else epoch_of(expiry_of_all(resource, spans))
    found = capacity.take_each(wishes, expires_at=expires_at, keep_free=keep_free, had=had)
    had_now = [(span, hold) for span, hold in zip(spans, found, strict=True) if isinstance(hold, int)]
    if not at_once and had_now:
        _end_with_first(resource, had_now, before=min(span.start for span in spans))
    return [(each, hold) for each, hold in zip(real, found, strict=True) if isinstance(hold, int)]


def _end_with_first(resource: Resource, kept: Sequence[tuple[Span, int]], before: datetime) -> None:
    """Let holds end with the first date that could be had, where the one that was to begin `before` could not."""
    spans = [span for span, _hold in kept]
    if min(span.start for span in spans) > before:
        until = epoch_of(expiry_of_all(resource, spans)) or 0
        for _span, hold in kept:
            capacity.put_off(hold, until)


def add_occurrences(
    series: Series,
    resource: Resource,
    taken: Sequence[Held],
    actor: Actor,
    uid_host: str,
    act: str,
    pack: Pack | None,
    *,
    at_once: bool,
) -> list[Booking]:
    """Write occurrences as bookings by an act of history; while they wait, all end with the first to begin.

    `pack` is what is brought to those that are for as much as the series.
    """
    made = [
        _occurrence(series, resource, each, hold, uid_host, at_once=at_once)
        for each, hold in taken
        if each.span
    ]
    until = min((booking.expires_at for booking in made if booking.expires_at), default=None)
    for booking in made:
        booking.expires_at = until
        booking.pack = pack if booking.quantity == series.quantity else None
    db.session.add_all(made)
    db.session.flush()
    costs.begin(made)
    confirmed = licence_facts(resource) if act != EXTENDED else _confirmed_for(series)
    for booking in made:
        record(booking, act, actor, **facts_of(booking), **confirmed)
    return made


def _confirmed_for(series: Series) -> dict[str, object]:
    """Give what was confirmed of the drivers when a series was asked for: no night confirms anything anew."""
    if not licence_facts(series.resource):
        return {}
    asked = audit.history("series", series.id)[:1]
    return {name: value for line in asked for name, value in line.facts.items() if name == "licence_years"}


def _occurrence(
    series: Series, resource: Resource, each: Occurrence, hold: int | None, uid_host: str, *, at_once: bool
) -> Booking:
    if each.span is None:
        raise ValueError("an occurrence without a time is no booking")
    asker = Actor(person_id=series.requester_id)
    facts = (each.quantity or series.quantity, series.purpose, series.people)
    wanted = Request(resource.id, series.organisation_id, each.span, *facts)
    booking = new_booking(wanted, resource, asker, uid_host, at_once=at_once)
    booking.series_id, booking.recurrence_id, booking.hold_id = series.id, each.day, hold
    booking.asked_as = series.asked_as
    return booking


def _new_series(request: SeriesRequest, actor: Actor, terms: Terms, *, at_once: bool) -> Series:
    now = clock.now()
    return Series(
        ref=ids.new_ref(), territory_id=terms.territory_id, resource_id=request.resource_id,
        organisation_id=request.organisation_id, requester_id=actor.person_id, rule=request.rule.as_json(),
        timezone=request.hours.timezone, start_minute=request.hours.start, end_minute=request.hours.end,
        quantity=request.quantity, purpose=request.purpose, people=request.people,
        state=GRANTED if at_once else ASKED, extended_to=reach(terms), idempotency_key=request.key,
        idempotency_digest=request.digest if request.key else None, created_at=now, changed_at=now,
    )  # fmt: skip


def _made_before(request: SeriesRequest, actor: Actor) -> Series | None:
    if not request.key:
        return None
    known = db.session.scalar(
        select(Series).filter_by(requester_id=actor.person_id, idempotency_key=request.key)
    )
    if known and known.idempotency_digest != request.digest:
        raise KeyReused(field="key", ref=known.ref)
    return known


def _say_and_tell(
    series: Series, made: Sequence[Booking], message: str, actor: Actor, *, at_once: bool, elsewhere: int
) -> None:
    facts: dict[str, object] = {"occurrences": len(made)}
    facts |= {"elsewhere": elsewhere} if elsewhere else {}
    facts |= licence_facts(series.resource)
    note(series, APPROVED_AT_ONCE if at_once else REQUESTED, actor, **facts)
    if message:
        db.session.add(new_message(made[0], actor, message))
    told = tuple(booking.id for booking in made)
    if at_once:
        emit(SeriesApproved(series.id, actor.person_id, told, at_once=True))
    else:
        emit(SeriesRequested(series.id, actor.person_id, told))


def note(series: Series, act: str, actor: Actor, **facts: object) -> None:
    """Add a line to the history of a series."""
    audit.record("series", series.id, act, actor, territory_id=series.territory_id, **facts)


def yes_to(series: Series) -> dict[str, object]:
    """Give, as history keeps it, how many people say yes to a series that is asked for; of others only dates wait."""
    return (
        {"yeses": yeses_needed(series.resource.approval)} if series.state == ASKED else {"dates_only": True}
    )


def rule_of(series: Series) -> Rule:
    """Read the rule of a series."""
    return read_rule(series.rule)


def hours_of(series: Series) -> Hours:
    """Read the wall times of a series."""
    return Hours(series.start_minute, series.end_minute, series.timezone)
