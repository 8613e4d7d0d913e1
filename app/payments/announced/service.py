"""Saying that money is on its way, taking that back, and ending it once the money is noted. No ledger is touched."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from app.payments.announced.events import PaymentAnnounced
from app.payments.announced.models import Announcement, AnnouncementState


@dataclass(frozen=True)
class Said:
    """What a payer says: how much is on its way, by which means, since when, and which words are with it."""

    cents: int
    method: str
    sent_on: date
    reference: str = ""
    due_ref: str = ""


def announce(actor: Actor, payer_id: int, payee_id: int, said: Said, key: str) -> Announcement:
    """Write down what a payer says, and tell the payee; told twice under one key, it is said once."""
    key = f"{payer_id}:{key}"
    with atomic() as session:
        made = session.scalar(select(Announcement).filter_by(key=key))
        if made is None:
            made = Announcement(
                public_id=new_public_id(), key=key, payer_id=payer_id, payee_id=payee_id, made_at=clock.now(),
                made_by_id=actor.person_id, **vars(said),
            )  # fmt: skip
            session.add(made)
            session.flush()
            emit(PaymentAnnounced(made.id, actor.person_id))
    return made


def take_back(announcement_id: int) -> None:
    """Take back what was said, unless it was noted meanwhile: then it was true."""
    with atomic() as session:
        made = session.get_one(Announcement, announcement_id, with_for_update=True, populate_existing=True)
        if made.state == AnnouncementState.OPEN:
            _end(made, AnnouncementState.TAKEN_BACK)


def end(made: Announcement, payment_ref: str) -> None:
    """End what a payment that was noted has made true."""
    made.payment_ref = payment_ref
    _end(made, AnnouncementState.NOTED)


def open_again(payment_ref: str) -> None:
    """Open again what a payment had made true that was noted by mistake."""
    for made in db.session.scalars(select(Announcement).filter_by(payment_ref=payment_ref).with_for_update()):
        made.state, made.ended_at, made.payment_ref = AnnouncementState.OPEN, None, ""
    db.session.flush()


def _end(made: Announcement, state: AnnouncementState) -> None:
    made.state, made.ended_at = state, clock.now()
    db.session.flush()
