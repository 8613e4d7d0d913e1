"""Reads the kinds from their data files, and refuses a file that says something impossible, naming the place."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from app.catalogue.kinds.schema import Choice, Defaults, Fact, FactType, FilterBy, Group, Kind, Subtype
from app.catalogue.kinds.units import Measure, Unit

KINDS_IN_ORDER = ("kitchen", "storage", "equipment", "vehicle", "land", "room")
MODES = ("exclusive", "stations", "quantity", "season", "seats")
OPENING_MODES = ("continuous", "endpoints", "always")

_KIND_KEYS = {
    "key", "label", "plural", "icon", "modes", "units", "common", "subtype_fact", "defaults", "subtypes", "groups",
}  # fmt: skip
_DEFAULT_KEYS = set(Defaults.__dataclass_fields__)
_FACT_KEYS = set(Fact.__dataclass_fields__) - {"group"}
_NUMBERS = {FactType.INTEGER, FactType.DECIMAL, FactType.MONEY}
_FILTERS = {
    FilterBy.MIN: _NUMBERS,
    FilterBy.MAX: _NUMBERS,
    FilterBy.CHOICE: {FactType.CHOICE, FactType.CHOICES},
    FilterBy.BOOLEAN: {FactType.BOOLEAN},
}


Word = TypeVar("Word", bound=str)


class BadKind(ValueError):
    """A kind's data file says something impossible; the message names the file and the place in it."""


def load_kinds(folder: Path) -> dict[str, Kind]:
    """Read every kind of the folder, in the order they are shown; raises BadKind."""
    common = read_toml(folder / "common.toml")
    return {
        name: load_kind(read_toml(folder / f"{name}.toml"), common, f"{name}.toml") for name in KINDS_IN_ORDER
    }


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a data file; raises BadKind where it is missing or broken."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadKind(f"{file.name}: {error}") from error


def load_kind(data: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Kind:
    """One kind from its data; `common` holds the facts it may borrow."""
    _only(data, _KIND_KEYS, where)
    modes = tuple(_one_of(mode, MODES, f"{where}: modes") for mode in _get(data, "modes", where))
    units = tuple(_one_of(unit, Unit, f"{where}: units") for unit in _get(data, "units", where))
    kind = Kind(
        key=_get(data, "key", where),
        label=_get(data, "label", where),
        plural=_get(data, "plural", where),
        icon=_get(data, "icon", where),
        subtypes=tuple(_subtypes(data, where)),
        subtype_fact=data.get("subtype_fact", ""),
        modes=modes,
        units=units,
        defaults=_defaults(_get(data, "defaults", where), where),
        groups=(*_groups(data, where), *_borrowed(data, common, where)),
    )
    _check(kind, where)
    return kind


def _one_of(value: str, allowed: Iterable[Word], where: str) -> Word:
    """The allowed word that the value is (a member of an enumeration, or a plain word)."""
    words = list(allowed)
    if value not in words:
        raise BadKind(f"{where}: {value!r} is not one of {', '.join(words)}")
    return words[words.index(value)]


def _get(data: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in data:
        raise BadKind(f"{where}: {key!r} is missing")
    return data[key]


def _only(data: Mapping[str, Any], allowed: set[str], where: str) -> None:
    if unknown := sorted(set(data) - allowed):
        raise BadKind(f"{where}: unknown {', '.join(unknown)}")


def _subtypes(data: Mapping[str, Any], where: str) -> Iterator[Subtype]:
    for row in _get(data, "subtypes", where):
        _only(row, {"key", "label", "picture"}, f"{where}: subtypes")
        label = _get(row, "label", f"{where}: subtypes")
        yield Subtype(_get(row, "key", f"{where}: subtypes"), label, row.get("picture", data["key"]))


def _defaults(data: Mapping[str, Any], where: str) -> Defaults:
    place = f"{where}: defaults"
    _only(data, _DEFAULT_KEYS, place)
    values = {key: _get(data, key, place) for key in _DEFAULT_KEYS}
    values["unit"] = _one_of(values["unit"], Unit, place)
    values["opening_mode"] = _one_of(values["opening_mode"], OPENING_MODES, place)
    return Defaults(**values)


def _groups(data: Mapping[str, Any], where: str) -> Iterator[Group]:
    for row in _get(data, "groups", where):
        _only(row, {"key", "label", "facts"}, f"{where}: groups")
        key = _get(row, "key", f"{where}: groups")
        facts = tuple(load_fact(fact, key, where) for fact in _get(row, "facts", f"{where}: {key}"))
        yield Group(key, _get(row, "label", f"{where}: {key}"), facts)


def _borrowed(data: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Iterator[Group]:
    wanted = data.get("common", [])
    group = _get(common, "group", "common.toml")
    facts = {row["key"]: row for row in _get(common, "facts", "common.toml")}
    if unknown := [key for key in wanted if key not in facts]:
        raise BadKind(f"{where}: common: unknown {', '.join(unknown)}")
    if wanted:
        loaded = (load_fact(facts[key], group["key"], "common.toml") for key in facts if key in wanted)
        yield Group(group["key"], group["label"], tuple(loaded))


def load_fact(data: Mapping[str, Any], group: str, where: str) -> Fact:
    """One fact from its data, checked for what its type allows."""
    place = f"{where}: {data.get('key', group)}"
    _only(data, _FACT_KEYS, place)
    values = {**data, "group": group, "key": _get(data, "key", place), "label": _get(data, "label", place)}
    values["type"] = _one_of(_get(data, "type", place), FactType, place)
    values["unit"] = _one_of(data["unit"], Measure, place) if "unit" in data else None
    values["filter"] = _one_of(data["filter"], FilterBy, place) if "filter" in data else None
    values["choices"] = tuple(Choice(row["key"], row["label"]) for row in data.get("choices", ()))
    fact = Fact(**values)
    _check_fact(fact, place)
    return fact


def _check_fact(fact: Fact, place: str) -> None:
    wrong = {
        "choices are for choice facts, which need at least two": (len(fact.choices) > 1)
        != (fact.type in {FactType.CHOICE, FactType.CHOICES}),
        "a choice comes twice": len({choice.key for choice in fact.choices}) != len(fact.choices),
        "a number needs its bounds": fact.is_number and (fact.min is None or fact.max is None),
        "min is above max": fact.min is not None and fact.max is not None and fact.min > fact.max,
        "only numbers have a unit": fact.unit is not None and not fact.is_number,
        "the filter does not fit the type": fact.filter is not None
        and fact.type not in _FILTERS[fact.filter],
        "at_least is for numbers": bool(fact.at_least) and not fact.is_number,
    }
    for complaint, is_wrong in wrong.items():
        if is_wrong:
            raise BadKind(f"{place}: {complaint}")


def _check(kind: Kind, where: str) -> None:
    keys = [fact.key for fact in kind.facts]
    by_fact = kind.find_fact(kind.subtype_fact)
    defaults = kind.defaults
    wrong = {
        "the key is not the file's name": f"{kind.key}.toml" != where,
        "a fact comes twice": len(set(keys)) != len(keys),
        "there is no subtype": not kind.subtypes,
        "a subtype comes twice": len({s.key for s in kind.subtypes}) != len(kind.subtypes),
        "the default mode is not among the modes": defaults.mode not in kind.modes,
        "the default unit is not among the units": defaults.unit not in kind.units,
        "the default durations contradict each other": not 0 < defaults.min_minutes <= defaults.max_minutes,
        "at_least names no fact": any(fact.at_least and fact.at_least not in keys for fact in kind.facts),
        "subtype_fact names no required choice with the subtypes' keys": bool(kind.subtype_fact)
        and (
            by_fact is None
            or not by_fact.required
            or {c.key for c in by_fact.choices} != {s.key for s in kind.subtypes}
        ),
    }
    for complaint, is_wrong in wrong.items():
        if is_wrong:
            raise BadKind(f"{where}: {complaint}")
