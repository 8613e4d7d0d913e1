"""Writing a hand-over note, and giving it up before the other side has signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service.locks import keep_organisation, keep_person, one_at_a_time
from app.bookings.errors import KeyReused
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra import audit
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.cargo import Regime
from app.supply.keys import refuse_other
from app.supply.lots import events
from app.supply.lots.errors import BadNote, LotShort, NotOurLot, TemperatureMissing
from app.supply.lots.models import Handover, HandoverLine, Lot
from app.supply.lots.queries import day_in, found
from app.supply.lots.rules import AHEAD, LONGEST_NOTE, MEASURED, MOST_PACKAGES, MOST_PEOPLE, NoteState
from app.supply.lots.service.breaking import look_at_giving
from app.supply.lots.service.common import (
    check_edible,
    check_open,
    checked,
    checked_reason,
    checked_tenths,
    come_to,
    lock_lots,
    lock_note,
    tell,
)


@dataclass(frozen=True)
class NewNote:
    """Who gives what to whom: lots (ids) with grams of each, how warm, in how many packages.

    Without a receiver it goes to people: how many, never who.
    """

    giver_id: int
    lots: Mapping[int, int]
    receiver_id: int | None = None
    people: int | None = None
    tenths: int | None = None
    packages: int | None = None
    at: datetime | None = None  # now, where nobody says
    is_food_aid: bool = False
    note: str = ""


def draft(actor: Actor, new: NewNote, key: str | None = None) -> Handover:
    """Write a hand-over note: what it hands over is nobody else's from now on. With the same key it is the same one.

    Too warm, it opens an incident, and is not signed before that is closed. Raise NotOurLot, OrganisationInactive,
    BadNote, LotShort, LotSpoilt, LotFlagged, LotGone, TemperatureMissing, TemperatureOdd,
    KeyReused.
    """
    if not actor.belongs_to(new.giver_id):
        raise NotOurLot(organisation=new.giver_id)
    with atomic() as session:
        one_at_a_time(f"handover:{actor.person_id}")
        giver = keep_organisation(new.giver_id)
        receiver = checked_receiver(new, giver)
        person = keep_person(actor.person_id)
        known = select(Handover).filter_by(person_id=person.id, idempotency_key=key)
        if key and (made := session.scalar(known)):
            return _the_same(made, new)
        lots = checked_lots(new)
        check_facts(new, lots)
        written = Handover(
            public_id=new_public_id(), territory_id=giver.territory_id, giver_id=giver.id,
            receiver_id=receiver.id if receiver else None, people=new.people, bundle_id=chain_of(lots),
            person_id=person.id, at=new.at or clock.now(), tenths=new.tenths, packages=new.packages,
            is_food_aid=new.is_food_aid, note=checked(new.note, "note"), state=NoteState.DRAFTED, reason="",
            created_at=clock.now(), idempotency_key=key,
            lines=[HandoverLine(lot_id=lot.id, grams=new.lots[lot.id]) for lot in lots],
        )  # fmt: skip
        session.add(written)
        tell(written, "drafted", actor, grams=sum(new.lots.values()))
        look_at_giving(written, lots, actor)
    return written


def _the_same(made: Handover, new: NewNote) -> Handover:
    """Give what was written under a key; raise KeyReused where that was another note, not where it was corrected."""
    asked: dict[str, Any] = {"giver_id": new.giver_id}
    if not {line.act for line in audit.history("handover", made.id)} & {"corrected", "no_food_aid"}:
        same = ("receiver_id", "people", "tenths", "packages", "is_food_aid", *(("at",) if new.at else ()))
        asked |= {name: getattr(new, name) for name in same} | {"note": checked(new.note, "note")}
        if {line.lot_id: line.grams for line in made.lines} != dict(new.lots):
            raise KeyReused(field="key")
    refuse_other(made, asked)
    return made


def say_no_food_aid(actor: Actor, note_id: int) -> None:
    """Say that a note that nobody has signed yet is no food aid after all. Raise NotFound, NotOurLot, NoteMovedOn."""
    with atomic():
        written = lock_note(note_id)
        if not actor.belongs_to(written.giver_id):
            raise NotOurLot(organisation=written.giver_id)
        check_open(written, "distribute" if written.is_distribution else "give", actor)
        changed = ["is_food_aid"] if written.is_food_aid else []
        written.is_food_aid = False
        tell(written, "no_food_aid", actor, changed=changed)


def cancel(actor: Actor, note_id: int, reason: str) -> None:
    """Give a note up that the other side has not signed; its lots are free again.

    Raise NotFound, NotOurLot, ReasonMissing, NoteMovedOn.
    """
    reason = checked_reason(reason)
    with atomic():
        written = lock_note(note_id)
        if not actor.belongs_to(written.giver_id):
            raise NotOurLot(organisation=written.giver_id)
        call_off(written, actor, reason)


def call_off(written: Handover, actor: Actor, reason: str) -> None:
    """Cancel a note that is locked; who was to receive it is told, once it was signed."""
    was_given = written.state == NoteState.GIVEN
    come_to(written, "cancel", actor)
    written.reason = reason
    tell(written, "cancelled", actor)
    if was_given:
        emit(events.NoteCancelled(written.id, actor.person_id))


def checked_receiver(new: NewNote, giver: Organisation) -> Organisation | None:
    """Find who is to receive it; raise BadNote, OrganisationInactive."""
    if new.receiver_id is None:
        if new.people is None or not 0 < new.people <= MOST_PEOPLE:
            raise BadNote(field="people", reason="people", most=MOST_PEOPLE)
        return None
    if new.receiver_id == giver.id:
        raise BadNote(field="to", reason="same_side")
    receiver = keep_organisation(new.receiver_id)
    if receiver.territory_id != giver.territory_id or new.people is not None:
        raise BadNote(field="to", reason="receiver")
    return receiver


def checked_lots(new: NewNote, own: Mapping[int, int] | None = None) -> list[Lot]:
    """Lock what is handed over, of which enough must be left; `own` is what the note itself promises already."""
    if not new.lots:
        raise BadNote(reason="nothing")
    if len(new.lots) > LONGEST_NOTE:
        raise BadNote(reason="too_many", most=LONGEST_NOTE)
    own = own or {}
    lots = [lot for lot in lock_lots({*new.lots, *own}) if lot.id in new.lots]
    for lot in lots:
        if lot.organisation_id != new.giver_id:
            raise NotOurLot(organisation=lot.organisation_id)
    check_edible(lots, new.at)
    for each in found(lots):
        lot, asked = each.lot, new.lots[each.lot.id]
        free = each.free + own.get(lot.id, 0)
        if not 0 < asked <= free:
            told = {"left": free, "asked": asked, "waiting": each.waiting}
            raise LotShort(field=f"kilos_{lot.public_id}", product=lot.product, **told)
    return lots


def check_facts(new: NewNote, lots: Sequence[Lot]) -> None:
    """Refuse a temperature, packages or an instant that cannot be, and what has to be cold without a temperature.

    Nothing is handed over before the day it came.
    """
    if checked_tenths(new.tenths) is None and {Regime(lot.regime) for lot in lots} & MEASURED:
        raise TemperatureMissing(field="temperature")
    if new.packages is not None and not 0 <= new.packages <= MOST_PACKAGES:
        raise BadNote(field="packages", reason="packages", most=MOST_PACKAGES)
    if new.at is not None and not clock.now() - AHEAD < new.at < clock.now() + AHEAD:
        raise BadNote(field="day", reason="at", days=AHEAD.days)
    for lot in lots:
        if day_in(lot.territory, new.at or clock.now()) < lot.received_on:
            raise BadNote(field="day", reason="early", product=lot.product, day=lot.received_on)


def chain_of(lots: Sequence[Lot]) -> int | None:
    """Tell which chain all of these lots go by, if one."""
    chains = {lot.bundle_id for lot in lots}
    return chains.pop() if len(chains) == 1 else None
