"""What stands around an account on the day it is to be erased: what is in the way, and what will become of the rest.

Pure: read by `queries.standing_of`, shown on a page, and compared again at the moment of truth.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from app.accounts.asks import Place, Pledge


class Obstacle(StrEnum):
    """Why an account cannot be erased yet: somebody counts on this very person."""

    LAST_ADMINISTRATOR = "last_administrator"
    ONLY_MANAGER = "only_manager"
    COORDINATOR = "coordinator"
    LAST_PLATFORM_ADMIN = "last_platform_admin"
    UNDER_WAY = "under_way"


@dataclass(frozen=True)
class InTheWay:
    """One thing to settle first. `alone` tells that nobody else is there who could take over."""

    obstacle: Obstacle
    name: str = ""
    slug: str = ""  # of the organisation, the site; of the booking its reference
    alone: bool = False


@dataclass(frozen=True)
class Heir:
    """Somebody who may take over the bookings made for an organisation; without a name for who is no member."""

    person_id: int
    name: str = ""


@dataclass(frozen=True)
class Tie:
    """An organisation in which somebody takes part, or for which they have booked."""

    organisation_id: int
    slug: str
    name: str
    territory_id: int
    is_pending: bool = False  # proposed, not admitted yet
    belongs: bool = False
    is_last_admin: bool = False
    is_alone: bool = False  # no other member
    heirs: tuple[Heir, ...] = ()


@dataclass(frozen=True)
class Post:
    """A place somebody manages, a territory they coordinate; `alone` without another to do it."""

    id: int
    slug: str
    name: str
    territory_id: int
    alone: bool


@dataclass(frozen=True)
class Standing:
    """All that hangs on an account."""

    person_id: int
    ties: tuple[Tie, ...] = ()
    sites: tuple[Post, ...] = ()
    territories: tuple[Post, ...] = ()
    is_last_platform_admin: bool = False
    pledges: tuple[Pledge, ...] = ()
    contacts: tuple[Place | Tie, ...] = field(
        default=(), compare=False
    )  # where their address or number stands too

    @property
    def fingerprint(self) -> str:
        """Name this very standing: another one must be looked at again."""
        return sha256(repr((self.ties, self.sites, self.territories, self.pledges)).encode()).hexdigest()[:32]

    @property
    def belongs_to(self) -> list[Tie]:
        """List the organisations somebody leaves."""
        return [tie for tie in self.ties if tie.belongs and not tie.is_pending]

    @property
    def proposals(self) -> list[Tie]:
        """List the proposed organisations that nobody stands for any more."""
        return [tie for tie in self.ties if tie.belongs and tie.is_pending and tie.is_alone]

    @property
    def promised(self) -> list[tuple[Tie, list[Pledge]]]:
        """List what is booked and not over, by organisation."""
        by_tie = [
            (tie, [p for p in self.pledges if p.organisation_id == tie.organisation_id]) for tie in self.ties
        ]
        return [(tie, pledges) for tie, pledges in by_tie if pledges]

    def left_alone(self) -> dict[int, "Alone"]:
        """List by territory (id) what nobody would answer for any more."""
        alone: dict[int, Alone] = defaultdict(Alone)
        for tie in self.belongs_to:
            if tie.is_last_admin:
                alone[tie.territory_id].organisations.append(tie.name)
        for site in self.sites:
            if site.alone:
                alone[site.territory_id].places.append(site.name)
        for territory in self.territories:
            if territory.alone:
                alone[territory.id].coordination = True
        return alone

    def in_the_way(self, now: datetime) -> list[InTheWay]:
        """List what has to be settled first."""
        return list(self._in_the_way(now))

    def _in_the_way(self, now: datetime) -> Iterator[InTheWay]:
        for tie in self.belongs_to:
            if tie.is_last_admin:
                yield InTheWay(Obstacle.LAST_ADMINISTRATOR, tie.name, tie.slug, tie.is_alone)
        for site in self.sites:
            if site.alone:
                yield InTheWay(Obstacle.ONLY_MANAGER, site.name, site.slug, alone=True)
        for territory in self.territories:
            yield InTheWay(Obstacle.COORDINATOR, territory.name, territory.slug, territory.alone)
        if self.is_last_platform_admin:
            yield InTheWay(Obstacle.LAST_PLATFORM_ADMIN)
        for tie, pledges in self.promised:
            if not tie.heirs:
                for pledge in under_way(pledges, now):
                    yield InTheWay(Obstacle.UNDER_WAY, pledge.resource, pledge.ref, alone=True)


@dataclass
class Alone:
    """What somebody leaves without anybody in one territory: names of organisations and places, its coordination."""

    organisations: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    coordination: bool = False


def under_way(pledges: Sequence[Pledge], now: datetime) -> list[Pledge]:
    """List the bookings that have begun: goods may be there, so they end, or somebody looks after them."""
    return [pledge for pledge in pledges if pledge.is_under_way(now)]


@dataclass(frozen=True)
class Farewell:
    """How somebody wants to leave, having seen what follows (`seen` is the fingerprint of the standing shown).

    `heirs` tells by organisation who takes over the bookings; None cancels them, and `reason` is what the places read.
    """

    seen: str
    reason: str
    heirs: Mapping[int, int | None] = field(default_factory=dict)
    messages_too: bool = False
