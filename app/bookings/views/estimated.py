"""What something would cost, as the pages that ask for it or change it say it: nothing where nothing is reckoned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.availability.asking import Slot
from app.availability.rules import Terms
from app.bookings.costs import find_costs, told_if
from app.bookings.deposits import terms_for
from app.bookings.models import Booking
from app.bookings.policy import acts_for_asker
from app.bookings.previews import Date
from app.catalogue.models import Resource
from app.core import clock
from app.core.policy import Actor
from app.core.span import Span
from app.payments.changes import costs_changed, costs_elsewhere
from app.payments.deposits.words import before_words
from app.payments.estimates import Costs, PlannedUse, costs
from app.payments.models import CostPlan, PartyState
from app.payments.service.reckoning import expecting
from app.payments.tariffs.estimate_words import Named, estimate_fact, estimate_words
from app.payments.tariffs.measures import Stay, Use


def planned(resource_id: int, span: Span, place: ZoneInfo, units: int) -> PlannedUse:
    """Write a slot of a resource as a use that is to be reckoned."""
    return PlannedUse(resource_id, Use(Stay(span, place), units))


def measured(use: PlannedUse, metres: int | None, grams: int | None) -> PlannedUse:
    """Add to a use how far it will probably drive and what it will hold: a thousandth of a kilometre, of a kilo."""
    return replace(use, use=replace(use.use, km_milli=metres, kg_milli=grams))


def slot_cost(
    resource_id: int, slot: Slot | None, terms: Terms, organisation: Organisation | None
) -> list[str]:
    """Say what a slot would cost an organisation."""
    if slot is None:
        return []
    found = costs([planned(resource_id, slot.span, terms.zone, slot.qty)], organisation)
    return estimate_words(found.all, found.payers)


def changed_cost(
    booking: Booking, place: Resource, slot: Slot | None, actor: Actor, at: datetime | None = None
) -> list[str]:
    """Say what a booking would cost at another time or place, that place by its tariff of an instant (None: now)."""
    if slot is None:
        return []
    found, named = _if_changed(booking, place, slot.span, slot.qty, at or clock.now(), actor)
    return estimate_words(found.all, found.payers, named)


def deposits_asked(
    resources: Collection[Resource], organisation: Organisation | None
) -> dict[int, list[str]]:
    """Say which deposits an organisation will have to hand over if it asks for resources, by their ids."""
    found = terms_for(resources, organisation)
    return {each.id: [before_words(found[each.id])] if each.id in found else [] for each in resources}


def proposal_cost(booking: Booking, actor: Actor) -> list[tuple[str, str, str]]:
    """Say, as rows of facts, what is proposed for a booking would cost."""
    proposal = booking.proposal
    if proposal is None:
        return []
    found, named = _if_changed(
        booking, proposal.resource, proposal.span, proposal.quantity, proposal.created_at, actor
    )
    said = estimate_fact(found.all, found.payers, named)
    return [(_("Cost"), said, "euro")] if said else []


def _if_changed(
    booking: Booking, place: Resource, span: Span, quantity: int, at: datetime, actor: Actor
) -> tuple[Costs, Named]:
    """Work out what a booking would cost if it changed, as it will be reckoned, and who that has to be said of."""
    own, told = find_costs(booking), told_if(booking, place, span, quantity)
    named = _named(booking, own.plan if own else None, actor)
    if own is None and place.id == booking.resource_id:
        return Costs(), named
    if own is None:
        use = expecting(told.use, told.forecast)
        return costs([PlannedUse(place.id, use)], booking.organisation, at=at), named
    if place.id == booking.resource_id:
        return costs_changed(own.plan, told), named
    return costs_elsewhere(own.plan, told, place.id, at), named


def _named(booking: Booking, plan: CostPlan | None, actor: Actor) -> Named:
    """Name who asks, for whoever is not of them, and who pays what is left, where they do not do that alone."""
    asker = "" if acts_for_asker(actor, booking) else booking.organisation.name
    payers = (
        [each.organisation.name for each in plan.parties if each.state == PartyState.ACCEPTED] if plan else []
    )
    return Named(asker, format_list(payers, locale=get_locale()) if len(payers) > 1 else asker)


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
