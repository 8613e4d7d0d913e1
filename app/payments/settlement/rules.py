"""How a settlement lives: set off between two at once, or proposed to several and answered by each."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.core.states import Machine

LIFE: Final = timedelta(days=14)  # of a proposal that nobody has answered to the end


class Kind(StrEnum):
    """Between whom."""

    PAIR = "pair"
    GROUP = "group"


class State(StrEnum):
    """Where a settlement stands."""

    PROPOSED = "proposed"
    POSTED = "posted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"  # something of it was paid or taken back before all had agreed
    EXPIRED = "expired"
    UNDONE = "undone"


class Answer(StrEnum):
    """What a party says."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"


MACHINE: Final = Machine(
    "settlement",
    {
        ("post", State.PROPOSED): State.POSTED,
        ("refuse", State.PROPOSED): State.REFUSED,
        ("withdraw", State.PROPOSED): State.WITHDRAWN,
        ("change", State.PROPOSED): State.CHANGED,
        ("expire", State.PROPOSED): State.EXPIRED,
        ("undo", State.POSTED): State.UNDONE,
    },
)
