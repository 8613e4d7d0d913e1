"""Several resources in one request: all or nothing, each leg its own manager, a lost leg replaced or let go."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts.events import AccountErased, OrganisationArchived
from app.accounts.queries import reader_of
from app.availability.errors import SlotRefused
from app.availability.models import Claim, Hold
from app.bookings import service
from app.bookings.errors import (
    AnswerTooLate,
    BadNumberOfLegs,
    KeyReused,
    LegNotToFix,
    LegReplaced,
    LegsRefused,
    LegTaken,
    NoLegWaits,
    NotYourOrganisation,
)
from app.bookings.models import Booking, Bundle
from app.bookings.rules import BundleState, bundle_state
from app.bookings.service import BundleRequest, Leg
from app.core import clock
from app.core.errors import Forbidden
from app.core.policy import Actor
from app.core.span import Span
from app.infra.audit import history
from app.infra.db import db
from app.infra.events import emit
from app.infra.uow import atomic
from tests.bookings.pages import World, text_of
from tests.factories import a_manager, a_member, a_resource, a_site, an_organisation, span

HOST = {"uid_host": "mutualim.test"}


class Valley(World):
    """The small territory with a second place, a garage with a van, whose manager is somebody else."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.garage_owner = an_organisation(self.territory, name="Garage solidaire")
        self.garage = a_site(self.garage_owner, hours="Mo-Sa 06:00-22:00; PH off", name="Le garage")
        self.van = a_resource(self.garage, name="Fourgon frigorifique", kind="vehicle", answer_hours=24)
        self.store = self.cold_room()
        self.driver_person = a_manager(self.garage, name="Yann Le Bris")
        self.driver = Actor(person_id=self.driver_person.id, managed_sites=frozenset({self.garage.id}))
        self.days = span("2026-10-06 00:00", "2026-10-08 00:00")

    @property
    def chain(self) -> tuple[Leg, ...]:
        morning = span("2026-10-06 07:00", "2026-10-06 09:00")
        return Leg(self.van.id, morning), Leg(self.store.id, self.days, 2), Leg(self.kitchen.id, self.slot)

    def bundle(self, legs: tuple[Leg, ...] | None = None, actor: Actor | None = None, **facts: Any) -> Bundle:
        given: dict[str, Any] = {"purpose": "Courgettes à transformer"} | facts
        wanted = BundleRequest(self.association.id, legs or self.chain, **given)
        return service.ask_bundle(wanted, actor or self.member, **HOST)


@pytest.fixture
def valley(session, frozen):
    return Valley()


def of(bundle):
    found = select(Booking).filter_by(bundle_id=bundle.id).order_by(Booking.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def decisions(bundle):
    return [leg.decision for leg in of(bundle)]


def state(bundle):
    wanted = [leg for leg in of(bundle) if leg.leg_number is not None]
    return bundle_state((leg.decision, leg.end_at <= clock.now()) for leg in wanted)


def claims():
    return db.session.scalar(select(func.count()).select_from(Claim))


@pytest.mark.parametrize(
    "legs, expected",
    [
        ([("pending", False), ("approved", False)], "waiting"),
        ([("approved", False), ("approved", True)], "accepted"),
        ([("pending", False), ("refused", False)], "to_fix"),
        ([("approved", False), ("expired", False)], "to_fix"),
        ([("approved", False), ("cancelled", False)], "to_fix"),
        ([("approved", False), ("refused", True)], "accepted"),  # its day is over: nothing can replace it
        ([("approved", True), ("refused", True)], "over"),
        ([], "given_up"),
    ],
)
def test_where_a_bundle_stands_is_read_from_its_legs(legs, expected):
    assert bundle_state(legs) == BundleState(expected)


def test_every_leg_is_a_booking_of_its_own(valley):
    bundle = valley.bundle(people=8, message="Bonjour")
    van, store, kitchen = of(bundle)
    assert [leg.leg_number for leg in (van, store, kitchen)] == [1, 2, 3]
    assert (van.resource_id, store.quantity, kitchen.span) == (valley.van.id, 2, valley.slot)
    assert {leg.purpose for leg in of(bundle)} == {"Courgettes à transformer"}
    assert len({leg.uid for leg in of(bundle)}) == 3
    assert {leg.expires_at for leg in of(bundle)} == {clock.now() + timedelta(hours=48)}
    assert (claims(), state(bundle)) == (3, "waiting")
    assert [line.act for line in history("bundle", bundle.id)] == ["requested"]


def test_all_or_nothing_and_every_reason_is_told_by_leg(valley):
    valley.ask()
    early = Leg(valley.van.id, span("2026-10-06 04:00", "2026-10-06 05:00"))
    with pytest.raises(LegsRefused) as refused:
        valley.bundle((early, *valley.chain[1:]))
    assert {number: why[0].code for number, why in refused.value.refusals.items()} == {
        0: "outside_hours",
        2: "taken",
    }
    assert db.session.scalar(select(func.count()).select_from(Bundle)) == 0
    assert claims() == 1


def test_legs_of_one_resource_count_for_one_another(valley):
    later = Leg(valley.kitchen.id, Span(valley.slot.start + timedelta(hours=1), valley.slot.end))
    with pytest.raises(LegsRefused) as refused:
        valley.bundle((*valley.chain, later))
    assert set(refused.value.refusals) == {3}


@pytest.mark.parametrize("number", [0, 1, 9])
def test_a_bundle_has_two_to_eight_legs(valley, number):
    wanted = BundleRequest(valley.association.id, (Leg(valley.store.id, valley.days),) * number, "Courgettes")
    with pytest.raises(BadNumberOfLegs):
        service.ask_bundle(wanted, valley.member, **HOST)


def test_asked_twice_with_the_same_key_it_is_made_once(valley):
    first = valley.bundle(key="k" * 20)
    assert valley.bundle(key="k" * 20).id == first.id
    assert len(of(first)) == 3
    with pytest.raises(KeyReused):
        valley.bundle(key="k" * 20, purpose="Autre chose")


def test_nobody_asks_for_others(valley):
    with pytest.raises(Forbidden):
        valley.bundle(actor=Actor())
    other = an_organisation(valley.territory)
    stranger = Actor(person_id=a_member(other).id, memberships={other.id: "member"})
    with pytest.raises(NotYourOrganisation):
        valley.bundle(actor=stranger)


def test_each_manager_answers_their_own_legs_in_one_act(valley):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.manager, "Bienvenue")
    assert decisions(bundle) == ["pending", "approved", "approved"]
    assert state(bundle) == "waiting"
    with pytest.raises(NoLegWaits):
        service.approve_legs(bundle.id, valley.manager)
    with pytest.raises(NoLegWaits):
        service.refuse_legs(bundle.id, valley.member, "Non")
    service.approve_legs(bundle.id, valley.driver)
    assert state(bundle) == "accepted"
    assert len(history("booking", of(bundle)[1].id)) == 2


def test_what_needs_no_answer_is_accepted_at_once_and_the_rest_waits(session, frozen):
    valley = Valley(approval="auto")
    bundle = valley.bundle()
    assert decisions(bundle) == ["pending", "pending", "approved"]
    assert state(bundle) == "waiting"


def test_a_yes_to_several_is_all_or_none_where_nothing_is_kept(session, frozen):
    valley = Valley(holds_request=False)
    bundle = valley.bundle()
    rival = valley.ask()
    service.approve(rival.id, valley.manager)
    with pytest.raises(LegTaken) as taken:
        service.approve_legs(bundle.id, valley.manager)
    assert taken.value.facts["name"] == "Cuisine partagée"
    db.session.expire_all()
    assert decisions(bundle) == ["pending", "pending", "pending"]


def test_one_refusal_keeps_the_rest_and_asks_for_something_else(valley):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.driver)
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    assert decisions(bundle) == ["approved", "pending", "refused"]
    assert (state(bundle), claims()) == ("to_fix", 2)
    other = a_resource(valley.site, name="Cuisine du bas")
    leg = service.replace_leg(of(bundle)[2].id, Leg(other.id, valley.slot), valley.member, **HOST)
    assert (leg.bundle_id, leg.leg_number, leg.decision) == (bundle.id, 3, "pending")
    assert leg.purpose == "Courgettes à transformer"
    assert (of(bundle)[2].leg_number, state(bundle), claims()) == (None, "waiting", 3)
    assert [line.act for line in history("booking", of(bundle)[2].id)] == ["requested", "refused", "replaced"]


def test_a_leg_is_replaced_once_and_only_by_who_asked(valley):
    bundle = valley.bundle()
    lost = of(bundle)[2]
    other = Leg(a_resource(valley.site).id, valley.slot)
    with pytest.raises(LegNotToFix):
        service.replace_leg(lost.id, other, valley.member, **HOST)
    service.refuse(lost.id, valley.manager, "Travaux")
    with pytest.raises(Forbidden):
        service.replace_leg(lost.id, other, valley.manager, **HOST)
    service.replace_leg(lost.id, other, valley.member, **HOST)
    with pytest.raises(LegNotToFix):
        service.replace_leg(lost.id, other, valley.member, **HOST)
    with pytest.raises(LegReplaced):
        service.undo(lost.id, valley.manager)


def test_a_replacement_that_cannot_be_had_changes_nothing(valley):
    bundle = valley.bundle()
    lost = of(bundle)[2]
    service.refuse(lost.id, valley.manager, "Travaux")
    valley.ask()
    with pytest.raises(SlotRefused):
        service.replace_leg(lost.id, Leg(valley.kitchen.id, valley.slot), valley.member, **HOST)
    db.session.expire_all()
    assert (of(bundle)[2].leg_number, state(bundle)) == (3, "to_fix")


def test_a_lost_leg_is_let_go_and_the_others_go_on(valley):
    bundle = valley.bundle()
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    service.let_leg_go(of(bundle)[2].id, valley.member)
    assert state(bundle) == "waiting"
    with pytest.raises(LegNotToFix):
        service.let_leg_go(of(bundle)[2].id, valley.member)


def test_a_leg_given_up_by_who_asked_is_wanted_no_more_but_one_cancelled_by_its_manager_is(valley):
    bundle = valley.bundle()
    service.cancel(of(bundle)[0].id, valley.member, "Nous avons un camion")
    assert (of(bundle)[0].leg_number, state(bundle)) == (None, "waiting")
    service.approve_legs(bundle.id, valley.manager)
    service.cancel(of(bundle)[1].id, valley.manager, "Panne de froid")
    assert (of(bundle)[1].leg_number, state(bundle)) == (2, "to_fix")


def test_giving_all_up_is_one_act_with_a_reason(valley):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.driver)
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    with pytest.raises(Forbidden):
        service.cancel_bundle(bundle.id, valley.manager, "Non")
    service.cancel_bundle(bundle.id, valley.member, "La récolte est perdue")
    assert decisions(bundle) == ["cancelled", "cancelled", "refused"]
    assert (state(bundle), claims()) == ("given_up", 0)
    assert of(bundle)[0].reason == "La récolte est perdue"
    with pytest.raises(NoLegWaits):
        service.cancel_bundle(bundle.id, valley.member, "Encore")


@pytest.mark.scenario(number="S12")
def test_unanswered_legs_end_together_and_what_is_accepted_stays(valley, frozen):
    bundle = valley.bundle()
    service.approve(of(bundle)[1].id, valley.manager)
    frozen.move_to(of(bundle)[0].expires_at - timedelta(minutes=1))
    service.expire_due()
    assert decisions(bundle) == ["pending", "approved", "pending"]
    frozen.move_to(of(bundle)[0].expires_at)
    service.expire_due()
    assert decisions(bundle) == ["expired", "approved", "expired"]
    assert (state(bundle), claims()) == ("to_fix", 1)


def ends(bundle):
    """Tell in how many hours the legs that wait end, each moment once; their holds must say the same."""
    waiting = [leg for leg in of(bundle) if leg.expires_at and leg.decision == "pending"]
    kept = db.session.scalars(select(Hold.expires_at).where(Hold.id.in_([leg.hold_id for leg in waiting])))
    moments = {leg.expires_at for leg in waiting}
    assert set(kept) == {int(at.timestamp()) for at in moments}
    return {(at - clock.now()) / timedelta(hours=1) for at in moments}


def test_no_leg_waits_longer_than_the_first_can(valley):
    soon = Leg(valley.van.id, span("2026-09-02 18:00", "2026-09-02 20:00"))  # in 32 hours
    assert ends(valley.bundle((soon, *valley.chain[1:]))) == {32}


def test_two_people_have_to_agree_before_the_last_two_days(session, frozen):
    valley = Valley(approval="two_step")
    near = Leg(valley.kitchen.id, span("2026-09-04 10:00", "2026-09-04 12:00"))  # in 72 hours
    assert ends(valley.bundle((*valley.chain[:2], near))) == {24}


def test_what_replaces_a_leg_gives_all_that_wait_their_time_anew(valley, frozen):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.driver)
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    frozen.tick(hours=47)
    assert ends(bundle) == {1}
    other = a_resource(valley.site, name="Cuisine du bas")
    service.replace_leg(of(bundle)[2].id, Leg(other.id, valley.slot), valley.member, **HOST)
    assert ends(bundle) == {48}
    assert of(bundle)[0].decision == "approved"


def test_what_is_over_already_is_not_brought_back_by_a_replacement(valley, frozen):
    bundle = valley.bundle()
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    frozen.tick(hours=48)
    other = a_resource(valley.site, name="Cuisine du bas")
    service.replace_leg(of(bundle)[2].id, Leg(other.id, valley.slot), valley.member, **HOST)
    service.expire_due()
    assert decisions(bundle) == ["expired", "expired", "refused", "pending"]


def test_moving_a_leg_keeps_the_other_places_no_longer(valley, frozen):
    bundle = valley.bundle()
    frozen.tick(hours=40)
    service.change(of(bundle)[2].id, valley.member, span("2026-10-06 14:00", "2026-10-06 16:00"), 1)
    assert ends(bundle) == {8}
    service.change(of(bundle)[2].id, valley.member, span("2026-09-03 08:00", "2026-09-03 09:00"), 1)
    assert ends(bundle) == {6}  # it begins sooner now: the others end with it
    service.approve_legs(bundle.id, valley.driver)
    service.undo(of(bundle)[0].id, valley.driver)
    assert ends(bundle) == {6}


def test_a_leg_that_waits_again_alone_has_its_time_anew(valley, frozen):
    bundle = valley.bundle()
    for manager in (valley.driver, valley.manager):
        service.approve_legs(bundle.id, manager)
    frozen.tick(hours=47)
    service.change(of(bundle)[2].id, valley.member, span("2026-10-06 14:00", "2026-10-06 16:00"), 1)
    assert ends(bundle) == {48}


def test_while_something_is_proposed_for_a_leg_the_others_go_on_waiting(valley, frozen):
    bundle = valley.bundle()
    kitchen = of(bundle)[2]
    offer = service.Offer(valley.kitchen.id, span("2026-10-06 14:00", "2026-10-06 16:00"), 1)
    proposal = service.propose(kitchen.id, valley.manager, offer)
    frozen.tick(hours=10)
    assert of(bundle)[2].expires_at is None
    assert ends(bundle) == {38}
    assert proposal.expires_at == of(bundle)[0].expires_at
    service.decline_proposal(kitchen.id, proposal.ref, valley.member)
    assert ends(bundle) == {38}
    assert of(bundle)[2].expires_at == of(bundle)[0].expires_at


def test_one_place_is_not_asked_for_twice_where_a_request_keeps_nothing(session, frozen):
    valley = Valley(arbitration_hours=24)
    twice = (Leg(valley.kitchen.id, valley.slot), Leg(valley.kitchen.id, valley.slot))
    with pytest.raises(LegsRefused) as refused:
        valley.bundle(twice)
    assert [*refused.value.refusals] == [1]
    apart = (
        Leg(valley.kitchen.id, valley.slot),
        Leg(valley.kitchen.id, span("2026-10-06 14:00", "2026-10-06 16:00")),
    )
    assert [leg.hold_id for leg in valley.bundle(apart).legs] == [None, None]


LATER = span("2026-10-06 14:00", "2026-10-06 16:00")


def test_nothing_is_proposed_once_the_time_of_all_is_over(valley, frozen):
    bundle = valley.bundle()
    legs = of(bundle)
    frozen.move_to(legs[0].expires_at + timedelta(seconds=30))  # before the job has come
    with pytest.raises(AnswerTooLate):
        service.propose(legs[2].id, valley.manager, service.Offer(valley.kitchen.id, LATER, 1))
    service.expire_due()
    assert {leg.decision for leg in legs} == {"expired"}


def proposes(valley, bundle, slot=LATER, message="", instead_of=""):
    offer = service.Offer(valley.kitchen.id, slot, 1, message, instead_of)
    return service.propose(of(bundle)[2].id, valley.manager, offer)


def test_a_proposal_gives_all_that_wait_their_time_anew_and_one_that_replaces_it_no_more(valley, frozen):
    bundle = valley.bundle()
    frozen.tick(hours=47)
    first = proposes(valley, bundle)
    assert ends(bundle) == {48}
    assert first.expires_at == of(bundle)[0].expires_at
    frozen.tick(hours=40)
    other = span("2026-10-06 16:00", "2026-10-06 18:00")
    second = proposes(valley, bundle, other, instead_of=first.ref)
    assert ends(bundle) == {8}
    assert second.expires_at == of(bundle)[0].expires_at


def test_a_proposal_that_begins_sooner_leaves_the_others_their_time(valley, frozen):
    bundle = valley.bundle()
    proposal = proposes(valley, bundle, span("2026-09-02 08:00", "2026-09-02 10:00"))
    assert proposal.expires_at == proposal.start_at
    assert ends(bundle) == {48}
    frozen.move_to(proposal.expires_at)
    service.sweep_proposals()
    assert (proposal.state, of(bundle)[2].expires_at) == ("lapsed", of(bundle)[0].expires_at)


@pytest.mark.parametrize("first", ["sweep_proposals", "expire_due"])
def test_what_is_proposed_ends_with_the_whole_and_its_leg_too(valley, frozen, first):
    bundle = valley.bundle()
    proposal = proposes(valley, bundle)
    frozen.move_to(proposal.expires_at)
    for act in (first, "expire_due", "sweep_proposals"):
        getattr(service, act)()
    assert decisions(bundle) == ["expired"] * 3
    assert (proposal.state, proposal.hold_id) == ("lapsed", None)


def test_a_proposal_that_alone_still_waits_lapses_and_the_place_answers_what_was_asked_for(valley, frozen):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.driver)
    service.approve(of(bundle)[1].id, valley.manager)
    proposal = proposes(valley, bundle)
    frozen.move_to(proposal.expires_at)
    service.expire_due()
    service.sweep_proposals()
    assert decisions(bundle) == ["approved", "approved", "pending"]
    assert ends(bundle) == {48}


def test_what_replaces_a_leg_gives_what_is_proposed_its_time_anew(valley, frozen):
    bundle = valley.bundle()
    proposal = proposes(valley, bundle)
    service.refuse(of(bundle)[0].id, valley.driver, "En panne")
    frozen.tick(hours=40)
    van = a_resource(valley.site, name="Camionnette", kind="vehicle")
    service.replace_leg(of(bundle)[0].id, Leg(van.id, valley.slot), valley.member, **HOST)
    assert ends(bundle) == {48}
    assert proposal.expires_at == of(bundle)[1].expires_at


def test_both_pages_name_the_same_moment(valley, browser):
    bundle = valley.bundle()
    proposes(valley, bundle)
    whole = text_of(browser(valley.person).get(f"/demandes/{bundle.ref}"))
    leg = text_of(browser(valley.person).get(f"/reservations/{of(bundle)[2].ref}"))
    said = re.search("Accept it before (.+): what still waits of the whole request then ends", leg)
    assert said is not None
    assert f"All answers are due before {said[1]}: what waits then ends" in whole


def test_a_leg_is_changed_alone(valley):
    bundle = valley.bundle()
    service.approve_legs(bundle.id, valley.manager)
    later = span("2026-10-06 14:00", "2026-10-06 16:00")
    service.change(of(bundle)[2].id, valley.member, later, 1)
    assert decisions(bundle) == ["pending", "approved", "pending"]
    assert state(bundle) == "waiting"


@pytest.mark.parametrize("inherited", [True, False])
def test_a_bundle_follows_its_heir_or_ends_with_whoever_leaves(valley, inherited):
    bundle = valley.bundle()
    heirs = {valley.association.id: valley.boss.id if inherited else None}
    with atomic():
        emit(
            AccountErased(
                reader_of(valley.person), valley.person.id, "asked", "Départ", heirs, messages_too=False
            )
        )
    assert bundle.requester_id == (valley.boss if inherited else valley.person).id
    assert state(bundle) == ("waiting" if inherited else "given_up")


def test_a_bundle_of_an_organisation_that_leaves_is_given_up(valley):
    bundle, name = valley.bundle(), valley.association.name
    service.refuse(of(bundle)[2].id, valley.manager, "Travaux")
    facts = (valley.association.id, name, "x", bundle.territory_id, "Dissoute", valley.member)
    emit(OrganisationArchived(*facts, by_itself=True, to=()))
    assert decisions(bundle) == ["cancelled", "cancelled", "refused"]
    assert state(bundle) == "given_up"
