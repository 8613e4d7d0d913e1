"""Somebody pulls the plug between any two steps of a story: afterwards the same things are true, and told once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import event as orm_events
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.infra.db import db
from app.payments.stripe import service
from app.payments.stripe.models import StripeRefund


class Killed(BaseException):
    """The plug."""


class Plug:
    """Counts steps (each commit, each request before it is sent and after it was carried out), and ends one of them."""

    def __init__(self, at: int) -> None:
        self.left, self.count = at, count()

    def step(self) -> None:
        next(self.count)
        self.left -= 1
        if self.left == 0:
            raise Killed

    @contextmanager
    def watching(self, stage) -> Iterator[None]:
        def commit(_session):
            self.step()

        def cut(_method, _path, answer):
            self.step()
            given = answer()
            self.step()
            return given

        stage.client.faults = [cut] * 100
        orm_events.listen(Session, "before_commit", commit)
        try:
            yield
        finally:
            stage.client.faults = []
            orm_events.remove(Session, "before_commit", commit)


ACTS = ("begin", "pay", "refund", "arrive")


def act(stage, name):
    """Do one act of the story, from the outside: people and banks are never killed."""
    if name == "begin":
        stage.begin()
        stage.run()
    elif name == "pay":
        page = stage.row().session_id
        if stage.world.things[page]["status"] == "open":
            stage.world.book(stage.world.pay(page)["id"])
        stage.hear()
    elif name == "refund":
        service.ask_refund("back:1", "due:1:1", 1000)
        stage.run()
    else:
        given = db.session.scalars(select(StripeRefund)).one()
        if stage.world.things[given.refund_id]["status"] == "pending":
            stage.world.end_refund(given.refund_id, succeeds=True)
        stage.hear()


def recover(stage, frozen, *, again):
    """Start again: webhooks on their way are lost; somebody presses the button again, and time passes."""
    db.session.rollback()
    stage.drain()
    if again == "begin":
        stage.begin()
    elif again == "refund":
        service.ask_refund("back:1", "due:1:1", 1000)
    frozen.tick(minutes=11)
    stage.reconcile()
    frozen.tick(minutes=11)
    stage.reconcile()


def story(stage, frozen, at):
    stage.begin = lambda: service.begin_payment(stage.due(held_until=clock.now() + timedelta(hours=5)))
    plug = Plug(at)
    for name in ACTS:
        try:
            with plug.watching(stage):
                act(stage, name)
        except Killed:
            recover(stage, frozen, again=name)
    return next(plug.count)


MOST_STEPS = 43  # on PostgreSQL; on SQLite a few less


@pytest.mark.parametrize("at", range(1, MOST_STEPS + 1))
def test_pulled_at_any_step(stage, frozen, at):
    story(stage, frozen, at)
    assert sorted(stage.kinds()) == ["StripeFeeTaken", "StripePaid", "StripeRefunded"]
    assert (stage.row().state, stage.row().fee_cents) == ("paid", 63)
    kinds = [thing["object"] for thing in stage.world.things.values()]
    assert (kinds.count("checkout.session"), kinds.count("payment_intent"), kinds.count("refund")) == (
        1,
        1,
        1,
    )


def test_no_step_of_the_story_is_left_out(stage, frozen):
    assert MOST_STEPS - 5 < story(stage, frozen, 10_000) <= MOST_STEPS
