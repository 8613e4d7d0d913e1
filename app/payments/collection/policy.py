"""Who sends what to a public accountant."""

from enum import StrEnum
from typing import Any

from app.accounts.models import LegalNature
from app.core.policy import Actor, Table
from app.payments.policy import keeps_accounts


class CollectionPermission(StrEnum):
    """What can be asked of this room."""

    COLLECT = "money.collect"


def is_public(_actor: Actor, organisation: Any) -> bool:
    """Hold for public bodies: others receive their money themselves."""
    return bool(organisation.legal_nature == LegalNature.PUBLIC)


TABLE: Table = {CollectionPermission.COLLECT: [[keeps_accounts, is_public]]}
