"""Browsers for both sides of the booking pages."""

import pytest

from tests.bookings.pages import World


@pytest.fixture
def shared(session, frozen):
    return World()


@pytest.fixture
def browser(app, session, login):
    """Give a browser signed in as a person (None: a visitor), set to English."""

    def open_as(person=None):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["locale"] = "en"
        if person is not None:
            login(client, person)
        return client

    return open_as
