"""What happened to a deposit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DepositEvent:
    """Something happened to a deposit; `actor_id` is None where time did it."""

    deposit_id: int
    actor_id: int | None


@dataclass(frozen=True)
class DepositRequired(DepositEvent):
    """It is to be handed over."""


@dataclass(frozen=True)
class DepositReceived(DepositEvent):
    """The payee has it."""


@dataclass(frozen=True)
class DepositReleased(DepositEvent):
    """It was given back."""


@dataclass(frozen=True)
class DepositWithheld(DepositEvent):
    """Something of it was kept, with a reason."""


@dataclass(frozen=True)
class DepositOverdue(DepositEvent):
    """It should have been given back by now."""
