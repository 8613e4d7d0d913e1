"""From events to letters, as `listeners` and `tasks`: a deposit is asked for, received, given back, withheld, late."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from app.accounts.models import Person
from app.bookings.costs import SUBJECT
from app.bookings.deposits import Held
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.letters.deposits import LETTERS
from app.notifications.letters.letter import message
from app.notifications.quiet import is_quiet
from app.payments.deposits import events
from app.payments.deposits.models import Deposit
from app.web.i18n import speaking


def _who_hands_it_over(held: Held) -> Iterable[Person]:
    """List who asked for the booking, and who keeps the accounts of the organisation."""
    return [*queries.who_asked(held.booking), *queries.who_keeps_accounts(held.deposit.payer_id)]


def _who_has_it(held: Held) -> Iterable[Person]:
    """List who answers for the place."""
    return queries.who_answers(held.booking.resource.site)


@listens(events.DepositRequired)
def on_required(event: events.DepositRequired) -> None:
    """Tell who has to bring it."""
    _tell("deposit_required", event, _who_hands_it_over)


@listens(events.DepositReceived)
def on_received(event: events.DepositReceived) -> None:
    """Confirm it to who handed it over."""
    _tell("deposit_received", event, _who_hands_it_over)


@listens(events.DepositReleased)
def on_released(event: events.DepositReleased) -> None:
    """Tell who handed it over that it is back."""
    _tell("deposit_released", event, _who_hands_it_over)


@listens(events.DepositWithheld)
def on_withheld(event: events.DepositWithheld) -> None:
    """Tell who handed it over what is kept, and why."""
    _tell("deposit_withheld", event, _who_hands_it_over)


@listens(events.DepositOverdue)
def on_overdue(event: events.DepositOverdue) -> None:
    """Remind who has it."""
    _tell("deposit_overdue", event, _who_has_it)


def _tell(letter: str, event: events.DepositEvent, whom: Callable[[Held], Iterable[Person]]) -> None:
    held = None if is_quiet() else _find(event.deposit_id)
    if held is None:
        return
    for person_id in dict.fromkeys(person.id for person in whom(held)):
        if person_id != event.actor_id:
            payload = {"letter": letter, "deposit": event.deposit_id, "person": person_id}
            enqueue(
                "notifications.write_deposit", payload, dedup_key=f"{letter}:{event.deposit_id}:{person_id}"
            )


@job("notifications.write_deposit")
def write_deposit(payload: Payload) -> None:
    """Write to one person about a deposit, if that is still so."""
    held, person = _find(payload["deposit"]), queries.find_person(payload["person"])
    if held is None or person is None:
        return
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](held)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=queries.territory_name(held.booking))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


def _find(deposit_id: int) -> Held | None:
    deposit = db.session.get(Deposit, deposit_id, populate_existing=True)
    if deposit is None or deposit.subject_kind != SUBJECT:
        return None
    booking = queries.find_booking_by_ref(deposit.subject_ref)
    return Held(booking, deposit) if booking else None
