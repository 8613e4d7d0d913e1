"""A chain whose part was withdrawn says so before everything else, and to who organises it on their own page."""

import pytest

from app.supply.offers import service as offers
from tests.bookings.conftest import browser
from tests.bookings.pages import text_of
from tests.supply.chains.test_concerned import Carried

__all__ = ["browser"]
pytestmark = pytest.mark.usefixtures("session", "frozen")
SAID = "This chain has nothing to carry any more"


@pytest.fixture
def carried() -> Carried:
    return Carried()


def test_a_chain_that_lost_its_part_is_no_longer_green(carried, browser):
    carried.accept(1, 2, 3, 4)
    client = browser(carried.person)
    before = text_of(client.get(carried.url))
    assert "Everything is accepted" in before
    assert SAID not in text_of(client.get("/moi"))
    offers.withdraw(carried.farmer, carried.part.offer_id, "Tout a gelé.")
    page = text_of(client.get(carried.url))
    assert page.count(SAID) == 1
    assert "“GAEC des Courgettes” does not give the part" in page
    for url in (carried.url, "/filieres"):
        assert "Everything is accepted" not in text_of(client.get(url)), url
    task = text_of(client.get("/moi"))
    assert SAID in task
    assert carried.url in task


def test_whoever_only_reads_it_is_told_too_and_has_nothing_to_do(carried, browser):
    carried.accept(1, 2, 3, 4)
    offers.withdraw(carried.farmer, carried.part.offer_id, "Tout a gelé.")
    client = browser(carried.bank_person)
    assert "Call who asked for it" in text_of(client.get(carried.url))
    assert SAID not in text_of(client.get("/moi"))


def test_the_board_says_which_part_is_not_given(carried, browser, frozen):
    offers.withdraw(carried.farmer, carried.part.offer_id, "Tout a gelé.")
    client = browser(carried.person)
    page = text_of(client.get("/surplus"))
    assert "Not given after all" in page
    assert "Tout a gelé." in page
    assert carried.offer_url in page
    frozen.tick(days=7)
    assert "Not given after all" not in text_of(client.get("/surplus"))
