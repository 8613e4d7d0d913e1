"""Where a list goes on: opaque text that holds the sort key of the last item seen."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.api.errors import refuse

Key = TypeVar("Key")


def write_cursor(key: Sequence[object]) -> str:
    """Write a sort key."""
    return urlsafe_b64encode(json.dumps(list(key), separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str | None, read: Callable[[object, int], Key]) -> Key | None:
    """Read what `write_cursor` wrote of two values, the second an id; raise FieldsRefused for anything else."""
    if text is None:
        return None
    try:
        first, last = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return read(first, _id(last))
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
        raise refuse("query", "cursor", "bad_cursor") from None


def _id(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62:
        return value
    raise ValueError("no id")
