"""Nasty input at every address, from every side: an answer below 500 in words, nothing run, nothing foreign shown.

The addresses come from the URL map, the names of fields from what each view looks up, so that a new route is swept
without anybody listing it here.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice, pairwise
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as BaseResponse

from tests.helpers import Element, parse
from tests.house.neighbourhood import ROLES, Neighbourhood, rules

SCRIPT = '"><script>alert(1)</script>'
LONG = "é" * 5000
VALUES = (
    "2026-02-31",
    "9999-12-31T23:59",
    "-1",
    "9" * 400,
    "NaN",
    "1e400",
    "' OR 1=1; --",
    SCRIPT,
    "🥕 %s %(x)s {{7*7}} ٣",
    "a\0b",
    LONG,
    "\r\nSet-Cookie: a=b",
)
FEW = ("2026-02-31", "-1", "9" * 400, "NaN", LONG)
TURNS = cycle(
    pairwise((*FEW, FEW[0]))
)  # for one field at a time, the others being right: two values each, in turn
PATHS = (
    "nulle-part",
    "0",
    "9" * 30,
    "-1",
    "..",
    "%2e%2e%2fetc%2fpasswd",
    "%ff%fe",
    "a%00b",
    quote(SCRIPT),
    quote("🥕" * 900),
)
API_NAMES = (
    "start",
    "end",
    "quantity",
    "limit",
    "cursor",
    "kind",
    "q",
    "lat",
    "lon",
    "radius_km",
    "commune",
    "fact",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
RIGHT = {
    "date": "2026-10-08", "de": "09:00", "a": "12:00", "quantite": "1", "reason": "Travaux", "purpose": "Soupes",
    "text": "Bonjour", "note": "Bien", "name": "Un nom", "email": "quelquun@exemple.org", "alt": "Une porte",
    "type": "kitchen", "lieu": "Nort-sur-Erdre", "password": "brouette verte 12", "present": "brouette verte 12",
    "genre": "kitchen", "scope": "resource", "role": "member", "sens": "1", "verdict": "approve", "once": "k" * 20,
    "address": "1 rue du Test", "commune": "Nort-sur-Erdre (44390)", "kind": "association", "legal_nature": "nonprofit",
    "what": "site",
}  # fmt: skip
SUGGESTIONS = "/communes"  # the one address that has no page of its own
PARTS = 4  # of the addresses, each in a test of its own: no test may take minutes
TEN_MEGABYTES = b"a=" + b"x" * 10_000_000


@pytest.fixture
def world(app: Flask, session: Any, frozen: Any) -> Neighbourhood:
    return Neighbourhood(app)


# -- judging an answer ----------------------------------------------------------------------------------------


def complaint(method: str, url: str, answer: BaseResponse) -> str | None:
    """Say what is wrong with an answer, or None: whatever was asked, people read words and no script runs."""
    status, kind = answer.status_code, answer.mimetype or ""
    html, body = kind == "text/html", answer.get_data().decode() if kind.startswith("text/") else ""
    if status >= 500 or status < 200:
        return f"answers {status}"
    if 300 <= status < 400:
        target = urlsplit(answer.headers.get("Location", ""))
        return None if target.netloc in ("", "127.0.0.1:8000") else f"leads elsewhere: {target.geturl()[:80]}"
    if html and "<script>alert" in body:
        return "repeats a script"
    if method == "HEAD":
        return "HEAD has a body" if answer.get_data() else None
    if url.startswith("/api/") and status >= 400:
        words = json.loads(answer.get_data())["detail"] if kind == "application/problem+json" else ""
        return None if words else f"no problem+json ({status})"
    if html and not (status == 200 and url.startswith(SUGGESTIONS)):
        return None if "<main" in body and "</html>" in body and "<h1" in body else f"no page ({status})"
    return None if status < 300 or (kind == "text/plain" and " " in body) else f"{status} without words"


def ask(world: Neighbourhood, role: str, method: str, url: str, **how: Any) -> tuple[int, str | None]:
    """Send a request; give its status and what is wrong with the answer. A crash is a complaint as well."""
    try:
        with world.send(role, method, url, **how) as answer:
            return answer.status_code, complaint(method, url, answer)
    except Exception as crash:
        return 500, f"crashes with {type(crash).__name__}: {str(crash)[:160]}"


class Sweep(list[str]):
    """The complaints of many requests, each with what was asked."""

    def __init__(self, world: Neighbourhood) -> None:
        self.world = world
        self.asked = 0

    def told(self) -> str:
        return "\n" + "\n".join(self)

    def send(self, role: str, method: str, url: str, note: str = "", **how: Any) -> int:
        status, wrong = ask(self.world, role, method, url, **how)
        self.asked += 1
        if wrong:
            self.append(f"{role} {method} {url[:120]} {note[:100]}: {wrong}")
        return status


# -- what views look up ---------------------------------------------------------------------------------------


class _Noting(ImmutableMultiDict[str, str]):
    """Fields of a request, which notes the names that are looked up."""

    names: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> str:
        self.names.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, type: Any = None) -> list[Any]:
        self.names.add(key)
        return super().getlist(key) if type is None else super().getlist(key, type)


@contextmanager
def noted(app: Flask) -> Iterator[set[str]]:
    """Collect the names of the fields that views look up meanwhile."""
    usual, _Noting.names = app.request_class, set()
    app.request_class = type("NotingRequest", (usual,), {"parameter_storage_class": _Noting})
    try:
        yield _Noting.names
    finally:
        app.request_class = usual
        _Noting.names -= {"csrf_token", "_method"}


def _controls(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from _controls(child)


def _value(control: Element) -> str | None:
    given = control.attributes
    if control.tag == "select":
        options = [each for each in _controls(control) if each.tag == "option"]
        chosen = [each for each in options if "selected" in each.attributes] or options[:1]
        return chosen[0].attributes.get("value", "") if chosen else None
    if control.tag == "textarea":
        return " ".join(child for child in control.children if isinstance(child, str))
    if given.get("type") in ("checkbox", "radio") and "checked" not in given:
        return None
    return given.get("value", "") if given.get("type") not in ("submit", "file") else None


def filled_forms(world: Neighbourhood, role: str) -> dict[str, dict[str, str]]:
    """Read the POST forms of every page somebody sees: what a browser would send for each address."""
    forms: dict[str, dict[str, str]] = {}
    for rule in rules(world.app, "GET"):
        with world.send(role, "GET", world.url(rule)) as answer:
            if answer.mimetype != "text/html":
                continue
            forms_here = [
                each for each in _controls(parse(answer.get_data(as_text=True))) if each.tag == "form"
            ]
        for form in forms_here:
            fields = {c.attributes["name"]: _value(c) for c in _controls(form) if "name" in c.attributes}
            known = {name: value for name, value in fields.items() if value is not None}
            forms.setdefault(form.attributes.get("action", ""), {}).update(known)
    return forms


def names_of(world: Neighbourhood, role: str, method: str, url: str) -> list[str]:
    """Find the names a view looks up when it is sent something."""
    if url.startswith("/api/"):
        return list(API_NAMES)
    with noted(world.app) as names:
        for fields in ({"zz": "1"}, RIGHT):  # the first refusal hides what is looked up after it
            how = {"query_string": fields} if method == "GET" else {"data": fields}
            world.send(role, method, url, **how).close()
    return sorted(names - {"zz"})


def strongest(world: Neighbourhood, method: str, url: str) -> str:
    """Choose somebody who gets past the guard, so that the input is really read."""
    for role in ("member", "manager", "coordinator", "admin"):
        with world.send(role, method, url) as answer:
            if answer.status_code not in (401, 403):
                return role
    return "visitor"


# -- the sweeps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_everybody(world, role):
    sweep = Sweep(world)
    for rule in rules(world.app, "GET"):
        sweep.send(role, "GET", world.url(rule))
        sweep.send(role, "HEAD", world.url(rule))
    for rule in rules(world.app, "POST"):
        sweep.send(role, "POST", world.url(rule))
        sweep.send(role, "POST", world.url(rule), data={"zz": "1"})
    assert not sweep, sweep.told()
    assert sweep.asked > 200


def test_wrong_methods_are_told_so(world):
    sweep, turns = Sweep(world), cycle(METHODS)
    for rule in world.app.url_map.iter_rules():
        url = world.url(rule)
        with world.app.test_request_context():
            allowed = world.app.create_url_adapter(None).allowed_methods(url)
        for method in [each for each in islice(turns, 3) if each not in allowed]:
            status = sweep.send("member", method, url)
            told = (405, 404, 303) if method in ("GET", "HEAD") else (405, 404)  # the page above a form
            if status not in told:
                sweep.append(f"{method} {url}: {status}")
    assert not sweep, sweep.told()


@pytest.mark.parametrize("part", range(PARTS))
def test_nasty_queries(world, part):
    sweep = Sweep(world)
    for rule in rules(world.app, "GET")[part::PARTS]:
        url = world.url(rule)
        role = strongest(world, "GET", url)
        names = names_of(world, role, "GET", url)
        if not names:
            continue
        for value in VALUES:
            for who in {"visitor", role}:
                sweep.send(who, "GET", f"{url}?{urlencode(dict.fromkeys(names, value))}", repr(value))
        right = {name: RIGHT[name] for name in names if name in RIGHT}
        for name in names:
            for value in next(TURNS):
                sweep.send(role, "GET", f"{url}?{urlencode(right | {name: value})}", name)
        lists = "&".join(f"{quote(name)}=1&{quote(name)}=&{quote(name)}[]=x" for name in names)
        sweep.send(role, "GET", f"{url}?{lists}")
        sweep.send(role, "GET", f"{url}?{'&'.join(f'{quote(name)}=%ff%fe' for name in names)}")
        sweep.send(role, "GET", f"{url}?{'&'.join(f'{quote(name)}=a%00b' for name in names)}")
    assert not sweep, sweep.told()
    assert sweep.asked > 100


def test_times_that_do_not_exist(world):
    """The clocks go forward on 28 March 2027 at two: 02:30 is no time, and people are told which is next."""
    slot = {"date": "2027-03-28", "de": "02:30", "a": "04:00", "quantite": "1"}
    for page in ("creneau", "demander"):
        url = f"/ressources/{world.facts['slug']['/ressources']}/{page}?{urlencode(slot)}"
        assert ask(world, "member", "GET", url) == (200, None)


def one_of_each(names):
    """Give the first of fields that are numbered alike: the twelfth line of a form is read as the first one is."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(re.sub(r"\d+", "0", name), name)
    return [*found.values()]


@pytest.mark.parametrize("part", range(PARTS))
def test_nasty_forms(world, part):
    sweep = Sweep(world)
    forms = {role: filled_forms(world, role) for role in ("member", "manager", "coordinator")}
    for rule in rules(world.app, "POST")[part::PARTS]:
        url = world.url(rule)
        role = strongest(world, "POST", url)
        shown = {name: value for name, value in forms.get(role, {}).get(url, {}).items() if value}
        url += "?genre=kitchen"
        names = names_of(world, role, "POST", url)
        form = {name: RIGHT[name] for name in names if name in RIGHT} | shown
        for value in VALUES:
            sweep.send(role, "POST", url, repr(value), data=dict.fromkeys(names, value))
        for name in one_of_each(names):
            for value in next(TURNS):
                sweep.send(role, "POST", url, f"{name}={value[:20]!r}", data=form | {name: value})
        sweep.send(role, "POST", url, "lists", data={name: ["1", "", "x"] for name in names})
        sweep.send(
            role,
            "POST",
            url,
            "bytes",
            data=b"\xff\xfe%ff&=&==",
            content_type="application/x-www-form-urlencoded",
        )
        sweep.send(
            role,
            "POST",
            url,
            "parts",
            data=b"--x\r\nnonsense",
            content_type="multipart/form-data; boundary=x",
        )
    assert not sweep, sweep.told()
    assert sweep.asked > 150


def test_ten_megabytes_are_too_large(world, monkeypatch):
    """With form tokens on, as in production: no form of that size is read."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", True)
    sweep = Sweep(world)
    for rule in rules(world.app, "POST"):
        url = world.url(rule)
        kind = "application/json" if url.startswith("/api/") else "application/x-www-form-urlencoded"
        status = sweep.send("member", "POST", url, data=TEN_MEGABYTES, content_type=kind)
        if status not in (413, 403, 409):  # or refused before anything is read
            sweep.append(f"{url}: {status}")
    assert not sweep, sweep.told()


_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def _filled(values: dict[str, str], argument: re.Match[str]) -> str:
    return values[argument[1]]


def test_foreign_addresses(world):
    """Slugs, references, secrets and numbers that lead nowhere, each among others that are right."""
    sweep = Sweep(world)
    for method in ("GET", "POST"):
        for rule in rules(world.app, method):
            for name in rule.arguments:
                right = {other: str(value) for other, value in world.values_of(rule).items()}
                for value in PATHS:
                    url = _ARGUMENT.sub(partial(_filled, right | {name: value}), rule.rule)
                    status = sweep.send("admin", method, url)
                    if status < 300 and rule.endpoint != "static":
                        sweep.append(f"{method} {url[:100]}: {status}")
    assert not sweep, sweep.told()


# -- what belongs to others -----------------------------------------------------------------------------------

# What somebody from elsewhere may do here: look at what is public, ask for a place or to be told of it, ask to join.
OPEN_TO_STRANGERS = {
    "availability.door_sheet",  # the printed form of the resource page
    "accounts.organisation", "accounts.ask_to_join", "accounts.accept_invitation", "availability.resource",
    "availability.slot", "bookings.ask", "bookings.send", "bookings.wait", "bookings.join", "catalogue.photo",
    "catalogue.site", "api.get_resource", "api.get_free_windows",
}  # fmt: skip


def _guarded(app: Flask, rule: Rule) -> bool:
    guard = getattr(app.view_functions[rule.endpoint], "__guard__", "public")
    return bool(guard != "public" and rule.arguments and rule.endpoint not in OPEN_TO_STRANGERS)


def test_people_from_elsewhere_are_refused(world):
    admitted, checked = [], 0
    for method in ("GET", "POST"):
        for rule in [each for each in rules(world.app, method) if _guarded(world.app, each)]:
            status, wrong = ask(
                world, "stranger", method, world.url(rule), **({"data": RIGHT} if method == "POST" else {})
            )
            checked += 1
            if status not in (403, 404) or wrong:
                admitted.append(f"{method} {rule.rule}: {status} {wrong or ''}")
    assert not admitted, "\n".join(admitted)
    assert checked > 50


def test_nobody_asks_in_the_name_of_a_foreign_organisation(world):
    wish = RIGHT | {"organisation": str(world.facts["foreign"]), "quantity": "1", "once": "k" * 20}
    url = f"/ressources/{world.facts['slug']['/ressources']}/demander"
    status, wrong = ask(world, "member", "POST", url, data=wish)
    assert (status, wrong) == (422, None)
    in_line = wish | {"date": "2026-10-09", "mode": "in_line"}  # when all of it is taken
    status, wrong = ask(world, "member", "POST", url.replace("demander", "attendre"), data=in_line)
    assert (status, wrong) == (422, None)
    sent = {
        "resource": world.facts["name"]["/api"], "start": "2026-10-08T09:00:00+02:00", "end": "2026-10-08T12:00:00+02:00",
        "organisation": world.facts["foreign_public_id"], "purpose": "Soupes",
    }  # fmt: skip
    status, wrong = ask(world, "member", "POST", "/api/v1/bookings", json=sent)
    assert status in (403, 404, 422)
    assert wrong is None
