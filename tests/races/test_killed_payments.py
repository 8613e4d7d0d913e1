"""A process is killed (SIGKILL) at every step of being paid on line: in the end all is as if nobody had been killed.

A step is each commit and each call to Stripe, before it and after it. The database and the played Stripe are on the
disk, outside of whoever is killed. Webhooks that were on their way are lost: a fresh process only reconciles.
"""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as orm_events
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.core.policy import Actor
from app.infra import jobs
from app.infra.db import db
from app.payments import service
from app.payments.models import Due, LedgerEntry, OnlinePayment, Payment
from app.payments.queries import balances
from app.payments.stripe import connection
from app.payments.stripe.fake import playing
from app.payments.stripe.fake.playing import home
from app.payments.stripe.fake.world import World
from app.payments.stripe.models import StripeDispute, StripePayment, StripeRefund
from tests.factories import an_organisation
from tests.payments.books import owe, sound
from tests.races.writers import FORK

CENTS = 2500
FEWEST = 5  # steps of an act: less would say that they are not counted any more
WHAT_IS_THERE = {
    "checkout.session": StripePayment.session_id,
    "payment_intent": StripePayment.intent_id,
    "refund": StripeRefund.refund_id,
    "dispute": StripeDispute.dispute_id,
}

pytestmark = pytest.mark.race


@dataclass(frozen=True)
class Debt:
    """What somebody owes, who pays it on line; nobody else of a story owes anything."""

    app: Flask
    payer_id: int
    payee_id: int
    due_id: int

    def keeper(self, organisation_id: int) -> Actor:
        """Give who keeps the accounts of one of both."""
        return Actor(memberships={organisation_id: "treasurer"})

    def row(self) -> StripePayment:
        """Read the attempt to pay, as Stripe's room knows it."""
        attempt = db.session.scalars(select(OnlinePayment).filter_by(payer_id=self.payer_id)).one()
        return db.session.scalars(select(StripePayment).filter_by(key=attempt.reference)).one()

    def payment(self) -> Payment:
        """Read what was paid."""
        return db.session.scalars(select(Payment).filter_by(payer_id=self.payer_id)).one()


# -- what people, Stripe and its webhooks have us do: whoever does it is killed ---------------------------------


def begins(debt: Debt) -> None:
    """The payer begins, and the page is opened; if nothing is to be seen of it, presses once more."""
    service.pay_online(debt.keeper(debt.payer_id), [debt.due_id], service.Shown("Cuisine, 3 h", "/comptes"))
    jobs.run_due(debt.app)


def gives_back(debt: Debt) -> None:
    """The payee gives some of it back."""
    service.give_back(debt.keeper(debt.payee_id), debt.payment().id, 1000, "Trop payé", str(debt.due_id))
    jobs.run_due(debt.app)


def takes_back(debt: Debt) -> None:
    """What was charged is taken back."""
    service.credit(f"back:{debt.due_id}", db.session.get_one(Due, debt.due_id).charge_id, "Erreur")
    jobs.run_due(debt.app)


def is_told(debt: Debt) -> None:
    """Webhooks arrive, and what follows is done."""
    playing.deliver()
    jobs.run_due(debt.app)


# -- what is done at Stripe and in banks, where nobody is killed -------------------------------------------------


def pays(debt: Debt) -> None:
    with home().open() as world:
        world.book(world.pay(debt.row().session_id or "")["id"])


def orders_a_debit(debt: Debt) -> None:
    with home().open() as world:
        world.pay(debt.row().session_id or "", "sepa_debit")


def debit_arrives(debt: Debt) -> None:
    with home().open() as world:
        world.end_debit(debt.row().session_id or "", succeeds=True)


def refund_arrives(debt: Debt) -> None:
    with home().open() as world:
        world.end_refund(_of_payment(world, debt, "refund"), succeeds=True)


def bank_takes_it_back(debt: Debt) -> None:
    with home().open() as world:
        world.dispute(debt.row().intent_id or "")


def bank_keeps_it(debt: Debt) -> None:
    with home().open() as world:
        world.end_dispute(_of_payment(world, debt, "dispute"), is_won=False)


def _of_payment(world: World, debt: Debt, kind: str) -> str:
    intent_id = debt.row().intent_id
    [found] = [
        thing["id"]
        for thing in world.things.values()
        if thing["object"] == kind and thing["payment_intent"] == intent_id
    ]
    return str(found)


Act = Callable[[Debt], None]
PRESSED = (begins, gives_back, takes_back)  # by a person, who presses again when there was no answer
PAID, GONE = {"expense": CENTS, "cash": -CENTS}, {"expense": CENTS, "payable": -CENTS}


@dataclass(frozen=True)
class Story:
    """What happens, at which act (by its place) whoever does it is killed, and how it ends.

    That is what the payer's books say, and which entries there are of the payment.
    """

    acts: tuple[Act, ...]
    killed: int
    books: dict[str, int]
    entries: tuple[str, ...]


BY_CARD = (begins, pays, is_told)
GIVEN_BACK = (*BY_CARD, gives_back, refund_arrives, is_told)
DISPUTED = (*BY_CARD, bank_takes_it_back, is_told, bank_keeps_it, is_told)
BY_DEBIT = (begins, orders_a_debit, is_told, debit_arrives, is_told)
TOO_LATE = (begins, pays, takes_back, is_told, refund_arrives, is_told)
REST = {"expense": CENTS, "payable": -1000, "cash": -1500}
STORIES = {
    "begun": Story(BY_CARD, 0, PAID, ("payment", "fee")),
    "paid by card": Story(BY_CARD, 2, PAID, ("payment", "fee")),
    "given back": Story(GIVEN_BACK, 3, REST, ("payment", "fee", "refund")),
    "arrived": Story(GIVEN_BACK, 5, REST, ("payment", "fee", "refund")),
    "debit ordered": Story(BY_DEBIT, 2, PAID, ("payment", "fee")),
    "debit arrived": Story(BY_DEBIT, 4, PAID, ("payment", "fee")),
    "owed no longer": Story(TOO_LATE, 2, {}, ("payment", "fee", "refund")),
    "paid for what is owed no longer": Story(TOO_LATE, 3, {}, ("payment", "fee", "refund")),
    "disputed": Story(DISPUTED, 4, GONE, ("payment", "fee", "dispute_opened", "fee", "dispute_lost")),
    "dispute lost": Story(DISPUTED, 6, GONE, ("payment", "fee", "dispute_opened", "fee", "dispute_lost")),
}


class Plug:
    """Counts the steps of this process, and kills it at one of them.

    A step is just before each commit and each call, and just after each call that changes something there: between two
    of them nothing changes on the disk or at Stripe.
    """

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self, *_: object) -> None:
        """Be one step further."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count from now on."""

        def cut(method: str, _path: str, answer: Callable[[], Any]) -> Any:
            self.step()
            given = answer()
            if method == "post":
                self.step()
            return given

        client: Any = connection.get()._v1._requestor._client
        client.faults = [cut] * 1000
        orm_events.listen(Session, "before_commit", self.step)


def is_killed(app: Flask, work: Callable[[], None]) -> bool:
    """Do something in a process of its own; tell whether it was killed, and let nothing else be wrong with it."""
    db.session.remove()
    db.engine.dispose()

    def begin() -> None:
        with app.app_context():
            work()

    process = FORK.Process(target=begin)
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def recover(debt: Debt, act: Act, frozen: Any) -> None:
    """Start again: what was on its way is lost, who pressed presses again, and the clock strikes twice."""
    with home().open() as world:
        world.events = []

    def start() -> None:
        if act in PRESSED:
            act(debt)
        for _ in range(2):
            frozen.tick(hours=7)  # a direct debit is looked at every six
            for name in ("stripe.reconcile", "stripe.queue_look_over"):
                jobs.perform(debt.app, name, {})
            jobs.run_due(debt.app)

    assert not is_killed(debt.app, start)
    frozen.tick(hours=14)


def tell(story: Story, debt: Debt, frozen: Any, at: int) -> bool:
    """Let it all happen, and kill at one step of one act; tell whether there was such a step."""
    was_killed = False
    for number, act in enumerate(story.acts):
        if number != story.killed:
            act(debt)
            continue

        def end_early(act: Act = act) -> None:
            Plug(at).watch()
            act(debt)

        was_killed = is_killed(debt.app, end_early)
        if was_killed:
            recover(debt, act, frozen)
    return was_killed


def all_is_well(story: Story, debt: Debt) -> None:
    """Look at the end: the books, what was written of it, and that both sides know the same, each thing once."""
    db.session.expire_all()
    found = balances(debt.payer_id).items()
    assert {account.value: cents for (_, account), cents in found if cents} == story.books
    kinds = db.session.scalars(select(LedgerEntry.kind).filter_by(payment_id=debt.payment().id))
    assert sorted(kinds) == sorted(story.entries)
    with home().open() as world:
        there = sorted((thing["object"], thing["id"]) for thing in world.things.values())
    for kind, column in WHAT_IS_THERE.items():
        known = sorted(name for name in db.session.scalars(select(column)) if name)
        assert known == [name for each, name in there if each == kind]
    assert sound()


def debts(app: Flask, payee_id: int) -> Iterator[Debt]:
    """Let somebody else owe the same, again and again."""
    while True:
        territory = db.session.get_one(Organisation, payee_id).territory
        payer_id = an_organisation(territory).id
        yield Debt(app, payer_id, payee_id, owe(territory.id, payer_id, payee_id, CENTS).id)


@pytest.mark.parametrize("name", STORIES)
def test_killed_at_any_step(demo, payee_id, frozen, name):
    story = STORIES[name]
    with demo.app_context():
        for at, debt in zip(count(1), debts(demo, payee_id), strict=False):
            was_killed = tell(story, debt, frozen, at)
            try:
                all_is_well(story, debt)
            except AssertionError as wrong:
                wrong.add_note(f"killed at step {at}")
                raise
            if not was_killed:
                break
            frozen.tick(days=40)  # what is over is looked at no more
    assert at > FEWEST
