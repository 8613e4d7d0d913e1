"""What the receiver says, with an account of its own, of a signature that was made on the giver's telephone."""

from app.core import clock
from app.core.policy import Actor
from app.infra.events import emit
from app.infra.uow import atomic
from app.supply.lots import events
from app.supply.lots.errors import CannotAnswer
from app.supply.lots.models import Handover, HandoverAnswer
from app.supply.lots.rules import ANSWER_TIME
from app.supply.lots.service.common import checked_reason, lock_note_of, tell


def confirm(actor: Actor, note_id: int) -> None:
    """Say that what was signed in the receiver's name is right. Raise NotFound, NotOurLot, CannotAnswer."""
    with atomic():
        written = _unanswered(actor, note_id)
        _answer(written, actor, is_right=True)
        tell(written, "confirmed", actor)


def contest(actor: Actor, note_id: int, reason: str) -> None:
    """Say that it is not, and why: the note says so from now on, and who gave is told.

    Raise NotFound, NotOurLot, ReasonMissing, CannotAnswer.
    """
    reason = checked_reason(reason)
    with atomic():
        written = _unanswered(actor, note_id)
        if written.received_at is None or clock.now() >= written.received_at + ANSWER_TIME:
            raise CannotAnswer(reason="over", days=ANSWER_TIME.days)
        _answer(written, actor, is_right=False, reason=reason)
        tell(written, "contested", actor)
        emit(events.NoteContested(written.id, actor.person_id))


def _unanswered(actor: Actor, note_id: int) -> Handover:
    written = lock_note_of(actor, note_id, "receiver")
    if not written.is_on_the_spot:
        raise CannotAnswer(reason="own")
    if written.answer is not None:
        raise CannotAnswer(reason="answered")
    return written


def _answer(written: Handover, actor: Actor, *, is_right: bool, reason: str = "") -> None:
    written.answer = HandoverAnswer(
        person_id=actor.person_id or 0, is_right=is_right, reason=reason, at=clock.now()
    )
