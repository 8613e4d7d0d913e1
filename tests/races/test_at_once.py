"""The last hours at once of a month are booked once, however many processes of an organisation want them."""

from multiprocessing.queues import Queue
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.models import Booking
from app.core import clock
from app.infra.db import db
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, at, span
from tests.races.writers import FORK, broken_promises

PROCESSES, HOURS_EACH, HOURS_AT_ONCE = 8, 2, 9


@pytest.mark.race
def test_hours_at_once_are_not_booked_twice(fresh_database):
    app = fresh_database.app
    with app.app_context(), clock.stopped(at("2027-05-01 10:00")):
        ours = an_organisation(a_territory())
        facts: dict[str, Any] = {"mode": "stations", "capacity": 20, "unit": "station", "horizon_days": 400}
        site = a_site(ours, hours="24/7")
        kitchen = a_resource(site, approval="auto", auto_hours=HOURS_AT_ONCE, **facts)
        person = a_member(ours)
        kitchen_id, ours_id, person_id = kitchen.id, ours.id, person.id
    with app.app_context():
        db.engine.dispose()
    answers: Queue[str] = FORK.Queue()
    barrier = FORK.Barrier(PROCESSES)

    def ask() -> None:
        with app.app_context():
            db.engine.dispose(close=False)
        slot = span("2027-05-10 08:00", f"2027-05-10 {8 + HOURS_EACH:02}:00")
        wish = service.Request(kitchen_id, ours_id, slot, 1, "race")
        barrier.wait(60)
        with app.app_context(), clock.stopped(at("2027-05-01 10:00")):
            try:
                answers.put(service.ask(wish, load_actor(person_id), uid_host="races.test").decision)
            except Exception as error:  # whatever it is, it is what the test looks for
                answers.put(repr(error)[:300])
        with app.app_context():
            db.engine.dispose()

    writers = [FORK.Process(target=ask, daemon=True) for _ in range(PROCESSES)]
    for writer in writers:
        writer.start()
    found = sorted(answers.get(timeout=120) for _ in writers)
    for writer in writers:
        writer.join(timeout=60)
    served = HOURS_AT_ONCE // HOURS_EACH
    assert found == ["approved"] * served + ["pending"] * (PROCESSES - served)
    with app.app_context():
        assert len(db.session.scalars(select(Booking.id)).all()) == PROCESSES
        assert broken_promises() == []
