"""The packing list of a group purchase: who gets how much, as a table."""

from collections.abc import Sequence

from flask_babel import gettext as _

from app.infra.tables import as_csv
from app.supply.cargo import KILO, cost_cents
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.rules import LIVE
from app.supply.purchases.words import ORDER_STATES
from app.web.numbers import typed_number


def packing_list(purchase: GroupPurchase, orders: Sequence[PurchaseOrder]) -> str:
    """Write a head and a line for each order that counts, as spreadsheets read them in France."""
    heads = (
        _("Organisation"),
        _("Phone"),
        _("Kilos"),
        _("Packages"),
        _("To pay (€)"),
        _("Message"),
        _("State"),
    )
    return as_csv(heads, (_cells(purchase, each) for each in orders if each.state in LIVE))


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
