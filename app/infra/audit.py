"""The history that only grows: who did what, when, to which thing, and why."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.policy import Actor
from app.infra.db import Base, Code, Pk, db


class AuditEntry(Base):
    """One line of history. Triggers of the database refuse to change it, and to delete what is more than an old log."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[Pk]
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    subject_kind: Mapped[Code]
    subject_id: Mapped[int]
    act: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acting_for_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]


def record(
    kind: str, subject_id: int, act: str, actor: Actor, *, territory_id: int | None = None, **facts: Any
) -> None:
    """Add a line of history to a subject, inside the use case that made it true; facts must be JSON values."""
    db.session.add(
        AuditEntry(
            territory_id=territory_id,
            subject_kind=kind,
            subject_id=subject_id,
            act=act,
            at=clock.now(),
            actor_id=actor.person_id,
            acting_for_id=actor.acting_for,
            facts=facts,
        )
    )


def history(kind: str, subject_id: int) -> list[AuditEntry]:
    """Read the lines of a subject, oldest first."""
    lines = select(AuditEntry).filter_by(subject_kind=kind, subject_id=subject_id).order_by(AuditEntry.id)
    return list(db.session.scalars(lines))


def lines_about(kind: str, ids: Collection[int]) -> list[AuditEntry]:
    """Read the lines of several subjects of a kind, oldest first."""
    lines = select(AuditEntry).where(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(ids))
    return list(db.session.scalars(lines.order_by(AuditEntry.id)))


def lines_on(about: Mapping[str, Collection[int]]) -> list[AuditEntry]:
    """Read the lines of subjects of several kinds (kind → ids), oldest first."""
    found = select(AuditEntry).where(or_(*_concerning(about)))
    return list(db.session.scalars(found.order_by(AuditEntry.id)))


def lines_of(person_id: int, about: Mapping[str, Collection[int]]) -> list[AuditEntry]:
    """Read what a person did, and the lines about certain subjects (kind → ids) whoever wrote them, oldest first."""
    found = select(AuditEntry).where(or_(AuditEntry.actor_id == person_id, *_concerning(about)))
    return list(db.session.scalars(found.order_by(AuditEntry.id)))


def _concerning(about: Mapping[str, Collection[int]]) -> list[ColumnElement[bool]]:
    return [
        and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(ids)) for kind, ids in about.items()
    ]


def forget(kinds: Collection[str], before: datetime) -> None:
    """Delete, inside a use case, the old lines of kinds that are only logs; the database refuses any other."""
    db.session.execute(delete(AuditEntry).where(AuditEntry.subject_kind.in_(kinds), AuditEntry.at < before))
