"""The engine's rows: check, booking, search, each beside the same work done by the bare driver."""

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle, islice
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Select, event, select
from sqlalchemy.engine import make_url

from app.accounts.models import Membership
from app.availability import search
from app.availability.alternatives import alternatives
from app.availability.errors import SeveralRefused
from app.availability.models import MAX_CLAIM_SECONDS
from app.availability.queries import Wish, claims_around, get_terms, taken_by_resource, verdict
from app.availability.quotas import refuse_room
from app.availability.service import take, take_each
from app.availability.several import sweep, window_of
from app.bench.timing import ROUNDS, WARM_UP, Pace, Row, compare_ms, median_ms
from app.bookings import service as bookings
from app.bookings.errors import NothingToRepeat
from app.bookings.models import Booking
from app.catalogue.models import Resource
from app.catalogue.search import Filter, matching
from app.core import clock
from app.core.policy import Actor
from app.core.recurrence import Frequency, Rule, hours_of
from app.core.span import Span
from app.infra.db import db

PARIS = ZoneInfo("Europe/Paris")
SERIES_WEEKS = 79  # eighteen months
BUNDLE_LEGS = 3
WISHES = 50  # looked at in turns
DRAWS = 40  # tried for each hour that is free


@dataclass
class Raw:
    """The bare driver on a connection of its own; `mark` is its placeholder."""

    connection: Any
    mark: str

    def all(self, statement: str, *values: object) -> list[Any]:
        """Run a statement written with ? and read everything."""
        cursor = self.connection.cursor()
        cursor.execute(statement.replace("?", self.mark), values)
        return list(cursor.fetchall()) if cursor.description else []

    def rows(self, statement: str, values: Any) -> list[Any]:
        """Run a statement written for this driver and read everything."""
        cursor = self.connection.cursor()
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@contextmanager
def raw_driver() -> Iterator[Raw]:
    """Open the configured database with no library of ours in between."""
    url = make_url(db.engine.url)
    if url.drivername.startswith("sqlite"):
        connection: Any = sqlite3.connect(url.database or "", isolation_level=None, timeout=20)
        connection.execute("PRAGMA synchronous = NORMAL")  # as the application has it
        raw = Raw(connection, "?")
    else:
        connection = psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        raw = Raw(connection, "%s")
    try:
        yield raw
    finally:
        connection.close()


@dataclass
class Scene:
    """What the rows act on: resources, somebody who may book, and moments that are free."""

    resources: list[int]
    actor: Actor
    organisation: int
    dice: random.Random
    first: datetime
    turn: int = 0
    given: set[tuple[int, date]] = field(default_factory=set)

    @classmethod
    def found(cls) -> "Scene":
        """Read the scene from a seeded database."""
        membership = db.session.scalars(select(Membership).order_by(Membership.id)).first()
        if membership is None:
            raise LookupError("the database is empty: run `flask bench seed` first")
        actor = Actor(
            person_id=membership.person_id, memberships={membership.organisation_id: "member"},
            acting_for=membership.organisation_id,
        )  # fmt: skip
        simple = select(Resource.id).where(Resource.opening_mode == "continuous").order_by(Resource.id)
        day = (
            (clock.now() + timedelta(days=30))
            .astimezone(PARIS)
            .replace(hour=0, minute=0, second=0, microsecond=0)
        )
        return cls(list(db.session.scalars(simple)), actor, membership.organisation_id, random.Random(7), day)

    def wish(self) -> Wish:
        """Draw an hour of some resource, never the same twice."""
        self.turn += 1
        wall = self.first + timedelta(days=self.turn % 300)
        start = wall.replace(hour=self.dice.randrange(8, 18))
        return Wish(self.dice.choice(self.resources), Span(start, start + timedelta(hours=1)))

    def free(self, count: int) -> list[Wish]:
        """Draw hours that may all be booked, each of a day and resource not given before; fewer in a small world.

        What is timed with them is never a refusal.
        """
        found: list[Wish] = []
        for wish in (self.wish() for _ in range(DRAWS * count)):
            if len(found) == count:
                break
            key = wish.resource_id, wish.span.start.astimezone(PARIS).date()
            if key not in self.given and not verdict(wish):
                self.given.add(key)
                found.append(wish)
        db.session.rollback()  # nothing is kept open for what is timed next
        return found

    def weekly(self) -> list[Wish]:
        """Draw an hour of some resource that is free every week for eighteen months, never the same twice."""
        while True:
            first = self.wish()
            walls = [
                wall + timedelta(weeks=n) for n in range(SERIES_WEEKS) for wall in first.span.walls(PARIS)
            ]
            pairs = zip(walls[::2], walls[1::2], strict=True)
            wishes = [Wish(first.resource_id, Span.of_walls(start, end, PARIS)) for start, end in pairs]
            taken = taken_by_resource([first.resource_id], *window_of(get_terms(first.resource_id), wishes))
            crowd = sweep(get_terms(first.resource_id), wishes, taken, override=True)
            if not any(crowd):
                return wishes

    def window(self) -> search.Window:
        """Give the window that people search: a morning some weeks ahead."""
        start = (self.first + timedelta(days=10)).replace(hour=9)
        return search.Window(Span(start, start + timedelta(hours=3)), 1, PARIS)


def rows(targets: dict[str, float], raw: Raw, pace: Pace) -> list[Row]:
    """Measure the engine on the configured database."""
    scene = Scene.found()
    measures: list[Callable[[], list[Figure]]] = [
        lambda: [_check(scene, raw)],
        lambda: [_verdict(scene)],
        lambda: [_instead(scene)],
        lambda: [_booking(scene, raw)],
        lambda: [_ask(scene, raw)],
        lambda: [_series(scene, raw)],
        lambda: [_whole_series(scene)],
        lambda: [_whole_bundle(scene, raw)],
        lambda: _search(scene, raw),
    ]
    found = [pace.around(measure, ROUNDS) for measure in measures]
    db.session.rollback()
    return [
        Row(name, ours, "ms", base, targets.get(name), slow)
        for figures, slow in found
        for name, ours, base in figures
    ]


Figure = tuple[str, float, float | None]
_OVERLAP = (
    "SELECT start_at, end_at, qty, hold_id FROM claim "
    "WHERE resource_id = ? AND start_at < ? AND start_at > ? AND end_at > ?"
)
_NEW_HOLD = "INSERT INTO hold (territory_id, kind) VALUES (?, 'booking') RETURNING id"
_NEW_CLAIM = (
    "INSERT INTO claim (hold_id, territory_id, resource_id, start_at, end_at, qty, alone, buffer_before, "
    "buffer_after) VALUES (?, ?, ?, ?, ?, 1, false, 0, 0)"
)


def _check(scene: Scene, raw: Raw) -> Figure:
    """Look whether there is room, at hours one after the other: what one costs depends on its neighbours.

    There is; saying why there is not is the work of what else is offered.
    """
    wishes = scene.free(WISHES)
    looked = cycle([(get_terms(wish.resource_id), wish.span, *wish.span.epochs) for wish in wishes])
    same = cycle([(wish.resource_id, *wish.span.epochs) for wish in wishes])
    db.session.rollback()

    def ours() -> None:
        terms, span, start, end = next(looked)
        refuse_room(terms, claims_around(terms, span), start, end, 1, clock.epoch())

    def bare() -> None:
        resource_id, start, end = next(same)
        raw.all(_OVERLAP, resource_id, end, start - MAX_CLAIM_SECONDS, start)

    return ("overlap check", *compare_ms(ours, bare, 1000))


def _verdict(scene: Scene) -> Figure:
    wish = scene.wish()
    return "verdict: terms, hours and overlap", median_ms(lambda: verdict(wish), 500), None


def _instead(scene: Scene) -> Figure:
    """Time what else is offered for a slot that somebody has already."""
    taken = db.session.scalars(
        select(Booking)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Resource.opening_mode == "continuous", Booking.start_at > scene.first)
        .order_by(Booking.start_at, Booking.id)
    ).first()
    if taken is None:
        raise LookupError("nothing is booked ahead: run `flask bench seed` first")
    wish = Wish(taken.resource_id, taken.span)
    return "what else for a taken slot", median_ms(lambda: alternatives(wish), 200), None


def _booking(scene: Scene, raw: Raw) -> Figure:
    """Take an hour through the engine, with nothing around it."""
    runs = 400
    ours = iter(scene.free(runs + WARM_UP))
    return "booking transaction, engine only", *_beside_bare(scene, raw, lambda: take([next(ours)]), runs)


def _ask(scene: Scene, raw: Raw) -> Figure:
    runs = 200
    ours = iter(scene.free(runs + WARM_UP))

    def ask() -> None:
        wish = next(ours)
        request = bookings.Request(wish.resource_id, scene.organisation, wish.span, 1, "Mesure")
        bookings.ask(request, scene.actor, uid_host="bench.test")

    return "booking, whole use case", *_beside_bare(scene, raw, ask, runs)


def _beside_bare(scene: Scene, raw: Raw, act: Callable[[], object], runs: int) -> tuple[float, float]:
    """Time an act of ours beside the least that books an hour safely."""
    write, bare = _bare_writer(raw), iter(scene.free(runs + WARM_UP))
    return compare_ms(act, lambda: write([next(bare)]), runs)


def _series(scene: Scene, raw: Raw) -> Figure:
    """Take eighteen months of an hour a week, all or nothing: one lock, one read, one insert."""
    runs = 40
    # Drawn before: that is not the engine's work.
    ours, bare = (iter([scene.weekly() for _ in range(runs + WARM_UP)]) for _ in range(2))
    db.session.rollback()
    write = _bare_writer(raw, are_free=True)

    def again() -> None:
        with suppress(SeveralRefused):  # two draws may want the same hours
            take_each(next(ours), override=True)

    return ("series of 79, all or nothing", *compare_ms(again, lambda: write(next(bare)), runs))


def _whole_series(scene: Scene) -> Figure:
    def ask() -> None:
        wish = scene.weekly()[0]
        day, hours = hours_of(wish.span, PARIS.key)
        rule = Rule(Frequency.WEEKLY, day, weekdays=(day.weekday(),), times=SERIES_WEEKS)
        facts = (scene.organisation, rule, hours, 1, "Mesure")
        request = bookings.SeriesRequest(wish.resource_id, *facts, keep_free=True)
        with suppress(NothingToRepeat):
            bookings.ask_series(request, scene.actor, uid_host="bench.test")

    return "series of 79, whole use case", median_ms(ask, 20), None


def _whole_bundle(scene: Scene, raw: Raw) -> Figure:
    """Ask for three resources in one act, beside the same three writes of the bare driver in one transaction."""
    runs = 100
    write = _bare_writer_of_several(raw)
    # Drawn before: that is not what is timed. Two of the three may be of one resource, on different days.
    ours, bare = (iter(scene.free((runs + WARM_UP) * BUNDLE_LEGS)) for _ in range(2))

    def ask() -> None:
        legs = tuple(bookings.Leg(wish.resource_id, wish.span) for wish in islice(ours, BUNDLE_LEGS))
        request = bookings.BundleRequest(scene.organisation, legs, "Mesure")
        bookings.ask_bundle(request, scene.actor, uid_host="bench.test")

    return (
        "bundle of 3, whole use case",
        *compare_ms(ask, lambda: write(list(islice(bare, BUNDLE_LEGS))), runs),
    )


def _bare_writer_of_several(raw: Raw) -> Callable[[Sequence[Wish]], None]:
    """Give the least that books an hour of each of several resources safely: lock all in one order, look, write."""
    begin = "BEGIN IMMEDIATE" if raw.mark == "?" else "BEGIN"
    territory = raw.all("SELECT id FROM territory ORDER BY id LIMIT 1")[0][0]

    def write(wishes: Sequence[Wish]) -> None:
        ordered = sorted(wishes, key=lambda wish: wish.resource_id)
        raw.all(begin)
        if raw.mark != "?":
            for wish in ordered:
                raw.all("SELECT rev FROM resource_guard WHERE resource_id = ? FOR UPDATE", wish.resource_id)
        for wish in ordered:
            start, end = wish.span.epochs
            if not raw.all(_OVERLAP, wish.resource_id, end, start - MAX_CLAIM_SECONDS, start):
                hold = raw.all(_NEW_HOLD, territory)[0][0]
                raw.all(_NEW_CLAIM, hold, territory, wish.resource_id, start, end)
            raw.all("UPDATE resource_guard SET rev = rev + 1 WHERE resource_id = ?", wish.resource_id)
        raw.all("COMMIT")

    return write


def _bare_writer(raw: Raw, *, are_free: bool = False) -> Callable[[Sequence[Wish]], None]:
    """Give the least that books hours of one resource safely with the bare driver: lock, look, write, commit.

    It looks only whether anybody is there, not whether there is room beside; where it is known that the hours
    `are_free` it writes in any case.
    """
    begin = "BEGIN IMMEDIATE" if raw.mark == "?" else "BEGIN"
    territory = raw.all("SELECT id FROM territory ORDER BY id LIMIT 1")[0][0]

    def write(wishes: Sequence[Wish]) -> None:
        resource_id, ends = wishes[0].resource_id, [wish.span.epochs for wish in wishes]
        first, last = ends[0][0], ends[-1][1]
        raw.all(begin)
        if raw.mark != "?":
            raw.all("SELECT resource_id FROM resource_guard WHERE resource_id = ? FOR UPDATE", resource_id)
        taken = raw.all(_OVERLAP, resource_id, last, first - MAX_CLAIM_SECONDS, first)
        if are_free or not any(a < end and b > start for a, b, *_rest in taken for start, end in ends):
            for start, end in ends:
                hold = raw.all(_NEW_HOLD, territory)[0][0]
                raw.all(_NEW_CLAIM, hold, territory, resource_id, start, end)
        raw.all("UPDATE resource_guard SET rev = rev + 1 WHERE resource_id = ?", resource_id)
        raw.all("COMMIT")

    return write


def _search(scene: Scene, raw: Raw) -> list[Figure]:
    window = scene.window()
    wanted = matching(Filter(place=(47.44, -1.5), actor=scene.actor))
    statement, values = _as_text(wanted, window)

    def first_page() -> None:
        search.next_free([hit.resource_id for hit in search.free_in(wanted, window)[:20]])

    def bare() -> None:
        raw.rows(statement, values)

    return [
        ("search, all that is free", *compare_ms(lambda: search.free_in(wanted, window), bare, 60)),
        ("search, first 20 with their next windows", *compare_ms(first_page, bare, 40)),
    ]


def _as_text(wanted: Select[Any], window: search.Window) -> tuple[str, Any]:
    """Listen to the search as the driver gets it: the statement's own cost, with nothing around it."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        heard.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    search.free_in(wanted, window)
    event.remove(db.engine, "before_cursor_execute", hear)
    return next((statement, values) for statement, values in heard if "opened" in statement)
