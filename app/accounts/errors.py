"""What accounts refuse: codes and facts; the sentences are in words.py."""

from app.core.errors import Conflict, Gone, Invalid, NotFound


class BadEmail(Invalid):
    """This is no e-mail address."""

    code = "bad_email"


class BadPhone(Invalid):
    """This is no phone number."""

    code = "bad_phone"


class WeakPassword(Invalid):
    """The password would be guessed; `reason` is short, long, personal, regular or common."""

    code = "weak_password"


class WrongPassword(Invalid):
    """The present password, asked before a change, is not this one."""

    code = "wrong_password"


class WrongCredentials(Invalid):
    """No such address, not this password, or not confirmed yet: never told which."""

    code = "wrong_credentials"


class LinkUsed(Gone):
    """The link did its work already; `purpose` tells which kind it was."""

    code = "link_used"


class LinkExpired(Gone):
    """The link is too old; `purpose` tells which kind it was."""

    code = "link_expired"


class EmailTaken(Conflict):
    """Somebody else has this address by now."""

    code = "email_taken"


class SameEmail(Invalid):
    """The new address is the present one."""

    code = "same_email"


class PersonUnknown(NotFound):
    """Nobody has an account with this address (told to coordinators and administrators only)."""

    code = "person_unknown"


class OrganisationExists(Conflict):
    """The territory has an organisation of this name; `slug` and `name` lead to it."""

    code = "organisation_exists"


class NatureUnfit(Invalid):
    """An organisation of this `kind` cannot be of this `legal_nature`; `possible` lists what it can be."""

    code = "nature_unfit"


class OrganisationInactive(Conflict):
    """The organisation waits for the coordination, was refused or is archived (`state`)."""

    code = "organisation_inactive"


class AlreadyMember(Conflict):
    """The person belongs to the organisation, or has asked to (`state`)."""

    code = "already_member"


class MoneyOpen(Conflict):
    """An organisation that would be archived owes something, is owed something, or has accepted to share a cost.

    `names` are those with whom: archived, it could neither pay nor be paid.
    """

    code = "money_open"


class SitesRemain(Conflict):
    """The organisation owns places that take part (`places`: names, `slugs`): they are archived first."""

    code = "sites_remain"


class StandingChanged(Conflict):
    """What was confirmed is no longer what would happen: something came or went meanwhile."""

    code = "standing_changed"


class StillNeeded(Conflict):
    """Others count on this very person: `first` names what has to be settled before (app.accounts.leaving)."""

    code = "still_needed"


class HeirMissing(Invalid):
    """Nobody was said to take over the bookings for an organisation, nor that they are to be cancelled."""

    code = "heir_missing"


class UnderWay(Conflict):
    """A booking has begun (`what`): it is not cancelled from afar, somebody looks after it or it ends."""

    code = "under_way"


class LastAdministrator(Conflict):
    """Without this person nobody would answer for the organisation."""

    code = "last_administrator"


class InvitationForAnother(Conflict):
    """The invitation was sent to another address (`email`, masked)."""

    code = "invitation_for_another"


class AlreadyGranted(Conflict):
    """The person has this role here already."""

    code = "already_granted"


class NamesThemself(Invalid):
    """Who coordinates decides at a place only in the place of somebody there, who names them: not they themselves."""

    code = "names_themself"


class DeputyUnknown(Invalid):
    """Nobody near the site (a member of its owner, a manager, the coordination) has this address (`email`)."""

    code = "deputy_unknown"


class BadDelegation(Invalid):
    """A delegation that cannot be; `reason` is yourself, over or too_long."""

    code = "bad_delegation"


class UnknownCommune(Invalid):
    """No commune has this name or postcode."""

    code = "unknown_commune"


class AuthorisationNotNeeded(Conflict):
    """A public body does food aid as it is: nobody authorises it."""

    code = "authorisation_not_needed"


class BadAuthorisation(Invalid):
    """What is said of an authorisation cannot be: `reason` is level, reference, network, order or too_long."""

    code = "bad_authorisation"
