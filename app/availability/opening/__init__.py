"""Opening hours: a documented subset of OSM `opening_hours`, read, evaluated, edited and compiled. Pure.

`docs/opening-hours.md` describes the subset; `errors.py` lists the codes of refusals and their facts.
"""

from app.availability.opening.compiled import CompiledHours, compile_rules
from app.availability.opening.errors import BadOpeningHours
from app.availability.opening.grid import GridException, WeekGrid, grid_from_hours, hours_from_grid
from app.availability.opening.holidays import (
    HolidayCalendar,
    SchoolHoliday,
    SchoolZone,
    fixed_calendar,
    french_calendar,
)
from app.availability.opening.hours import OpeningHours
from app.availability.opening.instants import open_intervals
from app.availability.opening.model import EVERY_DAY
from app.availability.opening.official import BadSchoolCalendar, read_official_calendar
from app.availability.opening.ranges import Ranges, ranges_text

__all__ = [
    "EVERY_DAY",
    "BadOpeningHours",
    "BadSchoolCalendar",
    "CompiledHours",
    "GridException",
    "HolidayCalendar",
    "OpeningHours",
    "Ranges",
    "SchoolHoliday",
    "SchoolZone",
    "WeekGrid",
    "compile_rules",
    "fixed_calendar",
    "french_calendar",
    "grid_from_hours",
    "hours_from_grid",
    "open_intervals",
    "ranges_text",
    "read_official_calendar",
]
