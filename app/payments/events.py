"""Facts that happened to how organisations are paid, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AccountNumberChanged:
    """Payers are given another account number from now on; both are masked. `contact` is who was to be asked before."""

    organisation_id: int
    name: str
    slug: str
    actor_id: int | None
    before: str
    after: str
    contact: str
