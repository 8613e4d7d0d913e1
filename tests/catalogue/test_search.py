"""What a search finds in the catalogue: kinds, words, places, facts, prices, and only what may be seen."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.catalogue.communes import distance_km
from app.catalogue.kinds import get_kind
from app.catalogue.search import Filter, Price, matching
from app.core.policy import Actor
from tests.factories import a_resource, a_site, a_territory, an_organisation

pytestmark = pytest.mark.usefixtures("frozen")
NORT = (47.44, -1.5)


@pytest.fixture
def owner(session: Session):
    return an_organisation(a_territory())


@pytest.fixture
def site(owner):
    return a_site(owner, lat=NORT[0], lon=NORT[1])


def found(session: Session, **wanted: Any) -> set[int]:
    return {row.id for row in session.execute(matching(Filter(**wanted)))}


def wish(kind: str, **values: Any):
    wishes, errors = get_kind(kind).read_filters(values)
    assert not errors
    return tuple(wishes)


def test_facts_compare_as_numbers_choices_and_ticks(session, site):
    big = a_resource(site, facts={"meals_per_day": 600, "step_free": True})
    small = a_resource(site, facts={"meals_per_day": 80, "step_free": False})
    a_resource(site)
    assert found(session, facts=wish("kitchen", meals_per_day=100)) == {big.id}
    assert found(session, facts=wish("kitchen", meals_per_day=80)) == {big.id, small.id}
    assert found(session, facts=wish("kitchen", step_free=True)) == {big.id}
    cold = a_resource(site, kind="storage", facts={"regime": "frozen"})
    assert found(session, facts=wish("storage", regime="frozen")) == {cold.id}
    assert found(session, facts=wish("storage", regime="chilled")) == set()


def test_a_choice_among_several_is_found_in_the_list(session, site):
    layouts = next(fact for fact in get_kind("room").filters if fact.type == "choices")
    first, second = layouts.choices[0].key, layouts.choices[1].key
    room = a_resource(site, kind="room", facts={layouts.key: [first]})
    assert found(session, facts=wish("room", **{layouts.key: first})) == {room.id}
    assert found(session, facts=wish("room", **{layouts.key: second})) == set()


def test_every_word_counts_accents_and_wildcards_do_not(session, site):
    oven = a_resource(site, search_text="cuisine partagee four nort sur erdre 44390")
    a_resource(site, search_text="cuisine de la grange heric")
    assert found(session, text="Cuisine  FOUR") == {oven.id}
    assert found(session, text="partagée") == {oven.id}
    assert found(session, text="four grange") == set()
    assert found(session, text="%") == set()
    assert found(session, text="_") == set()
    assert len(found(session, text="")) == 2


def test_distances_are_measured_and_bounded(session, owner, site):
    near = a_resource(site)
    far = a_resource(a_site(owner, lat=47.56473, lon=-1.62559))  # Nozay
    km = {row.id: row.km for row in session.execute(matching(Filter(place=NORT)))}
    assert km[near.id] == pytest.approx(0, abs=0.01)
    assert km[far.id] == pytest.approx(distance_km(*NORT, 47.56473, -1.62559), rel=0.003)
    assert found(session, place=NORT, radius_km=10.0) == {near.id}
    assert found(session, place=NORT, radius_km=30.0) == {near.id, far.id}


def test_price_kind_quantity_and_subtype_narrow(session, site):
    free = a_resource(site, subtype="cannery")
    priced = a_resource(site, price_cents=1200)
    store = a_resource(site, kind="storage", capacity=24, mode="quantity")
    assert found(session, price=Price.FREE) == {free.id, store.id}
    assert found(session, price=Price.PRICED) == {priced.id}
    assert found(session, kind="kitchen", subtype="cannery") == {free.id}
    assert found(session, quantity=20) == {store.id}
    assert found(session, kind="kitchen", but_resource=free.id) == {priced.id}


def test_everybody_sees_only_what_they_may(session, owner, site):
    public = a_resource(site)
    members = a_resource(site, visibility="members")
    hidden = a_resource(site, visibility="hidden")
    a_resource(site, status="archived")
    member = Actor(person_id=1, memberships={owner.id + 1000: "member"})
    assert found(session) == {public.id}
    assert found(session, actor=member) == {public.id, members.id}
    whole = {public.id, members.id, hidden.id}
    for facts in (
        {"managed_sites": frozenset({site.id})},
        {"coordinated": frozenset({site.territory_id})},
        {"memberships": {owner.id: "org_admin"}},
        {"is_platform_admin": True},
    ):
        assert found(session, actor=Actor(person_id=1, **facts)) == whole
    elsewhere = Actor(person_id=1, managed_sites=frozenset({site.id + 1}), coordinated=frozenset({10_000}))
    assert found(session, actor=elsewhere) == {public.id, members.id}
