"""The part of Stripe's API that we use: each address with the parameters it takes and what it does to the world."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from stripe import params
from stripe.params import checkout

from app.core import clock
from app.payments.stripe.fake import objects
from app.payments.stripe.fake.objects import Thing
from app.payments.stripe.fake.world import Unable, World

HALF_HOUR, DAY = 30 * 60, 24 * 3600
LEAST = 50  # cents: the smallest payment in euros that Stripe documents


@dataclass(frozen=True)
class Call:
    """A request as it arrived: on behalf of which account (none: the platform), about which thing, with what."""

    world: World
    owner: str
    name: str
    given: Thing
    base_url: str


Act = Callable[[Call], Thing]


@dataclass(frozen=True)
class Route:
    """An address, the type of its parameters, and what it does."""

    method: str
    path: re.Pattern[str]
    params: Any
    act: Act


def _create_account(call: Call) -> Thing:
    return call.world.add("", objects.account(call.world.name("acct"), clock.epoch(), call.given))


def _account(call: Call) -> Thing:
    return call.world.get("", call.name, "account")


def _get(kind: str) -> Act:
    def act(call: Call) -> Thing:
        return call.world.get(call.owner, call.name, kind)

    return act


def _link(call: Call) -> Thing:
    payee = call.world.get("", call.given["account"], "account")
    now, url = clock.epoch(), f"{call.base_url}/stripe-simule/comptes/{payee['id']}"
    url += f"?retour={quote(urlsplit(call.given['return_url']).path)}"
    return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}


def _open_page(call: Call) -> Thing:
    payee = call.world.get("", call.owner, "account")
    if not payee["charges_enabled"]:
        raise Unable("account_not_ready")
    if not HALF_HOUR <= call.given["expires_at"] - clock.epoch() <= DAY:
        raise Unable("parameter_invalid_integer")
    if objects.total(call.given) < LEAST:
        raise Unable("amount_too_small")
    name = call.world.name("cs_test")
    made = objects.session(name, clock.epoch(), call.given, f"{call.base_url}/stripe-simule/pages/{name}")
    return call.world.add(call.owner, made)


def _read_page(call: Call) -> Thing:
    page = call.world.get(call.owner, call.name, "checkout.session")
    call.world.pass_time(page)
    return page


def _expire(call: Call) -> Thing:
    page = _read_page(call)
    call.world.expire(page)
    return page


def _refund(call: Call) -> Thing:
    world, cents = call.world, call.given["amount"]
    paid = world.get(call.owner, call.given["payment_intent"], "payment_intent")
    if paid["status"] != "succeeded":
        raise Unable("payment_intent_unexpected_state")
    made = world.things[paid["latest_charge"]]
    if made["amount_refunded"] + cents > made["amount"]:
        raise Unable("amount_too_large")
    made["amount_refunded"] += cents
    made["refunded"] = made["amount_refunded"] == made["amount"]
    given = world.add(call.owner, objects.refund(world.name("re"), clock.epoch(), paid, call.given))
    world.book_line(given, "refund", -cents)
    world.tell("refund.created", given)
    return given


def _list(kind: str, path: str) -> Act:
    def act(call: Call) -> Thing:
        since = call.given.get("created", {}).get("gte", 0)
        intent = call.given.get("payment_intent")
        found = [
            thing
            for thing in call.world.all(call.owner, kind)
            if thing["created"] >= since and intent in (None, thing.get("payment_intent"))
        ]
        return _page(call, found, path)

    return act


def _page(call: Call, found: list[Thing], path: str) -> Thing:
    last = call.given.get("starting_after")
    after = [thing["id"] for thing in found].index(last) + 1 if last else 0
    page = found[after : after + call.given.get("limit", 10)]
    return {"object": "list", "url": path, "data": page, "has_more": after + len(page) < len(found)}


def _booked(call: Call) -> Thing:
    call.world.get(call.owner, call.given["payout"], "payout")
    found = [call.world.things[name] for name in call.world.paid_out[call.given["payout"]]]
    return _page(call, found, "/v1/balance_transactions")


def _route(method: str, path: str, kind: Any, act: Act) -> Route:
    return Route(method, re.compile(path.replace("{id}", r"(?P<id>\w+)")), kind, act)


ROUTES = (
    _route("post", "/v1/accounts", params.AccountCreateParams, _create_account),
    _route("get", "/v1/accounts/{id}", params.AccountRetrieveParams, _account),
    _route("post", "/v1/account_links", params.AccountLinkCreateParams, _link),
    _route("post", "/v1/checkout/sessions", checkout.SessionCreateParams, _open_page),
    _route("get", "/v1/checkout/sessions/{id}", checkout.SessionRetrieveParams, _read_page),
    _route("post", "/v1/checkout/sessions/{id}/expire", checkout.SessionExpireParams, _expire),
    _route("post", "/v1/refunds", params.RefundCreateParams, _refund),
    _route("get", "/v1/refunds", params.RefundListParams, _list("refund", "/v1/refunds")),
    _route("get", "/v1/refunds/{id}", params.RefundRetrieveParams, _get("refund")),
    _route("get", "/v1/disputes", params.DisputeListParams, _list("dispute", "/v1/disputes")),
    _route("get", "/v1/disputes/{id}", params.DisputeRetrieveParams, _get("dispute")),
    _route("get", "/v1/payouts", params.PayoutListParams, _list("payout", "/v1/payouts")),
    _route("get", "/v1/balance_transactions", params.BalanceTransactionListParams, _booked),
    _route("get", "/v1/payouts/{id}", params.PayoutRetrieveParams, _get("payout")),
)  # fmt: skip


def find_route(method: str, path: str) -> tuple[Route, str] | None:
    """Find an address, and the id in it."""
    for route in ROUTES:
        found = route.path.fullmatch(path) if route.method == method else None
        if found:
            return route, found.groupdict().get("id", "")
    return None


def expanded(world: World, thing: Mapping[str, Any], ways: list[str]) -> Thing:
    """Put whole things in the place of their ids, along the ways that were asked for."""
    shown = dict(thing)
    for way in ways:
        _expand(world, shown, way.split("."))
    return shown


def _expand(world: World, at: Thing, way: list[str]) -> None:
    """Put them in one thing; of a list, in each of its things."""
    name, *further = way
    inside = at.get(name)
    if isinstance(inside, str):
        inside = dict(world.things[inside])
    elif isinstance(inside, list):
        inside = [dict(each) for each in inside]
    at[name] = inside
    if further and inside:
        for each in inside if isinstance(inside, list) else [inside]:
            _expand(world, each, further)
