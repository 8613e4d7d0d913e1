"""A request for several resources is shared as one: one key, one letter, one yes; elements may still differ."""

import pytest

from app.bookings import service
from app.core.errors import Forbidden, NotFound
from app.payments import service as payments
from app.payments.errors import CostsCharged
from app.payments.splits.keys import KeyKind
from tests.bookings.money import Meter, MoneyWorld, a_resource, span, tariff
from tests.bookings.pages import text_of
from tests.factories import a_site, an_organisation

pytestmark = pytest.mark.usefixtures("session", "frozen")


class World(MoneyWorld):
    """A kitchen and a room beside it, asked for together."""

    def __init__(self):
        super().__init__()
        self.room = a_resource(self.site, name="Salle")
        self.price(self.room, tariff((Meter.HOUR, 800)))
        legs = (
            service.Leg(self.kitchen.id, self.slot),
            service.Leg(self.room.id, span("2026-10-06 13:00", "2026-10-06 15:00")),
        )
        wanted = service.BundleRequest(self.association.id, legs, "Courgettes")
        self.bundle = service.ask_bundle(wanted, self.member, uid_host="mutualim.test")
        self.friend, self.friend_actor = self.friends[0], self.friend_actors[0]

    @property
    def url(self):
        return f"/demandes/{self.bundle.ref}/couts"

    def share_all(self, *weights, actor=None):
        parts = [payments.Part(self.association.id, weights[0]), payments.Part(self.friend.id, weights[1])]
        return service.share_bundle_costs(self.bundle.id, actor or self.treasurer, KeyKind.WEIGHTS, parts)

    def parties(self):
        return [
            {each.organisation_id: (each.weight, each.state) for each in self.costs(leg).plan.parties}
            for leg in self.bundle.legs
        ]


@pytest.fixture
def world():
    return World()


def test_all_elements_are_shared_alike_and_answered_once(world):
    assert world.share_all(1, 1) == [world.friend.id]
    alike = {world.association.id: (1, "accepted"), world.friend.id: (1, "invited")}
    assert world.parties() == [alike, alike]
    service.answer_bundle_costs(world.bundle.id, world.friend_actor, world.friend.id, accepts=True)
    agreed = alike | {world.friend.id: (1, "accepted")}
    assert world.parties() == [agreed, agreed]
    with pytest.raises(NotFound):
        service.answer_bundle_costs(world.bundle.id, world.friend_actor, world.friend.id, accepts=True)


def test_an_element_may_differ(world):
    world.share_all(1, 1)
    service.answer_bundle_costs(world.bundle.id, world.friend_actor, world.friend.id, accepts=True)
    first = world.bundle.legs[0]
    service.share_costs(first.id, world.treasurer, KeyKind.SINGLE, [payments.Part(world.association.id, 1)])
    one, other = world.parties()
    assert (set(one), set(other)) == ({world.association.id}, {world.association.id, world.friend.id})


def test_only_who_keeps_the_accounts_shares_and_answers(world):
    for actor in (world.member, world.manager, world.friend_actor):
        with pytest.raises(Forbidden):
            world.share_all(1, 1, actor=actor)
    world.share_all(1, 1)
    with pytest.raises(Forbidden):
        service.answer_bundle_costs(world.bundle.id, world.treasurer, world.friend.id, accepts=True)


def test_what_does_not_take_place_is_not_shared(world):
    for leg in world.bundle.legs:
        service.refuse(leg.id, world.manager, "Travaux")
    with pytest.raises(CostsCharged):
        world.share_all(1, 1)


def test_the_page_lets_the_treasurer_share_and_the_other_answer(world, browser):
    treasurer, friend = browser(world.treasurer_person), browser(world.friend_people[0])
    assert "Share the whole request" in text_of(treasurer.get(world.url))
    assert "Share the whole request" not in text_of(browser(world.person).get(world.url))
    assert friend.get(world.url).status_code == 404
    typed = {"key": "percent", "part_own": "50", "who_0": world.friend.public_id, "part_0": "40"}
    refused = treasurer.post(f"{world.url}/partage", data=typed)
    assert refused.status_code == 422
    assert 'value="40"' in text_of(refused)
    assert treasurer.post(f"{world.url}/partage", data=typed | {"part_0": "50"}).status_code == 303
    body = text_of(friend.get(world.url))
    assert "Its part as things stand: €26.00." in body
    answer = {"structure": world.friend.public_id, "reponse": "oui", "vu": "2600"}
    assert browser(world.person).post(f"{world.url}/reponse", data=answer).status_code == 403
    assert friend.post(f"{world.url}/reponse", data=answer).status_code == 303
    body = text_of(friend.get(world.url))
    assert "Its part as things stand" not in body
    assert friend.post(f"{world.url}/partage", data=typed).status_code == 403


def test_what_is_declined_of_one_element_is_shown_apart_and_accepted_on_purpose_alone(world, browser):
    world.share_all(1, 1)
    kitchen, _room = world.bundle.legs
    service.answer_costs(kitchen.id, world.friend_actor, world.friend.id, accepts=False)
    client = browser(world.friend_people[0])
    body = text_of(client.get(world.url))
    for piece in ("has declined a part of this cost", "is asked to share this cost", "Decline"):
        assert piece in body, piece
    assert "Its part as things stand: €8.00." in body
    assert "You can still accept: €18.00 as things stand." in body
    yes = {"structure": world.friend.public_id, "reponse": "oui", "vu": "800"}
    client.post(f"{world.url}/reponse", data=yes)
    states = [each[world.friend.id][1] for each in world.parties()]
    assert states == ["declined", "accepted"]
    body = text_of(client.get(world.url))
    assert "is asked to share this cost" not in body
    client.post(f"{world.url}/reponse", data=yes | {"etait": "declined", "vu": "1800"})
    assert [each[world.friend.id][1] for each in world.parties()] == ["accepted", "accepted"]


def test_a_whole_request_is_one_line_that_leads_to_all_of_its_costs(world, browser):
    world.share_all(1, 1)
    client = browser(world.friend_people[0])
    for said in ("is asked to share this cost", "Costs that you share"):
        body = text_of(client.get("/moi"))
        assert said in body
        assert body.count(f'href="{world.url}"') == 1
        assert f"/reservations/{world.bundle.legs[0].ref}/couts" not in body
        if said.startswith("is"):
            service.answer_bundle_costs(world.bundle.id, world.friend_actor, world.friend.id, accepts=True)
    element = text_of(client.get(f"/reservations/{world.bundle.legs[0].ref}/couts"))
    assert f'href="{world.url}"' in element


def test_the_form_says_what_is_typed_for_each_key(world, browser):
    body = text_of(browser(world.treasurer_person).get(world.url))
    for piece in ("They come to 100 in all.", "Type 1 on its line.", "Size: 1, 2 or 5", "Percentage"):
        assert piece in body, piece
    assert 'class="k-single now"' in body, "the word of the key that is agreed"


def test_the_page_of_a_request_tells_its_total_to_both_sides(world, browser):
    page = f"/demandes/{world.bundle.ref}"
    for person in (world.person, world.manager_person):
        body = text_of(browser(person).get(page))
        assert "€52.00" in body
        assert world.url in body
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    assert "€52.00" not in text_of(browser(world.person).get(page))


def test_a_place_reads_that_its_own_is_not_all_of_it(world, browser):
    other = a_site(an_organisation(world.territory), hours="Mo-Sa 07:00-22:00; PH off")
    van = a_resource(other, name="Fourgon du voisin")
    world.price(van, tariff((Meter.HOUR, 400)))
    legs = (
        service.Leg(world.kitchen.id, span("2026-10-07 09:00", "2026-10-07 12:00")),
        service.Leg(van.id, span("2026-10-07 13:00", "2026-10-07 15:00")),
    )
    wanted = service.BundleRequest(world.association.id, legs, "Poireaux")
    bundle = service.ask_bundle(wanted, world.member, uid_host="mutualim.test")
    told = "Only what you have to do with is shown"
    theirs = text_of(browser(world.manager_person).get(f"/demandes/{bundle.ref}/couts"))
    assert told in theirs
    assert "Fourgon du voisin" not in theirs
    assert told not in text_of(browser(world.treasurer_person).get(f"/demandes/{bundle.ref}/couts"))
