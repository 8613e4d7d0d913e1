"""What a plan is: resources, each with its time, that one after the other take a cargo where it is wanted. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.span import Span


class Role(StrEnum):
    """What a resource does in a chain."""

    COLLECT = "collect"  # a vehicle brings it from where it is
    STORE = "store"  # it waits at its temperature
    CARRY = "carry"  # a vehicle brings it from one place of the chain to the next
    PROCESS = "process"  # it is cooked, cut, preserved


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One resource of a plan: what for, when, how much of it.

    `quantity` counts units of the resource; `metres` are driven in all trips together, the way back included; `gap` is
    what lies at least between the end of what comes before and its own start.
    """

    role: Role
    resource_id: int
    span: Span
    quantity: int = 1
    metres: int = 0
    trips: int = 1
    gap: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to do it: legs in their order, when it is handed over, what is known of its cost, how far it goes."""

    legs: tuple[PlannedLeg, ...]
    ready_at: datetime  # the last leg is over: it can be handed over
    cents: int = 0
    metres: int = 0
