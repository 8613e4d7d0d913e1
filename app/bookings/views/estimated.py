"""What something would cost, as the pages that ask for it or change it say it: nothing where nothing is reckoned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.availability.asking import Slot
from app.availability.rules import Terms
from app.bookings.costs import find_costs
from app.bookings.deposits import terms_for
from app.bookings.models import Booking
from app.bookings.previews import Date
from app.catalogue.models import Resource
from app.core.span import Span
from app.payments.deposits.words import before_words
from app.payments.estimates import Costs, PlannedUse, costs
from app.payments.tariffs.estimate_words import estimate_fact, estimate_words
from app.payments.tariffs.measures import Stay, Use
from app.web.format import zone


def planned(resource_id: int, span: Span, place: ZoneInfo, units: int) -> PlannedUse:
    """Write a slot of a resource as a use that is to be reckoned."""
    return PlannedUse(resource_id, Use(Stay(span, place), units))


def measured(use: PlannedUse, metres: int | None, grams: int | None) -> PlannedUse:
    """Add to a use how far it will probably drive and what it will hold: a thousandth of a kilometre, of a kilo."""
    return replace(use, use=replace(use.use, km_milli=metres, kg_milli=grams))


def slot_cost(
    resource_id: int,
    slot: Slot | None,
    terms: Terms,
    organisation: Organisation | None,
    at: datetime | None = None,
) -> list[str]:
    """Say what a slot would cost an organisation, by the tariff of an instant (None: now)."""
    if slot is None:
        return []
    found = costs([planned(resource_id, slot.span, terms.zone, slot.qty)], organisation, at=at)
    return estimate_words(found.all, found.payers)


def deposits_asked(
    resources: Collection[Resource], organisation: Organisation | None
) -> dict[int, list[str]]:
    """Say which deposits an organisation will have to hand over if it asks for resources, by their ids."""
    found = terms_for(resources, organisation)
    return {each.id: [before_words(found[each.id])] if each.id in found else [] for each in resources}


def proposal_cost(booking: Booking) -> list[tuple[str, str, str]]:
    """Say, as rows of facts, what is proposed for a booking would cost."""
    proposal = booking.proposal
    if proposal is None:
        return []
    place = proposal.resource
    use = planned(place.id, proposal.span, zone(place.site.timezone), proposal.quantity)
    found = costs([use], booking.organisation, at=priced_at(booking, place.id, proposal.created_at))
    said = estimate_fact(found.all, found.payers)
    return [(_("Cost"), said, "euro")] if said else []


def priced_at(booking: Booking, resource_id: int, proposed_at: datetime) -> datetime:
    """Tell by the tariff of which instant a place costs: what is promised for its own, that of a proposal elsewhere."""
    if resource_id != booking.resource_id:
        return proposed_at
    found = find_costs(booking)
    return found.plan.made_at if found else booking.created_at


def said_each(found: Costs) -> list[list[str]]:
    """Say what each of several would cost."""
    return [estimate_words(each, found.payers) for each in found.each]


def series_costs(
    dates: Sequence[Date],
    resource_id: int,
    quantity: int,
    terms: Mapping[int, Terms],
    organisation: Organisation | None,
) -> tuple[dict[str, list[str]], list[str]]:
    """Say what each date of a series that can be had would cost, by its day, and what all of them come to."""
    uses: dict[date, PlannedUse] = {}
    for each in (found.each for found in dates if not found.is_left_out and found.each.is_free):
        place = each.resource_id or resource_id
        if each.span and place in terms:
            uses[each.day] = planned(place, each.span, terms[place].zone, each.quantity or quantity)
    found = costs(list(uses.values()), organisation)
    each_day = zip(uses, said_each(found), strict=True)
    return {day.isoformat(): said for day, said in each_day}, estimate_words(found.all, found.payers)
