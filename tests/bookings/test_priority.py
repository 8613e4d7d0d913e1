"""Priority: each class has its own window in which to ask; the place's rules are set aside only with a reason (S20)."""

from datetime import timedelta

import pytest

from app.accounts.queries import load_actor
from app.availability.askers import Asker
from app.availability.errors import SlotRefused
from app.availability.queries import Wish, get_terms, verdict
from app.availability.search import Window as Wanted
from app.availability.search import free_in, next_free
from app.bookings import service
from app.catalogue.errors import BadTerms
from app.catalogue.rules import ResourceFacts, check_terms
from app.catalogue.search import Filter, matching
from app.core import clock
from app.core.errors import Forbidden
from app.core.policy import Actor
from app.core.span import Span
from app.infra.audit import history
from tests.bookings.pages import SLOT, World, text_of
from tests.factories import PARIS, a_member, an_organisation, at

pytestmark = pytest.mark.usefixtures("session", "frozen")

DAYS = {"P1": 90, "P2": 60, "P3": 30, "P4": 14}
WINDOWS = {name: {"horizon_days": days, "notice_minutes": 48 * 60} for name, days in DAYS.items()}


@pytest.fixture
def place():
    return World(windows=WINDOWS, approval="manager")


def slot_in(*, days: int = 0, hours: int = 0) -> Span:
    """Give two hours of the morning so many days, or hours, from now (10:00 on Tuesday 1 September)."""
    start = clock.now() + timedelta(days=days, hours=hours)
    return Span(start, start + timedelta(hours=2))


def codes(place: World, priority: str, slot: Span) -> list[str]:
    return [each.code for each in verdict(Wish(place.kitchen.id, slot, 1, Asker(priority=priority)))]


@pytest.mark.scenario(number="S20")
@pytest.mark.parametrize(
    ("priority", "days", "refused"),
    [
        ("P4", 14, []), ("P4", 15, ["beyond_horizon"]), ("P4", 20, ["beyond_horizon"]),
        ("P3", 20, []), ("P3", 31, ["beyond_horizon"]),
        ("P2", 31, []), ("P2", 63, ["beyond_horizon"]),
        ("P1", 63, []), ("P1", 91, ["beyond_horizon"]),
        ("P0", 91, []),  # as everybody: the year of the resource
        ("", 91, []),
    ],
)  # fmt: skip
def test_each_class_has_its_horizon(place, priority, days, refused):
    assert codes(place, priority, slot_in(days=days)) == refused


@pytest.mark.scenario(number="S20")
@pytest.mark.parametrize(
    ("priority", "refused"), [("P4", ["notice_too_short"]), ("P1", ["notice_too_short"]), ("P0", [])]
)
def test_24_hours_ahead_is_too_late_for_who_has_a_notice(place, priority, refused):
    assert codes(place, priority, slot_in(hours=24)) == refused


@pytest.mark.scenario(number="S20")
def test_the_refusal_says_when_it_opens(place):
    commercial = an_organisation(place.territory, priority_class="P4", name="Traiteur")
    person = a_member(commercial)
    actor = Actor(
        person_id=person.id, memberships={commercial.id: "member"}, acting_for=commercial.id, priority="P4"
    )
    wanted = service.Request(place.kitchen.id, commercial.id, slot_in(days=20), 1, "Buffet")
    with pytest.raises(SlotRefused) as refused:
        service.ask(wanted, actor, uid_host="mutualim.test")
    [reason] = refused.value.refusals
    assert (reason.code, reason.facts["opens"]) == ("beyond_horizon", at("2026-09-07 10:00"))


def test_search_and_next_free_know_the_class_of_who_looks(place):
    wanted = Wanted(slot_in(days=20), 1, PARIS)
    found = {
        each: bool(free_in(matching(Filter(actor=Actor(priority=each))), wanted)) for each in ("", "P3", "P4")
    }
    assert found == {"": True, "P3": True, "P4": False}
    opens = {
        each: next_free([place.kitchen.id], 1, Asker(priority=each))[place.kitchen.id].start
        for each in ("P0", "P4")
    }
    assert opens["P0"] == clock.now()
    assert opens["P4"] >= clock.now() + timedelta(hours=48)


def test_the_request_page_follows_the_organisation_that_is_chosen(place, browser):
    commercial = an_organisation(place.territory, priority_class="P4", name="Traiteur")
    mine = browser(place.manager_person)  # who may ask for any organisation of the territory
    early = SLOT | {"date": "2026-09-25"}
    form = place.form(**early)
    assert "Too far ahead" not in text_of(mine.post(place.ask_url, data=form | {"verifier": "1"}))
    other = form | {"organisation": str(commercial.id), "verifier": "1"}
    told = text_of(mine.post(place.ask_url, data=other))
    assert "Too far ahead: requests open 14 days before. Come back on Friday 11 September." in told


def test_the_page_of_the_place_tells_the_windows(place, browser):
    page = text_of(browser().get(f"/ressources/{place.kitchen.slug}"))
    assert "P4 – commercial use" in page
    assert "up to 14 days, at least 2 days before" in page


@pytest.mark.parametrize(
    ("windows", "field", "reason"),
    [
        ({"P9": {"horizon_days": 3}}, "windows", "not_offered"),
        ({"P1": {"colour": 3}}, "windows", "not_offered"),
        ({"P1": {"horizon_days": 0}}, "horizon_days_p1", "out_of_bounds"),
        ({"P4": {"horizon_days": 1, "notice_minutes": 2880}}, "notice_minutes_p4", "never_open"),
    ],
)
def test_windows_that_make_no_sense_are_refused(windows, field, reason):
    with pytest.raises(BadTerms) as refused:
        check_terms(ResourceFacts("kitchen", "Cuisine", windows=windows), ("exclusive",), ("whole",))
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_a_manager_sets_the_windows_in_the_form(place, browser):
    ours = browser(place.manager_person)
    page = text_of(ours.get(f"/ressources/{place.kitchen.slug}/modifier"))
    assert 'name="horizon_days_p4" value="14"' in page
    assert get_terms(place.kitchen.id, Asker(priority="P4")).horizon_days == 14


# -- setting the rules aside --------------------------------------------------------------------------------


def behind_the_rules(place: World, actor: Actor, **more):
    wanted = service.Request(place.kitchen.id, place.association.id, slot_in(hours=24), 1, "Soupes", **more)
    return service.ask(wanted, actor, uid_host="mutualim.test")


@pytest.mark.scenario(number="S20")
def test_whoever_decides_sets_the_rules_aside_with_a_reason_that_stays(place):
    with pytest.raises(SlotRefused):
        behind_the_rules(place, place.manager)
    booking = behind_the_rules(place, place.manager, override="Arrivage de poissons à cuire demain")
    line = next(each for each in history("booking", booking.id) if each.act == "rules_set_aside")
    assert line.facts == {"reason": "Arrivage de poissons à cuire demain", "rules": ["notice_too_short"]}


def test_nobody_else_does(place):
    with pytest.raises(Forbidden):
        behind_the_rules(place, place.member, override="S'il vous plaît")


def test_a_reason_without_need_leaves_no_trace(place):
    wanted = service.Request(
        place.kitchen.id, place.association.id, slot_in(days=7), 1, "Soupes", override="Au cas où"
    )
    booking = service.ask(wanted, place.manager, uid_host="mutualim.test")
    assert "rules_set_aside" not in [line.act for line in history("booking", booking.id)]


def test_capacity_and_the_past_are_never_set_aside(place):
    behind_the_rules(place, place.manager, override="Arrivage")
    with pytest.raises(SlotRefused) as taken:
        behind_the_rules(place, place.manager, override="Encore un arrivage")
    assert taken.value.refusals[0].code == "taken"
    yesterday = service.Request(
        place.kitchen.id, place.association.id, slot_in(days=-1), 1, "Soupes", override="Oublié"
    )
    with pytest.raises(SlotRefused) as over:
        service.ask(yesterday, place.manager, uid_host="mutualim.test")
    assert [each.code for each in over.value.refusals] == ["in_the_past"]


def test_the_form_offers_it_to_who_decides_only(place, browser):
    late = place.form(date="2026-09-02", de="09:00", a="12:00")
    theirs = browser(place.person).post(place.ask_url, data=late)
    assert theirs.status_code == 409
    assert "Set the rules of the place aside" not in text_of(theirs)
    ours = browser(place.manager_person)
    assert "Set the rules of the place aside" in text_of(ours.post(place.ask_url, data=late))
    sent = ours.post(place.ask_url, data=late | {"override": "Arrivage de poissons", "once": "m" * 20})
    assert sent.status_code == 303
    assert "Arrivage de poissons" in text_of(browser(place.person).get(sent.location))


# -- told when it opens -------------------------------------------------------------------------------------


@pytest.mark.scenario(number="S20")
def test_who_asks_too_early_is_told_the_day_it_opens_for_them(place, frozen):
    commercial = an_organisation(place.territory, priority_class="P4", name="Traiteur")
    person = a_member(commercial)
    caterer = load_actor(person.id)
    wanted = service.Want(place.kitchen.id, slot_in(days=20), 1)
    entry = service.join(wanted, caterer)
    service.sweep_waiting()
    assert entry.state == "waits"
    frozen.move_to(at("2026-09-07 10:01"))
    service.sweep_waiting()
    assert entry.state == "told"


def test_nobody_stands_in_line_for_what_only_opens_later(place):
    commercial = an_organisation(place.territory, priority_class="P4", name="Traiteur")
    caterer = load_actor(a_member(commercial).id)
    with pytest.raises(SlotRefused):
        service.join(service.Want(place.kitchen.id, slot_in(days=20), 1, commercial.id, "Buffet"), caterer)


def test_the_refusal_offers_to_be_told(place, browser):
    commercial = an_organisation(place.territory, priority_class="P4", name="Traiteur")
    mine = browser(a_member(commercial))
    early = "date=2026-09-25&de=09:00&a=12:00"
    assert "Tell me when it opens" in text_of(mine.get(f"/ressources/{place.kitchen.slug}?{early}"))
    page = text_of(mine.get(f"/ressources/{place.kitchen.slug}/attendre?{early}"))
    assert "Be told when it opens" in page
    assert "Put me on the waiting list" not in page
