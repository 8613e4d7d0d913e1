"""Waiting lists: who may wait for what, who is offered what is freed, and what becomes of the offer."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.accounts.models import Membership, MembershipState, Role
from app.accounts.queries import load_actor
from app.availability.closures import Subject, close, lift
from app.availability.errors import SlotRefused
from app.availability.models import Hold
from app.availability.queries import Wish, verdict
from app.bookings import service
from app.bookings.errors import NotYourOrganisation, OfferOver, PurposeMissing, SlotIsFree, WaitsTooMuch
from app.bookings.models import Booking, BookingMessage, Waiting
from app.bookings.rules import WAITING, expiry_of_offer
from app.bookings.service import Want, waiting
from app.bookings.waitlist import in_line_for, places_in_line, waiting_of
from app.catalogue import service as catalogue
from app.catalogue.rules import ResourceFacts
from app.core import clock
from app.core.errors import Forbidden, TextTooLong
from app.core.policy import Actor
from app.infra import jobs
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import World
from tests.factories import a_coordinator, a_member, an_organisation, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")


class Queue(World):
    """A kitchen somebody has already, and others who would like to have it."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.taken = self.ask(quantity=self.kitchen.capacity)
        service.approve(self.taken.id, self.manager)

    def somebody(self):
        organisation = an_organisation(self.territory)
        person = a_member(organisation)
        return Actor(person_id=person.id, memberships={organisation.id: "member"})

    def want(self, actor, slot=None, quantity=1, **facts):
        given: dict[str, Any] = {
            "organisation_id": next(iter(actor.memberships), None),
            "purpose": "Soupes",
        } | facts
        return Want(self.kitchen.id, slot or self.slot, quantity, **given)

    def join(self, slot=None, quantity=1, actor=None, **facts):
        actor = actor or self.somebody()
        return service.join(self.want(actor, slot, quantity, **facts), actor)

    def free(self):
        service.cancel(self.taken.id, self.member, "Empêchement")


@pytest.fixture
def queue(session, frozen):
    return Queue()


def states():
    return list(db.session.scalars(select(Waiting.state).order_by(Waiting.id)))


def is_free(queue, slot=None):
    return not verdict(Wish(queue.kitchen.id, slot or queue.slot))


def joins(person, organisation):
    """Make somebody a member of one more organisation."""
    with atomic() as session:
        session.add(
            Membership(
                person_id=person.id, organisation_id=organisation.id, role=Role.MEMBER,
                state=MembershipState.ACTIVE, created_at=clock.now(),
            )
        )  # fmt: skip


def whose(entry):
    return Actor(person_id=entry.person_id, memberships={entry.organisation_id: "member"})


def test_what_is_freed_is_kept_for_the_first_in_line(app, queue, frozen):
    first, second = queue.join(), queue.join()
    assert places_in_line([first, second]) == {first.id: 1, second.id: 2}
    queue.free()
    assert is_free(queue)
    jobs.run_due(app)
    db.session.expire_all()
    assert states() == ["offered", "waits"]
    assert not is_free(queue)
    assert first.expires_at == frozen.now + timedelta(hours=24)


@pytest.mark.parametrize("approval, decision", [("manager", "pending"), ("auto", "approved")])
def test_taking_an_offer_makes_a_booking_by_the_rule_of_the_place(session, frozen, approval, decision):
    queue = Queue(approval="manager")
    entry = queue.join()
    with atomic():
        queue.kitchen.approval = approval
    queue.free()
    service.offer_freed(queue.kitchen.id)
    booking = service.take_offer(entry.ref, whose(entry), uid_host="mutualim.test")
    assert (booking.decision, booking.span, booking.purpose) == (decision, queue.slot, "Soupes")
    assert (entry.state, entry.booking_id, entry.hold_id) == ("taken", booking.id, None)
    assert not is_free(queue)
    hold = db.session.get_one(Hold, booking.hold_id)
    assert (hold.expires_at is None) == (decision == "approved")
    again = service.take_offer(entry.ref, whose(entry), uid_host="mutualim.test")
    assert again.id == booking.id
    assert db.session.scalar(select(func.count(Booking.id))) == 2


def test_an_offer_that_is_missed_declined_or_left_goes_to_the_next(queue, frozen):
    first, second, third = queue.join(), queue.join(), queue.join()
    queue.free()
    assert service.offer_freed(queue.kitchen.id) == 1
    assert service.offer_freed(queue.kitchen.id) == 0  # a job that runs twice offers once
    frozen.tick(hours=24)
    with pytest.raises(OfferOver):
        service.take_offer(first.ref, whose(first), uid_host="mutualim.test")
    assert service.end_missed_offers() == 1
    service.offer_freed(queue.kitchen.id)
    assert states() == ["missed", "offered", "waits"]
    service.leave(second.ref, whose(second))
    service.offer_freed(queue.kitchen.id)
    assert states() == ["missed", "left", "offered"]
    service.leave(third.ref, whose(third))
    assert is_free(queue)


def test_the_first_whom_it_fits_is_served_and_order_is_kept_among_them(session, frozen):
    queue = Queue(capacity=4, mode="stations", unit="station")
    large, small, other = queue.join(quantity=4), queue.join(quantity=2), queue.join(quantity=2)
    service.change(queue.taken.id, queue.member, queue.slot, 2)  # two of four are given back
    service.offer_freed(queue.kitchen.id)
    assert [large.state, small.state, other.state] == ["waits", "offered", "waits"]


def test_those_who_asked_to_be_told_are_told_once_and_nothing_is_kept(queue):
    entry = queue.join(organisation_id=None, purpose="")
    assert (entry.mode, entry.organisation_id) == ("to_tell", None)
    queue.free()
    assert service.offer_freed(queue.kitchen.id) == 1
    assert (entry.state, is_free(queue)) == ("told", True)
    assert service.offer_freed(queue.kitchen.id) == 0


def test_who_is_in_line_comes_before_who_is_told(queue):
    told, line = queue.join(organisation_id=None, purpose=""), queue.join()
    queue.free()
    service.offer_freed(queue.kitchen.id)
    assert (line.state, told.state) == ("offered", "waits")


@pytest.mark.parametrize("how", ["cancel", "refuse", "move", "expire", "lift", "capacity"])
def test_whatever_frees_capacity_queues_an_offer(app, session, frozen, how):
    world = World(capacity=1, mode="stations", unit="station")
    closure = None
    if how == "lift":
        closure = close(
            Subject.of(world.kitchen), span("2026-10-06 00:00", "2026-10-07 00:00"), "Ménage", world.manager
        )
    else:
        booking = world.ask()
    entry = service.join(Want(world.kitchen.id, world.slot, 1, world.association.id, "Soupes"), world.member)
    if how == "expire":
        frozen.move_to(booking.expires_at)
        service.expire_due()
    elif closure:
        lift(closure, world.manager)
    elif how == "capacity":
        facts = ResourceFacts("kitchen", world.kitchen.name, capacity=2, mode="stations", unit="station")
        catalogue.edit_resource(world.manager, world.kitchen, facts)
    elif how == "move":
        service.change(booking.id, world.member, span("2026-10-07 09:00", "2026-10-07 12:00"), 1)
    elif how == "refuse":
        service.refuse(booking.id, world.manager, "Travaux")
    else:
        service.cancel(booking.id, world.member, "Empêchement")
    jobs.run_due(app)
    db.session.expire_all()
    assert entry.state == "offered"


def test_the_sweep_offers_what_no_event_told_of_and_ends_what_is_over(queue, frozen):
    entry = queue.join()
    with atomic() as session:
        session.execute(delete(Hold))
    service.sweep_waiting()
    assert entry.state == "offered"
    service.leave(entry.ref, whose(entry))
    late = Queue()
    entry = late.join()
    frozen.move_to(at("2026-10-06 09:00"))
    assert service.sweep_waiting() == 1
    assert entry.state == "over"


def test_what_was_written_while_waiting_goes_with_the_request(queue):
    entry = queue.join(people=8, message=" Nous venons avec un camion. ")
    queue.free()
    service.offer_freed(queue.kitchen.id)
    booking = service.take_offer(entry.ref, whose(entry), uid_host="mutualim.test")
    service.take_offer(entry.ref, whose(entry), uid_host="mutualim.test")
    written = db.session.scalars(select(BookingMessage).filter_by(booking_id=booking.id)).all()
    assert [each.text for each in written] == ["Nous venons avec un camion."]
    with pytest.raises(TextTooLong):
        queue.join(message="a" * 5000)


def test_what_is_no_reason_to_wait(queue):
    somebody = queue.somebody()
    with pytest.raises(SlotIsFree):
        queue.join(span("2026-10-08 09:00", "2026-10-08 12:00"))
    with pytest.raises(SlotRefused) as refused:
        queue.join(span("2026-10-06 09:10", "2026-10-06 12:00"))
    assert [each.code for each in refused.value.refusals] == ["off_step"]
    with pytest.raises(PurposeMissing):
        queue.join(purpose=" ")
    with pytest.raises(NotYourOrganisation):
        queue.join(actor=somebody, organisation_id=queue.owner.id)
    with pytest.raises(Forbidden):
        service.join(Want(queue.kitchen.id, queue.slot, 1), Actor())


def test_waiting_twice_for_the_same_keeps_the_place_and_there_is_an_end_to_it(queue, monkeypatch):
    somebody = queue.somebody()
    assert queue.join(actor=somebody).id == queue.join(actor=somebody).id
    monkeypatch.setattr(waiting, "MOST_WAITING", 1)
    with pytest.raises(WaitsTooMuch):
        queue.join(span("2026-10-06 10:00", "2026-10-06 12:00"), actor=somebody)


def test_only_who_waits_leaves_or_takes(queue):
    entry = queue.join()
    for act in (service.leave, lambda ref, who: service.take_offer(ref, who, uid_host="mutualim.test")):
        with pytest.raises(Forbidden):
            act(entry.ref, queue.member)
    assert waiting_of(queue.member) == []
    assert [each.id for each in waiting_of(whose(entry))] == [entry.id]
    assert [each.id for each in in_line_for(queue.kitchen.id, queue.slot)] == [entry.id]


def test_a_place_that_keeps_no_request_keeps_the_offer_and_then_nothing(session, frozen):
    queue = Queue(holds_request=False)
    entry = queue.join()
    queue.free()
    service.offer_freed(queue.kitchen.id)
    assert not is_free(queue)
    booking = service.take_offer(entry.ref, whose(entry), uid_host="mutualim.test")
    assert (booking.decision, booking.hold_id, is_free(queue)) == ("pending", None, True)


def test_who_leaves_waits_no_more_and_the_next_has_the_offer(queue):
    first, second = queue.join(), queue.join()
    queue.free()
    service.offer_freed(queue.kitchen.id)
    with atomic():
        waiting.end_waiting_of(Waiting.organisation_id == first.organisation_id)
    assert first.state == "over"
    service.sweep_waiting()
    assert (first.hold_id, second.state) == (None, "offered")


def test_moves_of_waiting():
    assert WAITING.acts("waits") == ("offer", "tell", "leave", "end")
    assert WAITING.acts("offered") == ("take", "miss", "take_back", "leave", "end")
    assert all(not WAITING.acts(end) for end in ("taken", "missed", "left", "told", "over"))


@pytest.mark.parametrize(
    "start, notice, until",
    [
        ("2026-10-06 09:00", 0, "2026-09-02 10:00"),  # far off: a day
        ("2026-09-03 10:00", 0, "2026-09-01 22:00"),  # in two days: a quarter of what is left
        ("2026-09-03 10:00", 24 * 60, "2026-09-01 16:00"),  # of what is left until the place wants to know
        ("2026-09-01 12:00", 0, "2026-09-01 11:00"),  # in two hours: an hour
        ("2026-09-01 10:30", 0, "2026-09-01 10:30"),  # in half an hour: until it begins
        ("2026-09-01 10:30", 60, "2026-09-01 10:01"),  # too late in truth
    ],
)
def test_how_long_an_offer_is_kept(start, notice, until):
    assert expiry_of_offer(at("2026-09-01 10:00"), at(start), notice) == at(until)


def ask_at_once(queue):
    """Ask as somebody who was in no line."""
    actor = queue.somebody()
    wanted = service.Request(queue.kitchen.id, next(iter(actor.memberships)), queue.slot, 1, "Soupes")
    return service.ask(wanted, actor, uid_host="mutualim.test")


def test_nobody_slips_in_before_the_next_when_an_offer_is_missed(queue, frozen):
    first, second = queue.join(), queue.join()
    queue.free()
    service.offer_freed(queue.kitchen.id)
    frozen.move_to(first.expires_at)
    with pytest.raises(OfferOver):
        service.take_offer(first.ref, whose(first), uid_host="mutualim.test")
    with pytest.raises(SlotRefused):  # the job of this minute has not come yet
        ask_at_once(queue)
    service.end_missed_offers()
    assert states() == ["missed", "offered"]  # in one transaction
    with pytest.raises(SlotRefused):
        ask_at_once(queue)
    service.leave(second.ref, whose(second))
    assert ask_at_once(queue).hold_id


def test_nor_when_it_is_declined(queue):
    first, _second = queue.join(), queue.join()
    queue.free()
    service.offer_freed(queue.kitchen.id)
    service.leave(first.ref, whose(first))
    assert states() == ["left", "offered"]


def test_what_nobody_passes_on_is_free_in_the_end(queue, frozen):
    first = queue.join()
    queue.free()
    service.offer_freed(queue.kitchen.id)
    frozen.move_to(first.expires_at + waiting.PASSED_ON_WITHIN)
    assert is_free(queue)


def test_taken_on_behalf_of_others_it_says_so(queue):
    camille, other = load_actor(a_coordinator(queue.territory, name="Camille").id), queue.somebody()
    organisation_id = next(iter(other.memberships))
    entry = queue.join(actor=camille, organisation_id=organisation_id)
    queue.free()
    service.offer_freed(queue.kitchen.id)
    booking = service.take_offer(entry.ref, camille, uid_host="mutualim.test")
    assert (booking.asked_as, booking.organisation_id) == ("coordination", organisation_id)


def test_taken_by_a_member_it_is_their_own(queue):
    actor = queue.somebody()
    entry = queue.join(actor=actor)
    queue.free()
    service.offer_freed(queue.kitchen.id)
    assert service.take_offer(entry.ref, actor, uid_host="mutualim.test").asked_as == ""


@pytest.mark.parametrize(("acting_for", "state"), [("commerce", "waits"), ("aid", "told")])
def test_told_as_the_organisation_they_would_ask_for(session, frozen, acting_for, state):
    world = World(windows={"P4": {"horizon_days": 14}, "P1": {"horizon_days": 18}}, horizon_days=18)
    commerce = an_organisation(world.territory, priority_class="P4", name="Traiteur")
    aid = an_organisation(world.territory, priority_class="P1", name="Aide")
    person = a_member(aid)
    joins(person, commerce)
    slot, of = span("2026-09-21 09:00", "2026-09-21 12:00"), {"commerce": commerce, "aid": aid}
    entry = service.join(Want(world.kitchen.id, slot, 1), load_actor(person.id, of[acting_for].id))
    assert entry.told_for_id == of[acting_for].id
    frozen.tick(days=3)
    service.sweep_waiting()
    assert entry.state == state
    frozen.move_to(at("2026-09-07 10:00"))
    service.sweep_waiting()
    assert entry.state == "told"


def test_who_asks_for_two_organisations_is_told_for_each(session, frozen):
    world = World(windows={"P4": {"horizon_days": 14}}, horizon_days=14)
    one, other = (an_organisation(world.territory, priority_class="P4") for _ in range(2))
    person = a_member(one)
    joins(person, other)
    want = Want(world.kitchen.id, span("2026-09-21 09:00", "2026-09-21 12:00"), 1)
    first, second, again = (service.join(want, load_actor(person.id, each.id)) for each in (one, other, one))
    assert (first.id == again.id, first.id == second.id) == (True, False)
