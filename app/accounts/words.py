"""The sentences of accounts: why something was refused and what to do instead, and how kinds and roles read."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.leaving import InTheWay, Obstacle
from app.web.words import worded

Facts = Mapping[str, Any]

KINDS: Mapping[str, LazyString] = {
    "association": _l("Association"),
    "commune": _l("Commune"),
    "epci": _l("Intercommunality"),
    "ccas": _l("Municipal social action centre (CCAS, CIAS)"),
    "public_body": _l("Other public body"),
    "school": _l("School or training centre"),
    "health": _l("Health or care establishment"),
    "food_bank": _l("Food bank"),
    "social_grocery": _l("Social grocery"),
    "social_enterprise": _l("Work-integration enterprise"),
    "scic": _l("Cooperative of collective interest (SCIC)"),
    "cooperative": _l("Other cooperative"),
    "producer": _l("Farm, producer"),
    "company": _l("Company"),
}
NATURES: Mapping[str, LazyString] = {
    "public": _l("Public authority or establishment"),
    "nonprofit": _l("Non-profit (association, foundation)"),
    "company": _l("Company (including GAEC, EARL, SCIC)"),
    "individual_farm": _l("Individual farm"),
}
PRIORITIES: Mapping[str, LazyString] = {
    "P0": _l("P0 – owner of shared places"),
    "P1": _l("P1 – authorised food aid"),
    "P2": _l("P2 – partner of the territory"),
    "P3": _l("P3 – producer, social economy"),
    "P4": _l("P4 – commercial use"),
}
MEMBER_ROLES: Mapping[str, LazyString] = {
    "member": _l("Member"),
    "org_admin": _l("Administrator"),
    "treasurer": _l("Treasurer"),
}
LANGUAGES: Mapping[str, str] = {"fr": "Français", "en": "English"}


def kind_words(kind: str) -> str:
    """Name a kind of organisation."""
    return str(KINDS.get(kind, kind))


def nature_words(nature: str) -> str:
    """Name a legal nature."""
    return str(NATURES.get(nature, nature))


def priority_words(priority: str) -> str:
    """Name a priority class."""
    return str(PRIORITIES.get(priority, priority))


def role_words(role: str) -> str:
    """Name a role in an organisation."""
    return str(MEMBER_ROLES.get(role, role))


def person_name(name: str) -> str:
    """Name a person as pages, letters and programs do; who left has no name any more."""
    return name or _("Deleted account")


def doer_words(name: str, *, is_own: bool) -> str:
    """Name who did something, after "by": its reader, or somebody by name."""
    return _("you") if is_own else person_name(name)


FILTERS = {
    "person_name": person_name,
    "organisation_kind": kind_words,
    "legal_nature": nature_words,
    "priority_class": priority_words,
    "member_role": role_words,
}


@worded("bad_email")
def _bad_email(_facts: Facts) -> str:
    return _("This does not look like an e-mail address. It should read like name@example.org.")


@worded("bad_phone")
def _bad_phone(_facts: Facts) -> str:
    return _(
        "This does not look like a phone number. Write it like 02 40 12 34 56, or with + for another country."
    )


@worded("weak_password")
def _weak_password(facts: Facts) -> str:
    match facts.get("reason"):
        case "short":
            least = facts["least"]
            return ngettext("Use at least %(num)s character.", "Use at least %(num)s characters.", least)
        case "long":
            most = facts["most"]
            return ngettext("Use at most %(num)s character.", "Use at most %(num)s characters.", most)
        case "personal":
            return _("Do not use your own name or address: it is the first thing one would try.")
        case "regular":
            return _(
                "These are always the same characters. Take three or four words that only you put together."
            )
    return _("This password is among the most used. Take three or four words that only you put together.")


@worded("wrong_password")
def _wrong_password(_facts: Facts) -> str:
    return _("This is not your present password. If you forgot it, sign out and ask for a new one.")


@worded("wrong_credentials")
def _wrong_credentials(_facts: Facts) -> str:
    return _(
        "This address and this password do not go together. Check both, or receive a link by e-mail. "
        "If you have just signed up, first open the link we sent you."
    )


_LINK_NEXT = {
    "sign_in": _l("Ask for a new link on the sign-in page."),
    "verify": _l("If you already opened it, sign in. Otherwise sign up again: you will receive another one."),
    "reset": _l("Ask for a new one on the page for forgotten passwords."),
    "email_old": _l("Ask for the change again from your account."),
    "email_new": _l("Ask for the change again from your account."),
    "erase": _l("If your account is still there, ask again from its page."),
    "invitation": _l(
        "If you have joined already, sign in. Otherwise ask the person who invited you for another one."
    ),
}


@worded("link_used")
def _link_used(facts: Facts) -> str:
    what_next = _LINK_NEXT.get(facts.get("purpose", ""), "")
    return _("This link has already been used. %(what_next)s", what_next=what_next)


@worded("link_expired")
def _link_expired(facts: Facts) -> str:
    what_next = _LINK_NEXT.get(facts.get("purpose", ""), "")
    return _("This link is too old to work. %(what_next)s", what_next=what_next)


@worded("email_taken")
def _email_taken(_facts: Facts) -> str:
    return _("This address now belongs to another account. Choose another one from your account.")


@worded("same_email")
def _same_email(_facts: Facts) -> str:
    return _("This is already your address. Type the new one.")


@worded("person_unknown")
def _person_unknown(facts: Facts) -> str:
    email = facts.get("email", "")
    return _(
        "Nobody has a confirmed account with %(email)s. Ask the person to sign up, then add them here.",
        email=email,
    )


@worded("deputy_unknown")
def _deputy_unknown(facts: Facts) -> str:
    return _(
        "%(email)s is not the address of a member of the owner, of a manager of this site or of the coordination. "
        "Ask an administrator of the owner to invite the person first.",
        email=facts.get("email", ""),
    )


@worded("bad_delegation")
def _bad_delegation(facts: Facts) -> str:
    if facts["reason"] == "yourself":
        return _("You decide already. Name somebody else.")
    if facts["reason"] == "over":
        return _("These days are over. Choose a last day that is still to come.")
    return _("A delegation lasts a year at most. Choose an earlier last day.")


@worded("organisation_exists")
def _organisation_exists(facts: Facts) -> str:
    if facts.get("state") == "pending":
        return _("%(name)s has already been proposed and waits for the coordination.", name=facts["name"])
    return _("%(name)s is already here. Open its page and ask to join it.", name=facts["name"])


@worded("nature_unfit")
def _nature_unfit(facts: Facts) -> str:
    possible = [nature_words(nature) for nature in facts.get("possible", ())]
    if len(possible) == 1:
        return _("This kind of organisation is always: %(nature)s.", nature=possible[0])
    return _("This kind of organisation is one of: %(natures)s.", natures=", ".join(possible))


@worded("organisation_inactive")
def _organisation_inactive(facts: Facts) -> str:
    if facts.get("state") == "pending":
        return _(
            "%(name)s still waits for the coordination's answer. This will be possible once it is admitted.",
            name=facts["name"],
        )
    return _("%(name)s no longer takes part. Ask the coordination of the territory.", name=facts["name"])


@worded("already_member")
def _already_member(facts: Facts) -> str:
    if facts.get("state") == "requested":
        return _("This request is already waiting for an answer.")
    return _("This person is already a member: there is nothing to do.")


@worded("sites_remain")
def _sites_remain(facts: Facts) -> str:
    return _(
        "These places still take part: %(places)s. First archive them on their own pages.",
        places=", ".join(facts["places"]),
    )


@worded("money_open")
def _money_open(facts: Facts) -> str:
    return _(
        "There is still something to settle with: %(names)s. Open the accounts of the organisation, and settle it "
        "first: archived, it could neither pay nor be paid.",
        names=", ".join(facts["names"]),
    )


@worded("standing_changed")
def _standing_changed(_facts: Facts) -> str:
    return _("Something has changed since you opened this page. Read again what will happen, then confirm.")


@worded("still_needed")
def _still_needed(_facts: Facts) -> str:
    return _("Others still count on you. What to settle first is written on this page.")


@worded("heir_missing")
def _heir_missing(facts: Facts) -> str:
    return _(
        "Say who looks after the bookings of %(name)s, or that they are to be cancelled.", name=facts["name"]
    )


@worded("under_way")
def _under_way(facts: Facts) -> str:
    return _(
        "“%(what)s” is in use at this moment (booking %(ref)s). Wait until it is over, or cancel it on its page once "
        "everything has been taken out.",
        what=facts["what"],
        ref=facts["ref"],
    )


@worded("last_administrator")
def _last_administrator(facts: Facts) -> str:
    return _(
        "%(name)s would have no administrator left. First make another member administrator.",
        name=facts["name"],
    )


@worded("invitation_for_another")
def _invitation_for_another(facts: Facts) -> str:
    return _(
        "This invitation was sent to %(email)s. Sign in with that address to accept it.", email=facts["email"]
    )


@worded("already_granted")
def _already_granted(facts: Facts) -> str:
    return _("%(name)s already has this role here.", name=facts["name"])


@worded("names_themself")
def _names_themself(_facts: Facts) -> str:
    return _(
        "You cannot name yourself: whoever coordinates answers requests only in somebody's place. "
        "Ask a manager of the place to delegate it to you, or an administrator of its owner to name you."
    )


@worded("unknown_commune")
def _unknown_commune(facts: Facts) -> str:
    return _("We do not know the commune “%(text)s”. Type its name or postcode.", text=facts.get("text", ""))


# -- leaving ------------------------------------------------------------------------------------------------

_IN_THE_WAY: Mapping[tuple[Obstacle, bool], tuple[LazyString, LazyString]] = {
    (Obstacle.LAST_ADMINISTRATOR, False): (
        _l("You alone administer “%(name)s”."),
        _l("First make another member administrator."),
    ),
    (Obstacle.LAST_ADMINISTRATOR, True): (
        _l("You are the only member of “%(name)s”."),
        _l("First invite somebody who takes over; if it no longer takes part, archive it."),
    ),
    (Obstacle.ONLY_MANAGER, True): (
        _l("You alone manage “%(name)s”: nobody else would answer its requests."),
        _l("First have another manager named, by the organisation that owns it or by the coordination."),
    ),
    (Obstacle.COORDINATOR, False): (
        _l("You coordinate “%(name)s”."),
        _l("First tell the others who coordinate it, then withdraw your role."),
    ),
    (Obstacle.COORDINATOR, True): (
        _l("You alone coordinate “%(name)s”."),
        _l("First name somebody who takes over, then withdraw your own role."),
    ),
    (Obstacle.LAST_PLATFORM_ADMIN, False): (
        _l("You alone run this installation."),
        _l("First have another administrator made on the server: flask account create-admin."),
    ),
    (Obstacle.UNDER_WAY, True): (
        _l("“%(name)s” is in use at this moment, in your name."),
        _l("Wait until it is over, or cancel the booking on its page once everything has been taken out."),
    ),
}


def why_and_what_instead(thing: InTheWay) -> tuple[str, str]:
    """Say why an account cannot be erased yet, and what to do first."""
    why, instead = _IN_THE_WAY[thing.obstacle, thing.alone]
    return str(why) % {"name": thing.name}, str(instead)


def farewell_reason() -> str:
    """Say to a place, for good, why a booking of somebody who left is cancelled."""
    return _("The account of the person who looked after this booking has been erased.")
