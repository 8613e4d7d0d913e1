"""Who sets up an organisation's account at Stripe. Paying needs no permission: whoever has the link may pay."""

from enum import StrEnum
from typing import Any

from app.accounts.models import LegalNature
from app.accounts.policy import administers, is_active
from app.core.policy import Actor, Table


class StripePermission(StrEnum):
    """What can be asked of this room."""

    RECEIVE = "stripe.receive"  # set up the organisation's own account


def may_be_paid_online(_actor: Actor, organisation: Any) -> bool:
    """Hold for every organisation but public bodies: only a public accountant handles their money."""
    return bool(organisation.legal_nature != LegalNature.PUBLIC)


TABLE: Table = {StripePermission.RECEIVE: [[administers, is_active, may_be_paid_online]]}
