"""Setting off what two owe each other: what is left, what the books say, what is refused, and taking it back."""

import pytest

from app.core import clock
from app.core.errors import Forbidden, NotFound, ReasonMissing
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.errors import KeyReused, SetOff
from app.payments.models import OnlinePart, OnlinePayment, Payment
from app.payments.settlement import service
from app.payments.settlement.errors import (
    AgreedByAll,
    NothingToSetOff,
    PublicDebts,
    SetOffChanged,
    SetOffUsed,
)
from app.payments.settlement.models import Settlement
from app.payments.settlement.queries import opposites, payments_of
from app.payments.settlement.rules import State
from tests.payments.books import pay, sound


def test_what_is_left_is_the_difference(town):
    town.owes("a", "b", 1000)
    town.owes("b", "a", 300)
    town.owes("b", "a", 200)
    made = town.set_off("a", "b", 500)
    assert made.state == State.POSTED
    assert town.owed() == {("a", "b"): 500}
    assert town.books("a") == {"expense": 1000, "payable": -500, "income": -500}
    assert town.books("b") == {"receivable": 500, "income": -1000, "expense": 500}
    assert [each.method for each in payments_of(made)] == ["offset", "offset"]
    assert sound()


def test_the_oldest_go_first_on_both_sides(town):
    old, new = town.owes("a", "b", 400), town.owes("a", "b", 600)
    town.owes("b", "a", 500)
    town.set_off("b", "a", 500)
    db.session.expire_all()
    assert (old.owed_cents, new.owed_cents) == (0, 500)


def test_it_is_written_into_the_history_of_both(town):
    town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    town.set_off("a", "b", 100)
    for name in "ab":
        assert [line.act for line in history("organisation", town.ids[name])] == ["set_off"]


def test_told_twice_it_is_done_once(town):
    town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    assert town.set_off("a", "b", 100).id == town.set_off("a", "b", 100).id
    assert db.session.query(Payment).count() == 2
    with pytest.raises(KeyReused):
        town.set_off("b", "a", 100)


def test_what_was_shown_is_what_is_set_off(town):
    town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    town.owes("b", "a", 50)
    town.owes("a", "b", 20)
    with pytest.raises(SetOffChanged) as refused:
        town.set_off("a", "b", 100)
    assert refused.value.facts == {"cents": 120}
    assert town.owed() == {("a", "b"): 120, ("b", "a"): 150}


def test_where_only_one_owes_there_is_nothing_to_set_off(town):
    due = town.owes("a", "b", 100)
    pay(town.owes("b", "a", 50))
    with pytest.raises(NothingToSetOff):
        town.set_off("a", "b", 50)
    assert due.owed_cents == 100


def test_a_direct_debit_on_its_way_is_not_set_off(town):
    due = town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    with atomic() as session:
        session.add(
            OnlinePayment(
                public_id=new_public_id(), payer_id=due.payer_id, payee_id=due.payee_id, currency="EUR", cents=100,
                state="started", page_id="x", begun_at=clock.now(), parts=[OnlinePart(due_id=due.id)],
            )
        )  # fmt: skip
    assert [each.both_ways for each in opposites(town.named["a"])] == [0]
    with pytest.raises(NothingToSetOff):
        town.set_off("a", "b", 100)


@pytest.mark.parametrize("one, other", [("a", "mairie"), ("mairie", "a")])
def test_a_public_body_sets_nothing_off(town, one, other):
    town.owes("a", "mairie", 100)
    town.owes("mairie", "a", 100)
    with pytest.raises(PublicDebts) as refused:
        town.set_off(one, other, 100)
    assert refused.value.facts == {"name": "mairie"}
    assert sound()


def test_only_who_keeps_the_accounts_sets_off_and_undoes(town):
    town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    member = Actor(memberships={town.ids["a"]: "member"})
    with pytest.raises(Forbidden):
        service.set_off(member, town.ids["a"], town.ids["b"], 100, "once")
    made = town.set_off("a", "b", 100)
    with pytest.raises(Forbidden):
        service.undo(member, made.id, town.ids["a"], "faux")
    with pytest.raises(NotFound):
        service.undo(town.keeper("c"), made.id, town.ids["c"], "faux")
    with pytest.raises(NotFound):
        service.set_off(town.keeper("a"), town.ids["a"], 0, 100, "twice")


@pytest.mark.parametrize("who", ["a", "b"])
def test_either_side_takes_it_back_with_a_reason(town, who):
    town.owes("a", "b", 1000)
    town.owes("b", "a", 300)
    before = town.books("a"), town.books("b")
    made = town.set_off("a", "b", 300)
    with pytest.raises(ReasonMissing):
        service.undo(town.keeper(who), made.id, town.ids[who], " ")
    service.undo(town.keeper(who), made.id, town.ids[who], "Erreur de saisie")
    service.undo(town.keeper(who), made.id, town.ids[who], "Encore")
    assert town.owed() == {("a", "b"): 1000, ("b", "a"): 300}
    assert (town.books("a"), town.books("b")) == before
    found = db.session.get(Settlement, made.id)
    assert found is not None
    assert (found.state, found.reason) == (State.UNDONE, "Erreur de saisie")
    assert sound()


def test_one_side_of_it_is_not_undone_alone(town):
    town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    made = town.set_off("a", "b", 100)
    payment = payments_of(made)[0]
    payee = "a" if payment.payee_id == town.ids["a"] else "b"
    with pytest.raises(SetOff):
        payments.undo_payment(town.keeper(payee), payment.id, "faux")
    assert sound()


def test_what_is_credited_afterwards_is_an_advance_that_can_be_given_back_in_money(town):
    due = town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    made = town.set_off("a", "b", 100)
    payments.credit("credit", due.charge_id, "Annulé")
    assert town.books("a") == {"advance_paid": 100, "income": -100}
    [payment] = [each for each in payments_of(made) if each.payer_id == town.ids["a"]]
    payments.give_back(town.keeper("b"), payment.id, 100, "Annulé", "back")
    assert town.books("a") == {"cash": 100, "income": -100}
    assert town.books("b") == {"cash": -100, "expense": 100}
    with pytest.raises(SetOffUsed):
        service.undo(town.keeper("a"), made.id, town.ids["a"], "faux")
    assert sound()


def test_what_is_credited_and_undone_leaves_nothing(town):
    due = town.owes("a", "b", 100)
    town.owes("b", "a", 100)
    made = town.set_off("a", "b", 100)
    payments.credit("credit", due.charge_id, "Annulé", 40)
    service.undo(town.keeper("a"), made.id, town.ids["a"], "Annulé")
    assert town.owed() == {("a", "b"): 60, ("b", "a"): 100}
    assert sound()


def test_a_proposal_is_not_undone(town):
    town.owes("a", "b", 500)
    town.owes("b", "c", 500)
    made = town.propose("b")
    with pytest.raises(AgreedByAll):
        service.undo(town.keeper("b"), made.id, town.ids["b"], "non")


def test_who_owes_whom_is_told_by_month(town, frozen):
    town.owes("a", "b", 1000)
    town.owes("b", "a", 300)
    frozen.tick(days=31)
    town.owes("a", "b", 50)
    town.owes("c", "a", 7)
    first, second = opposites(town.named["a"])
    assert (first.other.name, first.total.ours, first.total.theirs, first.total.net) == ("b", 1050, 300, -750)
    assert [(sums.ours, sums.theirs) for sums in first.months.values()] == [(1000, 300), (50, 0)]
    assert first.both_ways == 300
    assert (second.other.name, second.total.net) == ("c", 7)
