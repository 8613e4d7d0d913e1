"""Processes that charge, take back and issue at once, some killed in the middle: no gap, and nothing billed twice."""

import os
import random
import signal
import time
from collections import Counter
from multiprocessing.queues import Queue
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.errors import DomainError
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.documents import service
from app.payments.documents.models import Document, DocumentNumber, DocumentPart
from app.payments.models import Charge, Due
from tests.payments.documents.town import BillingTown
from tests.races.writers import FORK, LEAST_ACTS

PROCESSES = 8
SECONDS = float(os.environ.get("RACE_SECONDS", "4"))
PAYERS = ("a", "b", "c")


@pytest.fixture
def town(fresh_database):
    with fresh_database.app.app_context():
        return BillingTown()


def charge(town: BillingTown, dice: random.Random) -> None:
    town.billed(dice.choice(PAYERS), dice.randint(1, 3000), key=f"{os.getpid()}-{dice.random()}")


def issue(town: BillingTown, dice: random.Random) -> None:
    service.issue(town.ids["kitchen"], town.ids[dice.choice(PAYERS)])


def credit(town: BillingTown, dice: random.Random) -> None:
    charges = db.session.scalars(select(Charge.id).order_by(Charge.id.desc()).limit(15)).all()
    if charges:
        payments.credit(
            f"{os.getpid()}-{dice.random()}", dice.choice(charges), "race", dice.choice([None, 100])
        )


ACTS = {charge: 5, issue: 5, credit: 2}


def run(app: Flask, town: BillingTown, *, kill: bool) -> tuple[Counter[str], list[str]]:
    """Let them work; with `kill`, end one after the other with SIGKILL and start another in its place."""
    with app.app_context():
        db.engine.dispose()
    answers: Queue[tuple[Counter[str], list[str]]] = FORK.Queue()
    until = time.monotonic() + SECONDS

    def work(seed: int, tell: Any) -> None:
        dice, done, surprises = random.Random(f"{seed}-{os.getpid()}"), Counter[str](), list[str]()
        with app.app_context():
            db.engine.dispose(close=False)
        while time.monotonic() < until or (not kill and done.total() < LEAST_ACTS):
            [act] = dice.choices([*ACTS], [*ACTS.values()])
            with app.app_context():
                try:
                    act(town, dice)
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
        done, found = answers.get(timeout=SECONDS + 60)
        total, surprises = total + done, surprises + found
    for writer in writers:
        writer.join(timeout=60)
    return total, surprises


def all_is_whole(town: BillingTown) -> None:
    """Bill what is left, then look: each due is on one document, numbers rise without a gap, in the order of days."""
    for payer in PAYERS:
        service.issue(town.ids["kitchen"], town.ids[payer])
    assert broken() == []
    documents = [*db.session.scalars(select(Document).order_by(Document.id))]
    by_kind = Counter(document.kind for document in documents)
    assert by_kind["invoice"] >= len(PAYERS)
    for kind, prefix in (("invoice", "FA"), ("credit_note", "AV")):
        numbers = sorted(each.number for each in documents if each.kind == kind)
        assert numbers == [
            f"{prefix}-{documents[0].issued_on.year}-{n:04d}" for n in range(1, len(numbers) + 1)
        ]
    assert len(documents) == db.session.scalar(select(func.count()).select_from(DocumentNumber))
    on_paper = db.session.scalars(select(DocumentPart.due_id).where(DocumentPart.credit_id.is_(None))).all()
    owed = db.session.scalars(select(Due.id).where(Due.credited_cents < Due.cents)).all()
    assert len(on_paper) == len({*on_paper})
    assert {*owed} <= {*on_paper}
    billed = sum(each.cents * (-1 if each.kind == "credit_note" else 1) for each in documents)
    assert billed == db.session.scalar(select(func.sum(Due.cents - Due.credited_cents)))


@pytest.mark.race
def test_who_issues_at_once_bills_everything_once(fresh_database, town):
    done, surprises = run(fresh_database.app, town, kill=False)
    assert surprises == []
    assert {"charge", "issue", "credit"} <= set(done), done
    with fresh_database.app.app_context():
        all_is_whole(town)


@pytest.mark.race
def test_who_is_killed_while_issuing_leaves_no_gap(fresh_database, town):
    run(fresh_database.app, town, kill=True)
    with fresh_database.app.app_context():
        all_is_whole(town)
