"""Facts that happened to settlements, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SettlementEvent:
    """Something happened to a settlement; `actor_id` did it for `organisation_id`, None where time did."""

    settlement_id: int
    actor_id: int | None
    organisation_id: int | None


@dataclass(frozen=True)
class DebtsSetOff(SettlementEvent):
    """One of two has set off what both owed each other."""


@dataclass(frozen=True)
class SetOffUndone(SettlementEvent):
    """One of two has taken that back: both owe again."""


@dataclass(frozen=True)
class SettlementProposed(SettlementEvent):
    """Several are asked whether they settle together."""


@dataclass(frozen=True)
class SettlementPosted(SettlementEvent):
    """All have agreed, and it is in the books."""


@dataclass(frozen=True)
class SettlementEnded(SettlementEvent):
    """It came to nothing: refused, withdrawn, expired, or changed meanwhile."""
