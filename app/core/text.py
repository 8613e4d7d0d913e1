"""What a text may be made of: no database, no XML and no file takes the letters nobody can see or type."""

import re
from typing import Final

_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    """Drop what XML (and, of it, PostgreSQL the NUL) does not take: control characters, pasted from anywhere."""
    return _UNWRITABLE.sub("", text)


def writable_within(value: object) -> object:
    """Drop the same from each text of what was sent as JSON; names of fields are left for whoever reads them."""
    match value:
        case str():
            return writable(value)
        case list():
            return [writable_within(each) for each in value]
        case dict():
            return {name: writable_within(each) for name, each in value.items()}
    return value
