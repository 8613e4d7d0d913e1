"""The use cases of a booking, from asking to cancelling."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError

from app.availability.closures import Subject, close, lift
from app.availability.errors import SlotRefused
from app.availability.models import Claim, ResourceGuard
from app.availability.queries import Wish, verdict
from app.bookings import service
from app.bookings.errors import (
    AlreadyOver,
    KeyReused,
    NotYourOrganisation,
    OrganisationNotActive,
    PurposeMissing,
    TooLateToUndo,
)  # fmt: skip
from app.bookings.models import Booking
from app.bookings.service import common, deciding
from app.core.errors import Forbidden, ReasonMissing
from app.core.policy import Actor
from app.core.states import IllegalMove
from app.infra.audit import AuditEntry, history
from app.infra.uow import atomic
from tests.databases import KIND
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")


class World:
    """One territory: an owner with a kitchen and its manager, an association with a member."""

    def __init__(self, **facts):
        self.territory = a_territory()
        self.owner = an_organisation(self.territory, priority_class="P0")
        self.site = a_site(self.owner, hours="Mo-Sa 07:00-22:00; PH off")
        self.kitchen = a_resource(self.site, **facts)
        self.association = an_organisation(self.territory)
        person = a_member(self.association)
        self.member = Actor(person_id=person.id, memberships={self.association.id: "member"})
        self.manager = Actor(person_id=a_manager(self.site).id, managed_sites=frozenset({self.site.id}))
        self.slot = span("2026-10-06 09:00", "2026-10-06 12:00")

    def ask(self, slot=None, actor=None, **facts):
        given: dict[str, Any] = {"purpose": "Soupes", "quantity": 1} | facts
        request = service.Request(self.kitchen.id, self.association.id, slot or self.slot, **given)
        return service.ask(request, actor or self.member, uid_host="mutualim.test")

    def is_free(self):
        return not verdict(Wish(self.kitchen.id, self.slot))

    def claims(self):
        from app.infra.db import db

        return db.session.scalar(
            select(func.count()).select_from(Claim).filter_by(resource_id=self.kitchen.id)
        )


@pytest.fixture
def world(session, frozen):
    return World()


def test_a_request_holds_its_slot_until_the_manager_says_yes(world):
    booking = world.ask()
    assert (booking.decision, booking.use) == ("pending", "planned")
    assert not world.is_free()
    service.approve(booking.id, world.manager)
    assert booking.decision == "approved"
    assert booking.revision == 1
    assert [line.act for line in history("booking", booking.id)] == ["requested", "approved"]


def test_refusing_needs_a_reason_and_frees_the_slot(world):
    booking = world.ask()
    with pytest.raises(ReasonMissing):
        service.refuse(booking.id, world.manager, "  ")
    service.refuse(booking.id, world.manager, "Travaux")
    assert (booking.decision, booking.reason, world.claims()) == ("refused", "Travaux", 0)
    with pytest.raises(IllegalMove):
        service.approve(booking.id, world.manager)


@pytest.mark.parametrize("who", ["member", "manager"])
def test_either_side_cancels_with_a_reason(world, who):
    booking = world.ask()
    service.approve(booking.id, world.manager)
    service.cancel(booking.id, getattr(world, who), "Empêchement")
    assert (booking.decision, world.claims()) == ("cancelled", 0)
    assert history("booking", booking.id)[-1].facts["by_manager"] == (who == "manager")


def test_a_waiting_request_does_not_hold_where_the_resource_says_so(session, frozen):
    world = World(holds_request=False)
    first, second = world.ask(), world.ask()
    service.approve(first.id, world.manager)
    with pytest.raises(SlotRefused):
        service.approve(second.id, world.manager)
    assert (first.decision, second.decision) == ("approved", "pending")


@pytest.mark.parametrize(
    "approval, up_to, priority, decision",
    [
        ("auto", "P0", "P4", "approved"), ("manager", "P4", "P0", "pending"),
        ("auto_for_members", "P0", "P0", "approved"), ("auto_for_members", "P0", "P1", "pending"),
        ("auto_for_members", "P1", "P1", "approved"), ("auto_for_members", "P1", "P2", "pending"),
        ("auto_for_members", "P2", "P2", "approved"), ("auto_for_members", "P2", "P3", "pending"),
        ("auto_for_members", "P3", "P3", "approved"), ("auto_for_members", "P3", "P4", "pending"),
        ("auto_for_members", "P4", "P4", "approved"),
    ],
)  # fmt: skip
def test_who_is_approved_at_once(session, frozen, approval, up_to, priority, decision):
    world = World(approval=approval, auto_up_to=up_to)
    with atomic():
        world.association.priority_class = priority
    assert world.ask().decision == decision


def test_an_unanswered_request_expires_and_frees_its_slot(world, frozen):
    booking = world.ask()
    assert service.expire_due() == 0
    frozen.tick(hours=73)
    assert world.is_free()  # a stale hold counts for nothing, even before the job comes
    assert service.expire_due() == 1
    assert (booking.decision, world.claims()) == ("expired", 0)


def test_a_request_that_cannot_expire_holds_no_other_up(world, frozen, monkeypatch, caplog):
    broken, later = world.ask(), world.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    frozen.tick(hours=73)
    decide = common.decide

    def stumble(booking, *rest):
        if booking.id == broken.id:
            raise RuntimeError("a row that is wrong")
        decide(booking, *rest)

    monkeypatch.setattr(deciding, "decide", stumble)
    with pytest.raises(ExceptionGroup, match="1 of 2") as failed:
        service.expire_due()
    assert isinstance(failed.value.exceptions[0], RuntimeError)
    assert broken.ref in caplog.text
    assert (broken.decision, later.decision) == ("pending", "expired")
    monkeypatch.undo()
    assert service.expire_due() == 1


def test_a_change_is_checked_and_asked_again(world):
    booking, other = world.ask(), world.ask(span("2026-10-07 09:00", "2026-10-07 12:00"))
    service.approve(booking.id, world.manager)
    with pytest.raises(SlotRefused):
        service.change(booking.id, world.member, other.span, 1)
    assert (booking.decision, booking.start_at) == ("approved", world.slot.start)
    service.change(booking.id, world.member, span("2026-10-06 10:00", "2026-10-06 13:00"), 1)
    assert (booking.decision, booking.start_at) == ("pending", at("2026-10-06 10:00"))
    assert booking.expires_at is not None


def test_a_decision_can_be_undone_for_ten_minutes(world, frozen):
    booking = world.ask()
    service.refuse(booking.id, world.manager, "Non")
    service.undo(booking.id, world.manager)
    assert booking.decision == "pending"
    assert not world.is_free()
    service.approve(booking.id, world.manager)
    frozen.tick(minutes=11)
    with pytest.raises(TooLateToUndo):
        service.undo(booking.id, world.manager)


def test_the_same_key_counts_once(world):
    booking = world.ask(key="k1")
    assert world.ask(key="k1").id == booking.id
    with pytest.raises(KeyReused):
        world.ask(key="k1", purpose="Autre chose")


def test_who_may_ask_and_decide(world):
    with pytest.raises(PurposeMissing):
        world.ask(purpose=" ")
    with pytest.raises(NotYourOrganisation):
        world.ask(actor=Actor(person_id=world.member.person_id, memberships={world.owner.id: "member"}))
    booking = world.ask()
    for outsider in (
        world.member,
        Actor(person_id=world.member.person_id, memberships={999_999: "org_admin"}),
    ):
        with pytest.raises(Forbidden):
            service.approve(booking.id, outsider)
    by_phone = world.ask(span("2026-10-08 09:00", "2026-10-08 12:00"), actor=world.manager)
    assert by_phone.organisation_id == world.association.id


def test_an_organisation_of_another_territory_is_refused(world):
    foreign = an_organisation(a_territory())
    actor = Actor(person_id=world.member.person_id, memberships={foreign.id: "member"})
    request = service.Request(world.kitchen.id, foreign.id, world.slot, 1, "Soupes")
    with pytest.raises(OrganisationNotActive):
        service.ask(request, actor, uid_host="mutualim.test")


def test_what_is_over_stays(world, frozen):
    booking = world.ask()
    service.approve(booking.id, world.manager)
    frozen.move_to(world.slot.end + timedelta(minutes=1))
    with pytest.raises(AlreadyOver):
        service.cancel(booking.id, world.member, "Trop tard")


def test_a_closure_keeps_bookings_and_takes_what_they_free(world):
    booking = world.ask()
    closed = span("2026-10-06 00:00", "2026-10-07 00:00")
    subject = Subject.of(world.site)
    closure = close(subject, closed, "Travaux", world.manager)
    service.cancel(booking.id, world.member, "D'accord")
    (refusal,) = verdict(Wish(world.kitchen.id, world.slot))
    assert refusal.code == "closed"
    lift(closure, world.manager)
    assert world.is_free()


def test_the_guards_revision_grows_with_every_change(world, session):
    def rev():
        return session.scalar(select(ResourceGuard.rev).filter_by(resource_id=world.kitchen.id))

    before = rev()
    booking = world.ask()
    asked = rev()
    service.approve(booking.id, world.manager)
    assert before < asked < rev()


def test_history_cannot_be_rewritten(world, session):
    booking = world.ask()
    entry = history("booking", booking.id)[0]
    with pytest.raises(DatabaseError, match="append_only"), atomic(), session.begin_nested():
        session.execute(update(AuditEntry).where(AuditEntry.id == entry.id).values(act="lie"))


@pytest.mark.skipif(KIND != "postgres", reason="SQLite has no TRUNCATE")
def test_history_cannot_be_emptied_at_a_stroke(world, session):
    booking = world.ask()
    with pytest.raises(DatabaseError, match="append_only"), atomic(), session.begin_nested():
        session.execute(text("TRUNCATE audit_entry"))
    assert history("booking", booking.id)


def test_messages_belong_to_both_sides(world):
    booking = world.ask(message="Bonjour")
    service.write_message(booking.id, world.manager, "Bienvenue")
    with pytest.raises(Forbidden):
        service.write_message(booking.id, Actor(person_id=world.member.person_id + 999), "?")
    assert isinstance(booking, Booking)


def test_a_decision_is_taken_back_though_the_notice_ran_out(session, frozen):
    world = World(min_notice_minutes=24 * 60, answer_hours=24 * 60)
    booking = world.ask()
    frozen.move_to(at("2026-10-05 20:00"))
    service.approve(booking.id, world.manager)
    service.undo(booking.id, world.manager)
    assert booking.decision == "pending"
    service.refuse(booking.id, world.manager, "Travaux")
    service.undo(booking.id, world.manager)
    assert (booking.decision, world.is_free()) == ("pending", False)
