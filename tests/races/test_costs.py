"""What bookings cost, by processes at once: an envelope never pays more than it has, and a stay is charged once."""

import os
import signal
import time

import pytest
from sqlalchemy import func, select

from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.models import Booking
from app.core import clock
from app.infra.db import db
from app.payments.books.checking import broken
from app.payments.models import Charge, CostPlan, Envelope, EnvelopeHold
from tests.bookings.money import Meter, MoneyWorld, tariff
from tests.factories import at, span
from tests.races.writers import FORK

PROCESSES = 8
EACH = 3
NOW = at("2026-09-01 10:00")
AFTER = at("2026-12-01 10:00")


class Scene:
    """Many requests for a kitchen and a budget that pays for a few of them; by id."""

    def __init__(self) -> None:
        world = MoneyWorld(tariff((Meter.HOUR, 1200)), horizon_days=400, hours="24/7")
        self.envelope_id = world.envelope(rate_bp=5000, budget=10_000).id
        self.manager_id = world.manager_person.id
        self.bookings = [self._ask(world, number) for number in range(PROCESSES * EACH)]

    def _ask(self, world, number):
        day = 5 + number
        day, month = (day, 10) if day <= 31 else (day - 31, 11)
        return world.ask(span(f"2026-{month}-{day:02} 09:00", f"2026-{month}-{day:02} 11:00")).id


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(NOW):
        return Scene()


def in_processes(app, work, number=PROCESSES):
    """Do something in several processes at once; give what surprised them."""
    with app.app_context():
        db.engine.dispose()
    answers, barrier = FORK.Queue(), FORK.Barrier(number)

    def one(which):
        surprises = []
        with app.app_context():
            db.engine.dispose(close=False)
        barrier.wait(60)
        with app.app_context():
            try:
                work(which)
            except Exception as error:  # every error is what the test looks for
                surprises.append(repr(error)[:400])
        answers.put(surprises)
        with app.app_context():
            db.engine.dispose()

    started = [FORK.Process(target=one, args=(which,), daemon=True) for which in range(number)]
    for each in started:
        each.start()
    found = [surprise for _ in started for surprise in answers.get(timeout=120)]
    for each in started:
        each.join(timeout=60)
    return found


@pytest.mark.race
def test_who_approves_at_once_never_promises_more_than_there_is(fresh_database, scene):
    def approve(which):
        manager = load_actor(scene.manager_id)
        with clock.stopped(NOW):
            for booking_id in scene.bookings[which::PROCESSES]:
                service.approve(booking_id, manager)

    assert in_processes(fresh_database.app, approve) == []
    with fresh_database.app.app_context():
        envelope = db.session.get_one(Envelope, scene.envelope_id)
        assert (envelope.left_cents, envelope.held_cents) == (0, 10_000)
        holds = [*db.session.scalars(select(EnvelopeHold.cents))]
        assert sorted(holds) == [400] + [1200] * 8
        assert broken() == []


def charge_all(_which):
    with clock.stopped(AFTER):
        service.charge_due()


@pytest.mark.race
def test_what_is_over_is_charged_once_by_all_at_once_and_whoever_is_killed(fresh_database, scene):
    """Workers are killed while they charge; those that come after them charge the rest, and nothing twice."""
    app = fresh_database.app
    with app.app_context(), clock.stopped(NOW):
        manager = load_actor(scene.manager_id)
        for booking_id in scene.bookings:
            service.approve(booking_id, manager)
        db.engine.dispose()
    for pause in (0.05, 0.1, 0.2):
        killed = FORK.Process(target=_charge_in, args=(app,), daemon=True)
        killed.start()
        time.sleep(pause)
        os.kill(killed.pid or 0, signal.SIGKILL)
        killed.join()
    assert in_processes(app, charge_all) == []
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(Charge))
        assert count == len(scene.bookings) == db.session.scalar(select(func.count()).select_from(Booking))
        assert not db.session.scalar(
            select(func.count()).select_from(CostPlan).where(CostPlan.charge_id.is_(None))
        )
        envelope = db.session.get_one(Envelope, scene.envelope_id)
        assert (envelope.held_cents, envelope.spent_cents) == (0, 10_000)
        assert broken() == []


def _charge_in(app):
    with app.app_context():
        db.engine.dispose(close=False)
        charge_all(0)
