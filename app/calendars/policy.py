"""Who may read which calendar, and how much of it."""

from enum import StrEnum
from typing import Any, Protocol

from app.bookings.concerned import concerned_by
from app.calendars.audiences import Audience, Scope
from app.core.policy import Actor, Table, signed_in


class CalendarPermission(StrEnum):
    """What can be asked of the room of calendars; one booking as a file needs `bookings.see`."""

    SUBSCRIBE = "calendar.subscribe"
    LIST_LINKS = "calendar.links"
    KEEP_LINK = "calendar.keep_link"  # start a link afresh, end it


class Subject(Protocol):
    """What a calendar is of. A site where there is one; who owns that, or asked for a chain.

    `visibility` is a resource's, else "public".
    """

    @property
    def scope(self) -> Scope: ...
    @property
    def id(self) -> int: ...
    @property
    def site_id(self) -> int | None: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def territory_id(self) -> int | None: ...
    @property
    def visibility(self) -> str: ...


def best_audience(actor: Actor, subject: Subject) -> Audience | None:
    """Tell the most somebody may read of a calendar today; None where it may not be read at all."""
    if subject.scope is Scope.PERSON:
        return Audience.OWN if actor.person_id == subject.id else None
    oversees = actor.is_platform_admin or subject.territory_id in actor.coordinated
    if subject.scope is Scope.ORGANISATION:
        return Audience.OWN if oversees or actor.belongs_to(subject.id) else None
    if subject.scope is Scope.CHAIN:
        return _of_chain(actor, subject, oversees=oversees)
    if oversees or subject.site_id in actor.managed_sites or actor.administers(subject.owner_id):
        return Audience.MANAGER
    if subject.scope is Scope.PENDING:
        return None
    if subject.visibility != "hidden" and (actor.memberships or actor.managed_sites or actor.coordinated):
        return Audience.MEMBER
    return Audience.PUBLIC if subject.visibility == "public" else None


def _of_chain(actor: Actor, subject: Subject, *, oversees: bool) -> Audience | None:
    """Managers have the calendars of their places: others' may be hidden from them, and are from whom it concerns."""
    if oversees or actor.belongs_to(subject.owner_id):
        return Audience.OWN
    concerned = concerned_by(subject.id)
    return Audience.MEMBER if any(actor.belongs_to(each.organisation_id) for each in concerned) else None


def may_read(actor: Actor, subject: Subject) -> bool:
    """Hold for whoever may read anything of the calendar."""
    return best_audience(actor, subject) is not None


def owns_link(actor: Actor, link: Any) -> bool:
    """Hold for whoever made the link."""
    return bool(actor.person_id == link.person_id)


TABLE: Table = {
    CalendarPermission.SUBSCRIBE: [[signed_in, may_read]],
    CalendarPermission.LIST_LINKS: [[signed_in]],
    CalendarPermission.KEEP_LINK: [[signed_in, owns_link]],
}
