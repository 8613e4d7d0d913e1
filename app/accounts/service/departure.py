"""Erasing an account: what hangs on it is handed over or ended, then nobody is left in its row.

History and past bookings keep pointing at that row, so that they go on saying that somebody acted.
"""

from sqlalchemy import delete, or_, select

from app.accounts import asks, queries
from app.accounts.errors import HeirMissing, StandingChanged, StillNeeded, UnderWay
from app.accounts.events import AccountErased, ErasureAsked, MembershipEnded
from app.accounts.leaving import Farewell, Standing, under_way
from app.accounts.models import (
    AccessToken,
    Delegation,
    Invitation,
    Membership,
    MembershipState,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Person,
    Role,
    RoleGrant,
    TokenPurpose,
)
from app.accounts.rules import ERASURE_LIFE, MEMBERSHIP, ORGANISATION, Attempt
from app.accounts.service import limits, links
from app.accounts.service.locks import keep_person, leaving_person, one_at_a_time, own_person
from app.accounts.service.profile import prove
from app.core import clock
from app.core.policy import Actor
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic

NOWHERE = "compte-supprime.invalid"  # a domain that can never exist (RFC 2606)
ASKED, IDLE = "asked", "idle"


def erase_account(actor: Actor, farewell: Farewell, *, present: str, address: str | None = None) -> None:
    """Erase one's own account for good, with the present password.

    Raise WrongPassword, TooMany, StandingChanged, StillNeeded, HeirMissing, UnderWay.
    """
    person_id = actor.person_id or 0
    prove(queries.get_person(person_id), present, address)
    with atomic():
        standing = stand_still(person_id)
        check(standing, farewell)
        let_go(standing, farewell, ASKED)


def ask_erasure(actor: Actor, farewell: Farewell, *, address: str | None = None) -> None:
    """Send who never chose a password the link that erases the account as they said. Raise as `erase_account`."""
    standing = queries.standing_of(actor.person_id or 0)
    check(standing, farewell)
    limits.count_try(Attempt.LINK, queries.get_person(standing.person_id).email, address)
    with atomic() as session:
        person = own_person(actor.person_id)
        links.void(person.id, TokenPurpose.ERASE)
        said = {
            "seen": farewell.seen,
            "reason": farewell.reason,
            "messages_too": farewell.messages_too,
            "heirs": {str(key): heir for key, heir in farewell.heirs.items()},
        }
        secret, expires_at = links.issue(person, TokenPurpose.ERASE, ERASURE_LIFE, **said)
        session.flush()
        emit(ErasureAsked(queries.reader_of(person), secret, expires_at))


def said_in(token: OneTimeToken) -> Farewell:
    """Read from a link how somebody wants to leave."""
    said = token.payload
    heirs = {int(key): heir for key, heir in said["heirs"].items()}
    return Farewell(said["seen"], said["reason"], heirs, said["messages_too"])


def erase_by_link(secret: str) -> None:
    """Erase the account as was said when the link was asked for.

    Raise NotFound, LinkUsed, LinkExpired, StandingChanged, StillNeeded, HeirMissing, UnderWay.
    """
    person_id = queries.find_token(secret, TokenPurpose.ERASE).person_id
    with atomic():
        standing = stand_still(person_id)
        farewell = said_in(links.consume(secret, TokenPurpose.ERASE))
        check(standing, farewell)
        let_go(standing, farewell, ASKED)


def stand_still(person_id: int) -> Standing:
    """Take, inside a use case, every lock that keeps a standing as it is, and read it; raise StandingChanged.

    The order is that of app.accounts.service.locks; what came while we waited for the locks shows in the second look.
    """
    seen = queries.standing_of(person_id)
    one_at_a_time("platform_admins")
    one_at_a_time(*(f"members:{number}" for number in sorted(tie.organisation_id for tie in seen.ties)))
    one_at_a_time(*(f"managers:{number}" for number in sorted(site.id for site in seen.sites)))
    asks.keep_still([pledge.resource_id for pledge in seen.pledges])
    for tie in seen.proposals:
        db.session.get(Organisation, tie.organisation_id, with_for_update={"key_share": True})
    leaving_person(person_id)
    now = queries.standing_of(person_id)
    if now != seen:
        raise StandingChanged
    return now


def check(standing: Standing, farewell: Farewell) -> None:
    """Refuse a farewell that was said to something else, that leaves somebody in need, or that forgets a booking."""
    now = clock.now()
    if farewell.seen != standing.fingerprint:
        raise StandingChanged
    if first := standing.in_the_way(now):
        raise StillNeeded(first=[str(each.obstacle) for each in first])
    for tie, pledges in standing.promised:
        field, heir = f"heir_{tie.organisation_id}", farewell.heirs.get(tie.organisation_id)
        known = {each.person_id for each in tie.heirs}
        if known and (tie.organisation_id not in farewell.heirs or heir not in {None, *known}):
            raise HeirMissing(field=field, name=tie.name)
        if heir is None and (begun := under_way(pledges, now)):
            raise UnderWay(field=field, what=begun[0].resource, ref=begun[0].ref)


def let_go(standing: Standing, farewell: Farewell, why: str) -> None:
    """Tell every room, then end what accounts keep themselves, inside a use case that holds the locks."""
    person = leaving_person(standing.person_id)
    heirs = {tie.organisation_id: farewell.heirs.get(tie.organisation_id) for tie in standing.ties}
    for heir in sorted({heir for heir in heirs.values() if heir}):
        keep_person(heir)
    to = queries.reader_of(person)
    emit(AccountErased(to, person.id, why, farewell.reason, heirs, farewell.messages_too))
    _end_memberships(person)
    _withdraw_proposals(standing)
    for table in (RoleGrant, OneTimeToken, AccessToken):
        db.session.execute(delete(table).where(table.person_id == person.id))
    theirs = or_(Delegation.giver_id == person.id, Delegation.deputy_id == person.id)
    db.session.execute(delete(Delegation).where(theirs))
    db.session.execute(delete(Invitation).where(Invitation.email == person.email))
    _blank(person)
    record("person", person.id, "erased", Actor(person_id=person.id), why=why)


def _end_memberships(person: Person) -> None:
    mine = select(Membership).filter_by(person_id=person.id).order_by(Membership.organisation_id)
    for membership in db.session.scalars(mine, execution_options={"populate_existing": True}):
        membership.message, membership.role = "", Role.MEMBER
        if membership.state == MembershipState.REQUESTED:
            membership.state = MembershipState(MEMBERSHIP.after("withdraw", membership.state))
        elif membership.state == MembershipState.ACTIVE:
            membership.state = MembershipState(MEMBERSHIP.after("end", membership.state))
            organisation = membership.organisation
            emit(MembershipEnded(organisation.id, organisation.name, False, queries.reader_of(person)))


def _withdraw_proposals(standing: Standing) -> None:
    for tie in standing.proposals:
        organisation = db.session.get_one(Organisation, tie.organisation_id)
        organisation.state = OrganisationState(ORGANISATION.after("withdraw", organisation.state))
        organisation.archived_at = clock.now()
        actor, where = Actor(person_id=standing.person_id), organisation.territory_id
        record("organisation", organisation.id, "withdrawn", actor, territory_id=where)


def _blank(person: Person) -> None:
    person.name = person.phone = ""
    person.email = f"{person.public_id.lower()}@{NOWHERE}"
    person.password_hash, person.is_platform_admin = None, False
    person.session_epoch += 1
    person.seen_at = person.warned_at = None
    person.disabled_at = person.erased_at = clock.now()
    db.session.flush()
