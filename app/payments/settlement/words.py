"""Sentences about settling: why something is refused and what instead, where a settlement stands."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.payments.settlement.rules import Answer, State
from app.web.format import money
from app.web.words import Facts, worded

STATES: Final[Mapping[str, tuple[str, LazyString]]] = {  # the badge whose look it has, and its words
    State.PROPOSED: ("pending", _l("waiting for answers")),
    State.POSTED: ("approved", _l("settled")),
    State.REFUSED: ("refused", _l("refused")),
    State.WITHDRAWN: ("cancelled", _l("withdrawn")),
    State.CHANGED: ("cancelled", _l("lapsed: the accounts have moved")),
    State.EXPIRED: ("cancelled", _l("lapsed: not everybody has answered")),
    State.UNDONE: ("cancelled", _l("undone")),
}
ANSWERS: Final[Mapping[str, LazyString]] = {
    Answer.ASKED: _l("has not answered yet"),
    Answer.ACCEPTED: _l("accepts"),
    Answer.REFUSED: _l("refuses"),
}
_OVER: Final[Mapping[str, Any]] = {
    State.POSTED: _l("All parties have agreed: it is in the books. Your accounts show what is left to pay."),
    State.REFUSED: _l("A party has refused this settlement. Pay as before, or propose another one."),
    State.WITHDRAWN: _l("This proposal was withdrawn. Pay as before, or propose another one."),
    State.CHANGED: _l(
        "Something of this was paid or taken back before all had agreed, so the figures are not true any more. "
        "Propose it again with those of today."
    ),
    State.EXPIRED: _l("Not everybody has answered in time. Propose it again."),
    State.UNDONE: _l("This was undone before. What was owed is owed again; your accounts show it."),
}


@worded("public_debts")
def _public_debts(facts: Facts) -> str:
    return _(
        "%(name)s is a public body: its accountant has to receive and to pay each amount, so nothing is set off. "
        "Pay what you owe, and let what is owed to you be paid.",
        name=facts["name"],
    )


@worded("nothing_to_set_off")
def _nothing_to_set_off(_facts: Facts) -> str:
    return _(
        "You do not owe each other anything that can be set off now: it was paid or set off meanwhile, or a direct "
        "debit is on its way. Look at your accounts again."
    )


@worded("set_off_changed")
def _set_off_changed(facts: Facts) -> str:
    return _(
        "The accounts have moved since you read them: %(amount)s can be set off now. Check it, and confirm again.",
        amount=money(facts["cents"]),
    )


@worded("nothing_to_settle")
def _nothing_to_settle(_facts: Facts) -> str:
    return _(
        "No transfer would be saved by settling with several at once. Pay as usual, or set off what you and another "
        "owe each other."
    )


@worded("already_proposed")
def _already_proposed(facts: Facts) -> str:
    if facts["is_own"]:
        return _("You have a proposal to settle that is still open. Answer or withdraw that one first.")
    return _("One of the parties has just been asked by somebody else. Try again once that is decided.")


@worded("settlement_over")
def _settlement_over(facts: Facts) -> str:
    return over_words(facts["state"])


def over_words(state: str) -> str:
    """Say how a settlement ended, and what can be done instead."""
    return str(_OVER[state])


@worded("agreed_by_all")
def _agreed_by_all(_facts: Facts) -> str:
    return _(
        "All parties have agreed to this, so none of them undoes it alone. Where something was charged by mistake, "
        "have that charge taken back: it becomes an advance."
    )


@worded("set_off_used")
def _set_off_used(_facts: Facts) -> str:
    return _(
        "Something of this was given back in money since, so it cannot be undone. "
        "Note what is paid from now on instead."
    )


@worded("other_answer")
def _other_answer(facts: Facts) -> str:
    if facts["is_own"]:
        return _("You have proposed this settlement yourself. Withdraw it instead.")
    return _("Only who has proposed this settlement withdraws it. Refuse it instead.")
