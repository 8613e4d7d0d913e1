"""What something would cost stands on every page that asks for it, once a territory reckons with money."""

import re

import pytest

from app.bookings import service as bookings
from app.core.policy import Actor
from app.payments import service as payments
from app.payments.deposits import service as deposits
from app.payments.deposits.rules import Occasion
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime
from tests.factories import (
    a_manager,
    a_member,
    a_resource,
    a_site,
    a_territory,
    actor_of,
    an_organisation,
    span,
)
from tests.helpers import count_queries

KITCHEN = Tariff((TariffLine(Meter.HOUR, 1250),), VatRegime.FRANCHISE, coefficients_bp={"P1": 4000})
VAN = Tariff((TariffLine(Meter.USE, 500), TariffLine(Meter.KM, 60)), VatRegime.FRANCHISE)
DEPOSIT = "Caution : 500,00 €, à verser avant la première utilisation"
SLOT = {"date": "2026-10-06", "de": "09:00", "a": "12:15"}


class Town:
    def __init__(self) -> None:
        self.territory = a_territory()
        self.site = a_site(an_organisation(self.territory), hours="24/7")
        self.kitchen = a_resource(self.site, name="Cuisine", slug="cuisine", step_minutes=15)
        self.van = a_resource(self.site, name="Camion", slug="camion", kind="vehicle", step_minutes=15)
        self.gleaners = an_organisation(self.territory, name="Les Glaneurs", priority_class="P1")
        self.member = a_member(self.gleaners)
        self.manager = a_manager(self.site)

    def price(self) -> None:
        coordinator = Actor(coordinated=frozenset({self.territory.id}))
        payments.switch_money(coordinator, self.territory.id, is_on=True)
        manager = Actor(managed_sites=frozenset({self.site.id}))
        payments.publish_tariff(manager, self.kitchen.id, KITCHEN)
        payments.publish_tariff(manager, self.van.id, VAN)

    def book(self):
        wish = bookings.Request(
            self.kitchen.id, self.gleaners.id, span("2026-10-06 09:00", "2026-10-06 12:15"), 1, "Soupes"
        )
        member = actor_of(self.member, memberships={self.gleaners.id: "member"})
        return bookings.ask(wish, member, uid_host="mutualim.test")


@pytest.fixture
def town(session, frozen):
    return Town()


def shown(answer, status=200) -> str:
    assert answer.status_code == status
    text = answer.get_data(as_text=True).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def read(client, url, **query) -> str:
    return shown(client.get(url, query_string=query, headers={"Accept-Language": "fr"}))


def costs_in(page: str) -> list[str]:
    return re.findall(r"(?:Coût estimé :|Prix réduit pour|Offert, d|plus [^<]*comptés)[^<]*(?=<)", page)


def test_the_answer_to_a_slot_says_what_it_costs(client, login, town):
    town.price()
    login(client, town.member)
    page = read(client, "/ressources/cuisine/demander", **SLOT)
    assert costs_in(page) == [
        "Coût estimé : 16,25 €",
        "Prix réduit pour votre structure, déjà compté : 24,38 € de moins",
    ]
    assert costs_in(read(client, "/ressources/cuisine/demander")) == []
    taken = town.book()
    assert taken
    assert costs_in(read(client, "/ressources/cuisine/demander", **SLOT)) == []


def test_a_visitor_reads_the_price_for_everybody(client, town):
    town.price()
    assert costs_in(read(client, "/ressources/cuisine/demander", **SLOT)) == ["Coût estimé : 40,63 €"]


def test_without_money_nothing_of_it_is_said(client, login, town):
    booking = town.book()
    ref = booking.ref
    login(client, town.member)
    later = SLOT | {"date": "2026-10-07"}
    for page in ("/ressources/cuisine/demander", f"/reservations/{ref}/modifier"):
        assert costs_in(read(client, page, **later)) == []


def test_each_element_and_all_of_them(client, login, town):
    town.price()
    login(client, town.member)
    for slug in ("cuisine", "camion"):
        client.get("/demander", query_string={"ressource": slug, **SLOT})
    page = read(client, "/demander")
    assert costs_in(page) == [
        "Coût estimé : 16,25 €",
        "Prix réduit pour votre structure, déjà compté : 24,38 € de moins",
        "Coût estimé : 5,00 €",
        "plus 0,60 € le kilomètre parcouru, comptés après",
        "Coût estimé : 21,25 €",
        "Prix réduit pour votre structure, déjà compté : 24,38 € de moins",
        "plus 0,60 € le kilomètre parcouru, comptés après",
    ]


def test_each_date_of_a_series_and_all_of_them(client, login, town):
    town.price()
    login(client, town.member)
    data = SLOT | {
        "organisation": str(town.gleaners.id), "purpose": "Soupes", "quantite": "1", "repete": "weekly", "fois": "3",
    }  # fmt: skip
    page = shown(client.post("/ressources/cuisine/demander", data=data, headers={"Accept-Language": "fr"}))
    said = costs_in(page)
    assert said.count("Coût estimé : 16,25 €") == 3
    assert said[0] == "Coût estimé : 48,75 €"


def test_the_deposit_of_each_element_and_of_a_series_is_said(client, login, town):
    town.price()
    deposits.say_deposit(Actor(is_platform_admin=True), town.kitchen.id, 50_000, Occasion.FIRST, ())
    login(client, town.member)
    for slug in ("cuisine", "camion"):
        client.get("/demander", query_string={"ressource": slug, **SLOT})
    assert read(client, "/demander").count(DEPOSIT) == 1
    data = SLOT | {
        "organisation": str(town.gleaners.id), "purpose": "Soupes", "quantite": "1", "repete": "weekly", "fois": "3",
    }  # fmt: skip
    page = shown(client.post("/ressources/cuisine/demander", data=data, headers={"Accept-Language": "fr"}))
    assert page.count(DEPOSIT) == 1
    bookings.approve(town.book().id, actor_of(town.manager, managed_sites={town.site.id}))
    assert DEPOSIT not in read(client, "/demander"), "it was asked for"


def test_a_change_and_a_proposal_say_what_they_would_cost(client, login, town, frozen):
    town.price()
    booking = town.book()
    ref = booking.ref
    frozen.tick(days=1)
    dearer = Tariff((TariffLine(Meter.HOUR, 9900),), VatRegime.FRANCHISE)
    payments.publish_tariff(Actor(managed_sites=frozenset({town.site.id})), town.kitchen.id, dearer)
    login(client, town.member)
    later = {"date": "2026-10-07", "de": "09:00", "a": "10:00"}
    assert costs_in(read(client, f"/reservations/{ref}/modifier", **later))[0] == "Coût estimé : 5,00 €"
    login(client, town.manager)
    assert costs_in(read(client, f"/reservations/{ref}/proposer", **later))[0] == "Coût estimé : 5,00 €"


def test_money_adds_two_statements_to_a_page_at_most(client, login, town):
    login(client, town.member)
    read(client, "/ressources/cuisine/demander", **SLOT)
    with count_queries() as without:
        read(client, "/ressources/cuisine/demander", **SLOT)
    town.price()
    with count_queries() as priced:
        read(client, "/ressources/cuisine/demander", **SLOT)
    assert len(priced) <= len(without) + 1


def test_what_is_proposed_says_what_it_would_cost_before_it_is_taken(client, login, town):
    town.price()
    booking = town.book()
    ref = booking.ref
    offer = bookings.Offer(
        town.kitchen.id, span("2026-10-07 09:00", "2026-10-07 10:00"), 1, "Plutôt mercredi ?"
    )
    bookings.propose(booking.id, actor_of(town.manager, managed_sites=frozenset({town.site.id})), offer)
    login(client, town.member)
    assert "5,00 € · Prix réduit pour votre structure" in read(client, f"/reservations/{ref}")
