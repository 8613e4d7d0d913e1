"""What a chain costs is estimated by what its plan knows until that is measured; nothing is charged by it."""

from datetime import timedelta

import pytest

from app.accounts.models import Role
from app.accounts.queries import load_actor
from app.bookings import service as bookings
from app.bookings.costs import MEASURED_WITHIN, Costs, find_costs
from app.bookings.models import Booking
from app.bookings.service import Leg
from app.bookings.words.costs import foreseen_words
from app.core.money import MILLI
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.models import ChargeLine, PartyState
from app.payments.service.outlook import look_at
from app.payments.splits.keys import KeyKind
from app.payments.tariffs.tariff import Meter
from tests.bookings.money import THE_YEAR, ShareRole, tariff
from tests.bookings.pages import text_of
from tests.bookings.test_bundles import HOST, of
from tests.factories import a_coordinator, a_member, a_resource, an_organisation, span
from tests.supply.chains.valley import Valley

pytestmark = pytest.mark.usefixtures("session", "frozen")
VAN, KITCHEN = 42 * 60, 400 * 10


class Priced(Valley):
    """The van costs by the kilometre, the kitchen by the kilo; the rest has no price."""

    def __init__(self) -> None:
        super().__init__()
        payments.switch_money(load_actor(a_coordinator(self.territory).id), self.territory.id, is_on=True)
        self.price(self.van, tariff((Meter.KM, 60)))
        self.price(self.kitchen, tariff((Meter.KG, 10)))
        self.treasurer_person = a_member(self.association, role=Role.TREASURER)
        self.asked = self.ask_for().bundle

        self.driver = load_actor(a_member(self.van.site.owner, role=Role.ORG_ADMIN).id)

    @staticmethod
    def price(resource, terms):
        payments.publish_tariff(Actor(is_platform_admin=True), resource.id, terms)

    @property
    def first(self) -> Booking:
        return of(self.asked)[0]

    @property
    def url(self) -> str:
        return f"/filieres/{self.asked.ref}/couts"


@pytest.fixture
def valley():
    return Priced()


def costs_of(leg) -> Costs:
    found = find_costs(leg)
    assert found is not None
    return found


def seen(leg):
    costs = costs_of(leg)
    outlook = look_at(costs.plan, costs.told)
    return outlook.cents, dict(outlook.foreseen)


def test_it_costs_after_asking_what_it_did_before(valley, browser):
    assert seen(valley.first) == (VAN, {Meter.KM: 42_000})
    assert seen(of(valley.asked)[3]) == (KITCHEN, {Meter.KG: 400_000})
    client = browser(valley.treasurer_person)
    body = text_of(client.get(valley.url))
    for said in (
        "€25.20",
        "foreseen: 42\u00a0km",
        "foreseen: 400\u00a0kg",
        "€65.20, estimated from what is planned",
    ):
        assert said in body, said
    assert "and what is measured" not in body
    of_van = text_of(client.get(f"/reservations/{valley.first.ref}/couts"))
    assert "As foreseen. What is measured will be charged." in of_van
    assert "Still to be measured" in of_van


def test_what_is_foreseen_is_written_no_more_exactly_than_it_is_known(app):
    with app.test_request_context():
        assert foreseen_words({Meter.KM: 23_696}) == "prévu\u00a0: 23,7\u00a0km"


def test_what_is_measured_goes_before_what_is_foreseen(valley, frozen):
    bookings.approve(valley.first.id, valley.driver)
    bookings.measure_costs(valley.first.id, valley.driver, {Meter.KM: 50 * MILLI})
    assert seen(valley.first) == (50 * 60, {})
    frozen.move_to(valley.first.end_at + timedelta(minutes=1))
    bookings.charge_due()
    assert [line.cents for line in db.session.query(ChargeLine)] == [50 * 60]


def test_nothing_is_charged_by_what_is_foreseen(valley, frozen):
    bookings.approve(valley.first.id, valley.driver)
    frozen.move_to(valley.first.end_at + timedelta(minutes=1))
    assert bookings.charge_due() == 0, "it waits for what was measured"
    assert seen(valley.first) == (VAN, {Meter.KM: 42_000})
    frozen.move_to(valley.first.end_at + MEASURED_WITHIN + timedelta(minutes=1))
    bookings.charge_due()
    assert [line.cents for line in db.session.query(ChargeLine)] == []


def test_what_replaces_a_leg_is_expected_to_go_as_far(valley):
    bookings.refuse(valley.first.id, valley.driver, "En panne")
    assert seen(valley.first)[1] == {}, "nothing is driven by what does not take place"
    other = a_resource(valley.site, name="Camionnette", kind="vehicle", facts={"payload": 900})
    valley.price(other, tariff((Meter.KM, 100)))
    made = bookings.replace_leg(valley.first.id, Leg(other.id, valley.first.span), valley.member, **HOST)
    assert seen(made) == (4_200, {Meter.KM: 42_000})


def test_what_replaces_a_store_without_a_price_is_shared_as_its_chain_is_and_seen_before(valley, browser):
    grocery = an_organisation(valley.territory, name="Épicerie sociale")
    parts = [payments.Part(valley.association.id, 1), payments.Part(grocery.id, 3)]
    treasurer = load_actor(valley.treasurer_person.id)
    bookings.share_bundle_costs(valley.asked.id, treasurer, KeyKind.WEIGHTS, parts)
    lost = of(valley.asked)[1]
    bookings.refuse(lost.id, valley.manager, "En panne")
    other = valley.cold_room()
    with atomic():
        other.name, other.facts = "Chambre du bourg", {"regime": "chilled"}
    valley.price(other, tariff((Meter.PALLET_DAY, 200)))
    body = text_of(browser(valley.person).get(f"/filieres/{valley.asked.ref}"))
    for seen in (
        "Ask for: Chambre du bourg",
        "€12.00",
        f"Shared, once each has said yes: {valley.association.name} €3.00, Épicerie sociale €9.00",
    ):
        assert seen in body, seen
    made = bookings.replace_leg(lost.id, Leg(other.id, lost.span, 2), valley.member, **HOST)
    states = {party.organisation_id: (party.weight, party.state) for party in costs_of(made).plan.parties}
    assert states == {
        valley.association.id: (1, PartyState.ACCEPTED),
        grocery.id: (3, PartyState.INVITED),
    }


def test_a_request_without_a_plan_expects_nothing(valley):
    legs = tuple(
        Leg(each.id, span("2026-09-23 08:00", "2026-09-23 12:00")) for each in (valley.second, valley.kitchen)
    )
    wanted = bookings.BundleRequest(valley.association.id, legs, "Poireaux")
    valley.price(valley.second, tariff((Meter.KM, 60)))
    van = of(bookings.ask_bundle(wanted, valley.member, **HOST))[0]
    assert seen(van) == (0, {})


def test_what_is_free_stands_among_what_costs_something(valley, browser):
    body = text_of(browser(valley.treasurer_person).get(valley.url))
    assert body.count("Free of charge") >= 2
    assert "€0.00" not in body


def borne_of(leg) -> int:
    costs = costs_of(leg)
    shares = look_at(costs.plan, costs.told).shares
    return sum(each.cents for each in shares if each.role is ShareRole.SUBSIDY)


def test_a_leg_at_another_time_costs_what_its_page_said_with_what_helps_to_pay_it(valley, browser):
    pat = an_organisation(valley.territory, name="PAT")
    terms = payments.NewProgramme(valley.territory.id, pat.id, "Logistique", 4000)
    payments.open_envelope(payments.NewEnvelope(payments.open_programme(terms).id, *THE_YEAR, 100_000))
    asker, to = browser(valley.person), {"date": "2026-09-14", "de": "12:00", "a": "15:00"}

    def move(leg) -> str:
        page = text_of(asker.get(f"/reservations/{leg.ref}/modifier", query_string=to))
        bookings.change(leg.id, valley.member, span("2026-09-14 12:00", "2026-09-14 15:00"), 1)
        return page

    assert "Estimated cost: €25.20<" in move(valley.first), "nothing helped to pay when it was asked for"
    assert borne_of(valley.first) == 0
    for leg in of(valley.asked):
        bookings.cancel(leg.id, valley.member, "Demain")
    helped = of(valley.ask_for().bundle)[0]
    assert "Estimated cost: €25.20, of which €10.08 borne by PAT; you pay €15.12" in move(helped)
    assert borne_of(helped) == 1008
