"""Each invariant of money is broken on purpose, with the guards out of the way, and is then named."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.books.checking import INVARIANTS, broken, findings
from app.payments.books.postings import Method
from app.payments.deposits import service as deposits
from app.payments.deposits.service import NewDeposit
from app.payments.documents.service import issue
from app.payments.documents.service.numbering import next_number
from app.payments.models import Due, OnlinePart, OnlinePayment
from app.payments.stripe.models import StripePayment
from tests.databases import KIND
from tests.payments.books import Town, pay, raw, without_guards


@pytest.fixture
def real(fresh_database, frozen):
    """A committed town in which all happened that can: a charge of two shares, paid, credited, refunded, disputed."""
    with fresh_database.app.app_context():
        town = Town("kitchen", "pat", "a", "b")
        envelope = town.envelope("pat", 5000, 5000)
        service.hold_envelope("held", envelope.id, town.ids["a"], 100)
        due = town.owes("a", "kitchen", 1000)
        paid = pay(due, key="pi_1")
        service.credit("cr", due.charge_id, "Erreur", 200)
        service.refund("re", paid.id, 100)
        service.dispute_opened("dp", paid.id, 100)
        service.dispute_lost("dp")
        owed = [town.owes("a", "b", 300).id], [town.owes("b", "a", 300).id]
        for number, due_ids in enumerate(owed):
            service.record_payment(f"offset-{number}", due_ids, 300, Method.OFFSET)
        own = town.ids["a"], town.ids["kitchen"]
        asked = NewDeposit("booking", "B1", town.territory_id, *own, 500, frozen.now)
        deposits.receive(deposits.ask(asked), Actor(), Method.CASH)
        at_stripe(paid_on_line(town))
        service.payout("po", town.ids["kitchen"], 100)
        for number in (1, 2, 3):
            next_number(town.ids["kitchen"], "invoice", "2026", f"doc-{number}")
        issue(town.ids["kitchen"], town.ids["a"])
        assert broken() == []
        yield town


def paid_on_line(town: Town) -> Due:
    """A due that was paid at Stripe, for which another attempt is under way."""
    due = town.owes("b", "kitchen", 700)
    service.record_payment("stripe:online:1", [due.id], 500, Method.CARD)
    return due


def at_stripe(due: Due) -> None:
    """Write down what Stripe knows of it."""
    now = clock.now()
    pair = {"payer_id": due.payer_id, "payee_id": due.payee_id, "currency": "EUR", "cents": 500}
    page = {"organisation_id": due.payee_id, "account_id": "acct_1", "label": "", "back": "/", "locale": "fr"}
    page |= {"held_until": now, "page_until": now, "created_at": now, "cents": 500, "currency": "EUR"}
    with atomic() as session:
        for number, state in ((1, "paid"), (2, "open")):
            names = {"key": f"online:{number}", "reference": f"online:{number}", "session_id": f"cs_{number}"}
            session.add(StripePayment(public_id=f"S{number}", state=state, **names, **page))
            session.add(OnlinePayment(public_id=f"O{number}", page_id="", begun_at=now, **pair))
        session.flush()
        for attempt in session.scalars(select(OnlinePayment).order_by(OnlinePayment.id)):
            session.add(OnlinePart(online_id=attempt.id, due_id=due.id, is_live=attempt.public_id == "O2"))


BREAKS = {
    "payments are what the books say": (
        "UPDATE payment SET payer_id = (SELECT MAX(id) FROM organisation o WHERE o.id NOT IN (payment.payer_id, payment.payee_id))",
    ),
    "what a payment is for is of its pair": (
        "UPDATE payment SET payer_id = (SELECT MAX(id) FROM organisation o WHERE o.id NOT IN (payment.payer_id, payment.payee_id))",
    ),
    "payouts ≤ what came on line": (
        "UPDATE ledger_leg SET cents = -9000 WHERE account = 'clearing' AND cents = -100",
    ),
    "one live session per due": (
        "DROP INDEX uq_online_part_live",
        "UPDATE online_part SET is_live = TRUE",
    ),
    "no Stripe id on two rows": ("UPDATE stripe_payment SET intent_id = 'cs_1' WHERE public_id = 'S2'",),
    "what was paid at Stripe is a payment here": (
        "UPDATE stripe_payment SET state = 'paid' WHERE public_id = 'S2'",
    ),
    "entries are sealed": (
        "DELETE FROM ledger_seal WHERE entry_id = (SELECT MAX(entry_id) FROM ledger_seal)",
    ),
    "entries balance for each organisation": (
        "UPDATE ledger_leg SET cents = cents + 1 WHERE account = 'clearing'",
        "UPDATE ledger_leg SET cents = cents - 1 WHERE account = 'clearing' AND cents < 0",
    ),
    "receivable[R,P] + payable[P,R] = 0": (
        "UPDATE ledger_leg SET cents = cents + 1 WHERE account IN ('payable', 'expense') AND cents < -900",
    ),
    "income[R,P] + expense[P,R] = 0": ("UPDATE ledger_leg SET cents = cents + 1 WHERE account = 'expense'",),
    "advance_received[R,P] + advance_paid[P,R] = 0": (
        "UPDATE ledger_leg SET cents = cents - 1 WHERE account = 'advance_paid'",
        "UPDATE ledger_leg SET cents = cents - 1 WHERE account = 'advance_paid' AND cents > 0",
    ),
    "disputed_in[R,P] + disputed_out[P,R] = 0": (
        "UPDATE ledger_leg SET cents = cents - 1 WHERE account = 'disputed_out' AND cents > 1",
    ),
    "what is owed is what the books say": ("UPDATE due SET paid_cents = paid_cents - 1",),
    "what is free of payments is what the books say": (
        "UPDATE payment SET returned_cents = returned_cents - 1 WHERE returned_cents > 0",
    ),
    "what is set off comes to nothing": (
        "UPDATE ledger_leg SET cents = cents + 1 WHERE account = 'offset' AND cents > 0",
    ),
    "deposit_held[R,P] + deposit_given[P,R] = 0": (
        "UPDATE ledger_leg SET cents = cents + 1 WHERE account = 'deposit_given'",
    ),
    "deposits held are what the books say": ("UPDATE deposit SET cents = cents + 1",),
    "shares sum to the line": ("UPDATE charge_line SET cents = cents + 1, public_cents = public_cents + 1",),
    "dues sum up the shares": ("UPDATE due SET cents = cents + 1",),
    "credits ≤ share": ("UPDATE credit_share SET cents = 1001",),
    "allocations ≤ payment": ("UPDATE allocation SET cents = cents + 300 WHERE cents > 0",),
    "allocations ≤ due": ("UPDATE allocation SET cents = cents + 300 WHERE cents > 0",),
    "refunds + lost disputes ≤ payment": ("UPDATE refund SET cents = 1000",),
    "envelopes ≥ 0": ("UPDATE envelope_hold SET cents = 6000",),
    "numbers without a gap": ("DELETE FROM document_number WHERE number = 2",),
    "documents have their numbers, and numbers their documents": ("UPDATE document SET key = 'other'",),
    "documents add up": ("UPDATE document_part SET cents = cents + 1",),
}


def test_every_invariant_is_broken_here():
    assert set(BREAKS) == {invariant.name for invariant in INVARIANTS}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_named(real: Town, fresh_database, name):
    without_guards(*TABLES)
    for statement in BREAKS[name]:
        break_it(statement)
    assert name in {finding.name for finding in broken()}
    db.session.remove()
    done = fresh_database.app.test_cli_runner().invoke(args=["payments", "check"])
    assert done.exit_code == 1
    assert f"BROKEN  {name}: " in done.output


TABLES = (
    "ledger_entry", "ledger_leg", "ledger_seal", "charge_line", "charge_share", "credit_share", "allocation",
    "document", "document_part", "document_number", "due", "payment", "refund", "envelope_hold",
)  # fmt: skip


def break_it(statement: str) -> None:
    """Change what nobody may, also what constraints refuse."""
    db.session.remove()  # what was read before is looked at anew
    if KIND == "sqlite":
        raw_connection = db.engine.raw_connection()
        raw_connection.executescript(
            f"PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {statement};"
        )
        raw_connection.close()
        db.engine.dispose()
    else:
        raw("SET LOCAL session_replication_role = replica; " + statement)


def test_where_all_holds_it_says_so_and_among_how_many(real: Town, fresh_database):
    db.session.remove()
    done = fresh_database.app.test_cli_runner().invoke(args=["payments", "check"])
    assert done.exit_code == 0, done.output
    assert "ok      numbers without a gap: 4 looked at, 0 broken" in done.output
    with fresh_database.app.app_context():
        assert all(finding.among for finding in findings())
