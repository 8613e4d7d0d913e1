"""Facts about people and organisations, with all that a message about them needs.

`secret` is the part of a link that only the mail may carry; the endpoint that takes it is named beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.core.policy import Actor
from app.core.span import Span


@dataclass(frozen=True)
class Reader:
    """Whom a message goes to, and in which language; `person_id` is None for somebody without an account."""

    person_id: int | None
    email: str
    name: str
    locale: str


@dataclass(frozen=True)
class PersonSignedUp:
    """Somebody opened an account and must confirm the address: `accounts.verify`, secret=…"""

    to: Reader
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class KnownEmailUsed:
    """Somebody gave the address of an existing account at sign-up or as a new address: tell its owner."""

    to: Reader


@dataclass(frozen=True)
class SignInLinkAsked:
    """Somebody wants to sign in without a password: `accounts.use_link`, secret=…"""

    to: Reader
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class PasswordResetAsked:
    """Somebody forgot the password: `accounts.reset_password`, secret=…"""

    to: Reader
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class SignedOutEverywhere:
    """Every session of a person ended (`reason`: asked, password_reset); with `links_too` calendar links must end."""

    person_id: int
    reason: str
    links_too: bool


@dataclass(frozen=True)
class PasswordChanged:
    """The password was changed: the owner is told, in case it was not them."""

    to: Reader
    at: datetime


@dataclass(frozen=True)
class EmailChangeAsked:
    """A change of address waits for a yes at both: `accounts.confirm_email`, secret=old_secret or new_secret.

    `to` is at the present address. `new_secret` is None when the new one has an account (see KnownEmailUsed).
    """

    to: Reader
    new_email: str
    old_secret: str
    new_secret: str | None
    expires_at: datetime


@dataclass(frozen=True)
class EmailChanged:
    """The address was changed; `to` is at the new one, the former one is told too."""

    to: Reader
    old_email: str


@dataclass(frozen=True)
class OrganisationRequested:
    """Somebody proposed an organisation; the coordinators of the territory decide (`accounts.admissions`)."""

    organisation_id: int
    name: str
    slug: str
    territory_id: int
    by: Reader


@dataclass(frozen=True)
class OrganisationRenamed:
    """An organisation has another name now; what shows it elsewhere has changed."""

    organisation_id: int


@dataclass(frozen=True)
class OrganisationDecided:
    """The coordination answered a proposed organisation; `to` are its administrators."""

    organisation_id: int
    name: str
    slug: str
    approved: bool
    reason: str
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class OrganisationArchived:
    """An organisation takes part no longer, in this use case: what it has going ends; `to` are its other members."""

    organisation_id: int
    name: str
    slug: str
    territory_id: int
    reason: str
    by: Actor
    by_itself: bool  # by its own administrators: the coordination does not know yet
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class OrganisationTakenBack:
    """An archived organisation takes part again; `to` are its other members."""

    organisation_id: int
    name: str
    slug: str
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class AuthorisationEntered:
    """An organisation has said that it is authorised for food aid; the coordination confirms it, or sends it back."""

    authorisation_id: int
    organisation_id: int
    name: str
    slug: str
    territory_id: int


@dataclass(frozen=True)
class AuthorisationDecided:
    """The coordination has confirmed it or sent it back; `to` are the administrators of the organisation."""

    organisation_id: int
    name: str
    slug: str
    confirmed: bool
    reason: str
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class AuthorisationEnding:
    """It ends on a day that is close, and nothing follows it; `to` are the administrators of the organisation."""

    organisation_id: int
    name: str
    slug: str
    last_day: date
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class MembershipRequested:
    """Somebody asks to join; `to` are the organisation's administrators, else the coordinators."""

    membership_id: int
    organisation_id: int
    organisation: str
    slug: str
    by: Reader
    message: str
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class MembershipDecided:
    """The organisation or the coordination answered a request to join."""

    membership_id: int
    organisation_id: int
    organisation: str
    slug: str
    approved: bool
    reason: str
    to: Reader


@dataclass(frozen=True)
class MembershipStarted:
    """A person now belongs to an organisation (approved, invited, or its founder)."""

    person_id: int
    organisation_id: int
    role: str


@dataclass(frozen=True)
class MembershipEnded:
    """A person left an organisation or was taken off it; `by_other` tells the two apart."""

    organisation_id: int
    organisation: str
    by_other: bool
    to: Reader
    by_id: int | None = None  # who took them off it


@dataclass(frozen=True)
class InvitationSent:
    """An organisation invites an address: `accounts.invitation`, secret=…; `by` is the name of who invites."""

    invitation_id: int
    organisation_id: int
    organisation: str
    slug: str
    role: str
    by: str
    to: Reader
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class RoleGranted:
    """A person manages a site or coordinates a territory from now on (the other id is None)."""

    person_id: int
    role: str
    site_id: int | None
    territory_id: int | None
    to: Reader


@dataclass(frozen=True)
class RoleRevoked:
    """A person no longer manages a site or coordinates a territory."""

    person_id: int
    role: str
    site_id: int | None
    territory_id: int | None
    to: Reader


@dataclass(frozen=True)
class DelegationGiven:
    """Somebody decides for a site in the place of `giver` (a name), on the days of `span`."""

    to: Reader
    giver: str
    site_id: int
    span: Span


@dataclass(frozen=True)
class DelegationEnded:
    """A delegation ended before its last day."""

    to: Reader
    giver: str
    site_id: int


@dataclass(frozen=True)
class ErasureAsked:
    """Somebody without a password wants their account erased: `accounts.erase_by_link`, secret=…"""

    to: Reader
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class AccountErased:
    """An account is being erased, in this use case: every room lets go of what it keeps of the person.

    `to` is who they were; `why` is asked or idle. `heirs` tells by organisation (id) who takes over what is booked and
    not over; where it is None or nothing, that is cancelled with `reason`. With `messages_too` go their own words.
    """

    to: Reader
    person_id: int
    why: str
    reason: str
    heirs: Mapping[int, int | None]
    messages_too: bool


@dataclass(frozen=True)
class LeftAlone:
    """With an idle account went the last one to answer for organisations, places (names): `to` are who can help."""

    territory: str
    organisations: tuple[str, ...]
    places: tuple[str, ...]
    coordination: bool  # the territory itself has nobody to coordinate it
    to: tuple[Reader, ...]


@dataclass(frozen=True)
class IdleAccountWarned:
    """Nobody has come for so long that the account ends at `ends_at`, unless its owner signs in."""

    to: Reader
    ends_at: datetime


@dataclass(frozen=True)
class AccessTokenCreated:
    """A personal token was made: the owner is told, in case it was not them."""

    to: Reader
    token_name: str
