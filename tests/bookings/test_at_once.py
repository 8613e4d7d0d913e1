"""Hours at once: up to so many a month for each organisation nobody has to answer, above that a manager does."""

from typing import Any

import pytest

from app.bookings import queries, service
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.uow import atomic
from tests.bookings.pages import World as Shared
from tests.bookings.pages import text_of
from tests.factories import a_member, an_organisation, span
from tests.helpers import assert_same_after_swap


class World(Shared):
    """A kitchen that partners book at once, up to ten hours a month."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**{"approval": "auto_for_members", "auto_hours": 10, "horizon_days": 400} | facts)

    def book(self, day: str, hours: str) -> Any:
        start, end = hours.split("-")
        return self.ask(span(f"{day} {start}", f"{day} {end}"))


@pytest.fixture
def world(session, frozen):
    return World()


def test_hours_are_counted_up_to_the_last_one(world):
    assert world.book("2026-10-06", "08:00-14:00").decision == "approved"
    assert world.book("2026-10-07", "08:00-12:30").decision == "pending"  # 10 h 30
    assert world.book("2026-10-08", "08:00-09:00").decision == "pending"  # what waits counts too
    assert world.book("2026-11-03", "08:00-18:00").decision == "approved"  # another month
    assert world.book("2026-11-04", "08:00-09:00").decision == "pending"


def test_ten_hours_are_ten_hours(world):
    assert world.book("2026-10-06", "08:00-18:00").decision == "approved"


def test_what_is_given_up_is_free_again(world):
    first = world.book("2026-10-06", "08:00-18:00")
    service.cancel(first.id, world.member, "Changement")
    assert world.book("2026-10-07", "08:00-18:00").decision == "approved"


def test_months_are_those_of_the_place(session, frozen):
    world = World(opening_mode="always")
    assert world.ask(span("2026-10-31 14:00", "2026-10-31 23:30")).decision == "approved"
    assert (
        world.ask(span("2026-11-01 00:00", "2026-11-01 10:00")).decision == "approved"
    )  # 31 October, 23:00 UTC
    assert world.ask(span("2026-10-30 08:00", "2026-10-30 10:00")).decision == "pending"


def test_each_organisation_has_its_own(world):
    world.book("2026-10-06", "08:00-18:00")
    other = an_organisation(world.territory, name="Secours")
    person = a_member(other)
    world.association, world.member = (
        other,
        type(world.member)(person_id=person.id, memberships={other.id: "member"}),
    )
    assert world.book("2026-10-07", "08:00-18:00").decision == "approved"


def test_a_class_that_asks_asks_whatever_is_left(world):
    with atomic():
        world.association.priority_class = "P4"
    assert world.book("2026-10-06", "08:00-09:00").decision == "pending"


def test_it_also_limits_what_everybody_books_at_once(session, frozen):
    world = World(approval="auto")
    assert world.book("2026-10-06", "08:00-18:00").decision == "approved"
    assert world.book("2026-10-07", "08:00-09:00").decision == "pending"


def test_a_change_counts_the_booking_once(world):
    booking = world.book("2026-10-06", "08:00-16:00")
    service.change(booking.id, world.member, span("2026-10-06 08:00", "2026-10-06 18:00"), 1)
    assert booking.decision == "approved"
    service.change(booking.id, world.member, span("2026-10-06 08:00", "2026-10-06 18:30"), 1)
    assert booking.decision == "pending"


@pytest.mark.parametrize(("times", "state"), [(3, "granted"), (4, "asked")])
def test_a_series_is_booked_at_once_where_every_month_has_room(world, times, state):
    rule = Rule(Frequency.WEEKLY, world.slot.start.date(), weekdays=(1,), times=times)
    request = service.SeriesRequest(
        world.kitchen.id, world.association.id, rule, Hours(540, 720, "Europe/Paris"), 1, "Soupes"
    )
    series = service.ask_series(
        request, world.member, uid_host="mutualim.test"
    )  # 3 h on 6, 13, 20, 27 October
    assert series.state == state
    first = queries.occurrences_of(series.id)[0]
    longer = span("2026-10-06 09:00", "2026-10-06 12:30")
    service.change_series(first.id, service.Scope.ALL, world.member, longer, 1)
    assert series.state == "asked"


def test_both_sides_read_why_a_manager_answers(world, browser):
    page = text_of(browser(world.person).get(world.ask_url))
    assert "At once up to 10 hours a month for each organisation" in page
    slot = f"/ressources/{world.kitchen.slug}/creneau?date=2026-10-06&de=08:00&a=18:00"
    assert "above that, Mairie de Treillières answers" in text_of(browser(world.person).get(slot))
    assert_same_after_swap(browser(world.person), slot, "slot")
    world.book("2026-10-06", "08:00-18:00")
    booking = world.book("2026-10-07", "08:00-09:00")
    why = "More than the 10 hours a month that Les Glaneurs books here at once: a manager has to answer."
    for person in (world.person, world.manager_person):
        assert why in text_of(browser(person).get(f"/reservations/{booking.ref}"))
    assert why in text_of(browser(world.manager_person).get("/a-traiter"))
