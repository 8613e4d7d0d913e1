"""What people type about a time becomes a slot, or a reason beside the field."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.availability.asking import Asked, Slot, read_slot, slot_params
from app.availability.rules import Terms
from tests.factories import span

PARIS = ZoneInfo("Europe/Paris")


def slot_of(asked: Asked) -> Slot:
    assert asked.slot is not None
    return asked.slot


def terms(**facts) -> Terms:
    given: dict[str, Any] = {
        "resource_id": 1,
        "territory_id": 1,
        "capacity": 4,
        "opening_mode": "continuous",
        "step": 30,
        "min_length": 60,
        "max_length": 720,
        "before": 0,
        "after": 45,
        "notice": 0,
        "horizon_days": 365,
        "status": "active",
        "expression": "24/7",
        "school_zone": "B",
        "timezone": "Europe/Paris",
    }
    return Terms(**(given | facts))


DAYS: dict[str, Any] = {"step": 1440, "min_length": 1440, "max_length": 1440 * 200}


@pytest.mark.parametrize(
    "typed, expected",
    [
        ({"date": "2026-10-06", "de": "08:00", "a": "12:00"}, span("2026-10-06 08:00", "2026-10-06 12:00")),
        ({"date": "06/10/2026", "de": "8h", "a": "12h30"}, span("2026-10-06 08:00", "2026-10-06 12:30")),
        ({"date": "2026-10-06", "de": "20:00", "a": "24:00"}, span("2026-10-06 20:00", "2026-10-07 00:00")),
        ({"date": "2026-10-06", "de": "20:00", "a": "00:00"}, span("2026-10-06 20:00", "2026-10-07 00:00")),
        (
            {"date": "2026-10-24", "de": "22:00", "a": "06:00", "fin": "2026-10-25"},
            span("2026-10-24 22:00", "2026-10-25 06:00"),
        ),
    ],
)
def test_hours_are_read_in_the_places_zone(typed, expected):
    asked = read_slot(typed, terms())
    assert not asked.errors
    assert slot_of(asked).span == expected
    assert slot_of(asked).qty == 1


def test_the_night_the_clocks_go_back_is_nine_hours_long():
    asked = read_slot({"date": "2026-10-24", "de": "22:00", "a": "06:00", "fin": "2026-10-25"}, terms())
    assert slot_of(asked).span.seconds == 9 * 3600


def test_days_are_read_with_the_last_one_included():
    asked = read_slot({"date": "2026-11-15", "fin": "2026-11-25", "quantite": "8"}, terms(**DAYS))
    assert slot_of(asked).span == span("2026-11-15 00:00", "2026-11-26 00:00")
    assert slot_of(asked).qty == 8


@pytest.mark.parametrize(
    "typed, field, code",
    [
        ({"date": "2026-13-01"}, "date", "bad_date"),
        ({"date": "tomorrow"}, "date", "bad_date"),
        ({"date": "9999-12-31"}, "date", "bad_date"),
        ({"date": "2026-10-06", "de": "25:00", "a": "12:00"}, "de", "bad_time"),
        ({"date": "2026-10-06", "de": "08:00", "a": "24:30"}, "a", "bad_time"),
        ({"date": "2026-10-06", "de": "12:00", "a": "08:00"}, "a", "end_before_start"),
        ({"date": "2027-03-28", "de": "02:30", "a": "06:00"}, "de", "nonexistent_time"),
        ({"date": "2027-03-28", "de": "01:00", "a": "02:30"}, "a", "nonexistent_time"),
        ({"quantite": "-3"}, "quantite", "bad_quantity"),
        ({"quantite": "0"}, "quantite", "bad_quantity"),
        ({"quantite": "9" * 30}, "quantite", "bad_quantity"),
        ({"quantite": "2.5"}, "quantite", "bad_quantity"),
        ({"quantite": "٣"}, "quantite", "bad_quantity"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(typed, field, code):
    asked = read_slot(typed, terms())
    assert asked.slot is None
    assert {name: error.code for name, error in asked.errors.items()} == {field: code}


def test_the_last_day_cannot_come_first():
    asked = read_slot({"date": "2026-11-15", "fin": "2026-11-14"}, terms(**DAYS))
    assert asked.errors["fin"].code == "last_before_first"


def test_what_is_empty_is_an_error_only_in_a_form_that_was_sent():
    assert not read_slot({}, terms()).errors
    assert read_slot({}, terms()).is_blank
    sent = read_slot({"date": "2026-10-06"}, terms(), required=True)
    assert {name: error.code for name, error in sent.errors.items()} == {
        "de": "time_missing",
        "a": "time_missing",
    }
    assert set(read_slot({}, terms(**DAYS), required=True).errors) == {"date", "fin"}


@pytest.mark.parametrize(
    "own, wanted",
    [
        ({}, span("2026-10-06 08:00", "2026-10-06 12:00")),
        ({}, span("2026-10-06 20:00", "2026-10-07 00:00")),
        ({}, span("2026-10-06 22:00", "2026-10-07 06:00")),
        (DAYS, span("2026-11-15 00:00", "2026-11-26 00:00")),
    ],
)
def test_a_slot_survives_its_own_address(own, wanted):
    params = slot_params(Slot(wanted, 2), terms(**own))
    again = read_slot(params, terms(**own))
    assert slot_of(again) == Slot(wanted, 2)


@pytest.mark.parametrize(
    "hours, first, last",
    [
        (span("2026-12-09 09:00", "2026-12-09 12:00"), "2026-12-09", "2026-12-09"),
        (span("2026-12-09 20:00", "2026-12-10 00:00"), "2026-12-09", "2026-12-09"),
        (span("2026-12-09 22:00", "2026-12-10 06:00"), "2026-12-09", "2026-12-10"),
        (span("2026-10-25 01:00", "2026-10-25 02:30"), "2026-10-25", "2026-10-25"),  # a day of 25 hours
    ],
)
def test_what_is_lent_by_days_is_asked_for_all_the_days_some_hours_touch(hours, first, last):
    params = slot_params(Slot(hours, 2), terms(**DAYS))
    assert params == {"date": first, "fin": last, "quantite": "2"}
    assert not read_slot(params, terms(**DAYS)).errors


def test_wrong_times_and_a_wrong_quantity_are_told_together():
    typed = {"date": "2026-10-06", "de": "12:00", "a": "08:00", "quantite": "deux"}
    assert {name: e.code for name, e in read_slot(typed, terms()).errors.items()} == {
        "quantite": "bad_quantity", "a": "end_before_start",
    }  # fmt: skip
    typed = {"date": "2026-10-06", "fin": "2026-10-05", "quantite": "0"}
    assert set(read_slot(typed, terms(**DAYS)).errors) == {"quantite", "fin"}
    typed = {"date": "2026-10-06", "de": "22:00", "a": "06:00", "fin": "demain"}
    assert set(read_slot(typed, terms()).errors) == {"fin"}
