"""Opening hours as people read them: groups of days with their hours, and what to know about holidays."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

from app.availability.opening import GridException, OpeningHours, Ranges, WeekGrid, grid_from_hours
from app.availability.rules import DAY_MINUTES, Terms
from app.availability.words.times import day_words, minute_words
from app.web.format import day


@dataclass(frozen=True)
class HoursWords:
    """Rows of (days, hours) and sentences beside them; `raw` is the text itself where no rows can say it."""

    rows: list[tuple[str, str]]
    notes: list[str]
    raw: str = ""


def hours_words(terms: Terms) -> HoursWords:
    """Say the opening hours of a resource."""
    if terms.opening_mode == "always":
        return HoursWords([], [_("At any time: it does not depend on opening hours.")])
    grid = _grid(terms.expression)
    binding = (
        [_("The hours count for fetching and bringing back only.")]
        if terms.opening_mode == "endpoints"
        else []
    )
    if grid is None:
        return HoursWords([], binding, terms.expression)
    notes = [*binding, *_holidays(grid, terms.school_zone), *map(_exception, grid.exceptions)]
    return HoursWords(_rows(grid), notes)


def site_hours_words(expression: str, school_zone: str | None) -> HoursWords:
    """Say the opening hours of a site."""
    grid = _grid(expression)
    if grid is None:
        return HoursWords([], [], expression)
    return HoursWords(_rows(grid), [*_holidays(grid, school_zone), *map(_exception, grid.exceptions)])


@lru_cache(maxsize=512)
def _grid(expression: str) -> WeekGrid | None:
    return grid_from_hours(OpeningHours.parse(expression))


def _rows(grid: WeekGrid) -> list[tuple[str, str]]:
    runs: list[list[int]] = []
    for number in range(7):
        if runs and grid.days[runs[-1][-1]] == grid.days[number]:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [(_days(run), ranges_words(grid.days[run[0]])) for run in runs]


def _days(run: list[int]) -> str:
    if len(run) == 7:
        return _("Every day")
    names = get_day_names("wide", locale=get_locale() or "fr")
    first, last = names[run[0]].capitalize(), names[run[-1]]
    if len(run) == 1:
        return first
    if len(run) == 2:
        return _("%(first)s and %(last)s", first=first, last=last)
    return _("%(first)s to %(last)s", first=first, last=last)


def ranges_words(ranges: Ranges) -> str:
    """Say the hours of one day."""
    if not ranges:
        return _("Closed")
    if ranges == ((0, DAY_MINUTES),):
        return _("Day and night")
    return ", ".join(
        f"{minute_words(s)}–{minute_words(e % DAY_MINUTES if e > DAY_MINUTES else e)}" for s, e in ranges
    )


def _holidays(grid: WeekGrid, school_zone: str | None) -> list[str]:
    notes = []
    if grid.school_only:
        if school_zone:
            notes.append(_("In school holidays only (zone %(zone)s).", zone=school_zone))
        else:
            notes.append(_("In school holidays only."))
    elif grid.school_days:
        names = get_day_names("wide", locale=get_locale() or "fr")
        listed = ", ".join(names[number] for number in sorted(grid.school_days))
        notes.append(_("In school holidays only: %(days)s.", days=listed))
    if grid.public_holidays == "closed":
        notes.append(_("Closed on public holidays."))
    return notes


def _exception(exception: GridException) -> str:
    hours = ranges_words(exception.ranges)
    when = _exception_days(exception)
    return _("%(days)s: %(hours)s", days=when, hours=hours.lower() if not exception.ranges else hours)


def _exception_days(exception: GridException) -> str:
    def words(value: date) -> str:
        return day(value).split(" ", 1)[-1] if exception.every_year else day_words(value)

    if exception.first == exception.last:
        return words(exception.first)
    return _("From %(first)s to %(last)s", first=words(exception.first), last=words(exception.last))
