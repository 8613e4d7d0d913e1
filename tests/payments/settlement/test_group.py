"""Settling with several: what is proposed, who has to agree, what the books say, and when it comes to nothing."""

import random

import pytest

from app.accounts.models import LegalNature
from app.core.errors import Forbidden, NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.books.postings import SETTLEMENT
from app.payments.errors import TakenOver
from app.payments.models import Charge
from app.payments.settlement import service
from app.payments.settlement.errors import (
    AlreadyProposed,
    NothingToSettle,
    OtherAnswer,
    PublicDebts,
    SettlementOver,
)
from app.payments.settlement.models import Settlement
from app.payments.settlement.netting import nets
from app.payments.settlement.queries import by_pair, settleable_in
from app.payments.settlement.rules import LIFE, State
from app.web.words import explain
from tests.payments.books import find_charges, pay, sound
from tests.payments.settlement.town import SettlingTown


@pytest.fixture
def chain(town):
    """The example of docs/money.md."""
    town.owes("a", "b", 5000)
    town.owes("b", "c", 4000)
    town.owes("c", "a", 1000)
    return town


def test_nothing_moves_until_all_have_agreed(chain):
    before = chain.owed()
    made = chain.propose("a")
    assert chain.accept(made, "b") == State.PROPOSED
    assert chain.owed() == before
    assert chain.accept(made, "c") == State.POSTED


def test_what_remains_is_owed_in_the_place_of_all_of_it(chain):
    made = chain.propose("a")
    chain.accept(made, "b", "c")
    assert chain.owed() == {("a", "c"): 3000, ("a", "b"): 1000}
    assert sound()


def test_the_books_say_what_docs_say(chain):
    chain.accept(chain.propose("a"), "b", "c")
    assert chain.books("a") == {"expense": 5000, "income": -1000, "payable": -4000}
    assert chain.books("b") == {"expense": 4000, "income": -5000, "receivable": 1000}
    assert chain.books("c") == {"expense": 1000, "income": -4000, "receivable": 3000}


def test_what_remains_is_paid_as_anything_else(chain):
    made = chain.propose("a")
    chain.accept(made, "b", "c")
    [charge] = find_charges(SETTLEMENT, made.public_id)
    for due in payments_due(charge):
        pay(due)
    assert chain.owed() == {}
    assert sound()


def payments_due(charge: Charge):
    from app.payments.queries import dues_of

    return dues_of(charge.id)


def test_what_took_the_place_of_other_debts_is_not_credited(chain):
    made = chain.propose("a")
    chain.accept(made, "b", "c")
    [charge] = find_charges(SETTLEMENT, made.public_id)
    with pytest.raises(TakenOver):
        payments.credit("credit", charge.id, "faux")


def test_told_twice_it_is_done_once(chain):
    made = chain.propose("a")
    assert chain.propose("a").id == made.id
    assert chain.accept(made, "b", "b", "c", "c", "b") == State.POSTED
    assert db.session.query(Charge).filter_by(subject_kind=SETTLEMENT).count() == 1
    assert sound()


def test_a_circle_leaves_nothing(town):
    for payer, payee in ("ab", "bc", "ca"):
        town.owes(payer, payee, 700)
    made = town.propose("c")
    assert made.transfers == []
    town.accept(made, "a", "b")
    assert town.owed() == {}
    assert sound()


def test_who_saves_nothing_is_not_asked(chain):
    chain.owes("d", "a", 40)
    made = chain.propose("a")
    assert {each.organisation_id for each in made.parties} == {chain.ids[name] for name in "abc"}


def test_public_bodies_are_left_out(chain):
    chain.owes("mairie", "a", 500)
    chain.owes("c", "mairie", 500)
    made = chain.propose("a")
    assert made.party(chain.ids["mairie"]) is None
    with pytest.raises(PublicDebts):
        chain.propose("mairie", "other")


@pytest.mark.parametrize("who", ["d", "a"])
def test_where_no_transfer_is_saved_nothing_is_proposed(town, who):
    town.owes("a", "b", 100)
    town.owes("c", "b", 100)
    town.owes("b", "a", 30)  # two set that off without asking
    with pytest.raises(NothingToSettle):
        town.propose(who)


def test_an_organisation_has_one_open_proposal(chain):
    made = chain.propose("a")
    with pytest.raises(AlreadyProposed) as refused:
        chain.propose("b", "other")
    assert refused.value.facts == {"is_own": True}
    service.withdraw(chain.keeper("a"), made.id, chain.ids["a"])
    assert chain.propose("b", "other").is_open


def test_one_no_is_enough(chain):
    before, made = chain.owed(), chain.propose("a")
    service.refuse(chain.keeper("c"), made.id, chain.ids["c"], "Nous préférons payer")
    assert chain.owed() == before
    with pytest.raises(SettlementOver) as refused:
        chain.accept(made, "b")
    assert refused.value.facts == {"state": State.REFUSED}
    assert chain.propose("b", "other").is_open, "nobody is bound any more"


def test_only_who_proposed_withdraws_and_only_the_others_refuse(chain):
    made = chain.propose("a")
    for act, name, is_own in ((service.withdraw, "b", False), (service.refuse, "a", True)):
        with pytest.raises(OtherAnswer) as refused:
            act(chain.keeper(name), made.id, chain.ids[name])
        assert refused.value.facts == {"is_own": is_own}
        assert explain(refused.value)


def test_only_who_keeps_the_accounts_of_a_party_answers(chain):
    made = chain.propose("a")
    with pytest.raises(Forbidden):
        service.accept(Actor(memberships={chain.ids["b"]: "member"}), made.id, chain.ids["b"])
    with pytest.raises(NotFound):
        service.accept(chain.keeper("d"), made.id, chain.ids["d"])
    with pytest.raises(NotFound):
        service.accept(chain.keeper("d"), 0, chain.ids["d"])


def test_what_was_paid_meanwhile_makes_it_lapse(chain):
    made = chain.propose("a")
    chain.accept(made, "b")
    [due] = [
        each
        for each in settleable_in(chain.territory_id) or made_dues(made)
        if each.payer_id == chain.ids["c"]
    ]
    pay(due, 400)
    assert chain.accept(made, "c") == State.CHANGED
    assert chain.owed() == {("a", "b"): 5000, ("b", "c"): 4000, ("c", "a"): 600}
    assert sound()
    assert chain.propose("a", "other").is_open


def made_dues(made: Settlement):
    return [each.due for each in made.dues]


def test_who_turns_out_to_be_a_public_body_stops_it(chain):
    made = chain.propose("a")
    with atomic():
        chain.named["c"].legal_nature = LegalNature.PUBLIC
    with pytest.raises(PublicDebts):
        chain.accept(made, "b")


def test_what_is_charged_meanwhile_changes_nothing(chain):
    made = chain.propose("a")
    chain.owes("a", "b", 99)
    assert chain.accept(made, "b", "c") == State.POSTED
    assert chain.owed() == {("a", "c"): 3000, ("a", "b"): 1099}
    assert sound()


def test_after_a_fortnight_it_is_over(chain, frozen):
    made = chain.propose("a")
    frozen.tick(days=LIFE.days)
    assert chain.accept(made, "b") == State.EXPIRED


def test_what_is_over_ends_by_itself(chain, frozen):
    made = chain.propose("a")
    service.end_what_is_over()
    assert state_of(made) == State.PROPOSED
    pay(made.dues[0].due, 1)
    service.end_what_is_over()
    assert state_of(made) == State.CHANGED
    later = chain.propose("a", "other")
    frozen.tick(days=LIFE.days)
    service.end_what_is_over()
    assert state_of(later) == State.EXPIRED


def state_of(made: Settlement) -> str:
    db.session.expire_all()
    return db.session.get_one(Settlement, made.id).state


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_settled_leaves_everybody_where_they_were(session, frozen, seed):
    dice = random.Random(seed)
    names = "abcdefgh"[: dice.randint(3, 8)]
    town = SettlingTown(*names)
    for _ in range(dice.randint(3, 16)):
        payer, payee = dice.sample(names, 2)
        due = town.owes(payer, payee, dice.randint(1, 900))
        if dice.random() < 0.2:
            pay(due, dice.randint(1, due.cents))
    before = nets(by_pair(settleable_in(town.territory_id)))
    for name in names:
        try:
            made = town.propose(name, name)
        except NothingToSettle:
            continue
        parties = [each for each in names if made.party(town.ids[each])]
        assert town.accept(made, *parties) == State.POSTED
        assert broken() == []
    assert nets(by_pair(settleable_in(town.territory_id))) == before
