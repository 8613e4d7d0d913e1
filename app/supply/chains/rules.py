"""What chains are drafted for. Pure."""

from typing import NamedTuple


class Origin(NamedTuple):
    """What a chain is drafted for: the room above that knows of it, as that calls itself, and its public reference."""

    kind: str
    ref: str
