"""Letters about leaving: accounts that end, and what they leave behind."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer, until
from app.notifications.letters.letter import Letter, link, rows
from app.web.format import day


def erasure_link(to: Reader, facts: Facts) -> Letter:
    """Hand over the link that erases an account whose owner never chose a password."""
    return Letter(
        name=to.name,
        subject=_("Do you want to erase your account?"),
        paragraphs=(
            _("You have asked to erase your account on Mutualim. Nothing has happened yet."),
            _("The link below shows once more what will happen, and asks you to confirm it there."),
        ),
        action=link(_("See and confirm"), "accounts.erase_by_link", secret=facts["secret"]),
        after=(
            until(facts),
            _("Please do not forward this e-mail: whoever has the link can erase your account for good."),
            _("You did not ask for it? Do not open it, and sign out everywhere on the page of your account."),
        ),
    )


def account_erased(to: Reader, _facts: Facts) -> Letter:
    """Confirm, at an address nobody has any more, that an account is gone as its owner asked."""
    return Letter(
        name=to.name,
        subject=_("Your account is erased"),
        paragraphs=(
            _(
                "As you asked, your account on Mutualim has been erased. Thank you for what you shared with others."
            ),
            _(
                "Your name, your address and your telephone are gone. This is the last e-mail you receive from us."
            ),
            _(
                "The bookings that are over stay in the history of the places, without your name. Those to come have "
                "been handed over or cancelled, as you chose."
            ),
        ),
        after=(
            _("It was not you? Please call the coordination of your territory: it can tell those concerned."),
            _("You may open a new account at any time; it will know nothing of this one."),
        ),
    )


def account_forgotten(to: Reader, _facts: Facts) -> Letter:
    """Tell that an account is gone because nobody had come for three years."""
    return Letter(
        name=to.name,
        subject=_("Your account is erased"),
        paragraphs=(
            _("Your account on Mutualim has been erased, because you had not come for three years."),
            _(
                "Your name, your address and your telephone are gone. This is the last e-mail you receive from us."
            ),
            _("The bookings that are over stay in the history of the places, without your name."),
        ),
        after=(_("You are welcome back at any time: simply open a new account."),),
    )


def idle_warning(to: Reader, facts: Facts) -> Letter:
    """Tell that an account will be erased unless its owner comes."""
    ends = day(datetime.fromisoformat(facts["ends_at"]), tz=facts["tz"], year=True)
    return Letter(
        name=to.name,
        subject=_("Do you want to keep your account?"),
        paragraphs=(
            _(
                "You have not come to Mutualim for nearly three years. No account is kept for longer without a visit."
            ),
            _("Yours will be erased on %(day)s, with your name, your address and your telephone.", day=ends),
        ),
        action=link(_("Sign in and keep my account"), "accounts.sign_in"),
        after=(
            _("To keep it, signing in once is enough."),
            _("You no longer need it? Then you have nothing to do."),
        ),
    )


def left_alone(to: Reader, facts: Facts) -> Letter:
    """Ask the coordination to find somebody for organisations and places that nobody answers for any more."""
    return Letter(
        name=to.name,
        subject=_("Nobody answers for them any more: %(territory)s") % {"territory": facts["place"]},
        paragraphs=(
            _(
                "An account that nobody had used for three years has been erased. With it went the last person to "
                "answer for what is named below."
            ),
        ),
        facts=rows(
            (_("Organisations"), "\n".join(facts["organisations"])),
            (_("Shared places"), "\n".join(facts["places"])),
            (_("Coordination"), facts["place"] if facts["coordination"] else ""),
        ),
        action=link(_("See all organisations"), "accounts.organisations"),
        after=(
            _(
                "For an organisation, invite somebody who administers it, or archive it. "
                "For a place, name another manager."
            ),
        ),
    )


def organisation_archived(to: Reader, facts: Facts) -> Letter:
    """Tell the members that their organisation takes part no longer, and why."""
    return Letter(
        name=to.name,
        subject=_("“%(organisation)s” no longer takes part") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "“%(organisation)s” has been archived: nothing can be asked for in its name any more. "
                "What was booked and had not begun is cancelled. Here is the reason given:",
                organisation=facts["organisation"],
            ),
        ),
        quote=facts["reason"],
        after=(
            _("Your own account remains open. If you think it is a mistake, please call the coordination."),
        ),
        second=link(_("See the organisation"), "accounts.organisation", slug=facts["slug"]),
    )


def organisation_left(to: Reader, facts: Facts) -> Letter:
    """Tell the coordination that an organisation has archived itself."""
    return Letter(
        name=to.name,
        subject=_("“%(organisation)s” no longer takes part") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "“%(organisation)s” has archived itself. What it had booked and not begun is cancelled, and the "
                "places know. You have nothing to do. Here is the reason given:",
                organisation=facts["organisation"],
            ),
        ),
        quote=facts["reason"],
        action=link(_("See the organisation"), "accounts.organisation", slug=facts["slug"]),
    )


def quotas_ended(to: Reader, facts: Facts) -> Letter:
    """Tell who answers for a place that what was kept there for an organisation is for all."""
    names = [name for name, _slug in facts["resources"]]
    return Letter(
        name=to.name,
        subject=_("Quotas ended at %(place)s: %(organisation)s")
        % {"place": facts["site"], "organisation": facts["organisation"]},
        paragraphs=(
            _(
                "“%(organisation)s” no longer takes part, so its quotas at your place have ended. "
                "What they kept can be asked for by all.",
                organisation=facts["organisation"],
            ),
        ),
        facts=rows((_("Where"), "\n".join(names))),
        action=link(_("See the quotas"), "availability.quotas", slug=facts["resources"][0][1]),
        after=(_("You can share them out anew. What the quotas of others keep has not changed."),),
    )


def organisation_taken_back(to: Reader, facts: Facts) -> Letter:
    """Tell the members that their organisation takes part again."""
    return Letter(
        name=to.name,
        subject=_("“%(organisation)s” takes part again") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "“%(organisation)s” is no longer archived: you can ask for places and equipment in its name again.",
                organisation=facts["organisation"],
            ),
            _("What was cancelled meanwhile has to be asked for anew."),
        ),
        action=link(_("Find a place"), "availability.find"),
        second=link(_("See my organisation"), "accounts.organisation", slug=facts["slug"]),
    )


FAREWELL: Mapping[str, Writer] = {
    writer.__name__: writer
    for writer in (
        erasure_link, account_erased, account_forgotten, idle_warning, left_alone, organisation_archived,
        organisation_left, organisation_taken_back, quotas_ended,
    )
}  # fmt: skip
