"""What a chain carries is paid for with it: one key for vans, store, kitchen and goods, one letter, one yes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.bookings.costs import find_all_costs
from app.bookings.goods import goods_of
from app.core.policy import Actor
from app.core.span import Span
from app.payments import service as payments
from app.payments.books.postings import Method
from app.payments.queries import dues_of
from app.payments.splits.keys import KeyKind
from app.payments.tariffs.tariff import Meter, VatRegime
from app.supply.chains.errors import PartTooSmall
from app.supply.chains.models import Chain
from app.supply.offers import service as offers
from tests.bookings.money import tariff
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import of
from tests.factories import a_coordinator, a_member, an_organisation
from tests.payments.documents.town import IBAN
from tests.supply.chains.valley import COURGETTES, Valley
from tests.supply.offers.world import an_offer

pytestmark = pytest.mark.usefixtures("session", "frozen")


class Sold(Valley):
    """A farm sells the courgettes that the chain carries, at 0.50 the kilo; the kitchen costs 12.00 the hour."""

    def __init__(self) -> None:
        super().__init__()
        payments.switch_money(load_actor(a_coordinator(self.territory).id), self.territory.id, is_on=True)
        payments.publish_tariff(Actor(is_platform_admin=True), self.kitchen.id, tariff((Meter.HOUR, 1200)))
        self.farm = an_organisation(self.territory, name="GAEC des Courgettes")
        self.farmer = load_actor(a_member(self.farm).id)
        keeper = load_actor(a_member(self.farm, role=Role.TREASURER).id)
        terms = payments.Terms(
            "GAEC des Courgettes", "1 rue du Four\n44170 Nozay", (Method.TRANSFER,), iban=IBAN,
            vat_regime=VatRegime.FRANCHISE,
        )  # fmt: skip
        payments.say_terms(keeper, self.farm.id, terms)
        self.friend = an_organisation(self.territory, name="Épicerie solidaire")
        self.friend_person = a_member(self.friend, role=Role.TREASURER)
        self.friend_actor = load_actor(self.friend_person.id)
        self.treasurer_person = a_member(self.association, role=Role.TREASURER)
        self.treasurer = load_actor(self.treasurer_person.id)
        offer = offers.post(self.farmer, self.farm.id, an_offer(cargo=COURGETTES, price_cents=50))
        self.part = offers.take(
            load_actor(self.treasurer_person.id), offer.id, offers.Part(self.association.id)
        )
        self.carrier = self.ask_for(claim_ref=self.part.public_id)

    @property
    def bundle(self):
        return self.carrier.bundle

    @property
    def url(self) -> str:
        return f"/filieres/{self.bundle.ref}/couts"

    def ask_half(self, weeks: int) -> Chain:
        """Ask for a chain that carries half of the part, so many weeks later."""
        later = timedelta(weeks=weeks)
        legs = [replace(leg, span=Span(leg.span.start + later, leg.span.end + later)) for leg in self.plan()]
        half = COURGETTES.of(COURGETTES.grams // 2)
        facts = {"cargo": half, "handover_at": None, "key": f"half-{weeks}"}
        return self.ask_for(legs=legs, claim_ref=self.part.public_id, **facts)

    def share_by_kilos(self, own: int, other: int) -> list[int]:
        """Share all of it by the kilos that each gets."""
        parts = [
            payments.Part(self.association.id, own * 1_000),
            payments.Part(self.friend.id, other * 1_000),
        ]
        return bookings.share_bundle_costs(self.bundle.id, self.treasurer, KeyKind.METERED, parts)


@pytest.fixture
def sold() -> Sold:
    return Sold()


def test_the_goods_stand_among_what_the_chain_costs(sold, browser):
    body = text_of(browser(sold.treasurer_person).get(sold.url))
    for piece in ("courgettes".title(), "€200.00", "€96.00", "€296.00", "GAEC des Courgettes"):
        assert piece in body, piece


def test_the_page_of_the_chain_says_what_all_of_it_comes_to(sold, browser):
    assert "€296.00" in text_of(browser(sold.treasurer_person).get(f"/filieres/{sold.bundle.ref}"))


def test_all_of_it_is_shared_by_kilos_with_one_yes(sold, browser):
    assert sold.share_by_kilos(300, 100) == [sold.friend.id]
    body = text_of(browser(sold.friend_person).get(sold.url))
    assert "Its part as things stand: €74.00." in body
    bookings.answer_bundle_costs(
        sold.bundle.id, sold.friend_actor, sold.friend.id, accepts=True, seen_cents=7_400
    )
    (goods,) = goods_of(sold.bundle.id)
    states = [goods.plan.party(sold.friend.id), *_parties(sold)]
    assert [party.state for party in states if party] == ["accepted", "accepted"]


def _parties(sold):
    costs = find_all_costs(sold.bundle.legs)
    return [each.plan.party(sold.friend.id) for each in costs if each.plan.is_priced]


def test_the_farm_is_paid_by_both(sold, frozen):
    sold.share_by_kilos(300, 100)
    bookings.answer_bundle_costs(sold.bundle.id, sold.friend_actor, sold.friend.id, accepts=True)
    offers.collect(sold.farmer, sold.part.id)
    frozen.tick(hours=1)
    assert offers.charge_due() == 1
    (goods,) = goods_of(sold.bundle.id)
    owed = {(due.payer_id, due.payee_id): due.cents for due in dues_of(goods.plan.charge_id or 0)}
    assert owed == {(sold.association.id, sold.farm.id): 15_000, (sold.friend.id, sold.farm.id): 5_000}


def test_the_latest_chain_carries_the_part(sold):
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Autre jour")
    again = sold.ask_for(claim_ref=sold.part.public_id, key="again")
    assert goods_of(sold.bundle.id) == []
    assert [each.name for each in goods_of(again.bundle_id)] == ["Courgettes"]


def test_one_that_is_given_up_leaves_the_goods_to_the_one_before(sold):
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Autre jour")
    first, second = (sold.ask_half(weeks) for weeks in (1, 2))
    assert (goods_of(first.bundle_id), len(goods_of(second.bundle_id))) == ([], 1)
    bookings.cancel_bundle(second.bundle_id, sold.member, "Un seul trajet suffit")
    assert (len(goods_of(first.bundle_id)), goods_of(second.bundle_id)) == (1, [])


def test_no_more_is_carried_than_there_is(sold, frozen):
    with pytest.raises(PartTooSmall) as refused:
        sold.ask_half(1)
    assert refused.value.facts == {"left": 0, "grams": COURGETTES.grams}
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Autre jour")
    sold.ask_half(1)
    sold.ask_half(2)
    with pytest.raises(PartTooSmall):
        sold.ask_half(3)


@pytest.mark.parametrize("end", ["give_back", "cancel_part", "withdraw"])
def test_a_chain_says_that_it_has_nothing_to_carry_any_more(sold, browser, end):
    url, said = f"/filieres/{sold.bundle.ref}", "This chain has nothing to carry any more"
    client = browser(sold.bundle.requester)
    assert said not in text_of(client.get(url))
    match end:
        case "give_back":
            offers.give_back(sold.treasurer, sold.part.id)
        case "cancel_part":
            offers.cancel_part(sold.farmer, sold.part.id, "Grêle")
        case _:
            offers.withdraw(sold.farmer, sold.part.offer_id, "Grêle")
    body = text_of(client.get(url))
    assert said in body
    assert "Cancel everything, so that others" in body
    assert "Call who asked for it" in text_of(browser(sold.treasurer_person).get(url))
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Rien à porter")
    assert said not in text_of(client.get(url))


def test_a_chain_from_scratch_has_no_goods(sold):
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Autre jour")
    assert goods_of(sold.ask_for(key="scratch").bundle_id) == []


def test_another_chain_for_the_same_part_comes_once_this_one_is_given_up(sold, browser):
    lost = next(leg for leg in of(sold.bundle) if leg.leg_number == 4)
    bookings.refuse(lost.id, sold.manager, "Le four est en panne")
    client, said = browser(sold.person), "Give this one up first: it carries all that there is."
    page = text_of(client.get(f"/filieres/{sold.bundle.ref}"))
    assert f"part={sold.part.public_id}" in page
    assert said in page
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Autre jour")
    half = sold.ask_half(1)  # the other half is left for another chain
    lost = next(leg for leg in of(half.bundle) if leg.leg_number == 4)
    bookings.refuse(lost.id, sold.manager, "Le four est en panne")
    assert said not in text_of(client.get(f"/filieres/{half.bundle.ref}"))


def test_another_chain_is_offered_for_what_none_carries(sold, browser):
    client, offer = browser(sold.treasurer_person), f"/surplus/{sold.part.offer.public_id}"
    page = text_of(client.get(offer))
    assert "All of it is carried. To organise another chain, give that one up first." in page
    assert "/filieres/preparer?" not in page
    bookings.cancel_bundle(sold.bundle.id, sold.member, "Autre jour")
    assert "Organise the chain" in text_of(client.get(offer))
    sold.ask_half(1)
    page = text_of(client.get(offer))
    assert "Organise another chain for the 200 kg left" in page
    assert "kilos=200" in page
