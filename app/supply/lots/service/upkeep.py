"""What goes when people and organisations do, and when nobody may ask for it any more."""

from sqlalchemy import Select, delete, func, or_, select, update

from app.accounts.events import AccountErased, OrganisationArchived
from app.core import clock
from app.infra.audit import AuditEntry
from app.infra.db import db
from app.infra.uow import atomic
from app.supply.lots.models import (
    Handover,
    HandoverAnswer,
    HandoverLine,
    Incident,
    InspectionLink,
    Lot,
    ReadingCorrection,
    TemperatureReading,
)
from app.supply.lots.rules import DEAD_LINK_LIFE, OPEN, PROOF_LIFE
from app.supply.lots.service.common import lock_notes
from app.supply.lots.service.handing import call_off


def end_all_of(leaver: OrganisationArchived) -> None:
    """Call off the notes of an organisation that nobody has received; what it had and handed over stays known.

    Nobody reads it by a link any more.
    """
    theirs = or_(Handover.giver_id == leaver.organisation_id, Handover.receiver_id == leaver.organisation_id)
    with atomic() as session:
        ids = session.scalars(select(Handover.id).where(theirs, Handover.state.in_(OPEN))).all()
        for written in lock_notes(ids):
            if written.state in OPEN:
                call_off(written, leaver.by, leaver.reason)
        links = update(InspectionLink).where(
            InspectionLink.organisation_id == leaver.organisation_id, InspectionLink.revoked_at.is_(None)
        )
        session.execute(links.values(revoked_at=clock.now()))


def forget_words_of(leaver: AccountErased) -> None:
    """Let go of somebody who leaves: keys, the names they signed with, their words where they want that.

    Lots and notes are their organisation's; what was signed is proved by its digest, which names nobody.
    """
    who = leaver.person_id
    with atomic() as session:
        for table in (Lot, Handover):
            gone = {"idempotency_key": None} | ({"note": ""} if leaver.messages_too else {})
            session.execute(update(table).where(table.person_id == who).values(gone))
        if leaver.messages_too:
            _forget_reasons_of(who)
        readings = update(TemperatureReading).where(TemperatureReading.person_id == who)
        session.execute(readings.values(idempotency_key=None))
        session.execute(update(Handover).where(Handover.given_by_id == who).values(given_name=""))
        session.execute(update(Handover).where(Handover.received_by_id == who).values(received_name=""))


def _forget_reasons_of(person_id: int) -> None:
    """Let go of the reasons somebody wrote, whosever lot or note they are about: their history knows who did what."""
    session = db.session
    answers = update(HandoverAnswer).where(HandoverAnswer.person_id == person_id)
    session.execute(answers.values(reason=""))
    corrections = update(ReadingCorrection).where(ReadingCorrection.person_id == person_id)
    session.execute(corrections.values(reason=""))
    lots = update(Lot).where(Lot.id.in_(_done_by(person_id, "lot", "destroyed")))
    session.execute(lots.values(reason=""))
    notes = _done_by(person_id, "handover", "received", "refused", "cancelled")
    session.execute(update(Handover).where(Handover.id.in_(notes)).values(reason=""))
    back = _done_by(person_id, "handover", "came_back")
    told = update(HandoverLine).where(HandoverLine.handover_id.in_(back))
    session.execute(told.values(return_reason=""))
    session.execute(
        update(Incident).where(Incident.closed_by_id == person_id).values(measures="", why_unmeasured="")
    )


def _done_by(person_id: int, kind: str, *acts: str) -> Select[int]:
    lines = select(AuditEntry.subject_id).filter_by(subject_kind=kind, actor_id=person_id)
    return lines.where(AuditEntry.act.in_(acts))


def forget_old() -> None:
    """Forget names and words of what is older than anybody may ask for, and links that ended a while ago."""
    before = clock.now() - PROOF_LIFE
    with atomic() as session:
        ended = func.coalesce(InspectionLink.revoked_at, InspectionLink.expires_at)
        session.execute(delete(InspectionLink).where(ended < clock.now() - DEAD_LINK_LIFE))
        old = Handover.ended_at < before
        words = {"given_name": "", "received_name": "", "note": "", "reason": ""}
        session.execute(update(Handover).where(old).values(words))
        of_old = HandoverLine.handover_id.in_(select(Handover.id).where(old))
        session.execute(update(HandoverLine).where(of_old).values(return_reason=""))
        answered = HandoverAnswer.at < before
        session.execute(update(HandoverAnswer).where(answered).values(reason=""))
        corrected = ReadingCorrection.at < before
        session.execute(update(ReadingCorrection).where(corrected).values(reason=""))
        session.execute(update(Lot).where(Lot.created_at < before).values(note="", reason=""))
