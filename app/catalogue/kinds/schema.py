"""What a kind of resource is, and how the facts of one are checked, filtered and shown. Pure: no words, no web.

Labels are English sentences to be translated when shown (`words.py`). Facts are kept as JSON values: whole
numbers, decimals, booleans, codes of choices, lists of codes, text, ISO dates; money is whole cents.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from app.catalogue.kinds.units import Measure, Unit

JsonValue = bool | int | float | str | list[str]
LONGEST_TEXT = 2_000
DECIMALS = 3


class FactType(StrEnum):
    """The shape of a fact's value."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"  # whole cents
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    DATE = "date"


class FilterBy(StrEnum):
    """How a search narrows by a fact: at least, at most, one of its choices, or having it."""

    MIN = "min"
    MAX = "max"
    CHOICE = "choice"
    BOOLEAN = "boolean"


class FactError(NamedTuple):
    """Why a fact is refused: a code, and what the sentence needs (`words.fact_sentence`)."""

    code: str
    facts: Mapping[str, Any]


class _Refused(Exception):
    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.error = FactError(code, facts)


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a fact, or one subtype of a kind."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Subtype(Choice):
    """A sort of the kind; `picture` names its illustration."""

    picture: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing worth knowing about a resource of a kind.

    `min` and `max` bound numbers (cents for money), `max` also the length of a text.
    """

    key: str
    label: str
    type: FactType
    group: str
    unit: Measure | None = None
    min: float | None = None
    max: float | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    filter: FilterBy | None = None
    filter_label: str = ""
    public: bool = True
    tells_no: bool = False  # a "no" is worth showing too
    at_least: str = ""  # the fact this one may not be below
    help: str = ""

    @property
    def is_number(self) -> bool:
        return self.type in {FactType.INTEGER, FactType.DECIMAL, FactType.MONEY}

    def choice(self, key: str) -> Choice | None:
        """The choice of that key, or None."""
        return next((choice for choice in self.choices if choice.key == key), None)

    def read(self, raw: object) -> JsonValue:
        """Turn a value of the right type into its JSON form; raises what `Kind.parse` reports."""
        return _READERS[self.type](self, raw)


# -- reading values -----------------------------------------------------------------------------------------


def _number(fact: Fact, raw: object) -> int | float | Decimal:
    """The raw value, if it is a finite number within the fact's bounds."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal)):
        raise _Refused("fact_type", expected=fact.type.value)
    if not (raw.is_finite() if isinstance(raw, Decimal) else isinstance(raw, int) or math.isfinite(raw)):
        raise _Refused("fact_type", expected=fact.type.value)
    if fact.min is not None and raw < fact.min:
        raise _Refused("fact_too_small", min=fact.min, unit=fact.unit)
    if fact.max is not None and raw > fact.max:
        raise _Refused("fact_too_big", max=fact.max, unit=fact.unit)
    return raw


def _read_integer(fact: Fact, raw: object) -> int:
    number = _number(fact, raw)
    if number != int(number):
        raise _Refused("fact_type", expected=fact.type.value)
    return int(number)


def _read_decimal(fact: Fact, raw: object) -> float:
    return round(float(_number(fact, raw)), DECIMALS)


def _read_boolean(fact: Fact, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise _Refused("fact_type", expected=fact.type.value)
    return raw


def _read_choice(fact: Fact, raw: object) -> str:
    if not isinstance(raw, str):
        raise _Refused("fact_type", expected=fact.type.value)
    if fact.choice(raw) is None:
        raise _Refused("fact_choice", choices=[choice.key for choice in fact.choices])
    return raw


def _read_choices(fact: Fact, raw: object) -> list[str]:
    if not isinstance(raw, (list, tuple, set, frozenset)):
        raise _Refused("fact_type", expected=fact.type.value)
    chosen = {_read_choice(fact, one) for one in raw}
    return [choice.key for choice in fact.choices if choice.key in chosen]


def _read_text(fact: Fact, raw: object) -> str:
    if not isinstance(raw, str) or "\x00" in raw:
        raise _Refused("fact_type", expected=fact.type.value)
    text = raw.replace("\r\n", "\n").strip()
    longest = int(fact.max or LONGEST_TEXT)
    if len(text) > longest:
        raise _Refused("fact_too_long", max=longest)
    return text


def _read_date(fact: Fact, raw: object) -> str:
    try:
        day = raw if isinstance(raw, date) else date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise _Refused("fact_type", expected=fact.type.value) from None
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


_READERS: Mapping[FactType, Callable[[Fact, object], JsonValue]] = {
    FactType.INTEGER: _read_integer,
    FactType.MONEY: _read_integer,
    FactType.DECIMAL: _read_decimal,
    FactType.BOOLEAN: _read_boolean,
    FactType.CHOICE: _read_choice,
    FactType.CHOICES: _read_choices,
    FactType.TEXT: _read_text,
    FactType.DATE: _read_date,
}


# -- filtering ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactFilter:
    """A wish about one fact: "at least 200 meals a day", "step-free"."""

    fact: Fact
    value: JsonValue

    def accepts(self, facts: Mapping[str, Any]) -> bool:
        """Whether a resource with these facts fulfils the wish; one that says nothing does not."""
        has = facts.get(self.fact.key)
        if has is None:
            return False
        match self.fact.filter:
            case FilterBy.MIN:
                return bool(has >= self.value)
            case FilterBy.MAX:
                return bool(has <= self.value)
            case FilterBy.CHOICE if isinstance(has, list):
                return self.value in has
            case _:
                return bool(has == self.value)


# -- kinds --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Facts shown together under one heading."""

    key: str
    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new resource of the kind starts with; lengths in minutes."""

    mode: str
    unit: Unit
    capacity: int
    opening_mode: str
    step_minutes: int
    min_minutes: int
    max_minutes: int
    buffer_after: int


@dataclass(frozen=True, slots=True, eq=False)  # a kind is itself: forms are kept by kind
class Kind:
    """A kind of resource: its sorts, how it is shared out, and the facts it has, in groups."""

    key: str
    label: str
    plural: str
    icon: str
    subtypes: tuple[Subtype, ...]
    subtype_fact: str  # the choice fact that says the subtype, or ""
    modes: tuple[str, ...]
    units: tuple[Unit, ...]
    defaults: Defaults
    groups: tuple[Group, ...]
    facts: tuple[Fact, ...] = field(init=False)
    _by_key: Mapping[str, Fact] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", tuple(fact for group in self.groups for fact in group.facts))
        object.__setattr__(self, "_by_key", {fact.key: fact for fact in self.facts})

    def find_fact(self, key: str) -> Fact | None:
        """The fact of that key, or None."""
        return self._by_key.get(key)

    def find_subtype(self, key: str) -> Subtype | None:
        """The subtype of that key, or None."""
        return next((subtype for subtype in self.subtypes if subtype.key == key), None)

    def settle_subtype(self, chosen: str, facts: Mapping[str, Any]) -> str:
        """The subtype to keep: what the facts say where they decide it, else the one chosen, else the first."""
        if self.subtype_fact:
            return str(facts.get(self.subtype_fact, self.subtypes[0].key))
        return chosen if self.find_subtype(chosen) else self.subtypes[0].key

    def picture(self, subtype: str = "") -> str:
        """Name of the illustration, for a resource without a photo."""
        found = self.find_subtype(subtype)
        return found.picture if found else self.key

    def parse(self, raw: Mapping[str, object]) -> tuple[dict[str, JsonValue], dict[str, FactError]]:
        """Check facts given by a form, a file or the API.

        Values must have the fact's own type ("4" is not 4). None, an empty text and an empty list mean "not
        said". Returns the accepted facts in the kind's order, and an error per refused key.
        """
        errors = {key: FactError("fact_unknown", {"fact": key}) for key in raw if key not in self._by_key}
        facts: dict[str, JsonValue] = {}
        for fact in self.facts:
            try:
                value = self._given(fact, raw)
            except _Refused as refused:
                errors[fact.key] = refused.error
                continue
            if value is not None:
                facts[fact.key] = value
        errors |= _out_of_order(self.facts, facts)
        return {key: value for key, value in facts.items() if key not in errors}, errors

    def _given(self, fact: Fact, raw: Mapping[str, object]) -> JsonValue | None:
        given = raw.get(fact.key)
        value = None if given is None or given == "" else fact.read(given)
        if value in ("", []) or value is None:
            if fact.required:
                raise _Refused("fact_missing")
            return None
        return value

    def display(self, facts: Mapping[str, Any], *, public: bool = True) -> list[tuple[Fact, JsonValue]]:
        """Facts worth showing, in order; a plain "no" is left out. `public=False` adds what only managers see."""
        return [pair for group in self.groups for pair in _shown(group, facts, public=public)]

    def display_groups(
        self, facts: Mapping[str, Any], *, public: bool = True
    ) -> list[tuple[Group, list[tuple[Fact, JsonValue]]]]:
        """The same under their headings; empty groups are left out."""
        shown = [(group, _shown(group, facts, public=public)) for group in self.groups]
        return [(group, pairs) for group, pairs in shown if pairs]

    @property
    def filters(self) -> tuple[Fact, ...]:
        """Facts a search can be narrowed by, in order."""
        return tuple(fact for fact in self.facts if fact.filter and fact.public)

    def read_filters(self, raw: Mapping[str, object]) -> tuple[list[FactFilter], dict[str, FactError]]:
        """Wishes of a search from the values of its fields; False, empty and unknown ones are no wish."""
        wishes: list[FactFilter] = []
        errors: dict[str, FactError] = {}
        for fact in self.filters:
            given = raw.get(fact.key)
            if given in (None, "", False):
                continue
            try:
                wishes.append(FactFilter(fact, _read_wish(fact, given)))
            except _Refused as refused:
                errors[fact.key] = refused.error
        return wishes, errors

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the facts of this kind, as `parse` accepts them."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.label,
            "type": "object",
            "properties": {fact.key: _fact_schema(fact) for fact in self.facts},
            "required": [fact.key for fact in self.facts if fact.required],
            "additionalProperties": False,
        }


def _read_wish(fact: Fact, given: object) -> JsonValue:
    return _read_choice(fact, given) if fact.type is FactType.CHOICES else fact.read(given)


def _shown(group: Group, facts: Mapping[str, Any], *, public: bool) -> list[tuple[Fact, JsonValue]]:
    return [
        (fact, facts[fact.key])
        for fact in group.facts
        if fact.key in facts
        and (fact.public or not public)
        and (facts[fact.key] is not False or fact.tells_no)
    ]


def _out_of_order(facts: Iterable[Fact], values: Mapping[str, Any]) -> dict[str, FactError]:
    """Facts below the one they may not be below: an alarm under its warning would never sound in time."""
    return {
        fact.key: FactError("fact_below", {"min": values[fact.at_least], "unit": fact.unit})
        for fact in facts
        if fact.key in values and fact.at_least in values and values[fact.key] < values[fact.at_least]
    }


def _fact_schema(fact: Fact) -> dict[str, Any]:
    keys = [choice.key for choice in fact.choices]
    shapes: dict[FactType, dict[str, Any]] = {
        FactType.INTEGER: {"type": "integer"},
        FactType.MONEY: {"type": "integer"},
        FactType.DECIMAL: {"type": "number"},
        FactType.BOOLEAN: {"type": "boolean"},
        FactType.CHOICE: {"type": "string", "enum": keys},
        FactType.CHOICES: {"type": "array", "items": {"type": "string", "enum": keys}, "uniqueItems": True},
        FactType.TEXT: {"type": "string", "maxLength": int(fact.max or LONGEST_TEXT)},
        FactType.DATE: {"type": "string", "format": "date"},
    }
    schema = {"title": fact.label} | shapes[fact.type]
    if fact.is_number:
        schema |= {
            word: bound for word, bound in (("minimum", fact.min), ("maximum", fact.max)) if bound is not None
        }
    unit = "cents" if fact.type is FactType.MONEY else fact.unit
    notes = [note for note in (fact.help, f"Unit: {unit}." if unit else "") if note]
    return schema | ({"description": " ".join(notes)} if notes else {})
