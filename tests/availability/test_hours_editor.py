"""The hours editor: what people type, what is stored, what is refused and kept."""

import pytest

from app.availability.editing import BadRange, Draft, read_draft, read_ranges


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
