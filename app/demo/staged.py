"""What the data file stages together: requests for several resources, chains among them, and what is done to each."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """Something done to a staged booking, `hours_ago`: approve, refuse, cancel, message, move, miss, propose or expire.

    `wait` lets somebody of another organisation wait for its slot (`text` says what for), `offer` offers what is freed.
    """

    act: str
    hours_ago: float
    by: str = ""
    text: str = ""
    of: str = ""  # in a bundle: the resource of the element it is about
    organisation: str = ""


@dataclass(frozen=True)
class Part:
    """One element of a staged bundle: its resource, from the bundle's day on (`after` days later).

    In a chain: its role (collect, store, carry, process), its way, the minutes it needs after what comes before it.
    """

    resource: str
    times: str  # as in a scene
    after: int = 0
    quantity: int = 1
    role: str = ""
    km: int = 0
    trips: int = 1
    gap: int = 0


@dataclass(frozen=True)
class Carried:
    """What a chain carries, from where: in words, and the code of the commune."""

    product: str
    kilos: int
    packaging: str
    per_kilos: int  # in each package
    regime: str
    place: str
    commune: str


@dataclass(frozen=True)
class Bundle:
    """Several resources asked for together, on the first day from `from_day` to `to_day` when all are free.

    One that carries something is a chain.
    """

    key: str
    organisation: str
    by: str
    purpose: str
    hours_ago: float
    from_day: int
    to_day: int
    parts: tuple[Part, ...]
    people: int | None = None
    message: str = ""
    in_order: bool = False
    carries: Carried | None = None
    steps: tuple[Step, ...] = ()


def read_bundle(row: dict[str, Any]) -> Bundle:
    """Read a bundle, its elements, what it carries and what is done to it."""
    parts = tuple(Part(**part) for part in row.pop("parts"))
    steps = tuple(Step(**step) for step in row.pop("steps", []))
    carries = Carried(**row.pop("carries")) if "carries" in row else None
    return Bundle(parts=parts, steps=steps, carries=carries, **row)
