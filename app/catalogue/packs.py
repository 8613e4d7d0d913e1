"""Smaller units in which a resource may be asked for: how many whole ones they fill, and what room is left. Pure."""

from typing import NamedTuple

MOST_PER_UNIT = 10_000


class Pack(NamedTuple):
    """`number` of a smaller `unit`, of which `per` fill one unit of the resource: 70 crates at 32 to a pallet."""

    unit: str
    number: int
    per: int

    @property
    def units(self) -> int:
        """How many whole units they take, the last one begun."""
        return -(-self.number // self.per)

    @property
    def room_left(self) -> int:
        """How many more fit in the unit that is begun."""
        return self.units * self.per - self.number
