"""What is written into the books, and on whose side: every posting is a line of one table. Pure (docs/money.md).

Each organisation has accounts of its own, and its legs balance by themselves. A leg above zero is a debit.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Account(StrEnum):
    """An account in the books of one organisation; most of them are kept by counterparty."""

    RECEIVABLE = "receivable"
    INCOME = "income"
    PAYABLE = "payable"
    EXPENSE = "expense"
    CLEARING = "clearing"  # paid on line, and not yet on the bank account
    CASH = "cash"  # bank, cheques, notes and coins
    ADVANCE_RECEIVED = "advance_received"  # paid, and meant for nothing that is due
    ADVANCE_PAID = "advance_paid"
    DISPUTED_IN = "disputed_in"  # taken back by the bank of who paid, until it is decided
    DISPUTED_OUT = "disputed_out"
    FEE = "fee"
    OFFSET = "offset"  # what debts are set off against each other by: each organisation's comes to nothing
    DEPOSIT_HELD = "deposit_held"  # handed over before a use, and to be given back
    DEPOSIT_GIVEN = "deposit_given"


# What one organisation has against another is what the other has against it, with the sign turned.
MIRRORS: Final = (
    (Account.RECEIVABLE, Account.PAYABLE),
    (Account.INCOME, Account.EXPENSE),
    (Account.ADVANCE_RECEIVED, Account.ADVANCE_PAID),
    (Account.DISPUTED_IN, Account.DISPUTED_OUT),
    (Account.DEPOSIT_HELD, Account.DEPOSIT_GIVEN),
)


class EntryKind(StrEnum):
    """What happened."""

    CHARGE = "charge"
    CREDIT = "credit"
    PAYMENT = "payment"
    ALLOCATION = "allocation"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_REPAID = "dispute_repaid"
    FEE = "fee"
    PAYOUT = "payout"
    DEPOSIT_RECEIVED = "deposit_received"
    DEPOSIT_RETURNED = "deposit_returned"


class Method(StrEnum):
    """How money came."""

    CARD = "card"
    SEPA = "sepa_debit"
    TRANSFER = "transfer"
    CHEQUE = "cheque"
    CASH = "cash"
    MANDAT = "mandat"
    PAYFIP = "payfip"
    OFFSET = "offset"  # no money: a debt the other way round is taken for it

    @property
    def account(self) -> Account:
        """Where the payee has it: what is paid on line arrives later."""
        if self is Method.OFFSET:
            return Account.OFFSET
        return Account.CLEARING if self in (Method.CARD, Method.SEPA) else Account.CASH

    @property
    def payer_account(self) -> Account:
        """Where the payer has it from."""
        return Account.OFFSET if self is Method.OFFSET else Account.CASH


class Pair(NamedTuple):
    """Who owes, and to whom: all that is owed and paid between two, in this direction."""

    payer_id: int
    payee_id: int


class Leg(NamedTuple):
    """So many cents on one account of one organisation."""

    organisation_id: int
    account: Account
    counterparty_id: int | None
    cents: int


Move = tuple[Account, Account]  # to the debit of the first, to the credit of the second


@dataclass(frozen=True)
class Posting:
    """What an amount moves in the books of the payee, and in those of the payer."""

    payee: Move
    payer: Move | None = None

    def back(self) -> "Posting":
        """Take the same back: nothing that is written is ever changed."""
        turned = (self.payer[1], self.payer[0]) if self.payer else None
        return Posting((self.payee[1], self.payee[0]), turned)

    def legs(self, pair: Pair, cents: int) -> list[Leg]:
        """Write the legs of an amount (none for nothing)."""
        if not cents:
            return []
        if self.payer is None:
            return _legs(pair.payee_id, None, self.payee, cents)
        payee = _legs(pair.payee_id, pair.payer_id, self.payee, cents)
        return payee + _legs(pair.payer_id, pair.payee_id, self.payer, cents)


def _legs(organisation_id: int, counterparty_id: int | None, move: Move, cents: int) -> list[Leg]:
    debit, credit = move
    return [
        Leg(organisation_id, debit, counterparty_id, cents),
        Leg(organisation_id, credit, counterparty_id, -cents),
    ]


CHARGED: Final = Posting((Account.RECEIVABLE, Account.INCOME), (Account.EXPENSE, Account.PAYABLE))
CREDITED: Final = CHARGED.back()
ALLOCATED: Final = Posting(
    (Account.ADVANCE_RECEIVED, Account.RECEIVABLE), (Account.PAYABLE, Account.ADVANCE_PAID)
)
FREED: Final = ALLOCATED.back()
LOST: Final = Posting(
    (Account.ADVANCE_RECEIVED, Account.DISPUTED_IN), (Account.DISPUTED_OUT, Account.ADVANCE_PAID)
)
PAID_OUT: Final = Posting((Account.CASH, Account.CLEARING))
# What is owed in the place of other debts is no income and no expense: these were charged before.
TAKEN_OVER: Final = Posting((Account.RECEIVABLE, Account.OFFSET), (Account.OFFSET, Account.PAYABLE))
SETTLEMENT: Final = "settlement"  # the kind of subject of such a charge
GOODS: Final = "surplus"  # … of goods that are sold, and no use of a resource
WITHHELD: Final = "deposit"  # … and of what is withheld of a deposit: it mends a harm


def charged(subject_kind: str) -> Posting:
    """Tell what being charged for something moves."""
    return TAKEN_OVER if subject_kind == SETTLEMENT else CHARGED


DEPOSITED: Final = Posting((Account.CASH, Account.DEPOSIT_HELD), (Account.DEPOSIT_GIVEN, Account.CASH))


def received(method: Method) -> Posting:
    """Money has come; what it is for is another posting (ALLOCATED), and what lies between cancels out."""
    return Posting((method.account, Account.ADVANCE_RECEIVED), (Account.ADVANCE_PAID, method.payer_account))


def given_back(method: Method) -> Posting:
    """Money goes back; of what was set off, too, it is money."""
    return received(Method.TRANSFER if method is Method.OFFSET else method).back()


def withdrawn(method: Method) -> Posting:
    """The bank of the payer has taken money back, for now."""
    return Posting((Account.DISPUTED_IN, method.account), (Account.CASH, Account.DISPUTED_OUT))


def fee_taken(method: Method) -> Posting:
    """Whoever carries the money keeps a fee, at the payee's expense."""
    return Posting((Account.FEE, method.account))


def merged(legs: Iterable[Leg]) -> list[Leg]:
    """Add up the legs on one account; what cancels out is not written."""
    cents: Counter[tuple[int, Account, int | None]] = Counter()
    for leg in legs:
        cents[leg[:3]] += leg.cents
    return [Leg(*where, total) for where, total in cents.items() if total]
