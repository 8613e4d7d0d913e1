"""Reads of hand-over notes."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.errors import NotFound
from app.core.policy import Actor
from app.infra.db import db
from app.supply.lots.models import Handover, HandoverLine, Lot
from app.supply.lots.rules import DONE, OPEN, NoteState

_MOST: Final = 20

WHOLE_NOTE: Final = (
    joinedload(Handover.giver),
    joinedload(Handover.receiver),
    joinedload(Handover.answer),
    joinedload(Handover.territory),
    selectinload(Handover.lines).joinedload(HandoverLine.lot).joinedload(Lot.resource),
)


def get_note(ref: str) -> Handover:
    """Find a hand-over note with its lines by its reference; raise NotFound."""
    note = db.session.scalar(select(Handover).filter_by(public_id=ref).options(*WHOLE_NOTE))
    if note is None:
        raise NotFound(kind="handover", ref=ref)
    return note


def notes_of_chain(bundle_id: int) -> Sequence[Handover]:
    """List the hand-over notes of a chain, the first first."""
    rows = select(Handover).filter_by(bundle_id=bundle_id).options(*WHOLE_NOTE).order_by(Handover.id)
    return db.session.scalars(rows).all()


def open_notes(actor: Actor) -> Sequence[Handover]:
    """List the notes that somebody's organisations have still to sign, or to say what came back of, or wait for."""
    mine = or_(Handover.giver_id.in_(actor.memberships), Handover.receiver_id.in_(actor.memberships))
    is_giver = Handover.giver_id.in_(actor.memberships)
    is_ours = or_(Handover.state == NoteState.GIVEN, is_giver)
    return _notes(or_(and_(mine, Handover.state.in_(OPEN), is_ours), and_(is_giver, _awaits_returns())))


def _awaits_returns() -> ColumnElement[bool]:
    """Say in SQL that something came back, and who gave has not said yet what became of it."""
    rows = select(HandoverLine.id).where(
        HandoverLine.handover_id == Handover.id, HandoverLine.returned.is_(None)
    )
    less = and_(Handover.state == NoteState.RECEIVED, HandoverLine.received_grams < HandoverLine.grams)
    return rows.where(or_(Handover.state == NoteState.REFUSED, less)).exists()


def done_notes(actor: Actor) -> Sequence[Handover]:
    """List the notes of somebody's organisations, or of their territories, that both sides are done with."""
    mine = or_(
        Handover.giver_id.in_(actor.memberships),
        Handover.receiver_id.in_(actor.memberships),
        Handover.territory_id.in_(actor.coordinated),
    )
    return _notes(mine, Handover.state.in_(DONE))


def notes_before(actor: Actor, before: int | None, limit: int) -> Sequence[Handover]:
    """List the notes somebody may see that were written before one (id), the last first."""
    mine = or_(
        Handover.giver_id.in_(actor.memberships),
        Handover.receiver_id.in_(actor.memberships),
        Handover.territory_id.in_(actor.coordinated),
    )
    rows = select(Handover).where(mine).options(*WHOLE_NOTE).order_by(Handover.id.desc()).limit(limit)
    return db.session.scalars(rows if before is None else rows.where(Handover.id < before)).all()


def _notes(*wanted: ColumnElement[bool]) -> Sequence[Handover]:
    rows = select(Handover).where(*wanted).options(*WHOLE_NOTE)
    return db.session.scalars(rows.order_by(Handover.at.desc(), Handover.id.desc()).limit(_MOST)).all()
