"""Facts that happened to gleanings, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GleaningEvent:
    """Something happened to a call; `actor_id` is None where time did it."""

    gleaning_id: int
    actor_id: int | None


@dataclass(frozen=True)
class GleaningCalled(GleaningEvent):
    """It is there for others."""


@dataclass(frozen=True)
class GleaningChanged(GleaningEvent):
    """What it says is not what it said; who signed up reads it anew."""


@dataclass(frozen=True)
class GleaningCancelled(GleaningEvent):
    """It does not take place, for a reason that who signed up reads."""


@dataclass(frozen=True)
class MovedUp(GleaningEvent):
    """Places became free: those who signed up by these (ids) have one now, all or some of them."""

    sign_up_ids: tuple[int, ...]


@dataclass(frozen=True)
class PartFree(GleaningEvent):
    """Places became free for which nobody in line fits: the first (`sign_up_id`) can come in part."""

    sign_up_id: int
