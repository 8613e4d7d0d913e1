"""Sharing whole cents without losing one: largest remainders on exact numbers, and a fair draw among equals. Pure."""

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from math import lcm
from typing import Any, TypeVar

from app.core.money import Exact
from app.payments.amount_errors import NobodyBears

Who = TypeVar("Who")


def apportion(cents: int, weights: Mapping[Who, Exact], turn: Callable[[Who], Any]) -> dict[Who, int]:
    """Share an amount by weights: each gets less than a cent more or less than exactly, and all of it is shared.

    The cents that are left when everybody has their whole ones go to those who lack most of one; among equals, to whom
    `turn` puts first: it must tell any two apart. Who weighs nothing gets nothing. Raise NobodyBears where that is
    everybody and there is something to share.
    """
    if cents < 0:
        raise ValueError("what is shared is not below zero")
    whole = whole_weights(weights)
    total = sum(whole.values())
    if not total:
        if cents:
            raise NobodyBears(cents=cents)
        return dict.fromkeys(weights, 0)
    shares, lacking = {}, {}
    for who, weight in whole.items():
        shares[who], lacking[who] = divmod(cents * weight, total)
    for who in _first(lacking, cents - sum(shares.values()), turn):
        shares[who] += 1
    return shares


def _first(lacking: Mapping[Who, int], odd: int, turn: Callable[[Who], Any]) -> Iterable[Who]:
    """Tell who gets the odd cents; turns are drawn only where there are equals to choose from."""
    if not odd:
        return ()
    ordered = sorted(lacking, key=lacking.__getitem__, reverse=True)
    least = lacking[ordered[odd - 1]]
    ahead = [who for who in ordered[:odd] if lacking[who] > least]
    equals = [who for who in ordered if lacking[who] == least]
    if len(ahead) + len(equals) > odd:
        equals.sort(key=turn)
    return ahead + equals[: odd - len(ahead)]


def whole_weights(weights: Mapping[Who, Exact]) -> Mapping[Who, int]:
    """Write weights as whole numbers with the same proportions."""
    if min(weights.values(), default=0) < 0:
        raise ValueError("nobody weighs less than nothing")
    if all(type(weight) is int for weight in weights.values()):  # the usual case
        return weights  # type: ignore[return-value]  # mypy learns nothing of values from `all`
    common = lcm(*(weight.denominator for weight in weights.values()))
    return {who: int(weight * common) for who, weight in weights.items()}


def drawn(line_id: str, organisation_id: int) -> bytes:
    """Draw the turn of an organisation at a line: the same for ever and on every machine, and no list has a first.

    In the order of a list, or of ids, the same organisation would pay the odd cent of every line.
    """
    return sha256(f"{line_id}/{organisation_id}".encode()).digest()
