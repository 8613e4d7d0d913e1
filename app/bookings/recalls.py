"""What was called back from a booking, as its history keeps it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.models import Organisation
from app.infra import audit
from app.infra.audit import AuditEntry
from app.infra.db import db


@dataclass(frozen=True)
class Recall:
    """Some of a booking given back: how many units, how many are left, from when on.

    What is left goes on there as the booking `rest` (a reference) where the first one began before; `whose` names the
    organisation that called its quota back, for those who manage the place.
    """

    units: int
    left: int
    since: datetime
    ends_there: bool
    rest: str | None
    whose: str


def last_recall(booking_id: int) -> Recall | None:
    """Read what was called back last from a booking."""
    lines = [entry for entry in audit.history("booking", booking_id) if entry.act == "recalled"]
    return recall_of(lines[-1].facts, _name(lines[-1])) if lines else None


def recall_of(facts: dict[str, Any], whose: str = "") -> Recall:
    """Read a line of history."""
    since = datetime.fromisoformat(facts["since"])
    ends_there = datetime.fromisoformat(facts["before"]["start"]) < since
    return Recall(facts["units"], facts["left"], since, ends_there, facts["rest"], whose)


def _name(line: AuditEntry) -> str:
    organisation = db.session.get(Organisation, line.facts.get("whose") or 0)
    return organisation.name if organisation else ""
