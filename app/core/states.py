"""State machines as tables of moves: (act, from) → to."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.errors import Conflict


class IllegalMove(Conflict):
    """The act is not possible in this state; `act`, `state` and `possible` acts are told."""

    code = "illegal_move"


@dataclass(frozen=True)
class Machine:
    """One small life cycle, for one concern only."""

    name: str
    moves: Mapping[tuple[str, str], str]

    def after(self, act: str, state: str) -> str:
        """Tell the state that `act` leads to from `state`; raise IllegalMove where there is none."""
        try:
            return self.moves[act, state]
        except KeyError:
            raise IllegalMove(machine=self.name, act=act, state=state, possible=self.acts(state)) from None

    def allows(self, act: str, state: str) -> bool:
        """Tell whether `act` is possible from `state`."""
        return (act, state) in self.moves

    def acts(self, state: str) -> tuple[str, ...]:
        """List the acts possible from `state`."""
        return tuple(act for act, origin in self.moves if origin == state)
