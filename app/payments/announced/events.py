"""Facts that payers tell, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaymentAnnounced:
    """A payer says that money is on its way; `actor_id` said so."""

    announcement_id: int
    actor_id: int | None
