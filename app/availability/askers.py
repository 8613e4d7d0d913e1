"""For whom a slot is looked at: nobody in particular, or an organisation with its class and its quotas."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.policy import Actor

if TYPE_CHECKING:  # the rules of time name it, and know no table
    from app.accounts.models import Organisation


@dataclass(frozen=True, slots=True)
class Asker:
    """An organisation (its id; 0 is none), which may have quotas, and its class, which may have a window to ask in."""

    organisation_id: int = 0
    priority: str = ""

    @classmethod
    def of(cls, actor: Actor) -> "Asker":
        """Look as the organisation a person acts for."""
        return cls(actor.acting_for or 0, actor.priority)

    @classmethod
    def on_behalf_of(cls, organisation: "Organisation") -> "Asker":
        """Look as an organisation."""
        return cls(organisation.id, organisation.priority_class)


NOBODY = Asker()
