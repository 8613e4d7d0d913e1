"""What money asks of settlements: how what is owed in the place of other debts is called."""

from collections.abc import Collection, Mapping

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.infra.db import db
from app.payments.books.postings import SETTLEMENT
from app.payments.settlement.models import Settlement
from app.payments.subjects import Subject, names
from app.web.format import day


@names(SETTLEMENT)
def settlements(refs: Collection[str]) -> Mapping[str, Subject]:
    """Name settlements by the day on which all had agreed."""
    rows = select(Settlement).options(joinedload(Settlement.begun_for)).where(Settlement.public_id.in_(refs))
    return {each.public_id: Subject(_title(each)) for each in db.session.scalars(rows)}


def _title(each: Settlement) -> str:
    tz = each.begun_for.territory.timezone
    return _("Settlement with several, %(day)s", day=day(each.ended_at or each.begun_at, tz=tz))
