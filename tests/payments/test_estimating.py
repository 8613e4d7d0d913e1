"""What uses would cost before they are made: worked cases, what programmes would bear, what is counted afterwards."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.core import clock
from app.core.policy import Actor
from app.payments import service
from app.payments.estimates import PlannedUse, costs
from app.payments.service import NewEnvelope, NewProgramme
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.estimate_words import estimate_words
from app.payments.tariffs.estimating import Later, estimate, subsidised, total
from app.payments.tariffs.measures import Stay, Use
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime
from tests.factories import a_resource, a_site, a_territory, an_organisation, span
from tests.helpers import count_queries

PARIS = ZoneInfo("Europe/Paris")
MORNING = Use(Stay(span("2026-10-06 09:00", "2026-10-06 12:15"), PARIS))
KITCHEN = Tariff((TariffLine(Meter.HOUR, 1250),), VatRegime.FRANCHISE, coefficients_bp={"P1": 4000, "P0": 0})
VAN = Tariff(
    (TariffLine(Meter.USE, 500), TariffLine(Meter.KM, 60)), VatRegime.FRANCHISE, coefficients_bp={"P1": 5000}
)


# -- pure -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("priority", "cents", "in_kind"), [("", 4063, 0), ("P2", 4063, 0), ("P1", 1625, 2438), ("P0", 0, 4063)]
)
def test_the_kitchen_of_the_worked_cases(priority, cents, in_kind):
    found = estimate(KITCHEN, [MORNING], priority)
    assert (found.cents, found.in_kind_cents, found.later) == (cents, in_kind, ())


def test_what_is_counted_afterwards_is_told_apart():
    found = estimate(VAN, [MORNING], "P1")
    assert (found.cents, found.later) == (250, (Later(Meter.KM, 30),))
    assert total([found, found]).later == (Later(Meter.KM, 30),)


def test_subsidies_bear_their_part_of_one_charge_up_to_their_ceiling():
    each = [estimate(KITCHEN, [MORNING]), estimate(KITCHEN, [MORNING])]
    half = Subsidy(7, 5000, most_cents=2000, envelope_left=10_000, envelope_id=1)
    assert [found.borne_cents for found in subsidised(each, [half])] == [2000, 2000]


def test_an_envelope_pays_no_more_than_it_has_over_all_dates():
    each = [estimate(KITCHEN, [MORNING]) for _date in range(3)]
    half = Subsidy(7, 5000, left_for_organisation=5000, envelope_left=3000, envelope_id=1)
    assert [found.borne_cents for found in subsidised(each, [half])] == [2032, 968, 0]


# -- as pages read it -----------------------------------------------------------------------------------------


class Place:
    def __init__(self) -> None:
        self.territory = a_territory()
        self.owner = an_organisation(self.territory)
        self.site = a_site(self.owner)
        self.kitchen, self.van = a_resource(self.site), a_resource(self.site)
        self.gleaners = an_organisation(self.territory, priority_class="P1")
        self.manager = Actor(managed_sites=frozenset({self.site.id}))
        self.switch(is_on=True)
        service.publish_tariff(self.manager, self.kitchen.id, KITCHEN)
        service.publish_tariff(self.manager, self.van.id, VAN)

    def switch(self, *, is_on: bool) -> None:
        coordinator = Actor(coordinated=frozenset({self.territory.id}))
        service.switch_money(coordinator, self.territory.id, is_on=is_on)

    def programme(self, **facts) -> None:
        pat = an_organisation(self.territory, name="Le PAT")
        terms = {"rate_bp": 5000, **facts}
        programme = service.open_programme(NewProgramme(self.territory.id, pat.id, "Logistique", **terms))
        service.open_envelope(NewEnvelope(programme.id, date(2026, 1, 1), date(2027, 1, 1), 100_000))

    def both(self) -> list[PlannedUse]:
        return [PlannedUse(self.kitchen.id, MORNING), PlannedUse(self.van.id, MORNING)]


@pytest.fixture
def place(session, frozen):
    return Place()


def said(found, number=0) -> list[str]:
    words = estimate_words(found.each[number], found.payers)
    return [each.replace("\u00a0", " ").replace("\u202f", " ") for each in words]


def test_a_page_says_what_it_comes_to(app, place):
    found = costs(place.both(), place.gleaners)
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert said(found) == [
            "Coût estimé : 16,25 €",
            "Prix réduit pour votre structure, déjà compté : 24,38 € de moins",
        ]
        assert said(found, 1)[-1] == "plus 0,30 € le kilomètre parcouru, comptés après"
        town = an_organisation(place.territory, priority_class="P0")
        assert said(costs(place.both(), town)) == ["Offert, d’une valeur de 40,63 €"]


def test_a_programme_bears_its_part(app, place):
    place.programme(most_each_cents=2000)
    found = costs(place.both(), place.gleaners)
    assert found.all is not None
    assert (found.all.cents, found.all.borne_cents) == (1875, 938)
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert said(found)[0] == (
            "Coût estimé : 16,25 €, dont 8,13 € pris en charge par Le PAT ; vous payez 8,12 €"
        )


def test_nothing_is_reckoned_of_what_is_ones_own_or_free_or_where_money_is_off(place):
    assert costs(place.both(), place.owner).each == (None, None)
    service.publish_tariff(place.manager, place.van.id, None)
    assert costs(place.both(), place.gleaners).each[1] is None
    place.switch(is_on=False)
    assert costs(place.both(), place.gleaners).all is None
    assert costs([], place.gleaners).all is None


def test_what_was_asked_for_keeps_its_price(place, frozen):
    asked = clock.now()
    frozen.tick(days=1)
    dearer = Tariff((TariffLine(Meter.HOUR, 2000),), VatRegime.FRANCHISE)
    service.publish_tariff(place.manager, place.kitchen.id, dearer)
    [before, now] = [costs(place.both(), None, at=at).each[0] for at in (asked, None)]
    assert before is not None
    assert now is not None
    assert (before.cents, now.cents) == (4063, 6500)


def test_as_many_statements_for_many_uses_as_for_one(place):
    place.programme()
    few, who = place.both(), place.gleaners
    costs(few, who)
    with count_queries() as one:
        costs(few[:1], who)
    with count_queries() as many:
        costs(few * 40, who)
    assert len(one) == len(many) == 2
