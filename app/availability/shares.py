"""Reads of quotas: which organisations have how much of which resources."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from app.availability.models import Quota, QuotaTerms
from app.availability.sharing import Quotas
from app.infra.uow import connection

SHARES = (
    select(Quota.resource_id, Quota.organisation_id, Quota.qty, QuotaTerms.lend_days, QuotaTerms.recall_hours)
    .join(QuotaTerms, QuotaTerms.resource_id == Quota.resource_id)
    .where(Quota.resource_id.in_(bindparam("resources", expanding=True)))
    .order_by(Quota.resource_id, Quota.organisation_id)
)


def quotas_of(resource_ids: Collection[int]) -> Mapping[int, Quotas]:
    """Read the quotas of resources, by id; those without any are absent."""
    if not resource_ids:
        return {}
    rows: list[Any] = list(connection().execute(SHARES, {"resources": list(resource_ids)}))
    shares: dict[int, dict[int, int]] = {}
    for resource_id, organisation_id, qty, _lend, _recall in rows:
        shares.setdefault(resource_id, {})[organisation_id] = qty
    return {row.resource_id: Quotas(shares[row.resource_id], row.lend_days, row.recall_hours) for row in rows}
