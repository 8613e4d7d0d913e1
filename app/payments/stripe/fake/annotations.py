"""Is this what Stripe takes, and what it gives? Asked of the type annotations that its library is generated with.

So the double cannot drift from the real thing: a parameter that was dropped, a word that is not in the list, an object
without one of its fields is an error the day the library says so. Stricter than the types in one way: where a list of
words is open (`Literal[…] | str`), only the words that are named are taken.
"""

import builtins
import sys
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import stripe
import typing_extensions
from stripe._list_object import ListObject
from stripe._request_options import RequestOptions
from stripe._stripe_object import StripeObject, UntypedStripeObject

_OPTIONS = frozenset(RequestOptions.__annotations__)  # travel as headers, never as parameters


class Mismatch(AssertionError):
    """A request or an object is not what the library's types say; the text has the way to the piece."""


def read_params(kind: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters of a request as values (on the wire all are text); raise Mismatch."""
    found: dict[str, Any] = _typed_dict(kind, sent, kind.__name__)
    return found


def check_object(kind: Any, given: Mapping[str, Any], way: str = "") -> None:
    """Check an object we are about to answer with: every field known and of its type, none of the required missing."""
    way, hints = way or kind.__name__, _hints(kind)
    for name in given:
        if name not in hints:
            raise Mismatch(f"{way}.{name}: there is no such field")
    for name, hint in hints.items():
        if name in given:
            _check(hint, given[name], f"{way}.{name}")
        elif type(None) not in _members(hint):
            raise Mismatch(f"{way}.{name}: is missing")


# -- requests -------------------------------------------------------------------------------------------------


def _typed_dict(kind: Any, sent: Any, way: str) -> dict[str, Any]:
    if not isinstance(sent, Mapping):
        raise Mismatch(f"{way}: must be fields, not {sent!r}")
    hints = _hints(kind)
    for name in sent:
        if name not in hints:
            raise Mismatch(f"{way}.{name}: there is no such parameter")
    for name in kind.__required_keys__ - _OPTIONS:
        if name not in sent:
            raise Mismatch(f"{way}.{name}: is required")
    return {name: _value(hints[name], value, f"{way}.{name}") for name, value in sent.items()}


def _value(hint: Any, sent: Any, way: str) -> Any:
    """Read a value as the first of its types that it fits; words that are named come before any text."""
    members = sorted(_members(hint), key=_is_words, reverse=True)
    if any(map(_is_words, members)):
        members = [each for each in members if each is not str]
    for member in members:
        try:
            return _one(member, sent, way)
        except (Mismatch, ValueError):
            if len(members) == 1:
                raise
    raise Mismatch(f"{way}: {sent!r} is none of {', '.join(map(str, members))}")


def _one(member: Any, sent: Any, way: str) -> Any:
    origin, inner = get_origin(member), get_args(member)
    if typing_extensions.is_typeddict(member):
        return _typed_dict(member, sent, way)
    if origin is list:
        return [_value(inner[0], each, f"{way}[{number}]") for number, each in enumerate(_items(sent, way))]
    if origin is dict and isinstance(sent, Mapping):
        return {name: _value(inner[1], each, f"{way}[{name}]") for name, each in sent.items()}
    if origin is Literal and sent in inner:
        return sent
    if member is bool and sent in ("true", "false"):
        return sent == "true"
    if member in (int, float, str) and isinstance(sent, str):
        return member(sent)
    raise Mismatch(f"{way}: {sent!r} is not {member}")


def _items(sent: Any, way: str) -> list[Any]:
    if not isinstance(sent, Mapping) or list(sent) != [str(number) for number in range(len(sent))]:
        raise Mismatch(f"{way}: must be a list, not {sent!r}")
    return list(sent.values())


# -- answers --------------------------------------------------------------------------------------------------


def _check(hint: Any, given: Any, way: str) -> None:
    members = _members(hint)
    literals = [word for each in members if _is_words(each) for word in get_args(each)]
    if given is None and type(None) in members:
        return
    if literals and isinstance(given, str | bool):
        if given not in literals:
            raise Mismatch(f"{way}: {given!r} is none of {', '.join(map(str, literals))}")
        return
    for member in members:
        if _fits(member, given, way):
            return
    raise Mismatch(f"{way}: {given!r} is not {hint}")


def _fits(member: Any, given: Any, way: str) -> bool:
    origin, inner = get_origin(member) or member, get_args(member)
    if origin is ListObject:
        return _is_list(inner[0], given, way)
    if origin is UntypedStripeObject or origin is dict:
        return isinstance(given, Mapping)
    if origin is list:
        if isinstance(given, list):
            for number, each in enumerate(given):
                _check(inner[0], each, f"{way}[{number}]")
        return isinstance(given, list)
    if isinstance(origin, type) and issubclass(origin, StripeObject):
        if not isinstance(given, Mapping) or _is_called_otherwise(origin, given):
            return False
        check_object(origin, given, way)
        return True
    return type(given) is origin or (origin is float and type(given) is int)


def _is_called_otherwise(kind: Any, given: Mapping[str, Any]) -> bool:
    """Tell whether an object says that it is of another kind: where several may be, it is checked against its own."""
    if "object" not in given:
        return False
    return kind is StripeObject or getattr(kind, "OBJECT_NAME", given["object"]) != given["object"]


def _is_list(member: Any, given: Any, way: str) -> bool:
    if (
        not isinstance(given, Mapping)
        or given.get("object") != "list"
        or not {"data", "has_more", "url"} <= set(given)
    ):
        return False
    for number, each in enumerate(given["data"]):
        _check(member, each, f"{way}.data[{number}]")
    return True


# -- reading annotations --------------------------------------------------------------------------------------


class _Names(dict[str, Any]):
    """The names that annotations may use: those of their module, and those that only type checkers import into it."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        # CardResource is Card, where there is a nested Card as well; things of corners we never go to may be anything.
        return getattr(stripe, name.removesuffix("Resource"), StripeObject)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Read the annotations of a class: its fields, or its parameters without what travels as headers."""
    is_params = typing_extensions.is_typeddict(kind)
    found: dict[str, Any] = {}
    for base in (kind,) if is_params else reversed(kind.__mro__):
        space = vars(sys.modules[base.__module__])
        for name, hint in vars(base).get("__annotations__", {}).items():
            is_field = not name.startswith("_") and get_origin(hint) is not typing.ClassVar
            if name not in _OPTIONS if is_params else is_field:
                found[name] = _resolved(hint, space)
    return found


def _resolved(hint: Any, space: Mapping[str, Any]) -> Any:
    """Turn what is written as text into types, and look through NotRequired."""
    while isinstance(hint, str | typing.ForwardRef):
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        hint = eval(text, {}, _Names(space))  # noqa: S307  # the text of a pinned library, not of anybody
    if get_origin(hint) in (typing_extensions.NotRequired, typing_extensions.Required):
        return _resolved(get_args(hint)[0], space)
    inner = get_args(hint)
    if get_origin(hint) is Literal or not inner:
        return hint
    parts = tuple(_resolved(each, space) for each in inner)
    if get_origin(hint) in (Union, types.UnionType):
        return Union[parts]  # noqa: UP007  # made at run time
    return hint.copy_with(parts) if hasattr(hint, "copy_with") else get_origin(hint)[parts]


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _is_words(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin is Literal
