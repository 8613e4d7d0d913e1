"""What is free of charge is written down all the same, with its reason: for yearly statements of what is given in kind."""

from datetime import timedelta

import pytest

from app.bookings import service
from app.bookings.costs import find_costs
from app.core import clock
from app.core.policy import Actor
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.books.in_kind import InKind, in_kind_lines, in_kind_of
from app.payments.models import ChargeLine, CostPlan, TariffVersion
from app.payments.queries import tariffs_at
from app.payments.tariffs.unpriced import NO_PRICE
from tests.bookings.money import Meter, MoneyWorld, a_resource, owed, span, tariff
from tests.bookings.pages import World, text_of
from tests.helpers import count_queries
from tests.payments.books import find_charges

pytestmark = pytest.mark.usefixtures("session", "frozen")


class FreeWorld(MoneyWorld):
    """The kitchen has a price; the garden beside it, of the same town hall, is shown as free of charge."""

    def __init__(self) -> None:
        super().__init__()
        self.garden = a_resource(
            self.site, name="Jardin", mode="quantity", capacity=24, max_minutes=10_000, hours="24/7"
        )

    def had(self, frozen, resource, at="2026-10-06 09:00", until="2026-10-06 12:00", quantity=1):
        """Let the association have something that is over now."""
        request = service.Request(
            resource.id, self.association.id, span(at, until), purpose="Soupes", quantity=quantity
        )
        booking = service.ask(request, self.member, uid_host="mutualim.test")
        if booking.decision != "approved":
            service.approve(booking.id, self.manager)
        frozen.move_to(booking.end_at + timedelta(minutes=1))
        service.charge_due()
        return booking


@pytest.fixture
def world():
    return FreeWorld()


def set_facts(resource, **facts):
    with atomic():
        for name, value in facts.items():
            setattr(resource, name, value)


def lines(booking):
    (charge,) = find_charges("booking", booking.ref)
    return db.session.query(ChargeLine).filter_by(charge_id=charge.id).all()


def test_what_has_no_price_is_written_down_with_how_much_was_used(world, frozen):
    booking = world.had(frozen, world.garden)
    (line,) = lines(booking)
    assert (line.meter, line.quantity_milli, line.cents, line.in_kind_cents) == (Meter.HOUR, 3000, 0, 0)
    assert line.waiver_reason == NO_PRICE
    assert not owed(booking)
    assert service.charge_due() == 0
    assert not broken()


def test_of_what_is_had_for_days_units_by_the_day_are_counted(world, frozen):
    booking = world.had(frozen, world.garden, until="2026-10-08 21:00", quantity=2)
    (line,) = lines(booking)
    assert (line.meter, line.quantity_milli) == (Meter.PALLET_DAY, 5000)


def test_what_is_shown_with_a_price_is_paid_without_us(world, frozen):
    set_facts(world.garden, price_cents=500)
    booking = world.had(frozen, world.garden)
    assert find_costs(booking) is None
    assert not find_charges("booking", booking.ref)


def test_without_money_nothing_is_written_down(frozen):
    world = World()
    booking = service.approve(world.ask().id, world.manager)
    frozen.move_to(booking.end_at + timedelta(minutes=1))
    assert service.charge_due() == 0
    assert db.session.query(CostPlan).count() == db.session.query(TariffVersion).count() == 0


def test_it_stays_free_for_who_asked_before_there_was_a_price(world, frozen):
    request = service.Request(world.garden.id, world.association.id, world.slot, purpose="Semis", quantity=1)
    garden = service.ask(request, world.member, uid_host="mutualim.test")
    world.price(world.garden, tariff((Meter.HOUR, 900)))
    service.approve(garden.id, world.manager)
    frozen.move_to(garden.end_at + timedelta(minutes=1))
    service.charge_due()
    assert [line.waiver_reason for line in lines(garden)] == [NO_PRICE]


def test_what_was_proposed_as_free_stays_free(world, frozen):
    booking = world.ask()
    offer = service.Offer(
        world.garden.id, span("2026-10-07 09:00", "2026-10-07 12:00"), 1, "Plutôt le jardin ?"
    )
    proposal = service.propose(booking.id, world.manager, offer)
    frozen.tick(hours=1)
    world.price(world.garden, tariff((Meter.HOUR, 900)))
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert not world.costs(booking).plan.is_priced


def test_until_a_planned_price_begins_it_is_free_and_from_then_on_is_not(world):
    begins = clock.now() + timedelta(days=30)
    payments.publish_tariff(
        Actor(is_platform_admin=True), world.garden.id, tariff((Meter.HOUR, 900)), starts_at=begins
    )
    now, then = (tariffs_at([world.garden.id], at)[world.garden.id] for at in (clock.now(), begins))
    assert (now.terms, then.number) == (None, 2)
    assert then.terms is not None


def test_given_up_too_late_it_leaves_nothing_to_pay(world, frozen, browser):
    set_facts(world.garden, free_cancel_hours=48, late_cancel_percent=50)
    slot = span("2026-10-06 09:00", "2026-10-06 12:00")
    request = service.Request(world.garden.id, world.association.id, slot, purpose="Semis", quantity=1)
    booking = service.ask(request, world.member, uid_host="mutualim.test")
    if booking.decision != "approved":
        service.approve(booking.id, world.manager)
    frozen.move_to(slot.start - timedelta(hours=1))
    page = f"/reservations/{booking.ref}"
    assert "stays due" not in text_of(browser(world.person).get(page))
    service.cancel(booking.id, world.member, "Pluie")
    assert "stays due" not in text_of(browser(world.person).get(page))
    frozen.move_to(slot.end + timedelta(days=2))
    assert service.charge_due() == 0
    assert not find_charges("booking", booking.ref)


@pytest.mark.parametrize("forgiven", [False, True])
def test_where_nobody_came_nothing_was_given(world, frozen, forgiven):
    booking = world.had(frozen, world.garden)
    assert in_kind_of(world.association.id, 2026) == (None, InKind(1, 0, 1))
    service.tell_absence(booking.id, world.manager, "Personne")
    if forgiven:
        service.forgive_absence(booking.id, world.manager, "Malade")
    service.charge_due()
    assert in_kind_of(world.association.id, 2026) == (None, None)
    assert in_kind_lines(world.association.id, 2026) == []
    assert service.charge_due() == 0
    assert not broken()


def test_programmes_do_not_help_to_pay_nothing(world, frozen):
    world.envelope()
    booking = world.had(frozen, world.garden)
    assert world.costs(booking).plan.subsidies == []


def test_the_year_tells_what_was_given_and_had(world, frozen):
    world.price(world.kitchen, tariff((Meter.HOUR, 1200), coefficients_bp={"P2": 0, "P3": 0, "P1": 0}))
    world.had(frozen, world.kitchen)
    world.had(frozen, world.garden, "2026-10-07 09:00", "2026-10-07 11:00")
    owner = world.kitchen.site.owner_id
    assert in_kind_of(owner, 2026) == (InKind(2, 3600, 1), None)
    assert in_kind_of(world.association.id, 2026) == (None, InKind(2, 3600, 1))
    assert in_kind_of(owner, 2025) == (None, None)
    with count_queries() as asked:
        given = in_kind_lines(owner, 2026)
    assert [(each.is_given, each.other.name, each.cents) for each in given] == [
        (True, "Les Glaneurs", 3600),
        (True, "Les Glaneurs", None),
    ]
    assert len(asked) <= 4


def test_what_was_taken_back_as_a_gesture_is_given(world, frozen):
    world.price(world.kitchen, tariff((Meter.HOUR, 1200), coefficients_bp={"P1": 4000, "P2": 4000}))
    booking = world.had(frozen, world.kitchen)
    service.take_costs_back(booking.id, world.manager, "Récolte perdue", "k1", 440)
    assert in_kind_of(world.association.id, 2026) == (None, InKind(1, 2160 + 440, 0))
    service.take_costs_back(booking.id, world.manager, "Récolte perdue", "k2")
    assert in_kind_of(world.association.id, 2026) == (None, InKind(1, 3600, 0))
    [line] = in_kind_lines(world.association.id, 2026)
    assert (line.cents, line.gestures) == (3600, ("Récolte perdue",))


def test_many_free_uses_take_no_more_statements(world, frozen):
    world.had(frozen, world.garden)
    with count_queries() as one:
        in_kind_lines(world.association.id, 2026)
    for day in range(7, 12):
        world.had(frozen, world.garden, f"2026-10-{day:02} 09:00", f"2026-10-{day:02} 11:00")
    with count_queries() as many:
        in_kind_lines(world.association.id, 2026)
    assert len(many) == len(one)


def test_its_page_says_so_and_offers_nothing_to_share_or_waive(world, frozen, browser):
    booking = world.had(frozen, world.garden)
    page = f"/reservations/{booking.ref}/couts"
    for person in (world.treasurer_person, world.manager_person):
        body = text_of(browser(person).get(page))
        assert "no price is set, so that its value is not known" in body
        assert "Written down as used" in body
        assert "Share the cost" not in body
        assert "Charge nothing" not in body
    assert "Free of charge" in text_of(browser(world.person).get(f"/reservations/{booking.ref}"))


def test_the_accounts_tell_it_and_hand_it_over_use_by_use(world, frozen, browser):
    world.had(frozen, world.garden)
    client, accounts = browser(world.treasurer_person), f"/structures/{world.association.slug}/comptes"
    body = text_of(client.get(accounts))
    assert "Had: one use." in body
    assert "No price is set: the value is not known" in body
    table = client.get(f"{accounts}/export/en-nature?annee=2026").text.splitlines()
    assert len(table) == 2
    assert table[1].startswith("2026-10-06;reçu;Mairie de Treillières;")
    assert table[1].endswith(";heures;3,000;;Gratuit : aucun prix n’est fixé")
    payments.switch_money(world.coordinator, world.territory.id, is_on=False)
    assert client.get(f"{accounts}/export/en-nature").status_code == 404
