"""Why a deposit cannot be asked for, received or withheld."""

from app.core.errors import Invalid


class BadDeposit(Invalid):
    """Something about a deposit cannot be: `reason` is amount, public_cash, method, too_much (`most` in cents), or
    too_soon (what it is for has not begun).
    """

    code = "bad_deposit"
