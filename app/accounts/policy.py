"""Who may do what with accounts, organisations and roles.

Subjects are looked at by their attributes: an organisation (`id`, `territory_id`, `state`, `memberships`), a
territory (`id`), or anything that lies in one (`territory_id`).
"""

from enum import StrEnum
from typing import Any

from app.core.policy import Actor, Table, anyone, platform_admin, signed_in


class AccountPermission(StrEnum):
    """What can be asked of the room of accounts."""

    KEEP_ACCOUNT = "account.keep"  # one's own profile, password, tokens
    SEE_DIRECTORY = "organisation.directory"
    SEE_ORGANISATION = "organisation.see"
    SEE_CONTACT = "organisation.contact"
    PROPOSE_ORGANISATION = "organisation.propose"
    EDIT_ORGANISATION = "organisation.edit"
    CLASSIFY_ORGANISATION = (
        "organisation.classify"  # legal nature and priority class: money and turns follow them
    )
    DECIDE_ORGANISATION = "organisation.decide"
    ARCHIVE_ORGANISATION = "organisation.archive"
    TAKE_BACK_ORGANISATION = "organisation.take_back"
    KEEP_AUTHORISATION = "organisation.keep_authorisation"  # that for food aid
    CONFIRM_AUTHORISATION = "organisation.confirm_authorisation"
    ASK_TO_JOIN = "membership.ask"
    SEE_MEMBERS = "membership.see"
    MANAGE_MEMBERS = "membership.manage"
    LEAVE = "membership.leave"
    ADMIT = "territory.admit"  # the coordination's page of what waits
    GRANT_COORDINATION = "territory.grant"
    GRANT_SITE = "site.grant"
    DELEGATE = "site.delegate"  # let somebody decide in one's place
    LOOK_UP_PERSON = "person.look_up"  # learn whether an address has an account


def territory_of(subject: Any) -> int | None:
    """Tell the territory a subject lies in (a territory lies in itself)."""
    found: int | None = getattr(subject, "territory_id", None)
    return found if found is not None else getattr(subject, "id", None)


def coordinates(actor: Actor, subject: Any) -> bool:
    """Hold for the coordination of the territory the subject lies in."""
    return territory_of(subject) in actor.coordinated


def coordinates_somewhere(actor: Actor, _subject: Any) -> bool:
    """Hold for whoever coordinates any territory."""
    return bool(actor.coordinated)


def belongs(actor: Actor, organisation: Any) -> bool:
    """Hold for the members of the organisation."""
    return actor.belongs_to(organisation.id)


def administers(actor: Actor, organisation: Any) -> bool:
    """Hold for the administrators of the organisation."""
    return actor.administers(organisation.id)


def administers_owner(actor: Actor, scope: Any) -> bool:
    """Hold for the administrators of the organisation that owns the site of a scope."""
    return actor.administers(scope.owner_id)


def manages_site(actor: Actor, scope: Any) -> bool:
    """Hold for the managers of the site of a scope."""
    return scope.site_id in actor.managed_sites


def is_active(_actor: Actor, organisation: Any) -> bool:
    """Hold when the organisation has been admitted and not archived."""
    return bool(organisation.state == "active")


def is_archived(_actor: Actor, organisation: Any) -> bool:
    """Hold when the organisation takes part no longer: bookings of its time still lead to its page."""
    return bool(organisation.state == "archived")


def archived_it(actor: Actor, organisation: Any) -> bool:
    """Hold for the administrators of an organisation that archived itself; what others decided is theirs to undo."""
    mine = [m for m in organisation.memberships if m.person_id == actor.person_id and m.state == "active"]
    return bool(organisation.archived_by_itself and any(m.role == "org_admin" for m in mine))


def founded(actor: Actor, organisation: Any) -> bool:
    """Hold for whoever belongs to an organisation that waits to be admitted, or was refused."""
    return any(m.person_id == actor.person_id and m.state == "active" for m in organisation.memberships)


_COORDINATION = ([coordinates], [platform_admin])
_ANSWERS_FOR_IT = ([administers], [coordinates], [platform_admin])

TABLE: Table = {
    AccountPermission.KEEP_ACCOUNT: [[signed_in]],
    AccountPermission.SEE_DIRECTORY: [[anyone]],
    AccountPermission.SEE_ORGANISATION: [
        [is_active],
        [signed_in, is_archived],
        [signed_in, founded],
        *_COORDINATION,
    ],
    AccountPermission.SEE_CONTACT: [[signed_in]],
    AccountPermission.PROPOSE_ORGANISATION: [[signed_in], [platform_admin]],
    AccountPermission.EDIT_ORGANISATION: _ANSWERS_FOR_IT,
    AccountPermission.CLASSIFY_ORGANISATION: _COORDINATION,
    AccountPermission.DECIDE_ORGANISATION: _COORDINATION,
    AccountPermission.ARCHIVE_ORGANISATION: _ANSWERS_FOR_IT,
    AccountPermission.TAKE_BACK_ORGANISATION: [[is_archived, archived_it], *_COORDINATION],
    AccountPermission.KEEP_AUTHORISATION: _ANSWERS_FOR_IT,
    AccountPermission.CONFIRM_AUTHORISATION: _COORDINATION,
    AccountPermission.ASK_TO_JOIN: [[signed_in, is_active]],
    AccountPermission.SEE_MEMBERS: [[belongs], *_COORDINATION],
    AccountPermission.MANAGE_MEMBERS: _ANSWERS_FOR_IT,
    AccountPermission.LEAVE: [[belongs]],
    AccountPermission.ADMIT: [[coordinates_somewhere], [platform_admin]],
    AccountPermission.GRANT_COORDINATION: _COORDINATION,
    AccountPermission.LOOK_UP_PERSON: _COORDINATION,
    AccountPermission.GRANT_SITE: ([administers_owner], *_COORDINATION),
    AccountPermission.DELEGATE: ([manages_site], [administers_owner]),
}
