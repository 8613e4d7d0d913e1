"""Sixteen sign up for one gleaning at the same moment, withdraw, come with more: never more people than places."""

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.errors import DomainError
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.supply.gleanings import queries, service
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from tests.races.test_costs import NOW, in_processes
from tests.supply.gleanings.world import Orchard, a_gleaning

WRITERS = 16


@pytest.fixture
def scene(fresh_database):
    """A gleaning for ten people, who calls for it, and sixteen who would come."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        orchard = Orchard()
        gleaning = orchard.call(most_people=10)
        crowd = [orchard.somebody(f"Personne {number}") for number in range(WRITERS)]
        gleaning_id = gleaning.id
        db.session.commit()
    return gleaning_id, orchard.farmer, crowd


def free_and_line(gleaning_id: int) -> tuple[int, list[int]]:
    gleaning = db.session.get_one(Gleaning, gleaning_id)
    line = [each for each in queries.sign_ups_of(gleaning_id) if each.in_line]
    waiting = [
        1 if each.is_going else each.people for each in line
    ]  # where some go, the others come one by one
    return gleaning.most_people - queries.count_of(gleaning_id).going, waiting


@pytest.mark.race
def test_sixteen_sign_up_and_never_more_than_there_are_places(fresh_database, scene):
    gleaning_id, _farmer, crowd = scene

    def work(which: int) -> None:
        with clock.stopped(NOW):
            for _again in range(2):  # sent twice, it counts once
                service.sign_up(crowd[which], gleaning_id, 1)

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        assert queries.count_of(gleaning_id) == (10, 6)
        assert db.session.scalar(select(func.count(GleaningSignUp.id))) == WRITERS


@pytest.mark.race
def test_people_come_and_go_and_no_place_stays_free_that_somebody_waits_for(fresh_database, scene):
    gleaning_id, farmer, crowd = scene

    def work(which: int) -> None:
        with clock.stopped(NOW):
            for turn in range(4):
                try:
                    if which == 0:
                        service.change(farmer, gleaning_id, a_gleaning(most_people=10 + turn % 3))
                    elif turn % 2 and which % 3 == 0:
                        service.withdraw(crowd[which], gleaning_id)
                    else:
                        service.sign_up(
                            crowd[which], gleaning_id, 1 + (which + turn) % 3, split=which % 2 == 0
                        )
                except DomainError as refused:
                    assert refused.code in ("too_few_places", "fewer_than_going")

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        free, line = free_and_line(gleaning_id)
        assert free >= 0
        assert all(people > free for people in line)


@pytest.mark.race
def test_nobody_joins_what_is_cancelled(fresh_database, scene):
    gleaning_id, farmer, crowd = scene

    def work(which: int) -> None:
        with clock.stopped(NOW):
            try:
                if which == WRITERS // 2:
                    service.cancel(farmer, gleaning_id, "Grêle")
                else:
                    service.sign_up(crowd[which], gleaning_id, 1)
            except DomainError as refused:
                assert refused.code == "sign_up_closed"

    assert in_processes(fresh_database.app, work, WRITERS) == []
    with fresh_database.app.app_context():
        lines = select(AuditEntry.act).filter_by(subject_kind="gleaning", subject_id=gleaning_id)
        acts = [*db.session.scalars(lines.order_by(AuditEntry.id))]
        assert acts[-1] == "cancelled"
        assert queries.count_of(gleaning_id).going + queries.count_of(gleaning_id).waiting == len(acts) - 2
