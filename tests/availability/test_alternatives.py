"""What else can be had: near times of the day, the same hours of other days, each as good as a request."""

from datetime import timedelta

import pytest

from app.availability.alternatives import AT_MOST, alternatives
from app.availability.queries import Wish, get_terms, verdict
from app.availability.rules import starts, starts_near
from app.availability.service import take
from app.core.span import Span
from tests.factories import a_resource, a_site, a_territory, an_organisation, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

HOURS = "Mo-Sa 07:00-22:00; PH off"


@pytest.fixture
def site():
    return a_site(an_organisation(a_territory()))


@pytest.fixture
def kitchen(site):
    return a_resource(site, hours=HOURS, buffer_after=45, step_minutes=30)


def book(resource, start, end, qty=1):
    take([Wish(resource.id, span(start, end), qty)])


def offers(resource, start, end, qty=1):
    """List what is offered instead, as (kind, "day hour–hour") by the clock of the place."""
    found = alternatives(Wish(resource.id, span(start, end), qty))
    assert all(verdict(Wish(o.resource_id, o.span, o.qty)) == () for o in found)
    kinds = [offer.kind for offer in found]
    assert all(kinds.count(kind) <= AT_MOST for kind in kinds)
    walls = [offer.span.walls(get_terms(resource.id).zone) for offer in found]
    return [
        (kind, f"{start:%d/%m %H:%M}–{end:%H:%M}") for kind, (start, end) in zip(kinds, walls, strict=True)
    ]


def elsewhen(resource, start, end):
    """List the offers of another time or day only."""
    return [offer for offer in offers(resource, start, end) if offer[0] in ("other_time", "other_day")]


def test_the_same_hours_of_the_days_around_come_before_another_part_of_the_day(kitchen):
    book(kitchen, "2026-10-06 08:00", "2026-10-06 14:00")
    assert offers(kitchen, "2026-10-06 09:00", "2026-10-06 12:00") == [
        ("other_day", "07/10 09:00–12:00"), ("other_day", "05/10 09:00–12:00"),
        ("other_day", "08/10 09:00–12:00"), ("other_time", "06/10 15:00–18:00"),
    ]  # fmt: skip


def test_a_small_shift_comes_before_another_day(kitchen):
    book(kitchen, "2026-10-06 08:00", "2026-10-06 12:00")
    book(kitchen, "2026-10-07 08:00", "2026-10-07 12:00")
    assert elsewhen(kitchen, "2026-10-06 12:30", "2026-10-06 14:30") == [
        ("other_time", "06/10 13:00–15:00"), ("other_day", "05/10 12:30–14:30"),
        ("other_day", "08/10 12:30–14:30"), ("other_day", "09/10 12:30–14:30"),
    ]  # fmt: skip


def test_days_that_are_closed_taken_or_too_soon_are_passed_over(site):
    kitchen = a_resource(site, hours=HOURS, min_notice_minutes=48 * 60)
    for day in ("04", "08"):  # Thursday 3 at nine comes too soon, Sunday 6 is closed
        book(kitchen, f"2026-09-{day} 07:00", f"2026-09-{day} 19:00")
    assert offers(kitchen, "2026-09-04 09:00", "2026-09-04 12:00") == [
        ("other_day", "05/09 09:00–12:00"), ("other_day", "07/09 09:00–12:00"),
        ("other_day", "09/09 09:00–12:00"), ("other_time", "04/09 19:00–22:00"),
    ]  # fmt: skip


def test_what_is_past_is_offered_on_the_next_days_that_can_be_had(kitchen):
    found = offers(kitchen, "2026-08-20 09:00", "2026-08-20 12:00")
    assert found == [("other_day", f"0{day}/09 09:00–12:00") for day in (2, 3, 4)]


def test_where_the_same_hours_are_never_free_any_time_will_do(kitchen):
    asked = at("2026-10-06 07:00")
    for days in range(-15, 16):
        start = asked + timedelta(days=days)
        if start.weekday() < 6:
            take([Wish(kitchen.id, Span(start, start + timedelta(hours=6)))])
    book(kitchen, "2026-10-06 14:00", "2026-10-06 22:00")
    assert offers(kitchen, "2026-10-06 09:00", "2026-10-06 12:00") == [
        ("other_time", "05/10 19:00–22:00"), ("other_time", "07/10 14:00–17:00"),
        ("other_time", "08/10 14:00–17:00"),
    ]  # fmt: skip


def test_closed_all_day_leads_to_the_same_hours_around(kitchen):
    kinds = [kind for kind, _when in offers(kitchen, "2026-10-04 09:00", "2026-10-04 12:00")]  # a Sunday
    assert kinds == ["other_day"] * 3


def test_hours_no_day_has_lead_to_others(kitchen):
    found = elsewhen(kitchen, "2026-10-06 06:30", "2026-10-06 09:00")
    assert found[0] == ("other_time", "06/10 07:00–09:30")
    assert {kind for kind, _when in found} == {"other_time"}


def test_too_long_on_any_day_is_cut_and_offered_the_same_day(kitchen):
    found = offers(kitchen, "2026-10-06 07:00", "2026-10-06 22:00")
    assert found[0] == ("other_time", "06/10 07:00–19:00")
    assert "other_day" not in [kind for kind, _when in found]


def test_the_wall_clock_is_kept_when_the_clocks_change(site):
    room = a_resource(site, hours="24/7")
    book(room, "2026-10-24 09:00", "2026-10-24 20:00")  # the clocks go back in the next night
    assert offers(room, "2026-10-24 10:00", "2026-10-24 12:00")[:2] == [
        ("other_day", "25/10 10:00–12:00"), ("other_day", "23/10 10:00–12:00"),
    ]  # fmt: skip


def test_hours_that_the_clocks_jump_over_are_not_offered(site):
    room = a_resource(site, hours="24/7", horizon_days=400)
    book(room, "2027-03-27 00:00", "2027-03-27 12:00")
    found = offers(room, "2027-03-27 02:30", "2027-03-27 05:30")
    assert [when for kind, when in found if kind == "other_day"] == [
        "26/03 02:30–05:30", "29/03 02:30–05:30", "25/03 02:30–05:30",
    ]  # fmt: skip


def test_a_night_is_offered_another_night(site):
    room = a_resource(site, hours="24/7")
    book(room, "2026-10-06 20:00", "2026-10-07 08:00")
    found = offers(room, "2026-10-06 22:00", "2026-10-07 06:00")
    assert ("other_day", "07/10 22:00–06:00") in found


def test_where_hours_bind_only_both_ends_other_times_are_found_too(site):
    facts = {"opening_mode": "endpoints", "kind": "vehicle", "max_minutes": 48 * 60}
    van = a_resource(site, hours="Mo-Fr 08:00-18:00", **facts)
    assert offers(van, "2026-10-06 05:00", "2026-10-06 09:00")[0] == ("other_time", "06/10 08:00–12:00")
    assert offers(van, "2026-10-06 14:00", "2026-10-07 06:00")[0] == ("other_time", "06/10 16:30–08:30")


def test_stations_count_how_many_are_free_on_the_other_day(site):
    posts = a_resource(site, hours=HOURS, mode="stations", capacity=4, unit="station")
    book(posts, "2026-10-06 09:00", "2026-10-06 12:00", 4)
    book(posts, "2026-10-07 08:00", "2026-10-07 10:00", 1)
    wish = Wish(posts.id, span("2026-10-06 09:00", "2026-10-06 12:00"), 2)
    found = {o.span.start: o.free for o in alternatives(wish) if o.kind == "other_day"}
    assert found[at("2026-10-07 09:00")] == 3
    assert found[at("2026-10-05 09:00")] == 4


def test_stays_by_days_are_moved_by_days(site):
    room = a_resource(
        site, hours="24/7", kind="storage", step_minutes=1440, min_minutes=1440, max_minutes=1440 * 30
    )  # fmt: skip
    book(room, "2026-10-06 00:00", "2026-10-08 00:00")
    found = offers(room, "2026-10-06 00:00", "2026-10-08 00:00")
    assert [kind for kind, _when in found] == ["other_time"] * 3
    assert found[0] == ("other_time", "08/10 00:00–00:00")


@pytest.mark.parametrize("step", [15, 30, 60, 1440])
def test_the_nearest_starts_are_those_of_the_whole_list(site, step):
    facts = {"step_minutes": step, "min_minutes": step, "max_minutes": 1440 * 7}
    terms = get_terms(a_resource(site, hours="24/7", **facts).id)
    length = max(step, 90) * 60
    first, last = span("2026-10-23 05:40", "2026-10-28 23:10").epochs  # a day of 25 hours within
    legal = list(starts((first, last), terms, length))
    for wanted in range(first - 86_400, last + 86_400, 7_777):
        earlier, later = [at for at in legal if at < wanted], [at for at in legal if at >= wanted]
        assert starts_near((first, last), terms, length, wanted) == [*earlier[-2:], *later[:2]]
