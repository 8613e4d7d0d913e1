"""Letters about one's own account: links to press, changes to know of.

Each takes the reader and the facts of the event as the job kept them (JSON: instants are text).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.accounts.rules import UNVERIFIED_LIFE, masked_email
from app.notifications.letters.letter import Letter, instant, link

Facts = Mapping[str, Any]
Writer = Callable[[Reader, Facts], Letter]


def sign_up(_to: Reader, facts: Facts) -> Letter:
    """Ask a new person to confirm the address. Not by name: anybody may have typed this one."""
    return Letter(
        subject=_("Confirm your e-mail address"),
        paragraphs=(
            _(
                "Welcome! Only one step is left to open your account on Mutualim: confirm that this address is yours."
            ),
        ),
        action=link(_("Confirm my address"), "accounts.verify", secret=facts["secret"]),
        after=(
            until(facts),
            _(
                "You did not ask for an account? Then you have nothing to do: it will not be opened, and what was "
                "typed will be erased after %(days)s days.",
                days=UNVERIFIED_LIFE.days,
            ),
        ),
    )


def known_email(to: Reader, _facts: Facts) -> Letter:
    """Tell the owner of an account that the address was given again, perhaps by themselves."""
    return Letter(
        name=to.name,
        subject=_("You already have an account"),
        paragraphs=(
            _(
                "Somebody, probably you, has just given this e-mail address on Mutualim as that of a new account."
            ),
            _("You already have one with this address: simply sign in."),
        ),
        action=link(_("Sign in"), "accounts.sign_in"),
        after=(
            _(
                "It was not you? Then you have nothing to do: nobody has seen or changed anything in your account."
            ),
        ),
        second=link(_("I have forgotten my password"), "accounts.ask_reset"),
    )


def sign_in_link(to: Reader, facts: Facts) -> Letter:
    """Hand over the link that signs in without a password."""
    return Letter(
        name=to.name,
        subject=_("Your link to sign in"),
        paragraphs=(_("Here is the link you asked for to sign in without a password."),),
        action=link(_("Sign in"), "accounts.use_link", secret=facts["secret"]),
        after=(
            until(facts),
            _("Please do not forward this e-mail: whoever has the link can enter your account."),
            _("You did not ask for it? Then you have nothing to do: without this link nobody can get in."),
        ),
    )


def reset(to: Reader, facts: Facts) -> Letter:
    """Hand over the link to choose a new password."""
    return Letter(
        name=to.name,
        subject=_("Choose a new password"),
        paragraphs=(
            _("You have told us that you forgot your password. Here is the link to choose a new one."),
        ),
        action=link(_("Choose a new password"), "accounts.reset_password", secret=facts["secret"]),
        after=(
            until(facts),
            _("Please do not forward this e-mail: whoever has the link can enter your account."),
            _("You did not ask for it? Then you have nothing to do: your password stays the same."),
        ),
    )


def password_changed(to: Reader, facts: Facts) -> Letter:
    """Tell that the password was changed, in case it was somebody else."""
    at = instant(datetime.fromisoformat(facts["at"]), facts["tz"])
    return Letter(
        name=to.name,
        subject=_("Your password has been changed"),
        paragraphs=(
            _("The password of your account was changed on %(moment)s.", moment=at),
            _("If it was you, you have nothing to do."),
        ),
        after=(_("It was not you? Choose a new password at once: this signs everybody else out."),),
        second=link(_("Choose a new password"), "accounts.ask_reset"),
    )


def email_change_old(to: Reader, facts: Facts) -> Letter:
    """Ask at the present address whether it may be replaced."""
    return Letter(
        name=to.name,
        subject=_("Do you want to change your e-mail address?"),
        paragraphs=(
            _("You have asked to replace this address by %(address)s.", address=facts["new_email"]),
            _("The change is done once you have confirmed it at both addresses: here and at the new one."),
        ),
        action=link(_("Confirm the change"), "accounts.confirm_email", secret=facts["secret"]),
        after=(
            until(facts),
            _(
                "You did not ask for it? Do not confirm, and choose a new password: somebody knows the present one."
            ),
        ),
    )


def email_change_new(_to: Reader, facts: Facts) -> Letter:
    """Ask at the new address whether it is really theirs. Not by name: the address may be a stranger's."""
    return Letter(
        subject=_("Confirm your new e-mail address"),
        paragraphs=(
            _("This address has been given as the new address of an account on Mutualim."),
            _("The change is done once you have confirmed it at both addresses: here and at the former one."),
        ),
        action=link(_("Confirm this address"), "accounts.confirm_email", secret=facts["secret"]),
        after=(
            until(facts),
            _("You did not ask for it? Then you have nothing to do: nothing will be changed."),
        ),
    )


def email_changed(to: Reader, facts: Facts) -> Letter:
    """Confirm at the new address that it counts from now on."""
    return Letter(
        name=to.name,
        subject=_("Your new e-mail address is in place"),
        paragraphs=(
            _("Your account now has this address, instead of %(address)s.", address=facts["old_email"]),
            _("From now on you sign in with it, and our e-mails arrive here."),
        ),
        action=link(_("See my account"), "accounts.account"),
    )


def email_changed_old(to: Reader, facts: Facts) -> Letter:
    """Tell the former address that it no longer counts; the new one is only hinted at."""
    return Letter(
        name=to.name,
        subject=_("The e-mail address of your account has changed"),
        paragraphs=(
            _("Your account now has another address: %(address)s.", address=masked_email(facts["new_email"])),
            _("This is the last e-mail you receive here. If it was you, you have nothing to do."),
        ),
        after=(
            _("It was not you? Please call the coordination of your territory: it can help you at once."),
        ),
    )


def token_created(to: Reader, facts: Facts) -> Letter:
    """Tell that an access token was made, in case it was somebody else."""
    return Letter(
        name=to.name,
        subject=_("A new access token for your account"),
        paragraphs=(
            _(
                "An access token named “%(name)s” has just been made. A program that has it can act in your name.",
                name=facts["token_name"],
            ),
            _("If it was you, you have nothing to do."),
        ),
        action=link(_("See my access tokens"), "accounts.tokens"),
        after=(_("It was not you? Revoke the token on that page, then choose a new password."),),
    )


def until(facts: Facts) -> str:
    """Say how long a link works."""
    end = datetime.fromisoformat(facts["expires_at"])
    return _("The link works once, until %(moment)s.", moment=instant(end, facts["tz"]))


OWN: Mapping[str, Writer] = {
    writer.__name__: writer
    for writer in (
        sign_up, known_email, sign_in_link, reset, password_changed, email_change_old, email_change_new, email_changed,
        email_changed_old, token_created,
    )
}  # fmt: skip
