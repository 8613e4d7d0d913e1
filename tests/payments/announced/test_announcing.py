"""What a payer says it has sent: told to the payee, no ledger moved, done once the money is noted."""

import re
from datetime import date

import pytest

from app.accounts.models import Role
from app.core import clock
from app.core.errors import Forbidden
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service
from app.payments.announced.models import Announcement
from app.payments.announced.queries import open_between
from app.payments.announced.rules import covered
from app.payments.bank.matching import Certainty, Debtor, Match, match
from app.payments.books.postings import Method, Pair
from app.payments.errors import BadAmount, MoreThanOwed, NothingOwed
from app.payments.models import Charge, LedgerEntry, Payment
from app.payments.splits.keys import alone
from app.payments.splits.splitting import split
from tests.factories import a_member
from tests.payments.books import Town, sound

PAY = "/structures/a/comptes/avec/b/payer"


@pytest.fixture
def town(session, frozen):
    made = Town("a", "b")
    service.switch_money(Actor(coordinated=frozenset({made.territory_id})), made.territory_id, is_on=True)
    with atomic():
        for name, each in made.named.items():
            each.slug, each.name = name, f"Asso {name}"
    return made


@pytest.fixture
def pair(town):
    return Pair(town.ids["a"], town.ids["b"])


@pytest.fixture
def sign_in(client, login, town):
    def come(name, role=Role.TREASURER):
        login(client, a_member(town.named[name], role=role))

    return come


def keeper(town, name):
    return Actor(memberships={town.ids[name]: "treasurer"})


def say(town, pair, cents=1000, reference="MUT X1", key="once", **more):
    said = service.Said(cents, Method.TRANSFER, date(2026, 9, 1), reference, **more)
    return service.announce(keeper(town, "a"), pair, said, key)


def states():
    db.session.expire_all()
    return [each.state for each in db.session.query(Announcement).order_by(Announcement.id)]


def awaited(pair):
    return [each.cents for each in open_between(*pair)]


def plain(answer):
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ")


def test_it_moves_nothing(town, pair):
    due = town.owes("a", "b", 1000)
    before = db.session.query(LedgerEntry).count()
    assert say(town, pair).id == say(town, pair).id, "told twice, it is said once"
    assert db.session.query(LedgerEntry).count() == before
    assert due.owed_cents == 1000
    assert states() == ["open"]


def test_only_who_keeps_the_accounts_of_who_owes(town, pair):
    with pytest.raises(NothingOwed):
        say(town, pair)
    town.owes("a", "b", 1000)
    with pytest.raises(BadAmount):
        say(town, pair, 0)
    said = service.Said(1, Method.CHEQUE, date(2026, 9, 1))
    with pytest.raises(Forbidden):
        service.announce(keeper(town, "b"), pair, said, "once")
    made = say(town, pair)
    with pytest.raises(Forbidden):
        service.take_back_announcement(keeper(town, "b"), pair.payer_id, made.public_id)
    service.take_back_announcement(keeper(town, "a"), pair.payer_id, made.public_id)
    assert states() == ["taken_back"]


def note(town, pair, cents, key, **more):
    came = service.Came(cents, Method.TRANSFER, clock.now(), **more)
    return service.note_payment(keeper(town, "b"), pair, came, key)


def test_it_is_done_once_its_amount_is_noted(town, pair):
    town.owes("a", "b", 3000)
    say(town, pair, 1000)
    say(town, pair, 500, key="other")
    note(town, pair, 700, "n1")
    assert states() == ["open", "open"]
    note(town, pair, 500, "n2")
    assert states() == ["open", "noted"]
    assert sound()


def test_it_is_done_by_its_own_form_whatever_the_amount(town, pair):
    town.owes("a", "b", 3000)
    made = say(town, pair, 1000)
    note(town, pair, 900, "n1", announcement_ref=made.public_id)
    assert states() == ["noted"]
    service.take_back_announcement(keeper(town, "a"), pair.payer_id, made.public_id)
    assert states() == ["noted"], "it was true"


def test_what_was_noted_by_mistake_is_said_again(town, pair):
    town.owes("a", "b", 1000)
    say(town, pair)
    paid = note(town, pair, 1000, "n1")
    service.undo_payment(keeper(town, "b"), paid.id, "Pas encore là")
    assert states() == ["open"]


def test_it_is_awaited_no_longer_than_its_debt(town, pair, frozen):
    one, other = town.owes("a", "b", 1000), town.owes("a", "b", 500)
    say(town, pair, 1000, due_ref=one.public_id)
    say(town, pair, 500, key="all")
    assert awaited(pair) == [1000, 500]
    frozen.tick(minutes=1)
    town.owes("a", "b", 700)  # nobody had said anything of that
    service.credit("c1", one.charge_id, "Geste")
    assert awaited(pair) == [500]
    paid = note(town, pair, 500, "n1", due_id=other.id)
    assert awaited(pair) == []
    service.undo_payment(keeper(town, "b"), paid.id, "Pas encore là")
    assert awaited(pair) == [500], "owed again"


def test_what_comes_is_what_is_awaited_not_what_was_given_up(town, pair, frozen):
    given_up = town.owes("a", "b", 1000)
    say(town, pair, 1000, key="one", due_ref=given_up.public_id)
    service.credit("off", given_up.charge_id, "Annulé")
    other = town.owes("a", "b", 3000)
    say(town, pair, 1000, key="two", due_ref=other.public_id)
    assert awaited(pair) == [1000]
    note(town, pair, 1000, "came")
    assert awaited(pair) == []


def test_it_stays_for_what_is_charged_anew_for_the_same(town, pair, frozen):
    due = town.owes("a", "b", 1000)
    charge = db.session.get_one(Charge, due.charge_id)
    say(town, pair, 1000, due_ref=due.public_id)
    frozen.tick(minutes=1)
    service.credit("c1", charge.id, "Compteur mal lu")
    assert awaited(pair) == []
    line = town.line("b", 800)
    new = service.NewCharge(
        "anew", town.territory_id, pair.payer_id, "booking", charge.subject_ref, (line,),
        split([line.cost], alone(pair.payer_id)),
    )  # fmt: skip
    service.post_charge(new)
    assert awaited(pair) == [1000], "the money was sent all the same"


@pytest.mark.parametrize(
    ("owed", "sent", "expected"),
    [
        ({"A": 1000, "B": 500}, [], {"A": 0, "B": 0}),
        ({"A": 1000, "B": 500}, [("", 1200)], {"A": 1000, "B": 200}),
        ({"A": 1000, "B": 500}, [("", 300), ("B", 500)], {"A": 300, "B": 500}),
        ({"A": 1000, "B": 500}, [("B", 700)], {"A": 200, "B": 500}),
        ({"A": 1000}, [("gone", 400), ("", 900)], {"A": 1000}),
    ],
)
def test_what_was_sent_covers_what_it_names_and_then_the_oldest(owed, sent, expected):
    assert covered(owed, sent) == expected


@pytest.mark.parametrize(
    ("text", "cents", "found"),
    [
        ("VIR MUT X1", 1000, Match(2, "D2", Certainty.SURE)),
        ("VIR ASSO", 1000, Match(2, "D2", Certainty.LIKELY)),
        ("VIR MUT X1", 999, None),
    ],
)
def test_a_line_of_the_bank_is_first_what_was_announced(text, cents, found):
    debtors = [
        Debtor(1, "Ligue", "R1", (("D1", 1000),)),
        Debtor(2, "Union", "R2", (("D2", 1500),), announced=(("MUT X1", 1000, "D2"),)),
    ]
    assert match(cents, text, debtors) == found


def test_the_payer_says_it_and_the_payee_notes_it(town, client, sign_in):
    town.owes("a", "b", 4063)
    sign_in("a")
    text = plain(client.get(PAY))
    assert "C’est envoyé" in text
    assert 'value="40,63"' in text
    sent = {"amount": "40,63", "method": "transfer", "day": "2026-08-31", "reference": "VIR 7", "once": "x"}
    answer = client.post(f"{PAY}/annonce", data=sent, follow_redirects=True)
    assert "Vous avez annoncé : 40,63 € envoyés le lun. 31 août" in plain(answer)
    assert "Tout est annoncé" in plain(answer)
    assert "Asso a doit" not in plain(client.get("/moi"))
    mine = plain(client.get("/structures/a/comptes"))
    assert "Vous avez annoncé 40,63 €, envoyés le lundi 31 août" in mine
    assert "Reste à payer : 0,00 €" in mine
    sign_in("b")
    assert "1 paiement est annoncé à « Asso b »" in plain(client.get("/moi"))
    assert "40,63 € annoncés, envoyés le lundi 31 août" in plain(client.get("/structures/b/comptes"))
    page = plain(client.get("/structures/b/comptes/avec/a"))
    assert "Annoncé : 40,63 € envoyés le lun. 31 août" in page
    link = re.search(r'href="(/structures/b/comptes/avec/a\?annonce=[^"#]+)#note"', page)
    assert link
    filled = client.get(link[1]).text
    for value in ('value="40,63"', 'value="2026-08-31"', 'value="VIR 7"'):
        assert value in filled
    hidden = re.search(r'name="announced"[^>]*value="([^"]+)"', filled)
    assert hidden
    came = {"amount": "40,63", "method": "transfer", "day": "2026-09-01", "announced": hidden[1]}
    client.post("/structures/b/comptes/avec/a/recu", data=came)
    assert db.session.query(Payment).one().allocated_cents == 4063
    assert states() == ["noted"]
    assert "annoncé à" not in plain(client.get("/moi"))


def test_no_more_is_announced_than_is_left_to_pay(town, pair, client, sign_in):
    one = town.owes("a", "b", 7200)
    town.owes("a", "b", 800)
    with pytest.raises(MoreThanOwed):
        say(town, pair, 7201, due_ref=one.public_id)
    say(town, pair, 7000)
    assert say(town, pair, 7000).cents == 7000, "told twice, it is said once"
    sign_in("a")
    sent = {"amount": "720", "method": "transfer", "day": "2026-08-31", "reference": "VIR 7"}
    answer = client.post(f"{PAY}/annonce", data=sent)
    assert answer.status_code == 422
    assert "Il vous reste 10,00 € à payer" in plain(answer)
    assert 'value="720"' in answer.text
    say(town, pair, 1000, key="rest")
    answer = client.post(f"{PAY}/annonce", data=sent)
    assert "Vous avez annoncé tout ce que vous devez" in plain(answer)
    assert states() == ["open", "open"]


def test_what_is_left_is_asked_for(town, pair, client, sign_in):
    town.owes("a", "b", 4000)
    say(town, pair, 1500)
    sign_in("a")
    page = plain(client.get(PAY))
    assert "25,00 €" in page
    assert 'value="25,00"' in page
    assert "Asso a doit 25,00 €" in plain(client.get("/moi"))
    assert "Payer 25,00 €" in plain(client.get("/structures/a/comptes/avec/b"))


def test_what_could_be_set_off_is_said_before_it_is_paid(town, client, sign_in):
    town.owes("a", "b", 4000)
    sign_in("a")
    assert "/comptes/reglement" not in client.get(PAY).text
    town.owes("b", "a", 1500)
    page = plain(client.get(PAY))
    assert "Ils vous doivent 15,00 €" in page
    assert 'href="/structures/a/comptes/reglement"' in page


@pytest.mark.parametrize(
    "wrong", [{"amount": "beaucoup"}, {"day": "hier"}, {"method": "cash"}, {"reference": "x" * 121}]
)
def test_what_cannot_be_is_refused_and_kept(town, client, sign_in, wrong):
    town.owes("a", "b", 4063)
    sign_in("a")
    sent = {"amount": "40,63", "method": "transfer", "day": "2026-08-31", "reference": "VIR 7"} | wrong
    answer = client.post(f"{PAY}/annonce", data=sent)
    assert answer.status_code == 422
    assert states() == []


def test_it_is_taken_back_on_the_page(town, pair, client, sign_in):
    town.owes("a", "b", 1000)
    ref = say(town, pair).public_id
    sign_in("b")
    assert client.post(f"/structures/b/comptes/annonces/{ref}/retirer").status_code == 404
    sign_in("a")
    answer = client.post(f"/structures/a/comptes/annonces/{ref}/retirer", follow_redirects=True)
    assert "plus rien n’est annoncé" in plain(answer)
    assert states() == ["taken_back"]
