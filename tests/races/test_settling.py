"""Processes that set off, agree and pay at once: each debt is settled once, and the books stay whole."""

from collections.abc import Callable
from datetime import date
from functools import partial
from multiprocessing.queues import Queue

import pytest
from flask import Flask

from app.core.errors import DomainError
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.books.postings import Method
from app.payments.collection import service as collection
from app.payments.models import Payment
from app.payments.settlement import service
from app.payments.settlement.models import Settlement
from app.payments.settlement.netting import nets
from app.payments.settlement.queries import by_pair, settleable_in
from app.payments.settlement.rules import State
from tests.payments.settlement.town import SettlingTown
from tests.races.writers import FORK

ROUNDS = 6


def set_off(town: SettlingTown, one: str, other: str, key: str) -> str:
    return town.set_off(one, other, 1000, key).state


def accept(town: SettlingTown, name: str, made_id: int) -> str:
    return service.accept(town.keeper(name), made_id, town.ids[name])


def propose(town: SettlingTown, name: str) -> str:
    return town.propose(name, name).state


def pay(due_id: int, key: str) -> str:
    return payments.record_payment(key, [due_id], 500, Method.TRANSFER).method


@pytest.fixture
def town(fresh_database):
    with fresh_database.app.app_context():
        return SettlingTown("a", "b", "c")


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Let each act be done by a process of its own, all at the same moment; tell how each ended."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    answers: Queue[str] = FORK.Queue()
    barrier = FORK.Barrier(len(acts))

    def work(act: Callable[[], object]) -> None:
        with app.app_context():
            db.engine.dispose(close=False)
            barrier.wait(60)
            try:
                answers.put(str(act()))
            except DomainError as refused:
                answers.put(refused.code)
            except Exception as error:
                answers.put(repr(error)[:400])
            db.session.remove()
            db.engine.dispose()

    writers = [FORK.Process(target=work, args=(act,), daemon=True) for act in acts]
    for writer in writers:
        writer.start()
    told = sorted(answers.get(timeout=120) for _ in writers)
    for writer in writers:
        writer.join(timeout=60)
    return told


@pytest.mark.race
def test_both_sides_set_the_same_off_at_once(fresh_database, town):
    for number in range(ROUNDS):
        with fresh_database.app.app_context():
            town.owes("a", "b", 1000)
            town.owes("b", "a", 1000)
        told = at_once(
            fresh_database.app,
            partial(set_off, town, "a", "b", f"a{number}"),
            partial(set_off, town, "b", "a", f"b{number}"),
        )
        assert told == ["nothing_to_set_off", "posted"]
    with fresh_database.app.app_context():
        assert db.session.query(Payment).count() == 2 * ROUNDS
        assert town.owed() == {}
        assert broken() == []


@pytest.mark.race
def test_the_last_two_agree_at_once(fresh_database, town):
    for number in range(ROUNDS):
        with fresh_database.app.app_context():
            for payer, payee in ("ab", "bc", "ca"):
                town.owes(payer, payee, 500)
            made_id = town.propose("a", f"{number}").id
        told = at_once(
            fresh_database.app,
            partial(accept, town, "b", made_id),
            partial(accept, town, "c", made_id),
        )
        assert told == [State.POSTED, State.PROPOSED]
    with fresh_database.app.app_context():
        assert town.owed() == {}
        assert db.session.query(Payment).count() == 3 * ROUNDS
        assert broken() == []


@pytest.mark.race
def test_two_propose_to_the_same_at_once(fresh_database, town):
    with fresh_database.app.app_context():
        for payer, payee in ("ab", "bc", "ca"):
            town.owes(payer, payee, 500)
    told = at_once(fresh_database.app, *(partial(propose, town, name) for name in town.ids))
    assert told == ["already_proposed", "already_proposed", State.PROPOSED]


def collect(town: SettlingTown) -> str:
    issuer = town.ids["mairie"]
    made = collection.make_batch(town.keeper("mairie"), issuer, date(2020, 1, 1), date(2099, 12, 31))
    return f"{made.number}: {len(made.lines)}"


@pytest.mark.race
def test_what_a_public_body_is_owed_goes_into_one_batch(fresh_database):
    with fresh_database.app.app_context():
        town = SettlingTown("a", "b", "mairie")
    for number in range(1, ROUNDS):
        with fresh_database.app.app_context():
            for payer in "abab":
                town.owes(payer, "mairie", 100)
        told = at_once(fresh_database.app, *[partial(collect, town)] * 3)
        assert told == [f"{number}: 4", "nothing_to_collect", "nothing_to_collect"]
    with fresh_database.app.app_context():
        assert broken() == []


@pytest.mark.race
def test_a_payment_comes_while_all_have_just_agreed(fresh_database, town):
    """Whoever is first: the proposal lapses, or what was paid is an advance. Nothing is paid twice over."""
    for number in range(ROUNDS):
        with fresh_database.app.app_context():
            dues = [town.owes(payer, payee, 500).id for payer, payee in ("ab", "bc", "ca")]
            before = nets(by_pair(settleable_in(town.territory_id)))
            made_id = town.propose("a", f"{number}").id
            service.accept(town.keeper("b"), made_id, town.ids["b"])
        told = at_once(
            fresh_database.app,
            partial(accept, town, "c", made_id),
            partial(pay, dues[0], f"came-{number}"),
        )
        with fresh_database.app.app_context():
            state = db.session.get_one(Settlement, made_id).state
            assert told == sorted([state, "transfer"])
            paid = db.session.query(Payment).filter_by(key=f"came-{number}").one()
            if state == State.POSTED:
                assert paid.free_cents == 500
                assert town.owed() == {}
            else:
                assert state == State.CHANGED
                assert paid.free_cents == 0
                assert town.owed() == {("b", "c"): 500, ("c", "a"): 500}
                for due_id in dues[1:]:
                    payments.record_payment(f"rest-{due_id}", [due_id], 500, Method.CASH)
            assert broken() == []
            assert before == {}
