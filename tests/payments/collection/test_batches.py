"""What goes to a public accountant: in one batch only, numbered without a gap, as it stood; and what became of it."""

from datetime import date

import pytest

from app.accounts.models import LegalNature
from app.core.errors import Forbidden, NotFound, ReasonMissing
from app.core.policy import Actor
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.bank.matching import Certainty, Debtor, Match, match
from app.payments.books.postings import Method, Pair
from app.payments.collection import service
from app.payments.collection.errors import (
    BadPeriod,
    BatchSent,
    BatchWithdrawn,
    NothingToCollect,
    OrderNumberTaken,
    SentBefore,
)
from app.payments.collection.models import CollectionBatch
from app.payments.collection.papers import FIELDS, as_csv
from app.payments.collection.queries import on_its_way
from app.web.i18n import speaking
from app.web.words import explain
from config import ROOT
from tests.payments.books import Town, pay, sound

FIRST, LAST = date(2026, 8, 1), date(2026, 9, 30)


@pytest.fixture
def town(session, frozen):
    made = Town("mairie", "a", "b")
    with atomic():
        made.named["mairie"].legal_nature = LegalNature.PUBLIC
        for name, each in made.named.items():
            each.name = each.slug = name
    return made


def keeper(town):
    return Actor(memberships={town.ids["mairie"]: "treasurer"})


def make(town, first=FIRST, last=LAST):
    return service.make_batch(keeper(town), town.ids["mairie"], first, last)


def announced(town, payer, cents, due=None):
    said = payments.Said(cents, Method.TRANSFER, date(2026, 9, 1), due.public_id if due else "")
    pair = Pair(town.ids[payer], town.ids["mairie"])
    payments.announce(Actor(memberships={town.ids[payer]: "treasurer"}), pair, said, f"{payer}:{cents}")


def test_what_is_on_its_way_is_told_and_can_be_left_for_the_next_batch(town):
    town.owes("a", "mairie", 1000)
    town.owes("a", "mairie", 500)
    town.owes("b", "mairie", 700)
    announced(town, "a", 1100)
    issuer = town.named["mairie"]
    assert sorted(on_its_way(issuer).values()) == [100, 1000]
    first = service.make_batch(keeper(town), issuer.id, FIRST, LAST, leaves_announced=True)
    assert [line.cents for line in first.lines] == [700]
    assert [line.cents for line in make(town).lines] == [1000, 500]


def number(town, batch, **numbers):
    by_position = {f"n{line.position}": line.due_id for line in batch.lines}
    given = {by_position[name]: value for name, value in numbers.items()}
    service.number_lines(keeper(town), town.ids["mairie"], batch.public_id, given)


def state(batch):
    db.session.expire_all()
    return [line.state for line in db.session.get_one(CollectionBatch, batch.id).lines]


def test_what_is_owed_goes_once(town):
    town.owes("a", "mairie", 1000)
    pay(town.owes("a", "mairie", 500), 200)
    pay(town.owes("b", "mairie", 700))
    town.owes("mairie", "a", 900)
    batch = make(town)
    assert [(line.position, line.cents) for line in batch.lines] == [(1, 1000), (2, 300)]
    assert batch.cents == 1300
    with pytest.raises(NothingToCollect):
        make(town)
    town.owes("b", "mairie", 50)
    assert [line.cents for line in make(town).lines] == [50]
    assert [line.act for line in history("organisation", town.ids["mairie"])] == ["collection_batch"] * 2


def test_where_all_is_announced_the_refusal_says_how_to_collect_it(town):
    town.owes("a", "mairie", 1000)
    announced(town, "a", 1000)
    with pytest.raises(NothingToCollect) as refused:
        service.make_batch(keeper(town), town.ids["mairie"], FIRST, LAST, leaves_announced=True)
    with speaking("en"):
        assert "untick the box" in explain(refused.value)
    assert make(town).cents == 1000


def withdraw(town, batch, reason="Mauvaise période"):
    service.withdraw_batch(keeper(town), town.ids["mairie"], batch.public_id, reason)


def test_what_was_made_by_mistake_is_withdrawn_and_its_lines_are_free(town):
    town.owes("a", "mairie", 1000)
    batch = make(town)
    with pytest.raises(ReasonMissing):
        withdraw(town, batch, " ")
    with pytest.raises(Forbidden):
        service.withdraw_batch(Actor(), town.ids["mairie"], batch.public_id, "Erreur")
    withdraw(town, batch)
    withdraw(town, batch)
    assert batch.is_withdrawn
    assert [(line.act, line.facts.get("reason")) for line in history("organisation", town.ids["mairie"])] == [
        ("collection_batch", None),
        ("collection_withdrawn", "Mauvaise période"),
    ]
    with pytest.raises(BatchWithdrawn):
        service.mark_sent(keeper(town), town.ids["mairie"], batch.public_id, date(2026, 9, 1))
    again = make(town)
    assert (again.name, again.cents) == ("2026-2", 1000), "no number is used twice"
    assert sound()


@pytest.mark.parametrize("how", ["sent", "numbered"])
def test_what_the_accountant_has_is_not_withdrawn(town, how):
    town.owes("a", "mairie", 1000)
    batch = make(town)
    if how == "sent":
        service.mark_sent(keeper(town), town.ids["mairie"], batch.public_id, date(2026, 9, 1))
    else:
        number(town, batch, n1="2026-T-8")
    with pytest.raises(BatchSent):
        withdraw(town, batch)
    assert batch.lines


def test_a_line_keeps_what_it_is_made_of(town):
    due = town.owes("a", "mairie", 1000)
    pay(due, 200)
    [line] = make(town).lines
    [made_of] = line.facts["lines"]
    assert (made_of["cents"], made_of["meter"], line.facts["paid_cents"]) == (1000, "flat", 200)
    assert made_of["reference"] == line.facts["reference"] == f"MUT {due.public_id}"


def test_numbers_are_gapless_by_issuer_and_year(town, frozen):
    for expected in ("2026-1", "2026-2"):
        town.owes("a", "mairie", 100)
        assert make(town).name == expected
    with pytest.raises(NothingToCollect):
        make(town)
    frozen.tick(days=200)
    town.owes("a", "mairie", 100)
    assert make(town, last=date(2027, 12, 31)).name == "2027-1"
    assert sound()


def test_only_what_was_charged_in_the_period(town, frozen):
    town.owes("a", "mairie", 100)
    frozen.tick(days=60)
    town.owes("a", "mairie", 200)
    assert [line.cents for line in make(town, first=date(2026, 10, 1), last=date(2026, 12, 1)).lines] == [200]
    with pytest.raises(BadPeriod):
        make(town, LAST, FIRST)


def test_only_a_public_body_and_who_keeps_its_accounts(town):
    town.owes("a", "mairie", 100)
    with pytest.raises(Forbidden):
        service.make_batch(Actor(memberships={town.ids["mairie"]: "member"}), town.ids["mairie"], FIRST, LAST)
    with pytest.raises(Forbidden):
        service.make_batch(Actor(memberships={town.ids["a"]: "treasurer"}), town.ids["a"], FIRST, LAST)
    batch = make(town)
    with pytest.raises(NotFound):
        service.mark_sent(keeper(town), town.ids["mairie"], "none", date(2026, 9, 1))
    with pytest.raises(Forbidden):
        service.mark_sent(Actor(), town.ids["mairie"], batch.public_id, date(2026, 9, 1))


def test_it_is_sent_after_it_was_made(town, frozen):
    town.owes("a", "mairie", 100)
    batch, today = make(town), date(2026, 9, 1)
    for wrong in (date(2026, 8, 31), date(2026, 9, 2)):
        with pytest.raises(SentBefore):
            service.mark_sent(keeper(town), town.ids["mairie"], batch.public_id, wrong)
    service.mark_sent(keeper(town), town.ids["mairie"], batch.public_id, today)
    assert batch.sent_on == today


def test_an_order_is_for_one_debtor(town):
    for payer in "aab":
        town.owes(payer, "mairie", 100)
    batch = make(town)
    number(town, batch, n1="T-12", n2="T-12", n3="T-13")
    with pytest.raises(OrderNumberTaken) as refused:
        number(town, batch, n3="T-12")
    assert refused.value.facts == {"number": "T-12", "name": "a"}
    db.session.rollback()
    assert [line.order_number for line in batch.lines] == ["T-12", "T-12", "T-13"]


def test_what_is_noted_with_its_number_pays_its_lines_first(town):
    for cents in (100, 200, 300):
        town.owes("a", "mairie", cents)
    batch = make(town)
    number(town, batch, n1="2026 T 7", n2="2026 T 8", n3="2026 T 8")
    came = payments.Came(500, Method.MANDAT, batch.made_at, "MANDAT 44, TITRE 2026-T-8")
    payments.note_payment(keeper(town), Pair(town.ids["a"], town.ids["mairie"]), came, "noted")
    assert state(batch) == ["waited", "collected", "collected"]
    came = payments.Came(60, Method.MANDAT, batch.made_at, "acompte")
    payments.note_payment(keeper(town), Pair(town.ids["a"], town.ids["mairie"]), came, "more")
    assert state(batch) == ["part", "collected", "collected"]
    assert sound()


def test_what_is_credited_afterwards_has_to_be_lowered_or_cancelled(town):
    one, other = town.owes("a", "mairie", 1000), town.owes("a", "mairie", 1000)
    payments.credit("before", one.charge_id, "Erreur", 100)
    batch = make(town)
    assert [line.cents for line in batch.lines] == [900, 1000]
    payments.credit("some", one.charge_id, "Erreur", 300)
    payments.credit("all", other.charge_id, "Erreur")
    assert state(batch) == ["lower", "cancel"]
    assert [line.lowered_cents for line in batch.lines] == [300, 1000]


@pytest.mark.parametrize(
    ("text", "cents", "found"),
    [
        ("VIR TITRE 2026/127", 500, Match(1, "", Certainty.SURE)),
        ("VIR TITRE 2026/127", 499, None),
        ("VIR 20261270", 500, Match(1, "", Certainty.POSSIBLE)),
    ],
)
def test_a_line_of_the_bank_is_known_by_the_number_and_the_amount(text, cents, found):
    debtor = Debtor(1, "Ligue", "ABC", (("X1Y2", 300), ("X3Y4", 200)), (("2026-127", 500),))
    assert match(cents, text, [debtor]) == found


def test_the_table_is_what_docs_say_and_no_formula(town):
    with atomic():
        town.named["a"].name = "=CMD()"
    town.owes("a", "mairie", 123_456)
    head, line, *_ = as_csv(make(town)).removeprefix("\ufeff").split("\r\n")
    assert head == ";".join(FIELDS)
    cells = line.split(";")
    assert cells[:4] == ["2026-1", "1", "'=CMD()", ""]
    assert cells[6:10] == ["01/09/2026", "01/08/2026", "30/09/2026", "1234,56"]
    documented = (ROOT / "docs" / "money.md").read_text()
    assert all(f"`{name}`" in documented for name in FIELDS)
