"""What is freed is offered once, in order, to somebody whom it fits, whoever books, cancels, takes or leaves meanwhile."""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.availability.queries import Wish, verdict
from app.bookings import service
from app.bookings.models import Booking, Waiting
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor
from app.core.span import Span
from app.infra import jobs
from app.infra.db import db
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, at
from tests.races.writers import FORK, broken_promises

SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
PROCESSES, CAPACITY = 16, 3
MONDAY = at("2027-06-07 00:00")


@dataclass(frozen=True)
class Scene:
    """One place and several who want it; by id, for processes with connections of their own."""

    resource: int
    actors: tuple[Actor, ...]


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(at("2026-09-01 10:00")):
        territory = a_territory()
        site = a_site(an_organisation(territory), hours="24/7")
        place = a_resource(
            site, mode="stations", capacity=CAPACITY, unit="station", approval="auto", horizon_days=4000
        )
        actors = []
        for _ in range(5):
            organisation = an_organisation(territory)
            person = a_member(organisation)
            actors.append(Actor(person_id=person.id, memberships={organisation.id: "member"}))
        return Scene(place.id, tuple(actors))


def _slot(dice):
    start = MONDAY + timedelta(hours=dice.choice((8, 9, 10, 12)))
    return Span(start, start + timedelta(hours=dice.choice((2, 3))))


def _one_act(scene, dice):
    actor = dice.choice(scene.actors)
    organisation = next(iter(actor.memberships))
    act = dice.choices(("ask", "join", "cancel", "offer", "take", "leave"), (4, 5, 4, 5, 6, 1))[0]
    if act == "ask":
        request = service.Request(
            scene.resource, organisation, _slot(dice), dice.randint(1, CAPACITY), "race"
        )
        service.ask(request, actor, uid_host="races.test")
    elif act == "join":
        service.join(
            service.Want(scene.resource, _slot(dice), dice.randint(1, 2), organisation, "race"), actor
        )
    elif act == "cancel":
        booked = db.session.execute(
            select(Booking.id, Booking.requester_id).filter_by(decision="approved")
        ).all()
        if not booked:
            return "nothing"
        booking_id, person_id = dice.choice(booked)
        service.cancel(booking_id, next(a for a in scene.actors if a.person_id == person_id), "race")
    elif act == "offer":
        service.offer_freed(scene.resource)
    else:
        states = ("offered",) if act == "take" else ("waits", "offered")
        found = db.session.execute(
            select(Waiting.ref, Waiting.person_id).where(Waiting.state.in_(states))
        ).all()
        if not found:
            return "nothing"
        ref, person_id = dice.choice(found)
        who = next(a for a in scene.actors if a.person_id == person_id)
        service.take_offer(ref, who, uid_host="races.test") if act == "take" else service.leave(ref, who)
    return act


def _work(app, scene, until, answers, seed):
    dice, surprises = random.Random(f"{seed}-{os.getpid()}"), []
    done: Counter[str] = Counter()
    with app.app_context():
        db.engine.dispose(close=False)
    while time.monotonic() < until:
        with app.app_context():
            try:
                done[_one_act(scene, dice)] += 1
            except DomainError as refused:
                done[refused.code] += 1
            except Exception as error:
                surprises.append(repr(error)[:300])
    answers.put((done, surprises))
    with app.app_context():
        db.engine.dispose()


def _start(app, scene, until, answers, seed):
    worker = FORK.Process(target=_work, args=(app, scene, until, answers, seed), daemon=True)
    worker.start()
    return worker


def run(app, scene, *, kill):
    """Let the processes work; with `kill`, end one after the other with SIGKILL in the middle and start another."""
    with app.app_context():
        db.engine.dispose()
    answers, until = FORK.Queue(), time.monotonic() + SECONDS
    workers = [_start(app, scene, until, answers, n) for n in range(PROCESSES)]
    while kill and time.monotonic() < until - 0.5:
        time.sleep(0.1)
        n = random.randrange(PROCESSES)
        os.kill(workers[n].pid, signal.SIGKILL)
        workers[n].join()
        workers[n] = _start(app, scene, until, FORK.Queue(), n)
    told = [] if kill else [answers.get(timeout=SECONDS + 60) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
    return sum((done for done, _ in told), Counter()), [each for _, found in told for each in found]


def _enough(done):
    return min(done["join"], done["take"], done["cancel"]) > 0


@pytest.mark.race
@pytest.mark.parametrize("kill", [False, True])
def test_what_is_freed_is_offered_once_and_no_offer_is_lost(fresh_database, scene, kill):
    app = fresh_database.app
    done, surprises = run(app, scene, kill=kill)
    for _round in range(6):  # a slow machine needs longer until somebody takes what is offered
        if kill or surprises or _enough(done):
            break
        more, surprises = run(app, scene, kill=kill)
        done += more
    assert not surprises, surprises[:3]
    assert kill or _enough(done), done
    jobs.run_due(app)  # what was queued with what was freed is all there is: nobody sweeps here
    with app.app_context():
        offers = {
            each.hold_id: each for each in db.session.scalars(select(Waiting).filter_by(state="offered"))
        }
        assert None not in offers
        orphans = [f"hold {number} belongs to nobody" for number in offers]
        assert [problem for problem in broken_promises() if problem not in orphans] == []
        assert (
            db.session.scalars(
                select(Waiting.id).where(Waiting.hold_id.is_not(None), Waiting.state != "offered")
            ).all()
            == []
        )
        taken = db.session.scalars(select(Waiting).filter_by(state="taken")).all()
        assert len({each.booking_id for each in taken}) == len(taken)
        waits = db.session.scalars(select(Waiting).filter_by(state="waits")).all()
        lost = [each.id for each in waits if not verdict(Wish(each.resource_id, each.span, each.quantity))]
        assert lost == []
