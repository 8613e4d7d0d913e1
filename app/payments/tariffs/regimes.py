"""Which regimes of VAT one seller may charge under: what it says of itself and its tariffs have to agree. Pure."""

from collections.abc import Mapping
from typing import Final

from app.payments.tariffs.tariff import VatRegime as V

# What an organisation under a regime may charge: a line under another one contradicts what it says of itself. What is
# outside the scope of VAT (damages) anybody may, on a bill of its own (EN 16931, BR-O-11).
AGREES: Final[Mapping[V, frozenset[V]]] = {
    V.STANDARD: frozenset({V.STANDARD, V.EXEMPT, V.GROUP, V.OUT_OF_SCOPE}),
    V.FRANCHISE: frozenset({V.FRANCHISE, V.EXEMPT, V.GROUP, V.OUT_OF_SCOPE}),
    V.EXEMPT: frozenset({V.EXEMPT, V.GROUP, V.OUT_OF_SCOPE}),
    V.GROUP: frozenset({V.GROUP, V.EXEMPT, V.OUT_OF_SCOPE}),
    V.OUT_OF_SCOPE: frozenset({V.OUT_OF_SCOPE}),
}


def may_charge(said: V, charged: V) -> bool:
    """Tell whether a seller that says one regime of itself may charge under another."""
    return charged in AGREES[said]


def go_together(one: V, other: V) -> bool:
    """Tell whether one seller may charge under both, whatever it says of itself."""
    return any({one, other} <= allowed for allowed in AGREES.values())
