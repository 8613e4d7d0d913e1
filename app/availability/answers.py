"""What the pages of the catalogue ask of this room: the hours of a site in words."""

from sqlalchemy import select

from app.availability.models import Schedule
from app.availability.words.hours import site_hours_words
from app.catalogue.asks import Hours, tells_hours
from app.infra.db import db


@tells_hours
def site_hours(site_id: int) -> Hours:
    """Say when a site is open; hours that no rows can say are shown as they are written."""
    schedule = db.session.scalars(select(Schedule).filter_by(site_id=site_id)).one()
    words = site_hours_words(schedule.expression, schedule.school_zone)
    return Hours(words.rows, [*words.notes, *([words.raw] if words.raw else [])])
