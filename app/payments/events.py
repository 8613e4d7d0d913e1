"""Facts that happened to what is agreed about a cost, and to how organisations are paid, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShareEvent:
    """Something happened to what an organisation is to bear; `actor_id` did it."""

    plan_id: int
    organisation_id: int
    actor_id: int | None


@dataclass(frozen=True)
class SharesEvent:
    """Something about the parts of one organisation in costs that are shared together: asked, or answered."""

    plan_ids: tuple[int, ...]
    organisation_id: int
    actor_id: int | None


@dataclass(frozen=True)
class SharesAsked(SharesEvent):
    """The organisation is asked to bear a part of each."""


@dataclass(frozen=True)
class SharesAccepted(SharesEvent):
    """It has said yes to all of them."""


@dataclass(frozen=True)
class SharesDeclined(SharesEvent):
    """It has said no to all of them."""


@dataclass(frozen=True)
class ShareAsked(ShareEvent):
    """The organisation is asked to bear a part, for the first time or anew because it would be more."""


@dataclass(frozen=True)
class ShareAccepted(ShareEvent):
    """It has said yes."""


@dataclass(frozen=True)
class ShareDeclined(ShareEvent):
    """It has said no: its part stays with whoever the cost is for."""


@dataclass(frozen=True)
class PutRight:
    """What a payer was charged is another amount now, in cents: taken back, or charged anew, with a reason.

    `keeps_off` tells that what was let off before stays off.
    """

    plan_id: int
    organisation_id: int
    actor_id: int | None
    reason: str
    before_cents: int
    after_cents: int
    keeps_off: bool


@dataclass(frozen=True)
class PayeeTermsChanged:
    """Payers are told something else of where their money goes: each field with what was and is (numbers masked).

    `contacts` are who was to be asked before.
    """

    organisation_id: int
    name: str
    slug: str
    actor_id: int | None
    changes: tuple[tuple[str, str, str], ...]
    contacts: tuple[str, ...]


@dataclass(frozen=True)
class ProgrammeAsked:
    """An organisation is asked to pay a programme, for the first time or because it is to pay something else."""

    programme_id: int
    actor_id: int | None


@dataclass(frozen=True)
class ProgrammeAnswered:
    """Who is to pay a programme has said yes, or no."""

    programme_id: int
    actor_id: int | None
    accepts: bool


@dataclass(frozen=True)
class ProgrammeEnded:
    """Who pays a programme has closed it."""

    programme_id: int
    actor_id: int | None


@dataclass(frozen=True)
class BudgetAsked:
    """Who pays a programme is asked for a budget, or for a larger one."""

    envelope_id: int
    actor_id: int | None


@dataclass(frozen=True)
class BudgetAnswered:
    """Who pays has said yes, or no, to a budget of so many cents."""

    envelope_id: int
    actor_id: int | None
    cents: int
    accepts: bool
