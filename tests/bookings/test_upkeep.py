"""What is forgotten of bookings, and when."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.bookings import service
from app.bookings.models import Booking, BookingMessage, DecisionLink
from app.bookings.rules import DEAD_LINK_LIFE, TALK_LIFE
from app.bookings.service.deciding import LINK_LIFE
from app.infra import jobs
from app.infra.db import db


@pytest.fixture
def booking(shared):
    return shared.ask(message="Avec des enfants")


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def night(app):
    jobs.perform(app, "bookings.forget_old", {})


def test_what_was_written_is_kept_for_three_years_after_the_booking(app, booking, frozen):
    frozen.move_to(booking.end_at + TALK_LIFE)
    night(app)
    assert count(BookingMessage) == 1
    frozen.tick(minutes=1)
    night(app)
    assert (count(BookingMessage), count(Booking)) == (0, 1)


def test_links_to_decide_are_remembered_for_thirty_days(app, shared, booking, frozen):
    service.open_decision_link(booking.id, shared.manager_person.id)
    frozen.tick(days=(LINK_LIFE + DEAD_LINK_LIFE) / timedelta(days=1))
    night(app)
    assert count(DecisionLink) == 1
    frozen.tick(minutes=1)
    night(app)
    assert count(DecisionLink) == 0
