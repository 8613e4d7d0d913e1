"""Questions the catalogue's pages ask of the rooms above, which it may not know: they register who answers.

Nobody may have registered; then there is nothing waiting, nothing promised, no hours to show.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.catalogue.models import Resource
from app.core.span import Span


@dataclass(frozen=True)
class Promise:
    """A booking that lies ahead, as far as whoever closes a resource must know it.

    Or a slot that is kept for somebody until they answer: `note` says so, and `href` leads to where it can be ended.
    """

    ref: str
    resource_id: int
    span: Span
    holder: str
    href: str | None = None
    note: str = ""

    @property
    def is_booked(self) -> bool:
        """Tell whether it is more than a slot kept for a while."""
        return not self.note


@dataclass(frozen=True)
class Hours:
    """Opening hours as words: a line per day or group of days, and notes such as "closed on public holidays"."""

    rows: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()


class Beside(NamedTuple):
    """A page beside the form of a resource: where it is, how it is called, and what is set there now in one line."""

    href: str
    icon: str
    name: str
    now: str


Waiting = Callable[[Collection[int]], Mapping[int, int]]
Promises = Callable[[Collection[int]], Sequence[Promise]]
SiteHours = Callable[[int], Hours]
Pages = Callable[[Collection[Resource]], Mapping[int, Beside]]
Priced = Callable[[Resource], bool]

_waiting: list[Waiting] = []
_promises: list[Promises] = []
_hours: list[SiteHours] = []
_pages: list[Pages] = []
_priced: list[Priced] = []


def counts_waiting(function: Waiting) -> Waiting:
    """Mark a function that counts what waits for an answer: site ids → number by site id."""
    if function not in _waiting:
        _waiting.append(function)
    return function


def tells_promises(function: Promises) -> Promises:
    """Mark a function that lists what lies ahead for resources (ids), earliest first."""
    if function not in _promises:
        _promises.append(function)
    return function


def tells_hours(function: SiteHours) -> SiteHours:
    """Mark a function that words the opening hours of a site (id)."""
    if function not in _hours:
        _hours.append(function)
    return function


def adds_page(function: Pages) -> Pages:
    """Mark a function that gives a page beside the form of each of these resources that has one."""
    if function not in _pages:
        _pages.append(function)
    return function


def tells_priced(function: Priced) -> Priced:
    """Mark a function that tells whether what a resource costs is said elsewhere than in its form."""
    if function not in _priced:
        _priced.append(function)
    return function


def waiting_by_site(site_ids: Collection[int]) -> dict[int, int]:
    """Count what waits for an answer at each site."""
    totals: dict[int, int] = {}
    for answer in _waiting:
        for site_id, number in answer(site_ids).items():
            totals[site_id] = totals.get(site_id, 0) + number
    return totals


def promises_of(resource_ids: Collection[int]) -> list[Promise]:
    """List what lies ahead for these resources, earliest first."""
    found = [promise for answer in _promises for promise in answer(resource_ids)]
    return sorted(found, key=lambda promise: (promise.span, promise.ref))


def hours_of(site_id: int) -> Hours | None:
    """Word the opening hours of a site, where somebody can."""
    return next((answer(site_id) for answer in _hours), None)


def pages_of(resources: Collection[Resource]) -> dict[int, list[Beside]]:
    """List the pages that other rooms have beside the forms of resources, by the id of each."""
    found: dict[int, list[Beside]] = {}
    for answer in _pages:
        for resource_id, added in answer(resources).items():
            found.setdefault(resource_id, []).append(added)
    return found


def is_priced_elsewhere(resource: Resource) -> bool:
    """Tell whether what a resource costs is said elsewhere, so that its form leaves the price as it is."""
    return any(answer(resource) for answer in _priced)
