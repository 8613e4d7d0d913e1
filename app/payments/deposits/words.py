"""Words for deposits: where they stand, what is asked for, why something cannot be."""

from collections.abc import Mapping
from textwrap import shorten
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.words import PRIORITIES
from app.payments.deposits.models import Deposit, DepositTerms
from app.payments.deposits.rules import Occasion, State
from app.payments.tariffs.tariff import LONGEST_LABEL
from app.web.format import money
from app.web.words import Facts, worded

STATES: Final[Mapping[str, Any]] = {
    State.REQUIRED: _l("To be handed over"),
    State.RECEIVED: _l("Handed over"),
    State.RELEASED: _l("All of it given back"),
    State.WITHHELD: _l("Withheld in part"),
    State.DROPPED: _l("Not needed any more"),
}
LINES: Final[Mapping[str, Any]] = {
    State.REQUIRED: _l("Deposit of %(amount)s, to be handed over"),
    State.RECEIVED: _l("Deposit of %(amount)s, handed over"),
    State.RELEASED: _l("Deposit of %(amount)s, given back"),
    State.WITHHELD: _l("Deposit of %(amount)s, withheld in part"),
    State.DROPPED: _l("Deposit of %(amount)s, not needed any more"),
}
OCCASIONS: Final[Mapping[Occasion, Any]] = {
    Occasion.FIRST: _l("For the first use by an organisation only"),
    Occasion.EACH: _l("For each use (a series counts as one)"),
}


def terms_words(terms: DepositTerms | None) -> list[str]:
    """Say what a resource asks for."""
    if terms is None:
        return [_("None is asked for.")]
    said = [f"{money(terms.cents)}. {OCCASIONS[Occasion(terms.occasion)]}."]
    if terms.exempt:
        names = ", ".join(str(PRIORITIES[each]) for each in terms.exempt)
        said.append(_("Not asked of: %(classes)s.", classes=names))
    return said


def before_words(terms: DepositTerms) -> str:
    """Say before anything is asked for what will have to be handed over, and when."""
    if terms.occasion == Occasion.FIRST:
        return _("Deposit: %(amount)s, to be handed over before the first use", amount=money(terms.cents))
    return _("Deposit: %(amount)s, to be handed over before the use", amount=money(terms.cents))


def withheld_name(deposit: Deposit) -> str:
    """Name what was withheld, as accounts and documents do."""
    reason = shorten(deposit.reason, LONGEST_LABEL, placeholder="…")
    return _("Deposit withheld: %(reason)s", reason=reason)


@worded("bad_deposit")
def _bad_deposit(facts: Facts) -> str:
    if facts["reason"] == "amount":
        return _("A deposit is between 0 and %(most)s. Check the amount.", most=money(facts["most"]))
    if facts["reason"] == "too_much":
        return _(
            "Of this deposit, more than 0 and at most %(most)s can be withheld.", most=money(facts["most"])
        )
    if facts["reason"] == "too_soon":
        return _(
            "Something can be withheld once the use has begun. Before, the deposit can be given back as a whole."
        )
    if facts["reason"] == "public_cash":
        return _("Only a public accountant takes cash for a public body: choose a cheque or a transfer.")
    return _("A deposit is a cheque, a transfer or cash: choose one of them.")
