"""Nobody slips past the order of priority: with a series, a bundle, a proposal or a link, a yes out of turn says why."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.queries import load_actor
from app.bookings import links, service
from app.bookings.arbitration import compare, compare_with, contests
from app.bookings.errors import OutOfTurn
from app.bookings.models import Booking, Bundle, Series
from app.catalogue.models import Resource
from app.core.policy import Actor
from app.core.recurrence import Frequency, Hours, Rule
from app.infra.audit import history
from app.infra.db import db
from tests.bookings.pages import text_of
from tests.bookings.test_arbitration import SATURDAY, Contested
from tests.factories import a_member, a_resource, an_organisation, at, span
from tests.helpers import HTMX, count_queries

pytestmark = [pytest.mark.usefixtures("session", "frozen"), pytest.mark.scenario(number="S19")]

FIRST, MORNING = date(2026, 10, 10), Hours(8 * 60, 12 * 60, "Europe/Paris")
SECOND, THIRD = span("2026-10-17 08:00", "2026-10-17 12:00"), span("2026-10-24 08:00", "2026-10-24 12:00")
MONDAY = span("2026-10-12 08:00", "2026-10-12 12:00")
WHY = "Le camion arrive à midi."


class Market(Contested):
    """The contested kitchen, asked for on several Saturdays, and a hall that is compared as it is."""

    def __init__(self, frozen, **facts):
        super().__init__(frozen, **facts)
        self.hall = a_resource(self.site, name="Grande salle", kind="room", arbitration_hours=48)

    def as_member(self, organisation: Organisation) -> Actor:
        person = a_member(organisation)
        return Actor(person_id=person.id, memberships={organisation.id: "member"}, acting_for=organisation.id)

    def repeats(self, organisation: Organisation, when: str, times: int = 3) -> Series:
        self.frozen.move_to(at(when))
        rule = Rule(Frequency.WEEKLY, FIRST, weekdays=(5,), times=times)
        wanted = service.SeriesRequest(self.kitchen.id, organisation.id, rule, MORNING, 1, "Marché")
        return service.ask_series(wanted, self.as_member(organisation), uid_host="mutualim.test")

    def bundles(self, organisation: Organisation, when: str) -> Bundle:
        self.frozen.move_to(at(when))
        legs = tuple(service.Leg(each.id, SATURDAY) for each in (self.kitchen, self.hall))
        wanted = service.BundleRequest(organisation.id, legs, "Fête")
        return service.ask_bundle(wanted, self.as_member(organisation), uid_host="mutualim.test")


@pytest.fixture
def place(frozen):
    return Market(frozen)


def here(place: Market):
    return contests(Resource.site_id == place.site.id)


def dates_of(series: Series) -> list[Booking]:
    found = select(Booking).filter_by(series_id=series.id).order_by(Booking.start_at)
    return list(db.session.scalars(found))


def legs_of(bundle: Bundle) -> tuple[Booking, Booking]:
    kitchen, hall = sorted(bundle.legs, key=lambda leg: leg.leg_number or 0)
    return kitchen, hall


def told(booking: Booking, act: str) -> dict[str, Any]:
    return [line.facts for line in history("booking", booking.id) if line.act == act][-1]


# -- who meets whom -----------------------------------------------------------------------------------------


def names(found) -> list[list[tuple[str, int]]]:
    return [
        [(each.organisation.name, len(contest.parts_of(each))) for each in contest.bookings]
        for contest in found
    ]


def test_a_series_is_one_request_of_a_contest(place):
    place.asks(place.producer, "2026-09-01 09:00")
    series = place.repeats(place.aid, "2026-09-01 14:00")
    [contest] = here(place)
    assert names([contest]) == [[("Épicerie solidaire", 1), ("GAEC du Petit Bois", 1)]]
    assert contest.bookings[0].id == dates_of(series)[0].id
    assert not contest.has(dates_of(series)[1])


def test_two_series_that_meet_every_week_are_one_contest(place):
    place.repeats(place.producer, "2026-09-01 09:00")
    place.repeats(place.aid, "2026-09-01 14:00")
    assert names(here(place)) == [[("Épicerie solidaire", 3), ("GAEC du Petit Bois", 3)]]


def test_who_asks_for_the_first_saturday_does_not_compete_with_who_asks_for_the_third(place):
    place.repeats(place.aid, "2026-09-01 08:00")
    place.asks(place.producer, "2026-09-01 09:00")
    place.asks(place.association, "2026-09-01 10:00", slot=THIRD)
    found = names(here(place))
    assert sorted(found) == [
        [("Épicerie solidaire", 1), ("GAEC du Petit Bois", 1)],
        [("Épicerie solidaire", 1), ("Les Glaneurs", 1)],
    ]


def test_a_third_on_one_of_the_days_of_two_series_joins_their_contest(place):
    place.repeats(place.aid, "2026-09-01 08:00")
    place.repeats(place.producer, "2026-09-01 09:00")
    place.asks(place.association, "2026-09-01 10:00", slot=SECOND)
    assert names(here(place)) == [[("Épicerie solidaire", 3), ("Les Glaneurs", 1), ("GAEC du Petit Bois", 3)]]


def test_the_elements_of_a_bundle_meet_others_each_at_its_place(place):
    place.bundles(place.producer, "2026-09-01 08:00")
    place.asks(place.aid, "2026-09-01 09:00")
    place.asks(place.association, "2026-09-01 10:00", of=place.hall)
    assert sorted(names(here(place))) == [
        [("Les Glaneurs", 1), ("GAEC du Petit Bois", 1)],
        [("Épicerie solidaire", 1), ("GAEC du Petit Bois", 1)],
    ]


def test_many_dates_cost_as_many_statements_as_few(frozen):
    counted = []
    for times in (2, 28):
        place = Market(frozen)
        place.repeats(place.producer, "2026-09-01 09:00", times)
        place.repeats(place.aid, "2026-09-01 14:00", times)
        db.session.expire_all()
        with count_queries() as statements:
            compared = compare(Resource.id == place.kitchen.id)
        assert names(compared.contests) == [[("Épicerie solidaire", times), ("GAEC du Petit Bois", times)]]
        counted.append(len(statements))
    assert counted[0] == counted[1]


# -- saying yes ---------------------------------------------------------------------------------------------


def test_a_series_of_food_aid_comes_before_a_single_request(place):
    producer = place.asks(place.producer, "2026-09-01 09:00")
    series = place.repeats(place.aid, "2026-09-01 14:00")
    with pytest.raises(OutOfTurn) as refused:
        service.approve(producer.id, place.manager)
    assert refused.value.facts["organisation"] == "Épicerie solidaire"
    service.approve(producer.id, place.manager, WHY)
    assert told(producer, "approved")["ahead"] == dates_of(series)[0].ref


def test_a_yes_to_a_series_names_the_date_for_which_another_comes_before(place):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    aid = place.asks(place.aid, "2026-09-01 14:00", slot=SECOND)
    with pytest.raises(OutOfTurn) as refused:
        service.approve_series(series.id, place.manager)
    facts = refused.value.facts
    assert (facts["organisation"], facts["resource"]) == ("Épicerie solidaire", "Cuisine partagée")
    assert (facts["span"], facts["field"]) == (SECOND, "reason")
    assert {each.decision for each in dates_of(series)} == {"pending"}
    service.approve_series(series.id, place.manager, WHY)
    assert [told(each, "approved").get("ahead") for each in dates_of(series)] == [None, aid.ref, None]


def test_one_date_alone_is_accepted_in_its_turn_or_with_a_reason(place):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    place.asks(place.aid, "2026-09-01 14:00", slot=SECOND)
    first, second, _third = dates_of(series)
    assert service.approve(first.id, place.manager).decision == "approved"
    with pytest.raises(OutOfTurn):
        service.approve(second.id, place.manager)


def test_a_date_that_is_lost_asks_for_no_reason(place):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    service.approve(place.asks(place.aid, "2026-09-01 14:00", slot=SECOND).id, place.manager)
    service.approve_series(series.id, place.manager, keep_free=True)
    assert [each.decision for each in dates_of(series)] == ["approved", "pending", "approved"]


def test_a_second_resource_does_not_take_a_request_out_of_the_order(place):
    bundle = place.bundles(place.producer, "2026-09-01 09:00")
    aid = place.asks(place.aid, "2026-09-01 14:00")
    with pytest.raises(OutOfTurn) as refused:
        service.approve_legs(bundle.id, place.manager)
    assert refused.value.facts["resource"] == "Cuisine partagée"
    service.approve_legs(bundle.id, place.manager, WHY)
    kitchen, hall = legs_of(bundle)
    assert told(kitchen, "approved")["ahead"] == aid.ref
    assert "ahead" not in told(hall, "approved")


def test_an_element_of_a_bundle_of_food_aid_comes_before(place):
    producer = place.asks(place.producer, "2026-09-01 09:00")
    place.bundles(place.aid, "2026-09-01 14:00")
    with pytest.raises(OutOfTurn):
        service.approve(producer.id, place.manager)


@pytest.mark.parametrize("kind", ["series", "bundle"])
def test_a_link_asks_for_the_reason_too(place, browser, kind):
    if kind == "series":
        series = place.repeats(place.producer, "2026-09-01 09:00")
        booking, owned = dates_of(series)[0], {"series_id": series.id}
    else:
        bundle = place.bundles(place.producer, "2026-09-01 09:00")
        booking, owned = legs_of(bundle)[0], {"bundle_id": bundle.id}
    place.asks(place.aid, "2026-09-01 14:00")
    secret = service.open_decision_link(booking.id, place.manager_person.id, **owned)
    page = text_of(browser().get(f"/d/{secret}"))
    assert "Why this request all the same? Both organisations read it." in page
    assert re.search(r'<textarea id="accept-reason"[^>]*></textarea>', page)
    bare = browser().post(f"/d/{secret}", data={"verdict": "approve"})
    assert bare.status_code == 422
    assert re.search(r'<textarea id="accept-reason"[^>]*></textarea>', text_of(bare))
    assert "comes before for Cuisine partagée, Saturday 10 October" in text_of(bare)
    assert browser().post(f"/d/{secret}", data={"verdict": "approve", "reason": WHY}).status_code == 303
    assert (booking.decision, booking.reason) == ("approved", WHY)


def test_a_spent_link_is_not_spent_by_a_refusal(place):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    place.asks(place.aid, "2026-09-01 14:00")
    secret = service.open_decision_link(dates_of(series)[0].id, place.manager_person.id, series_id=series.id)
    with pytest.raises(OutOfTurn):
        links.decide_by_link(secret, links.Verdict.APPROVE)
    links.decide_by_link(secret, links.Verdict.APPROVE, WHY)
    assert dates_of(series)[0].decision == "approved"


# -- proposing ----------------------------------------------------------------------------------------------


def offer(place: Market, slot=SATURDAY, message: str = "") -> service.Offer:
    return service.Offer(place.kitchen.id, slot, 1, message)


def test_offering_what_a_better_class_waits_for_needs_a_reason_once(place):
    aid = place.asks(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    with pytest.raises(OutOfTurn) as refused:
        service.propose(producer.id, place.manager, offer(place))
    assert (refused.value.facts["field"], refused.value.facts["span"]) == ("message", SATURDAY)
    assert producer.proposal is None
    proposal = service.propose(producer.id, place.manager, offer(place, message=WHY))
    facts = told(producer, "proposed")
    assert (facts["ahead"], facts["reason"]) == (aid.ref, WHY)
    service.accept_proposal(producer.id, proposal.ref, load_actor(producer.requester_id))
    assert (producer.decision, producer.span, producer.reason) == ("approved", SATURDAY, WHY)


@pytest.mark.parametrize(
    ("better", "slot"),
    [
        pytest.param(False, SATURDAY, id="nobody better waits"),
        pytest.param(True, THIRD, id="they wait for another day"),
        pytest.param(True, span("2026-10-10 12:00", "2026-10-10 14:00"), id="it begins as theirs ends"),
    ],
)
def test_offering_what_nobody_better_waits_for_needs_none(place, better, slot):
    place.asks(
        place.aid if better else an_organisation(place.territory, priority_class="P4"), "2026-09-01 08:00"
    )
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    assert service.propose(producer.id, place.manager, offer(place, slot)).state == "open"


def test_offering_a_date_of_a_series_that_waits_needs_a_reason(place):
    place.repeats(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    with pytest.raises(OutOfTurn):
        service.propose(producer.id, place.manager, offer(place, SECOND))


def test_what_the_coordination_proposes_needs_a_reason_and_so_does_the_yes_of_the_place(place):
    place.asks(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    camille = Actor(person_id=place.boss.id, coordinated=frozenset({place.territory.id}))
    with pytest.raises(OutOfTurn):
        service.propose(producer.id, camille, offer(place))
    proposal = service.propose(producer.id, camille, offer(place, message=WHY))
    service.accept_proposal(producer.id, proposal.ref, load_actor(producer.requester_id))
    with pytest.raises(OutOfTurn):
        service.approve(producer.id, place.manager)


def test_who_may_have_enough_beside_the_offer_is_not_passed_over(frozen):
    place = Market(frozen, mode="stations", capacity=2, unit="station")
    place.asks(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    assert service.propose(producer.id, place.manager, offer(place)).state == "open"


@pytest.mark.parametrize(
    "slot",
    [
        pytest.param(MONDAY, id="another day"),
        pytest.param(span("2026-10-10 12:00", "2026-10-10 14:00"), id="after it"),
    ],
)
def test_who_thinks_about_a_proposal_still_comes_before(place, slot, browser):
    aid, producer = place.both()
    service.propose(aid.id, place.manager, offer(place, slot))
    with pytest.raises(OutOfTurn):
        service.approve(producer.id, place.manager)
    inbox = text_of(browser(place.manager_person).get("/a-traiter"))
    assert f'id="r-{producer.ref}"' in inbox
    assert f'id="r-{aid.ref}"' not in inbox
    assert "Another slot is proposed to them: they have to answer." in inbox


def test_a_proposal_that_overlaps_its_own_request_takes_no_more_than_one_of_both(frozen):
    place = Market(frozen, mode="stations", capacity=2, unit="station")
    aid = place.asks(place.aid, "2026-09-01 08:00")
    service.propose(aid.id, place.manager, offer(place, span("2026-10-10 10:00", "2026-10-10 14:00")))
    producer = place.asks(place.producer, "2026-09-01 09:00")
    assert compare_with(producer).contests == []
    assert service.approve(producer.id, place.manager).decision == "approved"


# -- pages --------------------------------------------------------------------------------------------------


def test_the_inbox_tells_a_series_what_is_contested_and_asks_for_the_reason(place, browser):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    aid = place.asks(place.aid, "2026-09-01 14:00", slot=SECOND)
    manager = browser(place.manager_person)
    inbox = text_of(manager.get("/a-traiter"))
    assert "2 requests for the same time" in inbox
    assert f'<a href="/series/{series.ref}">date of a series: Saturday 17 October' in inbox
    assert "No. 2: Producer, social economy" in inbox
    first, second, _third = dates_of(series)
    assert inbox.count('<article class="request') == 2
    url = f"/reservations/{second.ref}/serie/accepter"
    bare = manager.post(url, data={"retour": "a-traiter"}, headers=HTMX)
    assert bare.status_code == 422
    assert f'id="approve-reason-{second.ref}"' in text_of(bare)
    assert 'Reason <span class="opt">(required)</span>' in text_of(bare)
    assert re.search(rf'<textarea id="approve-reason-{second.ref}"[^>]* required aria-invalid', text_of(bare))
    for page in (inbox, text_of(bare)):
        assert re.search(rf'href="/reservations/{aid.ref}">Épicerie solidaire: Cuisine partagée', page)
    assert "comes before for Cuisine partagée, Saturday 17 October" in text_of(bare)
    manager.post(url, data={"retour": "a-traiter", "reason": WHY}, headers=HTMX)
    assert first.decision == second.decision == "approved"
    page = text_of(
        browser(db.session.get(type(place.person), series.requester_id)).get(f"/reservations/{second.ref}")
    )
    assert "although another came before it by priority" in page
    assert WHY in page


def test_the_inbox_tells_of_elements_too(place, browser):
    bundle = place.bundles(place.producer, "2026-09-01 09:00")
    place.asks(place.aid, "2026-09-01 14:00")
    manager = browser(place.manager_person)
    inbox = text_of(manager.get("/a-traiter"))
    assert f'<a href="/demandes/{bundle.ref}">element of a request for several resources: Cuisine' in inbox
    kitchen, hall = legs_of(bundle)
    url = f"/reservations/{kitchen.ref}/demande/accepter"
    bare = manager.post(url, data={"retour": "a-traiter", "reason": " "}, headers=HTMX)
    assert bare.status_code == 422
    assert "To accept this request all the same, write why" in text_of(bare)
    manager.post(url, data={"retour": "a-traiter", "reason": WHY}, headers=HTMX)
    assert kitchen.decision == hall.decision == "approved"


def test_a_series_in_two_contests_has_one_card_with_both_ranks(place, browser):
    place.repeats(place.association, "2026-09-01 08:00")
    place.asks(place.aid, "2026-09-01 09:00")
    place.asks(place.producer, "2026-09-01 10:00", slot=THIRD)
    inbox = text_of(browser(place.manager_person).get("/a-traiter"))
    assert inbox.count('<article class="request') == 3
    assert inbox.count("2 requests for the same time") == 2
    assert " – No. 2: Partner of the territory" in inbox
    assert " – No. 1: Partner of the territory" in inbox


def test_nobody_stands_above_who_comes_before_them_in_any_of_their_contests(place, browser):
    relief = an_organisation(place.territory, priority_class="P1", name="Secours populaire")
    place.repeats(place.producer, "2026-09-01 08:00")
    place.asks(place.aid, "2026-09-01 09:00")
    place.asks(place.association, "2026-09-01 10:00")
    place.asks(relief, "2026-09-01 11:00", slot=THIRD)
    inbox = text_of(browser(place.manager_person).get("/a-traiter"))
    cards = [card.split("</b>")[1].split("<b>")[-1] for card in inbox.split('<article class="request')[1:]]
    assert cards == ["Épicerie solidaire", "Secours populaire", "Les Glaneurs", "GAEC du Petit Bois"]


@pytest.mark.parametrize("where", ["date", "series", "leg", "bundle"])
def test_every_page_that_accepts_asks_for_the_reason(place, browser, where):
    if where in ("date", "series"):
        series = place.repeats(place.producer, "2026-09-01 09:00")
        booking, act = dates_of(series)[0], "serie/accepter"
        page, back = (
            (f"/reservations/{booking.ref}", "") if where == "date" else (f"/series/{series.ref}", "serie")
        )
        name = f"approve_series-reason-{booking.ref}"
    else:
        bundle = place.bundles(place.producer, "2026-09-01 09:00")
        booking, act = legs_of(bundle)[0], "demande/accepter"
        page, back = (
            (f"/reservations/{booking.ref}", "") if where == "leg" else (f"/demandes/{bundle.ref}", "demande")
        )
        name = f"approve_legs-reason-{booking.ref}"
    aid = place.asks(place.aid, "2026-09-01 14:00")
    manager = browser(place.manager_person)
    shown = text_of(manager.get(page))
    assert f'id="{name}"' in shown
    assert "2 requests for the same time" in shown
    assert "No. 2: Producer, social economy" in shown
    url = f"/reservations/{booking.ref}/{act}"
    bare = manager.post(url, data={"retour": back})
    assert bare.status_code == 422
    assert "write why: both organisations read it." in text_of(bare)
    assert f'href="/reservations/{aid.ref}"' in text_of(bare)
    assert manager.post(url, data={"retour": back, "reason": WHY}).status_code == 303
    assert booking.decision == "approved"


def test_several_at_once_leave_out_what_needs_a_reason(place, browser):
    series = place.repeats(place.producer, "2026-09-01 09:00")
    place.asks(place.aid, "2026-09-01 14:00")
    other = place.asks(place.association, "2026-09-01 15:00", slot=MONDAY)
    refs = [dates_of(series)[0].ref, other.ref]
    answer = browser(place.manager_person).post("/a-traiter", data={"ref": refs})
    assert answer.status_code == 409
    assert "GAEC du Petit Bois: “Épicerie solidaire” comes before for Cuisine partagée" in text_of(answer)
    assert (other.decision, dates_of(series)[0].decision) == ("approved", "pending")


def test_the_page_of_a_proposal_says_that_the_message_is_the_reason(place, browser):
    place.asks(place.aid, "2026-09-01 08:00")
    producer = place.asks(place.producer, "2026-09-01 09:00", slot=MONDAY)
    manager, url = browser(place.manager_person), f"/reservations/{producer.ref}/proposer"
    slot = {
        "ressource": place.kitchen.slug,
        "date": "2026-10-10",
        "de": "08:00",
        "a": "12:00",
        "quantite": "1",
    }
    page = text_of(manager.get(url, query_string=slot))
    assert "Free, but another request comes before" in page
    assert "Write in your message why you propose it all the same" in page
    bare = manager.post(url, data=slot)
    assert bare.status_code == 422
    assert "To propose it all the same, write why in your message" in text_of(bare)
    assert manager.post(url, data=slot | {"message": WHY}).status_code == 303
    shown = text_of(manager.get(f"/reservations/{producer.ref}"))
    assert "Proposed instead, although another comes before it by priority" in shown


# -- by night -----------------------------------------------------------------------------------------------


def a_series_goes_on(place: Market, organisation: Organisation) -> Series:
    """Give a granted weekly series whose next Saturday (3 October) comes within reach on 6 September."""
    rule = Rule(Frequency.WEEKLY, date(2026, 9, 12), weekdays=(5,))
    wanted = service.SeriesRequest(place.kitchen.id, organisation.id, rule, MORNING, 1, "Marché")
    series = service.ask_series(wanted, place.as_member(organisation), uid_host="mutualim.test")
    service.approve_series(series.id, place.manager)
    return series


@pytest.mark.parametrize(
    ("who", "other", "slot", "decision"),
    [
        ("producer", "aid", "2026-10-03", "pending"),  # a better class waits for it
        ("producer", "aid", "2026-10-02", "approved"),  # for another day
        ("aid", "producer", "2026-10-03", "approved"),  # who comes after it
        ("producer", None, "2026-10-03", "approved"),
    ],
)
def test_a_night_gives_nothing_away_that_a_better_class_waits_for(frozen, who, other, slot, decision):
    frozen.move_to(at("2026-09-01 09:00"))
    place = Market(frozen, horizon_days=28)
    series = a_series_goes_on(place, getattr(place, who))
    if other:
        asked = place.asks(getattr(place, other), "2026-09-05 15:00", span(f"{slot} 08:00", f"{slot} 12:00"))
    frozen.move_to(at("2026-09-06 03:00"))
    assert service.extend_due(uid_host="mutualim.test") == 1
    added = dates_of(series)[-1]
    assert (added.decision, series.state) == (decision, "granted")
    if decision == "pending":
        assert history("series", series.id)[-1].act == "asked_again"  # and both sides are written to
        with pytest.raises(OutOfTurn):
            service.approve(added.id, place.manager)
        service.approve(asked.id, place.manager)


def test_a_date_that_waits_by_night_leaves_the_others_booked(frozen):
    frozen.move_to(at("2026-09-01 09:00"))
    place = Market(frozen, horizon_days=28)
    series = a_series_goes_on(place, place.producer)
    place.asks(place.aid, "2026-09-05 15:00", span("2026-10-03 08:00", "2026-10-03 12:00"))
    frozen.move_to(at("2026-09-13 03:00"))  # the worker stood still for a week
    assert service.extend_due(uid_host="mutualim.test") == 2
    assert [each.decision for each in dates_of(series)][-2:] == ["pending", "approved"]
