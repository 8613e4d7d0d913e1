"""A part of an offer whose kilos a signed hand-over note says are gone: it is collected, and nobody gives it back."""

from typing import Any

import pytest

from app.core import clock
from app.supply.cargo import KILO
from app.supply.lots import service
from app.supply.offers import service as offers
from app.supply.offers.errors import PartHandedOver
from app.supply.offers.queries import left_of
from app.supply.offers.rules import LAPSES_AFTER, ClaimState, State
from tests.bookings.conftest import browser
from tests.bookings.pages import text_of
from tests.supply.lots.world import Barn

__all__ = ["browser"]
pytestmark = pytest.mark.usefixtures("session", "frozen")


class Yard(Barn):
    """The farm offers 400 kg, of which the association has taken 120; a lot of it is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.offer = self.post()
        self.part = self.take(self.offer, 120)
        self.ready = self.enter(
            grams=120 * KILO, origin="", origin_id=self.farm.id, surplus_claim_ref=self.part.public_id
        )

    def given_back(self) -> None:
        offers.give_back(self.member, self.part.id)


@pytest.fixture
def yard() -> Yard:
    return Yard()


def test_what_both_signed_for_is_collected_and_stays_so(yard):
    yard.hand_over(yard.ready, kilos=120)
    assert (yard.part.state, yard.part.collected_at) == (ClaimState.COLLECTED, clock.now())
    assert left_of(yard.offer) == 280 * KILO
    for act in (
        lambda: offers.uncollect(yard.farmer, yard.part.id),
        lambda: offers.deny(yard.member, yard.part.id),
    ):
        with pytest.raises(PartHandedOver) as refused:
            act()
        assert refused.value.facts == {"grams": 120 * KILO, "is_received": True}


def test_what_came_back_is_not_collected_and_who_took_it_can_say_so(yard):
    note = yard.give(yard.ready, kilos=120)
    receipt = service.Receipt("Jean Ours", {yard.ready.id: KILO}, "Tout le reste est pourri.", 60)
    service.receive(yard.member, note.id, receipt)
    assert yard.part.state == ClaimState.CLAIMED
    with pytest.raises(PartHandedOver) as refused:
        yard.given_back()
    assert refused.value.facts == {"grams": KILO, "is_received": True}
    offers.collect(yard.farmer, yard.part.id)  # as if all had been
    offers.deny(yard.member, yard.part.id)
    assert yard.part.state == ClaimState.CLAIMED


def test_what_was_taken_and_given_to_people_is_collected(yard):
    kept = service.NewLot(
        product="Courgettes", grams=120 * KILO, regime=yard.ready.regime, received_on=clock.now().date(),
        origin_id=yard.farm.id, surplus_claim_ref=yard.part.public_id,
    )  # fmt: skip
    lot = service.enter(yard.member, yard.ours.id, kept)
    note = service.draft(yard.member, service.NewNote(yard.ours.id, {lot.id: 120 * KILO}, None, 40, 60))
    service.give(yard.member, note.id, "Jean Ours")
    assert yard.part.state == ClaimState.COLLECTED


def test_what_is_on_its_way_is_not_given_back_until_the_note_ends(yard):
    note = yard.give(yard.ready, kilos=120)
    with pytest.raises(PartHandedOver):
        yard.given_back()
    with pytest.raises(PartHandedOver):
        offers.cancel_part(yard.farmer, yard.part.id, "Grêle")
    offers.withdraw(yard.farmer, yard.offer.id, "Tout est parti.")
    assert (yard.part.state, yard.offer.state) == (ClaimState.CLAIMED, State.WITHDRAWN)
    service.refuse(yard.member, note.id, service.Receipt("Jean Ours", reason="Tout est écrasé.", tenths=60))
    yard.given_back()
    assert yard.part.state == ClaimState.GIVEN_BACK


def test_a_draft_says_nothing_yet_and_who_signs_it_reads_that_the_part_has_ended(yard, browser):
    note = yard.draft(yard.ready, kilos=120)
    url, client = f"/remises/{note.public_id}", browser(yard.people["farm"])
    said = "has ended: its offer counts these kilos as free"
    assert said not in text_of(client.get(url))
    yard.given_back()
    assert yard.part.state == ClaimState.GIVEN_BACK
    assert said in text_of(client.get(url))
    service.give(yard.farmer, note.id, "Paule")
    assert said not in text_of(client.get(url))


def test_of_half_of_it_the_rest_is_still_to_be_collected(yard, frozen):
    yard.hand_over(yard.ready, kilos=60)
    assert yard.part.state == ClaimState.CLAIMED
    with pytest.raises(PartHandedOver) as refused:
        yard.given_back()
    assert refused.value.facts["grams"] == 60 * KILO
    frozen.move_to(yard.offer.until_at + LAPSES_AFTER)
    offers.expire_due()
    assert offers.lapse_due() == 0
    yard.hand_over(yard.ready, kilos=60, at=clock.now())
    assert yard.part.state == ClaimState.COLLECTED


def test_a_note_that_the_receiver_contests_proves_nothing(yard):
    note = yard.give(yard.ready, kilos=120)
    service.receive(yard.farmer, note.id, service.Receipt("Quelqu'un", tenths=60))
    assert yard.part.state == ClaimState.COLLECTED
    service.contest(yard.member, note.id, "Personne de chez nous.")
    offers.deny(yard.member, yard.part.id)
    assert yard.part.state == ClaimState.CLAIMED


def test_a_lot_of_a_third_one_says_nothing_of_the_part(yard):
    facts: dict[str, Any] = {"grams": 120 * KILO, "surplus_claim_ref": yard.part.public_id}
    kept = service.NewLot(product="Courgettes", regime=yard.ready.regime, origin="Ici", **facts)
    lot = service.enter(yard.other, yard.others.id, kept)
    new = service.NewNote(yard.others.id, {lot.id: 120 * KILO}, yard.farm.id, None, 60, 9)
    note = service.draft(yard.other, new)
    service.give(yard.other, note.id, "Paul")
    service.receive(yard.farmer, note.id, service.Receipt("Jean", tenths=60))
    assert yard.part.state == ClaimState.CLAIMED


def test_the_page_says_when_it_was_collected_and_why_it_is_not_given_back(yard, browser):
    url = f"/surplus/{yard.offer.public_id}"
    client = browser(yard.people["ours"])
    assert f"{url}/parts/{yard.part.public_id}/rendre" in text_of(client.get(url))
    note = yard.give(yard.ready, kilos=120)
    page = text_of(client.get(url))
    assert f"{url}/parts/{yard.part.public_id}/rendre" not in page
    assert "Refuse it there" in page
    service.receive(yard.member, note.id, service.Receipt("Jean Ours", tenths=60))
    page = text_of(client.get(url))
    assert "picked up on" in page
    assert "hand-over note of its own" in page
    for act in ("rendre", "remise/contester"):
        assert f"parts/{yard.part.public_id}/{act}" not in page
    late = client.post(f"{url}/parts/{yard.part.public_id}/remise/contester")
    assert (late.status_code, "hand-over note of its own" in text_of(late)) == (409, True)
