"""Letters about a cost that is shared: asked to bear a part, accepted, declined."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from flask_babel import gettext as _

from app.bookings.cost_forms import METERS
from app.bookings.costs import MEASURED_WITHIN, Costs, find_all_costs, told_of
from app.bookings.goods import Sold, goods_of
from app.bookings.models import Booking
from app.bookings.words import when_words
from app.bookings.words.costs import changed_words
from app.notifications.letters.facts import address, short, subject
from app.notifications.letters.letter import Letter, Link, link, rows
from app.payments.models import CostParty, CostPlan, PartyState
from app.payments.service.outlook import Outlook, look_at, offered, offered_to
from app.payments.service.reckoning import missing_of, terms_of
from app.web.format import day, money, number, short_day


def share_asked(booking: Booking, party: CostParty) -> Letter | None:
    """Ask an organisation to bear a part of what a booking of another costs."""
    if party.state != PartyState.INVITED:
        return None
    asker = booking.organisation.name
    return Letter(
        subject=subject(_("Will you share a cost? %(what)s, %(when)s"), booking),
        paragraphs=(
            _(
                "“%(asker)s” books what is below and asks “%(name)s” to bear a part of what it costs.",
                asker=asker,
                name=party.organisation.name,
            ),
            _("Nothing is owed unless you accept: until then, “%(asker)s” bears your part.", asker=asker),
            *_changed(booking, party),
        ),
        facts=_facts(booking, party),
        action=link(_("Read the amounts and answer"), "bookings.costs", ref=booking.ref),
        after=(
            _("What is accepted is owed once the booking is over. You are asked again if it becomes more."),
        ),
    )


def _changed(booking: Booking, party: CostParty) -> list[str]:
    said = changed_words(party, offered_to(party.plan, told_of(booking), party))
    return [said] if said else []


def share_accepted(booking: Booking, party: CostParty) -> Letter | None:
    """Tell who asked that an organisation bears its part."""
    if party.state != PartyState.ACCEPTED:
        return None
    return _answered(
        booking,
        party,
        subject(_("Accepted: a part of the cost of %(what)s, %(when)s"), booking),
        _("“%(name)s” has accepted to bear its part of this cost.", name=party.organisation.name),
    )


def share_declined(booking: Booking, party: CostParty) -> Letter | None:
    """Tell who asked that an organisation does not bear its part, and what follows."""
    if party.state != PartyState.DECLINED:
        return None
    words = _(
        "“%(name)s” has declined: “%(asker)s” bears its part, unless you share the cost another way.",
        name=party.organisation.name,
        asker=booking.organisation.name,
    )
    return _answered(
        booking, party, subject(_("Declined: a part of the cost of %(what)s, %(when)s"), booking), words
    )


def _answered(booking: Booking, party: CostParty, title: str, words: str) -> Letter:
    return Letter(
        subject=title,
        paragraphs=(words,),
        facts=_facts(booking, party),
        action=link(_("See who bears it"), "bookings.costs", ref=booking.ref),
    )


def _facts(booking: Booking, party: CostParty) -> tuple[tuple[str, str], ...]:
    """List what it is about, what it costs as things stand, and which part of that is asked for."""
    site, outlook = booking.resource.site, look_at(party.plan, told_of(booking))
    most = money(party.ceiling_cents) if party.ceiling_cents is not None else ""
    return rows(
        (_("What"), f"{booking.resource.name}, {site.name}"),
        (_("When"), when_words(booking.span, site.timezone)),
        (_("Where"), address(site)),
        (_("For"), booking.organisation.name),
        (_("It costs"), _cost_words(outlook)),
        (_("Part asked for"), _part_words(booking, party)),
        (_("At most"), most),
        (_("Number"), booking.ref),
    )


def _cost_words(outlook: Outlook) -> str:
    amount = money(outlook.cents, outlook.currency)
    if outlook.foreseen:
        amount = _("%(amount)s, estimated from what is planned", amount=amount)
    if outlook.total.is_open:
        return _("%(amount)s, and what is measured", amount=amount)
    return amount


def _part_words(booking: Booking, party: CostParty) -> str:
    percent = _percent(party)
    if party.state == PartyState.DECLINED:
        return _("%(percent)s %% of what no programme pays", percent=percent)
    amount = money(offered(party.plan, told_of(booking))[party.organisation_id])
    if party.organisation_id == party.plan.residual_payer_id:
        return _(
            "%(amount)s as things stand (%(percent)s %% of what no programme pays, and what ceilings of others leave)",
            amount=amount,
            percent=percent,
        )
    return _(
        "%(amount)s as things stand (%(percent)s %% of what no programme pays)",
        amount=amount,
        percent=percent,
    )


LETTERS: Final[Mapping[str, Callable[[Booking, CostParty], Letter | None]]] = {
    writer.__name__: writer for writer in (share_asked, share_accepted, share_declined)
}


# -- not measured ---------------------------------------------------------------------------------------------


def measures_awaited(booking: Booking, plan: CostPlan) -> Letter | None:
    """Remind a place of what was not measured: nothing of the use is charged before."""
    missing = missing_of(plan, told_of(booking))
    if plan.is_closed or not missing:
        return None
    site, zone = booking.resource.site, booking.resource.site.timezone
    by = day(booking.end_at + MEASURED_WITHIN, tz=zone, year=True)
    return Letter(
        subject=subject(_("Still to be measured: %(what)s, %(when)s"), booking),
        paragraphs=(
            _("This use is over, and it is not charged before you enter what was measured."),
            _("What is not entered before %(day)s is left out, and the rest is charged.", day=by),
        ),
        facts=rows(
            (_("What"), f"{booking.resource.name}, {site.name}"),
            (_("When"), when_words(booking.span, zone)),
            (_("For"), booking.organisation.name),
            (_("To be measured"), ", ".join(str(METERS[meter]) for meter in missing)),
            (_("Number"), booking.ref),
        ),
        action=link(_("Enter what was measured"), "bookings.costs", ref=booking.ref),
    )


# -- put right ------------------------------------------------------------------------------------------------


class Change(NamedTuple):
    """What a payer was charged before, and is charged now, in cents, and why; `keeps_off` as in PutRight."""

    name: str
    reason: str
    before_cents: int
    after_cents: int
    keeps_off: bool


def put_right(costs: Costs | Sold, change: Change) -> Letter:
    """Tell a payer that it was charged something else than it is now, and why."""
    off = _("What had been taken back before stays off the new amount.") if change.keeps_off else ""
    what, when = short(costs.name), short_day(costs.span.start, tz=costs.zone)
    return Letter(
        subject=_("Put right: the cost of %(what)s, %(when)s") % {"what": what, "when": when},
        paragraphs=(
            _("What “%(name)s” was charged for this was put right.", name=change.name),
            *([off] if off else []),
        ),
        facts=rows(
            (_("What"), _what(costs)),
            (_("When"), when_words(costs.span, costs.zone)),
            (_("For"), costs.plan.organisation.name),
            (_("Charged before"), money(change.before_cents)),
            (_("Charged now"), money(change.after_cents)),
            (_("Why"), change.reason),
            (_("Number"), costs.plan.subject_ref),
        ),
        action=_see(costs, _("See what it costs")),
        after=(_("What was paid too much is an advance: it pays what comes next, or is given back."),)
        if change.after_cents < change.before_cents
        else (),
    )


def _what(costs: Costs | Sold) -> str:
    if isinstance(costs, Sold):
        return costs.name
    return f"{costs.name}, {costs.booking.resource.site.name}"


def _see(costs: Costs | Sold, label: str) -> Link:
    if isinstance(costs, Sold):
        return link(label, costs.endpoint, **costs.values)
    return link(label, "bookings.costs", ref=costs.booking.ref)


# -- all elements of a request --------------------------------------------------------------------------------

Elements = Sequence[tuple[Costs | Sold, CostParty]]


def shares_asked(elements: Elements) -> Letter:
    """Ask an organisation to bear a part of what each element of a request costs, with one answer."""
    costs, party = elements[0]
    asker, name = costs.plan.organisation.name, party.organisation.name
    return Letter(
        subject=_("Will you share the cost of a request? %(what)s") % {"what": short(_purpose(costs))},
        paragraphs=(
            _(
                "“%(asker)s” asks for what is below and asks “%(name)s” to bear a part of what each element costs.",
                asker=asker,
                name=name,
            ),
            _("Nothing is owed unless you accept: until then, “%(asker)s” bears your part.", asker=asker),
        ),
        facts=_facts_of_all(elements),
        action=_see_all(costs, _("Read the amounts and answer once for all")),
        after=(
            _("What is accepted is owed once the booking is over. You are asked again if it becomes more."),
        ),
    )


def shares_accepted(elements: Elements) -> Letter:
    """Tell who asked that an organisation bears its part of each element."""
    costs, party = elements[0]
    return Letter(
        subject=_("Accepted: a part of the cost of a request, %(what)s") % {"what": short(_purpose(costs))},
        paragraphs=(
            _("“%(name)s” has accepted to bear its part of these costs.", name=party.organisation.name),
        ),
        facts=_facts_of_all(elements),
        action=_see_all(costs, _("See who bears it")),
    )


def shares_declined(elements: Elements) -> Letter:
    """Tell who asked that an organisation bears nothing of it."""
    costs, party = elements[0]
    return Letter(
        subject=_("Declined: a part of the cost of a request, %(what)s") % {"what": short(_purpose(costs))},
        paragraphs=(
            _(
                "“%(name)s” has declined: “%(asker)s” bears its part, unless you share the cost another way.",
                name=party.organisation.name,
                asker=costs.plan.organisation.name,
            ),
        ),
        facts=_facts_of_all(elements),
        action=_see_all(costs, _("See who bears it")),
    )


def _purpose(costs: Costs | Sold) -> str:
    return costs.bundle.purpose if costs.bundle else costs.name


def _see_all(costs: Costs | Sold, label: str) -> Link:
    if costs.bundle is None:
        return _see(costs, label)
    return link(label, "bookings.bundle_costs", bundle_ref=costs.bundle.ref)


def _facts_of_all(elements: Elements) -> tuple[tuple[str, str], ...]:
    """List each element with what it costs as things stand, and which part of that is asked for."""
    costs, _party = elements[0]
    return rows(
        *(_element_row(each, of) for each, of in elements),
        (_("For"), costs.plan.organisation.name),
        (_("Part asked for"), _part_of_all(elements)),
        (_("Accepted before"), _accepted_before(elements)),
    )


def _accepted_before(elements: Elements) -> str:
    """List what else of the request the same organisation bears its part of already."""
    costs, first = elements[0]
    if costs.bundle is None or first.state != PartyState.INVITED:
        return ""
    asked = {each.plan.id for each, _party in elements}
    legs = find_all_costs(leg for leg in costs.bundle.legs if leg.leg_number is not None)
    parts: list[Costs | Sold] = [*goods_of(costs.bundle.id), *legs]
    return "\n".join(
        _("%(what)s: %(amount)s", what=each.name, amount=money(cents))
        for each in parts
        if each.plan.id not in asked
        if (party := each.plan.party(first.organisation_id)) and party.state == PartyState.ACCEPTED
        if (cents := offered(each.plan, each.told)[first.organisation_id])
    )


def _part_of_all(elements: Elements) -> str:
    """Say which part of all elements is asked for, and what it comes to as things stand."""
    _costs, first = elements[0]
    percent = _percent(first)
    if first.state == PartyState.DECLINED:
        return _("%(percent)s %% of what no programme pays", percent=percent)
    cents = sum(offered(each.plan, of.told)[each.organisation_id] for of, each in elements)
    amount = money(cents)
    return _(
        "%(amount)s as things stand (%(percent)s %% of what no programme pays)",
        amount=amount,
        percent=percent,
    )


def _percent(party: CostParty) -> str:
    part = terms_of(party.plan).part_of(party.organisation_id)
    return number(round(float(part * 100), 2))


def _element_row(costs: Costs | Sold, party: CostParty) -> tuple[str, str]:
    said = changed_words(party, offered_to(party.plan, costs.told, party))
    lines = [when_words(costs.span, costs.zone), _cost_words(look_at(party.plan, costs.told)), said]
    return costs.name, "\n".join(line for line in lines if line)


class OfAll(NamedTuple):
    """A letter about all elements of a request, and how the parts stand of which it is true."""

    state: PartyState
    write: Callable[[Elements], Letter]


OF_ALL: Final[Mapping[str, OfAll]] = {
    "shares_asked": OfAll(PartyState.INVITED, shares_asked),
    "shares_accepted": OfAll(PartyState.ACCEPTED, shares_accepted),
    "shares_declined": OfAll(PartyState.DECLINED, shares_declined),
}
