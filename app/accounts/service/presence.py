"""Knowing who still comes: what three years without anybody are counted from (app.accounts.rules.IDLE_LIFE).

Somebody comes by opening a page or sending a form while signed in, by answering from an e-mail, or by a program that
uses a token of theirs. A calendar that reads by itself, on a telephone long forgotten, is nobody coming.
"""

import logging
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Person
from app.accounts.rules import is_seen_lately
from app.core import clock
from app.infra.db import db
from app.infra.uow import atomic

log = logging.getLogger(__name__)


def note_visit(person_id: int, seen_at: datetime | None) -> None:
    """Write down that somebody came, if the last time noted is a week old; never a failure of the page."""
    if is_seen_lately(seen_at, clock.now()):
        return
    try:
        with atomic():
            note_presence(person_id)
    except DBAPIError:
        log.warning("The visit of a person could not be noted.", exc_info=True)


def note_presence(person_id: int) -> None:
    """Write down, inside a use case, that somebody is here; a warning that the account ends is void."""
    here = update(Person).where(Person.id == person_id, Person.erased_at.is_(None))
    db.session.execute(here.values(seen_at=clock.now(), warned_at=None))
