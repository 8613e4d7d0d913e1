"""From events to letters, as `listeners` and `tasks`: a group purchase changes, takes place or does not."""

from dataclasses import replace

from app.accounts.models import Person
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.letters.letter import message
from app.notifications.letters.purchases import LETTERS, About
from app.notifications.members import who_acts
from app.notifications.quiet import is_quiet
from app.supply.purchases import events
from app.supply.purchases.models import GroupPurchase, PurchaseOrder
from app.supply.purchases.queries import ordered_of, orders_of
from app.supply.purchases.rules import OrderState
from app.web.i18n import speaking

_WRITE = "notifications.write_purchase"


@listens(events.PurchaseChanged)
def on_changed(event: events.PurchaseChanged) -> None:
    """Tell who ordered that it is not what it said."""
    _tell_orders("purchase_changed", event, _ordered(event.purchase_id))


@listens(events.PurchaseConfirmed)
def on_confirmed(event: events.PurchaseConfirmed) -> None:
    """Tell who ordered, and who organises, that it takes place."""
    _tell_orders("purchase_confirmed", event, _ordered(event.purchase_id))
    _tell_organiser("purchase_to_hand_out", event)


@listens(events.PurchaseCancelled)
def on_cancelled(event: events.PurchaseCancelled) -> None:
    """Tell who ordered that it does not take place, and why; who organises, where nobody of theirs decided it."""
    ended = [each for each in orders_of(event.purchase_id) if each.id in event.order_ids]
    _tell_orders("purchase_short" if event.is_short else "purchase_cancelled", event, ended)
    if event.is_short:
        _tell_organiser("purchase_short", event)


def _ordered(purchase_id: int) -> list[PurchaseOrder]:
    return [each for each in orders_of(purchase_id) if each.state == OrderState.ORDERED]


def _tell_orders(letter: str, event: events.PurchaseEvent, orders: list[PurchaseOrder]) -> None:
    for order in orders:
        for person in who_acts(order.person, order.organisation_id):
            _tell(letter, event, person, order.id)


def _tell_organiser(letter: str, event: events.PurchaseEvent) -> None:
    purchase = db.session.get_one(GroupPurchase, event.purchase_id)
    for person in who_acts(purchase.person, purchase.organisation_id):
        _tell(letter, event, person, None)


def _tell(letter: str, event: events.PurchaseEvent, person: Person, order_id: int | None) -> None:
    if is_quiet() or person.id == event.actor_id:
        return
    purchase = db.session.get_one(GroupPurchase, event.purchase_id)
    about = {"letter": letter, "purchase": purchase.id, "order": order_id, "person": person.id}
    key = f"{letter}:{purchase.id}:{order_id}:{person.id}"
    enqueue(_WRITE, about, dedup_key=key, territory_id=purchase.territory_id)


@job(_WRITE)
def write_purchase(payload: Payload) -> None:
    """Write to one person about a purchase, if that is still so."""
    purchase = db.session.get(GroupPurchase, payload["purchase"], populate_existing=True)
    person = queries.find_person(payload["person"])
    if purchase is None or person is None:
        return
    order = db.session.get(PurchaseOrder, payload["order"] or 0, populate_existing=True)
    about = About(purchase, ordered_of([purchase.id]).get(purchase.id, 0), order)
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](about)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=purchase.territory.name)
        mail = message(signed, person.email, person.locale)
    deliver(mail)
