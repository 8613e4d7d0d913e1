"""The official French school calendar as a file ("fr-en-calendrier-scolaire", CSV), read into rows of holidays."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, cast, get_args
from zoneinfo import ZoneInfo

from app.availability.opening.holidays import SchoolHoliday, SchoolZone

# The file's instants are Paris midnights, usually written in UTC.
_PARIS: Final = ZoneInfo("Europe/Paris")
# Both headings exist: technical names in the API's export, French labels in the portal's.
_COLUMNS: Final = {
    "description": ("description",),
    "population": ("population",),
    "start": ("start_date", "date de début"),
    "end": ("end_date", "date de fin"),
    "zones": ("zones", "zone"),
}


class BadSchoolCalendar(ValueError):
    """The file is not the official calendar. Codes: `missing_column` (column), `bad_date` (line, fragment)."""

    def __init__(self, code: str, *, line: int = 1, column: str = "", fragment: str = "") -> None:
        super().__init__(code, line, column, fragment)
        self.code = code
        self.line = line
        self.column = column
        self.fragment = fragment


def read_official_calendar(text: str) -> tuple[SchoolHoliday, ...]:
    """The pupils' holidays of zones A, B and C in an official file, one row per zone, holiday and school year.

    The file repeats each zone once per académie; where two disagree, the dates most académies have are kept.
    Its `end_date` is the day of return. Raises BadSchoolCalendar.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    header = lines[0] if lines else ""
    reader = csv.reader(lines, delimiter=";" if header.count(";") > header.count(",") else ",")
    columns = _columns(next(reader, []))
    votes: dict[tuple[str, str, int], Counter[SchoolHoliday]] = {}
    for cells in reader:
        row = {key: cells[index].strip() if index < len(cells) else "" for key, index in columns.items()}
        for holiday in _read(row, reader.line_num):
            key = (holiday.zone, holiday.name, holiday.first.year)
            votes.setdefault(key, Counter())[holiday] += 1
    return tuple(sorted((count.most_common(1)[0][0] for count in votes.values()), key=_order))


def _order(holiday: SchoolHoliday) -> tuple[str, date]:
    return holiday.zone, holiday.first


def _columns(header: list[str]) -> dict[str, int]:
    names = [name.strip().casefold() for name in header]
    found = {
        key: next((names.index(name) for name in accepted if name in names), -1)
        for key, accepted in _COLUMNS.items()
    }
    missing = next((key for key, index in found.items() if index < 0), None)
    if missing is not None:
        raise BadSchoolCalendar("missing_column", column=_COLUMNS[missing][0])
    return found


def _read(row: Mapping[str, str], line: int) -> Iterable[SchoolHoliday]:
    zone = row["zones"].removeprefix("Zone ").strip()
    if zone not in get_args(SchoolZone) or row["population"].casefold() == "enseignants":
        return
    first = _day(row["start"], line)
    back = _day(row["end"], line) if row["end"] else None
    # "Début des Vacances d'Été" has no length: its end is empty or repeats its start.
    yield SchoolHoliday(cast("SchoolZone", zone), row["description"], first, back if back != first else None)


def _day(text: str, line: int) -> date:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadSchoolCalendar("bad_date", line=line, fragment=text) from wrong
    return moment.astimezone(_PARIS).date() if moment.tzinfo else moment.date()
