"""What a cost looks like now: as it was charged, or as it would be if it were charged as things stand."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.infra.db import db
from app.payments.models import Charge, ChargeLine, ChargeShare, CostParty, CostPlan, Due, PartyState
from app.payments.queries import dues_of
from app.payments.service.charges import NewLine
from app.payments.service.envelopes import subsidies_of
from app.payments.service.plans import envelopes_on, hold_keys_of, holds_of, promised_by
from app.payments.service.reckoning import foreseen_of, lines_of, missing_of, shared, tariff_of
from app.payments.splits.splitting import Role, Share
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.tariff import Meter
from app.payments.tariffs.told import Told, Why


@dataclass(frozen=True)
class SeenLine:
    """A line of a cost, as it is shown."""

    label: str
    meter: Meter
    quantity_milli: int
    unit_cents: int
    coefficient_bp: int
    cents: int
    in_kind_cents: int
    waiver_reason: str
    foreseen_milli: int | None = None  # what is expected of its meter, which nobody has read yet


@dataclass(frozen=True)
class Outlook:
    """Lines, who bears how much of them, and what is owed of it once it was charged.

    `missing` are the meters that nobody has read, `foreseen` what is expected of them, in thousandths, which the lines
    count; `held_cents` is what envelopes have promised.
    """

    lines: tuple[SeenLine, ...]
    shares: tuple[Share, ...]
    currency: str
    missing: tuple[Meter, ...] = ()
    foreseen: Mapping[Meter, int] = field(default_factory=dict)
    held_cents: int = 0
    dues: tuple[Due, ...] = ()

    @property
    def cents(self) -> int:
        """What it comes to."""
        return sum(line.cents for line in self.lines)

    @property
    def in_kind_cents(self) -> int:
        """What is given rather than paid."""
        return sum(line.in_kind_cents for line in self.lines)

    @property
    def total(self) -> "Total":
        """What it comes to, in short."""
        is_open = any(meter not in self.foreseen for meter in self.missing)
        return Total(self.cents, self.in_kind_cents, self.currency, is_open, bool(self.foreseen))


@dataclass(frozen=True)
class Total:
    """What something comes to, whoever bears it: to pay and given.

    `is_open` where something is measured afterwards of which nothing is expected; `is_foreseen` where what is expected
    counts meanwhile.
    """

    cents: int
    in_kind_cents: int
    currency: str
    is_open: bool = False
    is_foreseen: bool = False


def totals_of(planned: Iterable[tuple[CostPlan, Told]]) -> list[Total]:
    """Tell what each of several plans comes to, in their order: as it was charged, or would be as things stand."""
    both = list(planned)
    charged = _charged_totals(plan.charge_id for plan, _told in both if plan.charge_id is not None)
    return [
        charged[plan.charge_id] if plan.charge_id in charged else _total(plan, told) for plan, told in both
    ]


def total_in(totals: Iterable[Total]) -> Total | None:
    """Add up what comes to one amount; None where there is nothing to add up."""
    each = list(totals)
    if not each:
        return None
    cents, given = sum(one.cents for one in each), sum(one.in_kind_cents for one in each)
    is_open, is_foreseen = any(one.is_open for one in each), any(one.is_foreseen for one in each)
    return Total(cents, given, each[0].currency, is_open, is_foreseen)


def _total(plan: CostPlan, told: Told) -> Total:
    lines = [line.priced for line in lines_of(plan, told)]
    cents, given = sum(line.cents for line in lines), sum(line.in_kind_cents for line in lines)
    foreseen = foreseen_of(plan, told)
    is_open = any(meter not in foreseen for meter in missing_of(plan, told))
    return Total(cents, given, tariff_of(plan).currency, is_open, bool(foreseen))


def _charged_totals(charge_ids: Iterable[int]) -> dict[int | None, Total]:
    ids = set(charge_ids)
    if not ids:
        return {}
    rows = db.session.execute(
        select(Charge.id, Charge.currency, func.sum(ChargeLine.cents), func.sum(ChargeLine.in_kind_cents))
        .join(ChargeLine, ChargeLine.charge_id == Charge.id)
        .where(Charge.id.in_(ids))
        .group_by(Charge.id, Charge.currency)
    )
    return {each: Total(int(cents), int(given), currency) for each, currency, cents, given in rows}


def look_at(plan: CostPlan, told: Told) -> Outlook:
    """Look at a plan; nothing is locked, so what is not charged yet is an estimate."""
    return _charged(plan.charge_id) if plan.charge_id is not None else _estimated(plan, told)


def offered(plan: CostPlan, told: Told, *, after_all: Collection[int] = ()) -> Counter[int]:
    """Tell what each organisation would bear as things stand, if all who were asked said yes; by its id, in cents.

    What a programme pays is left out, and who has declined, unless they say yes `after_all` (ids). It is what whoever
    says yes agrees to: what others have said makes it less only.
    """
    split = shared(
        plan, lines_of(plan, told), subsidies_on(plan, told), as_asked=frozenset({*_asked(plan), *after_all})
    )
    cents = Counter[int]()
    for share in split.shares:
        if share.role is not Role.SUBSIDY:
            cents[share.payer_id] += share.cents
    return cents


def offered_to(plan: CostPlan, told: Told, party: CostParty) -> int:
    """Tell what an organisation would bear if it said yes now, in cents; also one that has declined."""
    return offered(plan, told, after_all=[party.organisation_id])[party.organisation_id]


def _asked(plan: CostPlan) -> set[int]:
    return {each.organisation_id for each in plan.parties if each.state != PartyState.DECLINED}


def subsidies_on(plan: CostPlan, told: Told) -> Collection[Subsidy]:
    """Tell what programmes could pay of a plan as things stand; nothing is locked."""
    envelopes = envelopes_on(plan, told.on).values() if told.why is Why.USED else ()
    return subsidies_of(envelopes, plan.organisation_id, hold_keys_of(plan), promised_by(plan)).values()


def _estimated(plan: CostPlan, told: Told) -> Outlook:
    lines = lines_of(plan, told)
    split = shared(plan, lines, subsidies_on(plan, told))
    held = sum(hold.cents for hold in holds_of(plan))
    missing, foreseen = tuple(missing_of(plan, told)), foreseen_of(plan, told)
    seen = tuple(_seen(line, foreseen) for line in lines)
    return Outlook(seen, split.shares, split.currency, missing, foreseen, held)


def _seen(line: NewLine, foreseen: Mapping[Meter, int]) -> SeenLine:
    priced = line.priced
    return SeenLine(
        priced.label,
        priced.meter,
        priced.quantity_milli,
        priced.unit_cents,
        priced.coefficient_bp,
        priced.cents,
        priced.in_kind_cents,
        line.waiver_reason,
        foreseen.get(priced.meter),
    )


def _charged(charge_id: int) -> Outlook:
    rows = db.session.scalars(select(ChargeLine).filter_by(charge_id=charge_id).order_by(ChargeLine.id)).all()
    lines = [
        SeenLine(
            row.label,
            Meter(row.meter),
            row.quantity_milli,
            row.unit_cents,
            row.coefficient_bp,
            row.cents,
            row.in_kind_cents,
            row.waiver_reason,
        )
        for row in rows
    ]
    dues = tuple(dues_of(charge_id))
    currency = dues[0].currency if dues else "EUR"
    return Outlook(tuple(lines), tuple(_shares(rows)), currency, dues=dues)


def _shares(lines: Iterable[ChargeLine]) -> list[Share]:
    by_id = {line.id: line for line in lines}
    rows = db.session.scalars(
        select(ChargeShare).where(ChargeShare.line_id.in_(by_id)).order_by(ChargeShare.id)
    )
    return [
        Share(
            by_id[row.line_id].key,
            by_id[row.line_id].payee_id,
            row.payer_id,
            row.cents,
            Role(row.role),
            row.envelope_id,
        )
        for row in rows
    ]
