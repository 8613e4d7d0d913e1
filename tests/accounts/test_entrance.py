"""Signing up, in, by link, and resetting: what happens and what is never told."""

import pytest
from sqlalchemy import func, select

from app.accounts import passwords, queries, service
from app.accounts.errors import BadEmail, LinkExpired, LinkUsed, WeakPassword, WrongCredentials
from app.accounts.events import (
    KnownEmailUsed,
    PasswordChanged,
    PasswordResetAsked,
    PersonSignedUp,
    SignInLinkAsked,
)
from app.accounts.models import Person, SignInAttempt, TokenPurpose
from app.core.errors import NotFound, TooMany
from app.infra.db import db
from app.infra.uow import atomic
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("session", "frozen")


def _sign_up(email: str = "paul@exemple.org", password: str = PASSWORD, **more: str) -> None:
    service.sign_up(name=more.pop("name", "Paul Neveu"), email=email, password=password, **more)


def test_an_account_works_once_its_address_is_confirmed(heard):
    _sign_up(" Paul@Exemple.org ", phone="0612345678", next_url="/ressources/cuisine")
    asked = heard.last(PersonSignedUp)
    assert (asked.to.email, asked.to.name, asked.to.locale) == ("paul@exemple.org", "Paul Neveu", "fr")
    with pytest.raises(WrongCredentials):
        service.sign_in("paul@exemple.org", PASSWORD)
    person_id, target = service.verify(asked.secret)
    assert target == "/ressources/cuisine"
    assert service.sign_in("paul@exemple.org", PASSWORD) == person_id
    assert queries.get_person(person_id).phone == "06 12 34 56 78"


def test_the_mailbox_decides_not_who_typed_its_address_first(heard):
    _sign_up(name="Intrus", password="motus de l intrus")
    _sign_up(name="Paul Neveu", password=PASSWORD)
    intruder, owner = heard.of(PersonSignedUp)
    person_id, _ = service.verify(owner.secret)
    assert queries.get_person(person_id).name == "Paul Neveu"
    assert service.sign_in("paul@exemple.org", PASSWORD) == person_id
    with pytest.raises(LinkUsed):
        service.verify(intruder.secret)
    with pytest.raises(WrongCredentials):
        service.sign_in("paul@exemple.org", "motus de l intrus")


def test_a_known_address_gets_another_mail_and_nothing_changes(heard, anna):
    _sign_up("anna@exemple.org", name="Quelqu’un", password="un autre mot à moi")
    assert heard.last(KnownEmailUsed).to.person_id == anna.id
    assert heard.of(PersonSignedUp) == []
    assert queries.get_person(anna.id).name == "Anna Le Bris"
    assert service.sign_in("anna@exemple.org", PASSWORD) == anna.id


def test_bad_input_is_refused_before_anything_is_written():
    with pytest.raises(BadEmail):
        _sign_up("pas une adresse")
    with pytest.raises(WeakPassword):
        _sign_up(password="court")
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    "email, password", [("anna@exemple.org", "faux mot"), ("inconnu@exemple.org", PASSWORD), ("??", "x")]
)
def test_a_wrong_pair_is_refused_in_one_way(anna, email, password):
    with pytest.raises(WrongCredentials) as refused:
        service.sign_in(email, password)
    assert refused.value.facts == {}


@pytest.mark.parametrize("email", ["anna@exemple.org", "inconnu@exemple.org"])
def test_the_work_is_the_same_with_and_without_an_account(anna, monkeypatch, email):
    verified: list[str] = []

    def note(given: str, _stored: str | None) -> bool:
        verified.append(given)
        return False

    monkeypatch.setattr("app.accounts.service.entrance.matches", note)
    with pytest.raises(WrongCredentials):
        service.sign_in(email, "essai")
    assert verified == ["essai"]


def test_no_stored_password_never_matches():
    assert not passwords.matches("nobody has this password", None)
    assert not passwords.matches("x", "not a hash")


def test_five_wrong_passwords_then_a_pause_even_for_the_right_one(anna, frozen):
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            service.sign_in("anna@exemple.org", "faux mot", "192.0.2.1")
    with pytest.raises(TooMany) as refused:
        service.sign_in("anna@exemple.org", PASSWORD, "192.0.2.2")
    assert 0 < refused.value.facts["retry_after"] <= 901
    frozen.tick(minutes=16)
    assert service.sign_in("anna@exemple.org", PASSWORD, "192.0.2.2") == anna.id


def test_a_success_forgives_earlier_failures(anna):
    for _ in range(4):
        with pytest.raises(WrongCredentials):
            service.sign_in("anna@exemple.org", "faux mot")
    service.sign_in("anna@exemple.org", PASSWORD)
    for _ in range(4):
        with pytest.raises(WrongCredentials):
            service.sign_in("anna@exemple.org", "faux mot")
    assert service.sign_in("anna@exemple.org", PASSWORD) == anna.id


def test_an_address_that_tries_many_accounts_is_stopped(anna):
    for number in range(30):
        with pytest.raises(WrongCredentials):
            service.sign_in(f"essai{number}@exemple.org", "x", "192.0.2.9")
    with pytest.raises(TooMany):
        service.sign_in("anna@exemple.org", PASSWORD, "192.0.2.9")
    assert service.sign_in("anna@exemple.org", PASSWORD, "192.0.2.10") == anna.id


@pytest.mark.parametrize("ask", [service.ask_link, service.ask_reset])
@pytest.mark.parametrize("email", ["anna@exemple.org", "inconnu@exemple.org"])
def test_mail_is_asked_for_only_so_often_account_or_not(anna, ask, email):
    for _ in range(5):
        ask(email)
    with pytest.raises(TooMany):
        ask(email)


def test_attempts_keep_no_address_in_clear(anna):
    service.sign_in("anna@exemple.org", PASSWORD, "192.0.2.1")
    kept = db.session.scalars(select(SignInAttempt)).one()
    assert "anna" not in kept.account_hash
    assert kept.succeeded


def test_a_link_signs_in_once_and_proves_the_address(heard, anna):
    service.ask_link("anna@exemple.org", next_url="/moi")
    secret = heard.last(SignInLinkAsked).secret
    assert service.use_link(secret) == (anna.id, "/moi")
    with pytest.raises(LinkUsed):
        service.use_link(secret)


def test_a_link_lives_half_an_hour(heard, anna, frozen):
    service.ask_link("anna@exemple.org")
    frozen.tick(minutes=31)
    with pytest.raises(LinkExpired):
        service.use_link(heard.last(SignInLinkAsked).secret)


def test_looking_at_a_link_does_not_use_it(heard, anna):
    service.ask_link("anna@exemple.org")
    secret = heard.last(SignInLinkAsked).secret
    for _ in range(3):
        assert queries.find_token(secret, TokenPurpose.SIGN_IN).person_id == anna.id
    assert service.use_link(secret)[0] == anna.id


def test_a_link_opens_only_its_own_door(heard, anna):
    service.ask_link("anna@exemple.org")
    with pytest.raises(NotFound):
        service.reset_password(heard.last(SignInLinkAsked).secret, "un nouveau mot long")
    with pytest.raises(NotFound):
        service.use_link("rien de tel")


def test_nothing_is_sent_to_an_unknown_address(heard):
    service.ask_link("inconnu@exemple.org")
    service.ask_reset("inconnu@exemple.org")
    assert heard == []


def test_a_reset_changes_the_password_and_ends_sessions_and_links(heard, anna):
    epoch = anna.session_epoch
    service.ask_link("anna@exemple.org")
    service.ask_reset("anna@exemple.org")
    secret = heard.last(PasswordResetAsked).secret
    with pytest.raises(WeakPassword):
        service.reset_password(secret, "court")
    assert service.reset_password(secret, "un nouveau mot long") == anna.id
    assert heard.last(PasswordChanged).to.email == "anna@exemple.org"
    assert queries.get_person(anna.id).session_epoch == epoch + 1
    assert service.sign_in("anna@exemple.org", "un nouveau mot long") == anna.id
    with pytest.raises(LinkUsed):
        service.use_link(heard.last(SignInLinkAsked).secret)
    with pytest.raises(LinkUsed):
        service.reset_password(secret, "encore un autre mot")


def test_a_disabled_account_stays_outside(heard, anna, frozen):
    service.ask_link("anna@exemple.org")
    with atomic():
        queries.get_person(anna.id).disabled_at = frozen.now
    with pytest.raises(WrongCredentials):
        service.sign_in("anna@exemple.org", PASSWORD)
    with pytest.raises(NotFound):
        service.use_link(heard.last(SignInLinkAsked).secret)
    assert not queries.load_actor(anna.id).is_signed_in


def test_an_old_hash_is_renewed_at_sign_in(anna):
    from argon2 import PasswordHasher

    with atomic():
        queries.get_person(anna.id).password_hash = PasswordHasher(1, 1024, 1).hash(PASSWORD)
    service.sign_in("anna@exemple.org", PASSWORD)
    assert "m=19456,t=2" in (queries.get_person(anna.id).password_hash or "")


def test_unconfirmed_accounts_are_forgotten_after_a_month(anna, frozen):
    _sign_up()
    frozen.tick(days=29)
    service.forget_stale()
    assert queries.find_person_by_email("paul@exemple.org")
    frozen.tick(days=2)
    service.forget_stale()
    assert queries.find_person_by_email("paul@exemple.org") is None
    assert queries.find_person_by_email("anna@exemple.org")
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0
