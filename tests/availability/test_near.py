"""Places like one for many spans: the same answer as for one span at a time."""

from typing import Any

import pytest

from app.availability.alternatives import alternatives, alternatives_each
from app.availability.feedback import similar
from app.availability.near import similar_each
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


def test_many_wishes_are_offered_what_each_would_be_alone(kitchen):
    wishes = [Wish(kitchen.id, each) for each in [*SPANS, SUNDAY]]
    assert alternatives_each(wishes) == [alternatives(wish) for wish in wishes]
    assert alternatives_each([]) == []


def test_many_ask_the_database_no_more_often_than_one(kitchen):
    shown, terms = get_shown(kitchen.slug), get_terms(kitchen.id)

    def statements(spans):
        with count_queries() as counted:
            similar_each(shown, spans, 1, terms, VISITOR)
            alternatives_each([Wish(kitchen.id, each) for each in spans])
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
