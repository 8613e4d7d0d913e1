"""What the pages of lots are opened with; each file says with which barn."""

import pytest


@pytest.fixture
def by(client, login, barn):
    """Give what a person's browser answers: `by("farm")`."""

    def sign_in(name):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        login(client, barn.people[name])
        return client

    return sign_in
