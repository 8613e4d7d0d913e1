"""Processes that charge, pay and give back at once, some killed in the middle: the books stay whole."""

import os
import random
import signal
import time
from collections import Counter
from itertools import count
from multiprocessing.queues import Queue
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.errors import DomainError
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.checking import broken
from app.payments.books.postings import Method
from app.payments.documents.models import DocumentNumber
from app.payments.documents.service.numbering import next_number
from app.payments.models import Charge, Dispute, Due, Envelope, LedgerEntry, Payment
from app.payments.splits.keys import by_weights
from app.payments.splits.splitting import split
from tests.payments.books import Town
from tests.races.writers import FORK

PROCESSES = 8
SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
FEWEST, PATIENCE = (
    25,
    50,
)  # acts of each process, however slow the machine; seconds that it has for them after its time
PAYEES, PAYERS = ("kitchen", "van", "a"), ("a", "b", "c", "kitchen")


class Scene:
    """What the writers fight over, by id: two envelopes that are soon empty, and everybody owes everybody."""

    def __init__(self) -> None:
        self.town = town = Town("kitchen", "van", "pat", "a", "b", "c")
        envelopes = [town.envelope("pat", 6000, 40_000), town.envelope("pat", 3000, 20_000, priority=1)]
        self.envelopes = [envelope.id for envelope in envelopes]
        self.ids, self.territory_id = town.ids, town.territory_id


@pytest.fixture
def scene(fresh_database):
    with fresh_database.app.app_context():
        return Scene()


def charge(scene: Scene, dice: random.Random) -> None:
    """Charge with subsidies, and number it: one transaction."""
    key = f"{os.getpid()}-{dice.random()}"
    lines = [
        scene.town.line(dice.choice(PAYEES), dice.randint(1, 2000), f"{key}/{number}") for number in range(3)
    ]
    weights = {scene.ids[payer]: dice.randint(1, 5) for payer in dice.sample(PAYERS, 2)}
    chosen = dice.sample(scene.envelopes, dice.randint(0, 2))  # in any order
    with atomic(durable=True):
        subsidies = service.lock_subsidies(scene.ids["a"], chosen).values()
        shared = split([line.cost for line in lines], by_weights(weights), subsidies=subsidies)
        new = service.NewCharge(
            key, scene.territory_id, scene.ids["a"], "booking", "race", tuple(lines), shared
        )
        service.post_charge(new)
        next_number(scene.ids[dice.choice(PAYEES)], "invoice", "2026", key)


def hold(scene: Scene, dice: random.Random) -> None:
    key = f"{os.getpid()}-{dice.random()}"
    service.hold_envelope(key, dice.choice(scene.envelopes), scene.ids["b"], dice.randint(1, 3000))
    if dice.random() < 0.5:
        service.release_envelope(key)


def pay(scene: Scene, dice: random.Random) -> None:
    """Pay under a key that others use as well, for the same due: one of them is written."""
    due = _drawn(select(Due).order_by(Due.id.desc()).limit(30), dice)
    service.record_payment(f"pi-{due.id}-{dice.randrange(2)}", [due.id], due.cents, Method.CARD)


def refund(scene: Scene, dice: random.Random) -> None:
    payment = _drawn(select(Payment).order_by(Payment.id.desc()).limit(20), dice)
    service.refund(f"re-{payment.id}-{dice.randrange(3)}", payment.id, max(payment.cents // 2, 1))


def credit(scene: Scene, dice: random.Random) -> None:
    found = _drawn(select(Charge).order_by(Charge.id.desc()).limit(10), dice)
    service.credit(f"cr-{found.id}-{dice.randrange(2)}", found.id, "race", dice.choice([None, 500]))


def dispute(scene: Scene, dice: random.Random) -> None:
    payment = _drawn(select(Payment).order_by(Payment.id.desc()).limit(20), dice)
    service.dispute_opened(f"dp-{payment.id}", payment.id, payment.cents)


def decide(scene: Scene, dice: random.Random) -> None:
    found = _drawn(select(Dispute).order_by(Dispute.id.desc()).limit(20), dice)
    dice.choice([service.dispute_won, service.dispute_lost])(found.key)


ACTS = {charge: 6, hold: 2, pay: 6, refund: 3, credit: 2, dispute: 1, decide: 1}


def _drawn(rows: Any, dice: random.Random) -> Any:
    found = db.session.scalars(rows).all()
    if not found:
        raise DomainError(what="nothing yet")
    return dice.choice(found)


def run(app: Flask, scene: Scene, *, kill: bool) -> tuple[Counter[str], list[str]]:
    """Let them work; with `kill`, end one after the other with SIGKILL and start another in its place."""
    with app.app_context():
        db.engine.dispose()
    answers: Queue[tuple[Counter[str], list[str]]] = FORK.Queue()
    until = time.monotonic() + SECONDS

    def work(seed: int, tell: Any) -> None:
        dice, done, surprises = random.Random(f"{seed}-{os.getpid()}"), Counter[str](), list[str]()
        with app.app_context():
            db.engine.dispose(close=False)
        for number in count():
            if time.monotonic() > (until if number >= FEWEST or kill else until + PATIENCE):
                break
            [act] = dice.choices([*ACTS], [*ACTS.values()])
            with app.app_context():
                try:
                    act(scene, dice)
                    done[act.__name__] += 1
                except DomainError as refused:
                    done[refused.code] += 1
                except Exception as error:  # every other error is what the test looks for
                    surprises.append(repr(error)[:400])
        tell.put((done, surprises))
        with app.app_context():
            db.engine.dispose()

    def start(seed: int, tell: Any) -> Any:
        writer = FORK.Process(target=work, args=(seed, tell), daemon=True)
        writer.start()
        return writer

    writers = [start(seed, answers) for seed in range(PROCESSES)]
    while kill and time.monotonic() < until - 0.5:
        time.sleep(0.1)
        number = random.randrange(PROCESSES)
        os.kill(writers[number].pid, signal.SIGKILL)
        writers[number].join()
        writers[number] = start(number, FORK.Queue())
    total, surprises = Counter[str](), list[str]()
    for _ in () if kill else writers:
        done, found = answers.get(timeout=SECONDS + PATIENCE + 60)
        total, surprises = total + done, surprises + found
    for writer in writers:
        writer.join(timeout=60)
    return total, surprises


@pytest.mark.race
def test_who_charges_and_pays_at_once_leaves_the_books_whole(fresh_database, scene):
    done, surprises = run(fresh_database.app, scene, kill=False)
    assert surprises == []
    assert {"charge", "hold", "pay", "refund", "credit"} <= set(done), done
    with fresh_database.app.app_context():
        assert broken() == []
        assert done["charge"] == db.session.scalar(select(func.count()).select_from(Charge))
        assert done["charge"] == db.session.scalar(select(func.count()).select_from(DocumentNumber))
        left = [envelope.left_cents for envelope in db.session.scalars(select(Envelope))]
        assert min(left) >= 0


@pytest.mark.race
def test_who_is_killed_in_the_middle_leaves_nothing_half_done(fresh_database, scene):
    run(fresh_database.app, scene, kill=True)
    with fresh_database.app.app_context():
        assert (db.session.scalar(select(func.count()).select_from(LedgerEntry)) or 0) > PROCESSES
        assert broken() == []
        numbered = select(func.count()).select_from(DocumentNumber)
        assert db.session.scalar(numbered) == db.session.scalar(select(func.count()).select_from(Charge))


@pytest.mark.race
def test_what_is_told_by_all_at_once_is_written_once(fresh_database, scene):
    """Each round, all processes tell the same charge and the same payment under the same keys."""
    rounds, app = 10, fresh_database.app
    with app.app_context():
        db.engine.dispose()
    answers: Queue[list[str]] = FORK.Queue()
    barrier = FORK.Barrier(PROCESSES)

    def work() -> None:
        surprises = list[str]()
        with app.app_context():
            db.engine.dispose(close=False)
        for number in range(rounds):
            line = scene.town.line("kitchen", 1000, f"same-{number}/1")
            shared = split([line.cost], by_weights({scene.ids["a"]: 1}))
            new = service.NewCharge(
                f"same-{number}", scene.territory_id, scene.ids["a"], "booking", "race", (line,), shared
            )
            barrier.wait(60)
            with app.app_context():
                try:
                    charge_id = service.post_charge(new).id
                    [due_id] = db.session.scalars(select(Due.id).filter_by(charge_id=charge_id)).all()
                    service.record_payment(f"pi-{number}", [due_id], 1000, Method.CARD)
                except Exception as error:
                    surprises.append(repr(error)[:400])
        answers.put(surprises)
        with app.app_context():
            db.engine.dispose()

    writers = [FORK.Process(target=work, daemon=True) for _ in range(PROCESSES)]
    for writer in writers:
        writer.start()
    assert [each for _ in writers for each in answers.get(timeout=120)] == []
    for writer in writers:
        writer.join(timeout=60)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Payment)) == rounds
        assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 2 * rounds
        assert broken() == []
