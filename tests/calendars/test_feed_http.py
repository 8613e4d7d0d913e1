"""Conditional requests for a feed, case by case."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.http import http_date
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request

from app.calendars.http import Edition, is_unchanged, respond, safe_file_name

CHANGED = datetime(2026, 9, 1, 8, 30, 15, 700_000, tzinfo=UTC)
EDITION = Edition(
    scope="resource:12",
    revision=48,
    count=3,
    checksum=1207,
    audience="public",
    language="fr",
    head="Cuisine",
    changed_at=CHANGED,
)
BODY = b"BEGIN:VCALENDAR\r\n" + b"X-FILLER:abc\r\n" * 100 + b"END:VCALENDAR\r\n"
TAG, WEAK = f'"{EDITION.tag}"', EDITION.etag
SAME = http_date(CHANGED)
OLDER, NEWER = (http_date(CHANGED + timedelta(days=days)) for days in (-1, 1))


def request(method="GET", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(method=method, headers=list(named.items())).get_environ())


def answer(method="GET", **headers):
    """Through the real WSGI path: what a client would receive."""

    def application(environ, start_response):
        response = respond(Request(environ), EDITION, "Cuisine de l’Écluse", lambda: BODY)
        return response(environ, start_response)

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(application).open(method=method, headers=list(named.items()))


@pytest.mark.parametrize(
    "headers, unchanged",
    [
        ({}, False),
        ({"If_None_Match": WEAK}, True),
        ({"If_None_Match": TAG}, True),
        ({"If_None_Match": f'"x", {TAG}'}, True),
        ({"If_None_Match": f'W/"x",{WEAK} , "y"'}, True),
        ({"If_None_Match": '"a,b", ' + WEAK}, True),
        ({"If_None_Match": "*"}, True),
        ({"If_None_Match": " * "}, True),
        ({"If_None_Match": '"x"'}, False),
        ({"If_None_Match": '"*"'}, False),
        ({"If_None_Match": ""}, False),
        ({"If_None_Match": '"'}, False),
        ({"If_None_Match": f'"{EDITION.tag}x"'}, False),
        ({"If_Modified_Since": SAME}, True),
        ({"If_Modified_Since": NEWER}, True),
        ({"If_Modified_Since": OLDER}, False),
        ({"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, False),
        ({"If_Modified_Since": "not a date"}, False),
        ({"If_Modified_Since": ""}, False),
        # Tags decide, whatever the dates say.
        ({"If_None_Match": '"x"', "If_Modified_Since": NEWER}, False),
        ({"If_None_Match": "", "If_Modified_Since": NEWER}, False),
        ({"If_None_Match": TAG, "If_Modified_Since": OLDER}, True),
    ],
)
def test_a_client_that_has_it_is_told_so(headers, unchanged):
    assert is_unchanged(request(**headers), EDITION) is unchanged
    assert is_unchanged(request("HEAD", **headers), EDITION) is unchanged
    assert is_unchanged(request("POST", **headers), EDITION) is False


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "resource:13"},
        {"revision": 49},
        {"count": 4},
        {"checksum": 1208},
        {"audience": "member"},
        {"language": "en"},
        {"head": "Grande cuisine"},
    ],
)
def test_whatever_shows_changes_the_tag(change):
    assert replace(EDITION, **change).tag != EDITION.tag


def test_facts_that_run_into_each_other_stay_apart():
    assert replace(EDITION, revision=4, count=83).tag != EDITION.tag


def test_the_hour_never_changes_the_tag():
    assert replace(EDITION, changed_at=CHANGED + timedelta(days=1)).tag == EDITION.tag


def test_a_new_renderer_changes_every_tag(monkeypatch):
    before = EDITION.tag
    monkeypatch.setattr("app.calendars.http.RENDERER", "next")
    assert EDITION.tag != before


def test_a_feed_is_answered_whole():
    response = answer()
    assert response.status_code == 200
    assert response.data == BODY
    assert dict(response.headers) == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": 'inline; filename="cuisine-de-l-ecluse.ics"',
        "Content-Length": str(len(BODY)),
        "ETag": EDITION.etag,
        "Last-Modified": "Tue, 01 Sep 2026 08:30:15 GMT",
        "Cache-Control": "private, max-age=300",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
    }


def test_nothing_is_written_for_a_client_that_has_it():
    def produce():
        raise AssertionError("a 304 costs no feed")

    response = respond(request(If_None_Match=WEAK, Accept_Encoding="gzip"), EDITION, "x", produce)
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == EDITION.etag
    assert response.headers["Cache-Control"] == "private, max-age=300"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in response.headers


def test_a_304_has_no_body_on_the_wire():
    response = answer(If_None_Match="*")
    assert (response.status_code, response.data) == (304, b"")
    assert "Content-Length" not in response.headers


def test_head_tells_what_get_would():
    head, whole = answer("HEAD"), answer()
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize(
    "accepted, packed",
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("*", True),
        ("identity", False),
        ("", False),
        ("gzip;q=0", False),
        ("gzip;q=0.5, identity;q=1", False),
        ("br", False),
    ],
)
def test_gzip_only_for_who_asks(accepted, packed):
    response = answer(Accept_Encoding=accepted)
    assert response.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert (gzip.decompress(response.data) if packed else response.data) == BODY
    assert response.headers["Content-Length"] == str(len(response.data))
    assert response.headers["Vary"] == "Accept-Encoding"


def test_gzip_gives_the_same_bytes_each_time():
    assert answer(Accept_Encoding="gzip").data == answer(Accept_Encoding="gzip").data


@pytest.mark.parametrize(
    "name, file_name",
    [
        ("Cuisine de l’Écluse", "cuisine-de-l-ecluse.ics"),
        ("Œuf & cœur", "oeuf-coeur.ics"),
        ("", "agenda.ics"),
        ("日本", "agenda.ics"),
        ('a"\r\nSet-Cookie: x', "a-set-cookie-x.ics"),
        ("../../etc", "etc.ics"),
        ("x" * 200, "x" * 60 + ".ics"),
    ],
)
def test_file_names_are_plain(name, file_name):
    assert safe_file_name(name) == file_name
