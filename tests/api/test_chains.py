"""Chains through the API: listed and read by who has to do with them."""

import pytest

from tests.api.world import Caller, token_of, validate
from tests.factories import a_member, a_territory, an_organisation
from tests.supply.chains.valley import Valley


@pytest.fixture
def valley(session, frozen):
    return Valley()


def _caller(app, person):
    return Caller(app, app.test_client(), token_of(person))


def test_who_asked_reads_what_it_carries_and_its_legs(app, valley):
    chain, member = valley.ask_for(), _caller(app, a_member(valley.association))
    listed = member.get("/chains").json
    validate("ChainPage", listed)
    (found,) = listed["items"]
    assert found == member.get(f"/chains/{chain.bundle.ref}").json
    validate("Chain", found)
    assert (found["product"], found["grams"], found["load"]["packages"]) == ("courgettes", 400_000, 34)
    assert [(step["leg"], step["role"]) for step in found["steps"]] == [
        (1, "collect"),
        (2, "store"),
        (3, "carry"),
        (4, "process"),
    ]
    assert (found["request"]["state"], len(found["request"]["legs"])) == ("waiting", 4)


def test_nobody_else_does(app, valley):
    chain = valley.ask_for()
    stranger = _caller(app, a_member(an_organisation(a_territory())))
    assert stranger.get("/chains").json["items"] == []
    assert stranger.get(f"/chains/{chain.bundle.ref}").status_code == 404
    assert Caller(app, app.test_client()).get("/chains").status_code == 401
    loose = valley.bundle()
    assert _caller(app, a_member(valley.association)).get(f"/chains/{loose.ref}").status_code == 404
