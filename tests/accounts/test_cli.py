"""Commands about accounts."""

import pytest

from app.accounts import queries, service
from tests.accounts.conftest import PASSWORD
from tests.factories import a_person, a_territory

pytestmark = pytest.mark.usefixtures("session")


def _run(app, *args: str):
    return app.test_cli_runner().invoke(args=args)


def test_the_first_administrator(app):
    done = _run(app, "account", "create-admin", "--email", "chef@exemple.org", "--password", PASSWORD)
    assert done.exit_code == 0, done.output
    person = queries.known_person("chef@exemple.org")
    assert person.is_platform_admin
    assert service.sign_in("chef@exemple.org", PASSWORD) == person.id


def test_an_existing_account_is_made_administrator_and_keeps_its_password(app, anna):
    _run(app, "account", "create-admin", "--email", anna.email, "--password", "tout autre chose")
    assert queries.get_person(anna.id).is_platform_admin
    assert service.sign_in(anna.email, PASSWORD) == anna.id


@pytest.mark.parametrize("email, password", [("non", PASSWORD), ("chef@exemple.org", "court")])
def test_a_bad_administrator_is_refused_in_words(app, email, password):
    refused = _run(app, "account", "create-admin", "--email", email, "--password", password)
    assert refused.exit_code == 1
    assert "Error" in refused.output
    assert queries.platform_admins() == []


def test_a_coordinator(app):
    territory, person = a_territory(), a_person()
    args = ("account", "coordinator", "--email", person.email, "--territory", territory.slug)
    assert _run(app, *args).exit_code == 0
    assert [each.id for each in queries.coordinators_of(territory.id)] == [person.id]
    assert _run(app, *args).exit_code == 1
    assert _run(app, *args[:-1], "nulle-part").exit_code == 1


def test_a_lost_mailbox(app, anna):
    done = _run(app, "account", "change-email", "--email", anna.email, "--to", "anna@retrouvee.org")
    assert done.exit_code == 0, done.output
    assert queries.get_person(anna.id).email == "anna@retrouvee.org"


def test_a_token_is_printed_once(app, anna):
    done = _run(app, "token", "create", "--email", anna.email, "--name", "Essai")
    assert done.exit_code == 0, done.output
    assert service.find_token_owner(done.output.strip()) == anna.id
    assert _run(app, "token", "create", "--email", "inconnu@exemple.org").exit_code == 1
