"""Legs that follow one another, moved at the same instant by processes of their own: they stay in order, held as one."""

import os
from collections import Counter
from datetime import timedelta
from multiprocessing.queues import Queue
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.legs import legs_in_order
from app.bookings.models import Booking
from app.bookings.order import clashes
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor
from app.core.span import Span
from app.infra.db import db
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, at
from tests.races.writers import FORK, broken_promises

ROUNDS = int(os.environ.get("RACE_ROUNDS", "12"))
NOW = at("2027-05-01 10:00")
HOUR = timedelta(hours=1)


class Scene:
    """A van, then a kitchen, in each round asked for in order: the van may come later or the kitchen begin earlier."""

    def __init__(self) -> None:
        owner = an_organisation(a_territory())
        site = a_site(owner, hours="24/7")
        self.places = [a_resource(site, horizon_days=4000).id for _each in range(2)]
        self.member_id, self.manager_id = a_member(owner).id, a_manager(site).id
        self.bundles = [self._ask(owner.id, number + 1) for number in range(ROUNDS)]

    def _ask(self, owner_id: int, day: int) -> tuple[int, list[int]]:
        spans = (f"2027-06-{day:02} {start}" for start in ("08:00", "11:00"))
        legs = (
            service.Leg(place, Span(at(start), at(start) + 2 * HOUR))
            for place, start in zip(self.places, spans, strict=True)
        )
        wanted = service.BundleRequest(owner_id, tuple(legs), "race", in_order=True)
        bundle = service.ask_bundle(wanted, load_actor(self.member_id), uid_host="races.test")
        return bundle.id, [leg.id for leg in bundle.legs]


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(NOW):
        return Scene()


def move(booking_id: int, by: timedelta, actor: Actor) -> str:
    """Move a leg; tell what came of it."""
    booking = db.session.get_one(Booking, booking_id)
    try:
        service.change(booking_id, actor, Span(booking.start_at + by, booking.end_at + by), 1)
    except DomainError as error:
        return error.code
    return "moved"


def yes(booking_id: int, actor: Actor) -> str:
    """Accept a leg; tell what came of it."""
    try:
        service.approve(booking_id, actor)
    except DomainError as error:
        return error.code
    return "accepted"


def work(app: Any, scene: Scene, which: int, barrier: Any, answers: "Queue[list[str]]") -> None:
    """Do one of three acts on every bundle: the van an hour later, the kitchen an hour earlier, or its manager's yes."""
    outcomes = []
    with app.app_context():
        db.engine.dispose(close=False)
    for _bundle_id, (van, kitchen) in scene.bundles:
        barrier.wait(60)
        with app.app_context(), clock.stopped(NOW + HOUR):
            try:
                if which == 2:
                    outcomes.append(yes(kitchen, load_actor(scene.manager_id)))
                else:
                    leg, by = (van, HOUR) if which == 0 else (kitchen, -HOUR)
                    outcomes.append(move(leg, by, load_actor(scene.member_id)))
            except Exception as error:  # every other error is what the test looks for
                outcomes.append(repr(error)[:300])
    answers.put(outcomes)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.race
def test_two_moves_that_would_cross_are_not_both_made(fresh_database, scene):
    app = fresh_database.app
    with app.app_context():
        db.engine.dispose()
    answers: Queue[list[str]] = FORK.Queue()
    barrier = FORK.Barrier(3)
    processes = [FORK.Process(target=work, args=(app, scene, which, barrier, answers)) for which in range(3)]
    for process in processes:
        process.start()
    found = Counter(outcome for _process in processes for outcome in answers.get(timeout=120))
    for process in processes:
        process.join(60)
    assert set(found) <= {"moved", "accepted", "leg_too_soon", "leg_too_late"}, found
    assert found["moved"] == ROUNDS
    with app.app_context():
        assert broken_promises() == []
        for bundle_id, _legs in scene.bundles:
            assert clashes(legs_in_order(bundle_id)) == []
            waiting = select(Booking.expires_at).filter_by(bundle_id=bundle_id, decision="pending")
            assert len(set(db.session.scalars(waiting))) <= 1
