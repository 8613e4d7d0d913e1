"""Who offers what a chain carries and who receives it read its page: who comes when, and nothing that is not theirs."""

from dataclasses import replace

import pytest

from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.calendars import queries as calendars
from app.calendars import service as feeds
from app.calendars.audiences import Scope
from app.infra.uow import atomic
from app.supply.cargo import KILO
from app.supply.offers import service as offers
from app.supply.offers.rules import ClaimState
from tests.api.world import token_of
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import of
from tests.factories import PARIS, a_member, an_organisation
from tests.helpers import count_queries
from tests.supply.chains.valley import COURGETTES, Valley
from tests.supply.offers.world import an_offer

pytestmark = pytest.mark.usefixtures("session", "frozen")


class Carried(Valley):
    """A farm's courgettes, carried by the association to a food bank."""

    def __init__(self) -> None:
        super().__init__()
        self.farm = an_organisation(self.territory, name="GAEC des Courgettes")
        self.bank = an_organisation(self.territory, name="Banque alimentaire")
        self.farmer_person, self.bank_person = a_member(self.farm), a_member(self.bank)
        self.farmer = load_actor(self.farmer_person.id)
        plenty = replace(COURGETTES, grams=COURGETTES.grams + KILO)
        offer = offers.post(self.farmer, self.farm.id, an_offer(cargo=plenty))
        self.part = offers.take(self.member, offer.id, offers.Part(self.association.id, COURGETTES.grams))
        self.carrier = self.ask_for(
            claim_ref=self.part.public_id, receiver_id=self.bank.id, message="La clé est sous le pot."
        )

    def another(self):
        """Carry the kilo that is left of the offer, two weeks later."""
        part = offers.take(self.member, self.part.offer_id, offers.Part(self.association.id))
        legs = [replace(each, span=each.span.days_later(14, PARIS) or each.span) for each in self.plan()]
        cargo = replace(COURGETTES, grams=KILO)
        return self.ask_for(legs, cargo=cargo, claim_ref=part.public_id, handover_at=None)

    def accept(self, *numbers: int) -> None:
        """Let the places say yes to the legs of these numbers."""
        for leg in of(self.bundle):
            if leg.leg_number in numbers:
                theirs = leg.resource.site_id == self.garage.id
                bookings.approve(leg.id, self.driver if theirs else self.manager)

    @property
    def bundle(self):
        return self.carrier.bundle

    @property
    def url(self) -> str:
        return f"/filieres/{self.bundle.ref}"

    @property
    def offer_url(self) -> str:
        return f"/surplus/{self.part.offer.public_id}"


@pytest.fixture
def carried() -> Carried:
    return Carried()


@pytest.mark.parametrize("who", ["farmer_person", "bank_person"])
def test_they_read_its_page_and_change_nothing(carried, browser, who):
    client = browser(getattr(carried, who))
    page = text_of(client.get(carried.url))
    for said in (
        "0 elements of 4 accepted",
        "It is not sure before all of it is accepted.",
        "1. Fourgon frigorifique",
        "Hand-over: Thursday 17 September, 14:00",
        "Subscribe in my calendar",
    ):
        assert said in page, said
    for hidden in ("Cancel everything", "La clé est sous le pot.", "What it costs", "Change the hand-over"):
        assert hidden not in page, hidden
    assert carried.bundle.purpose in text_of(client.get("/filieres"))
    leg = of(carried.bundle)[0]
    assert client.get(f"/reservations/{leg.ref}").status_code == 404
    assert client.get(f"{carried.url}/couts").status_code == 404
    assert client.post(f"/demandes/{carried.bundle.ref}/annuler", data={"reason": "Non"}).status_code in (
        403,
        404,
    )


def test_a_hidden_vehicle_is_named_to_whose_door_it_comes(carried, browser):
    with atomic():
        for leg in of(carried.bundle)[:2]:
            leg.resource.visibility = "hidden"
    farmer, bank = (
        text_of(browser(each).get(carried.url)) for each in (carried.farmer_person, carried.bank_person)
    )
    assert "1. Fourgon frigorifique" in farmer
    assert "2. Another place" in farmer
    assert "1. Another place" in bank


def test_others_of_the_territory_still_know_nothing_of_it(carried, browser):
    stranger = browser(a_member(an_organisation(carried.territory, name="Autre")))
    assert stranger.get(carried.url).status_code == 404
    assert carried.bundle.purpose not in text_of(stranger.get("/filieres"))


def test_where_it_stands_is_told_as_it_is(carried, browser):
    client = browser(carried.bank_person)
    carried.accept(1, 2, 3, 4)
    assert "Everything is accepted" in text_of(client.get(carried.url))
    bookings.cancel_bundle(carried.bundle.id, carried.member, "Plus besoin")
    assert "has given up this request" in text_of(client.get(carried.url))


def test_its_calendar_tells_when_and_no_more(carried, client):
    subject = calendars.get_subject(Scope.CHAIN, carried.bundle.ref)
    link = feeds.subscribe(carried.farmer, subject, None)
    body = client.get(f"/agendas/{link.secret}.ics").data.decode().replace("\r\n ", "")
    assert body.count("BEGIN:VEVENT") == 4
    assert "400 kg de courgettes" in body
    assert "/reservations/" not in body


def test_the_page_of_the_offer_says_when_the_van_comes(carried, browser):
    client = browser(carried.farmer_person)
    page = text_of(client.get(carried.offer_url))
    assert f'href="{carried.url}"' in page
    asked = "“Fourgon frigorifique” is asked for to collect it: Monday 14 September, 13:00–15:00. It is not sure yet."
    assert asked in page
    carried.accept(1)
    comes = "“Fourgon frigorifique” comes to collect it: Monday 14 September, 13:00–15:00."
    assert comes in text_of(client.get(carried.offer_url))
    bookings.cancel(of(carried.bundle)[0].id, carried.driver, "En panne")
    page = text_of(client.get(carried.offer_url))
    assert "Nothing comes to collect it at present" in page
    assert comes not in page


@pytest.mark.parametrize("state", sorted(set(ClaimState) - {ClaimState.CLAIMED}))
def test_nothing_comes_for_a_part_that_is_fetched_already_or_given_back(carried, browser, state):
    client = browser(carried.farmer_person)
    carried.accept(1)
    assert "comes to collect it" in text_of(client.get(carried.offer_url))
    with atomic():
        carried.part.state = state
    page = text_of(client.get(carried.offer_url))
    assert "comes to collect it" not in page
    assert f'href="{carried.url}"' in page


@pytest.mark.parametrize("page", ["/filieres", "offer_url", "/api/v1/chains"])
def test_whose_door_hidden_places_come_to_is_asked_once_for_a_page(carried, browser, page):
    for leg in of(carried.bundle):
        with atomic():
            leg.resource.visibility = "hidden"
    url, client = getattr(carried, page, page), browser(carried.farmer_person)
    token = {"Authorization": f"Bearer {token_of(carried.farmer_person)}"} if "/api/" in url else {}

    def asked_for(chain):
        client.get(url, headers=token)  # what is remembered between requests
        with count_queries() as asked:
            assert chain.bundle.ref in client.get(url, headers=token).get_data(as_text=True)
        return asked

    one, two = asked_for(carried.carrier), asked_for(carried.another())
    assert len(two) == len(one), str(two)
