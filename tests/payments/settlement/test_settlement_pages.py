"""The pages of settling: who sees them, what they show, what they let a treasurer do."""

import re

import pytest

from app.accounts.models import Role
from app.core.policy import Actor
from app.infra.db import db
from app.payments import service as payments
from app.payments.settlement.models import Settlement
from tests.factories import a_member
from tests.payments.books import sound


@pytest.fixture
def shown(town):
    """The town, reckoning with money, its organisations found by their names."""
    from app.infra.uow import atomic

    coordination = Actor(coordinated=frozenset({town.territory_id}))
    payments.switch_money(coordination, town.territory_id, is_on=True)
    with atomic():
        for name, each in town.named.items():
            each.slug = name
    return town


@pytest.fixture
def sign_in(client, login, shown):
    def come(name, role=Role.TREASURER):
        login(client, a_member(shown.named[name], role=role))

    return come


def plain(answer):
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ")


def here(name, end=""):
    return f"/structures/{name}/comptes/reglement{end}"


def test_nothing_of_it_is_there_while_money_is_off(shown, client, sign_in):
    payments.switch_money(Actor(coordinated=frozenset({shown.territory_id})), shown.territory_id, is_on=False)
    sign_in("a")
    assert client.get(here("a")).status_code == 404


def test_only_who_keeps_the_accounts_sees_it(shown, client, sign_in):
    sign_in("a", Role.MEMBER)
    assert client.get(here("a")).status_code == 403
    sign_in("b")
    assert client.get(here("a")).status_code == 403


def test_who_owes_whom_is_shown_and_set_off(shown, client, sign_in):
    shown.owes("a", "b", 1000)
    shown.owes("b", "a", 300)
    sign_in("a")
    text = plain(client.get(here("a")))
    for words in ("10,00 €", "3,00 €", "-7,00 €", "Compenser 3,00 €", "septembre 2026"):
        assert words in text
    once = re.search(r'name="once" value="([^"]+)"', text)
    assert once
    sent = {"montant": "300", "once": once[1]}
    answer = client.post(here("a", "/compenser/b"), data=sent, follow_redirects=True)
    assert "C’est compensé" in plain(answer)
    client.post(here("a", "/compenser/b"), data=sent)
    assert shown.owed() == {("a", "b"): 700}
    assert "Compensation" in client.get("/structures/a/comptes/avec/b").text
    assert sound()


@pytest.mark.parametrize("typed", ["", "299", "-3", "x", "9" * 40])
def test_what_was_not_shown_is_not_set_off(shown, client, sign_in, typed):
    shown.owes("a", "b", 1000)
    shown.owes("b", "a", 300)
    sign_in("a")
    answer = client.post(here("a", "/compenser/b"), data={"montant": typed}, follow_redirects=True)
    assert "3,00 € peuvent être compensés" in plain(answer)
    assert db.session.query(Settlement).count() == 0


def test_with_a_public_body_there_is_no_button_and_a_reason(shown, client, sign_in):
    shown.owes("a", "mairie", 100)
    shown.owes("mairie", "a", 100)
    sign_in("a")
    text = plain(client.get(here("a")))
    assert "Compenser 1,00" not in text
    assert "Avec une personne publique, rien ne se compense" in text
    answer = client.post(here("a", "/compenser/mairie"), data={"montant": "100"})
    assert answer.status_code == 403
    assert "son comptable doit encaisser" in plain(answer)
    sign_in("mairie")
    assert "Cette page montre seulement ce qui reste dû" in plain(client.get(here("mairie")))


def test_a_mistake_is_undone_with_a_reason(shown, client, sign_in):
    shown.owes("a", "b", 100)
    shown.owes("b", "a", 100)
    made = shown.set_off("a", "b", 100)
    ref = made.public_id
    sign_in("b")
    assert client.post(here("b", f"/{ref}/annuler"), data={"reason": ""}).status_code == 422
    answer = client.post(here("b", f"/{ref}/annuler"), data={"reason": "Faux"}, follow_redirects=True)
    assert "Annulé" in plain(answer)
    assert shown.owed() == {("a", "b"): 100, ("b", "a"): 100}
    sign_in("c")
    assert client.get(here("c", f"/{ref}")).status_code == 404


def test_what_was_set_off_is_not_taken_back_on_the_page_of_a_payment(shown, client, sign_in):
    shown.owes("a", "b", 100)
    shown.owes("b", "a", 100)
    shown.set_off("a", "b", 100)
    sign_in("b")
    listed = client.get("/structures/b/comptes/avec/a").text
    found = re.search(r"/structures/b/comptes/paiements/\w+", listed)
    assert found
    assert "noté par erreur" not in plain(client.get(found[0]))


@pytest.fixture
def proposed(shown):
    shown.owes("a", "b", 5000)
    shown.owes("b", "c", 4000)
    shown.owes("c", "a", 900)
    return shown


def test_three_settle(proposed, client, sign_in):
    sign_in("a")
    answer = client.post(here("a", "/proposer"), data={"once": "x"}, follow_redirects=True)
    text = plain(answer)
    for words in ("C’est proposé", "50,00 €", "9,00 €", "31,00 €", "10,00 €", "Retirer la proposition"):
        assert words in text
    assert "40,00 €" not in text, "what others owe each other is not shown"
    ref = db.session.query(Settlement).one().public_id
    for name, words in (
        ("b", "C’est réglé dès que toutes ont accepté"),
        ("c", "Toutes les parties ont accepté"),
    ):
        sign_in(name)
        assert "votre réponse est attendue" in plain(client.get(here(name)))
        answer = client.post(here(name, f"/{ref}/accepter"), follow_redirects=True)
        assert words in plain(answer)
    assert proposed.owed() == {("a", "b"): 1000, ("a", "c"): 3100}
    assert "Règlement à plusieurs" in client.get("/structures/c/comptes/avec/a").text
    assert sound()


def test_one_refuses_and_the_others_read_why(proposed, client, sign_in):
    ref = proposed.propose("a").public_id
    sign_in("b")
    long = {"reason": "x" * 501}
    assert client.post(here("b", f"/{ref}/refuser"), data=long).status_code == 422
    client.post(here("b", f"/{ref}/refuser"), data={"reason": "Pas cette année"})
    sign_in("a")
    text = plain(client.get(here("a", f"/{ref}")))
    assert "Pas cette année" in text
    assert "Une partie a refusé" in text
    answer = client.post(here("a", f"/{ref}/retirer"), follow_redirects=True)
    assert "Une partie a refusé" in plain(answer)


def test_a_proposal_is_withdrawn(proposed, client, sign_in):
    ref = proposed.propose("a").public_id
    sign_in("a")
    assert "Retiré" in plain(client.post(here("a", f"/{ref}/retirer"), follow_redirects=True))


def test_where_nothing_is_saved_it_says_what_else(shown, client, sign_in):
    shown.owes("a", "b", 100)
    sign_in("a")
    answer = client.post(here("a", "/proposer"), follow_redirects=True)
    assert "n’éviterait aucun virement" in plain(answer)
