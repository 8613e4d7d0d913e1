"""Treasurers of one organisation who note the same money at once: it is there once, and so is the line of who did it."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.core import clock
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.payments import service
from app.payments.bank.files import Credit
from app.payments.books.checking import broken
from app.payments.books.postings import Method, Pair
from app.payments.models import BankLine, Payment
from tests.factories import a_member
from tests.payments.books import Town
from tests.races.test_costs import NOW, in_processes


@pytest.fixture
def town(fresh_database):
    with fresh_database.app.app_context(), clock.stopped(NOW):
        made = Town("cuisine", "glaneurs", "gaec")
        made.owes("glaneurs", "cuisine", 5000)
        treasurer = load_actor(a_member(made.named["cuisine"], role=Role.TREASURER).id)
        service.take_in(treasurer, made.ids["cuisine"], [Credit(date(2026, 8, 31), 700, "VIR")])
        return made.ids, treasurer, db.session.scalars(select(BankLine.id)).one()


@pytest.mark.race
def test_the_same_is_noted_once(fresh_database, town):
    ids, treasurer, line_id = town
    pair = Pair(ids["glaneurs"], ids["cuisine"])

    def work(_which: int) -> None:
        with clock.stopped(NOW):
            came = service.Came(1500, Method.TRANSFER, clock.now())
            service.note_payment(treasurer, pair, came, "once")
            service.note_line(treasurer, line_id, pair.payer_id)

    assert in_processes(fresh_database.app, work, 6) == []
    with fresh_database.app.app_context():
        assert sorted(db.session.scalars(select(Payment.cents))) == [700, 1500]
        assert db.session.scalar(select(func.count()).where(AuditEntry.act == "payment_noted")) == 2
        assert broken() == []


@pytest.mark.race
def test_a_line_that_is_noted_and_taken_back_at_once(fresh_database, town):
    ids, treasurer, line_id = town

    def work(which: int) -> None:
        with clock.stopped(NOW):
            for _again in range(8):
                paid = service.note_line(treasurer, line_id, ids["glaneurs"])
                if which % 2:
                    service.undo_payment(treasurer, paid.id, "Erreur")

    assert in_processes(fresh_database.app, work, 4) == []
    with fresh_database.app.app_context():
        assert broken() == []
