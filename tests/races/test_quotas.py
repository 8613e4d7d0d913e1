"""Quotas on a cold room and on kits that draw from it: nobody eats another's share, and what is lent comes back whole.

`RACE_SECONDS=20 pytest tests/races` runs as long as the acceptance asks; the everyday suite runs shorter.
"""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.availability.allotting import Allotment, allot
from app.availability.models import Claim, Hold
from app.availability.rules import Taken, loads
from app.availability.shares import quotas_of
from app.bookings import service
from app.bookings.models import Booking
from app.catalogue.models import Resource
from app.core import clock
from app.core.errors import DomainError
from app.core.policy import Actor
from app.core.span import Span
from app.infra.audit import history
from app.infra.db import db
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, at, made_of
from tests.races.writers import FORK, broken_promises, missing_parts

SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
PROCESSES, PALLETS = 16, 24
MONDAY = at("2027-06-07 00:00")
FAR: dict[str, Any] = {"mode": "quantity", "approval": "auto", "horizon_days": 4000, "max_minutes": 1440}


@dataclass(frozen=True)
class Scene:
    """A cold room and kits of it; whoever has a quota of it first, then those without. By id, for other processes."""

    resources: tuple[int, ...]
    actors: tuple[Actor, ...]
    manager: Actor
    shares: tuple[str, ...]  # public ids of those who may have quotas
    is_lent: bool = False

    def allot(self, *shares: int) -> None:
        """Give quotas to the first organisations."""
        given = dict(zip(self.shares, shares, strict=False))
        lent = {"lend_days": 540, "recall_hours": 1} if self.is_lent else {}
        allot(self.manager, db.session.get_one(Resource, self.resources[0]), Allotment(given, **lent))


def _scene(app: Any, *, is_lent: bool) -> Scene:
    with app.app_context(), clock.stopped(at("2026-09-01 10:00")):
        territory = a_territory()
        site = a_site(an_organisation(territory), hours="24/7")
        before = a_resource(site, capacity=5, **FAR)  # a kit whose guard is locked before that of its pool
        answered = FAR | (
            {"approval": "manager"} if is_lent else {}
        )  # called back at the yes; of kits, at once
        cold = a_resource(site, capacity=PALLETS, unit="pallet", **answered)
        after = a_resource(site, capacity=3, **FAR)
        made_of(before, cold, qty=4)
        made_of(after, cold, qty=5)
        organisations = [an_organisation(territory) for _ in range(5)]
        actors = tuple(
            Actor(person_id=a_member(each).id, memberships={each.id: "member"}) for each in organisations
        )
        manager = Actor(person_id=a_member(organisations[0]).id, managed_sites=frozenset({site.id}))
        names = tuple(each.public_id for each in organisations)
        found = Scene((cold.id, before.id, after.id), actors, manager, names, is_lent=is_lent)
        found.allot(10, 6)
        return found


@pytest.fixture
def kept(fresh_database):
    """Quotas that are never lent."""
    return _scene(fresh_database.app, is_lent=False)


@pytest.fixture
def lent(fresh_database):
    """Quotas that are always lent, and called back with an hour's notice."""
    return _scene(fresh_database.app, is_lent=True)


def _slot(dice: random.Random) -> Span:
    start = MONDAY + timedelta(hours=dice.randrange(5))
    return Span(start, start + timedelta(hours=dice.choice((1, 3, 6))))


def _request(scene: Scene, dice: random.Random, actor: Actor) -> service.Request:
    """Ask for much or little; those who have a quota mostly for what lies within it, calling it back."""
    which = dice.choices((0, 1, 2), (4, 2, 2))[0]
    calls_back = scene.is_lent and actor in scene.actors[:2] and dice.random() < 0.8
    qty = dice.randint(1, ((6, 1, 1) if calls_back else (12, 3, 2))[which])
    facts = scene.resources[which], next(iter(actor.memberships)), _slot(dice), qty, "race"
    return service.Request(*facts, recall=calls_back)


def _one_act(scene: Scene, dice: random.Random) -> str:
    lent = 1 if scene.is_lent else 0
    act = dice.choices(("ask", "cancel", "change", "allot", "approve"), (8, 2, 1, 0.3 * lent, 3 * lent))[0]
    if act == "approve":
        return _approve(scene, dice)
    if act == "ask":
        actor = dice.choice(scene.actors)
        wanted = _request(scene, dice, actor)
        service.ask(wanted, actor, uid_host="races.test")
        return "recall" if wanted.recall else act
    if act == "allot":
        scene.allot(dice.randint(6, 10), dice.randint(3, 6))
        return act
    found = db.session.execute(
        select(Booking.id, Booking.organisation_id).where(Booking.decision == "approved")
    ).all()
    if not found:
        return "nothing"
    booking_id, organisation_id = dice.choice(found)
    actor = next(each for each in scene.actors if organisation_id in each.memberships)
    if act == "cancel":
        service.cancel(booking_id, actor, "race")
    else:
        service.change(booking_id, actor, _slot(dice), dice.randint(1, 3))
    return act


def _approve(scene: Scene, dice: random.Random) -> str:
    """Say yes to a request; to one that calls its quota back, if there is any."""
    waiting = select(Booking.id, Booking.recalls).where(Booking.decision == "pending")
    found = db.session.execute(waiting).all()
    if not found:
        return "nothing"
    chosen = dice.choice([each for each in found if each.recalls] or found)
    service.approve(chosen.id, scene.manager)
    acts = {line.act for line in history("booking", chosen.id)}
    return "recalled" if "called_back" in acts else "approve"  # what was lent may be free again by then


def _write(app: Any, scene: Scene, until: float, answers: Any, seed: int) -> None:
    dice, done, surprises = random.Random(f"{seed}-{os.getpid()}"), Counter[str](), []
    with app.app_context():
        db.engine.dispose(close=False)
    while time.monotonic() < until:
        with app.app_context():
            try:
                done[_one_act(scene, dice)] += 1
            except DomainError as refused:
                done[refused.code] += 1
            except Exception as error:  # every other error is what the test looks for
                surprises.append(repr(error)[:300])
    answers.put((done, surprises))
    with app.app_context():
        db.engine.dispose()


def _start(app: Any, scene: Scene, until: float, answers: Any, seed: int) -> Any:
    writer = FORK.Process(target=_write, args=(app, scene, until, answers, seed), daemon=True)
    writer.start()
    return writer


def _run(app: Any, scene: Scene, *, kill: bool = False) -> tuple[Counter[str], list[str]]:
    with app.app_context():
        db.engine.dispose()
    answers: Any = FORK.Queue()
    until = time.monotonic() + SECONDS
    writers = [_start(app, scene, until, answers, number) for number in range(PROCESSES)]
    while kill and time.monotonic() < until - 0.5:
        time.sleep(0.1)
        number = random.randrange(PROCESSES)
        os.kill(writers[number].pid, signal.SIGKILL)
        writers[number].join()
        writers[number] = _start(app, scene, until, FORK.Queue(), number)
    done, surprises = Counter[str](), []
    for _writer in () if kill else writers:
        each, wrong = answers.get(timeout=SECONDS + 60)
        done += each
        surprises += wrong
    for writer in writers:
        writer.join(timeout=60)
    return done, surprises


def _run_until(app: Any, scene: Scene, *acts: str) -> tuple[Counter[str], list[str]]:
    """Let the race go on, within bounds, until each of these acts has happened: a busy machine does few of them."""
    done, surprises = Counter[str](), []
    for _round in range(20):
        more, wrong = _run(app, scene)
        done += more
        surprises += wrong
        if surprises or all(done[act] for act in acts):
            break
    return done, surprises


def _eaten(scene: Scene) -> list[str]:
    """Look for instants at which somebody could no longer have what is left of their quota."""
    cold = scene.resources[0]
    rows = select(Claim.start_at, Claim.end_at, Claim.qty, Claim.hold_id, Hold.organisation_id)
    found = db.session.execute(rows.join(Hold, Hold.id == Claim.hold_id).where(Claim.resource_id == cold))
    taken = [Taken(*row[:4], "booking", organisation=row[4] or 0) for row in found]
    problems, shares = [], quotas_of([cold])[cold].shares
    span = int(MONDAY.timestamp()), int((MONDAY + timedelta(days=2)).timestamp())
    for load in loads(taken, *span):
        own = dict.fromkeys(shares, 0)
        for claim in taken:
            if claim.organisation in own and claim.start <= load.start < claim.end:
                own[claim.organisation] += claim.qty
        left = sum(max(0, share - own[who]) for who, share in shares.items())
        if load.qty + left > PALLETS:
            problems.append(f"at {load.start} {load.qty} are taken and {left} are owed")
    return problems


def test_sixteen_writers_never_eat_the_quota_of_another(fresh_database, kept):
    done, surprises = _run(fresh_database.app, kept)
    assert not surprises, surprises[:3]
    assert done["ask"] > 0
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == _eaten(kept) == []


def test_sixteen_writers_borrow_and_call_back(fresh_database, lent):
    done, surprises = _run_until(fresh_database.app, lent, "ask", "recall", "recalled")
    assert not surprises, surprises[:3]
    assert min(done["ask"], done["recall"], done["recalled"]) > 0, done
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == []
        given_back = Booking.recalled_at.is_not(None)
        assert db.session.scalar(select(func.count(Booking.id)).where(given_back))


@pytest.mark.parametrize("how", ["kept", "lent"])
def test_killed_writers_leave_nothing_half_given_back(fresh_database, how):
    scene = _scene(fresh_database.app, is_lent=how == "lent")
    _run(fresh_database.app, scene, kill=True)
    with fresh_database.app.app_context():
        assert broken_promises() == missing_parts() == []
        assert scene.is_lent or _eaten(scene) == []
