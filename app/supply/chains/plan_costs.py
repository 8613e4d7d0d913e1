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
    plans: Sequence[Plan], cargo: Cargo, organisation: Organisation, places: Mapping[int, Shown]
) -> list[Costs]:
    """Work out what each of some plans would cost, leg by leg, of which one will be chosen."""
    uses = [[_use(leg, cargo, places[leg.resource_id]) for leg in plan.legs] for plan in plans]
    return costs_apart(uses, organisation)


def _use(leg: PlannedLeg, cargo: Cargo, place: Shown) -> PlannedUse:
    stay = Stay(leg.span, ZoneInfo(place.timezone))
    use = Use(stay, leg.quantity, km_milli=leg.metres or None, kg_milli=cargo.grams)
    return PlannedUse(leg.resource_id, use)
