"""Facts that happened to capacity, for the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CapacityFreed:
    """Something that was taken of these resources may be free now, after what closures took of it."""

    resource_ids: tuple[int, ...]


@dataclass(frozen=True)
class QuotasEnded:
    """An organisation that takes part no longer had quotas of these resources: what they kept is for all."""

    resource_ids: tuple[int, ...]
    organisation: str
    actor_id: int | None


@dataclass(frozen=True)
class SearchCameToNothing:
    """Somebody looked for something and nothing fits: what sort of thing, around where, how warm. Nobody's name.

    Told once for each browser (app.web.noticed), outside of any use case.
    """

    kind: str  # "" for any
    commune_code: str  # INSEE; "" where nobody said
    regime: str  # a fact of storage; "" for any
