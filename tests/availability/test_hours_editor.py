"""The hours editor: what people type, what is stored, what is refused and kept."""

import pytest
from sqlalchemy import select

from app.availability.editing import BadRange, Draft, read_draft, read_ranges
from app.availability.models import OpeningRule, Schedule
from app.infra.db import db
from tests.factories import a_manager, a_member, a_resource, a_site, a_territory, an_organisation

WEEK = {f"day{n}": "" for n in range(7)}


@pytest.mark.parametrize(
    "typed, minutes",
    [
        ("", ()), ("07:00-22:00", ((420, 1320),)), ("8h-12h, 13h30 - 18h", ((480, 720), (810, 1080))),
        ("8 à 12 et 14-18", ((480, 720), (840, 1080))), ("22:00-02:00", ((1320, 1560),)), ("00:00-24:00", ((0, 1440),)),
        ("13:00-18:00; 08:00-12:00", ((480, 720), (780, 1080))),
    ],
)  # fmt: skip
def test_ranges_are_read_as_people_write_them(typed, minutes):
    assert read_ranges(typed) == minutes


@pytest.mark.parametrize(
    "typed",
    ["8-", "25:00-26:00", "matin", "08:00-12:00, 11:00-13:00", "08:00-08:00", "8-9-10", "12:75-13:00"],
)
def test_what_is_no_range_is_refused(typed):
    with pytest.raises(BadRange):
        read_ranges(typed)


@pytest.mark.parametrize(
    "expression",
    [
        "Mo-Sa 07:00-22:00; PH off", "SH Mo-Fr 07:00-18:00; PH off", "24/7", "off", "Mo-Fr 22:00-06:00",
        "Mo-Fr 08:00-12:00,13:30-18:00; PH off; Aug off", "Mo-Su 08:00-20:00; 2026 Dec 24 08:00-12:00",
    ],
)  # fmt: skip
def test_hours_come_back_from_the_form_as_they_were(expression):
    shown = Draft.of_expression(expression)
    again = read_draft(shown.raw | {"rows": str(shown.rows)})
    assert again.errors == {}
    assert again.expression == shown.expression == str(again.expression)


def test_hours_no_grid_can_show_are_edited_as_text():
    assert Draft.of_expression("Sep-Dec Mo-Sa 08:00-19:00").raw["mode"] == "text"


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
