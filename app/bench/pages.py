"""The rows of what people and calendars read: fifty bookings as cards, and a feed of a thousand events."""

from collections.abc import Callable

from flask import current_app
from jinja2 import Environment
from sqlalchemy import delete, select, update

from app.bench.engine import Figure, Scene
from app.bench.timing import ROUNDS, Pace, Row, compare_ms, median_ms
from app.bookings.models import Booking
from app.bookings.queries import whole
from app.bookings.words import booking_line
from app.calendars.audiences import Scope
from app.calendars.models import FeedFragment
from app.calendars.service import open_calendar
from app.calendars.service.pages import memory
from app.calendars.words import phrases
from app.core import clock
from app.infra.db import db
from app.infra.uow import atomic

ROWS = 50
_CARDS = '{% from "components/booking.html" import booking_card %}{% for b in rows %}{{ booking_card(b) }}{% endfor %}'
_BARE = (
    "{% for b in rows %}<article><a href='{{ b.href }}'>{{ b.resource }}</a><p>{{ b.when }}</p>"
    "<p>{{ b.site }} {{ b.organisation }}</p></article>{% endfor %}"
)


def rows(targets: dict[str, float], pace: Pace) -> list[Row]:
    """Measure on the configured database, with no server in between."""
    scene = Scene.found()
    with current_app.test_request_context("/moi"):
        measures: list[Callable[[], list[Figure]]] = [lambda: [_cards(scene)], lambda: _feed(scene)]
        found = [pace.around(measure, ROUNDS) for measure in measures]
    db.session.rollback()
    return [
        Row(name, ours, "ms", base, targets.get(name), slow)
        for figures, slow in found
        for name, ours, base in figures
    ]


def _cards(scene: Scene) -> Figure:
    mine = whole().where(Booking.organisation_id == scene.organisation).order_by(Booking.id).limit(ROWS)
    bookings = db.session.scalars(mine).all()
    cards = current_app.jinja_env.from_string(_CARDS)
    bare = Environment(autoescape=True).from_string(_BARE)
    lines = [booking_line(booking, href="/moi") for booking in bookings]

    def ours() -> None:
        cards.render(rows=[booking_line(booking, href="/moi") for booking in bookings])

    return (f"page with {ROWS} rows", *compare_ms(ours, lambda: bare.render(rows=lines), 100))


def _feed(scene: Scene) -> list[Figure]:
    words = phrases("fr")

    def read() -> int:
        db.session.rollback()
        return len(
            open_calendar(scene.actor, Scope.ORGANISATION, scene.organisation, words, "https://b.test").body()
        )

    def unchanged() -> str:
        db.session.rollback()
        opened = open_calendar(scene.actor, Scope.ORGANISATION, scene.organisation, words, "https://b.test")
        return opened.edition.tag

    def changed() -> None:
        _change_one(scene.organisation)
        read()

    def cold() -> None:
        _forget()
        read()

    return [
        ("feed of 1,000 events, cold", median_ms(cold, 3), None),
        (
            "feed of 1,000 events, changed",
            median_ms(changed, 20) - median_ms(lambda: _change_one(scene.organisation), 20),
            None,
        ),
        ("feed of 1,000 events, unchanged", median_ms(unchanged, 100), None),
    ]


def _change_one(organisation_id: int) -> None:
    """Let one booking of the feed grow, as a changed time would."""
    first = select(Booking.id).where(
        Booking.organisation_id == organisation_id, Booking.start_at > clock.now()
    )
    one = first.order_by(Booking.id).limit(1).scalar_subquery()
    with atomic() as session:
        session.execute(
            update(Booking)
            .where(Booking.id == one)
            .values(revision=Booking.revision + 1, changed_at=clock.now())
        )


def _forget() -> None:
    """Lose every written event, in the database and in memory."""
    memory.clear()
    with atomic() as session:
        session.execute(delete(FeedFragment))
