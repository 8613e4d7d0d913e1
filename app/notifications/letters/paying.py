"""Letters about how organisations are paid."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer
from app.notifications.letters.letter import Letter, link, rows


def account_number_changed(to: Reader, facts: Facts) -> Letter:
    """Warn that payers are given another account number: somebody may have taken over an account."""
    return Letter(
        name=to.name,
        subject=_("The IBAN of “%(organisation)s” has changed") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "Whoever owes “%(organisation)s” something is given another account number from now on.",
                organisation=facts["organisation"],
            ),
            _("If one of you did this, there is nothing to do."),
        ),
        facts=rows(
            (_("Before"), facts["before"]), (_("Now"), facts["after"]), (_("Changed by"), facts["by"])
        ),
        action=link(_("See how we are paid"), "payments.terms", slug=facts["slug"]),
        after=(
            _(
                "If nobody of you did, correct it at once, tell your payers, and change the password of that account."
            ),
        ),
    )


PAYING: Mapping[str, Writer] = {"account_number_changed": account_number_changed}
