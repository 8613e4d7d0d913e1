"""Words for paying: the ways money goes, how a due stands, what became of what was noted."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.payments.books.postings import Method
from app.web.format import money

METHODS: Final[Mapping[Method, LazyString]] = {
    Method.CARD: _l("Card"),
    Method.SEPA: _l("Direct debit"),
    Method.TRANSFER: _l("Bank transfer"),
    Method.CHEQUE: _l("Cheque"),
    Method.CASH: _l("Cash"),
    Method.MANDAT: _l("Administrative payment order (mandat)"),
    Method.PAYFIP: _l("PayFiP"),
    Method.OFFSET: _l("Set off"),
}
STATES: Final[Mapping[str, tuple[str, LazyString]]] = {  # the badge whose look it has, and its words
    "owed": ("pending", _l("owed")),
    "part": ("pending", _l("paid in part")),
    "paid": ("approved", _l("paid")),
    "credited": ("cancelled", _l("taken back")),
}


def method_words(method: str) -> str:
    """Name a way of paying."""
    return str(METHODS[Method(method)])


_UNREADABLE: Final[Mapping[str, LazyString]] = {
    "size": _l(
        "This file is too large (at most 2,000 lines are read). Take a shorter period, a month for instance."
    ),
    "encoding": _l("This file cannot be read. Export it again from your bank, as CSV or as CAMT.053."),
    "xml": _l("This is no CAMT.053 statement that can be read. Export it again from your bank, or as CSV."),
    "empty": _l("Nothing that came was found in this file. Check its columns, or take another period."),
}


def unreadable_words(reason: str) -> str:
    """Say why a file cannot be read, and what instead."""
    return str(_UNREADABLE[reason])


_WRONG: Final[Mapping[str, LazyString]] = {
    "day": _l("Line %(number)s: its day cannot be read. Note it by hand."),
    "future": _l(
        "Line %(number)s: its day is still to come. Read it in, or note it by hand, once it has come."
    ),
    "amount": _l("Line %(number)s: its amount cannot be read. Note it by hand."),
    "currency": _l("Line %(number)s: it is not in euros. Note by hand what it came to in euros."),
    "batch": _l(
        "Line %(number)s: several have paid it, and how much each of them did is not said. Note each by hand."
    ),
}


def wrong_words(number: int, what: str) -> str:
    """Say what is wrong with a line of a file, and what instead."""
    return str(_WRONG[what]) % {"number": number}


def noted_words(left_cents: int, free_cents: int) -> str:
    """Say what became of a payment that was noted: all is paid, some is still owed, or some is left over."""
    if free_cents:
        return _(
            "Noted. %(amount)s are more than was owed: they are kept as an advance, for what comes.",
            amount=money(free_cents),
        )
    if left_cents:
        return _("Noted. %(amount)s are still owed.", amount=money(left_cents))
    return _("Noted. Nothing is owed any more.")


FILTERS = {"payment_method": method_words}
