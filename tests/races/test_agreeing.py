"""Two people answer the same request at the same instant, in processes of their own: one outcome, and never half."""

import os
from collections import Counter
from multiprocessing.queues import Queue
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.models import Booking, BookingApproval
from app.core import clock
from app.core.errors import DomainError
from app.infra.audit import history
from app.infra.db import db
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, at, span
from tests.races.writers import FORK, broken_promises

ROUNDS = int(os.environ.get("RACE_ROUNDS", "12"))
WHO = ("technical", "elected", "both", "second technical")


class Scene:
    """A kitchen for which two people have to agree, and a request for it in each round; ids only."""

    def __init__(self) -> None:
        owner = an_organisation(a_territory())
        site = a_site(owner, hours="24/7")
        kitchen = a_resource(site, approval="two_step", min_notice_minutes=2880, horizon_days=4000)
        people = (
            a_manager(site, is_technical=True),
            a_manager(site, is_elected=True),
            a_manager(site, is_technical=True, is_elected=True),
            a_manager(site, is_technical=True),
        )
        self.people = dict(zip(WHO, (person.id for person in people), strict=True))
        member = load_actor(a_member(owner).id)
        self.bookings = [self._ask(kitchen.id, owner.id, member, number) for number in range(ROUNDS)]

    def _ask(self, kitchen_id: int, owner_id: int, member: Any, number: int) -> int:
        slot = span(f"2027-06-{number + 1:02} 08:00", f"2027-06-{number + 1:02} 10:00")
        return service.ask(
            service.Request(kitchen_id, owner_id, slot, 1, "race"), member, uid_host="races.test"
        ).id


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(at("2027-05-01 10:00")):
        return Scene()


def act(scene: Scene, who: str, verb: str, booking_id: int) -> str:
    """Answer as somebody; tell what came of it."""
    actor = load_actor(scene.people[who])
    try:
        if verb == "yes":
            service.approve(booking_id, actor)
        elif verb == "no":
            service.refuse(booking_id, actor, "Travaux")
        else:
            service.undo(booking_id, actor)
    except DomainError as error:
        return error.code
    return "done"


def race(app: Any, scene: Scene, acts: list[tuple[str, str]]) -> tuple[list[Counter[str]], list[str]]:
    """Let each process do its act on every request, all at the same instant; give what came of each, by round."""
    with app.app_context():
        db.engine.dispose()
    answers: Queue[tuple[list[str], list[str]]] = FORK.Queue()
    barrier = FORK.Barrier(len(acts))

    def work(who: str, verb: str) -> None:
        outcomes, surprises = list[str](), list[str]()
        with app.app_context():
            db.engine.dispose(close=False)
        for booking_id in scene.bookings:
            barrier.wait(60)
            with app.app_context(), clock.stopped(at("2027-05-01 10:00")):
                try:
                    outcomes.append(act(scene, who, verb, booking_id))
                except Exception as error:  # every other error is what the test looks for
                    surprises.append(repr(error)[:300])
        answers.put((outcomes, surprises))
        with app.app_context():
            db.engine.dispose()

    writers = [FORK.Process(target=work, args=each, daemon=True) for each in acts]
    for writer in writers:
        writer.start()
    found = [answers.get(timeout=120) for _ in writers]
    for writer in writers:
        writer.join(timeout=60)
    rounds = [Counter(each) for each in zip(*(outcomes for outcomes, _ in found), strict=True)]
    return rounds, [surprise for _, surprises in found for surprise in surprises]


def ended(scene: Scene) -> list[tuple[str, int, list[str]]]:
    """Tell of every request how it stands, how many yeses it has, and its history."""
    found = []
    for booking_id in scene.bookings:
        booking = db.session.get_one(Booking, booking_id)
        yeses = db.session.scalars(select(BookingApproval.id).filter_by(booking_id=booking_id)).all()
        found.append(
            (booking.decision, len(yeses), [line.act for line in history("booking", booking_id)][1:])
        )
    return found


@pytest.mark.race
def test_two_who_agree_at_once_both_count(fresh_database, scene):
    rounds, surprises = race(fresh_database.app, scene, [("technical", "yes"), ("elected", "yes")])
    assert surprises == []
    assert rounds == [Counter(done=2)] * ROUNDS
    with fresh_database.app.app_context():
        assert ended(scene) == [("approved", 2, ["half_approved", "approved"])] * ROUNDS
        assert broken_promises() == []


@pytest.mark.race
def test_a_yes_and_a_no_at_once_are_a_no(fresh_database, scene):
    """Whoever comes first: a refusal ends what has one yes, and no yes is taken after it."""
    rounds, surprises = race(fresh_database.app, scene, [("technical", "yes"), ("elected", "no")])
    assert surprises == []
    assert all(each in (Counter(done=2), Counter(done=1, already_decided=1)) for each in rounds)
    with fresh_database.app.app_context():
        for decision, yeses, acts in ended(scene):
            assert (decision, yeses, acts) in (
                ("refused", 1, ["half_approved", "refused"]),
                ("refused", 0, ["refused"]),
            )
        assert broken_promises() == []


@pytest.mark.race
def test_a_second_yes_and_a_no_at_once_have_one_outcome(fresh_database, scene):
    with fresh_database.app.app_context(), clock.stopped(at("2027-05-01 10:00")):
        for booking_id in scene.bookings:
            assert act(scene, "both", "yes", booking_id) == "done"
    rounds, surprises = race(fresh_database.app, scene, [("technical", "yes"), ("elected", "no")])
    assert surprises == []
    assert rounds == [Counter(done=1, already_decided=1)] * ROUNDS
    with fresh_database.app.app_context():
        for decision, yeses, acts in ended(scene):
            assert (decision, yeses, acts) in (
                ("approved", 2, ["half_approved", "approved"]),
                ("refused", 1, ["half_approved", "refused"]),
            )
        assert broken_promises() == []


@pytest.mark.race
def test_of_many_who_agree_at_once_two_count(fresh_database, scene):
    acts = [
        ("technical", "yes"),
        ("second technical", "yes"),
        ("both", "yes"),
        ("both", "yes"),
        ("elected", "yes"),
    ]
    rounds, surprises = race(fresh_database.app, scene, acts)
    assert surprises == []
    assert all(each["done"] == 2 for each in rounds)
    assert set().union(*rounds) <= {"done", "already_agreed", "function_given", "already_decided"}
    with fresh_database.app.app_context():
        assert ended(scene) == [("approved", 2, ["half_approved", "approved"])] * ROUNDS
        assert broken_promises() == []
