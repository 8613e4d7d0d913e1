"""Letters about leaving: accounts that end, and what they leave behind."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer, until
from app.notifications.letters.letter import Letter, link


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


FAREWELL: Mapping[str, Writer] = {writer.__name__: writer for writer in (erasure_link, account_erased)}
