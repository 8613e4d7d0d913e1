"""Through the API, too, whoever asks for a vehicle confirms how long its driver has held the licence."""

import pytest

from tests.factories import a_resource

pytestmark = pytest.mark.scenario(number="S34")


@pytest.fixture
def minibus(world):
    return a_resource(world.site, name="Minibus", kind="vehicle", facts={"licence_years": 3})


def refused(answer):
    assert (answer.status_code, answer.json["code"]) == (422, "licence_not_confirmed")
    assert answer.headers["Content-Type"] == "application/problem+json"
    [problem] = answer.json["problems"]
    return problem["in"], problem["field"], problem["facts"]


def test_the_vehicle_says_what_it_requires(member, minibus):
    assert member.get(f"/resources/{minibus.slug}").json["facts"]["licence_years"] == 3


def test_one_request(world, member, minibus):
    wish = world.wish(resource=minibus.slug)
    told = ("body", "licence_years", {"years": 3, "name": "Minibus"})
    assert refused(member.post("/bookings", wish)) == told
    assert refused(member.post("/bookings", wish | {"licence_years": 2})) == told
    assert member.post("/bookings", wish | {"licence_years": 3}).status_code == 201
    assert member.post("/bookings", wish | {"licence_years": True}).json["code"] == "invalid"


def test_a_series(world, member, minibus):
    wish = world.wish(resource=minibus.slug, repeat={"frequency": "weekly", "count": 2})
    refused(member.post("/bookings", wish))
    assert member.post("/bookings", wish | {"licence_years": 3}).status_code == 201


def test_a_leg_of_several(world, member, minibus):
    slot = {"start": "2026-10-06T08:00:00+02:00", "end": "2026-10-06T12:00:00+02:00"}
    van, kitchen = {"resource": minibus.slug, **slot}, {"resource": world.kitchen.slug, **slot}
    refused(member.post("/bookings", {"legs": [van, kitchen], "purpose": "Sortie"}))
    legs = [van | {"licence_years": 3}, kitchen]
    assert member.post("/bookings", {"legs": legs, "purpose": "Sortie"}).status_code == 201
