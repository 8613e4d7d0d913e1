"""Facts that happened to needs, for mail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HelpOffered:
    """An organisation has answered a need; `actor_id` wrote it."""

    answer_id: int
    actor_id: int | None
