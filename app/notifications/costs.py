"""From events to letters, as `listeners` and `tasks`: who is asked to share a cost, and what they answer."""

from dataclasses import replace

from app.accounts.models import Organisation
from app.bookings.costs import SUBJECT, Costs, find_costs
from app.bookings.events import MeasuresAwaited
from app.bookings.goods import Sold, goods_of_plan
from app.bookings.models import Booking
from app.infra.db import db
from app.infra.events import listens
from app.infra.jobs import Payload, enqueue, job
from app.infra.mail import deliver
from app.notifications import queries
from app.notifications.letters.costs import LETTERS, OF_ALL, Change, measures_awaited, put_right
from app.notifications.letters.letter import message
from app.notifications.quiet import is_quiet
from app.payments import events
from app.payments.models import CostParty, CostPlan
from app.payments.queries import has_money
from app.web.i18n import speaking


@listens(events.ShareAsked)
def on_asked(event: events.ShareAsked) -> None:
    """Ask who keeps the accounts of the organisation."""
    _tell("share_asked", event, event.organisation_id)


@listens(events.ShareAccepted)
def on_accepted(event: events.ShareAccepted) -> None:
    """Tell who keeps the accounts of the organisation that books."""
    _tell("share_accepted", event, db.session.get_one(CostPlan, event.plan_id).organisation_id)


@listens(events.ShareDeclined)
def on_declined(event: events.ShareDeclined) -> None:
    """Tell who keeps the accounts of the organisation that books: it bears the part itself."""
    _tell("share_declined", event, db.session.get_one(CostPlan, event.plan_id).organisation_id)


def _tell(letter: str, event: events.ShareEvent, to_organisation: int) -> None:
    if is_quiet():
        return
    for person in queries.who_keeps_accounts(to_organisation):
        if person.id == event.actor_id:
            continue
        payload = {
            "letter": letter,
            "plan": event.plan_id,
            "organisation": event.organisation_id,
            "person": person.id,
        }
        key = f"{letter}:{event.plan_id}:{event.organisation_id}:{person.id}"
        enqueue("notifications.write_share", payload, dedup_key=key)


@job("notifications.write_share")
def write_share(payload: Payload) -> None:
    """Write to one person about a part of a cost, if that is still so, not charged yet, and money still on."""
    party, person = _find_party(payload), queries.find_person(payload["person"])
    booking = _find_booking(party) if party else None
    if party is None or booking is None or person is None or not has_money(booking.territory_id):
        return
    with speaking(person.locale):
        letter = LETTERS[payload["letter"]](booking, party)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=queries.territory_name(booking))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


@listens(events.SharesAsked)
def on_all_asked(event: events.SharesAsked) -> None:
    """Ask who keeps the accounts of the organisation, once for all elements of a request."""
    _tell_of_all("shares_asked", event, event.organisation_id)


@listens(events.SharesAccepted)
def on_all_accepted(event: events.SharesAccepted) -> None:
    """Tell who keeps the accounts of the organisation that books, once."""
    _tell_of_all("shares_accepted", event, _asker_of(event))


@listens(events.SharesDeclined)
def on_all_declined(event: events.SharesDeclined) -> None:
    """Tell who keeps the accounts of the organisation that books, once."""
    _tell_of_all("shares_declined", event, _asker_of(event))


def _asker_of(event: events.SharesEvent) -> int:
    return db.session.get_one(CostPlan, event.plan_ids[0]).organisation_id


def _tell_of_all(letter: str, event: events.SharesEvent, to_organisation: int) -> None:
    if is_quiet():
        return
    for person in queries.who_keeps_accounts(to_organisation):
        if person.id != event.actor_id:
            payload = {"letter": letter, "plans": list(event.plan_ids), "organisation": event.organisation_id}
            key = f"{letter}:{event.plan_ids[0]}:{event.organisation_id}:{person.id}"
            enqueue("notifications.write_shares", payload | {"person": person.id}, dedup_key=key)


@job("notifications.write_shares")
def write_shares(payload: Payload) -> None:
    """Write to one person about parts of all elements of a request, of those for which that is still so."""
    state = OF_ALL[payload["letter"]].state
    found = [
        (costs, party)
        for plan_id in payload["plans"]
        if (plan := _open_plan(plan_id))
        if (party := plan.party(payload["organisation"])) and party.state == state
        if (costs := _costs_of(plan))
    ]
    person = queries.find_person(payload["person"])
    if not found or person is None or not has_money(found[0][0].plan.territory_id):
        return
    with speaking(person.locale):
        letter = OF_ALL[payload["letter"]].write(found)
        signed = replace(letter, name=person.name, signed=queries.territory_of(found[0][0].plan.territory_id))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


@listens(events.PutRight)
def on_put_right(event: events.PutRight) -> None:
    """Tell who keeps the accounts of a payer what it is charged now, and why."""
    if is_quiet():
        return
    payload = {
        "plan": event.plan_id,
        "organisation": event.organisation_id,
        "change": [event.reason, event.before_cents, event.after_cents, event.keeps_off],
    }
    for person in queries.who_keeps_accounts(event.organisation_id):
        if person.id != event.actor_id:
            enqueue("notifications.write_put_right", payload | {"person": person.id})


@job("notifications.write_put_right")
def write_put_right(payload: Payload) -> None:
    """Write to one person what their organisation is charged now, where money is still on."""
    plan, person = db.session.get(CostPlan, payload["plan"]), queries.find_person(payload["person"])
    costs = _costs_of(plan) if plan else None
    if plan is None or costs is None or person is None or not has_money(plan.territory_id):
        return
    name = db.session.get_one(Organisation, payload["organisation"]).name
    with speaking(person.locale):
        letter = put_right(costs, Change(name, *payload["change"]))
        signed = replace(letter, name=person.name, signed=queries.territory_of(plan.territory_id))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


@listens(MeasuresAwaited)
def on_measures_awaited(event: MeasuresAwaited) -> None:
    """Remind who can say what was measured."""
    booking = queries.find_booking(event.booking_id)
    found = None if booking is None or is_quiet() else find_costs(booking)
    for person in queries.who_measures(found.booking, found.plan.payee_id) if found else ():
        enqueue("notifications.write_measures", {"booking": event.booking_id, "person": person.id})


@job("notifications.write_measures")
def write_measures(payload: Payload) -> None:
    """Remind one person of what was not measured, if it still was not and money is still on."""
    booking, person = queries.find_booking(payload["booking"]), queries.find_person(payload["person"])
    found = find_costs(booking) if booking else None
    if found is None or person is None:
        return
    with speaking(person.locale):
        letter = measures_awaited(found.booking, found.plan)
        if letter is None:
            return
        signed = replace(letter, name=person.name, signed=queries.territory_name(found.booking))
        mail = message(signed, person.email, person.locale)
    deliver(mail)


def _open_plan(plan_id: int) -> CostPlan | None:
    plan = db.session.get(CostPlan, plan_id, populate_existing=True)
    return None if plan is None or plan.is_closed else plan


def _find_party(payload: Payload) -> CostParty | None:
    plan = _open_plan(payload["plan"])
    return plan.party(payload["organisation"]) if plan and plan.subject_kind == SUBJECT else None


def _costs_of(plan: CostPlan) -> Costs | Sold | None:
    if plan.subject_kind != SUBJECT:
        return goods_of_plan(plan)
    booking = queries.find_booking_by_ref(plan.subject_ref)
    return Costs(booking, plan) if booking else None


def _find_booking(party: CostParty) -> Booking | None:
    return queries.find_booking_by_ref(party.plan.subject_ref)
