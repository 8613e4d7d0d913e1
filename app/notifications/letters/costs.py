"""Letters about a cost that is shared: asked to bear a part, accepted, declined."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _

from app.bookings.costs import told_of
from app.bookings.models import Booking
from app.bookings.words import when_words
from app.notifications.letters.facts import address, subject
from app.notifications.letters.letter import Letter, link, rows
from app.payments.models import CostParty, PartyState
from app.payments.service.outlook import Outlook, look_at, offered
from app.payments.service.reckoning import terms_of
from app.web.format import money, number


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
        ),
        facts=_facts(booking, party),
        action=link(_("Read the amounts and answer"), "bookings.costs", ref=booking.ref),
        after=(
            _("What is accepted is owed once the booking is over. You are asked again if it becomes more."),
        ),
    )


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
    if outlook.missing:
        return _("%(amount)s, and what is measured", amount=amount)
    return amount


def _part_words(booking: Booking, party: CostParty) -> str:
    part = terms_of(party.plan).part_of(party.organisation_id)
    percent = number(round(float(part * 100), 2))
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
