"""A part that is not given: its price is promised, charged once it was collected, and paid to who offers."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts.models import Role
from app.accounts.queries import load_actor, organisation_names
from app.core import clock
from app.infra.db import db
from app.payments import service as payments
from app.payments.books.chart import place
from app.payments.books.postings import Account, Method
from app.payments.models import ChargeLine, CostPlan
from app.payments.queries import book, dues_of
from app.payments.subjects import named
from app.payments.tariffs.tariff import VatRegime
from app.supply.offers import goods, service
from app.supply.offers.errors import NotTakingPart, PartCharged
from app.supply.offers.models import SurplusClaim
from app.supply.offers.rules import ClaimState
from tests.bookings.money import THE_YEAR
from tests.factories import a_member, an_organisation
from tests.payments.documents.town import IBAN
from tests.supply.offers.world import Farm, an_offer

pytestmark = pytest.mark.usefixtures("session", "frozen")
REGIME = {"vat_regime": VatRegime.FRANCHISE}


class Market(Farm):
    """The farm sells: money is on, and it has said how it is paid."""

    def __init__(self, **terms: Any) -> None:
        super().__init__()
        payments.switch_money(self.coordinator, self.territory.id, is_on=True)
        self.keeper_person = a_member(self.farm, role=Role.TREASURER)
        self.keeper = load_actor(self.keeper_person.id)
        given: dict[str, Any] = {
            "legal_name": "GAEC des Touches",
            "address": "1 rue du Four\n44390 Les Touches",
            "iban": IBAN,
        }
        said = payments.Terms(**(given | {"methods": (Method.TRANSFER,)} | REGIME | terms))
        payments.say_terms(self.keeper, self.farm.id, said)

    def sold(self, kilos: float = 120, cents: int = 80) -> SurplusClaim:
        return self.take(self.post(price_cents=cents), kilos)

    def collected(self, **facts: Any) -> SurplusClaim:
        claim = self.sold(**facts)
        service.collect(self.farmer, claim.id)
        return claim


@pytest.fixture
def market() -> Market:
    return Market()


def plan_of(claim: SurplusClaim) -> CostPlan | None:
    return goods.plans_of([claim]).get(claim.public_id)


def owed(claim: SurplusClaim) -> list[tuple[str, str, int]]:
    plan = plan_of(claim)
    assert plan is not None
    names = organisation_names({plan.payee_id, *(due.payer_id for due in dues_of(plan.charge_id or 0))})
    return [
        (names[due.payer_id], names[due.payee_id], due.owed_cents) for due in dues_of(plan.charge_id or 0)
    ]


def test_the_price_is_promised_and_charged_once_it_was_collected(market, frozen):
    claim = market.collected()
    plan = plan_of(claim)
    assert plan is not None
    assert (plan.payee_id, plan.organisation_id, plan.is_closed) == (market.farm.id, market.ours.id, False)
    assert service.charge_due() == 0, "what was noted by mistake can be taken back"
    frozen.tick(hours=1)
    assert service.charge_due() == 1
    assert service.charge_due() == 0
    assert owed(claim) == [("Les Glaneurs", "GAEC des Touches", 9_600)]
    assert named("surplus", [claim.public_id])[claim.public_id].title == "120 kg, Courgettes"


def test_a_price_that_changes_later_changes_nothing_of_what_was_taken(market, frozen):
    claim = market.sold()
    service.change(market.farmer, claim.offer_id, an_offer(price_cents=200))
    service.collect(market.farmer, claim.id)
    frozen.tick(hours=1)
    service.charge_due()
    assert owed(claim)[0][2] == 9_600


@pytest.mark.parametrize("end", ["give_back", "cancel", "withdraw"])
def test_nothing_is_owed_for_what_was_not_collected(market, frozen, end):
    claim = market.sold()
    match end:
        case "give_back":
            service.give_back(market.member, claim.id)
        case "cancel":
            service.cancel_part(market.farmer, claim.id, "Grêle")
        case _:
            service.withdraw(market.farmer, claim.offer_id, "Grêle")
    frozen.tick(days=2)
    assert (plan_of(claim), service.charge_due()) == (None, 0)


def test_what_nobody_collects_ends_after_two_weeks_and_costs_nothing(market, frozen):
    claim = market.sold()
    frozen.move_to(claim.offer.until_at + timedelta(days=14) - timedelta(minutes=1))
    service.expire_due()
    assert service.lapse_due() == 0
    frozen.tick(minutes=1)
    assert (service.lapse_due(), service.lapse_due()) == (1, 0)
    assert (claim.state, plan_of(claim)) == (ClaimState.GIVEN_BACK, None)


def test_a_slip_is_taken_back_within_the_hour_and_what_is_charged_as_money(market, frozen):
    claim = market.collected()
    service.uncollect(market.farmer, claim.id)
    frozen.tick(hours=2)
    assert service.charge_due() == 0
    service.collect(market.farmer, claim.id)
    frozen.tick(hours=1)
    assert service.charge_due() == 1
    with pytest.raises(PartCharged):
        service.uncollect(market.farmer, claim.id)
    with pytest.raises(PartCharged):
        service.deny(market.member, claim.id)
    with pytest.raises(NotTakingPart):
        service.take_back(market.member, claim.id, "Abîmées", "k1", 1_600)
    service.take_back(market.farmer, claim.id, "20 kg abîmés", "k1", 1_600)
    service.take_back(market.farmer, claim.id, "20 kg abîmés", "k1", 1_600)
    assert owed(claim)[0][2] == 8_000


@pytest.mark.parametrize("why", ["gift", "money off", "nothing said", "no regime"])
def test_what_we_do_not_charge_has_no_plan(why):
    market = Market(**({"vat_regime": ""} if why == "no regime" else {})) if why != "nothing said" else Farm()
    if why == "nothing said":
        payments.switch_money(market.coordinator, market.territory.id, is_on=True)
    if why == "money off":
        payments.switch_money(market.coordinator, market.territory.id, is_on=False)
    offer = market.post(price_cents=0 if why == "gift" else 80)
    assert not goods.is_charged(offer)
    assert plan_of(market.take(offer, 120)) is None
    assert db.session.scalar(select(func.count()).select_from(CostPlan)) == 0


def test_vat_on_food_is_within_the_price(frozen):
    market = Market(vat_regime=VatRegime.STANDARD, vat_number="FR44732829320", siret="73282932000074")
    claim = market.collected(kilos=100, cents=211)
    frozen.tick(hours=1)
    service.charge_due()
    plan = plan_of(claim)
    assert plan is not None
    assert plan.charge is not None
    line = db.session.scalars(select(ChargeLine).filter_by(charge_id=plan.charge_id)).one()
    assert (line.label, line.cents, line.vat_bp, line.vat_cents) == ("Courgettes", 21_100, 550, 1_100)


def test_a_programme_helps_to_pay_for_food_where_it_says_so(market, frozen):
    pat = an_organisation(market.territory, name="PAT")
    programme = payments.open_programme(
        payments.NewProgramme(market.territory.id, pat.id, "Denrées", 5_000, kinds=("food",))
    )
    payments.open_envelope(payments.NewEnvelope(programme.id, *THE_YEAR, 100_000))
    other = payments.open_programme(payments.NewProgramme(market.territory.id, pat.id, "Lieux", 9_000))
    payments.open_envelope(payments.NewEnvelope(other.id, *THE_YEAR, 100_000))
    claim = market.collected()
    frozen.tick(hours=1)
    service.charge_due()
    assert sorted(owed(claim)) == [
        ("Les Glaneurs", "GAEC des Touches", 4_800),
        ("PAT", "GAEC des Touches", 4_800),
    ]


def test_the_books_call_it_a_sale(market, frozen):
    market.collected()
    frozen.tick(hours=1)
    service.charge_due()
    lines = [*book(market.farm.id, clock.now() - timedelta(days=2), clock.now() + timedelta(days=1))]
    assert {(line.account, place(line).number) for line in lines} == {
        (Account.RECEIVABLE, "411000"),
        (Account.INCOME, "707000"),
    }
    assert sum(line.cents for line in lines if line.account is Account.RECEIVABLE) == 9_600


# -- pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def by(client, login):
    """Sign somebody in, in English."""

    def sign_in(person):
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["locale"] = "en"
        login(client, person)
        return client

    return sign_in


def test_both_sides_read_what_it_costs_and_nobody_else(market, by):
    claim = market.sold()
    url = f"/surplus/{claim.offer.public_id}"
    client = by(market.people["ours"])
    body = client.get(url).get_data(as_text=True)
    assert "€96.00, agreed" in body
    assert "paid to GAEC des Touches" in body
    costs = f"{url}/parts/{claim.public_id}/couts"
    body = client.get(costs).get_data(as_text=True)
    for piece in ("Courgettes", "€0.80", "€96.00", "Les Glaneurs", "GAEC des Touches"):
        assert piece in body, piece
    client = by(market.people["others"])
    assert client.get(costs).status_code == 404


def test_who_is_paid_takes_back_what_was_charged(market, by, frozen):
    claim = market.collected()
    frozen.tick(hours=1)
    service.charge_due()
    url = f"/surplus/{claim.offer.public_id}/parts/{claim.public_id}/couts"
    client = by(market.people["ours"])
    typed = {"amount": "16", "reason": "20 kg abîmés", "once": "k" * 20}
    assert client.post(f"{url}/reprendre", data=typed).status_code == 403
    client = by(market.keeper_person)
    wrong = client.post(f"{url}/reprendre", data=typed | {"amount": "much"})
    assert wrong.status_code == 422
    assert "20 kg abîmés" in wrong.get_data(as_text=True)
    assert client.post(f"{url}/reprendre", data=typed).status_code == 303
    body = client.get(url).get_data(as_text=True)
    assert "€16.00 taken back" in body
    assert owed(claim)[0][2] == 8_000
    slip = client.post(f"/surplus/{claim.offer.public_id}/parts/{claim.public_id}/remise/erreur")
    assert slip.status_code in (403, 409)
