"""Where the rules of sharing meet: proposals, two approvals, bundles, parts, waiting lists, series, cancelling."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.queries import load_actor
from app.availability.closures import Subject, close
from app.availability.errors import SlotRefused
from app.bookings import links, service
from app.bookings.arbitration import contests
from app.bookings.errors import PlaceTooSmall
from app.bookings.models import Booking
from app.bookings.waitlist import waited_for
from app.catalogue.models import Resource
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.db import db
from app.infra.job_table import Job
from app.infra.uow import atomic
from tests.bookings.pages import World
from tests.databases import KIND
from tests.factories import a_manager, a_member, a_resource, an_organisation, at, made_of, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

LATER = span("2026-10-20 09:00", "2026-10-20 12:00")
OVERLAPPING = span("2026-10-06 10:00", "2026-10-06 13:00")
TWO_STEP = {"approval": "two_step", "min_notice_minutes": 2880}


def propose(world: World, booking: Booking, slot=LATER):
    return service.propose(booking.id, world.manager, service.Offer(world.kitchen.id, slot, 1))


def two(world: World) -> tuple[Actor, Actor]:
    """Name a technical manager and an elected official of the site."""
    return (
        load_actor(a_manager(world.site, is_technical=True).id),
        load_actor(a_manager(world.site, is_elected=True).id),
    )


def bundle_of(world: World, *resources: Resource, **more):
    legs = tuple(service.Leg(each.id, world.slot) for each in (world.kitchen, *resources))
    wanted = service.BundleRequest(world.association.id, legs, "Courgettes", **more)
    return service.ask_bundle(wanted, world.member, uid_host="mutualim.test")


def test_a_first_yes_over_a_proposal_leaves_the_request_its_deadline(frozen):
    world = World(**TWO_STEP)
    technical, _elected = two(world)
    booking = world.ask()
    coordinator = Actor(person_id=world.boss.id, coordinated=frozenset({world.territory.id}))
    service.propose(booking.id, coordinator, service.Offer(world.kitchen.id, LATER, 1))
    assert booking.expires_at is None
    service.approve(booking.id, technical)
    assert booking.expires_at == booking.start_at - timedelta(hours=48)
    frozen.move_to(booking.start_at - timedelta(hours=47))
    assert service.expire_due() == 1
    assert booking.decision == "expired"


def test_cancelling_follows_the_slot_that_was_proposed():
    world = World(price_cents=1000, free_cancel_hours=24, late_cancel_percent=50)
    booking = world.ask()
    proposal = propose(world, booking)
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert booking.free_until == at("2026-10-19 09:00")


def test_a_bundle_is_answered_as_far_as_it_waits_for_one():
    world = World(**TWO_STEP)
    technical, _elected = two(world)
    hall = a_resource(world.site, name="Salle")
    bundle = bundle_of(world, hall)
    kitchen_leg, hall_leg = sorted(bundle.legs, key=lambda leg: leg.leg_number or 0)
    service.approve(kitchen_leg.id, technical)
    service.approve_legs(bundle.id, technical)
    assert (kitchen_leg.decision, hall_leg.decision) == ("pending", "approved")


def test_a_leg_with_a_proposal_is_not_accepted_along_with_the_others():
    world = World()
    hall = a_resource(world.site, name="Salle")
    bundle = bundle_of(world, hall)
    kitchen_leg, hall_leg = sorted(bundle.legs, key=lambda leg: leg.leg_number or 0)
    propose(world, kitchen_leg)
    service.approve_legs(bundle.id, world.manager)
    assert (kitchen_leg.decision, hall_leg.decision) == ("pending", "approved")


def test_a_bundle_does_not_get_round_the_hours_at_once():
    world = World(approval="auto", auto_hours=3)
    days = [span(f"2026-10-0{day} 09:00", f"2026-10-0{day} 12:00") for day in (5, 6, 7)]
    legs = tuple(service.Leg(world.kitchen.id, day) for day in days)
    wanted = service.BundleRequest(world.association.id, legs, "Soupes")
    bundle = service.ask_bundle(wanted, world.member, uid_host="mutualim.test")
    assert {leg.decision for leg in bundle.legs} == {"pending"}


def test_those_who_come_to_several_places_are_not_all_in_the_van():
    world = World(kind="vehicle", facts={"seats": 3})
    bundle = bundle_of(world, a_resource(world.site, name="Salle"), people=8)
    assert len(bundle.legs) == 2


def test_more_people_than_seats_are_not_proposed_the_van():
    world = World()
    van = a_resource(world.site, name="Fourgon", kind="vehicle", facts={"seats": 3})
    booking = world.ask(people=8)
    with pytest.raises(PlaceTooSmall):
        service.propose(booking.id, world.manager, service.Offer(van.id, LATER, 1))


def test_a_proposal_for_a_place_that_closed_since_cannot_be_taken():
    world = World()
    booking = world.ask()
    proposal = propose(world, booking)
    with atomic():
        day = span("2026-10-20 00:00", "2026-10-21 00:00")
        close(Subject.of(world.site), day, "Travaux", world.manager)
    with pytest.raises(SlotRefused) as refused:
        service.accept_proposal(booking.id, proposal.ref, world.member)
    assert refused.value.refusals[0].code == "closed"


def test_a_proposal_binds_no_longer_where_two_have_to_agree_by_now():
    world = World()
    booking = world.ask()
    proposal = propose(world, booking)
    with atomic():
        world.kitchen.approval = "two_step"
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert booking.decision == "pending"


def test_a_freed_half_wakes_who_waits_for_the_hall():
    world = World()
    half, hall = a_resource(world.site, name="Moitié B"), a_resource(world.site, name="Grande salle")
    made_of(hall, world.kitchen, half)
    booking = world.ask()
    service.approve(booking.id, world.manager)
    others = an_organisation(world.territory)
    waits = load_actor(a_member(others).id)
    service.join(service.Want(hall.id, world.slot, 1, others.id, "Fête"), waits)
    assert waited_for([world.kitchen.id]) == [hall.id]
    service.cancel(booking.id, world.member, "Malade")
    if KIND == "sqlite":  # the other queue has tables of its own
        assert "bookings.offer_freed" in db.session.scalars(select(Job.name)).all()


def test_the_link_for_a_bundle_is_not_spent_on_one_of_its_legs(browser):
    world = World()
    hall = a_resource(world.site, name="Salle")
    bundle = bundle_of(world, hall)
    secret = service.open_decision_link(bundle.legs[0].id, world.manager_person.id, bundle_id=bundle.id)
    page = browser().get(f"/d/{secret}").get_data(as_text=True)
    assert f"/d/{secret}/proposer" not in page
    links.decide_by_link(secret, links.Verdict.APPROVE)
    assert {leg.decision for leg in bundle.legs} == {"approved"}


def test_a_series_is_accepted_over_a_proposal_for_one_of_its_dates():
    world = World(arbitration_hours=48)
    rule = Rule(Frequency.WEEKLY, world.slot.start.date(), weekdays=(1,), times=3)
    hours = Hours(9 * 60, 12 * 60, "Europe/Paris")
    series = service.ask_series(
        service.SeriesRequest(world.kitchen.id, world.association.id, rule, hours, 1, "Soupes"),
        world.member,
        uid_host="mutualim.test",
    )
    dates = db.session.scalars(
        select(Booking).filter_by(series_id=series.id).order_by(Booking.start_at)
    ).all()
    propose(world, dates[0], OVERLAPPING)
    service.approve_series(series.id, world.manager)
    assert {each.decision for each in dates} == {"approved"}


def test_what_is_proposed_for_keeps_its_place_while_the_asker_thinks():
    world = World(arbitration_hours=48)
    booking, rival = world.ask(), world.ask(purpose="Pommes")
    propose(world, rival)
    [contest] = contests(Resource.id == world.kitchen.id)
    assert [contest.waits(each) for each in contest.bookings] == [True, False]
    assert (booking.decision, contest.bookings[1].id) == ("pending", rival.id)


def test_proposing_after_the_deadline_keeps_what_was_asked_for(frozen):
    world = World()
    booking = world.ask()
    frozen.tick(hours=world.kitchen.answer_hours, seconds=5)
    propose(world, booking, OVERLAPPING)
    assert booking.hold_id is not None
