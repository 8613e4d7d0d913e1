"""What the use cases share. The row of a gleaning is locked after those of organisations and people (locking.md)."""

from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db
from app.infra.events import emit
from app.supply.gleanings import events
from app.supply.gleanings.models import Gleaning, GleaningSignUp
from app.supply.gleanings.rules import CALL, InLine, Place, State, moved_up
from app.supply.offers.errors import NotTakingPart


def lock_gleaning(gleaning_id: int) -> Gleaning:
    """Get a gleaning as it is now: neither it nor who comes changes before this use case ends; raise NotFound.

    SQLite has one writer anyway.
    """
    row = select(Gleaning).filter_by(id=gleaning_id).with_for_update()
    gleaning = db.session.scalar(row, execution_options={"populate_existing": True})
    if gleaning is None:
        raise NotFound(kind="gleaning")
    return gleaning


def lock_own(actor: Actor, gleaning_id: int) -> Gleaning:
    """Get a gleaning that somebody's organisation called for; raise NotFound, NotTakingPart."""
    gleaning = lock_gleaning(gleaning_id)
    if not actor.belongs_to(gleaning.organisation_id):
        raise NotTakingPart(organisation=gleaning.organisation_id)
    return gleaning


def sign_ups(gleaning: Gleaning) -> list[GleaningSignUp]:
    """Read who signed up for a gleaning that is locked, in their order, as it is now."""
    rows = select(GleaningSignUp).filter_by(gleaning_id=gleaning.id).order_by(GleaningSignUp.id)
    return [*db.session.scalars(rows.execution_options(populate_existing=True))]


def going(those: list[GleaningSignUp]) -> int:
    """Count the people who have a place."""
    return sum(each.people for each in those if each.place == Place.GOING)


def move_up(gleaning: Gleaning, actor: Actor, *, freed: bool = True) -> None:
    """Give the places that are free to who is in line, and tell them.

    Where some were `freed` and nobody fits, the first is told that some of them could come.
    """
    db.session.flush()
    those = sign_ups(gleaning)
    line = {each.id: each for each in those if each.in_line}
    free = gleaning.most_people - going(those)
    up = moved_up(free, (InLine(each.id, each.in_line, each.is_going) for each in line.values()))
    for who, number in up:
        let_come(line[who], number)
    if up:
        note(gleaning, "moved_up", actor, people=sum(number for _who, number in up))
        emit(events.MovedUp(gleaning.id, actor.person_id, tuple(who for who, _number in up)))
    waits = next((each.id for each in line.values() if each.in_line), None)
    if freed and waits is not None and free > sum(number for _who, number in up):
        emit(events.PartFree(gleaning.id, actor.person_id, waits))


def let_come(own: GleaningSignUp, number: int) -> None:
    """Let so many of those who wait have a place; the others stay in line."""
    waiting = own.in_line - number
    own.people = number + (own.people if own.is_going else 0)
    own.place, own.waiting = Place.GOING, waiting


def come_to(gleaning: Gleaning, act: str) -> None:
    """Move a gleaning on; raise IllegalMove."""
    gleaning.state, gleaning.changed_at = State(CALL.after(act, gleaning.state)), clock.now()
    gleaning.revision += 1
    if gleaning.state != State.OPEN and gleaning.ended_at is None:
        gleaning.ended_at = clock.now()


def note(gleaning: Gleaning, act: str, actor: Actor, **facts: Any) -> None:
    """Add a line to the history of a gleaning."""
    db.session.flush()
    audit.record("gleaning", gleaning.id, act, actor, territory_id=gleaning.territory_id, **facts)
