"""Letters about how organisations are paid."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.events import Reader
from app.notifications.letters.account import Facts, Writer
from app.notifications.letters.letter import Letter, link, rows

_FIELDS: Final[Mapping[str, LazyString]] = {
    "legal_name": _l("Legal name"),
    "holder": _l("Holder of the account"),
    "iban": _l("IBAN"),
    "address": _l("Address"),
    "payfip_url": _l("PayFiP page"),
    "contact_email": _l("E-mail for questions about payments"),
}


def payee_terms_changed(to: Reader, facts: Facts) -> Letter:
    """Warn that payers are told something else of where their money goes: somebody may have taken over an account."""
    return Letter(
        name=to.name,
        subject=_("How “%(organisation)s” is paid has changed") % {"organisation": facts["organisation"]},
        paragraphs=(
            _(
                "Whoever owes “%(organisation)s” something reads this from now on.",
                organisation=facts["organisation"],
            ),
            _("If one of you did this, there is nothing to do."),
        ),
        facts=(
            *((str(_FIELDS[name]), _change(before, after)) for name, before, after in facts["changes"]),
            *rows((_("Changed by"), facts["by"])),
        ),
        action=link(_("See how we are paid"), "payments.terms", slug=facts["slug"]),
        after=(
            _(
                "If nobody of you did, correct it at once, tell your payers, and change the password of that account."
            ),
        ),
    )


def _change(before: str, after: str) -> str:
    """Say what a field is now, and what it was."""
    if not before:
        return _("%(after)s (new)", after=" ".join(after.split()))
    if not after:
        return _("taken away (before: %(before)s)", before=" ".join(before.split()))
    return _("%(after)s (before: %(before)s)", after=" ".join(after.split()), before=" ".join(before.split()))


PAYING: Mapping[str, Writer] = {"payee_terms_changed": payee_terms_changed}
