"""Nobody is promised what is not there, however many ask at once, and a killed writer leaves nothing half done.

`RACE_SECONDS=20 pytest tests/races` runs as long as the acceptance asks; the everyday suite runs shorter.
"""

import os
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.availability.queries import Wish
from app.availability.service import take
from app.bookings.models import Booking
from app.core import clock
from app.infra.db import db
from app.infra.uow import atomic
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, at, span
from tests.races.writers import (
    Scene,
    broken_promises,
    half_bundles,
    half_series,
    outside_hours,
    run,
)

SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
PROCESSES = 16


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(at("2026-09-01 10:00")):
        organisation = an_organisation(a_territory())
        site = a_site(organisation, hours="24/7")
        days: dict[str, Any] = {
            "step_minutes": 1440,
            "min_minutes": 1440,
            "max_minutes": 1440 * 60,
            "opening_mode": "always",
        }
        resources = (
            a_resource(site, buffer_after=45, horizon_days=4000),
            a_resource(site, mode="stations", capacity=4, horizon_days=4000),
            a_resource(site, mode="quantity", capacity=24, horizon_days=4000, **days),
        )
        person = a_member(organisation)
        return Scene(
            tuple(r.id for r in resources),
            organisation.id,
            person.id,
            site.id,
            datetime(2027, 6, 7),
        )


def test_sixteen_writers_never_overbook(fresh_database, scene):
    report = run(fresh_database.app, scene, PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    assert report.done["ask"] > 0
    with fresh_database.app.app_context():
        assert broken_promises() == []


@pytest.mark.parametrize("kill", [False, True])
def test_nobody_is_passed_over_when_the_hours_change(fresh_database, scene, kill):
    report = run(fresh_database.app, replace(scene, hours=2), PROCESSES, SECONDS, kill=kill)
    assert not report.surprises, report.surprises[:3]
    assert kill or min(report.done["hours"], report.done["ask"]) > 0
    with fresh_database.app.app_context():
        assert outside_hours() == broken_promises() == []


def test_killed_writers_leave_no_half_booking(fresh_database, scene):
    run(fresh_database.app, scene, PROCESSES, SECONDS, kill=True)
    with fresh_database.app.app_context():
        assert broken_promises() == []


def test_sixteen_writers_of_crossing_series_never_overbook_nor_halve_one(fresh_database, scene):
    report = run(fresh_database.app, replace(scene, repeats=1.0), PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    assert report.done["ask_series"] > 0
    with fresh_database.app.app_context():
        assert broken_promises() == []
        assert half_series() == []


def test_sixteen_writers_of_series_with_dates_at_each_others_places_never_halve_one(fresh_database, scene):
    report = run(fresh_database.app, replace(scene, repeats=1.0, strays=0.7), PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    assert report.done["ask_series"] > 0
    with fresh_database.app.app_context():
        assert broken_promises() == []
        assert half_series() == []
        assert db.session.scalar(select(Booking.id).where(Booking.elsewhere_of_id.is_not(None)).limit(1))


def test_killed_writers_leave_no_half_series(fresh_database, scene):
    run(fresh_database.app, replace(scene, repeats=1.0), PROCESSES, SECONDS, kill=True)
    with fresh_database.app.app_context():
        assert broken_promises() == []
        assert half_series() == []


def test_sixteen_writers_of_crossing_bundles_never_overbook_nor_halve_one(fresh_database, scene):
    report = run(fresh_database.app, replace(scene, bundles=0.8), PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    assert report.done["ask_bundle"] > 0
    with fresh_database.app.app_context():
        assert broken_promises() == []
        assert half_bundles() == []


def test_killed_writers_leave_no_half_bundle(fresh_database, scene):
    run(fresh_database.app, replace(scene, bundles=0.8), PROCESSES, SECONDS, kill=True)
    with fresh_database.app.app_context():
        assert broken_promises() == []
        assert half_bundles() == []


@pytest.mark.parametrize("resource, qty", [(0, 1), (1, 3), (2, 20)])
def test_the_database_itself_refuses_overbooking(fresh_database, scene, resource, qty):
    """A raw INSERT, with none of our code around it."""
    resource_id = scene.resources[resource]
    taken = span("2027-06-07 00:00", "2027-06-08 00:00")
    insert = text(
        "INSERT INTO claim (hold_id, territory_id, resource_id, start_at, end_at, qty, alone) "
        "SELECT hold_id, territory_id, resource_id, start_at + 1800, end_at + 1800, qty, alone FROM claim"
    )
    with fresh_database.app.app_context():
        take([Wish(resource_id, taken, qty)], override=True)
        with pytest.raises(DBAPIError, match=r"overbooked|claim_alone"), atomic() as session:
            session.execute(insert)
        assert broken_promises() == [] or db.session.execute(text("SELECT COUNT(*) FROM claim")).scalar() == 1
