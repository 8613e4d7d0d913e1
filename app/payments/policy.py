"""Who may do what with money.

Subjects: a resource or site for `SET_TARIFF`, a territory (or anything in one) for `SWITCH` and `SUBSIDISE`, an
organisation for `SEE_ACCOUNTS` and `KEEP_ACCOUNTS`.
"""

from enum import StrEnum
from typing import Any

from app.accounts.policy import coordinates as coordinates_territory
from app.catalogue.policy import administers_owner, coordinates, manages
from app.core.policy import Actor, Table, platform_admin


class MoneyPermission(StrEnum):
    """What can be asked of the room of money."""

    SWITCH = "money.switch"  # whether a territory reckons with money at all
    SET_TARIFF = "money.set_tariff"
    SEE_ACCOUNTS = "money.see_accounts"
    SUBSIDISE = "money.subsidise"  # programmes and their budgets
    KEEP_ACCOUNTS = "money.keep_accounts"  # promise, pay, note what came, say how to be paid


def keeps_accounts(actor: Actor, organisation: Any) -> bool:
    """Hold for the treasurers and administrators of the organisation: managing its site is not enough."""
    return actor.keeps_accounts_of(organisation.id)


TABLE: Table = {
    MoneyPermission.SWITCH: [[coordinates_territory], [platform_admin]],
    MoneyPermission.SUBSIDISE: [[coordinates_territory], [platform_admin]],
    MoneyPermission.SET_TARIFF: [[manages], [administers_owner], [coordinates], [platform_admin]],
    MoneyPermission.SEE_ACCOUNTS: [[keeps_accounts]],
    MoneyPermission.KEEP_ACCOUNTS: [[keeps_accounts]],
}
