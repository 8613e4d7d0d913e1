"""Kits on a shared pool and halls with their halves: nobody is promised a part twice, in whatever order they are locked.

`RACE_SECONDS=20 pytest tests/races` runs as long as the acceptance asks; the everyday suite runs shorter.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.core import clock
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, at, made_of
from tests.races.test_races import PROCESSES, SECONDS
from tests.races.writers import Scene, broken_promises, missing_parts, run

FAR: dict[str, Any] = {"horizon_days": 4000}
DAYS: dict[str, Any] = FAR | {
    "step_minutes": 1440,
    "min_minutes": 1440,
    "max_minutes": 1440 * 60,
    "opening_mode": "always",
    "mode": "quantity",
}


@pytest.fixture
def kits(fresh_database):
    """A kit by the hour (id above its pool), the pool itself, and a kit by the day (id below it)."""
    with fresh_database.app.app_context(), clock.stopped(at("2026-09-01 10:00")):
        organisation = an_organisation(a_territory())
        site = a_site(organisation, hours="24/7")
        by_day = a_resource(site, capacity=10, **DAYS)
        pool = a_resource(site, mode="quantity", capacity=12, buffer_after=15, **FAR)
        tool = a_resource(site, **FAR)
        by_hour = a_resource(site, buffer_after=30, **FAR)
        made_of(by_day, pool)
        made_of(by_hour, pool, qty=5)
        person = a_member(organisation)
        resources = by_hour.id, pool.id, by_day.id
        monday = datetime(2027, 6, 7)
        return Scene(resources, organisation.id, person.id, site.id, monday, pool=(pool.id, tool.id))


@pytest.fixture
def hall(fresh_database):
    """A half, with an id below that of its hall; the hall; and the tables of both, by the day."""
    with fresh_database.app.app_context(), clock.stopped(at("2026-09-01 10:00")):
        organisation = an_organisation(a_territory())
        site = a_site(organisation, hours="24/7")
        tables = a_resource(site, capacity=24, **DAYS)
        half, other = a_resource(site, buffer_after=45, **FAR), a_resource(site, **FAR)
        whole = a_resource(site, mode="stations", capacity=3, **FAR)
        made_of(whole, tables, qty=6)
        made_of(half, tables, qty=2)
        made_of(half, other)
        person = a_member(organisation)
        resources = half.id, whole.id, tables.id
        return Scene(resources, organisation.id, person.id, site.id, datetime(2027, 6, 7))


def test_sixteen_writers_never_promise_a_board_twice(fresh_database, kits):
    report = run(fresh_database.app, kits, PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    assert min(report.done["ask"], report.done["compose"]) > 0
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == []


def test_sixteen_writers_of_series_of_kits_and_boards(fresh_database, kits):
    report = run(fresh_database.app, replace(kits, repeats=0.6), PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == []


def test_sixteen_writers_on_a_hall_its_halves_and_their_tables(fresh_database, hall):
    report = run(fresh_database.app, hall, PROCESSES, SECONDS)
    assert not report.surprises, report.surprises[:3]
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == []


def test_killed_writers_leave_no_part_behind(fresh_database, kits):
    run(fresh_database.app, replace(kits, repeats=0.3), PROCESSES, SECONDS, kill=True)
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == []
