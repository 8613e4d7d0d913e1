"""Letters about a deposit: asked for, received, given back, withheld in part, late."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _

from app.bookings.deposits import Held
from app.bookings.words import when_words
from app.bookings.words.deposits import deposit_standing
from app.notifications.letters.facts import address, contact_of, subject
from app.notifications.letters.letter import Letter, Link, instant, link, rows
from app.payments.deposits.rules import State
from app.web.format import money


def deposit_required(held: Held) -> Letter | None:
    """Ask for a deposit before the use."""
    if held.deposit.state != State.REQUIRED:
        return None
    return Letter(
        subject=subject(_("A deposit before %(what)s, %(when)s"), held.booking),
        paragraphs=(
            _("Your booking is accepted. The place asks for a deposit before the use."),
            _("As a rule it is a cheque that nobody cashes; agree with the place how you hand it over."),
        ),
        facts=_facts(held),
        action=_see(held),
        after=(_("It is given back within 48 hours after the use, where all was left as it should be."),),
    )


def deposit_received(held: Held) -> Letter | None:
    """Confirm that the place has the deposit."""
    if held.deposit.state != State.RECEIVED:
        return None
    return Letter(
        subject=subject(_("Deposit received for %(what)s, %(when)s"), held.booking),
        paragraphs=(_("“%(payee)s” has received your deposit.", payee=held.deposit.payee.name),),
        facts=_facts(held),
        action=_see(held),
        after=(_("It is to be given back before %(moment)s.", moment=_back_by(held)),),
    )


def deposit_released(held: Held) -> Letter | None:
    """Tell that the deposit went back."""
    if held.deposit.state != State.RELEASED:
        return None
    return Letter(
        subject=subject(_("Deposit given back: %(what)s, %(when)s"), held.booking),
        paragraphs=(
            _("“%(payee)s” has noted that your deposit was given back.", payee=held.deposit.payee.name),
        ),
        facts=_facts(held),
        action=_see(held),
        after=(_("You have not got it? Call the place."),),
    )


def deposit_withheld(held: Held) -> Letter | None:
    """Tell what is withheld and why."""
    if held.deposit.state != State.WITHHELD:
        return None
    return Letter(
        subject=subject(_("A part of your deposit is withheld: %(what)s, %(when)s"), held.booking),
        paragraphs=(
            deposit_standing(held)[1],
            _("“%(payee)s” gives this reason:", payee=held.deposit.payee.name),
        ),
        quote=held.deposit.reason,
        facts=_facts(held, (_("Withheld"), money(held.deposit.withheld_cents, held.deposit.currency))),
        action=_see(held),
        after=(_("You do not agree? Call the place; the coordination helps where you find no way out."),),
    )


def deposit_overdue(held: Held) -> Letter | None:
    """Remind who has a deposit to give it back, or to say why not."""
    if held.deposit.state != State.RECEIVED:
        return None
    return Letter(
        subject=subject(_("A deposit to give back: %(what)s, %(when)s"), held.booking),
        paragraphs=(
            _("You still have a deposit that was to be given back before %(moment)s.", moment=_back_by(held)),
            _("Note that you have given it back, or what you withhold of it and why."),
        ),
        facts=_facts(held),
        action=_see(held),
    )


def _facts(held: Held, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    booking, deposit = held.booking, held.deposit
    site = booking.resource.site
    return rows(
        (_("Deposit"), money(deposit.cents, deposit.currency)),
        *more,
        (_("What"), f"{booking.resource.name}, {site.name}"),
        (_("When"), when_words(booking.span, site.timezone)),
        (_("Where"), address(site)),
        (_("For"), booking.organisation.name),
        contact_of(site),
        (_("Number"), booking.ref),
    )


def _back_by(held: Held) -> str:
    return instant(held.deposit.back_by, held.booking.resource.site.timezone)


def _see(held: Held) -> Link:
    return link(_("See the deposit"), "bookings.deposit", ref=held.booking.ref)


LETTERS: Final[Mapping[str, Callable[[Held], Letter | None]]] = {
    writer.__name__: writer
    for writer in (deposit_required, deposit_received, deposit_released, deposit_withheld, deposit_overdue)
}
