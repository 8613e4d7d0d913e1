"""Which ways of paying there are between two: public accountants take no cash here, and pay by orders of their own."""

from collections.abc import Iterable
from typing import Final

from flask_babel import LazyString

from app.accounts.models import LegalNature, Organisation
from app.payments.books.postings import Method
from app.payments.paying_words import METHODS

BY_HAND: Final = (Method.TRANSFER, Method.CHEQUE, Method.CASH, Method.MANDAT, Method.PAYFIP)
SENT: Final = (Method.TRANSFER, Method.CHEQUE, Method.MANDAT)
OFFERED: Final = (Method.TRANSFER, Method.CHEQUE, Method.CASH, Method.PAYFIP)
BACK: Final = (Method.TRANSFER, Method.CHEQUE, Method.CASH)

Choices = list[tuple[str, LazyString]]


def is_public(organisation: Organisation) -> bool:
    """Tell whether an accountant of the State receives and pays for it."""
    return organisation.legal_nature == LegalNature.PUBLIC


def is_possible(method: Method, payer: Organisation | None, payee: Organisation | None) -> bool:
    """Tell whether one may pay the other so; of who is not known yet, everything is possible."""
    match method:
        case Method.CASH:  # only a public accountant takes and gives cash for a public body
            return not any(each is not None and is_public(each) for each in (payer, payee))
        case Method.MANDAT:
            return payer is None or is_public(payer)
        case Method.PAYFIP:
            return payee is None or is_public(payee)
        case _:
            return True


def choices(
    methods: Iterable[Method], *, payer: Organisation | None = None, payee: Organisation | None = None
) -> Choices:
    """Offer the ways in which one may pay the other."""
    return [(each.value, METHODS[each]) for each in methods if is_possible(each, payer, payee)]
