"""Who would bear what of costs before anything is asked for: shared as they will be, each charge by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.accounts.models import Organisation
from app.core import clock
from app.core.money import EUR, WHOLE_BP, Money
from app.payments.estimates import PlannedUse, costs, payables_of
from app.payments.models import CostPlan, PartyState
from app.payments.service.outlook import subsidies_on
from app.payments.service.reckoning import foreseen_of, lines_of, missing_of, tariff_of, terms_of
from app.payments.service.sharing import WantedSharing
from app.payments.splits.parties import Terms
from app.payments.splits.splitting import CostLine, Share, split
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.estimating import Estimate, estimate
from app.payments.tariffs.told import Told


@dataclass(frozen=True)
class Foreseen:
    """What would be charged together: its lines, and what helps to pay them first."""

    lines: tuple[CostLine, ...]
    subsidies: tuple[Subsidy, ...] = ()
    currency: str = EUR
    is_open: bool = False  # something of it is only counted afterwards


def foresee_uses(wanted: Sequence[PlannedUse], organisation: Organisation) -> list[Foreseen]:
    """Work out what of uses an organisation could share: what has a price, its own included, with no help."""
    found = foresee_each(wanted, costs(wanted, organisation).each, organisation)
    return [each for each in found if each is not None]


def foresee_each(
    wanted: Sequence[PlannedUse], helped: Sequence[Estimate | None], organisation: Organisation
) -> list[Foreseen | None]:
    """Write of each use what could be shared of it, by what it is estimated at; None where it has no price."""
    payables = payables_of({each.resource_id for each in wanted}, clock.now())
    found = list[Foreseen | None]()
    for number, (each, estimated) in enumerate(zip(wanted, helped, strict=True)):
        payable = payables.get(each.resource_id)
        own = payable and estimate(payable.tariff, [each.use], organisation.priority_class)
        found.append(
            _of_use(f"{number:02d}", payable.owner_id, estimated or own) if payable and own else None
        )
    return found


def _of_use(name: str, payee_id: int, found: Estimate) -> Foreseen:
    """Write a use as it would be charged; what programmes would bear of it is told already, and is paid first."""
    lines = (
        CostLine(f"{name}:{number}", payee_id, Money(line.cents, found.currency))
        for number, line in enumerate(found.lines, start=1)
    )
    paid = (
        Subsidy(part.payer_id, WHOLE_BP, priority, most_cents=part.cents)
        for priority, part in enumerate(found.borne)
    )
    return Foreseen(tuple(lines), tuple(paid), found.currency, bool(found.later))


def foresee_plan(plan: CostPlan, told: Told) -> Foreseen:
    """Write what is planned already, and would be shared with the rest."""
    lines = tuple(line.cost for line in lines_of(plan, told))
    is_open = len(missing_of(plan, told)) > len(foreseen_of(plan, told))
    return Foreseen(lines, tuple(subsidies_on(plan, told)), tariff_of(plan).currency, is_open)


def shares_of(costs: Iterable[Foreseen], wanted: WantedSharing, asker_id: int) -> list[Share]:
    """Tell who would bear what once all have said yes. Raise CannotShare, BadSplitKey, NobodyBears."""
    return _shares_by(costs, wanted.terms(asker_id))


def shares_alike(costs: Iterable[Foreseen], plan: CostPlan) -> list[Share]:
    """Tell who would bear what that is shared as a plan is, once all have said yes who have not declined that."""
    asked = (each.organisation_id for each in plan.parties if each.state != PartyState.DECLINED)
    return _shares_by(costs, terms_of(plan, as_asked=frozenset(asked)))


def _shares_by(costs: Iterable[Foreseen], terms: Terms) -> list[Share]:
    """Share to the cent; who bears one that cannot be divided is drawn by what is charged, which has no name yet."""
    sharing = terms.sharing()
    return [
        share
        for each in costs
        for share in split(
            each.lines,
            sharing.key,
            subsidies=each.subsidies,
            ceilings=sharing.ceilings,
            residual_payer=sharing.residual_payer,
        ).shares
    ]
