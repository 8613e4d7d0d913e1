"""What a plan comes to: its lines at the promised tariff, and who bears how much of each as agreed so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from app.core.money import MILLI, WHOLE_BP
from app.payments.models import CostPlan, PartyState
from app.payments.service.charges import NewLine
from app.payments.splits.keys import KeyKind
from app.payments.splits.parties import Party, Terms
from app.payments.splits.splitting import Split, split
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.measures import COUNTED, Use
from app.payments.tariffs.pricing import PricedLine, cents_of, price, waived
from app.payments.tariffs.tariff import Meter, Tariff, When
from app.payments.tariffs.told import Told, Why
from app.payments.tariffs.unpriced import NO_PRICE, unpriced

_NOTHING: Final = Use()


def tariff_of(plan: CostPlan, use: Use = _NOTHING) -> Tariff:
    """Read the tariff that was promised; where that is none, how much is used is still counted."""
    return plan.tariff.tariff or unpriced(use)


def terms_of(plan: CostPlan, *, as_asked: frozenset[int] | None = None) -> Terms:
    """Read how a plan is shared: as agreed so far, or as if these organisations had said yes (ids)."""
    parties = tuple(
        Party(
            each.organisation_id,
            each.weight,
            each.ceiling_cents,
            has_agreed=each.state == PartyState.ACCEPTED
            if as_asked is None
            else each.organisation_id in as_asked,
        )
        for each in plan.parties
    )
    return Terms(plan.organisation_id, KeyKind(plan.key_kind), parties, plan.residual_payer_id)


def counted_by(plan: CostPlan) -> list[Meter]:
    """List the meters of the tariff that somebody has to read, in the order of its lines."""
    return [*dict.fromkeys(line.meter for line in tariff_of(plan).lines if line.meter in COUNTED)]


def missing_of(plan: CostPlan, told: Told) -> list[Meter]:
    """List the meters that nobody has read yet; of what was not used, nothing has to be measured."""
    if told.why is not Why.USED:
        return []
    use = _measured(plan, told.use)
    return [meter for meter in counted_by(plan) if getattr(use, COUNTED[meter]) is None]


def foreseen_of(plan: CostPlan, told: Told) -> dict[Meter, int]:
    """Tell what is expected of the meters that nobody has read yet, in thousandths, as far as that is known."""
    return {meter: told.forecast[meter] for meter in missing_of(plan, told) if meter in told.forecast}


def known_use(plan: CostPlan, told: Told) -> Use:
    """Say what is used as far as that is known: what was measured, and what is expected of meters nobody has read."""
    return expecting(_measured(plan, told.use), foreseen_of(plan, told))


def expecting(use: Use, forecast: Mapping[Meter, int]) -> Use:
    """Fill in what meters are expected to count, in thousandths."""
    known: dict[str, Any] = {COUNTED[meter]: milli for meter, milli in forecast.items()}
    return replace(use, **known)


def lines_of(plan: CostPlan, told: Told) -> tuple[NewLine, ...]:
    """Work out what it comes to, line by line.

    What nobody has measured (see `missing_of`) counts as what is expected of it, and as nothing where nothing is.
    """
    tariff = tariff_of(plan, told.use)
    priced = price(tariff, [_with_zeros(known_use(plan, told))], plan.priority)
    if told.why is Why.CANCELLED_LATE:
        priced = [_part_of(priced, told.percent, tariff)]
    reason = plan.waiver_reason or ("" if plan.is_priced else NO_PRICE)
    if reason:
        priced = [waived(line) for line in priced]
    return tuple(
        NewLine(f"{plan.key}:{number}", plan.payee_id, line, tariff, reason)
        for number, line in enumerate(priced, start=1)
    )


def shared(
    plan: CostPlan,
    lines: Sequence[NewLine],
    subsidies: Iterable[Subsidy],
    *,
    as_asked: frozenset[int] | None = None,
) -> Split:
    """Share lines: subsidies first, then the key, as agreed so far, or as if these had said yes (`terms_of`).

    As agreed, nobody bears more than the amount they said yes to, where all of it was known then: what a correction,
    or an absence that nobody helps to pay, comes to beyond it is for whoever it is for.
    """
    sharing = terms_of(plan, as_asked=as_asked).sharing()
    ceilings, residual = sharing.ceilings, sharing.residual_payer
    if as_asked is None and not counted_by(plan):
        ceilings = _agreed(plan, sharing.ceilings)
        residual = residual if sharing.ceilings else plan.organisation_id
    return split(
        [line.cost for line in lines],
        sharing.key,
        subsidies=subsidies,
        ceilings=ceilings,
        residual_payer=residual,
    )


def _agreed(plan: CostPlan, ceilings: Mapping[int, int]) -> dict[int, int]:
    """Add what each said yes to as their ceiling; who takes what ceilings leave, where there are any, has none."""
    found, takes_rest = dict(ceilings), plan.residual_payer_id if ceilings else None
    for party in plan.parties:
        is_bound = party.state == PartyState.ACCEPTED and party.organisation_id != takes_rest
        if is_bound and party.agreed_cents is not None:
            most = found.get(party.organisation_id, party.agreed_cents)
            found[party.organisation_id] = min(most, party.agreed_cents)
    return found


def _measured(plan: CostPlan, use: Use) -> Use:
    """Fill in what was entered."""
    known = {COUNTED[Meter(meter)]: value for meter, value in plan.measures.items()}
    if "persons" in known:
        known["persons"] //= MILLI
    return replace(use, **known)


def _with_zeros(use: Use) -> Use:
    unknown: dict[str, Any] = {name: 0 for name in COUNTED.values() if getattr(use, name) is None}
    return replace(use, **unknown)


def _part_of(lines: Sequence[PricedLine], percent: int, tariff: Tariff) -> PricedLine:
    """Write a part of a price as one line: so many hundredths of it, at the price as unit."""
    whole = sum(line.cents for line in lines)
    part = Fraction(percent, 100)
    cents = cents_of(part, whole)
    return PricedLine(
        "", Meter.FLAT, When.ALWAYS, part, whole, WHOLE_BP, cents, cents, tariff.vat_regime, tariff.vat_bp
    )
