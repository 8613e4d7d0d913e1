"""The played Stripe, plugged in where the library would open a connection: it sees just what would go over the wire."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from app.payments.stripe.fake import annotations, api
from app.payments.stripe.fake.kinds import KINDS
from app.payments.stripe.fake.objects import Thing
from app.payments.stripe.fake.world import Memory, Shelf, Unable, World

Answer = tuple[str, int, Mapping[str, str]]
Fault = Callable[[str, str, Callable[[], Answer]], Answer]


def lost_reply(_method: str, _path: str, answer: Callable[[], Answer]) -> Answer:
    """Do what is asked, and let the answer be lost on the way."""
    answer()
    raise _broken("the line broke")


def down(_method: str, _path: str, _answer: Callable[[], Answer]) -> Answer:
    """Be away."""
    raise _broken("nobody answers")


def _broken(why: str) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(why, should_retry=False)  # type: ignore[no-untyped-call]  # the library's


class FakeClient(stripe.HTTPClient):
    """Answers like Stripe. `faults` are what goes wrong with the next requests, one each, None for nothing."""

    name = "fake"

    def __init__(self, home: Memory | Shelf, base_url: str) -> None:
        super().__init__()
        self.home, self.base_url = home, base_url
        self.faults: list[Fault | None] = []
        self.requests: list[tuple[str, str]] = []

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_more: Any
    ) -> Answer:
        """Answer a request; what our code may not ask, or what Stripe could not answer, raises Mismatch."""
        parts = urlsplit(url)
        fields = tree(parse_qsl(post_data if method == "post" else parts.query, keep_blank_values=True))
        self.requests.append((method, parts.path))
        fault = self.faults.pop(0) if self.faults else None

        def answer() -> Answer:
            with self.home.open() as world:
                return self._answer(world, method, parts.path, dict(headers or {}), fields)

        return fault(method, parts.path, answer) if fault else answer()

    def _answer(
        self, world: World, method: str, path: str, headers: Mapping[str, str], fields: Thing
    ) -> Answer:
        found = api.find_route(method, path)
        if found is None:
            raise annotations.Mismatch(f"{method} {path}: this double does not know it")
        route, name = found
        given = annotations.read_params(route.params, fields)
        owner, key = headers.get("Stripe-Account", ""), _key(headers)
        asked = json.dumps([path, owner, fields], sort_keys=True)
        if key in world.answered:
            before, body = world.answered[key]
            return _ok(body) if before == asked else _error(400, "idempotency_error", "")
        try:
            made = route.act(api.Call(world, owner, name, given, self.base_url))
        except Unable as unable:
            status = 404 if unable.code == "resource_missing" else 400
            return _error(status, "invalid_request_error", unable.code)
        body = json.dumps(_checked(api.expanded(world, made, given.get("expand", []))))
        if method == "post" and key:
            world.answered[key] = [asked, body]
        return _ok(body)

    def close(self) -> None:
        """Nothing is open."""


def _key(headers: Mapping[str, str]) -> str:
    return headers.get("Idempotency-Key", "")


def _ok(body: str) -> Answer:
    return body, 200, {"Request-Id": "req_fake"}


def _error(status: int, kind: str, code: str) -> Answer:
    body = {"error": {"type": kind, "code": code, "message": f"Refused: {code}."}}
    return json.dumps(body), status, {"Request-Id": "req_fake"}


def _checked(made: Thing) -> Thing:
    """Check an answer against the types of the library."""
    for each in made["data"] if made["object"] == "list" else [made]:
        annotations.check_object(KINDS[each["object"]], each)
    return made


def tree(pairs: list[tuple[str, str]]) -> Thing:
    """Read `a[b][0]=c` as nested fields."""
    root: Thing = {}
    for name, value in pairs:
        steps = re.findall(r"[^\[\]]+", name)
        at = root
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        at[steps[-1]] = value
    return root
