"""What the use cases share: rows of notes are locked first, then those of lots, each ascending (docs/locking.md)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.service.locks import keep_organisation, keep_person
from app.core import clock
from app.core.errors import NotFound, ReasonMissing, TextTooLong
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.supply.lots.errors import LotFlagged, LotGone, LotSpoilt, NoteMovedOn, NotOurLot, TemperatureOdd
from app.supply.lots.limits import COLDEST, WARMEST
from app.supply.lots.models import Handover, Incident, Lot
from app.supply.lots.queries import day_in, incidents_of, today_in
from app.supply.lots.rules import LONGEST_TEXT, NOTE, OPEN, LotState, NoteState


def lock_lots(lot_ids: Collection[int]) -> list[Lot]:
    """Get lots as they are now, ascending: what is left of them changes with nobody else; raise NotFound."""
    rows = select(Lot).where(Lot.id.in_(lot_ids)).order_by(Lot.id).with_for_update()
    lots = [*db.session.scalars(rows, execution_options={"populate_existing": True})]
    if len(lots) < len(set(lot_ids)):
        raise NotFound(kind="lot")
    return lots


def lock_own_lot(actor: Actor, lot_id: int) -> Lot:
    """Get a lot of one's own organisation to change it; raise NotFound, NotOurLot."""
    [lot] = lock_lots([lot_id])
    if not actor.belongs_to(lot.organisation_id):
        raise NotOurLot(organisation=lot.organisation_id)
    return lot


def lock_notes(note_ids: Collection[int]) -> Sequence[Handover]:
    """Get hand-over notes as they are now, ascending."""
    rows = select(Handover).where(Handover.id.in_(note_ids)).order_by(Handover.id).with_for_update()
    return db.session.scalars(rows, execution_options={"populate_existing": True}).all()


def lock_note(note_id: int) -> Handover:
    """Get a hand-over note as it is now; raise NotFound."""
    notes = lock_notes([note_id])
    if not notes:
        raise NotFound(kind="handover")
    return notes[0]


def lock_note_of(actor: Actor, note_id: int, side: Literal["giver", "receiver"]) -> Handover:
    """Get a hand-over note as it is now for somebody of one of its sides; the side and the person are kept before it.

    Raise NotFound (also where nobody is on that side), NotOurLot, OrganisationInactive.
    """
    of_side = Handover.giver_id if side == "giver" else Handover.receiver_id
    organisation_id = db.session.scalar(select(of_side).where(Handover.id == note_id))
    if organisation_id is None:
        raise NotFound(kind="handover")
    if not actor.belongs_to(organisation_id):
        raise NotOurLot(organisation=organisation_id)
    keep_organisation(organisation_id)
    keep_person(actor.person_id)
    return lock_note(note_id)


def check_held(lot: Lot) -> None:
    """Refuse to move what was destroyed; raise LotGone."""
    if lot.state != LotState.HELD:
        raise LotGone(product=lot.product)


def check_edible(lots: Collection[Lot], at: datetime | None = None) -> None:
    """Refuse to hand over what nobody may eat at an instant, now where none is said or that is past already.

    Raise LotGone, LotSpoilt, LotFlagged.
    """
    check_cold(lots)
    for lot in lots:
        if lot.is_spoilt_on(max(today_in(lot.territory), day_in(lot.territory, at or clock.now()))):
            raise LotSpoilt(product=lot.product, use_by=lot.use_by)


def check_cold(lots: Collection[Lot]) -> None:
    """Refuse to move on what was destroyed, or too warm, until somebody said what becomes of it."""
    flagged = incidents_of([lot.id for lot in lots])
    for lot in lots:
        check_held(lot)
        if lot.id in flagged:
            raise LotFlagged(product=lot.product, incident=flagged[lot.id].public_id)


def checked_tenths(tenths: int | None) -> int | None:
    """Refuse what no thermometer shows; raise TemperatureOdd."""
    if tenths is not None and not COLDEST <= tenths <= WARMEST:
        raise TemperatureOdd(field="temperature", coldest=COLDEST, warmest=WARMEST)
    return tenths


def check_open(note: Handover, act: str, actor: Actor) -> None:
    """Refuse what a note is past already, or not ready for; raise NoteMovedOn, which tells who came before and when."""
    if NOTE.allows(act, note.state):
        return
    by, person_id, at = _who_moved(note)
    raise NoteMovedOn(
        act=act, state=note.state, by=by, is_own=person_id is not None and person_id == actor.person_id,
        at=at, timezone=note.territory.timezone, tenths=note.received_tenths,
    )  # fmt: skip


def _who_moved(note: Handover) -> tuple[str, int | None, datetime | None]:
    """Tell who brought a note where it stands, and when: by the name that was signed, else by the account."""
    match note.state:
        case NoteState.GIVEN | NoteState.DISTRIBUTED:
            return note.given_name or "", note.given_by_id, note.given_at
        case NoteState.RECEIVED | NoteState.REFUSED:
            return note.received_name or "", note.received_by_id, note.received_at
        case NoteState.CANCELLED:
            lines = [line for line in audit.history("handover", note.id) if line.act == "cancelled"]
            person = db.session.get(Person, lines[-1].actor_id) if lines and lines[-1].actor_id else None
            return person.name if person else "", person.id if person else None, note.ended_at
    return "", None, None


def come_to(note: Handover, act: str, actor: Actor) -> None:
    """Move a note on; raise NoteMovedOn."""
    check_open(note, act, actor)
    note.state = NoteState(NOTE.after(act, note.state))
    if note.state not in OPEN:
        note.ended_at = clock.now()


def checked(text: str, field: str) -> str:
    """Trim what somebody wrote; raise TextTooLong."""
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(field=field, max=LONGEST_TEXT)
    return text.strip()


def checked_reason(text: str, field: str = "reason") -> str:
    """Trim a reason that others read; raise ReasonMissing, TextTooLong."""
    if not text.strip():
        raise ReasonMissing(field=field)
    return checked(text, field)


def tell(subject: Lot | Handover | Incident, act: str, actor: Actor, **facts: Any) -> None:
    """Add a line to the history of a lot, a note or an incident.

    Reasons stand with these and not in their history, which never changes: words can be forgotten.
    """
    db.session.flush()
    territory_id = subject.territory_id
    audit.record(subject.__tablename__, subject.id, act, actor, territory_id=territory_id, **facts)
