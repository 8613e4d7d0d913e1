"""Nasty input: a clear 4xx in words for each, and never a 500."""

import json

import pytest

from app.core import clock
from tests.api.world import Caller, token_of
from tests.factories import a_person

DEEP = "[" * 60_000
BODIES = [
    ("", "application/json", 400),
    ("{", "application/json", 400),
    (DEEP, "application/json", 400),
    ('{"resource": NaN}', "application/json", 400),
    ('{"resource": "\\ud800"}', "application/json", 400),
    (b'{"resource": "\xe9"}', "application/json", 400),
    ("{}" * 40_000, "application/json", 413),
    ("{}", "text/plain", 415),
    ("{}", "application/x-www-form-urlencoded", 415),
    ("a=1", "multipart/form-data; boundary=x", 415),
    ("{}", "", 415),
    ("{}", "application/json", 422),
    ("[]", "application/json", 422),
    ("null", "application/json", 422),
    ("0", "application/json; charset=utf-8", 422),
    ('"x"', "application/problem+json", 422),
    ("9" * 10_000, "application/json", 400),
]
HUGE = "9" * 400
FIELDS = [
    ("resource", 12, 422), ("resource", "", 422), ("resource", None, 422), ("resource", "x" * 81, 422),
    ("resource", "a\0b", 404), ("resource", "personne", 404), ("resource", ["x"], 422), ("resource", "' OR 1=1 --", 404),
    ("start", "2026-10-06T08:00:00", 422), ("start", "2026-10-06", 422), ("start", 1791266400, 422),
    ("start", "2026-13-06T08:00:00Z", 422), ("start", "2026-02-30T08:00:00Z", 422), ("start", "demain", 422),
    ("start", "2026-10-06T25:00:00Z", 422), ("start", "2026-10-06T08:00:60Z", 422), ("start", "0001-01-01T00:00:00Z", 422),
    ("start", "9999-12-31T23:59:59-12:00", 422), ("start", "2026-10-06T08:00:00+99:99", 422), ("start", None, 422),
    ("start", "2026-10-06T08:00:00.5Z", 422), ("start", "٢٠٢٦-10-06T08:00:00Z", 422), ("start", "", 422),
    ("start", "2026-10-06T08:00:00[Europe/Paris]", 422), ("start", {"at": 1}, 422),
    ("end", "2026-10-06T08:00:00+02:00", 422), ("end", "2026-10-06T07:00:00+02:00", 422),
    ("end", "2099-10-06T08:00:00+02:00", 422), ("end", "2026-10-06T08:00:01+02:00", 409),
    ("quantity", 0, 422), ("quantity", -1, 422), ("quantity", 10**9, 422), ("quantity", 10**30, 422),
    ("quantity", "2", 422), ("quantity", 1.5, 422), ("quantity", True, 422), ("quantity", None, 422),
    ("organisation", "", 422), ("organisation", "personne", 404), ("organisation", 7, 422), ("organisation", "a\0", 404),
    ("purpose", "", 422), ("purpose", "   ", 422), ("purpose", "x" * 161, 422), ("purpose", 5, 422),
    ("purpose", "a\0b", 201), ("people", 0, 422), ("people", -3, 422), ("people", 10**12, 422), ("people", "12", 422),
    ("message", "x" * 2001, 422), ("message", "\0", 201), ("message", {}, 422), ("colour", "red", 422),
    ("__class__", "x", 422),
]  # fmt: skip
QUERIES = [
    ("kind", "castle"), ("kind", ""), ("subtype", "x" * 41), ("q", "x" * 101), ("commune", "Nullepart-sur-Rien"),
    ("commune", "x" * 61), ("lat", "47"), ("lat", "nan"), ("lat", "91"), ("lon", "-181"), ("lat", "inf"),
    ("radius_km", "10"), ("radius_km", "0"), ("radius_km", "-1"), ("radius_km", "501"), ("radius_km", "dix"),
    ("start", "2026-10-06T08:00:00+02:00"), ("end", "2026-10-06T08:00:00Z"), ("start", "hier"), ("quantity", "0"),
    ("quantity", "-5"), ("quantity", HUGE), ("quantity", "1.5"), ("quantity", ""), ("free", "peut-être"),
    ("fact", "meals_per_day:4"), ("fact", "x"), ("limit", "0"), ("limit", "101"), ("limit", HUGE), ("limit", "dix"),
    ("cursor", "x"), ("cursor", "WyJ4IiwxXQ"), ("cursor", "bnVsbA"), ("cursor", "é"), ("cursor", "x" * 301),
    ("cursor", "W251bGwsLTFd"), ("cursor", "W3RydWUsMV0"), ("colour", "red"), ("acting_for", "1"),
]  # fmt: skip


@pytest.mark.parametrize("body, kind, status", BODIES, ids=range(len(BODIES)))
def test_bodies(world, member, body, kind, status):
    answer = member.post("/bookings", data=body, content_type=kind)
    assert answer.status_code == status, answer.json


@pytest.mark.parametrize("name, value, status", FIELDS)
def test_fields_of_a_request(world, member, name, value, status):
    answer = member.post("/bookings", world.wish(**{name: value}))
    assert answer.status_code == status, answer.json
    if status == 422:
        fields = [problem["field"] for problem in answer.json["problems"]]
        assert fields in ([name], ["end"]), answer.json


def test_letters_that_nobody_can_see_are_dropped_as_from_forms(world, member):
    answer = member.post("/bookings", world.wish(purpose="Sou\x0bpe\0s"))
    assert answer.json["purpose"] == "Soupes"


def test_every_wrong_field_is_told_at_once(world, member):
    answer = member.post("/bookings", {"start": "2026-10-06T08:00:00", "quantity": 0, "colour": "red"})
    codes = {problem["field"]: problem["code"] for problem in answer.json["problems"]}
    assert codes == {
        "resource": "field_missing", "start": "no_offset", "end": "field_missing", "quantity": "too_small",
        "purpose": "field_missing", "colour": "field_unknown",
    }  # fmt: skip


@pytest.mark.parametrize("name, value", QUERIES)
def test_parameters_of_a_search(world, anybody, name, value):
    answer = anybody.get("/resources", **{name: value})
    assert answer.status_code == 422, answer.json
    assert answer.json["problems"]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "kitchen", "fact": "wings:2"}, {"kind": "kitchen", "fact": "meals_per_day"},
        {"kind": "kitchen", "fact": ["meals_per_day:four"]}, {"kind": "kitchen", "fact": "meals_per_day:1e99999"},
        {"kind": "kitchen", "fact": "step_free:maybe"}, {"kind": "kitchen", "fact": ["step_free:true"] * 21},
        {"lat": "47", "lon": "-1", "commune": "44110"}, {"limit": ["1", "2"]},
        {"start": "2026-10-06T08:00:00Z", "end": "2026-10-06T08:00:00Z"},
        {"start": "2026-10-06T08:00:00Z", "end": "2028-10-06T08:00:00Z"},
    ],
)  # fmt: skip
def test_parameters_together(world, anybody, query):
    assert anybody.get("/resources", **query).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        {"state": "asleep"}, {"scope": "world"}, {"from": "2026-10-06"}, {"to": "x"}, {"since": "2026-10-06T08:00:00Z"},
        {"cursor": "WzEsMV0"}, {"cursor": "WyIyMDI2LTEwLTA2VDA4OjAwIiwxXQ"}, {"limit": "-1"}, {"page": "2"},
    ],
)  # fmt: skip
def test_parameters_of_a_list_of_bookings(world, member, query):
    assert member.get("/bookings", **query).status_code == 422


def test_parameters_where_none_are_known(world, member):
    assert member.get(f"/resources/{world.kitchen.slug}", colour="red").status_code == 422
    assert member.post("/bookings?colour=red", world.wish()).status_code == 422


@pytest.mark.parametrize("ref", ["X", "ABCDEFGH", "1", "../etc", "%00", "é", "A" * 300])
def test_unknown_references(world, member, ref):
    for path, call in (
        ("", member.client.get),
        ("/approve", member.client.post),
        ("/cancel", member.client.post),
    ):
        answer = call(f"/api/v1/bookings/{ref}{path}", headers=member.headers, json={"reason": "x"})
        assert answer.status_code in (400, 404), answer.json
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v2/bookings", "/api/", "/api/v1/bookings/", "/api/v1/resources/a/b"]
)
def test_addresses_that_are_not(world, member, path):
    answer = member.client.get(path, headers=member.headers)
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (
        404,
        "application/problem+json",
        "http_404",
    )


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("DELETE", "/api/v1/bookings", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/api/v1/resources", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/bookings/X/approve", {"OPTIONS", "POST"}),
        ("PUT", "/api/v1/openapi.json", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_methods(world, member, method, path, allowed):
    answer = member.client.open(path, method=method, headers=member.headers)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert answer.json["code"] == "http_405"


# -- tokens -------------------------------------------------------------------------------------------------


def test_what_needs_a_token(world, anybody):
    for path in ("/bookings", "/bookings/ABCDEFGH"):
        answer = anybody.get(path)
        assert (answer.status_code, answer.json["code"]) == (401, "token_needed")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Mutualim"'
    for path in ("/bookings", "/bookings/ABCDEFGH/approve"):
        assert anybody.post(path, {"reason": "x"}).status_code == 401


@pytest.mark.parametrize(
    "sent, code, error",
    [
        ("Bearer nonsense", "token_unknown", "invalid_token"),
        ("Bearer " + "x" * 5000, "authorization_unreadable", "invalid_request"),
        ("Basic YTpi", "authorization_unreadable", "invalid_request"),
        ("Bearer", "authorization_unreadable", "invalid_request"),
        ("Bearer é", "authorization_unreadable", "invalid_request"),
        ("", "authorization_unreadable", "invalid_request"),
    ],
)
def test_bad_tokens(world, client, sent, code, error):
    """Also where none is needed: a caller who thinks to be known must be told."""
    answer = client.get("/api/v1/resources", headers={"Authorization": sent.encode().decode("latin-1")})
    assert (answer.status_code, answer.json["code"]) == (401, code)
    assert f'error="{error}"' in answer.headers["WWW-Authenticate"]


def test_revoked_tokens_and_closed_accounts(world, app, client, session):
    from app.accounts.models import AccessToken
    from app.infra.uow import atomic

    person = a_person()
    caller = Caller(app, client, token_of(person))
    assert caller.get("/bookings").status_code == 200
    with atomic():
        session.query(AccessToken).filter_by(person_id=person.id).one().revoked_at = clock.now()
    assert caller.get("/bookings").status_code == 401
    caller = Caller(app, client, token_of(person))
    with atomic():
        person.disabled_at = clock.now()
    assert caller.get("/bookings").status_code == 401


def test_no_cookie_opens_the_api(world, client, login):
    with clock.stopped(clock.now()):
        login(client, world.member)
        assert client.get("/api/v1/bookings").status_code == 401
        hidden = client.get("/api/v1/resources")
        assert "Set-Cookie" not in hidden.headers
        assert "Cookie" not in hidden.headers.get("Vary", "")


def test_the_use_of_a_token_is_noted_once_an_hour(world, app, client, frozen, session):
    from app.accounts.models import AccessToken

    person = a_person()
    caller = Caller(app, client, token_of(person))
    token = session.query(AccessToken).filter_by(person_id=person.id).one()
    noted = []
    for minutes in (0, 30, 31):
        frozen.tick(minutes=minutes)
        caller.get("/bookings")
        session.refresh(token)
        noted.append(token.last_used_at)
    assert noted[0] == noted[1] != noted[2]


# -- answers ------------------------------------------------------------------------------------------------


def test_the_head_of_a_list_and_its_options(world, member):
    head = member.client.head("/api/v1/resources", headers=member.headers)
    assert (head.status_code, head.data) == (200, b"")
    options = member.client.options("/api/v1/bookings")
    assert (options.status_code, options.data) == (200, b"")


def test_answers_are_nobody_elses(world, member, anybody):
    answer = member.get("/bookings")
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"Accept-Language", "Authorization"} <= set(answer.headers["Vary"].split(", "))


def test_problems_are_json_even_for_a_browser(world, client):
    answer = client.get("/api/v1/resources/personne", headers={"Accept": "text/html"})
    assert json.loads(answer.data)["code"] == "not_found"
