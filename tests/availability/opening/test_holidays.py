"""Public and school holidays of France: hand-checked dates, and the official file when it disagrees."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.availability.opening import (
    BadSchoolCalendar,
    OpeningHours,
    SchoolHoliday,
    fixed_calendar,
    french_calendar,
    read_official_calendar,
)

# The official calendar 2026-2027 (decree of 22 October 2025): first day without school, day of return.
OFFICIAL_2026_2027 = [
    ("ABC", "2026-10-17", "2026-11-02"),
    ("ABC", "2026-12-19", "2027-01-04"),
    ("A", "2027-02-13", "2027-03-01"),
    ("B", "2027-02-20", "2027-03-08"),
    ("C", "2027-02-06", "2027-02-22"),
    ("A", "2027-04-10", "2027-04-26"),
    ("B", "2027-04-17", "2027-05-03"),
    ("C", "2027-04-03", "2027-04-19"),
    ("ABC", "2027-05-06", "2027-05-10"),
    ("ABC", "2027-07-03", None),
]
TERMS = [(zone, first, back) for zones, first, back in OFFICIAL_2026_2027 for zone in zones]


@pytest.mark.parametrize("zone, first, back", TERMS)
def test_official_calendar_2026_2027(zone, first, back):
    calendar = french_calendar(zone)
    start = date.fromisoformat(first)
    assert not calendar.is_school_holiday(start - timedelta(days=1))
    assert calendar.is_school_holiday(start)
    if back:
        end = date.fromisoformat(back)
        assert calendar.is_school_holiday(end - timedelta(days=1))
        assert not calendar.is_school_holiday(end)


@pytest.mark.parametrize("zone", "ABC")
def test_2026_2027_has_no_other_holiday(zone):
    official = set()
    for zones, first, back in OFFICIAL_2026_2027:
        if zone in zones and back:
            day = date.fromisoformat(first)
            while day < date.fromisoformat(back):
                official.add(day)
                day += timedelta(days=1)
    year = [date(2026, 9, 1) + timedelta(days=number) for number in range(305)]
    assert {day for day in year if french_calendar(zone).is_school_holiday(day)} == official


@pytest.mark.parametrize("zone", "ABC")
def test_same_working_days_as_the_npm_package(zone):
    """The npm package begins holidays on Sunday instead of Saturday; on working days both must agree, and on all
    public holidays. (It knows neither the bridges of 2024-2026 nor the days after summer 2027: not in these windows.)
    """
    fixtures = json.loads((Path(__file__).parent / "fixtures.json").read_text("utf-8"))
    theirs, ours = fixtures["calendars"][zone], french_calendar(zone)
    for first, length in fixtures["windows"]:
        for number in range(length):
            day = date.fromisoformat(first) + timedelta(days=number)
            assert ours.is_public_holiday(day) == (day.isoformat() in theirs["PH"]), day
            if day.weekday() != 5:
                assert ours.is_school_holiday(day) == (day.isoformat() in theirs["SH"]), day


@pytest.mark.parametrize(
    "day, name",
    [
        ("2026-11-11", "Armistice"),
        ("2027-05-06", "Ascension"),  # also a school holiday: the public one is named first
        ("2027-05-07", "Pont de l'Ascension"),
        ("2027-03-03", "Vacances d'hiver"),
        ("2026-10-06", None),
    ],
)
def test_names(day, name):
    assert french_calendar("B").name(date.fromisoformat(day)) == name


def test_no_zone_has_no_school_holidays():
    calendar = french_calendar(None)
    assert not calendar.is_school_holiday(date(2026, 8, 3))
    assert not calendar.is_provisional(date(2040, 1, 1))
    assert calendar.is_public_holiday(date(2026, 7, 14))


@pytest.mark.parametrize("subdivision, expected", [(None, False), ("57", True), ("6AE", True)])
def test_alsace_moselle_has_its_own_holidays(subdivision, expected):
    assert french_calendar("B", subdivision).is_public_holiday(date(2026, 12, 26)) is expected


@pytest.mark.parametrize("zone, subdivision", [("D", None), ("B", "nowhere")])
def test_unknown_codes_are_refused(zone, subdivision):
    with pytest.raises(ValueError, match="unknown"):
        french_calendar(zone, subdivision)


@pytest.mark.parametrize(
    "day, provisional",
    [("2026-10-19", False), ("2028-07-10", False), ("2028-09-01", True), ("2029-02-20", True)],
)
def test_unpublished_years_are_provisional(day, provisional):
    assert french_calendar("B").is_provisional(date.fromisoformat(day)) is provisional


def test_equal_arguments_give_the_same_calendar():
    assert french_calendar("B") is french_calendar("B", None, [])
    assert french_calendar("B", None, [SchoolHoliday("A", "x", date(2026, 1, 1), None)]) is french_calendar(
        "B"
    )


HEADER = "description;population;start_date;end_date;location;zones;annee_scolaire"
OFFICIAL = "\n".join(
    [
        "\ufeff" + HEADER,
        "Vacances d'Hiver;-;2027-02-26T23:00:00+00:00;2027-03-14T23:00:00+00:00;Rennes;Zone B;2026-2027",
        "Vacances d'Hiver;Élèves;2027-02-26T23:00:00+00:00;2027-03-14T23:00:00+00:00;Nantes;Zone B;2026-2027",
        "Vacances d'Hiver;-;2027-02-19T23:00:00+00:00;2027-03-07T23:00:00+00:00;Lille;Zone B;2026-2027",
        "Vacances d'Hiver;Enseignants;2027-02-01T23:00:00+00:00;2027-03-20T23:00:00+00:00;Lille;Zone B;2026-2027",
        "Vacances d'Hiver;-;2027-02-12T23:00:00+00:00;2027-02-28T23:00:00+00:00;Lyon;Zone A;2026-2027",
        "Vacances de Carnaval;-;2027-02-01;2027-02-10;Guyane;Guyane;2026-2027",
        "Début des Vacances d'Été;-;2027-07-09T22:00:00+00:00;2027-07-09T22:00:00+00:00;Rennes;Zone B;2026-2027",
    ],
)


def test_reads_the_official_file():
    assert read_official_calendar(OFFICIAL) == (
        SchoolHoliday("A", "Vacances d'Hiver", date(2027, 2, 13), date(2027, 3, 1)),
        SchoolHoliday("B", "Vacances d'Hiver", date(2027, 2, 27), date(2027, 3, 15)),
        SchoolHoliday("B", "Début des Vacances d'Été", date(2027, 7, 10), None),
    )


def test_official_rows_replace_the_holiday_of_the_same_name_and_year():
    calendar = french_calendar("B", overrides=read_official_calendar(OFFICIAL))
    expected = {
        "2027-02-20": False,  # was the first day by rule
        "2027-02-27": True,
        "2027-03-14": True,
        "2027-03-15": False,  # the day of return
        "2027-07-09": False,
        "2027-07-10": True,
        "2027-08-31": True,
        "2027-09-01": False,
        "2026-10-19": True,  # untouched
        "2028-02-05": True,  # next year keeps its rule
    }
    assert {day: calendar.is_school_holiday(date.fromisoformat(day)) for day in expected} == expected
    assert SCHOOL.day(date(2027, 3, 10), calendar) == ((420, 1080),)
    assert SCHOOL.day(date(2027, 3, 10), french_calendar("B")) == ()


SCHOOL = OpeningHours.parse("SH Mo-Fr 07:00-18:00; PH off")


def test_a_whole_official_year_is_no_longer_provisional():
    names = ["de la Toussaint", "de Noël", "d'Hiver", "de Printemps", "d'Été"]
    starts = [date(2028, 10, 21), date(2028, 12, 23), date(2029, 2, 10), date(2029, 4, 7), date(2029, 7, 7)]
    rows = [
        SchoolHoliday("B", f"Vacances {name}", start, start + timedelta(days=16))
        for name, start in zip(names, starts, strict=True)
    ]
    assert french_calendar("B", overrides=rows[:4]).is_provisional(date(2029, 1, 10))
    assert not french_calendar("B", overrides=rows).is_provisional(date(2029, 1, 10))
    assert french_calendar("B", overrides=rows).is_provisional(date(2030, 1, 10))


def test_reads_the_portal_headings_and_commas():
    text = "Description,Population,Date de début,Date de fin,Académies,Zones\nVacances de Noël,-,2026-12-19,2027-01-04,Nice,Zone B"
    assert read_official_calendar(text) == (
        SchoolHoliday("B", "Vacances de Noël", date(2026, 12, 19), date(2027, 1, 4)),
    )


@pytest.mark.parametrize(
    "text, code, line, detail",
    [
        ("", "missing_column", 1, "description"),
        ("a;b;c", "missing_column", 1, "description"),
        ("description;population;start_date;zones", "missing_column", 1, "end_date"),
        (f"{HEADER}\nVacances;-;demain;2027-01-04;Nice;Zone B;x", "bad_date", 2, "demain"),
        (f"{HEADER}\nVacances;-", "", 0, ""),
    ],
)
def test_refuses_what_is_not_the_official_file(text, code, line, detail):
    if not code:  # a short line has no zone: it says nothing about ours
        assert read_official_calendar(text) == ()
        return
    with pytest.raises(BadSchoolCalendar) as refused:
        read_official_calendar(text)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert detail in (refused.value.column, refused.value.fragment)


def test_fixed_calendar_knows_exactly_its_days():
    calendar = fixed_calendar({date(2026, 1, 2): "Fête"}, {date(2026, 1, 3): "Vacances"})
    assert calendar.is_public_holiday(date(2026, 1, 2))
    assert not calendar.is_public_holiday(date(2026, 1, 1))
    assert calendar.is_school_holiday(date(2026, 1, 3))
    assert not calendar.is_provisional(date(2050, 1, 1))
