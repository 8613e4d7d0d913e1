"""Public and school holidays of a place: what `PH` and `SH` mean in its opening hours."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args

from holidays import country_holidays

SchoolZone = Literal["A", "B", "C"]
NamedDays = Mapping[date, str]

# The `holidays` package derives school holidays from a rule, checked against the decrees up to the school year
# 2027-2028 (decree of 21 July 2026). Later days are a guess until the decree or an official file says otherwise.
PROVISIONAL_FROM: Final = date(2028, 9, 1)
# An official file that lists a whole school year has at least autumn, Christmas, winter, spring and summer.
_WHOLE_YEAR: Final = 5
# No school holiday spans mid-September, so it is a safe border between two school years.
_BORDER: Final = (9, 15)
_SUMMER_END: Final = (8, 31)


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """One holiday of the official calendar: from `first` to the day before `back`, when pupils return.

    `back` is None when the file only says when summer begins.
    """

    zone: SchoolZone
    name: str
    first: date
    back: date | None


@dataclass(frozen=True, eq=False)
class HolidayCalendar:
    """Which days are public or school holidays for one place. Compared by identity: build it with `french_calendar`.

    `public_in` and `school_in` give the named days of a civil year; each year is asked once.
    """

    public_in: Callable[[int], NamedDays]
    school_in: Callable[[int], NamedDays]
    provisional_on: Callable[[date], bool] = field(default=lambda _day: False)
    _public: dict[int, NamedDays] = field(default_factory=dict, repr=False)
    _school: dict[int, NamedDays] = field(default_factory=dict, repr=False)

    def is_public_holiday(self, day: date) -> bool:
        return day in self._year(self._public, self.public_in, day.year)

    def is_school_holiday(self, day: date) -> bool:
        """True on days without school between two periods of classes; the day of return is a school day."""
        return day in self._year(self._school, self.school_in, day.year)

    def name(self, day: date) -> str | None:
        """The French name of the holiday on that day, the public one first; None on ordinary days."""
        public = self._year(self._public, self.public_in, day.year).get(day)
        return public or self._year(self._school, self.school_in, day.year).get(day)

    def is_provisional(self, day: date) -> bool:
        """True when the school holidays around that day are not yet published."""
        return self.provisional_on(day)

    @staticmethod
    def _year(known: dict[int, NamedDays], ask: Callable[[int], NamedDays], year: int) -> NamedDays:
        days = known.get(year)
        if days is None:
            days = known[year] = ask(year)
        return days


def fixed_calendar(public: NamedDays, school: NamedDays) -> HolidayCalendar:
    """A calendar of exactly these days, for places outside the three zones and for tests."""
    return HolidayCalendar(lambda _year: public, lambda _year: school)


def french_calendar(
    school_zone: SchoolZone | None,
    subdivision: str | None = None,
    overrides: Iterable[SchoolHoliday] = (),
) -> HolidayCalendar:
    """The holidays of a French place: its school zone (None: no school holidays), and the département or
    territory code whose own public holidays apply ("57", "6AE", "974"…). Rows of the official file replace the
    holidays of the same name and school year. Equal arguments give the same object; ValueError on unknown codes.
    """
    if school_zone is not None and school_zone not in get_args(SchoolZone):
        raise ValueError(f"unknown school zone {school_zone!r}")
    return _french(school_zone, subdivision, tuple(row for row in overrides if row.zone == school_zone))


@lru_cache(maxsize=256)
def _french(
    zone: SchoolZone | None,
    subdivision: str | None,
    rows: tuple[SchoolHoliday, ...],
) -> HolidayCalendar:
    _public_days(
        PROVISIONAL_FROM.year, subdivision
    )  # refuses an unknown subdivision now rather than at first use
    return HolidayCalendar(
        lambda year: _public_days(year, subdivision),
        lambda year: _school_days(year, zone, rows),
        lambda day: zone is not None and day >= PROVISIONAL_FROM and not _is_published(day, rows),
    )


def _public_days(year: int, subdivision: str | None) -> NamedDays:
    try:
        return dict(country_holidays("FR", subdiv=subdivision, years=year, expand=False, language="fr"))
    except NotImplementedError as unknown:
        raise ValueError(f"unknown subdivision {subdivision!r}") from unknown


def _school_days(year: int, zone: SchoolZone | None, rows: tuple[SchoolHoliday, ...]) -> NamedDays:
    if zone is None:
        return {}
    ruled = country_holidays(
        "FR", subdiv=f"Zone {zone}", categories=("school",), years=year, expand=False, language="fr"
    )
    replaced = {(_plain(row.name), _school_year(row.first)) for row in rows}
    days = {
        day: names
        for day, names in ruled.items()
        if any((_plain(name), _school_year(day)) not in replaced for name in names.split("; "))
    }
    for row in rows:
        days.update((day, row.name) for day in _days_of(row) if day.year == year)
    return days


def _days_of(row: SchoolHoliday) -> Iterable[date]:
    back = row.back or date(row.first.year, *_SUMMER_END) + timedelta(days=1)
    return (row.first + timedelta(days=number) for number in range((back - row.first).days))


def _plain(name: str) -> str:
    """`Début des Vacances d'Été` and `Vacances d’été` name the same holiday."""
    return name.casefold().replace("’", "'").removeprefix("début des ")


def _school_year(day: date) -> int:
    """The civil year in which the school year of a day began."""
    return day.year if (day.month, day.day) >= _BORDER else day.year - 1


def _is_published(day: date, rows: tuple[SchoolHoliday, ...]) -> bool:
    return sum(_school_year(row.first) == _school_year(day) for row in rows) >= _WHOLE_YEAR
