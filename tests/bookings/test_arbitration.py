"""Several ask for the same time: put side by side by priority, and never taken back once accepted (S19)."""

from datetime import timedelta
from typing import Any

import pytest

from app.availability.errors import SlotRefused
from app.bookings import service
from app.bookings.arbitration import compare, compare_with, contests
from app.bookings.errors import OutOfTurn
from app.bookings.models import Booking
from app.catalogue.errors import BadTerms
from app.catalogue.models import Resource
from app.catalogue.rules import ResourceFacts, check_terms
from app.core import clock
from app.core.policy import Actor
from app.infra import jobs
from app.infra.db import db
from tests.bookings.pages import World, text_of
from tests.factories import a_member, a_resource, an_organisation, at, made_of, span
from tests.helpers import HTMX, count_queries

pytestmark = pytest.mark.usefixtures("session", "frozen")

SATURDAY = span("2026-10-10 08:00", "2026-10-10 12:00")


class Contested(World):
    """A kitchen where requests are compared for 48 hours: a producer asks at 09:00, food aid at 14:00."""

    def __init__(self, frozen, **facts):
        super().__init__(**{"arbitration_hours": 48} | facts)
        self.producer = an_organisation(self.territory, priority_class="P3", name="GAEC du Petit Bois")
        self.aid = an_organisation(self.territory, priority_class="P1", name="Épicerie solidaire")
        self.frozen = frozen

    def asks(self, organisation, when: str, slot=SATURDAY, quantity=1, of=None) -> Booking:
        self.frozen.move_to(at(when))
        person = a_member(organisation)
        actor = Actor(
            person_id=person.id, memberships={organisation.id: "member"}, acting_for=organisation.id
        )
        wanted = service.Request((of or self.kitchen).id, organisation.id, slot, quantity, "Soupes")
        return service.ask(wanted, actor, uid_host="mutualim.test")

    def both(self) -> tuple[Booking, Booking]:
        late = self.asks(self.producer, "2026-09-01 09:00")
        first = self.asks(self.aid, "2026-09-01 14:00")
        return first, late


@pytest.fixture
def place(frozen):
    return Contested(frozen)


def found(place: World):
    return contests(Resource.id == place.kitchen.id)


@pytest.mark.scenario(number="S19")
def test_two_requests_for_one_time_are_one_contest_food_aid_first(place):
    aid, producer = place.both()
    [contest] = found(place)
    assert [each.id for each in contest.bookings] == [aid.id, producer.id]
    assert contest.compared_until == at("2026-09-03 09:00")
    assert contest.is_open
    assert contest.has_classes
    assert compare_with(producer).contest_of(producer) == contest


def test_within_a_class_who_asked_first_comes_first(place):
    other = an_organisation(place.territory, priority_class="P3")
    early = place.asks(place.producer, "2026-09-01 09:00")
    late = place.asks(other, "2026-09-01 09:05")
    [contest] = found(place)
    assert [each.id for each in contest.bookings] == [early.id, late.id]
    assert not contest.has_classes


@pytest.mark.scenario(number="S19")
def test_a_yes_takes_the_time_and_the_other_still_waits_with_a_reason_suggested(place, browser):
    aid, producer = place.both()
    service.approve(aid.id, place.manager)
    assert producer.decision == "pending"
    assert found(place) == []
    with pytest.raises(SlotRefused):
        service.approve(producer.id, place.manager)
    manager = browser(place.manager_person)
    for page in ("/a-traiter", f"/reservations/{producer.ref}"):
        assert "This time went to a request that comes first by the priority of the place" in text_of(
            manager.get(page)
        )


def test_after_a_yes_the_beaten_request_stands_on_top_of_all_that_waits(place, browser):
    """Nine more urgent requests would fill the inbox: the one whose time is gone comes before them."""
    aid, producer = place.both()
    rooms = [a_resource(place.site, name=f"Salle {n}", kind="room", answer_hours=2) for n in range(9)]
    for room in rooms:
        place.asks(place.association, "2026-09-01 15:00", of=room)
    manager = browser(place.manager_person)
    manager.post(f"/reservations/{aid.ref}/accepter", data={"retour": "a-traiter"})
    inbox = text_of(manager.get("/a-traiter"))
    assert inbox.index(f'id="r-{producer.ref}"') == inbox.index('id="r-')
    assert "This time is given to Épicerie solidaire: refuse, or propose another slot." in inbox
    assert inbox.count('id="r-') == 7
    assert "Here are the 7 most urgent of 10 requests" in inbox
    service.refuse(producer.id, place.manager, "L'aide alimentaire d'abord")
    assert "This time is given to" not in text_of(manager.get("/a-traiter"))


def test_what_was_lost_last_comes_first(place, browser):
    aid, producer = place.both()
    sunday = span("2026-10-12 08:00", "2026-10-12 12:00")
    other = place.asks(place.association, "2026-09-01 15:00", sunday)
    winner = place.asks(place.aid, "2026-09-01 15:05", sunday)
    for yes, when in ((aid, "2026-09-01 16:00"), (winner, "2026-09-01 16:05")):
        place.frozen.move_to(at(when))
        service.approve(yes.id, place.manager)
    inbox = text_of(browser(place.manager_person).get("/a-traiter"))
    assert inbox.index(f'id="r-{other.ref}"') < inbox.index(f'id="r-{producer.ref}"')


def test_what_fits_beside_the_accepted_one_is_not_beaten(frozen, browser):
    place = Contested(frozen, mode="stations", capacity=4, unit="station")
    two, other = place.both()
    service.approve(two.id, place.manager)
    assert compare_with(other).lost == {}
    assert "This time" not in text_of(browser(place.manager_person).get(f"/reservations/{other.ref}"))


@pytest.mark.scenario(number="S19")
def test_who_was_accepted_is_never_evicted(place):
    producer = place.asks(place.producer, "2026-09-01 09:00")
    service.approve(producer.id, place.manager)
    with pytest.raises(SlotRefused) as refused:
        place.asks(place.aid, "2026-09-01 14:00")
    assert refused.value.refusals[0].code == "taken"
    assert producer.decision == "approved"


def test_the_inbox_shows_one_group_with_ranks_and_reasons(place, browser):
    place.both()
    inbox = text_of(browser(place.manager_person).get("/a-traiter"))
    assert "2 requests for the same time: Cuisine partagée" in inbox
    assert "In the order of priority classes" in inbox
    assert "Others may still ask until" in inbox
    first, second = (
        inbox.index("No. 1: Food aid: served first"),
        inbox.index("No. 2: Producer, social economy"),
    )
    assert first < second
    assert inbox.index("Épicerie solidaire") < inbox.index("GAEC du Petit Bois")


def test_after_the_time_of_comparison_nothing_more_is_awaited(place, browser):
    place.both()
    place.frozen.move_to(at("2026-09-03 09:01"))
    [contest] = found(place)
    assert not contest.is_open
    assert "Others may still ask until" not in text_of(browser(place.manager_person).get("/a-traiter"))


def test_the_link_of_the_letter_shows_the_contest_too(place, browser):
    _aid, producer = place.both()
    page = text_of(browser().get(f"/d/{place.link_of(producer)}"))
    assert "2 requests for the same time" in page
    assert "No. 2: Producer, social economy" in page


def test_who_asks_reads_how_requests_are_compared(place, browser):
    booking = place.asks(place.association, "2026-09-01 09:00")
    page = text_of(browser(place.boss).get(f"/reservations/{booking.ref}"))
    assert (
        "Requests for the same time are compared here for 2 days, in the order of priority classes." in page
    )


def test_what_fits_side_by_side_is_no_contest(frozen):
    place = Contested(frozen, mode="stations", capacity=4, unit="station")
    place.asks(place.producer, "2026-09-01 09:00", quantity=2)
    place.asks(place.aid, "2026-09-01 14:00", quantity=2)
    assert found(place) == []
    place.asks(place.association, "2026-09-01 15:00", quantity=1)
    [contest] = found(place)
    assert len(contest.bookings) == 3


def test_times_that_only_touch_are_no_contest(place):
    place.asks(place.producer, "2026-09-01 09:00")
    place.asks(place.aid, "2026-09-01 14:00", span("2026-10-10 12:00", "2026-10-10 14:00"))
    assert found(place) == []


def test_a_chain_of_overlaps_is_one_contest(place):
    middle = place.asks(place.association, "2026-09-01 09:00", span("2026-10-10 11:00", "2026-10-10 15:00"))
    early = place.asks(place.producer, "2026-09-01 09:10", span("2026-10-10 08:00", "2026-10-10 12:00"))
    late = place.asks(place.aid, "2026-09-01 09:20", span("2026-10-10 14:00", "2026-10-10 18:00"))
    [contest] = found(place)
    assert [each.id for each in contest.bookings] == [late.id, middle.id, early.id]


def test_what_others_have_counts_and_leaves_room_for_one_of_two(frozen):
    place = Contested(frozen, mode="stations", capacity=4, unit="station")
    granted = place.asks(place.association, "2026-09-01 09:00", quantity=3)
    service.approve(granted.id, place.manager)
    place.asks(place.producer, "2026-09-01 09:05")
    assert found(place) == []
    place.asks(place.aid, "2026-09-01 09:10")
    [contest] = found(place)
    assert len(contest.bookings) == 2


# -- resources made of others -------------------------------------------------------------------------------


@pytest.fixture
def hall(place):
    """A hall of two halves, compared as the kitchen is."""
    rooms = [
        a_resource(place.site, name=name, kind="room", arbitration_hours=48)
        for name in ("Grande salle", "Moitié A", "Moitié B")
    ]
    made_of(rooms[0], *rooms[1:])
    return rooms


def here(place: World):
    return compare(Resource.site_id == place.site.id)


def test_a_hall_and_its_half_are_one_contest_and_two_halves_are_none(place, hall):
    whole, left, right = hall
    place.asks(place.association, "2026-09-01 09:00", of=left)
    place.asks(place.producer, "2026-09-01 09:05", of=right)
    assert here(place).contests == []
    both = place.asks(place.aid, "2026-09-01 09:10", of=whole)
    [contest] = here(place).contests
    assert len(contest.bookings) == 3
    assert contest.scarce == ("Moitié A", "Moitié B")
    assert compare_with(both).contest_of(both) == contest


def test_kits_meet_on_the_pool_they_draw_from(place):
    facts: dict[str, Any] = {"mode": "quantity", "unit": "piece", "arbitration_hours": 48}
    boards = a_resource(place.site, name="Planches", kind="equipment", capacity=6, **facts)
    kits = [
        a_resource(place.site, name=f"Malle {letter}", kind="equipment", arbitration_hours=48)
        for letter in "ABC"
    ]
    for kit in kits:
        made_of(kit, boards, qty=3)
    place.asks(place.aid, "2026-09-01 09:00", of=kits[0])
    place.asks(place.producer, "2026-09-01 09:05", of=kits[1])
    assert here(place).contests == []
    place.asks(place.association, "2026-09-01 09:10", of=kits[2])
    [contest] = here(place).contests
    assert (len(contest.bookings), contest.scarce) == (3, ("Planches",))


def test_cleaning_time_between_two_requests_is_in_the_way_too(frozen):
    place = Contested(frozen, buffer_after=30)
    place.asks(place.producer, "2026-09-01 09:00")
    place.asks(place.aid, "2026-09-01 14:00", span("2026-10-10 12:00", "2026-10-10 14:00"))
    assert len(found(place)) == 1


def test_a_yes_to_the_half_beats_the_hall(place, hall):
    whole, left, right = hall
    both = place.asks(place.producer, "2026-09-01 09:00", of=whole)
    other = place.asks(place.association, "2026-09-01 09:05", of=right)
    half = place.asks(place.aid, "2026-09-01 09:10", of=left)
    service.approve(half.id, place.manager)
    compared = here(place)
    assert compared.contests == []
    assert {number: lost.organisation.id for number, lost in compared.lost.items()} == {both.id: place.aid.id}
    assert other.id not in compared.lost


def test_pages_name_what_requests_for_different_resources_share(place, hall, browser):
    whole, left, _right = hall
    both = place.asks(place.producer, "2026-09-01 09:00", of=whole)
    half = place.asks(place.aid, "2026-09-01 09:10", of=left)
    manager = browser(place.manager_person)
    for page in ("/a-traiter", f"/reservations/{both.ref}", f"/d/{place.link_of(half)}"):
        text = text_of(manager.get(page))
        assert "2 requests for the same time: Moitié A and Grande salle" in text
        assert "They share: Moitié A." in text
    inbox = text_of(manager.get("/a-traiter"))
    assert "Épicerie solidaire asks for Moitié A: the two cannot be had at the same time." in inbox
    assert "GAEC du Petit Bois asks for Grande salle: the two cannot be had at the same time." in inbox


def test_a_refused_request_leaves_the_contest(place):
    aid, producer = place.both()
    service.refuse(producer.id, place.manager, "L'aide alimentaire d'abord")
    assert found(place) == []
    assert compare_with(aid).contest_of(aid) is None
    assert clock.now() < SATURDAY.start - timedelta(days=30)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [({"approval": "auto"}, "nobody_answers"), ({"answer_hours": 24}, "too_late_to_answer")],
)
def test_a_comparison_that_makes_no_sense_is_refused(facts, reason):
    with pytest.raises(BadTerms) as refused:
        check_terms(
            ResourceFacts("kitchen", "Cuisine", arbitration_hours=48, **facts), ("exclusive",), ("whole",)
        )
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == ("arbitration_hours", reason)


def test_a_yes_out_of_turn_needs_a_reason_that_both_sides_read(place, browser):
    aid, producer = place.both()
    with pytest.raises(OutOfTurn) as refused:
        service.approve(producer.id, place.manager)
    assert (refused.value.facts["organisation"], refused.value.facts["field"]) == (
        aid.organisation.name,
        "reason",
    )
    page = browser(place.manager_person)
    card = text_of(page.get("/a-traiter"))
    assert "comes before, by the priority of the place" in card
    url = f"/reservations/{producer.ref}/accepter"
    bare = page.post(url, data={"retour": "a-traiter"}, headers=HTMX)
    assert bare.status_code == 422
    assert "write why" in text_of(bare)
    page.post(url, data={"reason": "Le camion arrive à midi."})
    shown = text_of(page.get(f"/reservations/{producer.ref}"))
    assert "although another came before it by priority" in shown
    assert "Le camion arrive à midi." in shown
    beaten = text_of(page.get(f"/reservations/{aid.ref}"))
    assert f'action="/reservations/{aid.ref}/accepter"' not in beaten
    assert aid.decision == "pending"


def test_within_a_class_no_reason_is_needed(place):
    other = an_organisation(place.territory, priority_class="P3")
    place.asks(place.producer, "2026-09-01 09:00")
    late = place.asks(other, "2026-09-01 09:05")
    assert service.approve(late.id, place.manager).decision == "approved"


def test_who_comes_before_elsewhere_in_the_chain_is_not_in_the_way(place):
    aid = place.asks(place.aid, "2026-09-01 09:00", slot=span("2026-10-10 08:00", "2026-10-10 10:00"))
    place.asks(place.producer, "2026-09-01 09:00", slot=span("2026-10-10 09:00", "2026-10-10 12:00"))
    last = place.asks(place.producer, "2026-09-01 09:00", slot=span("2026-10-10 11:00", "2026-10-10 13:00"))
    assert compare_with(last).contest_of(last) == compare_with(aid).contest_of(aid)
    assert service.approve(last.id, place.manager).decision == "approved"


POOL = {"mode": "stations", "capacity": 24}


def test_out_of_turn_counts_what_others_have_and_all_who_come_before(frozen):
    place = Contested(frozen, **POOL)
    taken = place.asks(place.association, "2026-09-01 08:00", quantity=10)
    service.approve(taken.id, place.manager)
    low = place.asks(place.producer, "2026-09-01 09:00", quantity=10)
    place.asks(place.aid, "2026-09-01 14:00", quantity=10)
    with pytest.raises(OutOfTurn):
        service.approve(low.id, place.manager)


def test_of_three_the_lowest_waits_for_both_before_it(frozen):
    place = Contested(frozen, **POOL)
    partner = an_organisation(place.territory, priority_class="P2")
    low = place.asks(place.producer, "2026-09-01 09:00", quantity=10)
    place.asks(partner, "2026-09-01 10:00", quantity=10)
    first = place.asks(place.aid, "2026-09-01 14:00", quantity=10)
    with pytest.raises(OutOfTurn):
        service.approve(low.id, place.manager)
    assert service.approve(first.id, place.manager).decision == "approved"


def test_a_proposal_made_to_the_lower_one_does_not_lift_the_order(place):
    _aid, producer = place.both()
    later = service.Offer(place.kitchen.id, span("2026-10-12 08:00", "2026-10-12 12:00"), 1, "Plutôt lundi ?")
    service.propose(producer.id, place.manager, later)
    with pytest.raises(OutOfTurn):
        service.approve(producer.id, place.manager)
    assert producer.proposal is not None  # nothing was done


def test_the_order_costs_no_statement_a_request(place):
    place.both()
    with count_queries() as few:
        compare(Resource.id == place.kitchen.id)
    for number in range(3):
        other = an_organisation(place.territory, priority_class=f"P{number + 2}")
        place.asks(other, f"2026-09-01 15:0{number}")
    with count_queries() as more:
        [contest] = compare(Resource.id == place.kitchen.id).contests
        assert [bool(contest.ahead_of(each)) for each in contest.bookings] == [False, True, True, True, True]
    assert len(more) == len(few)


# -- waiting lists ------------------------------------------------------------------------------------------


class Line(Contested):
    """The kitchen is taken on Saturday; a producer waits in line for it."""

    def __init__(self, frozen, **facts):
        super().__init__(frozen, **facts)
        self.taken = self.asks(self.association, "2026-09-01 09:00", quantity=self.kitchen.capacity)
        service.approve(self.taken.id, self.manager)
        self.entry = self.joins(self.producer)

    def joins(self, organisation, quantity=1):
        person = a_member(organisation)
        self.waits = Actor(person_id=person.id, memberships={organisation.id: "member"})
        want = service.Want(self.kitchen.id, SATURDAY, quantity, organisation.id, "Marché")
        return service.join(want, self.waits)

    def free(self):
        service.cancel(self.taken.id, self.manager, "Empêchement")

    def runs(self, app):
        jobs.run_due(app)
        db.session.expire_all()
        return self.entry.state


@pytest.mark.scenario(number="S19")
def test_a_line_is_not_offered_what_a_better_class_waits_for(frozen, app):
    line = Line(frozen)
    line.free()
    aid = line.asks(line.aid, "2026-09-01 09:00")
    assert line.runs(app) == "waits"
    service.approve(aid.id, line.manager)
    assert line.runs(app) == "waits"
    service.cancel(aid.id, line.manager, "Panne")
    assert line.runs(app) == "offered"


@pytest.mark.parametrize("ends", ["refuse", "cancel", "change", "expire"])
def test_the_line_is_served_once_that_request_is_out_of_the_way(frozen, app, ends):
    line = Line(frozen)
    line.free()
    aid = line.asks(line.aid, "2026-09-01 09:00")
    assert line.runs(app) == "waits"
    if ends == "change":
        asker = Actor(person_id=aid.requester_id, memberships={line.aid.id: "member"})
        service.change(aid.id, asker, span("2026-10-17 08:00", "2026-10-17 12:00"), 1)
    elif ends == "expire":
        frozen.move_to(aid.expires_at)
        service.expire_due()
    else:
        {"refuse": service.refuse, "cancel": service.cancel}[ends](aid.id, line.manager, "Travaux")
    assert line.runs(app) == "offered"


def test_nor_do_those_wait_whom_nothing_is_lost_to(frozen, app):
    """The line comes before a lesser class, and before its own class that asked later; what is left is offered."""
    line = Line(frozen)
    line.free()
    line.asks(an_organisation(line.territory, priority_class="P4"), "2026-09-01 09:00")
    line.asks(an_organisation(line.territory, priority_class="P3"), "2026-09-01 09:30")
    assert line.runs(app) == "offered"
    large = Line(frozen, capacity=4, mode="stations", unit="station")
    whole = large.joins(large.producer, quantity=4)
    large.free()
    large.asks(large.aid, "2026-09-01 10:00", quantity=3)
    assert large.runs(app) == "offered"
    assert whole.state == "waits"
