"""Who may do what: one table per room, permission → any of these lists, each all of these predicates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.errors import Forbidden


@dataclass(frozen=True)
class Actor:
    """Who asks: a person with the roles held at this moment, or a visitor (`person_id` None)."""

    person_id: int | None = None
    is_platform_admin: bool = False
    memberships: Mapping[int, str] = field(
        default_factory=dict
    )  # organisation id → org_admin | treasurer | member
    managed_sites: frozenset[int] = frozenset()
    coordinated: frozenset[int] = frozenset()  # territory ids
    delegations: Mapping[int, tuple[int, ...]] = field(
        default_factory=dict
    )  # site id → in whose place one decides
    acting_for: int | None = None  # the organisation chosen in the header
    priority: str = ""  # its class, P0 … P4

    @property
    def is_signed_in(self) -> bool:
        """Tell a person from a visitor."""
        return self.person_id is not None

    def belongs_to(self, organisation_id: int | None) -> bool:
        """Tell whether the person is a member (of any role) of the organisation."""
        return organisation_id in self.memberships

    def administers(self, organisation_id: int | None) -> bool:
        """Tell whether the person is an administrator of the organisation."""
        return organisation_id is not None and self.memberships.get(organisation_id) == "org_admin"

    def keeps_accounts_of(self, organisation_id: int | None) -> bool:
        """Tell whether the person may promise and move money for the organisation: its treasurer, or an administrator.

        Who manages one of its sites may not, by that alone.
        """
        return organisation_id in self.kept_accounts

    @property
    def kept_accounts(self) -> frozenset[int]:
        """List (ids) the organisations whose accounts the person keeps."""
        keeping = ("org_admin", "treasurer")
        return frozenset(
            organisation_id for organisation_id, role in self.memberships.items() if role in keeping
        )


VISITOR = Actor()

Predicate = Callable[[Actor, Any], bool]
Table = Mapping[StrEnum, Sequence[Sequence[Predicate]]]

_tables: dict[StrEnum, Sequence[Sequence[Predicate]]] = {}


def register(table: Table) -> None:
    """Add a room's permission table to what can() answers from."""
    _tables.update(table)


def can(actor: Actor, permission: StrEnum, subject: Any = None) -> bool:
    """Tell whether `actor` holds `permission` on `subject`; a permission nobody declared is a programming error."""
    return any(all(holds(actor, subject) for holds in case) for case in _tables[permission])


def require(actor: Actor, permission: StrEnum, subject: Any = None) -> None:
    """Raise Forbidden unless `actor` holds `permission` on `subject`."""
    if not can(actor, permission, subject):
        raise Forbidden(permission=str(permission), signed_in=actor.is_signed_in)


def anyone(_actor: Actor, _subject: Any) -> bool:
    """Hold for everybody, visitors included."""
    return True


def signed_in(actor: Actor, _subject: Any) -> bool:
    """Hold for every person with an account."""
    return actor.is_signed_in


def platform_admin(actor: Actor, _subject: Any) -> bool:
    """Hold for whoever runs the platform."""
    return actor.is_platform_admin
