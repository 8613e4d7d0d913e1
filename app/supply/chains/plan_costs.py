"""What plans go through, and what they would cost an organisation, as they will be charged."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from app.accounts.models import Organisation
from app.availability.shown import Shown, shown_by_id
from app.payments.estimates import Costs, PlannedUse, costs_apart
from app.payments.tariffs.measures import Stay, Use
from app.supply.cargo import Cargo
from app.supply.chains.planning.plan import Plan, PlannedLeg


def places_of(plans: Sequence[Plan]) -> dict[int, Shown]:
    """Read all that some plans go through, by id."""
    return shown_by_id({leg.resource_id for plan in plans for leg in plan.legs})


def costs_of_plans(
    plans: Sequence[Plan],
    cargo: Cargo,
    organisation: Organisation,
    places: Mapping[int, Shown],
    people: int | None = None,
) -> list[Costs]:
    """Work out what each of some plans would cost, leg by leg, of which one will be chosen."""
    return costs_apart([uses_of(plan, cargo, places, people) for plan in plans], organisation)


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
