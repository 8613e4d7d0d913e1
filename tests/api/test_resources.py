"""Finding resources, reading one, and when it is free."""

import pytest

from tests.api.world import Caller, token_of
from tests.factories import a_person, a_resource, a_site
from tests.helpers import count_queries


def names(answer):
    assert answer.status_code == 200, answer.json
    return [item["name"] for item in answer.json["items"]]


def test_an_item(world, anybody):
    item = anybody.get("/resources", kind="kitchen").json["items"][0]
    assert item["id"] == world.kitchen.public_id
    assert item["site"]["name"] == "Pôle nourricier"
    assert item["site"]["commune"] == {"code": "44110", "name": "Nort-sur-Erdre"}
    assert item["next_free"] == {"start": "2026-09-01T10:00:00+02:00", "end": "2026-09-01T22:00:00+02:00"}
    assert item["facts"] == {"meals_per_day": 200}
    assert (item["price"], item["km"]) == (None, None)


@pytest.mark.parametrize(
    "query, found",
    [
        ({}, ["Cuisine", "Chambre froide"]),
        ({"kind": "storage"}, ["Chambre froide"]),
        ({"quantity": 5}, ["Chambre froide"]),
        ({"free": "true"}, ["Cuisine"]),
        ({"free": "false"}, ["Chambre froide"]),
        ({"kind": "kitchen", "subtype": "bakery"}, []),
        ({"kind": "kitchen", "fact": "meals_per_day:200"}, ["Cuisine"]),
        ({"kind": "kitchen", "fact": "meals_per_day:201"}, []),
        ({"commune": "44110", "radius_km": 5}, ["Cuisine", "Chambre froide"]),
        ({"commune": "Nantes", "radius_km": 5}, []),
        ({"lat": 47.44, "lon": -1.5, "radius_km": "0.5"}, ["Cuisine", "Chambre froide"]),
        (
            {"start": "2026-10-06T08:00:00+02:00", "end": "2026-10-06T10:00:00+02:00"},
            ["Cuisine", "Chambre froide"],
        ),
        (
            {
                "start": "2026-10-06T08:00:00 02:00",
                "end": "2026-10-06T08:00:00Z",
                "quantity": 1,
                "kind": "kitchen",
            },
            ["Cuisine"],
        ),
        ({"start": "2026-10-06T05:00:00+02:00", "end": "2026-10-06T10:00:00+02:00"}, ["Chambre froide"]),
        ({"start": "2026-10-06T00:00:00+02:00", "end": "2026-10-08T00:00:00+02:00"}, ["Chambre froide"]),
    ],
)
def test_filters(world, anybody, query, found):
    assert names(anybody.get("/resources", **query)) == found


def test_words_of_the_search(world, anybody):
    a_resource(world.site, name="Fournil", search_text="fournil pole nourricier")
    assert names(anybody.get("/resources", q="FOURNIL pôle")) == ["Fournil"]


def test_the_nearest_first(world, anybody):
    far = a_site(world.owner, lat=47.9, hours="24/7")
    near = a_site(world.owner, lat=47.45, hours="24/7")
    a_resource(far, name="Loin")
    a_resource(near, name="Près")
    point = {"lat": 47.44, "lon": -1.5, "kind": "kitchen"}
    assert names(anybody.get("/resources", **point)) == ["Cuisine", "Près", "Loin"]
    items = anybody.get("/resources", **point).json["items"]
    assert [item["km"] for item in items] == [
        0,
        pytest.approx(1.112, abs=0.01),
        pytest.approx(51.15, abs=0.1),
    ]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"lat": 47.44, "lon": -1.5},
        {"start": "2026-10-06T08:00:00+02:00", "end": "2026-10-06T10:00:00+02:00"},
        {"start": "2026-10-06T08:00:00+02:00", "end": "2026-10-06T10:00:00+02:00", "lat": 47.4, "lon": -1.5},
    ],
)
def test_pages_go_through_everything_once(world, anybody, query):
    for n in range(5):
        a_resource(a_site(world.owner, lat=47.44 + n // 2 * 0.01, hours="24/7"), name=f"R{n}")
    whole = names(anybody.get("/resources", kind="kitchen", **query))
    assert len(whole) == 6
    seen, cursor = [], None
    while True:
        page = anybody.get("/resources", kind="kitchen", limit=2, cursor=cursor, **query)
        seen += names(page)
        cursor = page.json["next_cursor"]
        if cursor is None:
            break
    assert seen == whole


def test_who_sees_what(world, anybody, member, manager, app, client):
    for_members = a_resource(world.site, visibility="members")
    hidden = a_resource(world.site, visibility="hidden")
    stranger = Caller(app, client, token_of(a_person()))
    for caller, seen in ((anybody, (0, 0)), (stranger, (0, 0)), (member, (1, 0)), (manager, (1, 1))):
        listed = {item["id"] for item in caller.get("/resources").json["items"]}
        for resource, is_seen in zip((for_members, hidden), seen, strict=True):
            assert (resource.public_id in listed) is bool(is_seen)
            assert caller.get(f"/resources/{resource.slug}").status_code == (200 if is_seen else 404)
            free = caller.get(
                f"/resources/{resource.slug}/free", start="2026-10-06T00:00Z", end="2026-10-07T00:00Z"
            )
            assert free.status_code == (200 if is_seen else 404)


@pytest.mark.parametrize("by", ["public_id", "slug"])
def test_one_resource(world, anybody, by):
    answer = anybody.get(f"/resources/{getattr(world.kitchen, by)}").json
    assert answer["hours"]["expression"] == "Mo-Sa 07:00-22:00; PH off"
    assert answer["terms"]["buffer_after"] == 45
    assert "access_notes" not in str(answer)


def test_an_unknown_or_archived_resource(world, anybody):
    gone = a_resource(world.site, status="archived")
    for name in ("personne", gone.slug, "1", "%F0%9F%92%A9", "x" * 500):
        assert anybody.get(f"/resources/{name}").status_code == 404


def test_free_windows(world, anybody, member):
    member.post("/bookings", world.wish())
    path = f"/resources/{world.kitchen.slug}/free"
    answer = anybody.get(path, start="2026-10-06T00:00:00+02:00", end="2026-10-08T00:00:00+02:00").json
    assert answer["items"] == [
        {"start": "2026-10-06T12:45:00+02:00", "end": "2026-10-06T22:00:00+02:00"},
        {"start": "2026-10-07T07:00:00+02:00", "end": "2026-10-07T22:00:00+02:00"},
    ]
    pallets = f"/resources/{world.pallets.slug}/free"
    window = {"start": "2026-10-06T00:00:00+02:00", "end": "2026-10-08T00:00:00+02:00"}
    assert len(anybody.get(pallets, quantity=24, **window).json["items"]) == 1
    assert anybody.get(pallets, quantity=25, **window).json["items"] == []
    assert anybody.get(path, start="2026-01-01T00:00Z", end="2026-01-02T00:00Z").json["items"] == []


def test_free_windows_have_bounds(world, anybody):
    path = f"/resources/{world.kitchen.slug}/free"
    for query, code in (
        ({"start": "2026-10-01T00:00Z", "end": "2027-03-01T00:00Z"}, "window_too_long"),
        ({"start": "2026-10-02T00:00Z", "end": "2026-10-01T00:00Z"}, "empty_span"),
        ({"start": "2026-10-02T00:00Z"}, "field_missing"),
    ):
        answer = anybody.get(path, **query)
        assert (answer.status_code, answer.json["problems"][0]["code"]) == (422, code)


def test_a_list_costs_the_same_however_long(world, member):
    for _ in range(3):
        a_resource(world.site)
    member.get("/resources")
    with count_queries(at_most=8):
        member.get("/resources", start="2026-10-06T08:00:00+02:00", end="2026-10-06T10:00:00+02:00")
