"""Quotas through the API: one's own, why not, and calling it back."""

import pytest

from app.accounts.queries import load_actor
from app.availability.allotting import Allotment, allot
from app.infra.uow import atomic
from tests.api.world import Caller, World, token_of

STAY = {"start": "2026-10-05T00:00:00+02:00", "end": "2026-10-12T00:00:00+02:00", "purpose": "Surplus"}


@pytest.fixture
def shared(session, frozen):
    found = World()
    with atomic():
        found.pallets.approval = "auto"
    shares = {found.ours.public_id: 10, found.owner.public_id: 6}
    allot(load_actor(found.manager.id), found.pallets, Allotment(shares, lend_days=30))
    return found


@pytest.fixture
def as_person(app, client, shared):
    return lambda person=None: Caller(app, client, token_of(person) if person else None)


def ask(caller, shared, quantity, **more):
    return caller.post("/bookings", {"resource": shared.pallets.slug, "quantity": quantity, **STAY, **more})


def test_a_resource_tells_ones_own_quota(shared, as_person):
    path = f"/resources/{shared.pallets.slug}"
    mine = as_person(shared.member).get(path).get_json()["quota"]
    assert mine == {"own": 10, "others": 6, "common": 8, "lend_days": 30, "recall_hours": 72}
    assert as_person().get(path).get_json()["quota"] | {"own": 0} == mine | {"own": 0, "others": 16}
    assert as_person().get(f"/resources/{shared.kitchen.slug}").get_json()["quota"] is None


def test_what_is_kept_for_others_is_refused_with_its_facts(shared, as_person):
    refused = ask(as_person(shared.other), shared, 9)
    assert refused.status_code == 409
    [reason] = refused.get_json()["refusals"]
    assert (reason["code"], reason["facts"]["free"], reason["facts"]["kept"]) == ("quota", 8, 16)
    assert reason["facts"]["opens"] == "2026-09-12T00:00:00+02:00"
    assert reason["detail"].startswith("Il vous reste 8 palettes")
    offers = refused.get_json()["alternatives"]
    assert ("less", 8) in [(offer["kind"], offer["quantity"]) for offer in offers]
    assert "waiting_list" in refused.get_json()


def test_what_is_lent_is_called_back(shared, as_person, frozen):
    frozen.tick(days=15)
    theirs = ask(as_person(shared.other), shared, 24).get_json()
    caller = as_person(shared.member)
    refused = ask(caller, shared, 10)
    [reason] = refused.get_json()["refusals"]
    assert (refused.status_code, reason["code"]) == (409, "lent")
    assert reason["facts"] == reason["facts"] | {"share": 10, "units": 10, "bookings": 1, "may_recall": True}
    done = ask(caller, shared, 10, recall=True)
    assert (done.status_code, done.get_json()["state"]) == (201, "approved")
    left = as_person(shared.other).get(f"/bookings/{theirs['ref']}").get_json()
    assert (left["quantity"], left["state"], left["revision"]) == (24, "approved", 1)
    assert left["given_back"] == [{"start": STAY["start"], "end": STAY["end"], "quantity": 10}]
    assert done.get_json()["recalls"] is False


def test_a_request_that_needs_an_answer_calls_back_at_the_yes(shared, as_person, frozen):
    frozen.tick(days=15)
    theirs = ask(as_person(shared.other), shared, 24).get_json()
    with atomic():
        shared.pallets.approval = "manager"
    mine = ask(as_person(shared.member), shared, 10, recall=True).get_json()
    assert (mine["state"], mine["recalls"]) == ("pending", True)
    read = as_person(shared.other).get(f"/bookings/{theirs['ref']}").get_json()
    assert (read["given_back"], read["is_recalled"]) == ([], False)
    done = as_person(shared.manager).post(f"/bookings/{mine['ref']}/approve", {})
    assert (done.get_json()["state"], done.get_json()["recalls"]) == ("approved", False)
    read = as_person(shared.other).get(f"/bookings/{theirs['ref']}").get_json()
    assert [each["quantity"] for each in read["given_back"]] == [10]


def test_a_booking_of_which_nothing_is_left_says_why(shared, as_person, frozen):
    frozen.tick(days=15)
    ask(as_person(shared.other), shared, 14)
    theirs = ask(as_person(shared.other), shared, 10).get_json()
    ask(as_person(shared.member), shared, 10, recall=True)
    read = as_person(shared.other).get(f"/bookings/{theirs['ref']}").get_json()
    assert (read["state"], read["is_recalled"], read["cancelling"]["due_percent"]) == ("cancelled", True, 0)


def test_a_recall_is_for_one_slot(shared, as_person):
    slot = {"resource": shared.pallets.slug, "quantity": 1, "start": STAY["start"], "end": STAY["end"]}
    repeat = {"frequency": "weekly", "interval": 1, "count": 2}
    for several in ({"legs": [slot, slot]}, slot | {"repeat": repeat}):
        refused = as_person(shared.member).post("/bookings", several | {"purpose": "x", "recall": True})
        assert refused.status_code == 422
        [wrong] = [each for each in refused.get_json()["problems"] if each["field"] == "recall"]
        assert (wrong["code"], "un seul créneau" in wrong["detail"]) == ("recall_alone", True)
