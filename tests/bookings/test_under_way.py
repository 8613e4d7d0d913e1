"""Nothing of what was used is rewritten: once a booking has begun its end alone can change; what nobody came to, nothing."""

from datetime import date

import pytest

from app.availability.errors import SlotRefused
from app.bookings import service
from app.bookings.errors import HasBegun, NobodyCame, NothingLeftToDo
from app.bookings.service import Scope
from app.core.recurrence import Frequency, Hours, Rule
from app.core.span import Span
from app.infra.audit import history
from tests.bookings.pages import World, text_of
from tests.bookings.test_series import of
from tests.factories import a_resource, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

DAY = "2026-10-06"
NOW = f"{DAY} 10:30"
AT_ONCE = {"approval": "auto"}
HOST = {"uid_host": "mutualim.test"}


def hours(start: str, end: str, day: str = DAY) -> Span:
    return span(f"{day} {start}", f"{day} {end}")


def in_use(frozen, **facts):
    """Give a place and what is in use there: from 09:00 to 12:00, looked at at 10:30."""
    world = World(**facts)
    booking = world.ask()
    if booking.decision == "pending":
        service.approve(booking.id, world.manager)
    frozen.move_to(at(NOW))
    return world, booking


@pytest.mark.parametrize(
    ("terms", "wanted", "quantity", "error"),
    [
        ({}, hours("09:00", "12:00", "2026-10-07"), 1, HasBegun),  # another day
        (AT_ONCE, hours("09:00", "12:00", "2026-10-07"), 1, HasBegun),
        ({}, hours("08:00", "12:00"), 1, HasBegun),  # another start
        ({}, hours("11:00", "12:00"), 1, HasBegun),
        ({}, hours("09:00", "12:00"), 2, HasBegun),  # another quantity
        ({}, hours("09:00", "10:00"), 1, HasBegun),  # an end that is over
        ({}, hours("09:00", "13:00"), 1, HasBegun),  # more time, where somebody has to answer
        (AT_ONCE, hours("09:00", "23:00"), 1, SlotRefused),  # beyond the hours of the place
        ({}, hours("09:00", "11:00"), 1, None),
        (AT_ONCE, hours("09:00", "11:00"), 1, None),
        (AT_ONCE, hours("09:00", "13:00"), 1, None),
        (
            AT_ONCE | {"min_notice_minutes": 2880},
            hours("09:00", "13:00"),
            1,
            None,
        ),  # it was asked for in time
        ({"min_minutes": 180}, hours("09:00", "11:00"), 1, None),  # who stops earlier keeps nobody waiting
    ],
)
def test_once_begun_only_the_end_can_change(frozen, terms, wanted, quantity, error):
    world, booking = in_use(frozen, **{"mode": "shared", "capacity": 3} | terms)
    if error:
        with pytest.raises(error):
            service.change(booking.id, world.member, wanted, quantity)
        return
    decided = booking.decided_by_id
    service.change(booking.id, world.member, wanted, quantity)
    assert (booking.span, booking.decision, booking.decided_by_id) == (wanted, "approved", decided)
    assert history("booking", booking.id)[-1].act == "moved"


def test_what_it_gives_back_is_free_and_what_others_have_is_not(frozen):
    world, booking = in_use(frozen, **AT_ONCE)
    service.change(booking.id, world.member, hours("09:00", "11:00"), 1)
    world.ask(hours("11:00", "12:00"))
    with pytest.raises(SlotRefused):
        service.change(booking.id, world.member, hours("09:00", "12:00"), 1)


def test_a_stay_by_days_ends_earlier(frozen):
    world = World()
    room = world.cold_room()
    stay = span("2026-10-06 00:00", "2026-10-09 00:00")
    wanted = service.Request(room.id, world.association.id, stay, 4, "Pommes")
    booking = service.ask(wanted, world.member, **HOST)
    service.approve(booking.id, world.manager)
    frozen.move_to(at(NOW))
    with pytest.raises(HasBegun):
        service.change(booking.id, world.member, stay, 2)
    service.change(booking.id, world.member, span("2026-10-06 00:00", "2026-10-08 00:00"), 4)
    assert booking.decision == "approved"


def test_what_waits_was_not_used_and_may_go_elsewhere(frozen):
    world = World()
    room = world.cold_room()
    wanted = service.Request(
        room.id, world.association.id, span("2026-09-02 00:00", "2026-09-04 00:00"), 4, "x"
    )
    frozen.move_to(at("2026-09-02 10:00"))
    booking = service.ask(wanted, world.member, **HOST)
    service.change(booking.id, world.member, span("2026-09-03 00:00", "2026-09-05 00:00"), 4)
    assert booking.decision == "pending"


def weekly(world: World):
    rule = Rule(Frequency.WEEKLY, date(2026, 9, 8), weekdays=(1,), times=4)
    request = service.SeriesRequest(
        world.kitchen.id, world.association.id, rule, Hours(9 * 60, 12 * 60, "Europe/Paris"), 1, "Soupes"
    )
    series = service.ask_series(request, world.member, **HOST)
    service.approve_series(series.id, world.manager)
    return series


def test_a_date_under_way_keeps_its_place_in_the_series_whatever_becomes_of_those_that_follow(frozen):
    world = World()
    series = weekly(world)
    first, second, *_ = of(series)
    frozen.move_to(at("2026-09-15 11:55"))
    with pytest.raises(HasBegun):
        service.change(second.id, world.member, span("2026-09-17 09:00", "2026-09-17 12:00"), 1)
    after = service.change_series(
        second.id, Scope.FOLLOWING, world.member, span("2026-09-15 14:00", "2026-09-15 16:00"), 1
    )
    assert [first.series_id, second.series_id] == [series.id] * 2
    assert (series.rule["until"], after.rule["first"], after.rule["times"]) == (
        "2026-09-21",
        "2026-09-22",
        2,
    )
    assert [each.span.start for each in of(after)] == [at("2026-09-22 14:00"), at("2026-09-29 14:00")]


def test_given_up_from_a_date_under_way_on_its_rule_still_has_that_date(frozen):
    world = World()
    series = weekly(world)
    frozen.move_to(at("2026-09-15 11:55"))
    service.cancel_series(of(series)[1].id, Scope.FOLLOWING, world.member, "Fini")
    assert series.rule["until"] == "2026-09-15"
    assert [each.decision for each in of(series)] == ["approved"] * 2 + ["cancelled"] * 2


def test_an_element_of_several_is_no_other(frozen):
    world = World()
    hall = a_resource(world.site, name="Salle")
    legs = (service.Leg(world.kitchen.id, world.slot), service.Leg(hall.id, world.slot))
    bundle = service.ask_bundle(
        service.BundleRequest(world.association.id, legs, "Fête"), world.member, **HOST
    )
    service.approve_legs(bundle.id, world.manager)
    frozen.move_to(at(NOW))
    with pytest.raises(HasBegun):
        service.change(bundle.legs[0].id, world.member, hours("09:00", "12:00", "2026-10-07"), 1)


def test_the_page_tells_what_can_change(frozen, browser):
    world, booking = in_use(frozen)
    page, mine = f"/reservations/{booking.ref}/modifier", browser(world.person)
    shown = text_of(mine.get(page))
    assert "This booking has begun: only its end can change" in shown
    assert "It can end then: nobody has to answer." in shown
    assert "The approval starts again" not in shown
    typed = {"date": DAY, "de": "09:00", "a": "13:00", "quantite": "1"}
    assert "more time needs an answer first" in text_of(mine.get(page, query_string=typed))
    refused = mine.post(page, data=typed)
    assert refused.status_code == 409
    assert "more time needs an answer first" in text_of(refused)
    assert 'value="13:00" selected' in text_of(refused) or 'selected value="13:00"' in text_of(refused)
    assert mine.post(page, data=typed | {"a": "11:00"}).status_code == 303
    assert booking.end_at == at(f"{DAY} 11:00")


# -- nobody came --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("forgiven", [False, True])
def test_what_nobody_came_to_stays_as_it_was(frozen, browser, app, forgiven):
    world, booking = in_use(frozen)
    service.tell_absence(booking.id, world.manager, "Porte close")
    if forgiven:
        service.forgive_absence(booking.id, world.manager, "Clé perdue")
    for wanted in (hours("09:00", "12:00", "2026-10-07"), hours("09:00", "11:00")):
        with pytest.raises(NobodyCame):
            service.change(booking.id, world.member, wanted, 1)
    for actor in (world.member, world.manager):
        with pytest.raises(NobodyCame):
            service.cancel(booking.id, actor, "Finalement non")
    page = f"/reservations/{booking.ref}"
    mine = browser(world.person)
    assert "Change the time" not in text_of(mine.get(page))
    assert f"{page}/annuler" not in text_of(mine.get(page))
    late = mine.post(f"{page}/annuler", data={"reason": "Finalement non"})
    assert late.status_code == 409
    assert "It was noted that nobody came" in text_of(late)


def test_a_yes_just_given_is_not_taken_back_once_nobody_came(frozen, browser):
    world = World(min_notice_minutes=0)
    frozen.move_to(at(f"{DAY} 08:55"))
    booking = world.ask()
    service.approve(booking.id, world.manager)
    frozen.move_to(at(f"{DAY} 09:02"))
    service.tell_absence(booking.id, world.manager)
    with pytest.raises(NobodyCame):
        service.undo(booking.id, world.manager)
    assert f"/reservations/{booking.ref}/retour" not in text_of(
        browser(world.manager_person).get(f"/reservations/{booking.ref}")
    )


def test_a_date_that_nobody_came_to_is_not_given_up_with_others(frozen):
    world = World()
    series = weekly(world)
    first = of(series)[0]
    frozen.move_to(at("2026-09-08 10:00"))
    service.tell_absence(first.id, world.manager)
    with pytest.raises(NothingLeftToDo):
        service.cancel_dates(series.id, [first.id], world.manager, "Fermé")
