"""Series through the API: looked at, asked for, read, and given up like single bookings."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.availability.closures import Subject, close
from app.bookings.models import Booking, Series
from app.core.policy import Actor
from app.infra.db import db
from tests.api.world import validate
from tests.factories import a_manager, a_resource, a_site, at, span

S07 = {"frequency": "weekly", "days": ["TU"], "until": "2026-12-15", "except_school_holidays": True}


@pytest.fixture
def there(world):
    site = a_site(world.owner, name="Salle des fêtes", hours="Mo-Sa 07:00-22:00; PH off")
    a_manager(site)
    return a_resource(site, name="Cuisine des fêtes")


@pytest.fixture(autouse=True)
def first_of_september(world, frozen):
    frozen.move_to(at("2026-09-01 10:00"))
    shut = span("2026-10-13 00:00", "2026-10-14 00:00")
    manager = Actor(person_id=world.manager.id, managed_sites=frozenset({world.site.id}))
    close(Subject.of(world.kitchen), shut, "Travaux", manager)


def wish(world, repeat=None, **facts):
    morning = {"start": "2026-09-08T09:00:00+02:00", "end": "2026-09-08T12:00:00+02:00"}
    return world.wish(**morning, repeat=S07 | (repeat or {})) | facts


def number_of(kind):
    return db.session.scalar(select(func.count()).select_from(kind))


def test_a_preview_tells_of_every_date_and_asks_for_nothing(world, member, there):
    answer = member.post("/bookings", wish(world, {"preview": True}))
    assert answer.status_code == 200, answer.json
    validate("SeriesPreview", answer.json)
    assert (answer.json["free"], answer.json["refused"], answer.json["goes_on"]) == (12, 1, False)
    dates = {each["day"]: each for each in answer.json["dates"]}
    assert len(dates) == 13
    assert [d for d in dates if "2026-10-17" <= d <= "2026-11-02"] == []  # school holidays of zone B
    assert dates["2026-10-06"]["start"] == "2026-10-06T09:00:00+02:00"
    assert dates["2026-11-03"]["start"] == "2026-11-03T09:00:00+01:00"  # nine o'clock stays nine o'clock
    lost = dates["2026-10-13"]
    assert (lost["state"], [each["code"] for each in lost["refusals"]]) == ("refused", ["closed"])
    assert {each["kind"] for each in lost["alternatives"]} >= {"other_day", "similar"}
    assert all(each["alternatives"] == [] for day, each in dates.items() if day != "2026-10-13")
    assert (number_of(Booking), number_of(Series)) == (0, 0)


def test_one_date_that_cannot_be_had_refuses_all(world, member):
    answer = member.post("/bookings", wish(world))
    assert (answer.status_code, answer.json["code"]) == (409, "several_refused")
    [lost] = answer.json["dates"]
    assert (lost["day"], lost["refusals"][0]["code"]) == ("2026-10-13", "closed")
    assert lost["alternatives"]
    assert number_of(Series) == 0


def test_the_free_ones_are_kept_and_the_rest_is_told(world, member):
    made = member.post("/bookings", wish(world, {"conflicts": "free"}, message="Bonjour"))
    assert made.status_code == 201, made.json
    series = made.json
    validate("Series", series)
    assert made.headers["Location"] == f"/api/v1/series/{series['ref']}"
    assert len(series["bookings"]) == 12
    assert [(each["day"], each["state"]) for each in series["left_out"]] == [("2026-10-13", "refused")]
    assert series["left_out"][0]["refusals"][0]["code"] == "closed"
    assert series["left_out"][0]["alternatives"]
    assert (series["state"], series["hours"]) == ("asked", {"start": "09:00", "end": "12:00"})
    assert series["rule"]["days"] == ["TU"]
    assert member.get(f"/series/{series['ref'].lower()}").json == series | {"left_out": None}


def test_dates_are_skipped_shifted_or_asked_for_elsewhere(world, member, manager, there):
    dates = [
        {"day": "2026-09-08", "skip": True},
        {"day": "2026-09-15", "start": "2026-09-16T09:00:00+02:00", "end": "2026-09-16T12:00:00+02:00"},
        {"day": "2026-10-13", "resource": there.slug},
    ]
    series = member.post("/bookings", wish(world, {"dates": dates})).json
    by_day = {each["series"]["day"]: each for each in series["bookings"]}
    assert len(by_day) == 12
    assert by_day["2026-09-15"]["start"] == "2026-09-16T09:00:00+02:00"
    away = by_day["2026-10-13"]
    assert (away["resource"]["slug"], away["series"]["elsewhere"]) == (there.slug, True)
    assert away["start"] == "2026-10-13T09:00:00+02:00"
    assert [each["day"] for each in series["left_out"]] == ["2026-09-08"]
    assert [each["state"] for each in series["left_out"]] == ["left_out"]
    assert len(manager.get(f"/series/{series['ref']}").json["bookings"]) == 11  # not what is elsewhere


def test_a_date_may_be_for_fewer_at_its_usual_time(world, member):
    weekly = {"frequency": "weekly", "days": ["TU"], "count": 3}
    body = {
        "resource": world.pallets.slug, "start": "2026-10-06T00:00:00+02:00", "end": "2026-10-07T00:00:00+02:00",
        "quantity": 5, "purpose": "Pommes",
    }  # fmt: skip

    def asked(**date):
        return member.post("/bookings", body | {"repeat": weekly | {"dates": [{"day": "2026-10-13"} | date]}})

    assert asked(quantity=5).json["problems"][0]["code"] == "not_fewer"
    assert asked(quantity=2, resource=world.pallets.slug).json["problems"][0]["code"] == "fewer_alone"
    series = asked(quantity=2).json
    assert [each["quantity"] for each in series["bookings"]] == [5, 2, 5]


@pytest.mark.parametrize("scope, left", [("this", 10), ("following", 8), ("all", 0)])
def test_dates_are_given_up_as_on_the_pages(world, member, there, scope, left):
    dates = [{"day": "2026-10-13", "resource": there.slug}, {"day": "2026-09-08", "skip": True}]
    series = member.post("/bookings", wish(world, {"dates": dates, "until": "2026-12-08"})).json
    ninth = series["bookings"][8]["ref"]
    answer = member.post(f"/bookings/{ninth}/cancel", {"reason": "Plus besoin", "scope": scope})
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    states = [each["state"] for each in member.get(f"/series/{series['ref']}").json["bookings"]]
    assert states.count("pending") == left


@pytest.mark.parametrize("scope", ["following", "all"])
def test_what_has_no_other_dates_is_given_up_alone(world, member, there, scope):
    dates = [{"day": "2026-10-13", "resource": there.slug}]
    series = member.post("/bookings", wish(world, {"dates": dates})).json
    away = next(each["ref"] for each in series["bookings"] if each["series"]["elsewhere"])
    alone = member.post("/bookings", world.wish(resource=there.slug)).json["ref"]
    given_up = {"reason": "Plus besoin", "scope": scope}
    for ref, code, word in ((away, "date_elsewhere", "ailleurs"), (alone, "not_repeated", "une seule fois")):
        answer = member.post(f"/bookings/{ref}/cancel", given_up)
        assert (answer.status_code, answer.json["code"]) == (409, code)
        assert word in answer.json["detail"]


def test_the_same_key_counts_once(world, member):
    body = wish(world, {"conflicts": "free"})
    first = member.post("/bookings", body, key="f3a9")
    again = member.post("/bookings", body, key="f3a9")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json == first.json | {"left_out": None}
    assert number_of(Series) == 1
    assert member.post("/bookings", wish(world, {"interval": 2}), key="f3a9").status_code == 422


def test_who_has_nothing_to_do_with_it_does_not_read_it(world, member, other, anybody):
    ref = member.post("/bookings", wish(world, {"conflicts": "free"})).json["ref"]
    assert other.get(f"/series/{ref}").status_code == 404
    assert anybody.get(f"/series/{ref}").status_code == 401


@pytest.mark.parametrize(
    "repeat, field, code",
    [
        ({"frequency": "yearly"}, "repeat.frequency", "not_one_of"),
        ({"days": ["XX"]}, "repeat.days.0", "not_one_of"),
        ({"frequency": "daily"}, "repeat.days", "days_only_weekly"),
        ({"interval": 0}, "repeat.interval", "too_small"),
        ({"until": "13/10/2026"}, "repeat.until", "bad_day"),
        ({"until": "2026-09-01"}, "repeat.until", "bad_rule"),
        ({"until": 5}, "repeat.until", "bad_day"),
        ({"dates": [{"day": "9999-12-31", "resource": "x"}]}, "repeat.dates.0.day", "bad_day"),
        ({"count": 3}, "repeat.count", "bad_rule"),
        ({"dates": [{"day": "2026-10-13"}]}, "repeat.dates.0", "date_unanswered"),
        (
            {"dates": [{"day": "2026-10-13", "start": "2026-10-13T09:00:00+02:00"}]},
            "repeat.dates.0.end",
            "start_or_end_missing",
        ),
        ({"weekly": True}, "repeat.weekly", "field_unknown"),
    ],
)
def test_what_is_wrong_is_told_by_field(world, member, repeat, field, code):
    answer = member.post("/bookings", wish(world, repeat))
    assert answer.status_code == 422, answer.json
    assert (field, code) in [(each["field"], each["code"]) for each in answer.json["problems"]]


@pytest.mark.parametrize("repeat", [None, [], "weekly", {}])
def test_what_is_no_repetition_is_refused(world, member, repeat):
    answer = member.post("/bookings", world.wish(repeat=repeat))
    assert answer.status_code == 422


def test_a_series_in_the_past_or_without_dates_is_refused(world, member):
    past = {"start": "2026-08-25T09:00:00+02:00", "end": "2026-08-25T12:00:00+02:00"}
    assert member.post("/bookings", wish(world, **past)).json["problems"][0]["field"] == "start"
    nothing = {"dates": [{"day": "2026-09-08", "skip": True}], "until": None, "count": 1}
    assert member.post("/bookings", wish(world, nothing)).json["code"] == "nothing_to_repeat"


def test_an_unknown_place_for_a_date_is_not_found(world, member):
    dates = [{"day": "2026-10-13", "resource": "nulle-part"}]
    assert member.post("/bookings", wish(world, {"dates": dates})).status_code == 404


def test_alternatives_are_looked_for_on_demand(world, member):
    daily: dict[str, Any] = {"frequency": "daily", "days": [], "until": None, "count": 3, "preview": True}
    answer = member.post("/bookings", wish(world, daily | {"alternatives_for": ["2026-09-09"]}))
    first, second, third = answer.json["dates"]
    assert (first["alternatives"], third["alternatives"]) == ([], [])
    assert (second["day"], second["state"]) == ("2026-09-09", "free")
    assert {each["kind"] for each in second["alternatives"]} >= {"other_time", "other_day"}
    many = member.post("/bookings", wish(world, daily | {"alternatives_for": ["2026-09-09"] * 25}))
    assert many.status_code == 422
