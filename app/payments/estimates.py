"""What a page wants to know before anything is asked for: what uses of resources would cost an organisation.

As few statements for a hundred uses as for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from app.accounts.models import Organisation
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.span import to_wall
from app.infra.db import db
from app.payments import queries
from app.payments.models import TariffVersion, TerritoryMoney
from app.payments.service.envelopes import subsidy_of
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.estimating import Estimate, estimate, subsidised, total
from app.payments.tariffs.measures import Use


@dataclass(frozen=True)
class PlannedUse:
    """One use of a resource that somebody thinks of."""

    resource_id: int
    use: Use


@dataclass(frozen=True)
class Costs:
    """What each of several uses would cost, None where nothing is reckoned; and who would bear a part of it."""

    each: tuple[Estimate | None, ...] = ()
    payers: dict[int, str] = field(default_factory=dict)  # names of subsidisers, by organisation

    @property
    def all(self) -> Estimate | None:
        """What all of them come to; None where nothing is reckoned."""
        known = [found for found in self.each if found is not None]
        return total(known) if known else None


@dataclass(frozen=True)
class _Priced:
    """A tariff in force, and whose the resource is."""

    version: TariffVersion
    owner_id: int
    territory_id: int


def costs(
    wanted: Sequence[PlannedUse],
    organisation: Organisation | None,
    *,
    at: datetime | None = None,
    is_one_charge: bool = True,
) -> Costs:
    """Work out what uses would cost by the tariffs in force at an instant (None: now), charged together or each alone.

    Nothing is reckoned where money is off, without a tariff, and of what is one's own.
    """
    found = _tariffs({each.resource_id for each in wanted}, at or clock.now())
    priority = organisation.priority_class if organisation else ""
    plain = [_estimate(each, found.get(each.resource_id), organisation, priority) for each in wanted]
    known = [number for number, each in enumerate(plain) if each is not None]
    if not (organisation and any(each and each.cents for each in plain)):
        return Costs(tuple(plain))
    territory_id = next(iter(found.values())).territory_id
    subsidies, payers = _subsidies(territory_id, organisation)
    borne = subsidised([each for each in plain if each is not None], subsidies, is_one_charge=is_one_charge)
    for number, each in zip(known, borne, strict=True):
        plain[number] = each
    return Costs(tuple(plain), payers)


def _estimate(
    wanted: PlannedUse, priced: _Priced | None, organisation: Organisation | None, priority: str
) -> Estimate | None:
    tariff = priced.version.tariff if priced else None
    if priced is None or tariff is None or (organisation and organisation.id == priced.owner_id):
        return None
    return estimate(tariff, [wanted.use], priority)


def _tariffs(resource_ids: set[int], at: datetime) -> dict[int, _Priced]:
    """Read the tariffs in force where money is on, and whose the resources are, in one statement."""
    if not resource_ids:
        return {}
    begun = (
        select(TariffVersion, Site.owner_id, Resource.territory_id)
        .join(Resource, Resource.id == TariffVersion.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .join(
            TerritoryMoney,
            and_(TerritoryMoney.territory_id == Resource.territory_id, TerritoryMoney.is_on),
        )
        .where(TariffVersion.resource_id.in_(resource_ids), TariffVersion.starts_at <= at)
    )
    rows = db.session.execute(begun.order_by(TariffVersion.number))
    return {version.resource_id: _Priced(version, owner, territory) for version, owner, territory in rows}


def _subsidies(territory_id: int, organisation: Organisation) -> tuple[list[Subsidy], dict[int, str]]:
    """Read what programmes of a territory could still pay for an organisation from the envelopes open today, there."""
    today = to_wall(clock.now(), ZoneInfo(organisation.territory.timezone)).date()
    envelopes = queries.open_envelopes(territory_id, today, but_of=organisation.id)
    subsidies = [subsidy_of(envelope, organisation.id) for envelope in envelopes]
    payers = (envelope.programme.organisation for envelope in envelopes)
    return subsidies, {payer.id: payer.name for payer in payers}
