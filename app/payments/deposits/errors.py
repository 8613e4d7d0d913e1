"""Why a deposit cannot be asked for, received or withheld."""

from app.core.errors import Invalid


class BadDeposit(Invalid):
    """Something about a deposit cannot be: `reason` is amount, public_cash, method, or too_much (`most` in cents)."""

    code = "bad_deposit"
