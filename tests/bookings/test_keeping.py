"""What cancelling costs, and what becomes of a booking to which nobody came."""

from datetime import timedelta

import pytest

from app.accounts.queries import load_actor
from app.bookings import service
from app.bookings.at_once import by_class
from app.bookings.conduct import absences_of
from app.bookings.errors import AbsenceNotTold
from app.bookings.models import Booking
from app.bookings.rules import due_when_given_up, free_cancel_until
from app.bookings.words import own_late_move_words, terms_words
from app.catalogue.errors import BadTerms
from app.catalogue.models import Resource, Site
from app.catalogue.rules import ResourceFacts, check_terms
from app.core.errors import Forbidden, ReasonMissing
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.core.states import IllegalMove
from app.infra.audit import history
from app.infra.db import db
from app.infra.uow import atomic
from app.web.i18n import speaking
from tests.bookings.pages import World, text_of
from tests.factories import a_coordinator, at, span

pytestmark = pytest.mark.usefixtures("session", "frozen")

TERMS = {"price_cents": 1200, "free_cancel_hours": 48, "late_cancel_percent": 50}


@pytest.fixture
def priced():
    return World(**TERMS)


# -- what cancelling costs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "percent", "hours_before", "due"),
    [
        ("approved", 50, 49, 0),  # in time
        ("approved", 50, 48, 0),  # at the last moment
        ("approved", 50, 47, 50),
        ("approved", 50, -1, 50),  # under way
        ("pending", 50, 1, 0),  # nobody has promised anything yet
        ("approved", 0, 1, 0),  # the place asks for nothing
    ],
)
def test_what_stays_due(decision, percent, hours_before, due):
    start = at("2026-10-06 09:00")
    until = free_cancel_until(start, 48, percent)
    assert due_when_given_up(decision, until, percent, start - timedelta(hours=hours_before)) == due


def test_cancelled_in_time_costs_nothing(priced, frozen):
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    frozen.move_to(booking.start_at - timedelta(hours=48))
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 0


def test_cancelled_late_leaves_a_part_due(priced, frozen):
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    frozen.move_to(booking.start_at - timedelta(hours=2))
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 50
    assert history("booking", booking.id)[-1].facts["due"] == 50


@pytest.mark.parametrize("who", ["manager", "coordinator"])
def test_what_others_cancel_costs_nobody(priced, frozen, who):
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    frozen.move_to(booking.start_at - timedelta(hours=2))
    coordinator = load_actor(a_coordinator(priced.territory).id)
    by = priced.manager if who == "manager" else coordinator
    assert service.cancel(booking.id, by, "Coupure d'eau").due_percent == 0


@pytest.mark.parametrize("who", ["manager", "coordinator"])
@pytest.mark.parametrize("repeated", [False, True])
def test_who_asked_on_behalf_gives_up_as_what_they_are(priced, frozen, who, repeated):
    coordinator = load_actor(a_coordinator(priced.territory).id)
    by = priced.manager if who == "manager" else coordinator
    if repeated:
        series = repeat(priced, by)
        service.approve_series(series.id, priced.manager)
        booking = db.session.scalars(db.select(Booking).order_by(Booking.start_at)).all()[0]
    else:
        wanted = service.Request(priced.kitchen.id, priced.association.id, priced.slot, 1, "Soupes")
        booking = service.ask(wanted, by, uid_host="mutualim.test")
        service.approve(booking.id, priced.manager)
    frozen.move_to(booking.start_at - timedelta(hours=2))
    if repeated:
        service.cancel_series(booking.id, service.Scope.ALL, by, "Coupure d'eau")
    else:
        service.cancel(booking.id, by, "Coupure d'eau")
    assert booking.due_percent == 0
    assert history("booking", booking.id)[-1].facts["by_manager"] == (who == "manager")


def test_a_member_who_manages_the_place_too_gives_up_for_their_organisation(priced, frozen):
    booking = late(priced, frozen)
    both = Actor(
        person_id=priced.manager_person.id,
        managed_sites=frozenset({priced.site.id}),
        memberships={priced.association.id: "org_admin"},
    )
    assert service.cancel(booking.id, both, "Panne de four").due_percent == 50


def test_what_was_promised_binds_not_what_the_place_asks_for_later(priced, frozen):
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    with atomic():
        priced.kitchen.late_cancel_percent = 100
    frozen.move_to(booking.start_at - timedelta(hours=2))
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 50


def test_another_time_comes_with_the_terms_of_today(priced):
    booking = priced.ask()
    with atomic():
        priced.kitchen.late_cancel_percent = 30
    service.change(booking.id, priced.member, span("2026-10-08 09:00", "2026-10-08 12:00"), 1)
    assert (booking.free_until, booking.late_percent) == (at("2026-10-06 09:00"), 30)


# -- moving instead of cancelling ---------------------------------------------------------------------------

FAR = span("2026-11-10 09:00", "2026-11-10 12:00")


def late(priced, frozen):
    """Give an accepted booking two hours before it begins, when giving it up costs half of its price."""
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    frozen.move_to(booking.start_at - timedelta(hours=2))
    return booking


def repeat(priced, actor):
    """Ask for two dates on following weeks."""
    rule = Rule(Frequency.WEEKLY, priced.slot.start.date(), weekdays=(1,), times=2)
    request = service.SeriesRequest(
        priced.kitchen.id, priced.association.id, rule, Hours(540, 720, "Europe/Paris"), 1, "Soupes"
    )
    return service.ask_series(request, actor, uid_host="mutualim.test")


@pytest.mark.parametrize("answered", [True, False])
def test_moving_late_and_cancelling_then_leaves_as_much_due(priced, frozen, answered):
    booking = late(priced, frozen)
    service.change(booking.id, priced.member, FAR, 1)
    if answered:
        service.approve(booking.id, priced.manager)
    assert booking.moved_late_percent == 50
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 50


def test_a_place_that_books_at_once_is_no_way_around_either(frozen):
    place = World(**TERMS, approval="auto")
    booking = place.ask()
    frozen.move_to(booking.start_at - timedelta(hours=2))
    service.change(booking.id, place.member, FAR, 1)
    service.change(booking.id, place.member, span("2026-12-01 09:00", "2026-12-01 12:00"), 1)
    assert service.cancel(booking.id, place.member, "Panne de four").due_percent == 50


def test_the_place_may_accept_a_late_move_free_of_charge(priced, frozen):
    booking = late(priced, frozen)
    service.change(booking.id, priced.member, FAR, 1)
    service.approve(booking.id, priced.manager, free_of_charge=True)
    assert history("booking", booking.id)[-1].act == "late_move_forgiven"
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 0


LONGER = span("2026-10-06 09:00", "2026-10-06 12:30")


def test_asking_for_more_late_is_no_way_around(priced, frozen):
    booking = late(priced, frozen)
    service.change(booking.id, priced.member, LONGER, 1)
    assert (booking.decision, booking.moved_late_percent) == ("pending", 50)
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 50


def test_asking_for_more_of_a_series_late_is_no_way_around(priced, frozen):
    series = repeat(priced, priced.member)
    service.approve_series(series.id, priced.manager)
    first, second = db.session.scalars(db.select(Booking).order_by(Booking.start_at))
    frozen.move_to(first.start_at - timedelta(hours=2))
    service.change_series(first.id, service.Scope.ALL, priced.member, LONGER, 1)
    service.cancel_series(first.id, service.Scope.ALL, priced.member, "Panne de four")
    assert (first.due_percent, second.due_percent) == (50, 0)


def test_more_that_is_accepted_is_no_time_given_up(priced, frozen, app):
    booking = late(priced, frozen)
    service.change(booking.id, priced.member, LONGER, 1)
    with app.test_request_context(), speaking("en"):
        assert "is given up" in own_late_move_words(booking)  # until the place answers they have nothing
        service.approve(booking.id, priced.manager)
        assert own_late_move_words(booking) == ""
        assert "if you cancel it" in terms_words(booking)


def test_what_the_place_or_the_coordination_does_after_a_late_move_costs_nobody(priced, frozen):
    booking = late(priced, frozen)
    coordinator = load_actor(a_coordinator(priced.territory).id)
    service.change(booking.id, coordinator, FAR, 1)
    assert booking.moved_late_percent == 0
    service.approve(booking.id, priced.manager)
    frozen.move_to(booking.start_at - timedelta(hours=2))
    assert service.cancel(booking.id, priced.manager, "Fuite").due_percent == 0


def left_alone(priced, booking, frozen):
    frozen.move_to(booking.expires_at)
    service.expire_due()


def refused(priced, booking, _frozen):
    service.refuse(booking.id, priced.manager, "Complet")


def refused_as_series(priced, booking, _frozen):
    service.refuse_series(booking.series_id, priced.manager, "Complet")


def proposed_and_left(priced, booking, frozen):
    offer = service.Offer(priced.kitchen.id, span("2026-10-05 21:00", "2026-10-05 22:00"), 1)
    proposal = service.propose(booking.id, priced.manager, offer)
    frozen.move_to(proposal.expires_at)
    service.sweep_proposals()
    service.expire_due()


def given_up_by_the_place(priced, booking, _frozen):
    service.cancel(booking.id, priced.manager, "Fuite")


@pytest.mark.parametrize(
    ("repeated", "end", "due"),
    [
        (False, left_alone, 50),
        (True, left_alone, 50),
        (False, refused, 50),
        (True, refused, 50),
        (True, refused_as_series, 50),
        (False, proposed_and_left, 50),
        (False, given_up_by_the_place, 0),
    ],
)
def test_a_late_move_that_comes_to_nothing_leaves_as_much_due(frozen, repeated, end, due):
    priced = World(**TERMS, min_notice_minutes=0)
    if repeated:
        service.approve_series(repeat(priced, priced.member).id, priced.manager)
        booking = db.session.scalars(db.select(Booking).order_by(Booking.start_at)).all()[0]
    else:
        booking = priced.ask()
        service.approve(booking.id, priced.manager)
    frozen.move_to(at("2026-10-05 19:00"))
    service.change(booking.id, priced.member, span("2026-10-05 19:30", "2026-10-05 21:00"), 1)
    end(priced, booking, frozen)
    assert (booking.decision == "pending", booking.due_percent) == (False, due)
    assert history("booking", booking.id)[-1].facts.get("due", 0) == due


def test_what_was_not_moved_late_ends_without_costing_anything(priced, frozen):
    booking = priced.ask()
    refused(priced, booking, frozen)
    assert booking.due_percent == 0
    assert "due" not in history("booking", booking.id)[-1].facts


def test_a_refusal_taken_back_leaves_nothing_due_before_the_next_answer(priced, frozen):
    booking = late(priced, frozen)
    service.change(booking.id, priced.member, FAR, 1)
    refused(priced, booking, frozen)
    service.undo(booking.id, priced.manager)
    assert (booking.decision, booking.due_percent, booking.moved_late_percent) == ("pending", 0, 50)
    service.approve(booking.id, priced.manager, free_of_charge=True)
    assert service.cancel(booking.id, priced.member, "Panne de four").due_percent == 0


def test_both_sides_read_what_a_refused_late_move_leaves_due(priced, frozen, browser):
    booking = late(priced, frozen)
    service.change(booking.id, priced.member, FAR, 1)
    refused(priced, booking, frozen)
    for person in (priced.person, priced.manager_person):
        shown = text_of(browser(person).get(f"/reservations/{booking.ref}"))
        assert shown.count("Moved late, then not accepted:") == 2  # on top and in the history


@pytest.mark.parametrize(
    "start, said",
    [
        ("2026-12-18 00:00", "cancel before the end of Thursday 17 December so"),
        ("2026-12-18 00:30", "cancel before Friday 18 December, 00:30 so"),
    ],
)
def test_a_midnight_is_told_by_the_day_that_ends(app, start, said):
    begins = span(start, "2026-12-18 12:00")
    site = Site(timezone="Europe/Paris")
    booking = Booking(
        decision="approved", start_at=begins.start, end_at=begins.end, resource=Resource(site=site)
    )
    with app.test_request_context(), speaking("en"):
        assert said in terms_words(booking)


def test_both_sides_read_of_a_late_move(priced, frozen, browser):
    booking = late(priced, frozen)
    asker, manager, page = (
        browser(priced.person),
        browser(priced.manager_person),
        f"/reservations/{booking.ref}",
    )
    before = text_of(asker.get(f"{page}/modifier"))
    assert "This is a late move" in before
    assert "(50 % of the price) stays due, unless the place accepts the move free of charge." in before
    service.change(booking.id, priced.member, FAR, 1)
    waiting = text_of(asker.get(page))
    assert "This was a late move: the time you had (" in waiting
    assert "(50 % of the price) stays due, unless it accepts the move free of charge." in waiting
    assert "(50 % of the price) stays due if they cancel or it is not accepted." in text_of(
        manager.get("/a-traiter")
    )
    assert 'name="sans_frais"' in text_of(manager.get(page))
    manager.post(f"{page}/accepter", data={"sans_frais": "1"})
    assert "moved late" not in text_of(asker.get(page))


def test_a_move_in_time_is_no_late_move(priced, browser):
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    assert "late move" not in text_of(browser(priced.person).get(f"/reservations/{booking.ref}/modifier"))
    service.change(booking.id, priced.member, FAR, 1)
    assert booking.moved_late_percent == 0


def test_a_free_place_keeps_nothing():
    facts = ResourceFacts("kitchen", "Cuisine", price_cents=0, late_cancel_percent=10)
    with pytest.raises(BadTerms) as refused:
        check_terms(facts, ("exclusive",), ("whole",))
    assert refused.value.facts["reason"] == "free_anyway"


def test_the_page_says_what_cancelling_costs_before_it_is_done(priced, browser, frozen):
    booking = priced.ask()
    service.approve(booking.id, priced.manager)
    mine = browser(priced.person)
    early = text_of(mine.get(f"/reservations/{booking.ref}"))
    assert "You can cancel free of charge until Sunday 4 October, 09:00." in early
    frozen.move_to(booking.start_at - timedelta(hours=2))
    late = text_of(mine.get(f"/reservations/{booking.ref}"))
    assert "Cancelling now: 50 % of the price stays due." in late
    mine.post(f"/reservations/{booking.ref}/annuler", data={"reason": "Panne"})
    assert "Cancelled late: 50 % of the price stays due." in text_of(mine.get(f"/reservations/{booking.ref}"))


def test_the_page_of_the_place_tells_its_terms(priced, browser):
    page = text_of(browser().get(f"/ressources/{priced.kitchen.slug}"))
    assert "free of charge until 2 days before; after that 50 % of the price stays due" in page


# -- nobody came --------------------------------------------------------------------------------------------


def begun(world: World, frozen, day: int):
    """Give an accepted booking of a day of September, at the moment nobody has come."""
    slot = span(f"2026-09-{day:02} 09:00", f"2026-09-{day:02} 12:00")
    booking = world.ask(slot)
    if booking.decision == "pending":
        service.approve(booking.id, world.manager)
    frozen.move_to(slot.start + timedelta(hours=1))
    return booking


def test_the_place_notes_that_nobody_came(shared, frozen):
    booking = begun(shared, frozen, 8)
    service.tell_absence(booking.id, shared.manager, "Porte close à 10 h")
    assert (booking.decision, booking.use) == ("approved", "no_show")
    assert history("booking", booking.id)[-1].facts["reason"] == "Porte close à 10 h"
    assert absences_of(shared.association.id) == 1


def test_nobody_is_absent_before_the_time_nor_long_after(shared, frozen):
    booking = shared.ask()
    service.approve(booking.id, shared.manager)
    with pytest.raises(AbsenceNotTold) as early:
        service.tell_absence(booking.id, shared.manager)
    assert early.value.facts["early"]
    frozen.move_to(booking.end_at + timedelta(days=31))
    with pytest.raises(AbsenceNotTold):
        service.tell_absence(booking.id, shared.manager)


def test_only_the_place_notes_it_and_only_once(shared, frozen):
    booking = begun(shared, frozen, 8)
    with pytest.raises(Forbidden):
        service.tell_absence(booking.id, shared.member)
    service.tell_absence(booking.id, shared.manager)
    with pytest.raises(IllegalMove):
        service.tell_absence(booking.id, shared.manager)


def test_what_was_given_up_is_no_absence(shared, frozen):
    booking = shared.ask(span("2026-09-08 09:00", "2026-09-08 12:00"))
    service.cancel(booking.id, shared.member, "Malade")
    frozen.move_to(booking.start_at + timedelta(hours=1))
    with pytest.raises(IllegalMove):
        service.tell_absence(booking.id, shared.manager)


def test_three_absences_in_180_days_end_approval_at_once(frozen):
    world = World(approval="auto")
    for day in (8, 9, 10):
        assert by_class(world.kitchen, world.association)
        service.tell_absence(begun(world, frozen, day).id, world.manager)
    assert not by_class(world.kitchen, world.association)
    assert world.ask().decision == "pending"


def test_an_absence_is_forgotten_after_180_days(frozen):
    world = World(approval="auto")
    for day in (8, 9, 10):
        service.tell_absence(begun(world, frozen, day).id, world.manager)
    frozen.move_to(at("2026-09-08 09:00") + timedelta(days=180, minutes=1))
    assert absences_of(world.association.id) == 2
    assert by_class(world.kitchen, world.association)


@pytest.mark.parametrize("who", ["manager", "coordinator"])
def test_forgiven_with_a_reason_it_counts_no_longer(shared, frozen, who):
    booking = begun(shared, frozen, 8)
    service.tell_absence(booking.id, shared.manager)
    by = shared.manager if who == "manager" else load_actor(a_coordinator(shared.territory).id)
    with pytest.raises(ReasonMissing):
        service.forgive_absence(booking.id, by, " ")
    service.forgive_absence(booking.id, by, "La grille était fermée")
    assert (booking.use, absences_of(shared.association.id)) == ("excused", 0)
    with pytest.raises(IllegalMove):
        service.forgive_absence(booking.id, by, "Encore")


def test_who_asked_forgives_nothing(shared, frozen):
    booking = begun(shared, frozen, 8)
    service.tell_absence(booking.id, shared.manager)
    with pytest.raises(Forbidden):
        service.forgive_absence(booking.id, shared.member, "Nous étions là")


def test_the_pages_of_both_sides(shared, browser, frozen):
    booking = begun(shared, frozen, 8)
    theirs, ours = browser(shared.manager_person), browser(shared.person)
    page = f"/reservations/{booking.ref}"
    asked = text_of(theirs.get(page))
    assert "Note that nobody came?" in asked
    field = asked[asked.index(f'id="miss-{booking.ref}"') :]
    assert "(optional)" in field[: field.index("</form>")]
    assert " required" not in field[: field.index("</form>")]
    assert "Note that nobody came?" not in text_of(ours.get(page))
    assert theirs.post(f"{page}/absence", data={"reason": "Porte close"}).status_code == 303
    shown = text_of(theirs.get(page))
    assert "1 absence in the last 180 days" in shown
    assert "Let this absence count no longer?" in shown
    told = text_of(ours.get(page))
    assert "The place noted that nobody came" in told
    assert "Porte close" in told
    assert "Let this absence count no longer?" not in told
    assert theirs.post(f"{page}/pardon", data={"reason": ""}).status_code == 422
    assert theirs.post(f"{page}/pardon", data={"reason": "Clé perdue"}).status_code == 303
    assert "Nobody came, and it is forgiven" in text_of(ours.get(page))


def test_too_early_is_told_in_words(shared, browser):
    booking = shared.ask()
    service.approve(booking.id, shared.manager)
    answer = browser(shared.manager_person).post(f"/reservations/{booking.ref}/absence")
    assert answer.status_code == 409
    assert "has not begun yet" in text_of(answer)
