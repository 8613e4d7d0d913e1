"""Money is switched on by territory, and tariffs follow one another without touching what was promised."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Forbidden, NotFound
from app.core.policy import Actor
from app.infra import audit
from app.payments import queries, service
from app.payments.tariffs.as_json import read
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime
from tests.factories import a_resource, a_site, a_territory, an_organisation
from tests.payments import books

pytestmark = pytest.mark.usefixtures("session", "frozen")
HOURLY = Tariff((TariffLine(Meter.HOUR, 1200),), VatRegime.FRANCHISE)
DEARER = Tariff((TariffLine(Meter.HOUR, 1400),), VatRegime.FRANCHISE)


@pytest.fixture
def kitchen():
    return a_resource(a_site(an_organisation(a_territory())))


@pytest.fixture
def manager(kitchen):
    return Actor(managed_sites=frozenset({kitchen.site_id}))


def terms_at(resource, at):
    found = books.find_tariff(resource.id, at)
    return found and found.terms and read(found.terms)


def test_a_territory_reckons_with_money_once_its_coordination_says_so():
    here, there = a_territory(), a_territory()
    coordinator = Actor(person_id=None, coordinated=frozenset({here.id}))
    assert not queries.has_money(here.id)
    service.switch_money(coordinator, here.id, is_on=True)
    service.switch_money(coordinator, here.id, is_on=True)
    assert (queries.has_money(here.id), queries.has_money(there.id)) == (True, False)
    service.switch_money(coordinator, here.id, is_on=False)
    assert not queries.has_money(here.id)
    assert [line.act for line in audit.history("territory_money", here.id)] == ["switched_on", "switched_off"]
    with pytest.raises(Forbidden):
        service.switch_money(coordinator, there.id, is_on=True)


def test_a_change_is_another_version(kitchen, manager, frozen):
    assert terms_at(kitchen, clock.now()) is None
    first = service.publish_tariff(manager, kitchen.id, HOURLY)
    before = frozen.now
    frozen.tick(days=1)
    second = service.publish_tariff(manager, kitchen.id, DEARER, note=" Le gaz a augmenté. ")
    assert (first.number, second.number, second.note) == (1, 2, "Le gaz a augmenté.")
    assert terms_at(kitchen, before) == HOURLY
    assert terms_at(kitchen, frozen.now) == DEARER
    service.publish_tariff(manager, kitchen.id, None)
    last = books.find_tariff(kitchen.id, frozen.now)
    assert last is not None
    assert last.terms is None


def test_what_is_decided_last_goes_before_what_was_decided_for_later(kitchen, manager, frozen):
    later = frozen.now + timedelta(days=30)
    service.publish_tariff(manager, kitchen.id, DEARER, starts_at=later)
    assert terms_at(kitchen, frozen.now) is None
    assert terms_at(kitchen, later) == DEARER
    service.publish_tariff(manager, kitchen.id, HOURLY)
    assert terms_at(kitchen, later) == HOURLY


def test_only_who_answers_for_the_place_sets_its_price(kitchen):
    treasurer = Actor(memberships={kitchen.site.owner_id: "treasurer"})
    with pytest.raises(Forbidden):
        service.publish_tariff(treasurer, kitchen.id, HOURLY)
    with pytest.raises(NotFound):
        service.publish_tariff(Actor(is_platform_admin=True), kitchen.id + 999, HOURLY)


@pytest.mark.parametrize(("role", "may"), [("org_admin", True), ("treasurer", True), ("member", False)])
def test_accounts_are_kept_by_treasurers_and_administrators(role, may):
    assert Actor(memberships={7: role}).keeps_accounts_of(7) is may
    assert not Actor(memberships={7: role}).keeps_accounts_of(8)
    assert not Actor(managed_sites=frozenset({7})).keeps_accounts_of(7)
