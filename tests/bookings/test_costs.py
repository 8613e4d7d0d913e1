"""What a booking costs follows it along its life: planned, promised, shared, charged once it is over."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.bookings import service
from app.bookings.costs import find_costs, stays_of, use_of
from app.bookings.models import Booking
from app.bookings.service import costs
from app.core import clock
from app.core.errors import Forbidden, NotFound
from app.core.money import MILLI
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import service as payments
from app.payments.books.checking import broken
from app.payments.errors import CannotShare, CostsCharged, ShareAnswered
from app.payments.models import Charge, ChargeLine, CostPlan, Envelope
from app.payments.splits.keys import KeyKind
from tests.bookings.money import Meter, MoneyWorld, owed, tariff
from tests.bookings.pages import World
from tests.factories import PARIS, a_resource, a_site, a_territory, an_organisation, span
from tests.helpers import count_queries
from tests.payments.books import find_charges

pytestmark = pytest.mark.usefixtures("session", "frozen")


@pytest.fixture
def world():
    return MoneyWorld()


def over(frozen, booking):
    frozen.move_to(booking.end_at + timedelta(minutes=1))


def fresh(envelope):
    return db.session.get_one(Envelope, envelope.id, populate_existing=True)


def test_without_money_nothing_is_planned():
    world = World()
    booking = service.approve(world.ask().id, world.manager)
    assert find_costs(booking) is None
    assert db.session.query(CostPlan).count() == 0


def test_a_booking_keeps_the_tariff_it_was_asked_with(world, frozen):
    booking = world.booked()
    world.price(world.kitchen, tariff((Meter.HOUR, 9900)))
    over(frozen, booking)
    assert service.charge_due() == 1
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 3600}
    assert service.charge_due() == 0
    assert not broken()


def test_the_envelope_is_held_with_the_yes_and_follows_the_booking(world):
    envelope = world.envelope()
    booking = world.ask()
    held = lambda: fresh(envelope).held_cents  # noqa: E731
    assert held() == 0
    service.approve(booking.id, world.manager)
    assert held() == 1440
    service.change(booking.id, world.member, span("2026-10-06 09:00", "2026-10-06 11:00"), 1)
    assert held() == 0, "it waits for a yes again"
    service.approve(booking.id, world.manager)
    assert held() == 960
    service.cancel(booking.id, world.member, "Panne")
    assert held() == 0


def test_too_little_left_is_no_refusal(world, frozen):
    envelope = world.envelope(budget=1000)
    first = world.booked()
    second = service.approve(world.ask(span("2026-10-07 09:00", "2026-10-07 12:00")).id, world.manager)
    assert fresh(envelope).left_cents == 0
    over(frozen, second)
    service.charge_due()
    assert owed(first) == {
        ("PAT", "Mairie de Treillières"): 1000,
        ("Les Glaneurs", "Mairie de Treillières"): 2600,
    }
    assert owed(second) == {("Les Glaneurs", "Mairie de Treillières"): 3600}
    assert not broken()


def test_nobody_bears_what_they_have_not_said_yes_to(world, frozen):
    world.envelope()
    booking = world.booked()
    ids = [world.association.id, *(each.id for each in world.friends)]
    parts = [payments.Part(each, 1) for each in ids]
    assert service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, parts) == sorted(ids[1:])
    service.answer_costs(booking.id, world.friend_actors[0], ids[1], accepts=True)
    service.answer_costs(booking.id, world.friend_actors[1], ids[2], accepts=False)
    over(frozen, booking)
    service.charge_due()
    payee = "Mairie de Treillières"
    assert owed(booking) == {("PAT", payee): 1440, ("Les Glaneurs", payee): 1440, ("Épicerie", payee): 720}
    with pytest.raises(CostsCharged):
        service.answer_costs(booking.id, world.friend_actors[1], ids[2], accepts=True)


def test_who_would_bear_more_is_asked_again(world):
    booking = world.booked()
    world.share(booking, KeyKind.WEIGHTS, 1, 1, 2)
    ours, first, second = world.association.id, *(each.id for each in world.friends)
    share = lambda *weights: service.share_costs(  # noqa: E731
        booking.id,
        world.treasurer,
        KeyKind.WEIGHTS,
        [payments.Part(who, weight) for who, weight in zip((ours, first, second), weights, strict=True)],
    )
    assert share(2, 1, 2) == []
    assert share(1, 1, 2) == [first, second]
    assert share(1, 1, 2) == [], "who was asked the same is not asked twice"
    service.answer_costs(booking.id, world.friend_actors[0], first, accepts=True)
    with pytest.raises(ShareAnswered):
        service.answer_costs(booking.id, world.friend_actors[0], first, accepts=False)
    capped = [payments.Part(ours, 1, ceiling_cents=100), payments.Part(first, 1), payments.Part(second, 2)]
    assert first in service.share_costs(booking.id, world.treasurer, KeyKind.WEIGHTS, capped)


def test_only_treasurers_share_and_only_who_is_asked_answers(world):
    booking, friend = world.booked(), world.friends[0]
    with pytest.raises(Forbidden):
        service.share_costs(booking.id, world.member, KeyKind.EQUAL, [payments.Part(friend.id, 1)])
    stranger = an_organisation(world.territory)
    with pytest.raises(NotFound):
        service.answer_costs(booking.id, world.treasurer, stranger.id, accepts=True)
    service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, [payments.Part(friend.id, 1)])
    with pytest.raises(Forbidden):
        service.answer_costs(booking.id, world.treasurer, friend.id, accepts=True)
    for wrong in (friend.id, friend.id), (an_organisation(a_territory()).id,):
        parts = [payments.Part(each, 1) for each in wrong]
        with pytest.raises(CannotShare):
            service.share_costs(booking.id, world.treasurer, KeyKind.EQUAL, parts)


def test_what_nobody_has_measured_waits(frozen):
    world = MoneyWorld(tariff((Meter.HOUR, 500), (Meter.KM, 60)))
    booking = world.booked()
    over(frozen, booking)
    assert service.charge_due() == 0
    assert not find_charges("booking", booking.ref)
    service.measure_costs(booking.id, world.manager, {Meter.KM: 42 * MILLI})
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 1500 + 2520}


def test_a_meter_read_in_thousandths_is_rounded_once(frozen):
    world = MoneyWorld(tariff((Meter.KWH, 25)))
    booking = world.booked()
    service.measure_costs(booking.id, world.member, {Meter.KWH: 99_000})
    service.measure_costs(booking.id, world.manager, {Meter.KWH: 26_300})  # corrected before it is charged
    over(frozen, booking)
    service.charge_due()
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 658}


def test_what_is_waived_is_kept_with_its_value_and_its_reason(world, frozen):
    envelope = world.envelope()
    booking = world.booked()
    with pytest.raises(Forbidden):
        service.waive_costs(booking.id, world.treasurer, "Entre amis")
    service.waive_costs(booking.id, world.manager, "Fête de quartier")
    assert fresh(envelope).held_cents == 0
    over(frozen, booking)
    service.charge_due()
    [line] = db.session.query(ChargeLine).all()
    assert (line.cents, line.in_kind_cents, line.waiver_reason) == (0, 3600, "Fête de quartier")
    assert owed(booking) == {}


def test_a_class_without_a_price_is_a_gift(frozen):
    world = MoneyWorld(tariff((Meter.HOUR, 1200), coefficients_bp={"P2": 0}))
    with atomic():
        world.association.priority_class = "P2"
    booking = world.booked()
    with atomic():
        world.association.priority_class = "P4"  # what it becomes later changes nothing
    over(frozen, booking)
    service.charge_due()
    [line] = db.session.query(ChargeLine).all()
    assert (line.cents, line.in_kind_cents) == (0, 3600)


def test_given_up_too_late_a_part_of_the_price_stays_due():
    world = MoneyWorld(late_cancel_percent=50, free_cancel_hours=24 * 60)
    envelope = world.envelope()
    booking = world.booked()
    world.share(booking, KeyKind.EQUAL, 1, 1, 1)
    service.cancel(booking.id, world.member, "Panne")
    assert booking.due_percent == 50
    assert service.charge_due() == 1
    payee = "Mairie de Treillières"
    assert owed(booking) == {("Les Glaneurs", payee): 600, ("Épicerie", payee): 600, ("Graines", payee): 600}
    assert fresh(envelope).left_cents == 100_000
    [charge] = db.session.query(Charge).all()
    assert charge.snapshot["why"] == "cancelled_late"
    assert not broken()


def test_moved_too_late_and_then_refused_costs_as_much_once_that_cannot_be_undone(frozen):
    world = MoneyWorld(late_cancel_percent=50, free_cancel_hours=24 * 60)
    booking = world.booked()
    service.change(booking.id, world.member, span("2026-10-13 09:00", "2026-10-13 12:00"), 1)
    service.refuse(booking.id, world.manager, "Travaux")
    assert booking.due_percent == 50
    assert service.charge_due() == 0
    frozen.tick(minutes=11)
    assert service.charge_due() == 1
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 1800}
    assert not broken()


def test_given_up_in_time_nothing_is_charged(world, frozen):
    booking = world.booked()
    service.cancel(booking.id, world.member, "Panne")
    over(frozen, booking)
    assert service.charge_due() == 0


def test_nobody_came_costs_the_whole_price_until_it_is_forgiven(world, frozen):
    world.envelope()
    booking = world.booked()
    frozen.move_to(booking.start_at + timedelta(hours=1))
    service.tell_absence(booking.id, world.manager)
    over(frozen, booking)
    service.charge_due()
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 3600}
    service.forgive_absence(booking.id, world.manager, "Accident")
    assert service.charge_due() == 1
    assert owed(booking) == {("Les Glaneurs", "Mairie de Treillières"): 0}
    assert service.charge_due() == 0
    assert not broken()


def test_another_place_has_its_own_price_and_payee(world, frozen):
    other_owner = an_organisation(world.territory, name="Ferme")
    other = a_resource(a_site(other_owner, hours="Mo-Sa 07:00-22:00"), name="Autre")
    world.price(other, tariff((Meter.USE, 700)))
    booking = world.ask()
    offer = service.Offer(other.id, span("2026-10-06 09:00", "2026-10-06 12:00"), 1, "Là-bas")
    proposal = service.propose(booking.id, world.coordinator, offer)
    service.accept_proposal(booking.id, proposal.ref, world.member)
    plan = world.costs(booking).plan
    assert plan.payee_id == other_owner.id


def test_each_date_of_a_series_and_each_unit_has_its_own_price(frozen):
    world = MoneyWorld()
    envelope = world.envelope(rate_bp=5000)
    rule = Rule(Frequency.WEEKLY, date(2026, 10, 6), weekdays=(1,), times=3)
    wanted = service.SeriesRequest(
        world.kitchen.id, world.association.id, rule, Hours(540, 720, "Europe/Paris"), 1, "Soupes"
    )
    series = service.ask_series(wanted, world.member, uid_host="mutualim.test")
    service.approve_series(series.id, world.manager)
    assert db.session.query(CostPlan).count() == 3
    assert fresh(envelope).held_cents == 3 * 1800
    frozen.move_to(clock.now() + timedelta(days=60))
    assert service.charge_due() == 3
    assert not broken()


def test_units_are_paid_for_as_long_as_they_were_had():
    booked = span("2026-11-01 00:00", "2026-11-11 00:00")
    away = span("2026-11-03 12:00", "2026-11-05 12:00")
    stays = stays_of(booked, 4, [[*away.epochs, 2]])
    start, end = booked.epochs
    assert stays == [(start, end, 2), (start, away.epochs[0], 2), (away.epochs[1], end, 2)]
    booking = Booking(
        start_at=booked.start, end_at=booked.end, quantity=4, given_back=[[*away.epochs, 2]], people=7
    )
    use = use_of(booking, PARIS)
    assert (use.units, [units for _stay, units in use.also], use.persons) == (2, [2, 2], 7)


def test_a_long_series_is_followed_in_as_few_statements_as_a_short_one(frozen):
    """What no programme helps to pay has nothing to hold: 74 dates, as far as one can ask, want no more than three."""
    counted = []
    for times in (3, 74):
        world = MoneyWorld(horizon_days=700)
        tuesdays = Rule(Frequency.WEEKLY, world.slot.start.date(), weekdays=(1,), times=times)
        morning = Hours(540, 720, "Europe/Paris")
        wanted = service.SeriesRequest(world.kitchen.id, world.association.id, tuesdays, morning, 1, "Soupes")
        series = service.ask_series(wanted, world.member, uid_host="mutualim.test")
        ids = db.session.scalars(select(Booking.id).where(Booking.series_id == series.id)).all()
        assert len(ids) == times
        db.session.expire_all()
        with atomic(), count_queries() as told:
            costs.follow(ids)
        counted.append(len(told))
    assert counted[0] == counted[1] < 8, counted
