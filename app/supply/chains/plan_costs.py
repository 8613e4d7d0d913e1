"""What plans go through, and what they would cost an organisation: as it will be charged, and by prices only shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.availability.shown import Shown, shown_by_id
from app.payments.estimates import Costs, PlannedUse, costs_apart
from app.payments.shown import shown_estimate
from app.payments.tariffs.estimating import Estimate, total
from app.payments.tariffs.measures import Stay, Use
from app.supply.cargo import Cargo
from app.supply.chains.planning.plan import Plan, PlannedLeg


@dataclass(frozen=True)
class PlanPrices:
    """What a plan would cost: what is reckoned, and what each leg comes to by a price that its place only shows.

    The latter is paid between the two: nobody shares it here, and no programme helps to pay it. None where there is
    no such price.
    """

    reckoned: Costs
    shown: tuple[Estimate | None, ...]

    @property
    def aside(self) -> Estimate | None:
        """What is paid between the two, of all legs; None where nothing is."""
        return _total(self.shown)

    @property
    def all(self) -> Estimate | None:
        """What all of it comes to, whoever it is paid through; None where nothing has a price."""
        return _total([*self.reckoned.each, *self.shown])


def _total(each: Sequence[Estimate | None]) -> Estimate | None:
    known = [found for found in each if found is not None]
    return total(known) if known else None


def places_of(plans: Sequence[Plan]) -> dict[int, Shown]:
    """Read all that some plans go through, by id."""
    return shown_by_id({leg.resource_id for plan in plans for leg in plan.legs})


def prices_of_plans(
    plans: Sequence[Plan],
    cargo: Cargo,
    organisation: Organisation,
    places: Mapping[int, Shown],
    people: int | None = None,
) -> list[PlanPrices]:
    """Work out what each of some plans would cost, leg by leg, of which one will be chosen."""
    uses = [uses_of(plan, cargo, places, people) for plan in plans]
    found = costs_apart(uses, organisation)
    return [
        PlanPrices(
            costs,
            tuple(
                _shown(use, places[use.resource_id], organisation) if reckoned is None else None
                for use, reckoned in zip(own, costs.each, strict=True)
            ),
        )
        for own, costs in zip(uses, found, strict=True)
    ]


def _shown(use: PlannedUse, place: Shown, organisation: Organisation) -> Estimate | None:
    return shown_estimate(place, use.use) if place.owner_id != organisation.id else None


def uses_of(
    plan: Plan, cargo: Cargo, places: Mapping[int, Shown], people: int | None = None
) -> list[PlannedUse]:
    """Write the legs of a plan as uses that are to be reckoned; `people` come along, as far as that is known."""
    come = people if people and people > 0 else None
    return [_use(leg, cargo, places[leg.resource_id], come) for leg in plan.legs]


def _use(leg: PlannedLeg, cargo: Cargo, place: Shown, people: int | None) -> PlannedUse:
    stay = Stay(leg.span, ZoneInfo(place.timezone))
    use = Use(stay, leg.quantity, km_milli=leg.metres or None, kg_milli=cargo.grams, persons=people)
    return PlannedUse(leg.resource_id, use)
