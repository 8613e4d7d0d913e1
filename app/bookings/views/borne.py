"""Who bears how much of several costs, and whom it is paid to: as it is planned, or before anything is asked for."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from flask_babel import gettext as _

from app.accounts.queries import organisation_names
from app.payments.splits.splitting import Role, Share
from app.web.format import money


class Borne(NamedTuple):
    """What one bears of what is paid to another; `total` is all it bears, on the last line of who pays several."""

    payer: str
    payee: str
    amount: str
    is_own: bool
    total: str = ""


def borne_rows(shares: Iterable[Share], currency: str) -> list[Borne]:
    """Add up who bears how much, by whom it is paid to."""
    cents, borne, payees = Counter[tuple[int, int]](), Counter[int](), Counter[int]()
    for share in shares:
        cents[share.payer_id, share.payee_id] += share.cents
        borne[share.payer_id] += share.cents
    payees.update(payer for payer, _payee in cents)
    names = organisation_names({each for pair in cents for each in pair})
    rows = []
    for payer, payee in sorted(cents, key=lambda pair: (names[pair[0]], pair[0], names[pair[1]], pair[1])):
        payees[payer] -= 1
        is_last = not payees[payer] and borne[payer] != cents[payer, payee]
        total = money(borne[payer], currency) if is_last else ""
        amount = money(cents[payer, payee], currency)
        rows.append(Borne(names[payer], names[payee], amount, payer == payee, total))
    return rows


def borne_words(shares: Iterable[Share], currency: str) -> list[str]:
    """Say who would bear how much of something by its key; nothing where one alone bears it, or nobody does."""
    cents = Counter[int]()
    for share in shares:
        if share.role is not Role.SUBSIDY:
            cents[share.payer_id] += share.cents
    if len(cents) <= 1:
        return []
    names = organisation_names(set(cents))
    parts = sorted(f"{names[payer]} {money(amount, currency)}" for payer, amount in cents.items())
    return [_("Shared, once each has said yes: %(parts)s", parts=", ".join(parts))]
