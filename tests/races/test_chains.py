"""Chains asked for by processes of their own over crossing resources, and by processes that are killed meanwhile."""

import os
import random
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from multiprocessing.queues import Queue
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.accounts.queries import load_actor
from app.availability.models import Hold
from app.bookings.models import Booking, Bundle
from app.core import clock
from app.core.errors import DomainError
from app.core.span import Span
from app.infra.db import db
from app.supply.cargo import KILO, Cargo, Packaging
from app.supply.chains import service
from app.supply.chains.models import Chain, ChainStep
from app.supply.chains.planning.plan import PlannedLeg, Role
from app.supply.offers import service as offers
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState
from tests.factories import a_member, a_resource, a_site, a_territory, an_organisation, at
from tests.races.test_costs import in_processes
from tests.races.writers import FORK, broken_promises
from tests.supply.offers.world import an_offer

PROCESSES = 16
ROUNDS = int(os.environ.get("RACE_ROUNDS", "12"))
PLACES, DAYS = 6, 10
NOW = at("2027-05-01 10:00")
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.race


class Scene:
    """A few places of which any may come before any other in a chain, and who asks for them."""

    def __init__(self) -> None:
        self.territory = a_territory()
        owner = an_organisation(self.territory)
        site = a_site(owner, hours="24/7")
        facts = {"mode": "stations", "unit": "station", "horizon_days": 4000}
        self.places = [
            a_resource(site, capacity=1 + number % 2, **facts).id  # type: ignore[arg-type]
            for number in range(PLACES)
        ]
        self.organisation_id, self.member_id = owner.id, a_member(owner).id

    def wanted(self, chance: random.Random, key: str | None = None) -> service.ChainRequest:
        """Write a chain over four of the places, in any order, on one of a few days."""
        day = at(f"2027-06-{1 + chance.randrange(DAYS):02} 06:00")
        legs = [
            PlannedLeg(Role.CARRY, place, Span(start, start + 2 * HOUR), gap=HOUR)
            for number, place in enumerate(chance.sample(self.places, 4))
            for start in [day + 3 * number * HOUR]
        ]
        cargo = Cargo(400 * KILO, Packaging.CRATE_60X40, 12 * KILO)
        return service.ChainRequest(
            organisation_id=self.organisation_id,
            product="courgettes",
            cargo=cargo,
            legs=legs,
            purpose="race",
            key=key,
        )

    def ask(self, wanted: service.ChainRequest) -> Chain:
        """Ask for one."""
        return service.ask_chain(wanted, load_actor(self.member_id), uid_host="races.test")


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(NOW):
        return Scene()


def half_chains() -> list[str]:
    """Find chains without all that belongs to them; nobody here asks for anything else."""
    problems = []
    for bundle in db.session.scalars(select(Bundle)):
        chain = db.session.scalar(select(Chain).filter_by(bundle_id=bundle.id))
        legs = db.session.scalars(select(Booking).filter_by(bundle_id=bundle.id)).all()
        steps = [step.leg_number for step in chain.steps] if chain else []
        if (sorted(leg.leg_number or 0 for leg in legs), steps) != ([1, 2, 3, 4], [1, 2, 3, 4]):
            problems.append(f"bundle {bundle.ref}: {len(legs)} legs, {len(steps)} steps")
    return problems


def number_of(*models: Any) -> list[int]:
    """Count the rows of tables."""
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def work(app: Any, scene: Scene, seed: int, barrier: Any, answers: "Queue[list[str]]") -> None:
    """Ask again and again; the first of each round is asked for by everybody at once, and sent twice."""
    chance, outcomes = random.Random(seed), []
    with app.app_context():
        db.engine.dispose(close=False)
    for number in range(ROUNDS):
        barrier.wait(120)
        with app.app_context(), clock.stopped(NOW):
            wanted = scene.wanted(chance, key=f"{seed}-{number}")
            for _again in range(2):
                try:
                    outcomes.append(f"asked {scene.ask(wanted).bundle.ref}")
                except DomainError as error:
                    outcomes.append(error.code)
                except Exception as error:  # every other error is what the test looks for
                    outcomes.append(repr(error)[:300])
                db.session.remove()
    answers.put(outcomes)
    with app.app_context():
        db.engine.dispose()


def test_crossing_chains_neither_overbook_nor_wait_for_one_another_for_ever(fresh_database, scene):
    app = fresh_database.app
    with app.app_context():
        db.engine.dispose()
    answers: Queue[list[str]] = FORK.Queue()
    barrier = FORK.Barrier(PROCESSES)
    processes = [
        FORK.Process(target=work, args=(app, scene, seed, barrier, answers)) for seed in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = [outcome for _process in processes for outcome in answers.get(timeout=240)]
    for process in processes:
        process.join(60)
    told = Counter(outcome.split()[0] for outcome in found)
    assert set(told) <= {"asked", "legs_refused"}, told
    made = {outcome for outcome in found if outcome.startswith("asked")}
    assert 1 < len(made) == told["asked"] / 2  # each was sent twice, and counts once
    with app.app_context():
        assert broken_promises() == []
        assert half_chains() == []
        assert number_of(Bundle, Chain, ChainStep, Booking, Hold) == [len(made) * n for n in (1, 1, 4, 4, 4)]


def _dies(*_given: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def is_killed(app: Any, scene: Scene, step: str) -> None:
    """Ask for a chain, and be killed at a step of it."""
    with app.app_context():
        db.engine.dispose(close=False)
        if step == "the legs are written":
            event.listen(Chain, "before_insert", _dies)
        elif step == "all is written":
            event.listen(ChainStep, "after_insert", _dies)
        else:
            event.listen(Session, "before_commit" if step == "before the end" else "after_commit", _dies)
        with clock.stopped(NOW):
            scene.ask(scene.wanted(random.Random(7), key="once"))


@pytest.mark.parametrize(
    "step, is_there",
    [
        ("the legs are written", False),
        ("all is written", False),
        ("before the end", False),
        ("after the end", True),
    ],
)
def test_whoever_is_killed_leaves_a_whole_chain_or_none(fresh_database, scene, step, is_there):
    app = fresh_database.app
    with app.app_context():
        db.engine.dispose()
    process = FORK.Process(target=is_killed, args=(app, scene, step))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    with app.app_context(), clock.stopped(NOW):
        assert number_of(Chain, Booking, Hold) == [n * is_there for n in (1, 4, 4)]
        assert (half_chains(), broken_promises()) == ([], [])
        again = scene.ask(scene.wanted(random.Random(7), key="once"))  # whoever sends it again has it once
        assert number_of(Chain, Booking) == [1, 4]
        assert len(again.steps) == 4


@pytest.mark.parametrize("end", ["give_back", "withdraw"])
def test_chains_never_carry_more_than_the_part_they_were_asked_for(fresh_database, scene, end):
    """A hundred of 400 kg each: four at most; and none once the part is given back or its offer withdrawn."""
    with fresh_database.app.app_context(), clock.stopped(NOW):
        farm = an_organisation(db.session.merge(scene.territory))
        farmer, member = load_actor(a_member(farm).id), load_actor(scene.member_id)
        offer = offers.post(farmer, farm.id, an_offer())
        part = offers.take(member, offer.id, offers.Part(scene.organisation_id))
        offer_id, part_id, ref = offer.id, part.id, part.public_id
        db.session.commit()

    def one(which: int) -> None:
        chance = random.Random(which)
        with clock.stopped(NOW):
            for number in range(4):
                wanted = scene.wanted(chance, key=f"{which}-{number}")
                wanted = replace(wanted, claim_ref=ref, cargo=wanted.cargo.of(100 * KILO))
                try:
                    if (which, number) == (PROCESSES // 2, 1):
                        end_of(end)
                    else:
                        scene.ask(wanted)
                except DomainError as error:
                    assert error.code in ("legs_refused", "part_lost", "part_too_small"), error.code
                db.session.remove()

    def end_of(how: str) -> None:
        if how == "withdraw":
            offers.withdraw(farmer, offer_id, "En panne")
        else:
            offers.give_back(member, part_id)

    assert in_processes(fresh_database.app, one, PROCESSES) == []
    with fresh_database.app.app_context(), clock.stopped(NOW):
        assert number_of(Chain)[0] <= 4
        assert db.session.get_one(SurplusClaim, part_id).state != ClaimState.CLAIMED
        assert (half_chains(), broken_promises()) == ([], [])
        with pytest.raises(DomainError) as refused:
            scene.ask(replace(scene.wanted(random.Random(99)), claim_ref=ref))
        assert refused.value.code in ("part_lost", "legs_refused")
