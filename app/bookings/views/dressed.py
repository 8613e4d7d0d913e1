"""Requests for several resources that are more than that: a room above shows them, each on a page of its own.

This room does not know what else they are. It asks who has said that they do, leads to their page, and shows what an
act came to as they would.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.bookings.bundles import Whole
from app.bookings.words.standing import Standing


@dataclass(frozen=True)
class Dress:
    """How a request is shown: by a template over this room's, with more words, at addresses of its own.

    `list_name` and `list_url` say where requests of its kind are listed, `standing` where it stands for the reader.
    """

    template: str
    url: str
    costs_url: str
    list_name: str
    list_url: str
    words: Mapping[str, Any]
    standing: Standing


Dresser = Callable[[Whole], Dress | None]
_dressers: list[Dresser] = []


def dresses(dresser: Dresser) -> Dresser:
    """Mark a function that knows of some requests what more they are; None for those it does not know."""
    if dresser not in _dressers:
        _dressers.append(dresser)
    return dresser


def dress_of(whole: Whole) -> Dress | None:
    """Find how a request is shown; None for one that is a request and nothing more."""
    return next((dress for dresser in _dressers if (dress := dresser(whole))), None)
