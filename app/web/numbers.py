"""Numbers as people type them in forms: read with a comma or a point, shown again as their language writes them."""

from decimal import Decimal, InvalidOperation

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale

_SPACES = {ord(space): None for space in " \u00a0\u202f\u2009\t"}
_WIDEST = 12  # digits before or after the mark: what has more is a slip


def read_number(typed: str) -> Decimal | None:
    """Read "3,5", "3.5", "1 200" or "−18", kept exact; None for what is no number."""
    try:
        number = Decimal(typed.translate(_SPACES).replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _WIDEST else None


def typed_number(number: Decimal | float, decimals: int | None = None) -> str:
    """Write a number as it would be typed, without spaces: "3,5", with so many `decimals` "12,00"."""
    exact = Decimal(str(number))
    written = f"{exact:f}".removesuffix(".0") if decimals is None else f"{exact:.{decimals}f}"
    return written.replace(".", get_decimal_symbol(get_locale() or "fr"))
