"""What a chain costs through the API: each leg and the goods, and who bears how much of all of them."""

import pytest

from app.accounts.models import Role
from tests.api.test_chains import _caller as caller
from tests.api.world import validate
from tests.factories import a_member, an_organisation
from tests.supply.chains.test_foreseen import KITCHEN, VAN, Priced


@pytest.fixture
def priced(session, frozen):
    return Priced()


def costs(asker, ref):
    answer = asker.get(f"/chains/{ref}/costs")
    assert answer.status_code == 200, answer.json
    validate("ChainCosts", answer.json)
    return answer.json


def test_each_leg_and_who_bears_it_are_read(app, priced):
    found = costs(caller(app, priced.treasurer_person), priced.asked.ref)
    told = [(each["leg"], each["cents"], each["is_foreseen"], each["is_charged"]) for each in found["items"]]
    assert told == [
        (1, VAN, True, False),
        (2, 0, False, False),
        (3, 0, False, False),
        (4, KITCHEN, True, False),
    ]
    assert (found["cents"], found["currency"], found["is_whole"]) == (VAN + KITCHEN, "EUR", True)
    owners = {priced.van.site.owner.name: VAN, priced.kitchen.site.owner.name: KITCHEN}
    borne = {row["payee"]["name"]: row["cents"] for row in found["borne"]}
    assert borne == owners
    assert {row["payer"]["name"] for row in found["borne"]} == {priced.association.name}


def test_who_may_not_see_what_it_costs_is_told_that_there_is_nothing(app, priced):
    stranger = a_member(an_organisation(priced.territory), role=Role.TREASURER)
    answer = caller(app, stranger).get(f"/chains/{priced.asked.ref}/costs")
    assert answer.status_code == 404


def test_a_place_reads_its_own_leg_alone(app, priced):
    keeper = a_member(priced.van.site.owner, role=Role.ORG_ADMIN)
    found = costs(caller(app, keeper), priced.asked.ref)
    assert [each["leg"] for each in found["items"] if each["cents"]] == [1]
    assert (found["cents"], found["is_whole"]) == (VAN, False)
