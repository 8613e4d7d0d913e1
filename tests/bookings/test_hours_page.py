"""The page of the opening hours: what is typed is saved or told, and what the hours would hit is settled first."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.availability.models import OpeningRule, Schedule
from app.bookings import service
from app.bookings.narrowing import MAX_REASON
from app.bookings.views.hit import SHOWN_AT_MOST
from app.infra.db import db
from tests.bookings.pages import World, text_of
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation, span
from tests.helpers import HTMX, count_queries, parse

WEEK = {f"day{n}": "" for n in range(7)}
SHORTER = {"mode": "week", **{f"day{n}": "13:00-22:00" for n in range(6)}, "day6": "", "public": "closed"}
STORED, SHORT = "Mo-Sa 07:00-22:00; PH off", "Mo-Sa 13:00-22:00; PH off"


@pytest.fixture
def world(session):
    owner = an_organisation(a_territory())
    site = a_site(owner, hours="Mo-Fr 08:00-18:00")
    return site, a_resource(site), a_manager(site), a_member(an_organisation(owner.territory))


def expression_of(**scope):
    return db.session.scalar(select(Schedule.expression).filter_by(**scope))


def test_a_manager_changes_the_hours_of_the_site(client, login, world):
    site, _resource, manager, _member = world
    login(client, manager)
    page = client.get(f"/lieux/{site.slug}/horaires")
    assert page.status_code == 200
    answer = client.post(
        f"/lieux/{site.slug}/horaires", data=WEEK | {"mode": "week", "day1": "7h-22h", "public": "closed"}
    )
    assert answer.status_code == 303
    assert expression_of(site_id=site.id) == "Tu 07:00-22:00; PH off"
    rules = db.session.execute(select(OpeningRule.weekday, OpeningRule.start_min, OpeningRule.end_min)).all()
    assert (1, 420, 1320) in rules


def test_bad_hours_are_told_and_nothing_typed_is_lost(client, login, world):
    site, _resource, manager, _member = world
    login(client, manager)
    data = WEEK | {"mode": "week", "day0": "8-", "day2": "9h-12h", "first0": "2026-13-45"}
    answer = client.post(f"/lieux/{site.slug}/horaires", data=data)
    assert answer.status_code == 422
    assert 'value="9h-12h"' in answer.text
    assert 'value="8-"' in answer.text
    assert expression_of(site_id=site.id) == "Mo-Fr 08:00-18:00"


def test_another_day_can_be_added_and_the_hours_looked_at_before_saving(client, login, world):
    site, _resource, manager, _member = world
    login(client, manager)
    added = client.post(f"/lieux/{site.slug}/horaires", data=WEEK | {"mode": "week", "add": "1", "rows": "1"})
    assert 'name="first1"' in added.text
    looked = client.post(
        f"/lieux/{site.slug}/horaires", data=WEEK | {"mode": "week", "look": "1", "day3": "10:00-11:00"}
    )
    assert "10:00–11:00" in looked.text
    assert expression_of(site_id=site.id) == "Mo-Fr 08:00-18:00"


def test_a_resource_gets_hours_of_its_own_and_gives_them_back(client, login, world):
    _site, resource, manager, _member = world
    login(client, manager)
    client.post(
        f"/ressources/{resource.slug}/horaires",
        data={"mode": "text", "expression": "Sep-Dec Mo-Sa 08:00-19:00"},
    )
    assert expression_of(resource_id=resource.id) == "Sep-Dec Mo-Sa 08:00-19:00"
    assert client.get(f"/ressources/{resource.slug}/horaires").status_code == 200
    assert client.post(f"/ressources/{resource.slug}/horaires", data={"follow": "1"}).status_code == 303
    assert expression_of(resource_id=resource.id) is None


def test_only_managers_reach_it(client, login, world):
    site, _resource, _manager, member = world
    assert client.get(f"/lieux/{site.slug}/horaires").status_code == 303
    login(client, member)
    assert client.get(f"/lieux/{site.slug}/horaires").status_code == 403


# -- hours that would leave bookings out --------------------------------------------------------------------


@pytest.fixture
def place(shared, browser):
    """One booking in the morning, and its manager about to open in the afternoon only."""
    return shared, shared.ask(), browser(shared.manager_person)


def site_hours(world):
    return expression_of(site_id=world.site.id)


def save(client, world, headers=None, **more):
    return client.post(f"/lieux/{world.site.slug}/horaires", data=SHORTER | more, headers=headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_the_hours_hit_is_shown_and_nothing_is_saved(place, headers):
    world, booking, client = place
    answer = save(client, world, headers, first0="2026-12-24", hours0="13:00-15:00")
    assert answer.status_code == 409
    text = text_of(answer)
    assert "1 booking would lie outside the new hours" in text
    assert f'href="/reservations/{booking.ref}"' in text
    assert f'name="seen" value="{booking.ref}"' in text
    assert 'name="reason"' in text
    for typed in ('value="13:00-22:00"', 'value="2026-12-24"', 'value="13:00-15:00"'):
        assert typed in text
    assert site_hours(world) == STORED


def test_the_key_enter_chooses_nothing(place):
    """A browser presses the first button of the form, wherever it stands."""
    world, _booking, client = place
    form = parse(text_of(save(client, world))).find("hours-form")
    first = next(each for each in below(form) if each.tag == "button")
    assert "name" not in first.attributes


def below(element):
    for child in element.children:
        if not isinstance(child, str):
            yield child
            yield from below(child)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_they_are_kept(place, headers):
    world, booking, client = place
    answer = save(client, world, headers, confirm="keep", seen=booking.ref)
    assert answer.status_code == 303
    db.session.expire_all()
    assert (site_hours(world), booking.decision) == (SHORT, "pending")
    said = text_of(client.get(answer.location))
    assert "The bookings outside the hours are kept, and everybody is told." in said
    assert "The opening hours change, but the booking is kept" in text_of(
        client.get(f"/reservations/{booking.ref}")
    )


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_they_are_cancelled_with_a_reason(place, headers):
    world, booking, client = place
    answer = save(
        client, world, headers, confirm="cancel", seen=booking.ref, reason="Plus de bénévole le matin"
    )
    assert answer.status_code == 303
    db.session.expire_all()
    assert site_hours(world) == SHORT
    assert (booking.decision, booking.reason) == ("cancelled", "Plus de bénévole le matin")


@pytest.mark.parametrize("reason", ["", "  ", "é" * (MAX_REASON + 1), "\0"])
def test_without_a_good_reason_nothing_is_cancelled_and_all_is_kept(place, reason):
    world, booking, client = place
    answer = save(client, world, confirm="cancel", seen=booking.ref, reason=reason)
    assert answer.status_code == 422
    text = text_of(answer)
    assert 'href="#f-reason"' in text
    assert 'value="13:00-22:00"' in text
    assert f'href="/reservations/{booking.ref}"' in text
    assert not reason.strip("\0 ") or reason in text
    db.session.expire_all()
    assert (site_hours(world), booking.decision) == (STORED, "pending")


def test_a_booking_made_meanwhile_is_shown_before_anything_is_saved(place):
    world, booking, client = place
    other = world.ask(span("2026-10-07 08:00", "2026-10-07 09:00"))
    answer = save(client, world, confirm="cancel", seen=booking.ref, reason="Travaux")
    assert answer.status_code == 409
    assert "The list has changed since you looked." in text_of(answer)
    assert f'name="seen" value="{booking.ref} {other.ref}"' in text_of(answer)
    db.session.expire_all()
    assert (site_hours(world), booking.decision, other.decision) == (STORED, "pending", "pending")


def test_what_is_wrong_with_the_hours_comes_first(place):
    world, booking, client = place
    answer = save(client, world, day0="8-", confirm="cancel", seen=booking.ref, reason="Travaux")
    assert answer.status_code == 422
    db.session.expire_all()
    assert (site_hours(world), booking.decision) == (STORED, "pending")


def test_with_nothing_hit_saving_is_one_step(place):
    world, booking, client = place
    service.cancel(booking.id, world.member, "Plus besoin")
    answer = save(client, world)
    assert answer.status_code == 303
    assert site_hours(world) == SHORT
    said = text_of(client.get(answer.location))
    assert "The opening hours are saved." in said
    assert "outside the hours" not in said


def test_hours_as_text_are_held_against_bookings_too(place):
    world, booking, client = place
    text = {"mode": "text", "expression": "Sep-Dec Mo-Sa 13:00-19:00"}
    url = f"/lieux/{world.site.slug}/horaires"
    answer = client.post(url, data=text)
    assert answer.status_code == 409
    assert booking.ref in text_of(answer)
    assert "Sep-Dec Mo-Sa 13:00-19:00" in text_of(answer)
    assert client.post(url, data=text | {"confirm": "keep", "seen": booking.ref}).status_code == 303
    assert site_hours(world) == "Sep-Dec Mo-Sa 13:00-19:00"


def test_a_resource_gets_shorter_hours_of_its_own(place):
    world, booking, client = place
    url = f"/ressources/{world.kitchen.slug}/horaires"
    assert booking.ref in text_of(client.post(url, data=SHORTER))
    assert expression_of(resource_id=world.kitchen.id) is None
    assert client.post(url, data=SHORTER | {"confirm": "keep", "seen": booking.ref}).status_code == 303
    assert expression_of(resource_id=world.kitchen.id) == SHORT


def test_a_resource_that_follows_its_site_again_is_asked_too(place):
    world, _booking, client = place
    url = f"/ressources/{world.kitchen.slug}/horaires"
    client.post(url, data={"mode": "text", "expression": "24/7"})
    night = world.ask(span("2026-10-06 23:00", "2026-10-07 01:00"))
    answer = client.post(url, data={"follow": "1"})
    assert answer.status_code == 409
    assert 'name="follow"' in text_of(answer)
    assert night.ref in text_of(answer)
    assert expression_of(resource_id=world.kitchen.id) == "24/7"
    choice = {"follow": "1", "confirm": "cancel", "seen": night.ref}
    assert 'href="#f-reason"' in text_of(client.post(url, data=choice))
    assert client.post(url, data=choice | {"reason": "Voisinage"}).status_code == 303
    db.session.expire_all()
    assert (night.decision, night.reason) == ("cancelled", "Voisinage")
    assert expression_of(resource_id=world.kitchen.id) is None


def test_of_many_the_first_are_listed_and_all_are_settled(browser, session, frozen):
    world = World(mode="stations", capacity=SHOWN_AT_MOST + 4, unit="station")
    refs = [world.ask().ref]
    client = browser(world.manager_person)
    with count_queries() as few:
        save(client, world)
    refs += [world.ask().ref for _number in range(SHOWN_AT_MOST + 2)]
    with count_queries() as many:
        text = text_of(save(client, world))
    assert len(many) == len(few)
    assert "and 3 later ones" in text
    assert text.count('href="/reservations/') == SHOWN_AT_MOST
    assert save(client, world, confirm="keep", seen=" ".join(refs)).status_code == 303
    assert site_hours(world) == SHORT


def test_the_days_ahead_begin_with_today_at_the_place(client, login, world, frozen):
    site, _resource, manager, _member = world
    login(client, manager)
    frozen.move_to(datetime(2026, 12, 1, 23, 30, tzinfo=UTC))  # half past midnight in Paris
    looked = client.post(f"/lieux/{site.slug}/horaires", data=WEEK | {"mode": "week", "look": "1"})
    assert "mercredi 2 décembre" in looked.text
    assert "mardi 1er décembre" not in looked.text
