"""Requests above their quotas share what is common: two that want all of it cannot both be had, and are compared."""

import pytest

from app.availability.allotting import Allotment, allot
from app.bookings import service
from app.bookings.arbitration import compare
from app.bookings.views.strip import around
from app.catalogue.models import Approval, Resource
from tests import factories as f
from tests.bookings.pages import text_of
from tests.bookings.test_quotas import STORAGE, WEEK, Cold


class Compared(Cold):
    """The cold room, never lent, where requests keep nothing and are compared for two days."""

    def __init__(self, **facts):
        super().__init__(**{"approval": Approval.MANAGER, "arbitration_hours": 48} | facts)
        self.another = f.an_organisation(self.territory, name="Cantine D")
        self.people[self.another.id] = f.a_member(self.another)
        self.lend(None)

    def lend(self, days):
        shares = {self.shop.public_id: 10, self.bank.public_id: 6}
        allot(self.manager, self.room, Allotment(shares, lend_days=days))

    def look(self):
        return compare(Resource.site_id == self.site.id)

    def compared(self):
        return [{each.organisation.name for each in found.bookings} for found in self.look().contests]


@pytest.fixture
def cold(session, frozen):
    return Compared()


@pytest.mark.parametrize(
    ("asked", "compared"),
    [
        ({"other": 8, "another": 8}, {"Traiteur C", "Cantine D"}),
        ({"other": 4, "another": 4}, None),  # the common eight
        ({"other": 8, "shop": 10, "bank": 6}, None),  # each has its own
        ({"other": 8, "shop": 11}, {"Traiteur C", "Épicerie A"}),  # one of the common
        ({"other": 8, "another": 8, "shop": 10}, {"Traiteur C", "Cantine D"}),  # the shop needs nobody's
        ({"other": 9, "another": 2}, None),  # nine are never left: the other one has no rival
    ],
)
def test_what_is_above_quotas_is_compared_with_what_is_common(cold, asked, compared):
    for name, qty in asked.items():
        if qty == 9:
            cold.lend(60)  # lent when it was asked for, and no more when it is compared
        cold.ask(getattr(cold, name), qty)
        cold.lend(None)
    assert cold.compared() == ([compared] if compared else [])


def test_what_is_lent_is_common_to_all(cold):
    cold.lend(60)
    cold.ask(cold.other, 8)
    cold.ask(cold.another, 8)
    assert cold.compared() == []
    cold.ask(cold.shop, 10)
    assert cold.compared() == [{"Traiteur C", "Cantine D", "Épicerie A"}]


def test_a_yes_tells_the_other_who_has_it(cold, browser):
    first, second = cold.ask(cold.other, 8), cold.ask(cold.another, 8)
    told = around([first])[first.id]
    assert told.conflicts == ["Cantine D demande le même créneau."]
    mine = cold.ask(cold.shop, 10)
    service.approve(first.id, cold.manager)
    service.approve(mine.id, cold.manager)  # within its own quota: takes nothing from anybody
    found = cold.look()
    assert found.contests == []
    assert {number: lost.organisation.name for number, lost in found.lost.items()} == {
        second.id: "Traiteur C"
    }
    page = text_of(browser(cold.manager_person).get(f"/reservations/{second.ref}"))
    assert "Traiteur C" in page


def test_kits_meet_on_what_is_common_of_their_pool(cold):
    facts = STORAGE | {"unit": "piece", "approval": Approval.MANAGER, "arbitration_hours": 48}
    kit = f.a_resource(cold.site, name="Rayonnage", capacity=6, **facts)
    f.made_of(kit, cold.room, qty=4)
    cold.ask(cold.other, 1, WEEK, resource=kit)
    cold.ask(cold.another, 4)
    assert cold.compared() == []
    cold.ask(cold.another, 1)
    [contest] = cold.look().contests
    assert len(contest.bookings) == 3
    assert contest.scarce == ("Chambre froide",)
