"""Processes that book at the same time, as hard as they can, and what must hold when they stop."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.queues import Queue
from typing import Any

from flask import Flask
from sqlalchemy import ColumnElement, event, or_, select

from app.availability.claims import lessened
from app.availability.hours import refuse_hours
from app.availability.models import Claim, Hold
from app.availability.queries import get_terms
from app.availability.rules import Load, Part, Taken, loads, peak
from app.bookings import service
from app.bookings.errors import BookingsHit
from app.bookings.models import Booking, Bundle, Series
from app.bookings.narrowing import Answer, NewHours, narrow
from app.bookings.occurrences import Elsewhere
from app.catalogue import service as catalogue
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.core.span import Span
from app.infra.audit import AuditEntry
from app.infra.db import db
from tests.factories import PARIS

HOURS = ("24/7", "08:00-14:00", "10:00-20:00")
FORK = get_context("fork")  # the application is built once; every process opens its own connections


@dataclass(frozen=True)
class Scene:
    """What the writers fight over, by id, and who they are."""

    resources: tuple[int, ...]
    organisation: int
    person: int
    site: int
    monday: datetime
    hours: int = 0  # how many acts change the opening hours, beside eleven others
    repeats: float = 0.0  # the share of acts that are about whole series
    strays: float = 0.0  # the share of series that have one date at another place
    pool: tuple[
        int, ...
    ] = ()  # what the first resource is made of, five of the first; composed anew now and then
    bundles: float = 0.0  # the share of acts that are about bundles

    @property
    def actor(self) -> Actor:
        return Actor(
            person_id=self.person,
            memberships={self.organisation: "member"},
            managed_sites=frozenset({self.site}),
        )


@dataclass
class Report:
    """What one writer saw."""

    done: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)


LEAST_ACTS = 12  # of each writer: a machine that others use would race for the set seconds with hardly an act


def run(app: Flask, scene: Scene, processes: int, seconds: float, *, kill: bool = False) -> Report:
    """Let `processes` writers work for `seconds`; with `kill`, end them with SIGKILL in the middle and start others."""
    with app.app_context():
        db.engine.dispose()
    answers: Queue[Report] = FORK.Queue()
    until = time.monotonic() + seconds
    writers = [_start(app, scene, until, answers, n) for n in range(processes)]
    if kill:
        while time.monotonic() < until - 0.5:
            time.sleep(0.1)
            n = random.randrange(processes)
            os.kill(writers[n].pid, signal.SIGKILL)
            writers[n].join()
            writers[n] = _start(app, scene, until, FORK.Queue(), n)
    total = Report()
    for _ in () if kill else writers:
        report = answers.get(timeout=seconds + 240)
        total.done += report.done
        total.surprises += report.surprises
    for writer in writers:
        writer.join(timeout=60)
    return total


def _start(app: Flask, scene: Scene, until: float, answers: "Queue[Report]", seed: int) -> Any:
    writer = FORK.Process(target=_write, args=(app, scene, until, answers, seed), daemon=True)
    writer.start()
    return writer


def _write(app: Flask, scene: Scene, until: float, answers: "Queue[Report]", seed: int) -> None:
    dice, report = random.Random(f"{seed}-{os.getpid()}"), Report()
    with app.app_context():
        db.engine.dispose(close=False)
        event.listen(db.engine, "connect", _be_patient)
    while time.monotonic() < until or report.done.total() < LEAST_ACTS:
        with app.app_context():
            try:
                report.done[_one_act(scene, dice)] += 1
            except DomainError as refused:
                report.done[refused.code] += 1
            except Exception as error:  # every other error is what the test looks for
                report.surprises.append(repr(error)[:300])
    answers.put(report)
    with app.app_context():
        db.engine.dispose()


def _be_patient(connection: Any, _record: Any) -> None:
    """Wait longer than a person would for SQLite's one lock: sixteen in a row on a busy machine are no surprise."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA busy_timeout=120000")


SERIES_DAYS = 6


def _series_act(scene: Scene, dice: random.Random) -> str:
    """Ask for a daily series that crosses the others, or answer, move or give up one."""
    act = dice.choices(("ask_series", "approve_series", "cancel_series", "change_series"), (6, 2, 3, 1))[0]
    if act == "ask_series":
        service.ask_series(_daily(scene, dice), scene.actor, uid_host="races.test")
        return act
    found = db.session.execute(
        select(Booking.id, Booking.series_id, Booking.start_at, Booking.end_at)
        .where(Booking.decision.in_(("pending", "approved")), Booking.series_id.is_not(None))
        .limit(60)
    ).all()
    if not found:
        return "nothing"
    booking_id, series_id, start, end = dice.choice(found)
    if act == "approve_series":
        service.approve_series(series_id or 0, scene.actor)
    elif act == "cancel_series":
        service.cancel_series(booking_id, service.Scope.ALL, scene.actor, "race")
    else:
        shift = timedelta(hours=dice.choice((-1, 1)))
        service.change_series(booking_id, service.Scope.ALL, scene.actor, Span(start + shift, end + shift), 1)
    return act


def _daily(scene: Scene, dice: random.Random) -> service.SeriesRequest:
    index, start = dice.randrange(2), dice.randrange(6, 15) * 60
    first = scene.monday.date() + timedelta(days=dice.randrange(30))
    rule = Rule(Frequency.DAILY, first, times=SERIES_DAYS)
    hours = Hours(start, start + dice.choice((60, 120, 240)), "Europe/Paris")
    qty, choices = dice.randint(1, (1, 3)[index]), {}
    if scene.strays and qty == 1 and dice.random() < scene.strays:
        day = first + timedelta(days=dice.randrange(SERIES_DAYS))
        choices = {day: Elsewhere(scene.resources[1 - index], hours.on(day))}
    facts = (rule, hours, qty, "race")
    return service.SeriesRequest(scene.resources[index], scene.organisation, *facts, choices=choices)


def half_series() -> list[str]:
    """Look for series of which only some days were taken, or given up: all were asked for all or nothing."""
    problems = []
    for series_id in db.session.scalars(select(Series.id)):
        states = list(db.session.scalars(select(Booking.decision).filter_by(series_id=series_id)))
        away = list(db.session.scalars(select(Booking.decision).filter_by(elsewhere_of_id=series_id)))
        if len(states) + len(away) != SERIES_DAYS or len(set(states)) != 1:
            problems.append(f"series {series_id} is half done: {states} {away}")
        if any((each == "cancelled") != (states[0] == "cancelled") for each in away):
            problems.append(f"series {series_id} left its date at another place behind: {states} {away}")
    return problems


BUNDLE_LEGS = 3


def _bundle_act(scene: Scene, dice: random.Random) -> str:
    """Ask for a bundle whose legs cross the others', or answer, mend or give up one."""
    acts = ("ask_bundle", "approve_legs", "refuse_legs", "replace_leg", "cancel_bundle")
    act = dice.choices(acts, (6, 2, 2, 3, 2))[0]
    if act == "ask_bundle":
        legs = tuple(_leg(scene, dice) for _ in range(BUNDLE_LEGS))
        wanted = service.BundleRequest(scene.organisation, legs, "race")
        service.ask_bundle(wanted, scene.actor, uid_host="races.test")
        return act
    decided = ("refused", "expired") if act == "replace_leg" else ("pending", "approved")
    wanted_legs = Booking.leg_number.is_not(None), Booking.decision.in_(decided)
    found = db.session.execute(select(Booking.id, Booking.bundle_id).where(*wanted_legs).limit(60)).all()
    if not found:
        return "nothing"
    booking_id, bundle_id = dice.choice(found)
    if act == "approve_legs":
        service.approve_legs(bundle_id or 0, scene.actor)
    elif act == "refuse_legs":
        service.refuse_legs(bundle_id or 0, scene.actor, "race")
    elif act == "cancel_bundle":
        service.cancel_bundle(bundle_id or 0, scene.actor, "race")
    else:
        service.replace_leg(booking_id, _leg(scene, dice), scene.actor, uid_host="races.test")
    return act


def _leg(scene: Scene, dice: random.Random) -> service.Leg:
    asked = _request(scene, dice)
    return service.Leg(asked.resource_id, asked.span, asked.quantity)


def half_bundles() -> list[str]:
    """Look for bundles with fewer legs than were asked for, more than were put in the place of lost ones, or two deadlines."""
    mended = dict[int, int]()
    replaced = select(AuditEntry.subject_id).filter_by(subject_kind="booking", act="replaced")
    by_id = {leg.id: leg for leg in db.session.scalars(select(Booking).where(Booking.bundle_id.is_not(None)))}
    for booking_id in db.session.scalars(replaced):
        bundle_id = by_id[booking_id].bundle_id or 0
        mended[bundle_id] = mended.get(bundle_id, 0) + 1
    problems = []
    for bundle_id in db.session.scalars(select(Bundle.id)):
        legs = [leg for leg in by_id.values() if leg.bundle_id == bundle_id]
        if len(legs) != BUNDLE_LEGS + mended.get(bundle_id, 0):
            problems.append(f"bundle {bundle_id} has {len(legs)} legs")
        if any(leg.decision in ("pending", "approved") and leg.leg_number is None for leg in legs):
            problems.append(f"bundle {bundle_id} holds a leg that nobody wants")
        if len({leg.expires_at for leg in legs if leg.decision == "pending"}) > 1:
            problems.append(f"bundle {bundle_id} is not held as one")
    return problems


def _one_act(scene: Scene, dice: random.Random) -> str:
    if scene.bundles and dice.random() < scene.bundles:
        return _bundle_act(scene, dice)
    if scene.repeats and dice.random() < scene.repeats:
        return _series_act(scene, dice)
    acts = ("ask", "approve", "cancel", "change", "hours", "compose")
    act = dice.choices(acts, (6, 2, 2, 1, scene.hours, 0.3 if scene.pool else 0))[0]
    if act == "ask":
        service.ask(_request(scene, dice), scene.actor, uid_host="races.test")
        return act
    if act == "compose":
        _compose(scene, dice)
        return act
    if act == "hours":
        _change_hours(scene, dice.choice(HOURS))
        return act
    found = db.session.execute(
        select(Booking.id, Booking.resource_id).where(Booking.decision.in_(("pending", "approved"))).limit(40)
    ).all()
    if not found:
        return "nothing"
    booking_id, resource_id = dice.choice(found)
    if act == "approve":
        service.approve(booking_id, scene.actor)
    elif act == "cancel":
        service.cancel(booking_id, scene.actor, "race")
    else:
        asked = _request(scene, dice, resource_id)
        service.change(booking_id, scene.actor, asked.span, asked.quantity)
    return act


def _compose(scene: Scene, dice: random.Random) -> None:
    """Let the first resource take the second of the pool, too, or no longer."""
    first, second = (db.session.get_one(Resource, each).public_id for each in scene.pool)
    parts = {first: 5} | ({second: 1} if dice.random() < 0.5 else {})
    catalogue.compose(scene.actor, db.session.get_one(Resource, scene.resources[0]), parts)


def _change_hours(scene: Scene, expression: str) -> None:
    """Set the hours of the site; whatever they hit is cancelled once it has been seen, however often that takes."""
    change = NewHours(thing=db.session.get_one(Site, scene.site), expression=expression, reason="race")
    answer = None
    while True:
        try:
            narrow(change, scene.actor, answer)
        except BookingsHit as hit:
            answer = Answer(hit.facts["refs"], cancel=True)
        else:
            return


def _request(scene: Scene, dice: random.Random, resource_id: int | None = None) -> service.Request:
    index = scene.resources.index(resource_id) if resource_id else dice.randrange(len(scene.resources))
    start = scene.monday + timedelta(days=dice.randrange(3), hours=dice.randrange(8, 16))
    if index == 2:  # by days, and longer than a week at times, so that stays are cut
        start = scene.monday.replace(hour=0) + timedelta(days=dice.randrange(20))
        end = start + timedelta(days=dice.choice((1, 3, 9)))
    else:
        end = start + timedelta(hours=dice.choice((1, 2, 4)))
    span = Span(start.replace(tzinfo=PARIS), end.replace(tzinfo=PARIS))
    most = (1, 3, 10)[index]
    return service.Request(scene.resources[index], scene.organisation, span, dice.randint(1, most), "race")


def outside_hours() -> list[str]:
    """Look for bookings that nobody was asked about when the hours changed; an empty list is what must come out."""
    live = db.session.scalars(select(Booking).where(Booking.decision.in_(("pending", "approved"))))
    return [
        f"booking {b.id} lies outside the hours"
        for b in live
        if refuse_hours(get_terms(b.resource_id), b.span) is not None
    ]


def _takes() -> ColumnElement[bool]:
    """Tell that a booking takes its slot: what waits for a yes that calls a quota back does not."""
    return or_(Booking.decision == "approved", (Booking.decision == "pending") & ~Booking.recalls)


def missing_parts() -> list[str]:
    """Look for bookings that do not have, or no longer, all the parts of what they are for, all along."""
    problems, now = [], clock.epoch()
    for booking in db.session.scalars(select(Booking).where(_takes())):
        terms, (start, end) = get_terms(booking.resource_id), booking.span.epochs
        taken: dict[int, list[tuple[int, int, int]]] = {}
        for claim in db.session.scalars(
            select(Claim).filter_by(hold_id=booking.hold_id).order_by(Claim.start_at)
        ):
            taken.setdefault(claim.resource_id, []).append((claim.start_at, claim.end_at, claim.qty))
        if set(taken) != {need.resource_id for need in terms.needs}:
            problems.append(f"booking {booking.id} takes {sorted(taken)}")
            continue
        for need in terms.needs:
            found, wide = taken[need.resource_id], (start - need.before * 60, end + need.after * 60)
            whole = (found[0][0], found[-1][1]) == wide or now > start
            known = wide if now <= start else (found[0][0], found[-1][1])
            if not whole or _steps(found, known) != _steps(_left_of(booking, need, known), known):
                problems.append(f"booking {booking.id} has resource {need.resource_id} only in part: {found}")
    return problems


def _left_of(booking: Booking, need: Part, wide: tuple[int, int]) -> list[tuple[int, int, int]]:
    """List what a booking has of a need: all along what it asked for, less what it gave back of it."""
    row = {"start_at": wide[0], "end_at": wide[1], "qty": booking.quantity * need.qty}
    rows = [row | {"buffer_before": 0, "buffer_after": 0}]
    for start, end, units in booking.given_back:
        rows = [piece for each in rows for piece in lessened(each, start, end, units * need.qty)]
    return [(each["start_at"], each["end_at"], each["qty"]) for each in rows]


def _steps(found: list[tuple[int, int, int]], wide: tuple[int, int]) -> list[Load]:
    """Tell how much is taken when; neighbours that say the same are one."""
    taken = [Taken(start, end, qty, 0, "") for start, end, qty in found]
    steps: list[Load] = []
    for load in loads(taken, min(wide[0], found[0][0]), max(wide[1], found[-1][1])):
        if steps and steps[-1].qty == load.qty:
            steps[-1] = steps[-1]._replace(end=load.end)
        else:
            steps.append(load)
    return steps


def broken_promises() -> list[str]:
    """Look for overbooked resources, half bookings and lost claims; an empty list is what must come out."""
    session, problems = db.session, []
    by_resource: dict[int, list[Taken]] = {}
    for row in session.execute(
        select(Claim.start_at, Claim.end_at, Claim.qty, Claim.hold_id, Claim.resource_id)
    ):
        by_resource.setdefault(row.resource_id, []).append(
            Taken(row.start_at, row.end_at, row.qty, row.hold_id, "")
        )
    for resource in session.scalars(select(Resource)):
        taken = by_resource.get(resource.id, [])
        if taken and peak(taken, min(t.start for t in taken), max(t.end for t in taken)) > resource.capacity:
            problems.append(f"resource {resource.id} is overbooked")
    claimed = {claim.hold_id for claims in by_resource.values() for claim in claims}
    live = {b.hold_id: b for b in session.scalars(select(Booking).where(_takes()))}
    problems += [
        f"booking {b.id} ({b.decision}) takes nothing" for hold, b in live.items() if hold not in claimed
    ]
    holds = set(session.scalars(select(Hold.id)))
    problems += [f"hold {hold} belongs to nobody" for hold in holds - set(live)]
    for hold, booking in live.items():
        claims = sorted(c for c in by_resource.get(booking.resource_id, []) if c.hold_id == hold)
        before, after = booking.resource.buffer_before * 60, booking.resource.buffer_after * 60
        start, end = booking.span.epochs
        whole = bool(claims) and (claims[0].start, claims[-1].end) == (start - before, end + after)
        if not whole or _has_gaps(booking, claims):
            problems.append(f"booking {booking.id} is taken only in part")
    return problems


def _has_gaps(booking: Booking, claims: list[Taken]) -> bool:
    """Tell whether some time of a booking is taken by nothing, though it gave nothing back."""
    return not booking.given_back and any(a.end != b.start for a, b in pairwise(claims))
