"""Words for the deposit of a booking: where it stands, and what comes next."""

from flask_babel import gettext as _

from app.bookings.deposits import Held
from app.bookings.words.pieces import moment
from app.payments.books.postings import Method
from app.payments.deposits.rules import State
from app.payments.deposits.words import LINES, STATES
from app.payments.paying_words import METHODS
from app.web.format import money


def deposit_line(held: Held) -> str:
    """Say in a few words what is asked for and where it stands."""
    deposit = held.deposit
    return str(LINES[deposit.state]) % {"amount": money(deposit.cents, deposit.currency)}


def deposit_standing(held: Held) -> tuple[str, str]:
    """Say in a title and a sentence where a deposit stands."""
    deposit = held.deposit
    amount, payee = money(deposit.cents, deposit.currency), deposit.payee.name
    by = moment(deposit.back_by, held.booking.resource.site.timezone)
    if deposit.state == State.REQUIRED:
        words = _(
            "“%(payee)s” asks for %(amount)s before the use: a cheque that is not cashed, as a rule.",
            payee=payee,
            amount=amount,
        )
    elif deposit.state == State.RECEIVED:
        words = _("“%(payee)s” has it, and gives it back before %(moment)s.", payee=payee, moment=by)
    elif deposit.state == State.WITHHELD:
        words = _withheld_words(held)
    elif deposit.state == State.RELEASED:
        words = _("All of it went back.")
    else:
        words = _("The booking does not take place: nothing has to be handed over.")
    return str(STATES[deposit.state]), words


def _withheld_words(held: Held) -> str:
    deposit = held.deposit
    kept = money(deposit.withheld_cents, deposit.currency)
    if deposit.method == Method.CHEQUE and not deposit.is_cashed:
        return _("%(kept)s are withheld and owed; the cheque goes back once they are paid.", kept=kept)
    back = money(deposit.returned_cents, deposit.currency)
    return _("%(kept)s are withheld, %(back)s went back.", kept=kept, back=back)


def deposit_facts(held: Held) -> list[tuple[str, str]]:
    """List the facts of a deposit."""
    deposit, zone = held.deposit, held.booking.resource.site.timezone
    found = [
        (_("Amount"), money(deposit.cents, deposit.currency)),
        (_("Handed over by"), deposit.payer.name),
        (_("To"), deposit.payee.name),
    ]
    if deposit.method and deposit.received_at:
        found.append((_("How"), str(METHODS[Method(deposit.method)])))
        found.append((_("Received on"), moment(deposit.received_at, zone)))
    if deposit.ended_at:
        found.append((_("Settled on"), moment(deposit.ended_at, zone)))
    return found


def to_do_words(held: Held) -> str:
    """Say what somebody at the place has to do about it."""
    deposit, zone = held.deposit, held.booking.resource.site.timezone
    amount = money(deposit.cents, deposit.currency)
    if deposit.state == State.REQUIRED:
        at = moment(held.booking.start_at, zone)
        return _("Deposit of %(amount)s to be received before %(moment)s.", amount=amount, moment=at)
    by = moment(deposit.back_by, zone)
    return _("Deposit of %(amount)s to be given back before %(moment)s.", amount=amount, moment=by)
