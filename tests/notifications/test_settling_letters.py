"""Letters about debts that are set off, or settled with several: word for word, and to whom."""

from datetime import date

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.core.policy import Actor
from app.infra.uow import atomic
from app.notifications.quiet import quiet
from app.payments import service as payments
from app.payments.books.postings import Method, Pair
from app.payments.settlement import service
from tests.factories import a_member
from tests.notifications.goldens import same_as_golden
from tests.payments.books import Town, pay

pytestmark = pytest.mark.usefixtures("session", "frozen")
NAMES = {"a": "Les Glaneurs du Don", "b": "Graines de Blain", "c": "La Cuisine partagée"}


@pytest.fixture(params=["fr", "en"])
def locale(request):
    return request.param


class Three(Town):
    """Three organisations that owe each other, each with somebody who keeps its accounts."""

    def __init__(self, locale):
        super().__init__(*NAMES)
        with atomic():
            for name, each in self.named.items():
                each.name, each.slug = NAMES[name], f"structure-{name}"
        people = {
            name: a_member(
                each,
                role=Role.TREASURER,
                name=f"Trésor {name.upper()}",
                email=f"{name}@tresor.example",
                locale=locale,
            )
            for name, each in self.named.items()
        }
        self.keepers = {name: load_actor(person.id) for name, person in people.items()}
        self.coordination = Actor(coordinated=frozenset({self.territory_id}))
        payments.switch_money(self.coordination, self.territory_id, is_on=True)
        self.owes("a", "b", 5000)
        self.owes("b", "c", 4000)
        self.owes("c", "a", 900)

    def propose(self):
        return service.propose(self.keepers["a"], self.ids["a"], "once")

    def accept(self, made, name):
        service.accept(self.keepers[name], made.id, self.ids[name])


@pytest.fixture
def three(locale, monkeypatch, session):
    monkeypatch.setattr("app.payments.settlement.service.proposing.new_public_id", lambda: "S3TT1EMENT")
    monkeypatch.setattr("app.payments.settlement.service.pairs.new_public_id", lambda: "S3TT1EMENT")
    return Three(locale)


def test_the_other_is_told_what_was_set_off(post, three, locale):
    three.owes("b", "a", 1200)
    made = service.set_off(three.keepers["a"], three.ids["a"], three.ids["b"], 1200, "once")
    same_as_golden(locale, "debts_set_off", post.to("b@tresor.example"))
    service.undo(three.keepers["a"], made.id, three.ids["a"], "Une des deux factures était fausse")
    [mail] = post.run()
    assert mail.to == "b@tresor.example"
    same_as_golden(locale, "set_off_undone", mail)


def test_all_but_who_proposes_are_asked(post, three, locale):
    three.propose()
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {"b@tresor.example", "c@tresor.example"}
    mail = mails["b@tresor.example"]
    assert not {"9,00", "9.00"} & {*mail.text.split()}, "what others owe each other is not told"
    same_as_golden(locale, "settlement_proposed", mail)


def test_all_are_told_what_is_left(post, three, locale):
    with quiet():
        made = three.propose()
        three.accept(made, "b")
    three.accept(made, "c")
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {"a@tresor.example", "b@tresor.example"}, "whoever was the last to agree has seen it"
    same_as_golden(locale, "settlement_posted", mails["a@tresor.example"])


def test_all_are_told_who_refused_and_why(post, three, locale):
    with quiet():
        made = three.propose()
    service.refuse(three.keepers["c"], made.id, three.ids["c"], "Nous clôturons nos comptes.")
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {"a@tresor.example", "b@tresor.example"}
    same_as_golden(locale, "settlement_refused", mails["b@tresor.example"])


def test_all_are_told_that_it_lapsed(post, three, locale):
    with quiet():
        made = three.propose()
    pay(made.dues[0].due, 100)
    service.end_what_is_over()
    mails = {mail.to: mail for mail in post.run()}
    assert set(mails) == {f"{name}@tresor.example" for name in "abc"}
    same_as_golden(locale, "settlement_lapsed", mails["a@tresor.example"])


def test_a_payee_is_told_what_is_on_its_way(post, three, locale, monkeypatch):
    monkeypatch.setattr("app.payments.announced.service.new_public_id", lambda: "ANN0UNCE")
    said = payments.Said(5000, Method.TRANSFER, date(2026, 8, 31), "MUT 7K2P")
    payments.announce(three.keepers["a"], Pair(three.ids["a"], three.ids["b"]), said, "once")
    [mail] = post.run()
    assert mail.to == "b@tresor.example"
    same_as_golden(locale, "payment_announced", mail)


def test_nobody_is_written_to_while_money_is_off(three, post):
    payments.switch_money(three.coordination, three.territory_id, is_on=False)
    three.propose()
    assert post.run() == []
