"""Places like one for many spans: the same answer as for one span at a time."""

from typing import Any

import pytest

from app.availability.alternatives import alternatives, other_times_in_turn
from app.availability.feedback import similar
from app.availability.near import similar_each, stand_ins, units_of
from app.availability.queries import Wish, get_terms
from app.availability.service import take
from app.availability.shown import get_shown
from app.core.policy import VISITOR
from tests.factories import a_resource, a_site, a_territory, an_organisation, span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")

SPANS = [span(f"2026-10-{day:02} 09:00", f"2026-10-{day:02} 12:00") for day in (6, 13, 20, 27)]
SUNDAY = span("2026-10-11 09:00", "2026-10-11 12:00")


@pytest.fixture
def kitchen():
    owner = an_organisation(a_territory())
    here = a_resource(a_site(owner, hours="Mo-Sa 07:00-22:00"))
    take([Wish(here.id, each) for each in SPANS])
    for number in range(4):
        site = a_site(owner, hours="Mo-Sa 07:00-22:00", lat=47.3 + number / 100, lon=-1.6)
        other = a_resource(site)
        take([Wish(other.id, each) for each in SPANS[: number + 1]])
    return here


def test_many_spans_find_what_each_would_find_alone(kitchen):
    shown, terms = get_shown(kitchen.slug), get_terms(kitchen.id)
    spans = [*SPANS, SUNDAY]
    together = similar_each(shown, spans, 1, terms, VISITOR)
    assert together == [similar(shown, each, 1, terms, VISITOR) for each in spans]
    assert [len(hits) for hits in together] == [0, 1, 2, 3, 0]
    assert similar_each(shown, [], 1, terms, VISITOR) == []


def test_a_whole_kitchen_may_stand_in_for_stations_but_not_for_other_things(session, frozen):
    site = a_site(an_organisation(a_territory()))
    stations = a_resource(site, mode="stations", capacity=4, unit="station")
    more, whole = a_resource(site, mode="stations", capacity=3, unit="station"), a_resource(site)
    few = a_resource(site, mode="stations", capacity=1, unit="station")
    crates = a_resource(site, kind="equipment", mode="quantity", capacity=9, unit="piece")
    a_resource(site, kind="equipment")
    shown = get_shown(stations.slug)
    assert {hit.resource_id for hit, _ in stand_ins(shown, 2, VISITOR)} == {more.id, whole.id}
    assert {hit.resource_id for hit, _ in stand_ins(shown, 1, VISITOR)} == {more.id, whole.id, few.id}
    assert stand_ins(get_shown(crates.slug), 2, VISITOR) == []
    assert [units_of(1, 2), units_of(3, 2)] == [1, 2]


def elsewhen(wish):
    return [each.span for each in alternatives(wish) if each.kind in ("other_time", "other_day")]


def test_one_of_many_wishes_is_offered_what_it_would_be_alone(kitchen):
    for each in [*SPANS, SUNDAY]:
        wish = Wish(kitchen.id, each)
        assert other_times_in_turn([wish], [()]) == [elsewhen(wish)]
    assert other_times_in_turn([], []) == []


def test_no_time_is_offered_to_two_wishes_nor_what_others_keep(kitchen):
    days = ("2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09", "2026-10-10")
    mornings = [span(f"{day} 09:00", f"{day} 12:00") for day in days]
    kept = [span("2026-10-06 12:00", "2026-10-06 15:00")]
    offered = other_times_in_turn([Wish(kitchen.id, each) for each in mornings], [kept] * len(mornings))
    every = [*kept, *(each for times in offered for each in times)]
    assert all(offered)
    assert [
        (one, other) for number, one in enumerate(every) for other in every[:number] if one.overlaps(other)
    ] == []


def test_where_too_little_is_free_a_time_is_offered_again_rather_than_none(session):
    short = a_resource(a_site(an_organisation(a_territory()), hours="2026 Oct 06 09:00-15:00"))
    morning = span("2026-10-06 09:00", "2026-10-06 12:00")
    take([Wish(short.id, morning)])
    afternoon = [span("2026-10-06 12:00", "2026-10-06 15:00")]
    assert other_times_in_turn([Wish(short.id, morning)] * 2, [(), ()]) == [afternoon, afternoon]
    assert other_times_in_turn([Wish(short.id, morning)], [afternoon]) == [[]]


def test_a_time_that_is_free_is_shifted_to_what_lies_beside_it(kitchen):
    free = span("2026-10-08 09:00", "2026-10-08 12:00")
    [times] = other_times_in_turn([Wish(kitchen.id, free)], [()])
    assert span("2026-10-08 12:00", "2026-10-08 15:00") in times
    assert not any(each.overlaps(free) for each in times)


def test_many_ask_the_database_no_more_often_than_one(kitchen):
    shown, terms = get_shown(kitchen.slug), get_terms(kitchen.id)

    def statements(spans):
        with count_queries() as counted:
            similar_each(shown, spans, 1, terms, VISITOR)
            other_times_in_turn([Wish(kitchen.id, each) for each in spans], [()] * len(spans))
        return len(counted)

    assert statements(SPANS) == statements(SPANS[:1])


def test_several_are_looked_for_where_they_are_counted_alike(session):
    site = a_site(an_organisation(a_territory()), hours="24/7")
    stored: dict[str, Any] = {"kind": "storage", "subtype": "ambient", "mode": "quantity", "capacity": 20}
    shelves = a_resource(site, **stored, unit="shelf")
    more = a_resource(site, **stored, unit="shelf")
    pallets = a_resource(site, **stored, unit="pallet")
    shown, terms = get_shown(shelves.slug), get_terms(shelves.id)
    assert [hit.resource_id for hit in similar(shown, SPANS[0], 12, terms, VISITOR)] == [more.id]
    assert {hit.resource_id for hit in similar(shown, SPANS[0], 1, terms, VISITOR)} == {more.id, pallets.id}
