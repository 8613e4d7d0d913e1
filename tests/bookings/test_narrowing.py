"""Opening for less time over what is promised: nobody is passed over, each booking is kept or cancelled, or nothing happens."""

import pytest
from sqlalchemy import select

from app.availability.errors import BadExpression
from app.availability.models import Closure, Schedule
from app.availability.queries import Wish, get_terms, verdict
from app.bookings import service
from app.bookings.errors import BookingsHit
from app.bookings.narrowing import MAX_REASON, Answer, Closing, NewHours, narrow
from app.core.errors import Forbidden, ReasonMissing
from app.infra.audit import history
from app.infra.db import db
from tests.bookings.pages import World
from tests.factories import a_resource, at, span
from tests.helpers import count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")

SHORTER = "Mo-Sa 13:00-22:00; PH off"
WEEK = "Mo-Sa 07:00-22:00; PH off"


def closing(world, **facts):
    given = {
        "thing": world.site,
        "span": span("2026-10-06 00:00", "2026-10-07 00:00"),
        "reason": "Travaux",
    }
    return Closing(**(given | facts))


def new_hours(world, **facts):
    return NewHours(**({"thing": world.site, "expression": SHORTER} | facts))


BOTH = pytest.mark.parametrize("change", [closing, new_hours])


def expression_of(world):
    return db.session.scalar(select(Schedule.expression).filter_by(site_id=world.site.id))


def is_done(world):
    return db.session.scalar(select(Closure)) is not None or expression_of(world) != WEEK


def hit_by(change, actor):
    with pytest.raises(BookingsHit) as refused:
        narrow(change, actor)
    assert refused.value.facts["lacks"] == "answer"
    return refused.value.facts["refs"]


def keep(*bookings):
    return Answer([b.ref for b in bookings], cancel=False)


def cancel(*bookings):
    return Answer([b.ref for b in bookings], cancel=True)


@BOTH
def test_nothing_happens_before_somebody_has_seen_what_is_hit(shared, change):
    later = shared.ask(span("2026-10-06 12:00", "2026-10-06 13:00"))
    booking = shared.ask()
    shared.ask(span("2026-10-07 14:00", "2026-10-07 16:00"))
    assert hit_by(change(shared), shared.manager) == [booking.ref, later.ref]
    assert not is_done(shared)
    assert booking.decision == "pending"


@BOTH
def test_with_nothing_hit_it_is_one_step(shared, change):
    shared.ask(span("2026-10-07 14:00", "2026-10-07 16:00"))
    assert narrow(change(shared), shared.manager).hit == 0
    assert is_done(shared)


@BOTH
def test_what_is_kept_stays_and_its_history_says_so(shared, change):
    booking = shared.ask()
    service.approve(booking.id, shared.manager)
    assert narrow(change(shared, reason="Moins de monde"), shared.manager, keep(booking)).hit == 1
    assert is_done(shared)
    assert booking.decision == "approved"
    assert booking.hold_id is not None
    line = history("booking", booking.id)[-1]
    assert (line.act, line.actor_id) == (change(shared).kept, shared.manager_person.id)
    assert line.facts == {"reason": "Moins de monde"}


@BOTH
def test_what_is_cancelled_is_cancelled_with_the_reason(shared, change):
    pending, approved = shared.ask(), shared.ask(span("2026-10-06 07:30", "2026-10-06 08:30"))
    service.approve(approved.id, shared.manager)
    narrow(change(shared, reason="Travaux"), shared.manager, cancel(pending, approved))
    assert is_done(shared)
    for booking in (pending, approved):
        assert (booking.decision, booking.reason, booking.hold_id) == ("cancelled", "Travaux", None)
    code = "closed" if change is closing else "outside_hours"
    assert [refusal.code for refusal in verdict(Wish(shared.kitchen.id, shared.slot))] == [code]


@BOTH
@pytest.mark.parametrize("answer", [keep, cancel])
def test_a_booking_made_after_the_look_is_shown_first(shared, change, answer):
    seen = shared.ask()
    unseen = shared.ask(span("2026-10-06 07:30", "2026-10-06 08:30"))
    with pytest.raises(BookingsHit) as refused:
        narrow(change(shared, reason="Travaux"), shared.manager, answer(seen))
    assert refused.value.facts == {
        "refs": [unseen.ref, seen.ref],
        "lacks": "look",
        "max": MAX_REASON,
        "kept": [],
    }
    assert not is_done(shared)
    assert (seen.decision, unseen.decision) == ("pending", "pending")


@BOTH
def test_one_that_is_gone_since_the_look_is_no_matter(shared, change):
    seen, gone = shared.ask(), shared.ask(span("2026-10-06 07:30", "2026-10-06 08:30"))
    service.cancel(gone.id, shared.member, "Plus besoin")
    assert narrow(change(shared), shared.manager, keep(seen, gone)).hit == 1


def test_hours_need_a_reason_to_cancel_only(shared):
    booking = shared.ask()
    for reason in ("", "  ", "x" * (MAX_REASON + 1)):
        with pytest.raises(BookingsHit) as refused:
            narrow(new_hours(shared, reason=reason), shared.manager, cancel(booking))
        assert refused.value.facts["lacks"] == "reason"
    with pytest.raises(BookingsHit):
        narrow(new_hours(shared, reason="x" * (MAX_REASON + 1)), shared.manager, keep(booking))
    assert not is_done(shared)
    assert booking.decision == "pending"
    assert narrow(new_hours(shared), shared.manager, keep(booking)).hit == 1


def test_what_cannot_be_written_is_refused_before_anything_else(shared):
    booking = shared.ask()
    with pytest.raises(BadExpression):
        narrow(new_hours(shared, expression="Mo-Fr 8-"), shared.manager, cancel(booking))
    with pytest.raises(ReasonMissing):
        narrow(closing(shared, reason=" "), shared.manager, cancel(booking))
    assert not is_done(shared)
    assert booking.decision == "pending"


@BOTH
def test_only_whoever_looks_after_the_place_may(shared, change):
    booking = shared.ask()
    for actor in (shared.member, World().manager):
        with pytest.raises(Forbidden):
            narrow(change(shared), actor, cancel(booking))


@BOTH
def test_requests_that_hold_nothing_are_hit_and_what_is_over_is_not(session, frozen, change):
    world = World(holds_request=False)
    waiting = world.ask()
    assert waiting.hold_id is None
    assert hit_by(change(world), world.manager) == [waiting.ref]
    frozen.move_to(at("2026-10-06 12:00"))
    assert narrow(change(world), world.manager).hit == 0


# -- hours of a resource ----------------------------------------------------------------------------------------------


def test_the_hours_of_the_site_hit_who_follows_them(shared):
    own = a_resource(shared.site, hours="24/7")
    request = service.Request(own.id, shared.association.id, shared.slot, 1, "Bocaux")
    service.ask(request, shared.member, uid_host="mutualim.test")
    booking = shared.ask()
    assert hit_by(new_hours(shared), shared.manager) == [booking.ref]


def test_a_resource_that_gets_hours_of_its_own(shared):
    booking = shared.ask()
    change = new_hours(shared, thing=shared.kitchen)
    assert hit_by(change, shared.manager) == [booking.ref]
    narrow(change, shared.manager, keep(booking))
    assert get_terms(shared.kitchen.id).expression == SHORTER
    assert expression_of(shared) == WEEK


def test_a_resource_that_follows_its_site_again(shared):
    narrow(new_hours(shared, thing=shared.kitchen, expression="24/7"), shared.manager)
    night = shared.ask(span("2026-10-06 23:00", "2026-10-07 01:00"))
    shared.ask()
    change = new_hours(shared, thing=shared.kitchen, expression=None, reason="Voisinage")
    assert hit_by(change, shared.manager) == [night.ref]
    narrow(change, shared.manager, cancel(night))
    assert night.decision == "cancelled"
    assert get_terms(shared.kitchen.id).expression == WEEK


def test_what_was_kept_once_is_not_asked_about_again(shared):
    booking = shared.ask()
    narrow(new_hours(shared), shared.manager, keep(booking))
    assert narrow(new_hours(shared, expression="Mo-Sa 14:00-22:00; PH off"), shared.manager).hit == 0


def test_looking_for_what_is_hit_takes_as_many_statements_for_many(shared):
    shared.ask(span("2026-10-06 08:00", "2026-10-06 09:00"))
    with count_queries() as few:
        hit_by(new_hours(shared), shared.manager)
    for day in range(12, 17):
        shared.ask(span(f"2026-10-{day} 08:00", f"2026-10-{day} 09:00"))
    with count_queries() as many:
        assert len(hit_by(new_hours(shared), shared.manager)) == 6
    assert len(many) == len(few)
