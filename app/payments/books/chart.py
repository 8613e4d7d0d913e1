"""The books in the words of French accountants: the account of each leg, and what each entry was (docs/money.md).

Numbers and names are those of the *plan comptable général* since 2025 (règlement ANC 2014-03), which that of
associations (ANC 2018-06) does not change here; a sixth digit above zero is a part of an account that we name.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from app.payments.books.postings import GOODS, WITHHELD, Account, EntryKind
from app.payments.queries import BookLine


class Place(NamedTuple):
    """An account: its number and name in the French chart, and its name for beancount."""

    number: str
    name: str
    beancount: str


CHART: Final[Mapping[Account, Place]] = {
    Account.RECEIVABLE: Place("411000", "Clients", "Assets:Receivable"),
    Account.INCOME: Place("706000", "Prestations de services", "Income:Services"),
    Account.PAYABLE: Place("401000", "Fournisseurs", "Liabilities:Payable"),
    Account.EXPENSE: Place("613000", "Locations", "Expenses:Services"),
    Account.CLEARING: Place("511700", "Paiements en ligne à recevoir", "Assets:Clearing"),
    Account.CASH: Place("512000", "Banque", "Assets:Bank"),
    Account.ADVANCE_RECEIVED: Place("419100", "Clients – avances reçues", "Liabilities:AdvancesReceived"),
    Account.ADVANCE_PAID: Place("409100", "Fournisseurs – avances versées", "Assets:AdvancesPaid"),
    Account.DISPUTED_IN: Place("416000", "Clients douteux ou litigieux", "Assets:Disputed"),
    Account.DISPUTED_OUT: Place(
        "468000", "Divers comptes créditeurs et charges à payer", "Liabilities:Disputed"
    ),
    Account.OFFSET: Place("467200", "Compensations", "Assets:Offset"),
    Account.FEE: Place("627000", "Services bancaires", "Expenses:Fees"),
    Account.DEPOSIT_HELD: Place("165000", "Dépôts et cautionnements reçus", "Liabilities:Deposits"),
    Account.DEPOSIT_GIVEN: Place("275000", "Dépôts et cautionnements versés", "Assets:Deposits"),
}
# What is withheld of a deposit mends a harm: it is neither a sale nor a rent.
HARM: Final[Mapping[Account, Place]] = {
    Account.INCOME: Place("758000", "Indemnités et autres produits", "Income:Damages"),
    Account.EXPENSE: Place("658000", "Pénalités et autres charges", "Expenses:Damages"),
}
SALE: Final[Mapping[Account, Place]] = {
    Account.INCOME: Place("707000", "Ventes de marchandises", "Income:Goods"),
    Account.EXPENSE: Place("607000", "Achats de marchandises", "Expenses:Goods"),
}
_OWN: Final[Mapping[str, Mapping[Account, Place]]] = {WITHHELD: HARM, GOODS: SALE}
KINDS: Final[Mapping[EntryKind, str]] = {
    EntryKind.CHARGE: "Mise à disposition",
    EntryKind.CREDIT: "Annulation ou réduction",
    EntryKind.PAYMENT: "Paiement",
    EntryKind.ALLOCATION: "Avance utilisée",
    EntryKind.REFUND: "Remboursement",
    EntryKind.REFUND_FAILED: "Remboursement revenu",
    EntryKind.DISPUTE_OPENED: "Paiement contesté",
    EntryKind.DISPUTE_WON: "Contestation gagnée",
    EntryKind.DISPUTE_LOST: "Contestation perdue",
    EntryKind.DISPUTE_REPAID: "Contestation, trop-perçu rendu",
    EntryKind.FEE: "Frais de paiement en ligne",
    EntryKind.PAYOUT: "Virement des paiements en ligne",
    EntryKind.DEPOSIT_RECEIVED: "Caution reçue",
    EntryKind.DEPOSIT_RETURNED: "Caution rendue",
}
OF_DEPOSITS: Final[Mapping[EntryKind, str]] = {
    EntryKind.CHARGE: "Retenue sur caution",
    EntryKind.CREDIT: "Retenue sur caution, annulation ou réduction",
}
OF_GOODS: Final[Mapping[EntryKind, str]] = {
    EntryKind.CHARGE: "Vente de denrées",
    EntryKind.CREDIT: "Vente de denrées, annulation ou réduction",
}
SET_OFF: Final[Mapping[EntryKind, str]] = {
    EntryKind.CHARGE: "Dette reprise par un règlement groupé",
    EntryKind.PAYMENT: "Compensation",
    EntryKind.REFUND: "Compensation annulée",
}
_SAID: Final[Mapping[str, Mapping[EntryKind, str]]] = {WITHHELD: OF_DEPOSITS, GOODS: OF_GOODS}
WITH_VAT: Final = "TTC, TVA non ventilée"  # there is no account of VAT in these books


def place(line: BookLine) -> Place:
    """Tell on which account of the chart a leg is."""
    return _OWN.get(line.subject, {}).get(line.account) or CHART[line.account]


def words(line: BookLine) -> str:
    """Say what happened, and where VAT is within the amount: nobody should take such books for VAT apart."""
    kind = EntryKind(line.entry.kind)
    own = SET_OFF if line.is_set_off else _SAID.get(line.subject, {})
    said = own.get(kind) or KINDS[kind]
    return f"{said} ({WITH_VAT})" if line.has_vat else said
