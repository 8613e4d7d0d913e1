"""What a page wants to know before anything is asked for: what uses of resources would cost an organisation.

As few statements for a hundred uses as for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from app.accounts.models import Organisation
from app.catalogue.models import Resource, Site
from app.core import clock
from app.core.span import to_wall
from app.infra.db import db
from app.payments import queries
from app.payments.models import Envelope, TariffVersion, TerritoryMoney
from app.payments.service.envelopes import subsidy_of
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.estimating import Estimate, estimate, subsidised, total
from app.payments.tariffs.measures import Use
from app.payments.tariffs.tariff import Tariff


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
    """A tariff in force, and whose the resource is, of which kind and where."""

    version: TariffVersion
    owner_id: int
    territory_id: int
    kind: str
    timezone: str


@dataclass(frozen=True)
class _Helped:
    """A use that something helps to pay: what it is of, and the day whose envelopes pay."""

    priced: _Priced
    use: Use

    @property
    def on(self) -> date:
        start = self.use.stay.span.start if self.use.stay else clock.now()
        return to_wall(start, ZoneInfo(self.priced.timezone)).date()

    def is_helped_by(self, envelope: Envelope) -> bool:
        is_open = envelope.starts_on <= self.on < envelope.ends_on
        return is_open and envelope.programme.is_for(self.priced.kind)


def costs(
    wanted: Sequence[PlannedUse],
    organisation: Organisation | None,
    *,
    at: datetime | None = None,
) -> Costs:
    """Work out what uses would cost by the tariffs in force at an instant (None: now), each charged by itself.

    Nothing is reckoned where money is off, without a tariff, and of what is one's own.
    """
    return costs_apart([wanted], organisation, at=at)[0]


def costs_apart(
    choices: Sequence[Sequence[PlannedUse]],
    organisation: Organisation | None,
    *,
    at: datetime | None = None,
) -> list[Costs]:
    """Work out what each of several choices would cost, of which one will be made.

    Each finds all that programmes could still pay, whatever the others would take of it.
    """
    wanted = [use for choice in choices for use in choice]
    found, plain = _unhelped(wanted, organisation, at or clock.now())
    known = [number for number, each in enumerate(plain) if each is not None]
    subsidies: list[Subsidy] = []
    payers: dict[int, str] = {}
    if organisation and any(each and each.cents for each in plain):
        helped = [_Helped(found[wanted[number].resource_id], wanted[number].use) for number in known]
        subsidies, payers = _subsidies(helped, organisation)
    lines = {number: str(place) for place, number in enumerate(known)}
    apart, begin = [], 0
    for choice in choices:
        own = range(begin, begin + len(choice))
        begin += len(choice)
        apart.append(Costs(_borne_apart([(plain[n], lines.get(n, "")) for n in own], subsidies), payers))
    return apart


def _borne_apart(
    uses: Sequence[tuple[Estimate | None, str]], subsidies: Sequence[Subsidy]
) -> tuple[Estimate | None, ...]:
    """Add what subsidies would bear of some uses, each known to them by its line, as if there were no others."""
    known = [(estimated, line) for estimated, line in uses if estimated is not None]
    theirs = [
        replace(
            each,
            line_ids=frozenset(str(n) for n, (_, line) in enumerate(known) if line in (each.line_ids or ())),
        )
        for each in subsidies
    ]
    borne = iter(subsidised([estimated for estimated, _line in known], theirs))
    return tuple(next(borne) if estimated is not None else None for estimated, _line in uses)


class Payable(NamedTuple):
    """By which tariff a resource is paid for, whom (id), and of which kind it is."""

    tariff: Tariff
    owner_id: int
    kind: str


def payables_of(resource_ids: set[int], at: datetime) -> dict[int, Payable]:
    """Read the tariffs in force at an instant, and who is paid by them; absent where nothing is reckoned."""
    return {
        number: Payable(tariff, each.owner_id, each.kind)
        for number, each in _tariffs(resource_ids, at).items()
        if (tariff := each.version.tariff) is not None
    }


def tariffs_for(resource_ids: set[int], organisation: Organisation, at: datetime) -> dict[int, Tariff]:
    """Read the tariffs by which an organisation would pay at an instant: none for what is its own."""
    found = payables_of(resource_ids, at).items()
    return {number: each.tariff for number, each in found if each.owner_id != organisation.id}


def _unhelped(
    wanted: Sequence[PlannedUse], organisation: Organisation | None, at: datetime
) -> tuple[dict[int, _Priced], list[Estimate | None]]:
    """Read the tariffs of uses, and work out what each would cost if no programme helped."""
    found = _tariffs({each.resource_id for each in wanted}, at)
    priority = organisation.priority_class if organisation else ""
    return found, [_estimate(each, found.get(each.resource_id), organisation, priority) for each in wanted]


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
        select(TariffVersion, Site.owner_id, Resource.territory_id, Resource.kind, Site.timezone)
        .join(Resource, Resource.id == TariffVersion.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .join(
            TerritoryMoney,
            and_(TerritoryMoney.territory_id == Resource.territory_id, TerritoryMoney.is_on),
        )
        .where(TariffVersion.resource_id.in_(resource_ids), TariffVersion.starts_at <= at)
    )
    rows = db.session.execute(begun.order_by(TariffVersion.number))
    return {row[0].resource_id: _Priced(*row) for row in rows if row[0].resource_id}


def _subsidies(helped: Sequence[_Helped], organisation: Organisation) -> tuple[list[Subsidy], dict[int, str]]:
    """Read what programmes could still pay for an organisation, each for the uses of its kinds in its period."""
    days = [each.on for each in helped]
    territory_id = helped[0].priced.territory_id
    envelopes = queries.open_envelopes(territory_id, min(days), max(days), but_of=organisation.id)
    subsidies = [
        replace(subsidy_of(envelope, organisation.id), line_ids=_lines_of(envelope, helped))
        for envelope in envelopes
    ]
    payers = (envelope.programme.organisation for envelope in envelopes)
    return subsidies, {payer.id: payer.name for payer in payers}


def _lines_of(envelope: Envelope, helped: Sequence[_Helped]) -> frozenset[str]:
    return frozenset(str(number) for number, each in enumerate(helped) if each.is_helped_by(envelope))
