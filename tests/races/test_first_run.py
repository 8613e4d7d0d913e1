"""Sixteen browsers hold the code of the first run at once: one of them opens the platform, the others are told."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core.errors import NotFound
from app.infra.db import db
from app.installation import queries, service
from tests.races.writers import FORK

PROCESSES = 16

pytestmark = pytest.mark.race


def _open(app: Any, number: int, kept: str, start: Any, told: Any) -> None:
    with app.app_context():
        start.wait(30)
        try:
            service.open_administrator(
                kept, name=f"Alix {number}", email=f"alix{number}@exemple.org", password="brouette verte 12"
            )
            told.put("opened")
        except NotFound:
            told.put("too late")


def test_one_administrator_opens_the_platform_however_many_hold_the_code(fresh_database):
    with fresh_database.app.app_context():
        code = service.renew_code()
        assert code
        kept = service.check_code(code)
        db.session.remove()
        db.engine.dispose()
    start, told = FORK.Event(), FORK.Queue()
    crowd = [
        FORK.Process(target=_open, args=(fresh_database.app, number, kept, start, told))
        for number in range(PROCESSES)
    ]
    for each in crowd:
        each.start()
    start.set()
    outcomes = Counter(told.get(timeout=60) for _ in crowd)
    for each in crowd:
        each.join(30)
    assert outcomes == {"opened": 1, "too late": PROCESSES - 1}
    with fresh_database.app.app_context():
        admins = select(func.count()).select_from(Person).where(Person.is_platform_admin)
        assert db.session.scalar(admins) == 1
        assert queries.find_code() is None
        assert db.session.scalar(select(func.count()).select_from(Person)) == 1
