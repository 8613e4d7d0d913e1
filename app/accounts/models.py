"""Tables of people, organisations, roles and the secrets that let people in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.food_aid import AuthorisationState
from app.accounts.functions import HoldsFunctions
from app.infra.db import Base, Code, Json, Name, Pk, Prose, PublicId


class LegalNature(StrEnum):
    """What an organisation is in law: money follows it."""

    PUBLIC = "public"
    NONPROFIT = "nonprofit"
    COMPANY = "company"
    INDIVIDUAL_FARM = "individual_farm"


class Role(StrEnum):
    """What a member may do in an organisation."""

    ORG_ADMIN = "org_admin"
    TREASURER = "treasurer"
    MEMBER = "member"


class Grant(StrEnum):
    """A role held on a site or a territory rather than in an organisation."""

    SITE_MANAGER = "site_manager"
    COORDINATOR = "coordinator"


class MembershipState(StrEnum):
    """Where a membership stands."""

    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"


class OrganisationState(StrEnum):
    """Where an organisation stands: a new one waits for the coordinator."""

    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"
    ARCHIVED = "archived"


class TokenPurpose(StrEnum):
    """What a one-time link does."""

    SIGN_IN = "sign_in"
    VERIFY = "verify"
    RESET = "reset"
    EMAIL_OLD = "email_old"
    EMAIL_NEW = "email_new"
    ERASE = "erase"


def session_id(person_id: int, session_epoch: int) -> str:
    """Write what a session keeps of a person."""
    return f"{person_id}.{session_epoch}"


class Territory(Base):
    """A territory (PAT) that shares: everything else belongs to one."""

    __tablename__ = "territory"

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Name]
    timezone: Mapped[Code] = mapped_column(default="Europe/Paris")
    school_zone: Mapped[str | None] = mapped_column(String(1))
    locale: Mapped[Code] = mapped_column(default="fr")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    departement: Mapped[str | None] = mapped_column(String(3))
    communes: Mapped[list[Any]] = mapped_column(default=list)  # INSEE codes
    hue: Mapped[str | None] = mapped_column(String(40))  # app.accounts.rules.HUES: the colour of its pages
    shared_kinds: Mapped[list[Any] | None] = mapped_column(Json)  # kinds that are offered; None: all
    is_demo: Mapped[bool] = mapped_column(default=False, server_default=false())
    erased_at: Mapped[datetime | None]  # a demo that was erased: only history still refers to it
    steps_hidden_at: Mapped[datetime | None]  # when the list of first steps was put away


class Person(Base):
    """Somebody with an account. `session_epoch` grows to sign every device out."""

    __tablename__ = "person"

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[Name]
    phone: Mapped[str] = mapped_column(String(30), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[Code] = mapped_column(default="fr")
    is_platform_admin: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # came last, to a week: app.accounts.service.presence
    warned_at: Mapped[datetime | None]  # was told that the account ends, nobody having come for so long
    erased_at: Mapped[datetime | None]  # name, address and telephone are gone for good

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="person", foreign_keys="Membership.person_id"
    )

    def get_id(self) -> str:
        """What a session remembers: the person, and the epoch that "sign out everywhere" moves on."""
        return session_id(self.id, self.session_epoch)


class Organisation(Base):
    """A structure of the territory: association, commune, food bank, producer."""

    __tablename__ = "organisation"

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Name]
    legal_nature: Mapped[Code]
    kind: Mapped[Code]  # association, commune, epci, food_bank…: app.accounts.rules.ORGANISATION_KINDS
    priority_class: Mapped[str] = mapped_column(String(2), default="P2")  # P0 … P4
    commune_code: Mapped[str | None] = mapped_column(String(5))
    contact_name: Mapped[Name] = mapped_column(default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    search_text: Mapped[Prose]  # the name as app.core.ids.plain folds it
    state: Mapped[Code] = mapped_column(default=OrganisationState.ACTIVE)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    archive_reason: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    archived_by_itself: Mapped[bool] = mapped_column(default=False, server_default=false())

    territory: Mapped[Territory] = relationship()
    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")

    __table_args__ = (
        CheckConstraint(
            f"legal_nature IN ({', '.join(repr(n.value) for n in LegalNature)})", name="legal_nature"
        ),
        CheckConstraint("priority_class IN ('P0', 'P1', 'P2', 'P3', 'P4')", name="priority_class"),
    )


class FoodAidAuthorisation(Base):
    """That the State lets an organisation do food aid, from one day to another, as its administrators entered it."""

    __tablename__ = "food_aid_authorisation"
    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="span"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    level: Mapped[Code]  # app.accounts.food_aid.Level
    reference: Mapped[Name] = mapped_column(default="")  # number or date of the decision
    network: Mapped[Name] = mapped_column(default="")  # whose authorisation covers it
    valid_from: Mapped[date]
    valid_until: Mapped[date]  # the last day
    state: Mapped[Code] = mapped_column(default=AuthorisationState.ENTERED)
    reason: Mapped[Prose]  # why it was sent back
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reminded_days: Mapped[int | None]  # before its end, when its administrators were told last

    organisation: Mapped[Organisation] = relationship()
    entered_by: Mapped[Person | None] = relationship(foreign_keys=entered_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)


class Membership(Base):
    """A person in an organisation, asked for or active."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id"),)

    id: Mapped[Pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Code] = mapped_column(default=Role.MEMBER)
    state: Mapped[Code] = mapped_column(default=MembershipState.REQUESTED)
    message: Mapped[Prose]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(back_populates="memberships", foreign_keys=person_id)
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")


class Invitation(Base):
    """A link that lets whoever holds that e-mail address join an organisation."""

    __tablename__ = "invitation"

    id: Mapped[Pk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[Code] = mapped_column(default=Role.MEMBER)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()


class RoleGrant(HoldsFunctions, Base):
    """A person who manages a site or coordinates a territory (exactly one of the two); functions are a manager's."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "site_id"),
        UniqueConstraint("person_id", "role", "territory_id"),
        CheckConstraint("(site_id IS NULL) <> (territory_id IS NULL)", name="one_scope"),
    )

    id: Mapped[Pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Code]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Delegation(Base):
    """Somebody decides for a site in the place of one of its managers, or of an administrator of its owner.

    It counts from `start_at` up to, not including, `end_at`, unless ended before, and while its giver answers for the
    site (app.accounts.queries.delegations.in_force).
    """

    __tablename__ = "delegation"
    __table_args__ = (CheckConstraint("end_at > start_at", name="span"),)

    id: Mapped[Pk]
    public_id: Mapped[PublicId]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))  # of the site
    giver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    giver: Mapped[Person] = relationship(foreign_keys=giver_id)
    deputy: Mapped[Person] = relationship(foreign_keys=deputy_id)


class OneTimeToken(Base):
    """The stored side of a link sent by e-mail; the link itself is never stored."""

    __tablename__ = "one_time_token"

    id: Mapped[Pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[Code]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class SignInAttempt(Base):
    """A try to get in (or to make us write to somebody), kept a day to slow guessing down; the account is a hash."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account", "account_hash", "at"),
        Index("ix_sign_in_attempt_address", "address", "at"),
    )

    id: Mapped[Pk]
    kind: Mapped[Code]  # app.accounts.rules.Attempt: each has its own limits
    account_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class AccessToken(Base):
    """A personal token for the API: shown once, stored hashed, revocable alone."""

    __tablename__ = "access_token"

    id: Mapped[Pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[Name]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))  # the first letters, to tell tokens apart in the list
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


__all__ = [
    "AccessToken",
    "Delegation",
    "FoodAidAuthorisation",
    "Grant",
    "Invitation",
    "LegalNature",
    "Membership",
    "MembershipState",
    "OneTimeToken",
    "Organisation",
    "OrganisationState",
    "Person",
    "Role",
    "RoleGrant",
    "SignInAttempt",
    "Territory",
    "TokenPurpose",
    "session_id",
]
