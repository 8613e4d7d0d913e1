"""One's own account: password, address, devices, tokens."""

import pytest

from app.accounts import queries, service
from app.accounts.errors import EmailTaken, LinkUsed, SameEmail, WeakPassword, WrongPassword
from app.accounts.events import (
    AccessTokenCreated,
    EmailChangeAsked,
    EmailChanged,
    KnownEmailUsed,
    PasswordChanged,
)
from app.core.errors import Invalid, NotFound, TooMany
from app.infra.uow import atomic
from tests.accounts.conftest import PASSWORD, acting
from tests.factories import a_person

pytestmark = pytest.mark.usefixtures("session", "frozen")
NEW = "un nouveau mot long"


def test_the_profile_is_kept_in_normal_form(anna):
    service.edit_profile(acting(anna), name="  Anna B. ", phone="+33612345678", locale="en")
    person = queries.get_person(anna.id)
    assert (person.name, person.phone, person.locale) == ("Anna B.", "06 12 34 56 78", "en")


@pytest.mark.parametrize("wrong", [{"locale": "de"}, {"name": "  "}, {"phone": "12"}])
def test_a_profile_that_cannot_be(anna, wrong):
    with pytest.raises(Invalid):
        service.edit_profile(acting(anna), **({"name": "Anna", "phone": "", "locale": "fr"} | wrong))


def test_a_new_password_needs_the_present_one(anna, heard):
    with pytest.raises(WrongPassword):
        service.change_password(acting(anna), present="faux", password=NEW)
    with pytest.raises(WeakPassword):
        service.change_password(acting(anna), present=PASSWORD, password="court")
    assert service.change_password(acting(anna), present=PASSWORD, password=NEW) == 1
    assert service.sign_in(anna.email, NEW) == anna.id
    assert len(heard.of(PasswordChanged)) == 1


def test_the_present_password_cannot_be_guessed_either(anna):
    for _ in range(5):
        with pytest.raises(WrongPassword):
            service.change_password(acting(anna), present="faux", password=NEW)
    with pytest.raises(TooMany):
        service.change_password(acting(anna), present=PASSWORD, password=NEW)


def test_who_came_by_link_chooses_a_first_password():
    person = a_person()
    service.change_password(acting(person), present="", password=NEW)
    assert service.sign_in(person.email, NEW) == person.id


@pytest.mark.parametrize("order", [("old_secret", "new_secret"), ("new_secret", "old_secret")])
def test_an_address_changes_when_both_said_yes(anna, heard, order):
    service.ask_email_change(acting(anna), email="Anna@Nouveau.org", password=PASSWORD)
    asked = heard.last(EmailChangeAsked)
    assert (asked.to.email, asked.new_email) == ("anna@exemple.org", "anna@nouveau.org")
    first, second = (getattr(asked, name) for name in order)
    assert service.confirm_email_change(first) is False
    assert queries.get_person(anna.id).email == "anna@exemple.org"
    assert service.find_email_change(anna.id) == "anna@nouveau.org"
    assert service.confirm_email_change(second) is True
    assert queries.get_person(anna.id).email == "anna@nouveau.org"
    assert heard.last(EmailChanged).old_email == "anna@exemple.org"
    assert service.find_email_change(anna.id) is None
    with pytest.raises(LinkUsed):
        service.confirm_email_change(second)


def test_a_second_change_ends_the_first(anna, heard):
    service.ask_email_change(acting(anna), email="un@nouveau.org", password=PASSWORD)
    service.ask_email_change(acting(anna), email="deux@nouveau.org", password=PASSWORD)
    first, second = heard.of(EmailChangeAsked)
    with pytest.raises(LinkUsed):
        service.confirm_email_change(first.old_secret)
    assert service.confirm_email_change(second.old_secret) is False


def test_a_change_to_a_known_address_is_answered_alike(anna, heard):
    other = a_person()
    service.ask_email_change(acting(anna), email=other.email, password=PASSWORD)
    asked = heard.last(EmailChangeAsked)
    assert asked.new_secret is None
    assert heard.last(KnownEmailUsed).to.person_id == other.id
    assert service.confirm_email_change(asked.old_secret) is False


def test_an_address_taken_meanwhile_is_not_stolen(anna, heard):
    service.ask_email_change(acting(anna), email="bientot@pris.org", password=PASSWORD)
    asked = heard.last(EmailChangeAsked)
    service.confirm_email_change(asked.old_secret)
    a_person(email="bientot@pris.org")
    with pytest.raises(EmailTaken):
        service.confirm_email_change(asked.new_secret)
    assert queries.get_person(anna.id).email == "anna@exemple.org"


def test_a_change_needs_the_password_and_a_new_address(anna):
    with pytest.raises(WrongPassword):
        service.ask_email_change(acting(anna), email="a@b.org", password="faux")
    with pytest.raises(SameEmail):
        service.ask_email_change(acting(anna), email="ANNA@exemple.org", password=PASSWORD)


def test_a_lost_mailbox_is_corrected_by_the_operator(anna):
    other = a_person()
    with pytest.raises(EmailTaken):
        service.correct_email(anna.id, other.email)
    service.correct_email(anna.id, "anna@retrouvee.org")
    assert queries.get_person(anna.id).email == "anna@retrouvee.org"


def test_a_token_is_found_by_its_secret_only(anna, heard):
    secret = service.create_token(acting(anna), "Tableur")
    assert secret.startswith("mut_")
    token = queries.access_tokens_of(anna.id)[0]
    assert token.hint == secret[:8]
    assert secret not in (token.token_hash, token.name)
    assert service.find_token_owner(secret) == anna.id
    assert service.find_token_owner(secret + "x") is None
    assert heard.last(AccessTokenCreated).token_name == "Tableur"


def test_the_use_of_a_token_is_noted_once_an_hour(anna, frozen):
    secret = service.create_token(acting(anna), "Tableur")
    service.find_token_owner(secret)
    first = frozen.now
    frozen.tick(minutes=30)
    service.find_token_owner(secret)
    assert queries.access_tokens_of(anna.id)[0].last_used_at == first
    frozen.tick(minutes=31)
    service.find_token_owner(secret)
    assert queries.access_tokens_of(anna.id)[0].last_used_at == frozen.now


def test_a_revoked_token_opens_nothing_and_others_go_on(anna):
    lost, kept = service.create_token(acting(anna), "Perdu"), service.create_token(acting(anna), "Gardé")
    token = next(each for each in queries.access_tokens_of(anna.id) if each.name == "Perdu")
    with pytest.raises(NotFound):
        service.revoke_token(acting(a_person()), token.id)
    service.revoke_token(acting(anna), token.id)
    assert service.find_token_owner(lost) is None
    assert service.find_token_owner(kept) == anna.id


def test_the_token_of_a_disabled_account_opens_nothing(anna, frozen):
    secret = service.create_token(acting(anna), "Tableur")
    with atomic():
        queries.get_person(anna.id).disabled_at = frozen.now
    assert service.find_token_owner(secret) is None
