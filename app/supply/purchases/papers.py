"""The packing list of a group purchase: who gets how much, as a table."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from flask_babel import gettext as _

from app.supply.cargo import KILO
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import LIVE, cost_cents
from app.supply.purchases.words import ORDER_STATES
from app.web.numbers import typed_number

_FORMULAS: Final = tuple("=+-@\t\r")


def packing_list(purchase: GroupPurchase, orders: Sequence[PurchaseOrder]) -> str:
    """Write a head and a line for each order that counts, as spreadsheets read them in France."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    heads = (
        _("Organisation"),
        _("Phone"),
        _("Kilos"),
        _("Packages"),
        _("To pay (€)"),
        _("Message"),
        _("State"),
    )
    sheet.writerow(heads)
    for each in orders:
        if each.state in LIVE:
            sheet.writerow([_harmless(cell) for cell in _cells(purchase, each)])
    return f"\ufeff{out.getvalue()}"  # by which spreadsheets know the encoding


def _cells(purchase: GroupPurchase, order: PurchaseOrder) -> tuple[str, ...]:
    return (
        order.organisation.name,
        order.organisation.phone,
        typed_number(order.grams / KILO),
        str(purchase.cargo(order.grams).packages),
        typed_number(cost_cents(order.grams, purchase.price_cents) / 100, 2),
        order.message,
        str(ORDER_STATES[order.state][1]),
    )


def _harmless(words: str) -> str:
    """Keep a spreadsheet from taking words for a formula."""
    return f"'{words}" if words.startswith(_FORMULAS) else words
