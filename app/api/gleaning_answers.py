"""The shapes of what the API answers about gleanings. Weights are whole grams."""

from typing import Literal

from app.api.answers import Answer, Stamp
from app.api.surplus_answers import Collected, Load, Offerer
from app.api.surplus_requests import CategoryName, RegimeName


class Gleaning(Answer):
    """A call for gleaners: of `most_people` places `going` are taken, `waiting` people are in line.

    `grams` are expected; `real_grams` were picked up. `km` is how far it is, where that is known.
    """

    ref: str
    state: Literal["open", "cancelled", "over", "done"]
    product: str
    category: CategoryName
    regime: RegimeName
    grams: int
    real_grams: int | None
    load: Load
    where: Collected
    km: float | None
    start: Stamp
    end: Stamp
    least_people: int
    most_people: int
    going: int
    waiting: int
    min_age: int | None
    meeting_point: str
    tools_provided: str
    tools_to_bring: str
    rain: str
    note: str
    organisation: Offerer
    created_at: Stamp
    url: str


class GleaningPage(Answer):
    """Gleanings to come, the first first; `next_cursor` leads on."""

    items: list[Gleaning]
    next_cursor: str | None


class GleaningPlace(Answer):
    """That somebody comes to a `gleaning`, with `people` in all: `going`, or `waiting` in line because it is full.

    Of these people `waiting` are in line: all of them, none, or those for whom there is no room yet.
    """

    gleaning: str
    people: int
    waiting: int
    place: Literal["going", "waiting"]
    created_at: Stamp
