"""Another slot proposed instead of the one asked for: what is kept meanwhile, and what becomes of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.queries import load_actor
from app.availability.closures import Subject, close
from app.availability.errors import SlotRefused
from app.availability.models import Claim, Hold
from app.availability.queries import Wish, verdict
from app.bookings import service
from app.bookings.errors import (
    NothingChanged,
    NotYourPlace,
    ProposalOver,
    ProposalWaits,
    SeriesPlaceFixed,
)
from app.bookings.models import Booking, Proposal
from app.bookings.rules import PROPOSAL, expiry_of_proposal
from app.bookings.service import Offer
from app.bookings.words import proposal_standing
from app.core.errors import Forbidden, NotFound, ReasonMissing
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.core.states import IllegalMove
from app.infra.audit import history
from app.infra.db import db
from app.web.i18n import speaking
from tests.bookings.pages import World
from tests.factories import a_coordinator, a_resource, a_site, a_territory, an_organisation, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

LATER = span("2026-10-06 10:00", "2026-10-06 13:00")  # overlaps what is asked for
ELSEWHEN = span("2026-10-08 09:00", "2026-10-08 12:00")


def offer(world, slot=ELSEWHEN, place=None, quantity=1, message=""):
    return Offer((place or world.kitchen).id, slot, quantity, message)


def taken(resource, slot):
    """Count the units of a resource that are taken at some instant of a slot."""
    start, end = slot.epochs
    rows = select(func.coalesce(func.sum(Claim.qty), 0)).where(
        Claim.resource_id == resource.id, Claim.start_at < end, Claim.end_at > start
    )
    return db.session.scalar(rows)


def is_free(resource, slot, qty=1):
    return not verdict(Wish(resource.id, slot, qty))


def test_both_slots_are_kept_until_the_asker_answers(shared, frozen):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared, message="Plutôt jeudi ?"))
    assert (booking.decision, booking.revision, booking.expires_at) == ("pending", 0, None)
    assert not is_free(shared.kitchen, shared.slot)
    assert not is_free(shared.kitchen, ELSEWHEN)
    assert proposal.expires_at == frozen.now + timedelta(hours=shared.kitchen.answer_hours)
    frozen.move_to(proposal.expires_at)
    assert service.expire_due() == 0  # it is the asker's turn: the request does not end under it


def test_accepting_moves_the_booking_and_is_all_that_is_needed(shared):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared, message="Plutôt jeudi ?"))
    service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert (booking.decision, booking.span, booking.revision) == ("approved", ELSEWHEN, 1)
    assert (booking.decided_by_id, booking.reason) == (shared.manager.person_id, "Plutôt jeudi ?")
    assert (booking.expires_at, proposal.state) == (None, "accepted")
    assert is_free(shared.kitchen, shared.slot)
    assert not is_free(shared.kitchen, ELSEWHEN)
    assert db.session.scalar(select(func.count(Hold.id))) == 1
    assert [line.act for line in history("booking", booking.id)] == [
        "requested", "proposed", "proposal_accepted",
    ]  # fmt: skip


def test_a_slot_that_overlaps_what_is_asked_counts_once(shared):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared, LATER))
    assert taken(shared.kitchen, span("2026-10-06 09:00", "2026-10-06 13:00")) == 2  # two claims side by side
    service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert booking.span == LATER
    assert is_free(shared.kitchen, span("2026-10-06 08:00", "2026-10-06 10:00"))
    assert not is_free(shared.kitchen, LATER)


@pytest.mark.parametrize("asked, proposed, kept", [(3, 1, 3), (1, 3, 3), (2, 2, 2)])
def test_fewer_or_more_of_a_pool_take_the_greater_of_the_two(session, frozen, asked, proposed, kept):
    world = World(capacity=4, mode="stations", unit="station")
    booking = world.ask(quantity=asked)
    slot = world.slot if asked != proposed else LATER
    proposal = service.propose(booking.id, world.manager, offer(world, slot, quantity=proposed))
    both = span("2026-10-06 10:00", "2026-10-06 12:00")
    assert is_free(world.kitchen, both, 4 - kept)
    assert not is_free(world.kitchen, both, 4 - kept + 1)
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert booking.quantity == proposed
    assert is_free(world.kitchen, slot, 4 - proposed)
    assert not is_free(world.kitchen, slot, 4 - proposed + 1)


def test_another_place_of_theirs(shared):
    annex = a_resource(shared.site, name="Cuisine de l'annexe")
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared, shared.slot, annex))
    service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert (booking.resource_id, booking.decision) == (annex.id, "approved")
    assert is_free(shared.kitchen, shared.slot)
    assert not is_free(annex, shared.slot)


@pytest.mark.parametrize("act", ["decline", "withdraw"])
def test_what_is_declined_or_withdrawn_lets_the_request_wait_again(shared, frozen, act):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    frozen.tick(hours=30)
    if act == "decline":
        service.decline_proposal(booking.id, proposal.ref, shared.member, "Pas ce jour-là.")
    else:
        service.withdraw_proposal(booking.id, proposal.ref, shared.manager, "Pris entre-temps.")
    assert (booking.decision, booking.revision) == ("pending", 0)
    assert booking.expires_at == frozen.now + timedelta(hours=shared.kitchen.answer_hours)
    assert is_free(shared.kitchen, ELSEWHEN)
    assert not is_free(shared.kitchen, shared.slot)
    with pytest.raises(IllegalMove):
        service.accept_proposal(booking.id, proposal.ref, shared.member)
    frozen.tick(hours=73)
    service.expire_due()
    assert booking.decision == "expired"


def test_what_nobody_answers_lapses_and_the_request_waits_again(shared, frozen):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    frozen.move_to(proposal.expires_at)
    with pytest.raises(ProposalOver):
        service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert is_free(shared.kitchen, ELSEWHEN)  # its hold has ended, whether or not the sweep has come
    assert service.sweep_proposals() == 1
    assert (proposal.state, booking.decision) == ("lapsed", "pending")
    assert booking.expires_at == frozen.now + timedelta(hours=72)
    assert service.sweep_proposals() == 0


def test_who_answers_a_proposal_reads_that_the_request_ends_with_it(shared, frozen, app):
    frozen.move_to(at("2026-10-05 12:00"))
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    with app.test_request_context(), speaking("en"):
        assert "Your request ends then, too." in proposal_standing(booking, proposal, answers=True).by


@pytest.mark.parametrize(
    ("approval", "proposed", "ends"),
    [
        ("two_step", "2026-10-03 12:00", "2026-10-04 09:00"),  # 48 hours before what was asked for
        ("manager", "2026-10-05 12:00", "2026-10-06 09:00"),  # when it begins
    ],
)
def test_no_request_is_kept_past_its_own_end(session, frozen, approval, proposed, ends):
    world = World(approval=approval, answer_hours=72 if approval == "manager" else 24)
    if approval == "manager":
        frozen.move_to(at(proposed) - timedelta(hours=1))
    booking = world.ask()
    frozen.move_to(at(proposed))
    coordinator = load_actor(a_coordinator(world.territory).id)
    proposal = service.propose(
        booking.id, coordinator, offer(world, span("2026-10-20 09:00", "2026-10-20 12:00"))
    )
    assert proposal.expires_at == at(ends)
    frozen.move_to(at(ends) - timedelta(minutes=1))
    assert (service.sweep_proposals(), service.expire_due()) == (0, 0)
    frozen.move_to(at(ends))
    service.sweep_proposals()
    assert is_free(world.kitchen, ELSEWHEN)
    assert service.expire_due() == 1
    assert (proposal.state, booking.decision, booking.hold_id) == ("lapsed", "expired", None)
    assert [line.act for line in history("booking", booking.id)][-2:] == ["proposal_lapsed", "expired"]


@pytest.mark.parametrize("act", ["approve", "refuse", "cancel", "change"])
def test_any_other_answer_ends_what_was_proposed(shared, act):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    if act == "approve":
        service.approve(booking.id, shared.manager)
    elif act == "change":
        service.change(booking.id, shared.member, span("2026-10-09 09:00", "2026-10-09 12:00"), 1)
    else:
        getattr(service, act)(booking.id, shared.manager, "Travaux")
    assert proposal.state == "withdrawn"
    assert is_free(shared.kitchen, ELSEWHEN)
    with pytest.raises(IllegalMove):
        service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert service.sweep_proposals() == 1
    assert db.session.scalar(select(func.count(Proposal.hold_id))) == 0
    assert db.session.scalar(select(func.count(Hold.id))) == (1 if act in ("approve", "change") else 0)


def test_who_asked_may_move_to_what_is_proposed_by_themselves(shared):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    service.change(booking.id, shared.member, ELSEWHEN, 1)
    assert (booking.span, proposal.state) == (ELSEWHEN, "withdrawn")


def test_what_is_proposed_does_not_stand_in_the_way_of_what_was_asked(session, frozen):
    world = World(holds_request=False)
    booking = world.ask()
    proposal = service.propose(booking.id, world.manager, offer(world, LATER))
    service.approve(booking.id, world.manager)
    assert (booking.decision, booking.span, proposal.state) == ("approved", world.slot, "withdrawn")
    assert is_free(world.kitchen, span("2026-10-06 12:00", "2026-10-06 13:00"))


def test_the_coordination_mediates_and_the_place_still_answers(shared):
    elsewhere = a_resource(a_site(an_organisation(shared.territory), hours="24/7"), name="Autre cuisine")
    person = a_coordinator(shared.territory)
    coordinator = Actor(person_id=person.id, coordinated=frozenset({shared.territory.id}))
    booking = shared.ask()
    proposal = service.propose(booking.id, coordinator, offer(shared, shared.slot, elsewhere))
    service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert (booking.resource_id, booking.decision) == (elsewhere.id, "pending")
    assert booking.expires_at is not None
    assert is_free(shared.kitchen, shared.slot)
    assert not is_free(elsewhere, shared.slot)


@pytest.mark.parametrize("absences, decision", [(0, "approved"), (3, "pending")])
def test_a_place_that_books_at_once_does_so_for_what_the_coordination_proposes(
    shared, monkeypatch, browser, absences, decision
):
    elsewhere = a_resource(
        a_site(an_organisation(shared.territory), hours="24/7"), name="Autre cuisine", approval="auto"
    )
    monkeypatch.setattr("app.bookings.conduct.absences_of", lambda _organisation_id: absences)
    person = a_coordinator(shared.territory)
    coordinator = Actor(person_id=person.id, coordinated=frozenset({shared.territory.id}))
    booking = shared.ask()
    proposal = service.propose(booking.id, coordinator, offer(shared, shared.slot, elsewhere))
    asker = browser(shared.person)
    page = asker.get(f"/reservations/{booking.ref}").get_data(as_text=True)
    assert ("it is yours" in page) is (decision == "approved")
    assert ("then still has to answer" in page) is (decision == "pending")
    asker.post(f"/reservations/{booking.ref}/proposition/accepter", data={"proposition": proposal.ref})
    db.session.expire_all()
    assert (booking.resource_id, booking.decision) == (elsewhere.id, decision)
    assert (booking.expires_at is None) is (decision == "approved")
    assert (booking.decided_by_id, booking.decided_at is None) == (None, decision == "pending")
    assert not is_free(elsewhere, shared.slot)


def test_a_place_that_keeps_no_request_keeps_the_proposal(session, frozen):
    world = World(holds_request=False)
    booking = world.ask()
    proposal = service.propose(booking.id, world.manager, offer(world))
    assert is_free(world.kitchen, world.slot)
    assert not is_free(world.kitchen, ELSEWHEN)
    service.accept_proposal(booking.id, proposal.ref, world.member)
    assert (booking.decision, is_free(world.kitchen, ELSEWHEN)) == ("approved", False)


def test_nobody_comes_to_a_place_that_closed_meanwhile(shared):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    close(Subject.of(shared.kitchen), ELSEWHEN, "Ménage", shared.manager)
    with pytest.raises(SlotRefused):
        service.accept_proposal(booking.id, proposal.ref, shared.member)
    assert (booking.decision, booking.span) == ("pending", shared.slot)


def test_what_cannot_be_proposed(shared):
    stranger = a_resource(a_site(an_organisation(shared.territory)), name="Autre cuisine")
    far = a_resource(a_site(an_organisation(a_territory())))
    booking, other = shared.ask(), shared.ask(ELSEWHEN)
    refusals = [
        (offer(shared, shared.slot), NothingChanged),
        (offer(shared), SlotRefused),  # the other request has it
        (offer(shared, span("2026-10-06 23:00", "2026-10-07 01:00")), SlotRefused),
        (offer(shared, LATER, stranger), NotYourPlace),
        (offer(shared, LATER, far), NotFound),
    ]
    for what, error in refusals:
        with pytest.raises(error):
            service.propose(booking.id, shared.manager, what)
    with pytest.raises(Forbidden):
        service.propose(booking.id, shared.member, offer(shared, LATER))
    service.approve(other.id, shared.manager)
    with pytest.raises(IllegalMove):
        service.propose(other.id, shared.manager, offer(shared, LATER))
    service.propose(booking.id, shared.manager, offer(shared, LATER))
    with pytest.raises(ProposalWaits):
        service.propose(
            booking.id, shared.manager, offer(shared, span("2026-10-09 09:00", "2026-10-09 12:00"))
        )


def test_another_proposal_takes_the_place_of_the_one_that_waits(shared):
    booking, other = shared.ask(), a_resource(shared.site, name="Annexe")
    first = service.propose(booking.id, shared.manager, offer(shared))
    there = offer(shared, ELSEWHEN, other)
    with pytest.raises(ProposalWaits):
        service.propose(booking.id, shared.manager, replace(there, instead_of="NOSUCHREF"))
    second = service.propose(booking.id, shared.manager, replace(there, instead_of=first.ref))
    assert (first.state, first.hold_id, second.state) == ("withdrawn", None, "open")
    assert is_free(shared.kitchen, ELSEWHEN)
    assert not is_free(other, ELSEWHEN)
    assert (booking.decision, booking.expires_at) == ("pending", None)
    assert [line.act for line in history("booking", booking.id)][-2:] == ["proposal_replaced", "proposed"]
    with pytest.raises(IllegalMove):
        service.accept_proposal(booking.id, first.ref, shared.member)
    assert service.accept_proposal(booking.id, second.ref, shared.member).resource_id == other.id


def test_what_cannot_replace_a_proposal_leaves_it_as_it_was(shared):
    booking = shared.ask()
    first = service.propose(booking.id, shared.manager, offer(shared))
    shared.ask(span("2026-10-09 09:00", "2026-10-09 12:00"))
    taken_slot = offer(shared, span("2026-10-09 10:00", "2026-10-09 13:00"))
    with pytest.raises(SlotRefused):
        service.propose(booking.id, shared.manager, replace(taken_slot, instead_of=first.ref))
    db.session.refresh(first)
    assert first.state == "open"
    assert not is_free(shared.kitchen, ELSEWHEN)
    later = offer(shared, span("2026-10-08 10:00", "2026-10-08 13:00"))  # overlaps what it replaces
    assert service.propose(booking.id, shared.manager, replace(later, instead_of=first.ref)).state == "open"


def test_only_who_asked_answers_and_a_withdrawal_says_why(shared):
    booking = shared.ask()
    proposal = service.propose(booking.id, shared.manager, offer(shared))
    for act in (service.accept_proposal, service.decline_proposal):
        with pytest.raises(Forbidden):
            act(booking.id, proposal.ref, shared.manager)
    with pytest.raises(ReasonMissing):
        service.withdraw_proposal(booking.id, proposal.ref, shared.manager, " ")
    with pytest.raises(IllegalMove):
        service.accept_proposal(booking.id, "NOSUCHREF", shared.member)


def test_the_manager_may_propose_within_the_notice_they_ask_of_others(session, frozen):
    world = World(min_notice_minutes=60 * 24 * 7)
    booking = world.ask()
    soon = span("2026-09-02 09:00", "2026-09-02 12:00")
    proposal = service.propose(booking.id, world.manager, offer(world, soon))
    assert proposal.expires_at == soon.start


def test_a_date_of_a_series_stays_at_its_place(shared):
    annex = a_resource(shared.site)
    rule = Rule(Frequency.WEEKLY, at("2026-10-06 09:00").date(), weekdays=(1,), times=3)
    wanted = service.SeriesRequest(
        shared.kitchen.id, shared.association.id, rule, Hours(540, 720, "Europe/Paris"), 1, "Soupes"
    )
    series = service.ask_series(wanted, shared.member, uid_host="mutualim.test")
    first = db.session.scalars(
        select(Booking).filter_by(series_id=series.id).order_by(Booking.start_at)
    ).first()
    assert first
    with pytest.raises(SeriesPlaceFixed):
        service.propose(first.id, shared.manager, offer(shared, LATER, annex))
    proposal = service.propose(first.id, shared.manager, offer(shared, ELSEWHEN))
    service.approve_series(series.id, shared.manager)  # the dates as they were asked for
    assert (proposal.state, first.span) == ("withdrawn", shared.slot)


def test_moves_of_a_proposal():
    assert PROPOSAL.acts("open") == ("accept", "decline", "lapse", "withdraw")
    assert all(not PROPOSAL.acts(end) for end in ("accepted", "declined", "lapsed", "withdrawn"))


@pytest.mark.parametrize(
    "now, slot, until",
    [
        ("2026-09-01 10:00", ("2026-10-06 09:00", "2026-10-06 12:00"), "2026-09-04 10:00"),
        ("2026-10-05 10:00", ("2026-10-06 09:00", "2026-10-06 12:00"), "2026-10-06 09:00"),
        (
            "2026-10-06 10:00",
            ("2026-10-06 00:00", "2026-10-07 00:00"),
            "2026-10-07 00:00",
        ),  # a whole day, today
        (
            "2026-10-05 10:00",
            ("2026-10-20 09:00", "2026-10-20 12:00"),
            "2026-10-07 00:00",
        ),  # asked for until then
    ],
)
def test_how_long_a_proposal_waits(now, slot, until):
    found: datetime = expiry_of_proposal(at(now), span(*slot), 72, at("2026-10-07 00:00"))
    assert found == at(until)
