"""Counting something once for each browser without knowing whose it is: its own signed cookie remembers."""

from hashlib import sha256
from typing import Final

from flask import session

_KEY: Final = "noticed"
_MOST: Final = 30  # the cookie stays small; what is older would be counted again
_LETTERS: Final = 10


def is_first_time(what: str) -> bool:
    """Tell whether this browser meets something for the first time, and remember it.

    Not for who brings no cookie: a program that follows links would count each time.
    """
    if session.new or not session:
        return False
    digest = sha256(what.encode()).hexdigest()[:_LETTERS]
    known = session.get(_KEY, [])
    if digest in known:
        return False
    session[_KEY] = [*known, digest][-_MOST:]
    return True
