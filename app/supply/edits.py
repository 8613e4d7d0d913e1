"""Correcting what somebody else, or another tab, has corrected since the form was opened: not silently undone."""

from collections.abc import Mapping
from typing import Any

from app.accounts.models import Person
from app.core.errors import Conflict
from app.core.policy import Actor
from app.infra import audit
from app.infra.audit import AuditEntry
from app.infra.db import db

EDITED = (
    "changed"  # the fact of a line of history by which it is a correction: the names of what was corrected
)


class ChangedMeanwhile(Conflict):
    """The columns of `names` say something else since the form was opened, and would be undone.

    `by` and `is_own` tell who changed them last, `at` and `timezone` when.
    """

    code = "changed_meanwhile"


def last_edit(kind: str, subject_id: int) -> int:
    """Give the number of the last correction in the history of something; 0 where nobody corrected it."""
    return max((line.id for line in audit.history(kind, subject_id) if line.facts.get(EDITED)), default=0)


def edits_since(subject: Any, seen: int | None) -> list[AuditEntry]:
    """List the corrections of something after the one that was `seen`; none where nothing was, as by a program."""
    if seen is None:
        return []
    history = audit.history(subject.__tablename__, subject.id)
    return [line for line in history if line.facts.get(EDITED) and line.id > seen]


def refuse_undoing(
    actor: Actor,
    subject: Any,
    columns: Mapping[str, Any],
    seen: int | None,
    now: Mapping[str, Any] | None = None,
) -> None:
    """Raise ChangedMeanwhile where `columns` would undo what was corrected after the correction that was `seen`.

    The row of the subject is locked; `now` is what holds, where that is not in its own columns alone. What was changed
    to the same, and what only others wanted, is no quarrel; where nothing was seen, nothing is compared.
    """
    since = edits_since(subject, seen)
    touched = {name for line in since for name in line.facts[EDITED] if name in columns}
    held = {name: getattr(subject, name) for name in touched} if now is None else now
    undone = sorted(name for name in touched if held.get(name) != columns[name])
    if undone:
        raise ChangedMeanwhile(names=undone, **told_of(actor, subject, since[-1]))


def told_of(actor: Actor, subject: Any, line: AuditEntry) -> dict[str, Any]:
    """Tell who did what a line of the history of something says, and when, as refusals tell it."""
    person = db.session.get(Person, line.actor_id) if line.actor_id else None
    return {
        "by": person.name if person else "",
        "is_own": line.actor_id is not None and line.actor_id == actor.person_id,
        "at": line.at,
        "timezone": subject.territory.timezone,
    }
