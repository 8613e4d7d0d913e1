"""No cookie goes in or out of a feed, and no log keeps a secret."""

import logging

import pytest

from app.calendars.privacy import HideSecrets
from tests.calendars.world import World
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def world(session, frozen):
    return World()


def test_a_signed_in_browser_gets_no_cookie_and_no_session_is_read(world, client, login):
    login(client, world.manager)
    path = world.link(world.manager)
    client.get(path)
    with count_queries(at_most=3):
        answer = client.get(path)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]
    for refused in (client.post(path), client.get("/agendas/unknown.ics")):
        assert "Set-Cookie" not in refused.headers
        assert "Location" not in refused.headers


def test_a_feed_has_the_headers_clients_rely_on(world, client):
    world.book()
    answer = client.get(world.link(world.manager) + "?nocache=1", headers={"Accept-Encoding": "gzip"})
    headers = answer.headers
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Content-Disposition"] == 'inline; filename="cuisine-pole-nourricier.ics"'
    assert headers["Cache-Control"] == "private, max-age=300"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Encoding"] == "gzip"
    assert "HX-Request" not in headers["Vary"]


@pytest.mark.parametrize(
    "message, arguments",
    [
        ('%s - - [%s] "%s"', ("127.0.0.1", "now", "GET /agendas/SeCrEt-x_1.ics HTTP/1.1")),
        (
            "%(method)s %(path)s %(status)d",
            ({"method": "GET", "path": "/agendas/SeCrEt-x_1.ics?a", "status": 200},),
        ),
    ],
)
def test_access_logs_show_no_secret(message, arguments):
    record = logging.LogRecord("werkzeug", logging.INFO, __file__, 1, message, arguments, None)
    assert HideSecrets().filter(record)
    assert "SeCrEt" not in record.getMessage()
    assert "/agendas/….ics" in record.getMessage()


@pytest.mark.parametrize("name", ["werkzeug", "granian.access", "gunicorn.access"])
def test_the_servers_logs_are_filtered(app, name):
    assert any(isinstance(each, HideSecrets) for each in logging.getLogger(name).filters)


def test_other_lines_of_the_log_stay_as_they_are():
    record = logging.LogRecord("werkzeug", logging.INFO, __file__, 1, "GET %s", ("/ressources",), None)
    HideSecrets().filter(record)
    assert record.args == ("/ressources",)
