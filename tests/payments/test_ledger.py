"""Every posting, in the books of both: what is charged, paid, given back, disputed, taken back."""

from dataclasses import replace

import pytest

from app.core.errors import NotFound, ReasonMissing
from app.infra.uow import NotDurable, atomic
from app.payments import queries, service
from app.payments.amount_errors import RefundTooLarge
from app.payments.books.postings import Method, Pair
from app.payments.errors import (
    BadAmount,
    CreditTooLarge,
    DisputeClosed,
    DuesMixed,
    KeyReused,
    PaymentDisputed,
)
from app.payments.models import LedgerEntry
from app.payments.queries import dues_of
from app.payments.splits.keys import alone, by_meter, by_percent, equally
from app.payments.splits.splitting import CostLine, split
from tests.payments.books import Town, pay, sound


def test_a_charge_is_receivable_and_income_there_expense_and_payable_here(town: Town):
    town.owes("a", "kitchen", 1625)
    assert town.books("kitchen") == {"receivable": 1625, "income": -1625}
    assert town.books("a") == {"expense": 1625, "payable": -1625}
    assert sound()


@pytest.mark.parametrize(
    ("method", "account"),
    [
        (Method.CARD, "clearing"),
        (Method.SEPA, "clearing"),
        (Method.TRANSFER, "cash"),
        (Method.MANDAT, "cash"),
    ],
)
def test_what_is_paid_is_owed_no_more(town: Town, method, account):
    due = town.owes("a", "kitchen", 1625)
    paid = pay(due, method=method)
    assert (due.owed_cents, paid.free_cents) == (0, 0)
    assert town.books("kitchen") == {account: 1625, "income": -1625}
    assert town.books("a") == {"cash": -1625, "expense": 1625}
    assert sound()


def test_a_payment_in_parts_and_one_for_several_dues(town: Town):
    first, second = town.owes("a", "kitchen", 1000), town.owes("a", "kitchen", 500)
    pay(first, 400)
    paid = service.record_payment("both", [second.id, first.id], 1000, Method.TRANSFER)
    assert (first.owed_cents, second.owed_cents) == (0, 100)
    assert paid.free_cents == 0
    assert queries.open_dues(Pair(town.ids["a"], town.ids["kitchen"])) == [second]
    assert sound()


def test_what_is_paid_too_much_is_an_advance_and_may_be_used(town: Town):
    paid = pay(town.owes("a", "kitchen", 1000), 1300, Method.TRANSFER)
    assert paid.free_cents == 300
    assert town.books("kitchen")["advance_received"] == -300
    assert town.books("a")["advance_paid"] == 300
    later = town.owes("a", "kitchen", 500)
    assert service.allocate(paid.id, [later.id]) == {later.id: 300}
    assert service.allocate(paid.id, [later.id]) == {}
    assert (paid.free_cents, later.owed_cents) == (0, 200)
    assert "advance_received" not in town.books("kitchen")
    assert sound()


def test_a_fee_and_a_payout(town: Town):
    paid = pay(town.owes("a", "kitchen", 583))
    service.fee("txn_1", paid.id, 34)
    service.fee("txn_1", paid.id, 34)
    service.payout("po_1", town.ids["kitchen"], 549)
    service.payout("po_1", town.ids["kitchen"], 549)
    assert town.books("kitchen") == {"cash": 549, "fee": 34, "income": -583}
    assert sound()


def test_the_kitchen_for_a_small_association(town: Town):
    """3 h 15 at 12.50 with a coefficient of 0.40: 16.25, as the pure modules reckon it."""
    assert town.owes("a", "kitchen", 1625).cents == 1625


def test_ten_euros_equally_by_three(town: Town):
    charge = town.charge(town.line("kitchen", 1000), by=equally(town.ids[name] for name in "abc"))
    assert sorted(due.cents for due in dues_of(charge.id)) == [333, 333, 334]
    assert town.books("kitchen") == {"receivable": 1000, "income": -1000}
    assert sound()


def test_one_cent_by_percentages_has_one_due(town: Town):
    charge = town.charge(
        town.line("kitchen", 1),
        by=by_percent({town.ids["a"]: 5000, town.ids["b"]: 3000, town.ids["c"]: 2000}),
    )
    assert [(due.payer_id, due.cents) for due in dues_of(charge.id)] == [(town.ids["a"], 1)]
    assert sound()


def test_a_subsidised_charge_is_owed_by_the_subsidiser_too(town: Town):
    """96.35; the PAT pays 60 % up to 40.00; the rest by three."""
    envelope = town.envelope("pat", 6000, 10_000, most_cents=4000)
    with atomic(durable=True):
        subsidies = service.lock_subsidies(town.ids["a"], [envelope.id]).values()
        charge = town.charge(
            town.line("kitchen", 9635), by=equally(town.ids[name] for name in "abc"), subsidies=subsidies
        )
    by_payer = {due.payer_id: due.cents for due in dues_of(charge.id)}
    assert by_payer.pop(town.ids["pat"]) == 4000
    assert sorted(by_payer.values()) == [1878, 1878, 1879]
    assert (envelope.spent_cents, envelope.left_cents) == (4000, 6000)
    assert sound()


def test_a_residual_payer_bears_what_ceilings_leave(town: Town):
    """120.00 by two, with ceilings of 50.00 and 40.00: 30.00 are for the commune."""
    a, b, commune = (town.ids[name] for name in ("a", "b", "commune"))
    charge = town.charge(
        town.line("kitchen", 12_000), by=equally([a, b]), ceilings={a: 5000, b: 4000}, residual_payer=commune
    )
    assert {due.payer_id: due.cents for due in dues_of(charge.id)} == {a: 5000, b: 4000, commune: 3000}
    assert sound()


def test_two_subsidies_one_after_the_other(town: Town):
    """150.01: the PAT 40 %, then the commune 50 % of what is left up to 20.00; the rest by three."""
    first = town.envelope("pat", 4000, 100_000)
    second = town.envelope("commune", 5000, 100_000, priority=1, most_cents=2000)
    with atomic(durable=True):
        subsidies = service.lock_subsidies(town.ids["a"], [first.id, second.id]).values()
        charge = town.charge(
            town.line("kitchen", 15_001), by=equally(town.ids[name] for name in "abc"), subsidies=subsidies
        )
    by_payer = {due.payer_id: due.cents for due in dues_of(charge.id)}
    assert (by_payer.pop(town.ids["pat"]), by_payer.pop(town.ids["commune"])) == (6000, 2000)
    assert sorted(by_payer.values()) == [2333, 2334, 2334]
    assert sound()


def test_from_field_to_plate(town: Town):
    """Van, cold room, kitchen and producer; the PAT pays half of the logistics; the rest by 90, 60 and 30 kg."""
    van, cold, kitchen = (town.line(*each) for each in (("van", 2392), ("cold", 2520), ("kitchen", 3500)))
    producer = town.line("farm", 8100)
    envelope = town.envelope("pat", 5000, 100_000, most_cents=10_000)
    with atomic(durable=True):
        [subsidy] = service.lock_subsidies(town.ids["a"], [envelope.id]).values()
        subsidy = replace(subsidy, line_ids=frozenset({van.key, cold.key, kitchen.key}))
        weights = dict(zip((town.ids[name] for name in "abc"), (90_000, 60_000, 30_000), strict=True))
        charge = town.charge(van, cold, kitchen, producer, by=by_meter(weights), subsidies=[subsidy])
    dues = {(due.payer_id, due.payee_id): due.cents for due in dues_of(charge.id)}
    payees = {name: town.ids[name] for name in ("van", "cold", "kitchen", "farm")}
    figures = {
        "pat": (1196, 1260, 1750, 0),
        "a": (598, 630, 875, 4050),
        "b": (399, 420, 583, 2700),
        "c": (199, 210, 292, 1350),
    }
    for payer, each in figures.items():
        assert tuple(dues.get((town.ids[payer], payee), 0) for payee in payees.values()) == each
    assert [town.books(name)["receivable"] for name in payees] == [2392, 2520, 3500, 8100]
    assert sound()


def test_what_one_bears_of_ones_own_is_no_bill(town: Town):
    charge = town.charge(town.line("kitchen", 1000), by=equally([town.ids["kitchen"], town.ids["a"]]))
    [due] = dues_of(charge.id)
    assert (due.payer_id, due.cents) == (town.ids["a"], 500)
    assert town.books("kitchen") == {"receivable": 500, "income": -500}
    service.credit("all", charge.id, "Annulé")
    assert town.books("kitchen") == {}
    assert sound()


def test_what_is_free_of_charge_is_kept_and_nothing_is_owed(town: Town, session):
    charge = town.charge(town.line("kitchen", 0, waiver_reason="Bénévolat"), by=alone(town.ids["a"]))
    assert dues_of(charge.id) == []
    assert session.query(LedgerEntry).count() == 0
    assert sound()


def test_cancelled_late_half_is_kept(town: Town):
    """35.01, of which half is kept: 17.51, and 17.50 go back."""
    due = town.owes("a", "kitchen", 3501)
    paid = pay(due)
    service.credit("late", due.charge_id, "Annulé à moins de 48 h", 1750)
    assert (due.owed_cents, paid.free_cents) == (0, 1750)
    service.refund("re_1", paid.id, 1750)
    assert town.books("kitchen") == {"clearing": 1751, "income": -1751}
    assert town.books("a") == {"cash": -1751, "expense": 1751}
    assert sound()


def test_a_share_paid_by_card_of_which_half_goes_back(town: Town):
    """5.83 by card, fee 0.34; half is credited and refunded: 2.92 go back, the payee keeps 2.57, nothing is owed."""
    due = town.owes("c", "kitchen", 583)
    paid = pay(due)
    service.fee("txn", paid.id, 34)
    service.credit("half", due.charge_id, "Moitié", 292)
    service.refund("re", paid.id, 292)
    assert town.books("kitchen") == {"clearing": 257, "fee": 34, "income": -291}
    assert due.owed_cents == 0
    assert sound()


def test_money_that_comes_too_late_goes_back_whole(town: Town):
    """10.50 arrives when the slot is gone: all of it goes back, nothing is receivable, the payee bears the fee of 0.41."""
    due = town.owes("a", "kitchen", 1050)
    service.credit("expired", due.charge_id, "Créneau repris")
    paid = pay(due, 1050)
    assert paid.free_cents == 1050
    service.fee("txn", paid.id, 41)
    service.refund("re", paid.id, paid.free_cents)
    assert town.books("kitchen") == {"clearing": -41, "fee": 41}
    assert town.books("a") == {}
    assert sound()


def test_a_refund_without_a_credit_is_owed_again(town: Town):
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    service.refund("re", paid.id, 300)
    assert due.owed_cents == 300
    assert town.books("kitchen") == {"clearing": 700, "receivable": 300, "income": -1000}
    assert sound()
    pay(due)
    assert due.owed_cents == 0
    assert sound()


def test_a_refund_that_failed_is_an_advance(town: Town):
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    service.credit("off", due.charge_id, "Annulé")
    service.refund("re", paid.id, 1000)
    for _ in range(2):
        assert service.refund_failed("re").state == "failed"
    assert (paid.free_cents, paid.returned_cents) == (1000, 0)
    assert town.books("kitchen") == {"clearing": 1000, "advance_received": -1000}
    assert sound()
    with pytest.raises(NotFound):
        service.refund_failed("unknown")


def test_a_dispute_opened_and_won(town: Town):
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    for _ in range(2):
        service.dispute_opened("dp", paid.id, 1000)
    assert (due.owed_cents, paid.refundable_cents) == (0, 0)
    assert town.books("kitchen") == {"disputed_in": 1000, "income": -1000}
    assert town.books("a") == {"disputed_out": -1000, "expense": 1000}
    assert sound()
    for _ in range(2):
        service.dispute_won("dp")
    assert town.books("kitchen") == {"clearing": 1000, "income": -1000}
    assert sound()
    with pytest.raises(DisputeClosed):
        service.dispute_lost("dp")


def test_a_dispute_that_is_lost_is_owed_again(town: Town):
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    service.dispute_opened("dp", paid.id, 600)
    for _ in range(2):
        service.dispute_lost("dp")
    assert (due.owed_cents, paid.returned_cents) == (600, 600)
    assert town.books("kitchen") == {"clearing": 400, "receivable": 600, "income": -1000}
    assert town.books("a") == {"cash": -400, "payable": -600, "expense": 1000}
    assert sound()
    for _ in range(2):
        service.dispute_won("dp")  # an appeal
    assert (due.owed_cents, paid.free_cents, paid.returned_cents) == (600, 600, 0)
    assert service.allocate(paid.id, [due.id]) == {due.id: 600}
    assert town.books("kitchen") == {"clearing": 1000, "income": -1000}
    assert sound()
    with pytest.raises(NotFound):
        service.dispute_won("unknown")


@pytest.mark.parametrize("is_won", [True, False])
@pytest.mark.parametrize("refund_is_told", ["before", "while open", "after"])
def test_a_bank_takes_more_than_is_left_of_a_payment(town: Town, refund_is_told: str, *, is_won: bool):
    """Of 10.00, 3.00 were given back by hand; then the bank takes all of it, whatever is told first."""
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    decide = service.dispute_won if is_won else service.dispute_lost
    acts = {
        "before": lambda: service.refund("re", paid.id, 300, is_done=True),
        "open": lambda: service.dispute_opened("dp", paid.id, 1000),
        "while open": lambda: service.refund("re", paid.id, 300, is_done=True),
        "decide": lambda: decide("dp"),
        "after": lambda: service.refund("re", paid.id, 300, is_done=True),
    }
    for name, do in acts.items():
        if name in ("open", "decide", refund_is_told):
            do()
            assert sound()
    told = town.books("kitchen"), town.books("a")
    if is_won:
        assert told[0] == {"clearing": 700, "receivable": 300, "income": -1000}
        return
    assert told[0] == {"clearing": -300, "disputed_in": 300, "receivable": 1000, "income": -1000}
    assert told[1] == {"cash": 300, "disputed_out": -300, "payable": -1000, "expense": 1000}
    for _ in range(2):
        service.dispute_repaid("dp", Method.TRANSFER)
    assert town.books("kitchen") == {"clearing": -300, "cash": 300, "receivable": 1000, "income": -1000}
    assert town.books("a") == {"payable": -1000, "expense": 1000}
    assert sound()


def test_only_what_a_lost_dispute_took_beyond_a_payment_can_be_repaid(town: Town):
    paid = pay(town.owes("a", "kitchen", 1000))
    service.dispute_opened("dp", paid.id, 1000)
    service.dispute_lost("dp")
    with pytest.raises(NotFound):
        service.dispute_repaid("dp", Method.TRANSFER)
    with pytest.raises(RefundTooLarge):
        service.refund("re", paid.id, 1001, is_done=True)


def test_what_is_disputed_is_not_given_back_or_used_meanwhile(town: Town):
    due = town.owes("a", "kitchen", 1000)
    paid = pay(due)
    service.dispute_opened("dp", paid.id, 600)
    with pytest.raises(PaymentDisputed) as refused:
        service.refund("re", paid.id, 500)
    assert refused.value.facts == {"disputed": 600, "left": 400}
    service.credit("off", due.charge_id, "Annulé")
    assert paid.free_cents == 1000
    later = town.owes("a", "kitchen", 700)
    assert service.allocate(paid.id, [later.id]) == {later.id: 400}
    assert sound()
    service.dispute_lost("dp")
    assert (paid.free_cents, later.owed_cents) == (0, 300)
    assert sound()


def test_no_more_is_given_back_than_came(town: Town):
    paid = pay(town.owes("a", "kitchen", 1000))
    service.refund("one", paid.id, 700)
    with pytest.raises(RefundTooLarge) as refused:
        service.refund("two", paid.id, 301)
    assert refused.value.facts == {"asked": 301, "left": 300}


def test_no_more_is_cancelled_than_was_charged(town: Town):
    due = town.owes("a", "kitchen", 1000)
    service.credit("one", due.charge_id, "Erreur", 400)
    with pytest.raises(CreditTooLarge):
        service.credit("two", due.charge_id, "Erreur", 601)
    with pytest.raises(ReasonMissing):
        service.credit("three", due.charge_id, " ")
    with pytest.raises(NotFound):
        service.credit("four", 0, "Erreur")
    service.credit("rest", due.charge_id, "Erreur")
    assert due.owed_cents == 0
    assert town.books("a") == town.books("kitchen") == {}
    assert sound()


def test_a_charge_told_twice_is_one(town: Town):
    line = town.line("kitchen", 1000)
    new = service.NewCharge(
        "visit",
        town.territory_id,
        town.ids["a"],
        "booking",
        "B",
        (line,),
        split([line.cost], alone(town.ids["a"])),
    )
    first = service.post_charge(new)
    assert service.post_charge(new) is first
    assert town.books("a") == {"expense": 1000, "payable": -1000}
    with pytest.raises(KeyReused) as refused:
        service.post_charge(replace(new, subject_ref="C"))
    assert refused.value.facts["field"] == "subject_ref"
    dearer = town.line("kitchen", 1001)
    shared = split([dearer.cost], alone(town.ids["a"]))
    with pytest.raises(KeyReused) as refused:
        service.post_charge(replace(new, lines=(dearer,), split=shared))
    assert refused.value.facts["field"] == "cents"


def test_a_payment_told_twice_is_one(town: Town):
    due = town.owes("a", "kitchen", 1000)
    first = service.record_payment("pi_1", [due.id], 600, Method.CARD)
    assert service.record_payment("pi_1", [due.id], 600, Method.CARD) is first
    assert due.owed_cents == 400
    with pytest.raises(KeyReused) as refused:
        service.record_payment("pi_1", [due.id], 500, Method.CARD)
    assert refused.value.facts == {"key": "pi_1", "field": "cents", "found": 600, "asked": 500}
    assert service.refund("re", first.id, 100) is service.refund("re", first.id, 100)
    with pytest.raises(KeyReused):
        service.refund("re", first.id, 101)
    service.fee("txn", first.id, 10)
    with pytest.raises(KeyReused):
        service.fee("txn", first.id, 11)
    made = service.credit("cr", due.charge_id, "Erreur", 100)
    with pytest.raises(KeyReused):
        service.credit("cr", due.charge_id, "Erreur", 99)
    assert service.credit("cr", due.charge_id, "Erreur", 100) is made
    assert sound()


def test_dues_of_several_pairs_are_no_one_payment(town: Town):
    first, second = town.owes("a", "kitchen", 1000), town.owes("b", "kitchen", 1000)
    with pytest.raises(DuesMixed):
        service.record_payment("pi", [first.id, second.id], 2000, Method.CARD)
    paid = pay(first, 1500)
    with pytest.raises(DuesMixed):
        service.allocate(paid.id, [second.id])
    with pytest.raises(NotFound):
        service.record_payment("pi", [], 2000, Method.CARD)
    with pytest.raises(BadAmount):
        service.record_payment("pi", [first.id], 0, Method.CARD)
    with pytest.raises(NotFound):
        service.refund("re", 0, 1)
    with pytest.raises(NotFound):
        service.payout("po", 0, 1)


def test_money_moves_only_in_a_use_case_that_lasts(town: Town):
    with atomic(), pytest.raises(NotDurable):
        town.owes("a", "kitchen", 1000)


def test_shares_that_were_not_reckoned_from_the_lines_are_refused(town: Town):
    other = CostLine("other", town.ids["kitchen"], town.line("kitchen", 5).cost.amount)
    shared = split([other], alone(town.ids["a"]))
    with pytest.raises(ValueError, match="add up"):
        service.NewCharge(
            "k", town.territory_id, town.ids["a"], "booking", "B", (town.line("kitchen", 5),), shared
        )
