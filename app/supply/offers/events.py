"""Facts that happened to offers and to parts of them, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OfferEvent:
    """Something happened to an offer; `actor_id` is None where time did it."""

    offer_id: int
    actor_id: int | None


@dataclass(frozen=True)
class OfferPosted(OfferEvent):
    """It is there for others."""


@dataclass(frozen=True)
class OfferChanged(OfferEvent):
    """What it says is not what it said; who took a part reads it anew."""


@dataclass(frozen=True)
class OfferEnlarged(OfferEvent):
    """There is more of it than there was."""


@dataclass(frozen=True)
class OfferWithdrawn(OfferEvent):
    """It is offered no longer; `claim_ids` are the parts that ended with it."""

    claim_ids: tuple[int, ...]


@dataclass(frozen=True)
class OfferExpired(OfferEvent):
    """Its last moment has passed, and nobody took `left_grams` of it."""

    left_grams: int


@dataclass(frozen=True)
class ClaimEvent:
    """Something happened to a part that somebody took; `actor_id` did it."""

    claim_id: int
    actor_id: int | None


@dataclass(frozen=True)
class PartClaimed(ClaimEvent):
    """It was taken."""


@dataclass(frozen=True)
class PartGivenBack(ClaimEvent):
    """Who had taken it leaves it to others."""


@dataclass(frozen=True)
class PartLapsed(ClaimEvent):
    """Nobody noted in time that it was collected: it has ended."""


@dataclass(frozen=True)
class PartCollected(ClaimEvent):
    """Who offers has noted that it was collected."""


@dataclass(frozen=True)
class PartDenied(ClaimEvent):
    """Who took it says that it was not collected."""


@dataclass(frozen=True)
class PartCancelled(ClaimEvent):
    """Who offers does not give it after all, with a reason."""
