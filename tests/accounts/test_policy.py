"""The permission table, row by row: who may and who may not."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from app.accounts.policy import TABLE
from app.accounts.policy import AccountPermission as P
from app.core.policy import VISITOR, Actor, can

TERRITORY, ORGANISATION, SITE = 7, 3, 1


@dataclass
class Thing:
    id: int = ORGANISATION
    territory_id: int = TERRITORY
    owner_id: int = ORGANISATION
    site_id: int = SITE
    state: str = "active"
    memberships: list[Any] = field(default_factory=list)


WHO = {
    "visitor": VISITOR,
    "person": Actor(person_id=1),
    "member": Actor(person_id=2, memberships={ORGANISATION: "member"}),
    "org_admin": Actor(person_id=3, memberships={ORGANISATION: "org_admin"}),
    "other_admin": Actor(person_id=4, memberships={99: "org_admin"}),
    "manager": Actor(person_id=5, managed_sites=frozenset({SITE})),
    "deputy": Actor(person_id=9, delegations={SITE: (5,)}),
    "coordinator": Actor(person_id=6, coordinated=frozenset({TERRITORY})),
    "other_coordinator": Actor(person_id=7, coordinated=frozenset({8})),
    "platform": Actor(person_id=8, is_platform_admin=True),
}
SIGNED_IN = set(WHO) - {"visitor"}
COORDINATION = {"coordinator", "platform"}
ANSWERS = {"org_admin", *COORDINATION}

ALLOWED: dict[P, set[str]] = {
    P.KEEP_ACCOUNT: SIGNED_IN,
    P.SEE_DIRECTORY: set(WHO),
    P.SEE_ORGANISATION: set(WHO),
    P.SEE_CONTACT: SIGNED_IN,
    P.PROPOSE_ORGANISATION: SIGNED_IN,
    P.EDIT_ORGANISATION: ANSWERS,
    P.CLASSIFY_ORGANISATION: COORDINATION,
    P.DECIDE_ORGANISATION: COORDINATION,
    P.KEEP_AUTHORISATION: ANSWERS,
    P.CONFIRM_AUTHORISATION: COORDINATION,
    P.ASK_TO_JOIN: SIGNED_IN,
    P.SEE_MEMBERS: {"member", *ANSWERS},
    P.MANAGE_MEMBERS: ANSWERS,
    P.LEAVE: {"member", "org_admin"},
    P.ARCHIVE_ORGANISATION: ANSWERS,
    P.TAKE_BACK_ORGANISATION: COORDINATION,  # those who archived it themselves: test_archiving.py
    P.ADMIT: {"coordinator", "other_coordinator", "platform"},
    P.GRANT_COORDINATION: COORDINATION,
    P.GRANT_SITE: ANSWERS,
    P.LOOK_UP_PERSON: COORDINATION,
    P.DELEGATE: {"manager", "org_admin"},  # each their own decisions
}


def test_every_permission_is_in_the_table_and_tested():
    assert set(TABLE) == set(P) == set(ALLOWED)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("permission", ALLOWED)
def test_who_may_what(permission: P, who: str):
    assert can(WHO[who], permission, Thing()) is (who in ALLOWED[permission])


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("state", ["pending", "refused"])
@pytest.mark.parametrize("who", WHO)
def test_an_organisation_not_admitted_is_seen_by_its_founder_and_the_coordination(state: str, who: str):
    @dataclass
    class Founder:
        person_id: int = 4
        state: str = "active"

    hidden = Thing(state=state, memberships=[Founder()])
    assert can(WHO[who], P.SEE_ORGANISATION, hidden) is (who in {"other_admin", *COORDINATION})
    assert not can(WHO[who], P.ASK_TO_JOIN, hidden)
