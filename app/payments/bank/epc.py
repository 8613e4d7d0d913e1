"""The code of a transfer, which banks' applications read (EPC069-12): holder, account, amount and reference."""

from decimal import Decimal
from typing import Final

import segno
import segno.helpers

MOST_CENTS: Final = 99_999_999_999
LONGEST_NAME: Final = 70


def epc_code(holder: str, iban: str, bic: str, cents: int, reference: str) -> segno.QRCode | None:
    """Give the code; None of an amount that is none, and of what does not fit: the words beside it say all.

    A name may have more letters than the code has bytes for.
    """
    if not 0 < cents <= MOST_CENTS:
        return None
    try:
        return segno.helpers.make_epc_qr(
            name=holder[:LONGEST_NAME],
            iban=iban,
            bic=bic or None,
            amount=Decimal(cents) / 100,
            text=reference,
        )
    except ValueError:
        return None
