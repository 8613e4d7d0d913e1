"""Who belongs to an organisation: asking, inviting, deciding, roles, leaving."""

from app.accounts import queries
from app.accounts.errors import (
    AlreadyMember,
    InvitationForAnother,
    LastAdministrator,
    NamesThemself,
    OrganisationInactive,
)
from app.accounts.events import (
    InvitationSent,
    MembershipDecided,
    MembershipEnded,
    MembershipRequested,
    MembershipStarted,
    Reader,
)
from app.accounts.models import (
    Invitation,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Person,
    Role,
)
from app.accounts.passwords import hash_password
from app.accounts.policy import AccountPermission as P
from app.accounts.rules import (
    INVITATION_LIFE,
    MEMBERSHIP,
    ROLES,
    Attempt,
    check_password,
    masked_email,
    normal_email,
    normal_phone,
)
from app.accounts.service import limits
from app.accounts.service.entrance import NewAccount, put_account
from app.accounts.service.locks import keep_person, one_at_a_time
from app.core import clock
from app.core.errors import Invalid, NotFound, ReasonMissing
from app.core.ids import hash_secret, new_secret
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic


def request_membership(actor: Actor, slug: str, message: str = "") -> Membership:
    """Ask to join an organisation; its administrators, or else the coordination, answer.

    Raise OrganisationInactive, AlreadyMember.
    """
    with atomic():
        organisation = _open_organisation(slug)
        require(actor, P.ASK_TO_JOIN, organisation)
        keep_person(actor.person_id)
        membership = _membership(actor.person_id or 0, organisation)
        _move(membership, "request")
        membership.message = message.strip()[:2000]
        membership.role, membership.created_at = Role.MEMBER, clock.now()
        db.session.flush()
        _note(actor, membership, organisation, "requested")
        _tell_who_decides(membership, organisation)
        return membership


def withdraw_request(actor: Actor, membership_id: int) -> None:
    """Take one's own request to join back; raise NotFound, IllegalMove."""
    with atomic():
        membership = _locked(membership_id)
        if membership.person_id != actor.person_id:
            raise NotFound(membership=membership_id)
        _move(membership, "withdraw")
        _note(actor, membership, membership.organisation, "withdrawn")


def approve_membership(actor: Actor, membership_id: int, role: str = Role.MEMBER) -> Membership:
    """Let somebody in who asked; raise IllegalMove when it was decided already."""
    return _decide(actor, membership_id, "approve", role=role)


def refuse_membership(actor: Actor, membership_id: int, reason: str) -> Membership:
    """Refuse somebody who asked, with a reason; raise ReasonMissing, IllegalMove."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    return _decide(actor, membership_id, "refuse", reason=reason.strip())


def change_role(actor: Actor, membership_id: int, role: str) -> Membership:
    """Make a member an administrator, a treasurer or a member again; raise LastAdministrator, NamesThemself."""
    with atomic():
        membership = _locked(membership_id)
        require(actor, P.MANAGE_MEMBERS, membership.organisation)
        _refuse_own_rise(actor, membership.organisation, role, own=membership.person_id == actor.person_id)
        if membership.state != MembershipState.ACTIVE:
            raise NotFound(membership=membership_id)
        if _role(role) != membership.role:
            _keep_an_administrator(membership)
            membership.role = _role(role)
            _note(actor, membership, membership.organisation, "role_changed", role=role)
        return membership


def end_membership(actor: Actor, membership_id: int) -> Membership:
    """Leave an organisation, or take somebody off it; raise LastAdministrator, IllegalMove."""
    with atomic():
        membership = _locked(membership_id)
        by_other = membership.person_id != actor.person_id
        require(actor, P.MANAGE_MEMBERS if by_other else P.LEAVE, membership.organisation)
        _keep_an_administrator(membership)
        _move(membership, "end")
        _note(actor, membership, membership.organisation, "ended")
        organisation, to = membership.organisation, queries.reader_of(membership.person)
        by_id = actor.person_id if by_other else None
        emit(MembershipEnded(organisation.id, organisation.name, by_other, to, by_id))
        return membership


def add_member(actor: Actor, slug: str, person_id: int, role: str = Role.MEMBER) -> Membership:
    """Put a person in an organisation at once (the coordination does it for its partners, and the demo)."""
    with atomic():
        organisation = _open_organisation(slug)
        require(actor, P.MANAGE_MEMBERS, organisation)
        _refuse_own_rise(actor, organisation, role, own=person_id == actor.person_id)
        return _admit(actor, queries.get_person(person_id), organisation, role)


def invite(
    actor: Actor, slug: str, *, email: str, role: str = Role.MEMBER, address: str | None = None
) -> Invitation:
    """Send somebody a link to join, account or not; a former invitation of the address ends.

    Raise BadEmail, AlreadyMember, NamesThemself, TooMany.
    """
    email = normal_email(email)
    limits.count_try(Attempt.INVITE, f"{actor.person_id}:{email}", address)
    with atomic() as session:
        organisation = _open_organisation(slug)
        require(actor, P.MANAGE_MEMBERS, organisation)
        known = queries.find_person_by_email(email)
        _refuse_own_rise(actor, organisation, role, own=bool(known and known.id == actor.person_id))
        if known and _is_active(queries.find_membership(known.id, organisation.id)):
            raise AlreadyMember(field="email", state=MembershipState.ACTIVE)
        for former in queries.open_invitations(organisation.id):
            if former.email == email:
                former.revoked_at = clock.now()
        secret = new_secret()
        invitation = Invitation(
            organisation=organisation,
            email=email,
            role=_role(role),
            token_hash=hash_secret(secret),
            invited_by_id=actor.person_id,
            created_at=clock.now(),
            expires_at=clock.now() + INVITATION_LIFE,
        )
        session.add(invitation)
        session.flush()
        record("organisation", organisation.id, "invited", actor, territory_id=organisation.territory_id)
        _tell_invited(invitation, known, secret)
        return invitation


def revoke_invitation(actor: Actor, slug: str, invitation_id: int) -> None:
    """End an invitation that was not accepted; raise NotFound."""
    with atomic() as session:
        organisation = queries.get_organisation(slug)
        require(actor, P.MANAGE_MEMBERS, organisation)
        invitation = session.get(Invitation, invitation_id)
        if invitation is None or invitation.organisation_id != organisation.id:
            raise NotFound(invitation=invitation_id)
        if not invitation.accepted_at:
            invitation.revoked_at = clock.now()


def accept_invitation(actor: Actor, secret: str) -> Membership:
    """Join by invitation with the account it was sent to; raise InvitationForAnother, LinkUsed, LinkExpired."""
    with atomic():
        invitation = _locked_invitation(secret)
        person = keep_person(actor.person_id)
        if person.email != invitation.email:
            raise InvitationForAnother(email=masked_email(invitation.email))
        return _accept(invitation, person)


def join_by_invitation(secret: str, *, name: str, password: str, phone: str = "", locale: str = "fr") -> int:
    """Open an account and join in one step: the link proves the address. Give the person's id.

    Raise LinkUsed, LinkExpired, WeakPassword; a confirmed account must sign in instead
    (InvitationForAnother).
    """
    invitation = queries.get_invitation(secret)
    known = queries.find_person_by_email(invitation.email)
    if known and (known.verified_at or known.disabled_at):
        raise InvitationForAnother(email=masked_email(invitation.email))
    check_password(password, email=invitation.email, name=name)
    typed = NewAccount(invitation.email, name.strip(), normal_phone(phone), hash_password(password), locale)
    with atomic():
        person = put_account(typed)
        _accept(_locked_invitation(secret), person)
        return person.id


def _decide(
    actor: Actor, membership_id: int, act: str, *, role: str = Role.MEMBER, reason: str = ""
) -> Membership:
    with atomic():
        membership = _locked(membership_id)
        organisation = membership.organisation
        require(actor, P.MANAGE_MEMBERS, organisation)
        _refuse_own_rise(actor, organisation, role, own=membership.person_id == actor.person_id)
        _move(membership, act)
        membership.role = _role(role)
        membership.decided_at, membership.decided_by_id = clock.now(), actor.person_id
        approved = act == "approve"
        _note(actor, membership, organisation, "approved" if approved else "refused", reason=reason)
        to = queries.reader_of(membership.person)
        facts = (membership.id, organisation.id, organisation.name, organisation.slug)
        emit(MembershipDecided(*facts, approved, reason, to))
        if approved:
            emit(MembershipStarted(membership.person_id, organisation.id, membership.role))
        return membership


def _admit(actor: Actor, person: Person, organisation: Organisation, role: str) -> Membership:
    keep_person(person.id)
    membership = _membership(person.id, organisation)
    if _is_active(membership):
        raise AlreadyMember(state=membership.state)
    membership.state = MembershipState(MEMBERSHIP.after("admit", membership.state or "none"))
    membership.role, membership.created_at = _role(role), clock.now()
    membership.decided_at, membership.decided_by_id = clock.now(), actor.person_id
    db.session.flush()
    _note(actor, membership, organisation, "joined", role=role)
    emit(MembershipStarted(person.id, organisation.id, membership.role))
    return membership


def _accept(invitation: Invitation, person: Person) -> Membership:
    invitation.accepted_at = clock.now()
    membership = queries.find_membership(person.id, invitation.organisation_id)
    if membership and _is_active(membership):
        return membership
    return _admit(Actor(person_id=person.id), person, invitation.organisation, invitation.role)


def _open_organisation(slug: str) -> Organisation:
    organisation = queries.get_organisation(slug)
    one_at_a_time(f"members:{organisation.id}")
    if organisation.state != OrganisationState.ACTIVE:
        raise OrganisationInactive(name=organisation.name, state=organisation.state)
    return organisation


def _membership(person_id: int, organisation: Organisation) -> Membership:
    found = queries.find_membership(person_id, organisation.id)
    if found is None:
        found = Membership(person_id=person_id, organisation=organisation, state="", role=Role.MEMBER)
        db.session.add(found)
    return found


def _locked(membership_id: int) -> Membership:
    membership = queries.get_membership(membership_id)
    one_at_a_time(f"members:{membership.organisation_id}")
    db.session.refresh(membership)
    return membership


def _locked_invitation(secret: str) -> Invitation:
    invitation = queries.get_invitation(secret)
    one_at_a_time(f"members:{invitation.organisation_id}")
    db.session.refresh(invitation)
    return queries.get_invitation(secret)


def _move(membership: Membership, act: str) -> None:
    state = membership.state or "none"
    if act == "request" and not MEMBERSHIP.allows(act, state):
        raise AlreadyMember(state=state)
    membership.state = MembershipState(MEMBERSHIP.after(act, state))


def _is_active(membership: Membership | None) -> bool:
    return membership is not None and membership.state == MembershipState.ACTIVE


def _role(role: str) -> str:
    if role not in ROLES:
        raise Invalid(field="role")
    return role


def _refuse_own_rise(actor: Actor, organisation: Organisation, role: str, *, own: bool) -> None:
    """Raise NamesThemself for whoever would make themself an administrator or treasurer where others could do so.

    The coordination manages members everywhere; it would answer for places, or move money, in that way, in nobody's
    place. An organisation without an administrator needs some way in.
    """
    rises = own and role in (Role.ORG_ADMIN, Role.TREASURER) and not actor.administers(organisation.id)
    if rises and not actor.is_platform_admin and queries.administrators_of(organisation.id):
        raise NamesThemself(field="email")


def _keep_an_administrator(membership: Membership) -> None:
    admins = queries.administrators_of(membership.organisation_id)
    if [admin.id for admin in admins] == [membership.person_id]:
        raise LastAdministrator(name=membership.organisation.name)


def _note(actor: Actor, membership: Membership, organisation: Organisation, act: str, **facts: str) -> None:
    territory_id = organisation.territory_id
    about = {"organisation": organisation.id, "person": membership.person_id, **facts}
    record("membership", membership.id, act, actor, territory_id=territory_id, **about)


def _tell_who_decides(membership: Membership, organisation: Organisation) -> None:
    deciding = queries.administrators_of(organisation.id) or queries.coordinators_of(
        organisation.territory_id
    )
    facts = (membership.id, organisation.id, organisation.name, organisation.slug)
    by = queries.reader_of(queries.get_person(membership.person_id))
    emit(MembershipRequested(*facts, by, membership.message, queries.readers(deciding)))


def _tell_invited(invitation: Invitation, known: Person | None, secret: str) -> None:
    organisation = invitation.organisation
    by = queries.get_person(invitation.invited_by_id)
    to = queries.reader_of(known) if known else Reader(None, invitation.email, "", by.locale)
    about = (invitation.id, organisation.id, organisation.name, organisation.slug, invitation.role, by.name)
    emit(InvitationSent(*about, to, secret, invitation.expires_at))
