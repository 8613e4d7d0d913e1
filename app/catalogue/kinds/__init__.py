"""The kinds of resource, each described by one data file beside this one; a new kind is a new file.

A kind file says: `key`, `label`, `plural`, `icon` (in the sprite), `modes` and `units` a resource of the kind may
have, `defaults` for a new one, `subtypes` (with the `picture` that stands in for a photo), and `groups` of `facts`.
A fact has `key`, `label`, `type` (integer, decimal, money, boolean, choice, choices, text, date), and where it fits:
`unit`, `min`, `max`, `choices`, `required`, `filter` (min, max, choice, boolean) with `filter_label`,
`public = false` for what only managers see, `tells_no` where a "no" is worth showing, `at_least` (another fact),
`help`. `common` borrows facts of `common.toml`. The form, the page, the filters and the API are made from it.
The files are read once, when this package is first imported; a mistake in one stops the start (`BadKind`).
After a change of labels run `python -m app.catalogue.kinds.make_labels`, so that they can be translated.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from app.catalogue.kinds.loader import BadKind, load_kinds
from app.catalogue.kinds.schema import (
    Choice,
    Fact,
    FactError,
    FactFilter,
    FactType,
    FilterBy,
    Group,
    JsonValue,
    Kind,
    Subtype,
)
from app.catalogue.kinds.units import Measure, Unit
from app.core.errors import NotFound

KINDS: Mapping[str, Kind] = MappingProxyType(load_kinds(Path(__file__).parent))


def find_kind(key: str) -> Kind | None:
    """The kind of that key, or None."""
    return KINDS.get(key)


def get_kind(key: str) -> Kind:
    """The kind of that key; raises NotFound."""
    if key not in KINDS:
        raise NotFound(kind="kind", key=key)
    return KINDS[key]


__all__ = [
    "KINDS",
    "BadKind",
    "Choice",
    "Fact",
    "FactError",
    "FactFilter",
    "FactType",
    "FilterBy",
    "Group",
    "JsonValue",
    "Kind",
    "Measure",
    "Subtype",
    "Unit",
    "find_kind",
    "get_kind",
]
