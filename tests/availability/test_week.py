"""The week of a resource as cells: what is free, what a click asks for, and the days when clocks change."""

from datetime import date, datetime
from typing import Any

import pytest

from app.availability.rules import Taken
from app.availability.week import monday, reach, week_of, windows_by_day
from tests.availability.test_asking import DAYS, terms
from tests.factories import PARIS, at

NOW = at("2026-09-01 10:00")
TUESDAY = 1


def taken(start: str, end: str, qty: int = 1, kind: str = "booking") -> Taken:
    return Taken(int(at(start).timestamp()), int(at(end).timestamp()), qty, 7, kind)


def column(day: int, found, **own):
    given: dict[str, Any] = {"capacity": 1, "expression": "Mo-Sa 07:00-22:00", "after": 0} | own
    return week_of(terms(**given), date(2026, 10, 5), found, NOW).columns[day]


def walls(cell) -> tuple[str, str]:
    first, last = (datetime.fromtimestamp(edge, PARIS) for edge in cell.ask)
    return f"{first:%H:%M}", f"{last:%H:%M}"


def test_equal_neighbours_become_one_tall_cell():
    cells = column(TUESDAY, [taken("2026-10-06 08:00", "2026-10-06 12:45")._replace(after=45 * 60)], after=45)
    assert [(c.kind, c.rows) for c in cells[:4]] == [("buffer", 2), ("busy", 8), ("buffer", 2), ("free", 1)]
    assert sum(cell.rows for cell in cells) == 30


def test_a_click_asks_for_the_shortest_booking_from_there():
    cells = column(TUESDAY, [], min_length=120)
    assert walls(cells[0]) == ("07:00", "09:00")
    assert walls(cells[-1]) == ("20:00", "22:00")  # moved earlier: the day ends


def test_a_click_stays_on_the_step_beside_a_buffer():
    cells = column(TUESDAY, [taken("2026-10-06 12:15", "2026-10-06 14:00")], min_length=60, before=15)
    last = [cell for cell in cells if cell.kind == "free" and walls(cell)[1] <= "12:00"][-1]
    assert walls(last) == ("11:00", "12:00")


def test_sunday_is_closed_and_what_is_over_is_past():
    assert [cell.kind for cell in column(6, [])] == ["closed"]
    week = week_of(terms(capacity=1, expression="Mo-Sa 07:00-22:00"), date(2026, 8, 31), [], NOW)
    assert week.columns[0][0].kind == "past"
    assert week.columns[1][0].kind == "past"
    assert week.columns[1][1].kind == "free"


def test_free_places_are_counted():
    cells = column(TUESDAY, [taken("2026-10-06 09:00", "2026-10-06 10:00", 3)], capacity=4)
    assert [cell.left for cell in cells[3:7]] == [4, 1, 1, 4]


def test_a_closure_is_told_from_a_booking():
    cells = column(TUESDAY, [taken("2026-10-06 07:00", "2026-10-06 12:00", kind="closure")])
    assert (cells[0].kind, cells[0].hold_id, cells[0].rows) == ("closed", 7, 10)


@pytest.mark.parametrize("first, day", [(date(2026, 10, 19), 6), (date(2027, 3, 22), 6)])
def test_the_days_the_clocks_change_have_all_their_rows(first, day):
    week = week_of(terms(capacity=1, expression="24/7"), first, [], NOW)
    assert [sum(cell.rows for cell in column) for column in week.columns] == [len(week.minutes)] * 7
    assert not any(cell.is_plain for cell in week.columns[day] if cell.kind == "free")


def test_stays_are_five_weeks_of_days():
    own = terms(**DAYS, capacity=24, opening_mode="always")
    week = week_of(own, date(2026, 8, 31), [taken("2026-09-10 00:00", "2026-09-12 00:00", 24)], NOW)
    kinds = [cell.kind for (cell,) in week.columns]
    assert len(kinds) == 35
    assert kinds[:3] == ["past", "free", "free"]  # a stay may begin today
    assert [n for n, kind in enumerate(kinds) if kind == "busy"] == [10, 11]


def test_windows_are_cut_at_midnights_for_small_screens():
    own = terms(capacity=1, expression="24/7")
    week = week_of(own, monday(date(2026, 10, 6)), [], NOW)
    days = windows_by_day(week, own, NOW)
    assert all(len(windows) == 1 for windows in days.values())
    assert reach(own, week.first)[1] - reach(own, week.first)[0] == 7 * 86_400 + 2 * 45 * 60
