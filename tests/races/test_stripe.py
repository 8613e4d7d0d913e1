"""Sixteen processes begin, settle and give back the same payment at once: it is paid once, and never given back twice."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.infra import jobs
from app.infra.db import db
from app.infra.events import listens
from app.infra.uow import on_commit
from app.payments.stripe import service
from app.payments.stripe.errors import RefundTooHigh
from app.payments.stripe.events import StripePaid
from app.payments.stripe.fake.playing import home
from app.payments.stripe.models import StripePayment, StripeRefund
from tests.races.writers import FORK

PROCESSES = 16

pytestmark = pytest.mark.race


def _due(payee_id: int, key: str) -> service.Due:
    return service.Due(key, "due:1", payee_id, 2500, "Cuisine", clock.now() + timedelta(hours=5))


def _begin(app: Any, number: int, about: Any, start: Any, told: Any) -> None:
    with app.app_context():
        start.wait(30)
        told.put(service.begin_payment(_due(about, f"key:{number}")))


def _settle_and_give_back(app: Any, number: int, about: Any, start: Any, told: Any) -> None:
    listens(StripePaid)(lambda _event: on_commit(lambda: told.put("paid")))
    row_id, key = about
    with app.app_context():
        start.wait(30)
        service.settle(row_id)
        try:
            service.ask_refund(f"back:{number}", key, 400)
            told.put("given back")
        except RefundTooHigh:
            told.put("too high")


def _all_at_once(app: Any, act: Any, about: Any, answers: int) -> Counter[str]:
    db.session.remove()
    db.engine.dispose()
    start, told = FORK.Event(), FORK.Queue()
    crowd = [FORK.Process(target=act, args=(app, number, about, start, told)) for number in range(PROCESSES)]
    for each in crowd:
        each.start()
    start.set()
    outcomes = Counter(told.get(timeout=60) for _ in range(answers))
    for each in crowd:
        each.join(30)
    assert told.empty()
    return outcomes


def test_one_payment_and_no_more_back_than_was_paid(demo, payee_id):
    with demo.app_context():
        pages = _all_at_once(demo, _begin, payee_id, PROCESSES)
        assert list(pages.values()) == [PROCESSES]  # all were given the same one
        row = db.session.scalars(select(StripePayment)).one()
        row_id, key = row.id, row.key
        service.settle(row_id)
        with home().open() as world:
            world.pay(db.session.get_one(StripePayment, row_id).session_id or "")

        told = _all_at_once(demo, _settle_and_give_back, (row_id, key), PROCESSES + 1)
        assert told == {"paid": 1, "given back": 6, "too high": PROCESSES - 6}
        assert db.session.scalar(select(func.sum(StripeRefund.cents))) == 2400
        jobs.run_due(demo)
        with home().open() as world:
            (charge,) = [thing for thing in world.things.values() if thing["object"] == "charge"]
        assert charge["amount_refunded"] == 2400
