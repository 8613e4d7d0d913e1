"""Deciding in somebody's place, from one day to another, written down as such (scenario S35)."""

from typing import Any

import pytest

from app.accounts import queries as accounts
from app.accounts import service
from app.accounts.errors import BadDelegation, DeputyUnknown
from app.accounts.models import Delegation, Role
from app.accounts.queries import load_actor
from app.accounts.service.roles import Scope
from app.bookings import queries
from app.bookings import service as bookings
from app.bookings.errors import AlreadyAgreed, FunctionGiven
from app.bookings.links import Verdict, decide_by_link
from app.core.errors import Forbidden
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from tests.bookings.pages import World as Shared
from tests.bookings.pages import text_of
from tests.bookings.test_two_step import World as TwoStep
from tests.factories import (
    a_coordinator,
    a_manager,
    a_member,
    a_person,
    a_resource,
    a_site,
    an_organisation,
    at,
    span,
)

OCTOBER = span("2026-10-01 00:00", "2026-10-16 00:00")  # 1 to 15 October, both included


class World(Shared):
    """Anne manages the kitchen; Camille coordinates the territory."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(horizon_days=400, answer_hours=24 * 60, **facts)
        self.camille = a_coordinator(self.territory, name="Camille Guérin")
        self.scope = scope_of(self.site)
        self.slot = span("2026-11-03 09:00", "2026-11-03 12:00")

    def delegate(self, days=OCTOBER):
        return service.delegate(load_actor(self.manager_person.id), self.scope, self.camille.id, days)

    def deputy(self):
        return load_actor(self.camille.id)


def scope_of(site):
    return Scope(site.territory_id, site.id, site.owner_id)


@pytest.fixture
def world(session, frozen):
    return World()


@pytest.mark.scenario(number="S35")
@pytest.mark.parametrize(
    ("when", "may"),
    [
        ("2026-09-30 23:59", False),
        ("2026-10-01 00:00", True),
        ("2026-10-10 12:00", True),
        ("2026-10-15 23:59", True),
        ("2026-10-16 00:00", False),
        ("2026-10-16 09:00", False),
    ],
)
def test_the_coordination_decides_from_the_first_day_to_the_last(world, frozen, when, may):
    booking = world.ask()
    world.delegate()
    frozen.move_to(at(when))
    assert len(queries.waiting_for(world.deputy())) == queries.count_waiting_for(world.deputy()) == int(may)
    if not may:
        with pytest.raises(Forbidden):
            bookings.approve(booking.id, world.deputy())
        return
    bookings.approve(booking.id, world.deputy())
    assert (booking.decision, booking.decided_by_id, booking.decided_for_id) == (
        "approved", world.camille.id, world.manager_person.id,
    )  # fmt: skip
    assert history("booking", booking.id)[-1].facts["delegated_by"] == world.manager_person.id


@pytest.mark.scenario(number="S35")
def test_every_trace_says_by_delegation(world, frozen, browser):
    booking = world.ask()
    world.delegate()
    frozen.move_to(at("2026-10-10 12:00"))
    client = browser(world.camille)
    assert "To handle" in text_of(client.get("/moi"))
    assert "You answer by delegation of Anne Le Goff." in text_of(client.get("/a-traiter"))
    page = text_of(client.post(f"/reservations/{booking.ref}/accepter", follow_redirects=True))
    assert "Camille Guérin, by delegation of Anne Le Goff" in page
    inbox = text_of(browser(world.manager_person).get("/a-traiter"))
    assert "Decided by Camille Guérin, by delegation of Anne Le Goff" in inbox
    client.post(f"/reservations/{booking.ref}/retablir")
    assert (booking.decision, booking.decided_for_id) == ("pending", None)
    undone = history("booking", booking.id)[-1]
    assert (undone.act, undone.facts["delegated_by"]) == ("decision_undone", world.manager_person.id)
    bookings.refuse(booking.id, world.deputy(), "Travaux")
    assert booking.decided_for_id == world.manager_person.id


def test_a_link_decides_on_the_days_of_the_delegation_only(world, frozen):
    booking = world.ask()
    world.delegate()
    frozen.move_to(at("2026-10-15 20:00"))
    early = bookings.open_decision_link(booking.id, world.camille.id)
    frozen.move_to(at("2026-10-16 08:00"))
    with pytest.raises(Forbidden):
        decide_by_link(early, Verdict.APPROVE)
    frozen.move_to(at("2026-10-15 21:00"))
    decide_by_link(early, Verdict.APPROVE)
    assert booking.decided_for_id == world.manager_person.id


def test_one_who_manages_and_stands_in_decides_as_manager(world, frozen):
    other = a_manager(world.site)
    service.delegate(load_actor(world.manager_person.id), world.scope, other.id, OCTOBER)
    booking = world.ask()
    frozen.move_to(at("2026-10-10 12:00"))
    bookings.approve(booking.id, load_actor(other.id))
    assert booking.decided_for_id is None


def test_it_counts_only_while_its_giver_answers_for_the_place(world, frozen):
    world.delegate()
    boss = a_member(world.owner, role=Role.ORG_ADMIN)
    service.delegate(load_actor(boss.id), world.scope, world.camille.id, OCTOBER)
    frozen.move_to(at("2026-10-10 12:00"))
    assert world.deputy().delegations == {world.site.id: (world.manager_person.id, boss.id)}
    with atomic():
        world.manager_person.disabled_at = frozen.now
    assert world.deputy().delegations == {world.site.id: (boss.id,)}
    with atomic():
        membership = accounts.find_membership(boss.id, world.owner.id)
        assert membership is not None
        membership.role = Role.MEMBER
    assert world.deputy().delegations == {}


def test_it_is_ended_early(world, frozen):
    given = world.delegate()
    frozen.move_to(at("2026-10-10 12:00"))
    assert world.deputy().delegations
    for outsider in (world.person, a_manager(a_site(an_organisation(world.territory)))):
        with pytest.raises(Forbidden):
            service.end_delegation(load_actor(outsider.id), world.scope, given.public_id)
    service.end_delegation(load_actor(world.manager_person.id), world.scope, given.public_id)
    assert world.deputy().delegations == {}
    assert [line.act for line in history("site", world.site.id)] == ["delegated", "delegation_ended"]


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (span("2026-08-01 00:00", "2026-09-01 00:00"), "over"),
        (span("2026-10-01 00:00", "2027-10-03 00:00"), "too_long"),
    ],
)
def test_days_that_cannot_be_are_refused(world, days, reason):
    with pytest.raises(BadDelegation) as refused:
        world.delegate(days)
    assert refused.value.facts["reason"] == reason


def test_a_deputy_cannot_pass_it_on_and_nobody_delegates_to_themselves(world, frozen):
    world.delegate()
    frozen.move_to(at("2026-10-10 12:00"))
    with pytest.raises(Forbidden):
        service.delegate(world.deputy(), world.scope, world.person.id, OCTOBER)
    anne = load_actor(world.manager_person.id)
    with pytest.raises(BadDelegation):
        service.delegate(anne, world.scope, world.manager_person.id, OCTOBER)


def test_whom_one_may_name(world):
    anne = load_actor(world.manager_person.id)
    near = (world.camille, a_member(world.owner), a_manager(world.site))
    for person in near:
        assert service.deputy_for(anne, world.scope, person.email).id == person.id
    for email in (a_person().email, world.person.email, "nobody@exemple.org"):
        with pytest.raises(DeputyUnknown):
            service.deputy_for(anne, world.scope, email)


def test_it_is_among_ones_own_data(world):
    world.delegate()
    assert accounts.own_data(world.camille.id)["delegations"][0]["given_by_me"] is False


# -- pages --------------------------------------------------------------------------------------------------


def test_a_manager_delegates_on_a_page(world, browser):
    client, url = browser(world.manager_person), f"/lieux/{world.site.slug}/delegations"
    assert "Nobody decides by delegation" in text_of(client.get(url))
    sent = {"email": world.camille.email, "first": "2026-10-01", "last": "2026-10-15"}
    page = text_of(client.post(url, data=sent, follow_redirects=True))
    assert "Camille Guérin decides in your place" in page
    assert "In the place of Anne Le Goff" in page
    given = db.session.query(Delegation).one()
    assert (given.start_at, given.end_at) == (OCTOBER.start, OCTOBER.end)
    assert "Let somebody decide in my place" not in text_of(browser(world.camille).get(url))
    page = text_of(client.post(f"{url}/{given.public_id}/fin", follow_redirects=True))
    assert "The delegation is ended" in page
    assert "See 1 delegation that is over" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "nobody@exemple.org"}, "is not the address of a member of the owner"),
        ({"email": ""}, "Type an e-mail address."),
        ({"first": "2026-02-31"}, "This is no date."),
        ({"last": "2026-09-30"}, "The last day comes before the first."),
        ({"first": "2026-07-01", "last": "2026-07-02"}, "These days are over."),
        ({"last": "2028-10-15"}, "lasts a year at most"),
    ],
)
def test_what_cannot_be_is_said_and_kept(world, browser, change, said):
    sent = {"email": world.camille.email, "first": "2026-10-01", "last": "2026-10-15"} | change
    url = f"/lieux/{world.site.slug}/delegations"
    answer = browser(world.manager_person).post(url, data=sent)
    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    assert all(f'value="{value}"' in page for value in sent.values() if value)


# -- two approvals ------------------------------------------------------------------------------------------


@pytest.fixture
def two(session, frozen):
    world = TwoStep()
    world.people["Camille"] = a_coordinator(world.territory, name="Camille Guérin")
    return world


def stand_in(world, deputy, *givers):
    days = span("2026-08-01 00:00", "2026-11-01 00:00")
    for giver in givers:
        service.delegate(world.actor(giver), scope_of(world.site), world.people[deputy].id, days)


def test_a_deputy_brings_the_function_of_whom_they_stand_in_for(two):
    stand_in(two, "Camille", "Thomas")
    booking = two.ask()
    assert two.inbox("Camille") == 1
    two.yes(booking, "Camille", "Élise")
    assert booking.decision == "approved"
    assert [each.for_id for each in booking.approvals] == [two.people["Thomas"].id, None]


@pytest.mark.parametrize(
    ("deputy", "givers", "order", "error"),
    [
        ("Camille", ("Thomas",), ("Camille", "Thomas"), AlreadyAgreed),  # one voice, twice
        ("Camille", ("Thomas",), ("Thomas", "Camille"), AlreadyAgreed),
        ("Camille", ("Thomas", "Élise"), ("Camille", "Camille"), AlreadyAgreed),  # one person in two places
        ("Élise", ("Thomas",), ("Élise", "Élise"), AlreadyAgreed),  # as herself, then in his place
        ("Camille", ("Thomas",), ("Tina", "Camille"), FunctionGiven),
    ],
)
def test_nobody_counts_twice_by_delegation(two, deputy, givers, order, error):
    stand_in(two, deputy, *givers)
    booking = two.ask()
    two.yes(booking, order[0])
    before = two.inbox(order[1])
    with pytest.raises(error):
        two.yes(booking, order[1])
    assert (booking.decision, before) == ("pending", 0)


def test_of_several_places_that_is_taken_which_completes(two):
    stand_in(two, "Camille", "Tina", "Élise")
    booking = two.ask()
    two.yes(booking, "Thomas")
    assert two.inbox("Camille") == 1
    two.yes(booking, "Camille")
    assert booking.decision == "approved"
    assert booking.decided_for_id == two.people["Élise"].id


@pytest.mark.parametrize(("says", "act"), [(1, "yes_taken_back"), (2, "decision_undone")])
def test_a_yes_taken_back_says_in_whose_place_it_was_given(two, says, act):
    stand_in(two, "Camille", "Tina", "Élise")
    booking = two.ask()
    two.yes(booking, *("Thomas", "Camille")[-says:])
    giver = booking.approvals[-1].for_id
    bookings.undo(booking.id, two.actor("Camille"))
    undone = history("booking", booking.id)[-1]
    assert (undone.act, undone.facts["delegated_by"]) == (act, giver)


def test_rules_set_aside_by_delegation_say_so(world, frozen, browser):
    world.delegate()
    frozen.move_to(at("2026-10-10 12:00"))
    early = span("2026-10-12 05:00", "2026-10-12 06:30")
    wanted = bookings.Request(world.kitchen.id, world.association.id, early, 1, "Soupes", override="Arrivage")
    booking = bookings.ask(wanted, world.deputy(), uid_host="mutualim.test")
    line = next(each for each in history("booking", booking.id) if each.act == "rules_set_aside")
    assert line.facts["delegated_by"] == world.manager_person.id
    page = text_of(browser(world.camille).get(f"/reservations/{booking.ref}"))
    assert "Camille Guérin, by delegation of Anne Le Goff" in page


# -- what is proposed, and noted ----------------------------------------------------------------------------


def later(world, place=None):
    when = span("2026-11-04 09:00", "2026-11-04 12:00")
    return bookings.Offer((place or world.kitchen).id, when, 1, "Le lendemain ?")


def last(booking, act):
    return next(line for line in reversed(history("booking", booking.id)) if line.act == act)


@pytest.mark.scenario(number="S35")
def test_a_proposal_of_a_deputy_says_so_everywhere_and_so_does_the_yes_it_is(world, frozen, browser):
    booking = world.ask()
    world.delegate()
    frozen.move_to(at("2026-10-10 12:00"))
    proposal = bookings.propose(booking.id, world.deputy(), later(world))
    assert (proposal.is_binding, proposal.made_for_id) == (True, world.manager_person.id)
    page, mine = f"/reservations/{booking.ref}", browser(world.person)
    told = "Camille Guérin, by delegation of Anne Le Goff"
    assert f"{told} proposes another slot" in text_of(mine.get(page))
    frozen.move_to(at("2026-10-10 15:00"))
    bookings.accept_proposal(booking.id, proposal.ref, world.member)
    assert (booking.decision, booking.decided_by_id, booking.decided_for_id) == (
        "approved", world.camille.id, world.manager_person.id,
    )  # fmt: skip
    for act in ("proposed", "proposal_accepted"):
        assert last(booking, act).facts["delegated_by"] == world.manager_person.id
    shown = text_of(mine.get(page))
    assert told in shown
    assert "The place had agreed by delegation of Anne Le Goff" in shown
    assert "Jeanne Moreau, by delegation" not in shown


def test_who_only_coordinates_proposes_in_nobodys_place(world, frozen):
    booking = world.ask()
    proposal = bookings.propose(booking.id, world.deputy(), later(world))
    assert (proposal.is_binding, proposal.made_for_id) == (False, None)
    assert "delegated_by" not in last(booking, "proposed").facts
    bookings.accept_proposal(booking.id, proposal.ref, world.member)
    assert (booking.decision, booking.decided_for_id) == ("pending", None)


def test_a_yes_beforehand_whose_delegation_has_ended_is_none(world, frozen):
    booking = world.ask()
    world.delegate()
    frozen.move_to(at("2026-10-15 20:00"))
    proposal = bookings.propose(booking.id, world.deputy(), later(world))
    frozen.move_to(at("2026-10-16 08:00"))
    bookings.accept_proposal(booking.id, proposal.ref, world.member)
    assert (booking.decision, booking.decided_for_id) == ("pending", None)


def test_a_manager_proposes_another_place_by_delegation(world, frozen):
    other = a_site(world.owner)
    hall, keeper = a_resource(other, kind="kitchen", name="Cuisine annexe"), a_manager(other, name="Bruno")
    service.delegate(load_actor(keeper.id), scope_of(other), world.manager_person.id, OCTOBER)
    booking = world.ask()
    frozen.move_to(at("2026-10-10 12:00"))
    proposal = bookings.propose(booking.id, load_actor(world.manager_person.id), later(world, hall))
    assert proposal.made_for_id == keeper.id


def test_taken_back_or_replaced_by_a_deputy_says_so(world, frozen):
    booking = world.ask()
    world.delegate()
    frozen.move_to(at("2026-10-10 12:00"))
    first = bookings.propose(booking.id, world.deputy(), later(world))
    offer = bookings.Offer(world.kitchen.id, span("2026-11-05 09:00", "2026-11-05 12:00"), 1, "", first.ref)
    second = bookings.propose(booking.id, world.deputy(), offer)
    bookings.withdraw_proposal(booking.id, second.ref, world.deputy(), "Travaux")
    for act in ("proposal_replaced", "proposal_withdrawn"):
        assert last(booking, act).facts["delegated_by"] == world.manager_person.id


def test_an_absence_noted_by_a_deputy_says_so(world, frozen, browser):
    booking = world.ask(span("2026-10-06 09:00", "2026-10-06 12:00"))
    bookings.approve(booking.id, world.manager)
    world.delegate()
    frozen.move_to(at("2026-10-06 10:00"))
    bookings.tell_absence(booking.id, world.deputy(), "Porte close")
    assert last(booking, "missed").facts["delegated_by"] == world.manager_person.id
    shown = text_of(browser(world.person).get(f"/reservations/{booking.ref}"))
    assert "Camille Guérin, by delegation of Anne Le Goff" in shown
