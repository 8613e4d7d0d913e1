"""Correcting what somebody else, or another tab, has corrected since the form was opened: not silently undone."""

from collections.abc import Mapping
from typing import Any

from app.accounts.models import Person
from app.core.errors import Conflict
from app.core.policy import Actor
from app.infra import audit
from app.infra.db import db

EDITED = (
    "changed"  # the act in the history of a call, a purchase, an offer; its fact `changed` names the columns
)


class ChangedMeanwhile(Conflict):
    """The columns of `names` say something else since the form was opened, and would be undone.

    `by` and `is_own` tell who changed them last, `at` and `timezone` when.
    """

    code = "changed_meanwhile"


def last_edit(kind: str, subject_id: int) -> int:
    """Give the number of the last correction in the history of something; 0 where nobody corrected it."""
    return max((line.id for line in audit.history(kind, subject_id) if line.act == EDITED), default=0)


def refuse_undoing(actor: Actor, subject: Any, columns: Mapping[str, Any], seen: int | None) -> None:
    """Raise ChangedMeanwhile where `columns` would undo what was corrected after the correction that was `seen`.

    The row of the subject is locked. What was changed to the same, and what only others wanted, is no quarrel; where
    nothing was seen, as by a program, nothing is compared.
    """
    if seen is None:
        return
    history = audit.history(subject.__tablename__, subject.id)
    since = [line for line in history if line.act == EDITED and line.id > seen]
    touched = {name for line in since for name in line.facts["changed"] if name in columns}
    undone = sorted(name for name in touched if getattr(subject, name) != columns[name])
    if not undone:
        return
    last = since[-1]
    person = db.session.get(Person, last.actor_id) if last.actor_id else None
    raise ChangedMeanwhile(
        names=undone,
        by=person.name if person else "",
        is_own=last.actor_id is not None and last.actor_id == actor.person_id,
        at=last.at,
        timezone=subject.organisation.territory.timezone,
    )
